//! Scalars in JSON: edges, small ones, and any.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::ops::RangeInclusive;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::string::string_regex;
use serde_json::{Value, json};
use versioned_core::constraints::Number;

use super::limits::{self, Limits};

/// Texts that types which are written as text may take, so that not all of what is made for them is refused.
const SAMPLES: [&str; 8] = [
    "127.0.0.1",
    "[::1]:80",
    "127.0.0.1:80",
    "::1",
    "2024-02-29T12:00:00Z",
    "2024-02-29",
    "67e55044-10b1-426f-9247-bb680e5fe0c8",
    "https://example.org/",
];

/// An integer of so many bits; wider ones than 64 bits as far as JSON numbers carry.
pub(super) fn integer(bits: u8, signed: bool, limits: &Limits) -> BoxedStrategy<Value> {
    let bits = u32::from(bits.clamp(1, 64));
    let of_type = if signed {
        i128::from(i64::MIN >> (64 - bits))..=i128::from(i64::MAX >> (64 - bits))
    } else {
        0..=i128::from(u64::MAX >> (64 - bits))
    };
    let bounds = limits.integers(of_type);
    match limits.step() {
        Some(Number::Integer(step)) if step > 0 => {
            let times = bounds.start().div_euclid(step) + i128::from(bounds.start().rem_euclid(step) > 0)
                ..=bounds.end().div_euclid(step);
            within(times)
                .prop_map(move |times| number_of(times * step))
                .boxed()
        }
        _ => within(bounds).prop_map(number_of).boxed(),
    }
}

/// Integers near nought and near the bounds, and any between; of bounds that exclude everything, the lower one.
fn within(bounds: RangeInclusive<i128>) -> BoxedStrategy<i128> {
    let (least, most) = bounds.into_inner();
    let most = most.max(least);
    let small = (-100_i128).clamp(least, most)..=100_i128.clamp(least, most);
    let edges: Vec<i128> = [0, 1, -1, least, most]
        .map(|edge| edge.clamp(least, most))
        .to_vec();
    prop_oneof![4 => small, 1 => select(edges), 2 => least..=most].boxed()
}

fn number_of(integer: i128) -> Value {
    Value::Number(Number::Integer(integer).to_json())
}

/// A number that decimals carry exactly: a difference is one of the value, never of its digits.
pub(super) fn number(bits: u8, limits: &Limits) -> BoxedStrategy<Value> {
    let most = if bits == 32 { 4096.0 } else { 1_000_000.0 };
    let bounds = limits.numbers(-most..=most);
    let step = limits.step().map_or(0.125, limits::float);
    #[allow(clippy::cast_possible_truncation)] // a bound that is larger excludes nothing that is made here
    let times = (bounds.start() / step).ceil() as i64..=(bounds.end() / step).floor() as i64;
    let times = *times.start()..=*times.end().max(times.start());
    // A tenth has no end in binary digits, but the nearest one has a short text.
    let per_unit = (1.0 / step).round();
    times
        .prop_map(move |times| {
            #[allow(clippy::cast_precision_loss)] // so many are never made
            let times = times as f64;
            let is_fraction = ((1.0 / per_unit) - step).abs() < f64::EPSILON;
            json!(if is_fraction {
                times / per_unit
            } else {
                times * step
            })
        })
        .boxed()
}

/// A text of a format, or within what is said of it.
pub(super) fn text(format: &str, limits: &Limits) -> BoxedStrategy<Value> {
    let format = limits.format().unwrap_or(format);
    let pattern = limits.pattern().and_then(matching);
    let text = match (pattern, formatted(format), limits.characters()) {
        (Some(pattern), ..) => pattern,
        (None, Some(formatted), _) => formatted,
        (None, None, Some(characters)) => {
            let plain = vec(prop::char::range('a', 'z'), characters.clone());
            let any = vec(any::<char>(), characters);
            prop_oneof![plain, any].prop_map(String::from_iter).boxed()
        }
        (None, None, None) => prop_oneof![
            3 => "[a-zA-Z]{0,8}",
            3 => "\\PC{0,8}",
            1 => "[a-z]{0,3} {1,2}[a-z]{0,3} ?",
            1 => "-?[0-9]{1,4}",
            1 => select(&SAMPLES[..]).prop_map(str::to_owned),
        ]
        .boxed(),
    };
    text.prop_map(Value::from).boxed()
}

/// Texts that match a pattern as a whole; none where it looks around itself.
fn matching(pattern: &str) -> Option<BoxedStrategy<String>> {
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    string_regex(inner).ok().map(Strategy::boxed)
}

fn formatted(format: &str) -> Option<BoxedStrategy<String>> {
    let text = match format {
        "date" => date().boxed(),
        "time" => time().boxed(),
        "date-time" => (date(), time())
            .prop_map(|(date, time)| format!("{date}T{time}"))
            .boxed(),
        "uuid" => any::<u128>().prop_map(uuid).boxed(),
        "ipv4" => any::<Ipv4Addr>().prop_map(|ip| ip.to_string()).boxed(),
        "ipv6" => any::<Ipv6Addr>().prop_map(|ip| ip.to_string()).boxed(),
        "ip" => any::<std::net::IpAddr>().prop_map(|ip| ip.to_string()).boxed(),
        "socket-address" => any::<SocketAddr>()
            .prop_map(|address| address.to_string())
            .boxed(),
        "socket-address-ipv4" => any::<SocketAddrV4>()
            .prop_map(|address| address.to_string())
            .boxed(),
        "socket-address-ipv6" => any::<SocketAddrV6>()
            .prop_map(|address| address.to_string())
            .boxed(),
        "email" => "[a-z]{1,8}@example\\.org".boxed(),
        "uri" | "url" => "https://example\\.org/[a-z]{0,8}".boxed(),
        _ => return None,
    };
    Some(text)
}

/// Keys of a map, which are texts on the wire whatever they are in Rust: all words, or all numbers.
pub(super) fn keys(count: RangeInclusive<usize>) -> BoxedStrategy<Vec<String>> {
    prop_oneof![
        3 => vec("[a-z]{0,4}", count.clone()),
        2 => vec("[0-9]|[1-9][0-9]", count.clone()),
        1 => vec("\\PC{0,4}", count),
    ]
    .boxed()
}

/// Any JSON.
pub(super) fn anything() -> BoxedStrategy<Value> {
    let none = Limits::default();
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        integer(64, true, &none),
        text("", &none),
        vec(integer(8, false, &none), 0..3).prop_map(Value::Array),
        ("[a-z]{1,3}", text("", &none)).prop_map(|(key, value)| json!({ key: value })),
    ]
    .boxed()
}

fn date() -> impl Strategy<Value = String> {
    (1970..2100, 1..=12, 1..=28).prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
}

fn time() -> impl Strategy<Value = String> {
    (0..24, 0..60, 0..60).prop_map(|(hour, minute, second)| format!("{hour:02}:{minute:02}:{second:02}Z"))
}

fn uuid(number: u128) -> String {
    let digits = format!("{number:032x}");
    let groups = [
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..],
    ];
    groups.join("-")
}
