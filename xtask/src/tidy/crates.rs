//! Conventions of crates: who may depend on whom, and what may do I/O.

use toml::{Table, Value};

use super::Tree;

/// Crates, and the ones of ours that they may depend on outside of tests.
const DIRECTIONS: [(&str, &[&str]); 3] = [
    ("versioned-core", &[]),
    ("versioned-macros", &["versioned-core"]),
    ("versioned-runtime", &["versioned-core", "versioned-macros"]),
];

pub(super) fn directions(tree: &Tree) -> Vec<String> {
    let ours = |name: &&String| name.starts_with("versioned-") || name.as_str() == "user-profile";
    let mut broken = Vec::new();
    for (package, allowed) in DIRECTIONS {
        let manifest = manifest(tree, &format!("{package}/Cargo.toml"));
        let dependencies = ["dependencies", "build-dependencies"]
            .into_iter()
            .filter_map(|section| manifest.get(section).and_then(Value::as_table));
        for dependency in dependencies.flat_map(Table::keys).filter(ours) {
            if !allowed.contains(&dependency.as_str()) {
                broken.push(format!("{package} depends on {dependency}"));
            }
        }
    }
    broken
}

/// Folders that decide, and what they must not name.
pub(super) fn purity(tree: &Tree) -> Vec<String> {
    const DECIDES: [&str; 3] = [
        "versioned-runtime/src/resolve",
        "versioned-runtime/src/route",
        "versioned-core/src",
    ];
    // It says what the types of the standard library look like on the wire, those of clocks among them, and reads none.
    const NAMES_ONLY: &str = "versioned-core/src/schema/std_types.rs";
    let decides = |path: &str| DECIDES.iter().any(|folder| path.starts_with(folder)) && path != NAMES_ONLY;
    let mut broken = Vec::new();
    for (path, text) in tree.sources().filter(|(path, _)| decides(path)) {
        let code = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"));
        for (number, line) in code {
            if let Some(word) = io_in(line) {
                broken.push(format!("{path}:{} names `{word}`", number + 1));
            }
        }
    }
    broken
}

/// The first identifier of a line that stands for I/O or a clock. Identifiers, not paths: `use std::{fs, time::Instant}` is found, too.
fn io_in(line: &str) -> Option<&str> {
    const IO: [&str; 13] = [
        "tokio",
        "axum",
        "hyper",
        "hyper_util",
        "http",
        "fs",
        "env",
        "thread",
        "Instant",
        "SystemTime",
        "TcpStream",
        "TcpListener",
        "UdpSocket",
    ];
    // What stands between quotes is data.
    let code = line.split('"').step_by(2);
    code.flat_map(|part| part.split(|c: char| !c.is_alphanumeric() && c != '_'))
        .find(|word| IO.contains(word))
}

pub(super) fn reasons(tree: &Tree) -> Vec<String> {
    let manifest = tree.text("Cargo.toml").unwrap_or_default();
    let section = manifest
        .split("[workspace.dependencies]")
        .nth(1)
        .and_then(|rest| rest.split("\n[").next());
    let lines = section
        .unwrap_or_default()
        .lines()
        .filter(|line| line.contains(" = ") && !line.starts_with('#'));
    let silent = lines.filter(|line| !line.contains("# ") && !line.contains("path ="));
    silent
        .map(|line| format!("Cargo.toml: `{line}` has no reason behind it"))
        .collect()
}

pub(super) fn lints(tree: &Tree) -> Vec<String> {
    let root = manifest(tree, "Cargo.toml");
    let members = root
        .get("workspace")
        .and_then(|w| w.get("members"))
        .and_then(Value::as_array);
    let members = members.into_iter().flatten().filter_map(Value::as_str);
    let inherits = |member: &&str| {
        let manifest = manifest(tree, &format!("{member}/Cargo.toml"));
        manifest.get("lints").and_then(|lints| lints.get("workspace")) == Some(&Value::Boolean(true))
    };
    members
        .filter(|member| !inherits(member))
        .map(|member| format!("{member} has lints of its own"))
        .collect()
}

fn manifest(tree: &Tree, path: &str) -> Table {
    tree.text(path)
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree;

    #[test]
    fn find_what_they_are_for() {
        let tree = tree(&[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"versioned-core\"]\n[workspace.dependencies]\nserde = \"1\"\nsyn = \"3\" # trees\n",
            ),
            (
                "versioned-core/Cargo.toml",
                "[dependencies]\nversioned-runtime.workspace = true\nserde.workspace = true\n",
            ),
            (
                "versioned-runtime/src/route/table.rs",
                "//! http:: is fine here.\nuse tokio::net;\nuse std::{fs, cmp};\nconst X: &str = \"http\";\n",
            ),
        ]);
        assert_eq!(directions(&tree), ["versioned-core depends on versioned-runtime"]);
        assert_eq!(
            purity(&tree),
            [
                "versioned-runtime/src/route/table.rs:2 names `tokio`",
                "versioned-runtime/src/route/table.rs:3 names `fs`",
            ]
        );
        assert_eq!(reasons(&tree).len(), 1);
        assert_eq!(lints(&tree), ["versioned-core has lints of its own"]);
    }
}
