//! Scalars in JSON: edges, small ones, and any.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

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
pub(super) fn integer(bits: u8, signed: bool) -> BoxedStrategy<Value> {
    let bits = u32::from(bits.clamp(1, 64));
    if signed {
        let (min, max) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
        prop_oneof![
            4 => min.max(-100)..=max.min(100),
            1 => select(vec![0, 1, -1, min, max]),
            2 => min..=max,
        ]
        .prop_map(Value::from)
        .boxed()
    } else {
        let max = u64::MAX >> (64 - bits);
        prop_oneof![4 => 0..=max.min(100), 1 => select(vec![0, 1, max]), 2 => 0..=max]
            .prop_map(Value::from)
            .boxed()
    }
}

/// A number that decimals carry exactly: a difference is one of the value, never of its digits.
pub(super) fn number(bits: u8) -> BoxedStrategy<Value> {
    if bits == 32 {
        any::<i16>()
            .prop_map(|eighths| json!(f32::from(eighths) / 8.0))
            .boxed()
    } else {
        any::<i32>()
            .prop_map(|eighths| json!(f64::from(eighths) / 8.0))
            .boxed()
    }
}

/// A text of a format.
pub(super) fn text(format: &str) -> BoxedStrategy<Value> {
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
        "email" => "[a-z]{1,8}@example\\.org".boxed(),
        "uri" | "url" => "https://example\\.org/[a-z]{0,8}".boxed(),
        _ => prop_oneof![
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

/// Keys of a map, which are texts on the wire whatever they are in Rust: all words, or all numbers.
pub(super) fn keys() -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        3 => vec("[a-z]{0,4}", 0..=3),
        2 => vec("[0-9]|[1-9][0-9]", 0..=3),
        1 => vec("\\PC{0,4}", 0..=3),
    ]
}

/// Any JSON.
pub(super) fn anything() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        integer(64, true),
        text(""),
        vec(integer(8, false), 0..3).prop_map(Value::Array),
        ("[a-z]{1,3}", text("")).prop_map(|(key, value)| json!({ key: value })),
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
