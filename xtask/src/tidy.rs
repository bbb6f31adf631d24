//! Conventions as checks: each is a function over the tree that lists what breaks it.

mod codes;
mod crates;
mod files;

use walkdir::WalkDir;

use crate::run::{Outcome, root};

/// A convention: its name, and what finds the places that break it.
type Check = (&'static str, fn(&Tree) -> Vec<String>);

const CHECKS: &[Check] = &[
    ("every file says in its first line what it is", files::headers),
    ("no file is longer than 500 lines", files::length),
    ("nothing is left undone", files::undone),
    ("tests do not sleep", files::sleeps),
    ("crates depend in one direction", crates::directions),
    ("what decides does no I/O", crates::purity),
    ("every dependency says what it is for", crates::reasons),
    ("every member has the lints of the workspace", crates::lints),
    ("docs/codes.md is generated from the table", codes::page),
    ("every code has a failing and a passing fixture", codes::fixtures),
    ("every failing fixture has a passing twin", codes::twins),
    ("every fixture is read by a test", codes::unread),
    ("the README's messages are real", codes::shown),
];

/// The text files of the workspace.
struct Tree {
    files: Vec<(String, String)>,
}

impl Tree {
    fn read() -> Self {
        let root = root();
        let skipped = |name: &str| matches!(name, "target" | ".git" | "data" | "wip" | "node_modules");
        let walk = WalkDir::new(&root).sort_by_file_name().into_iter();
        let entries = walk
            .filter_entry(|entry| !entry.file_name().to_str().is_some_and(skipped))
            .flatten();
        let files = entries
            .filter(|entry| entry.file_type().is_file())
            .filter_map(|entry| {
                let path = entry.path().strip_prefix(&root).ok()?.to_str()?.to_owned();
                Some((path, std::fs::read_to_string(entry.path()).ok()?))
            });
        Self {
            files: files.collect(),
        }
    }

    /// Files whose path ends so.
    fn ending<'a>(&'a self, end: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.files
            .iter()
            .filter(move |(path, _)| path.ends_with(end))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The sources of the workspace's own code, without fixtures, which break rules on purpose.
    fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ending(".rs")
            .filter(|(path, _)| !path.starts_with("ui-tests/fixtures/"))
    }

    fn text(&self, path: &str) -> Option<&str> {
        self.files
            .iter()
            .find(|(p, _)| p == path)
            .map(|(_, text)| text.as_str())
    }
}

/// Runs all checks; all that is broken is told.
pub(crate) fn run() -> Outcome {
    let tree = Tree::read();
    let mut broken = 0;
    for (name, check) in CHECKS {
        for place in check(&tree) {
            eprintln!("{name}: {place}");
            broken += 1;
        }
    }
    println!(
        "{} conventions checked over {} files",
        CHECKS.len(),
        tree.files.len()
    );
    if broken == 0 {
        Ok(())
    } else {
        Err(format!("{broken} places break a convention"))
    }
}

/// A tree for tests of checks.
#[cfg(test)]
fn tree(files: &[(&str, &str)]) -> Tree {
    Tree {
        files: files
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect(),
    }
}
