//! The corpus of the fuzz targets, replayed: what was found once stays found, on a stable compiler.

use std::path::Path;

use proptest::prelude::*;

#[path = "../../fuzz/properties.rs"]
mod properties;

#[track_caller]
fn replay(target: &str, property: fn(&str)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the corpus is here")
        .map(|file| file.expect("the corpus is here").path())
        .collect();
    assert!(files.len() >= 10, "{} files in {}", files.len(), folder.display());
    for file in files {
        let bytes = std::fs::read(&file).expect("the corpus can be read");
        // The fuzzer passes over what is no text, too.
        if let Ok(text) = std::str::from_utf8(&bytes) {
            property(text);
        }
    }
}

#[test]
fn constraints() {
    replay("constraint", properties::constraint);
}

#[test]
fn lines_of_accept() {
    replay("accept", properties::accept);
}

#[test]
fn moments() {
    replay("moment", properties::moment);
}

#[test]
fn tables() {
    replay("table", properties::table);
}

#[test]
fn signed_dyes() {
    replay("dye", properties::dye);
}

/// A line of ranges from parts that mean something to the parser, and of others.
fn line_of_accept() -> impl Strategy<Value = String> {
    const PARTS: &[&str] = &[
        ",",
        ",",
        ";",
        ";",
        "\"",
        "\\",
        " ",
        "=",
        "a/b",
        "*/*",
        "*",
        "version=",
        "VERSION=",
        "q=0",
        "q=0.5",
        "q=0.9",
        "q=1",
        "q=.2",
        "application/vnd.acme.v2+json",
        "application/vnd.other.v1.1",
        "1",
        "1.1",
        "1.1.0",
        "2.0.0-rc.1",
        "latest",
        "2026-01-03",
        "^1",
        ">=1",
        "\"<2\"",
        "\"1, <1.1\"",
        "é",
        "v",
    ];
    let parts = prop::collection::vec(prop::sample::select(PARTS), 0..12);
    let range = (
        prop::sample::select(PARTS),
        prop::sample::select(&["", ";q=0", ";q=0.3", ";q=0.8"][..]),
    )
        .prop_map(|(version, quality)| format!("a/b;version={version}{quality}"));
    prop_oneof![
        parts.prop_map(|parts| parts.concat()),
        prop::collection::vec(range, 1..5).prop_map(|ranges| ranges.join(", ")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// The corpus is short: these are put together anew each time.
    #[test]
    fn lines_of_accept_that_nobody_wrote_down(line in line_of_accept()) {
        properties::accept(&line);
    }
}
