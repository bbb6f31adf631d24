//! Conventions of single files.

use super::Tree;

/// Past this, look for the second concern.
const LONGEST: usize = 500;

pub(super) fn headers(tree: &Tree) -> Vec<String> {
    let missing = tree.sources().filter(|(_, text)| !text.starts_with("//! "));
    missing
        .map(|(path, _)| format!("{path} does not begin with `//! `"))
        .collect()
}

pub(super) fn length(tree: &Tree) -> Vec<String> {
    let long = tree
        .sources()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST);
    long.map(|(path, lines)| format!("{path} has {lines} lines: look for the second concern"))
        .collect()
}

pub(super) fn undone(tree: &Tree) -> Vec<String> {
    // Written apart, so that this file does not break its own rule.
    let words = [
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[ig", "nore]"),
    ];
    let lines = tree
        .sources()
        .flat_map(|(path, text)| text.lines().enumerate().map(move |(n, line)| (path, n + 1, line)));
    lines
        .filter_map(|(path, line, text)| {
            let word = words.iter().find(|word| text.contains(**word))?;
            Some(format!("{path}:{line} has `{word}`"))
        })
        .collect()
}

pub(super) fn sleeps(tree: &Tree) -> Vec<String> {
    let tests = tree
        .sources()
        .filter(|(path, _)| path.contains("/tests/") || path.ends_with("/tests.rs"));
    tests
        .filter(|(_, text)| text.contains(concat!("sleep", "(")))
        .map(|(path, _)| format!("{path} sleeps: wait for the condition instead"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree;

    #[test]
    fn find_what_they_are_for() {
        let long = format!("//! A.\n{}", "\n".repeat(LONGEST));
        let tree = tree(&[
            ("a/src/a.rs", "fn main() {}\n"),
            ("a/src/b.rs", long.as_str()),
            (
                "a/tests/c.rs",
                concat!("//! C.\nfn c() { std::thread::sleep", "(d); // TO", "DO\n}"),
            ),
            ("ui-tests/fixtures/x/y.fail.rs", "fn main() {}"),
        ]);
        assert_eq!(headers(&tree).len(), 1);
        assert_eq!(length(&tree).len(), 1);
        assert_eq!(undone(&tree).len(), 1);
        assert_eq!(sleeps(&tree).len(), 1);
    }
}
