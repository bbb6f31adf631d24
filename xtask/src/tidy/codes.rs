//! Conventions of codes and of the fixtures that cover them.

use std::collections::BTreeSet;

use versioned_core::codes;

use super::Tree;

const FIXTURES: &str = "ui-tests/fixtures/";

pub(super) fn page(tree: &Tree) -> Vec<String> {
    let current = tree
        .text("docs/codes.md")
        .is_some_and(|page| page == codes::markdown());
    if current {
        Vec::new()
    } else {
        vec!["docs/codes.md is not what the table says: `cargo xtask bless`".to_owned()]
    }
}

/// The codes that the expected messages of a failing fixture tell.
fn told(tree: &Tree) -> BTreeSet<String> {
    let expected = tree
        .ending(".fail.stderr")
        .filter(|(path, _)| path.starts_with(FIXTURES));
    expected.flat_map(|(_, text)| codes_in(text)).collect()
}

fn codes_in(text: &str) -> Vec<String> {
    let after = text.split("[V").skip(1).filter_map(|rest| rest.split(']').next());
    after
        .filter(|code| code.len() == 4 && code.bytes().all(|b| b.is_ascii_digit()))
        .map(|code| format!("V{code}"))
        .collect()
}

pub(super) fn fixtures(tree: &Tree) -> Vec<String> {
    let told = told(tree);
    let uncovered = codes::CODES
        .iter()
        .filter(|code| !told.contains(code.id))
        .map(|code| format!("{} has no failing fixture", code.id));
    let unknown = told
        .iter()
        .filter(|id| codes::find(id).is_none())
        .map(|id| format!("{id} is told by a fixture, but not in the table"));
    uncovered.chain(unknown).collect()
}

pub(super) fn twins(tree: &Tree) -> Vec<String> {
    let failing = tree
        .ending(".fail.rs")
        .filter(|(path, _)| path.starts_with(FIXTURES));
    let mut broken = Vec::new();
    for (path, _) in failing {
        let twin = path.replace(".fail.rs", ".pass.rs");
        if tree.text(&twin).is_none() {
            broken.push(format!("{path} has no {twin}"));
        }
        let expected = path.replace(".fail.rs", ".fail.stderr");
        match tree.text(&expected) {
            Some(text) if !codes_in(text).is_empty() => {}
            _ => broken.push(format!("{expected} tells no code")),
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree;

    #[test]
    fn find_what_they_are_for() {
        let tree = tree(&[
            ("ui-tests/fixtures/a/b.fail.rs", ""),
            (
                "ui-tests/fixtures/a/b.fail.stderr",
                "error: x [V0001]\nerror: y [V9999]",
            ),
        ]);
        assert_eq!(page(&tree).len(), 1);
        assert_eq!(fixtures(&tree).len(), codes::CODES.len() - 1 + 1);
        assert_eq!(
            twins(&tree),
            ["ui-tests/fixtures/a/b.fail.rs has no ui-tests/fixtures/a/b.pass.rs"]
        );
    }
}
