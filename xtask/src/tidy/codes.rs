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
            // What the compiler tells of a function or a type of the user, at its token, has a code of the compiler's.
            Some(text) if text.starts_with("error[E") => {}
            _ => broken.push(format!("{expected} tells no code")),
        }
    }
    broken
}

/// A file of another name is read by no test.
pub(super) fn unread(tree: &Tree) -> Vec<String> {
    let fixtures = tree
        .files
        .iter()
        .map(|(path, _)| path.as_str())
        .filter(|path| path.starts_with(FIXTURES));
    let read = |path: &str| match path.strip_suffix(".fail.stderr") {
        Some(fixture) => tree.text(&format!("{fixture}.fail.rs")).is_some(),
        None => path.ends_with(".fail.rs") || path.ends_with(".pass.rs"),
    };
    let unread = fixtures.filter(|path| !read(path) || path.matches('/').count() != 3);
    unread
        .map(|path| {
            format!("{path} is read by no test: a fixture is `RULE/NAME.fail.rs` or `RULE/NAME.pass.rs`")
        })
        .collect()
}

/// The README shows messages that a fixture pins, wrapped at other places.
pub(super) fn shown(tree: &Tree) -> Vec<String> {
    let on_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let pinned: Vec<String> = tree
        .ending(".fail.stderr")
        .map(|(_, text)| on_one_line(text))
        .collect();
    let readme = tree.text("README.md").unwrap_or_default();
    let blocks = readme
        .split("```text\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let messages = blocks
        .flat_map(|block| block.split("\n\n"))
        .filter(|message| message.starts_with("error"))
        .map(on_one_line);
    messages
        .filter(|message| !pinned.iter().any(|text| text.contains(message.as_str())))
        .map(|message| format!("README.md shows a message that no fixture tells: {message}"))
        .collect()
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

    #[test]
    fn find_fixtures_that_no_test_reads_and_messages_that_nobody_tells() {
        let tree = tree(&[
            ("ui-tests/fixtures/a/b.fail.rs", ""),
            (
                "ui-tests/fixtures/a/b.fail.stderr",
                "error: a\n       help: b\n --> a:1",
            ),
            ("ui-tests/fixtures/a/c.fail.stderr", "error: c"),
            ("ui-tests/fixtures/a/d.rs", ""),
            ("ui-tests/fixtures/e.pass.rs", ""),
            ("README.md", "```text\nerror: a help:\n  b\n\nerror: z\n```\n"),
        ]);
        let named: Vec<_> = unread(&tree)
            .iter()
            .filter_map(|place| Some(place.split(' ').next()?.to_owned()))
            .collect();
        assert_eq!(
            named,
            [
                "ui-tests/fixtures/a/c.fail.stderr",
                "ui-tests/fixtures/a/d.rs",
                "ui-tests/fixtures/e.pass.rs"
            ]
        );
        assert_eq!(
            shown(&tree),
            ["README.md shows a message that no fixture tells: error: z"]
        );
    }
}
