//! A writer of small databases in the format `MaxMind DB` 2.0: networks of IPv4, each with a country and perhaps a subdivision.
#![allow(dead_code, unreachable_pub)] // each test uses its own part

use std::net::Ipv4Addr;

/// One side of a node of the search tree.
#[derive(Clone, Copy)]
enum Record {
    Nothing,
    Node(usize),
    /// Where the value stands in the data section.
    Data(usize),
}

/// Writes a database; each network as its address, its length, its country and its subdivision, if it has one.
pub fn write(networks: &[(Ipv4Addr, u8, &str, Option<&str>)]) -> Vec<u8> {
    let mut tree = vec![[Record::Nothing; 2]];
    let mut data = Vec::new();
    for (address, length, country, subdivision) in networks {
        let value = Record::Data(data.len());
        place(&region(country, *subdivision), &mut data);
        let side = |bit: u8| usize::from(address.to_bits() >> (31 - bit) & 1 == 1);
        let mut node = 0;
        for bit in 0..length - 1 {
            node = if let Record::Node(next) = tree[node][side(bit)] {
                next
            } else {
                tree.push([Record::Nothing; 2]);
                let next = tree.len() - 1;
                tree[node][side(bit)] = Record::Node(next);
                next
            };
        }
        tree[node][side(length - 1)] = value;
    }
    let nodes = tree.len();
    let number = |record: &Record| match record {
        Record::Nothing => nodes,
        Record::Node(node) => *node,
        Record::Data(offset) => nodes + 16 + offset,
    };
    let mut file: Vec<u8> = tree
        .iter()
        .flatten()
        .flat_map(|record| u32::try_from(number(record)).expect("a small tree").to_be_bytes()[1..].to_vec())
        .collect();
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let texts = Value::Map(vec![("en", Value::Text("a test"))]);
    let about = Value::Map(vec![
        ("binary_format_major_version", Value::U16(2)),
        ("binary_format_minor_version", Value::U16(0)),
        ("build_epoch", Value::U64(1_800_000_000)),
        ("database_type", Value::Text("Test-City")),
        ("description", texts),
        ("ip_version", Value::U16(4)),
        ("languages", Value::List(vec![Value::Text("en")])),
        (
            "node_count",
            Value::U32(u32::try_from(nodes).expect("a small tree")),
        ),
        ("record_size", Value::U16(24)),
    ]);
    place(&about, &mut file);
    file
}

fn region<'a>(country: &'a str, subdivision: Option<&'a str>) -> Value<'a> {
    let code = |code| Value::Map(vec![("iso_code", Value::Text(code))]);
    let mut members = vec![("country", code(country))];
    members.extend(subdivision.map(|part| ("subdivisions", Value::List(vec![code(part)]))));
    Value::Map(members)
}

/// What the data section holds.
enum Value<'a> {
    Text(&'a str),
    U16(u16),
    U32(u32),
    U64(u64),
    Map(Vec<(&'a str, Value<'a>)>),
    List(Vec<Value<'a>>),
}

/// Appends a value: a control byte with its type and size, then itself. No size here is above 28.
fn place(value: &Value<'_>, to: &mut Vec<u8>) {
    let mut head = |kind: u8, size: usize| {
        let size = u8::try_from(size)
            .ok()
            .filter(|size| *size < 29)
            .expect("a small value");
        match kind {
            1..=7 => to.push(kind << 5 | size),
            extended => to.extend([size, extended - 7]),
        }
    };
    match value {
        Value::Text(text) => {
            head(2, text.len());
            to.extend(text.as_bytes());
        }
        Value::U16(number) => {
            head(5, 2);
            to.extend(number.to_be_bytes());
        }
        Value::U32(number) => {
            head(6, 4);
            to.extend(number.to_be_bytes());
        }
        Value::U64(number) => {
            head(9, 8);
            to.extend(number.to_be_bytes());
        }
        Value::Map(members) => {
            head(7, members.len());
            for (name, value) in members {
                place(&Value::Text(name), to);
                place(value, to);
            }
        }
        Value::List(values) => {
            head(11, values.len());
            for value in values {
                place(value, to);
            }
        }
    }
}
