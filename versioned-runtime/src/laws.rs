//! The laws of a contract, checked with values that are made from its schemas.
//!
//! Behind the feature `laws`, for tests: see [`laws!`](macro@crate::laws).

mod schema;
mod values;

use std::cell::RefCell;
use std::fmt;

use proptest::strategy::Strategy as _;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use serde_json::Value;
use versioned_core::schema::Link;

pub use versioned_core::laws::{Case, Check, Law, Laws, Outcome};

use schema::Published;
use values::{Traits, Values};

/// How many values may be refused for each one that is checked.
const REFUSED_PER_CASE: u32 = 64;

/// A law that does not hold, with the smallest value that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The contract.
    pub contract: &'static str,
    /// Which law.
    pub law: Law,
    /// The type, by its name in the source.
    pub type_name: &'static str,
    /// The versions that the value went through, from its own: `2.0.0 → 1.1.0 → 2.0.0`.
    pub route: String,
    /// What is wrong: the value, what was expected of it and what was found, or that no value could be checked.
    pub what: String,
    /// Whether too many values were refused to say anything of the law.
    pub refused: bool,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            contract,
            law,
            type_name,
            route,
            what,
            refused,
        } = self;
        let fate = if *refused {
            "could not be checked"
        } else {
            "does not hold"
        };
        write!(
            f,
            "`{contract}`: `{law}` {fate} for `{type_name}`, {route}\n{what}"
        )?;
        let help = match law {
            _ if *refused => {
                "let the type take what its schema says, or the schema say what the type takes: `#[openapi(schema = …)]`"
            }
            Law::UpgradeDowngrade | Law::DowngradeUpgrade => {
                "mend the functions of the members that differ; if something is lost, say so on the member: `lossy(reason = \"…\")`"
            }
            Law::Schema => {
                "what is written is not what the contract says: derive `Serialize`, or give the member the type that it is written as, `#[openapi(schema = …)]`"
            }
            Law::RoundTrip => {
                "clients that send back what they got are not understood: let `Deserialize` read what `Serialize` writes"
            }
            Law::Borrowed | Law::Chain => {
                "functions of a contract are pure: the same value always makes the same result"
            }
        };
        write!(f, "\nhelp: {help}")
    }
}

/// Checks one law of a contract for all of its types and versions; what does not hold is told, each with the smallest value that
/// was found. `PROPTEST_CASES` says how many values are tried (256 without it).
#[must_use]
pub fn verify(laws: &Laws, law: Law) -> Vec<Violation> {
    violations(laws, law, Config::default().cases)
}

fn violations(laws: &Laws, law: Law, tries: u32) -> Vec<Violation> {
    let published = Published::new(laws.contracts);
    let mut values = Values::default();
    laws.cases
        .iter()
        .filter(|case| case.law == law)
        .filter_map(|case| {
            let wrong = what_is_wrong(case, tries, &published, &mut values)?;
            let semver = |version: &usize| laws.contracts[*version].version.to_string();
            let route: Vec<String> = case.route.iter().map(semver).collect();
            Some(Violation {
                contract: laws.contracts.first().map_or("", |contract| contract.id),
                law,
                type_name: case.type_name,
                route: route.join(" → "),
                what: wrong.what,
                refused: wrong.refused,
            })
        })
        .collect()
}

/// Fails the test that calls it if a law does not hold.
///
/// # Panics
/// If some value breaks the law, with all that is known of it.
#[doc(hidden)]
#[track_caller]
pub fn check_law(laws: &Laws, law: Law, tries: Option<u32>) {
    // The environment wins: it is how one run looks closer than others.
    let tries = tries.filter(|_| std::env::var_os("PROPTEST_CASES").is_none());
    let violations = violations(laws, law, tries.unwrap_or_else(|| Config::default().cases));
    let told: Vec<String> = violations.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}\n", told.join("\n\n"));
}

/// What came out of one case that does not hold.
struct Wrong {
    what: String,
    refused: bool,
}

fn what_is_wrong(case: &Case, tries: u32, published: &Published, values: &mut Values) -> Option<Wrong> {
    let traits = Traits::of(case.node);
    if case.law == Law::RoundTrip && traits.one_way {
        // What has another name when it is read, or is not read at all, does not come back.
        return None;
    }
    let validator = match case.law {
        // A type that no operation reads or answers has no published schema.
        Law::Schema => Some(published.validator(case.node)?),
        _ => None,
    };
    let mut runner = TestRunner::new(Config {
        cases: tries,
        max_global_rejects: tries.saturating_mul(REFUSED_PER_CASE),
        failure_persistence: None,
        ..Config::default()
    });
    let refusal = RefCell::new(String::new());
    let strategy = values.of(case.node).prop_map(|value| Json(value.to_string()));
    let result = runner.run(&strategy, |Json(text)| match (case.check)(&text) {
        Outcome::Refused(why) => {
            refusal.replace(format!("{text}: {why}"));
            Err(TestCaseError::reject(why))
        }
        Outcome::Unconvertible => Ok(()),
        Outcome::Failed(why) => Err(TestCaseError::fail(why)),
        Outcome::Sides { expected, found } => {
            if let Some(validator) = &validator {
                return validator
                    .check(&found)
                    .map_err(|why| TestCaseError::fail(format!("written:  {found}\n{why}")));
            }
            if is_same(case, traits, &expected, &found) {
                Ok(())
            } else {
                Err(TestCaseError::fail(format!(
                    "expected: {expected}\nfound:    {found}"
                )))
            }
        }
    });
    match result {
        Ok(()) => None,
        Err(TestError::Fail(why, Json(text))) => Some(Wrong {
            what: format!("value:    {text}\n{}", why.message()),
            refused: false,
        }),
        Err(TestError::Abort(why)) => Some(Wrong {
            what: format!(
                "most values that fit the schema are refused ({}), the last one is {}",
                why.message(),
                refusal.borrow()
            ),
            refused: true,
        }),
    }
}

/// Whether both sides say the same: byte by byte where the value itself is what is written, and else as JSON.
fn is_same(case: &Case, traits: Traits, expected: &str, found: &str) -> bool {
    if expected == found {
        return true;
    }
    let is_written = matches!(case.law, Law::Borrowed | Law::Chain);
    if is_written && !traits.unordered && !traits.maps {
        return false;
    }
    match (parsed(expected, traits), parsed(found, traits)) {
        (Some(expected), Some(found)) => expected == found,
        _ => false,
    }
}

/// The JSON, with arrays in order if the type holds sets, which have none.
fn parsed(text: &str, traits: Traits) -> Option<Value> {
    let mut value = serde_json::from_str(text).ok()?;
    if traits.unordered {
        sort(&mut value);
    }
    Some(value)
}

fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            items.sort_by_cached_key(ToString::to_string);
        }
        Value::Object(members) => members.values_mut().for_each(sort),
        _ => {}
    }
}

/// A value as it is shown.
struct Json(String);

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A strategy for the JSON of a type, made from its schema: what `laws!` checks with, for tests of your own.
pub fn values(node: Link) -> proptest::strategy::BoxedStrategy<Value> {
    Values::default().of(node)
}
