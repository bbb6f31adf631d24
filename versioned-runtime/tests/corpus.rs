//! The corpus of the fuzz targets, replayed: what was found once stays found, on a stable compiler.

use std::path::Path;

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
