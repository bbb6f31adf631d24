//! Every operation of every version over HTTP: what the newest implementation answers through its bridges, and what the oldest
//! answers where it can, compared exactly with `golden/<version>/<case>.json`.
//!
//! Each file holds the request, what it was when it reached the implementation, and the answer; of the oldest implementation's
//! answer only the places where it is another one. `GOLDEN=overwrite` writes them
//! anew: read what changed before it is committed.

mod cases;
mod documents;
mod scene;
mod text;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use container_engine::{containers, engine, images, networks, volumes};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use versioned_runtime::Contract;

use cases::Case;
use documents::Documents;
use scene::Scene;

/// The versions, by what the engine calls 1.N.
const VERSIONS: std::ops::RangeInclusive<u64> = 40..=52;

/// The contracts in one version.
fn contracts(version: u64) -> [&'static Contract; 5] {
    macro_rules! contracts {
        ($($contract:ident)*) => {
            [$({
                let found = $contract::Version::ALL.into_iter().find(|found| found.semver().major == version);
                found.expect("every contract has every version").contract()
            }),*]
        };
    }
    contracts!(containers engine images networks volumes)
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_answers_are_converted_both_ways() {
    let overwrite = std::env::var("GOLDEN").is_ok_and(|value| value == "overwrite");
    let (mut differences, mut written) = (Vec::new(), BTreeSet::new());
    let mut versions: JoinSet<Vec<(PathBuf, String)>> = VERSIONS.map(texts).collect();
    while let Some(texts) = versions.join_next().await {
        for (path, text) in texts.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())) {
            if overwrite {
                std::fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
                std::fs::write(&path, text).expect("a file");
            } else if std::fs::read_to_string(&path).ok().as_deref() != Some(&text) {
                differences.push(format!("{}:\n{text}", path.display()));
            }
            written.insert(path);
        }
    }
    for stale in files().into_iter().filter(|path| !written.contains(path)) {
        if overwrite {
            std::fs::remove_file(&stale).expect("a file");
        } else {
            differences.push(format!("{}: no case is of this name any more", stale.display()));
        }
    }
    assert!(
        differences.is_empty(),
        "{} of {} files differ; `GOLDEN=overwrite` writes what was found:\n{}",
        differences.len(),
        written.len(),
        differences.join("\n")
    );
}

/// All files of one version.
async fn texts(version: u64) -> Vec<(PathBuf, String)> {
    let documents = Documents::of(version);
    let scenes = [Scene::served_by("52.0.0"), Scene::served_by("40.0.0")];
    let mut texts = Vec::new();
    for case in cases::of(version) {
        let text = run(version, &case, &documents, &scenes).await;
        texts.push((path(version, &case.name), text));
    }
    texts
}

/// One request, sent to the newest implementation, and to the oldest, each on a host of its own.
async fn run(version: u64, case: &Case, documents: &Documents, [newest, oldest]: &[Scene; 2]) -> String {
    documents.check_request(case);
    let newest = newest.answer(version, case).await;
    assert_eq!(
        newest.serving, "52.0.0",
        "{version}: {}: the newest answers everything",
        case.name
    );
    documents.check_answer(case, &newest);
    let oldest = oldest.answer(version, case).await;
    let oldest = if oldest.serving == "40.0.0" {
        let (ours, theirs) = (newest.answer.told(), oldest.answer.told());
        if ours != theirs {
            documents.check_answer(case, &oldest);
        }
        json!({ "received": oldest.received, "answers_otherwise": text::differences(&ours, &theirs) })
    } else {
        // It cannot say everything that this version can: the other one answers in its place.
        assert_eq!(oldest, newest, "{version}: {}", case.name);
        Value::Null
    };
    text::of(&[
        ("request", case.told()),
        ("newest", newest.told()),
        ("oldest", oldest),
    ])
}

#[test]
fn every_operation_of_every_version_has_a_case() {
    for version in VERSIONS {
        let cases = cases::of(version);
        for contract in contracts(version) {
            for operation in contract.operations {
                let covered = cases.iter().any(|case| case.operation == operation.name);
                assert!(covered, "`{}` of {version}.0.0 has no case", operation.name);
            }
        }
    }
}

#[test]
fn every_file_that_the_history_names_is_there() {
    let history = include_str!("../../HISTORY.md");
    let mut named = 0;
    for name in history.split('`').skip(1).step_by(2) {
        let (version, case) = name.split_once('/').unwrap_or(("52.0.0", name));
        let is_version = version.ends_with(".0.0") && !case.contains('<');
        if is_version
            && cases::of(52)
                .iter()
                .chain(&cases::of(40))
                .any(|known| known.name == case)
        {
            assert!(
                directory().join(format!("{version}/{case}.json")).exists() || version == "52.0.0",
                "{name}"
            );
            named += 1;
        } else {
            assert!(
                !(is_version && name.contains('/') && !name.contains(' ')),
                "{name} is no golden file"
            );
        }
    }
    assert!(named > 50, "{named} files are named");
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

fn path(version: u64, name: &str) -> PathBuf {
    directory().join(format!("{version}.0.0/{name}.json"))
}

fn files() -> Vec<PathBuf> {
    let list = |path: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(path).into_iter().flatten();
        entries.map(|entry| entry.expect("an entry").path()).collect()
    };
    list(&directory())
        .iter()
        .flat_map(|version| list(version))
        .collect()
}
