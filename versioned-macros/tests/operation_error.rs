//! `#[derive(OperationError)]`: variants become problem documents, and documents become variants again.

use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use versioned_core::{OperationError, Problem, Schema};
use versioned_macros::{OperationError, Schema};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
struct Range {
    from: i64,
    to: i64,
}

#[derive(Debug, Clone, PartialEq, OperationError)]
enum UserError {
    /// Nobody has this id.
    #[problem(status = 404, detail = "no user {id}")]
    NotFound { id: u64 },
    #[problem(
        status = 422,
        title = "Out of range",
        type = "https://example.org/problems/range",
        detail = "{range:?} is too wide"
    )]
    Range { range: Range, limit: Option<u16> },
    #[problem(status = 409, detail = "{0:?} is taken, {{0}} is not")]
    Taken(String),
    #[problem(status = 429)]
    TooMany(u32),
    #[problem(status = 503)]
    Closed,
    /// The names of the fields are those of the generated code's own locals.
    #[problem(status = 400, detail = "{f} {problem} {type_}")]
    Hostile { f: u8, problem: String, type_: bool },
    #[problem(other)]
    Other(Problem),
}

/// The document that a value becomes, also after it was sent; and the value again.
#[track_caller]
fn check(error: &UserError, expected: &Value) {
    let problem = error.clone().into_problem();
    let sent = serde_json::to_string(&problem).expect("is written");
    assert_eq!(&serde_json::from_str::<Value>(&sent).expect("is JSON"), expected);
    let received: Problem = serde_json::from_str(&sent).expect("is read");
    assert_eq!(&UserError::from_problem(received), error);
}

#[test]
fn variants_are_problem_documents() {
    check(
        &UserError::NotFound { id: 7 },
        &json!({
            "type": "urn:problem-type:user-error:not-found", "title": "Not found", "status": 404, "detail": "no user 7",
            "id": 7,
        }),
    );
    check(
        &UserError::Range {
            range: Range { from: 1, to: 9 },
            limit: None,
        },
        &json!({
            "type": "https://example.org/problems/range", "title": "Out of range", "status": 422,
            "detail": "Range { from: 1, to: 9 } is too wide", "range": { "from": 1, "to": 9 }, "limit": null,
        }),
    );
    check(
        &UserError::Taken("ada".to_owned()),
        &json!({
            "type": "urn:problem-type:user-error:taken", "title": "Taken", "status": 409,
            "detail": "\"ada\" is taken, {0} is not", "value": "ada",
        }),
    );
    check(
        &UserError::TooMany(3),
        &json!({ "type": "urn:problem-type:user-error:too-many", "title": "Too many", "status": 429, "value": 3 }),
    );
    check(
        &UserError::Closed,
        &json!({ "type": "urn:problem-type:user-error:closed", "title": "Closed", "status": 503 }),
    );
    check(
        &UserError::Other(Problem::new(418).with("pot", "tea")),
        &json!({ "type": "about:blank", "title": "Unknown", "status": 418, "pot": "tea" }),
    );
}

/// What does not fit a variant is kept whole.
#[track_caller]
fn check_kept(document: Value) {
    let problem: Problem = serde_json::from_value(document).expect("a problem");
    assert_eq!(
        UserError::from_problem(problem.clone()),
        UserError::Other(problem)
    );
}

#[test]
fn documents_that_do_not_fit_are_kept_whole() {
    let not_found = "urn:problem-type:user-error:not-found";
    check_kept(json!({ "status": 404 }));
    check_kept(json!({ "type": "urn:problem-type:user-error:asleep", "status": 404, "since": "noon" }));
    check_kept(json!({ "type": not_found, "status": 404 }));
    check_kept(json!({ "type": not_found, "status": 404, "id": "seven" }));
    check_kept(json!({ "type": not_found, "status": 404, "id": -1, "more": [1, 2] }));
}

#[test]
fn a_member_that_is_an_option_may_be_missing() {
    let document = json!({
        "type": "https://example.org/problems/range", "status": 422, "range": { "from": 1, "to": 2 }, "more": true,
    });
    let problem: Problem = serde_json::from_value(document).expect("a problem");
    assert_eq!(
        UserError::from_problem(problem),
        UserError::Range {
            range: Range { from: 1, to: 2 },
            limit: None
        }
    );
}

#[test]
fn kinds_are_documented() {
    let problems = <UserError as OperationError>::PROBLEMS;
    let kinds: Vec<_> = problems
        .iter()
        .map(|kind| (kind.variant, kind.status, kind.doc))
        .collect();
    assert_eq!(
        kinds[..5],
        [
            ("NotFound", 404, "Nobody has this id."),
            ("Range", 422, ""),
            ("Taken", 409, ""),
            ("TooMany", 429, ""),
            ("Closed", 503, ""),
        ]
    );
    let members: Vec<_> = problems[1]
        .members
        .iter()
        .map(|field| (field.wire, field.optional_in))
        .collect();
    assert_eq!(members, [("range", false), ("limit", true)]);
    assert_eq!(problems[1].members[0].ty, Range::NODE);
}

#[test]
fn is_displayed_as_its_detail_or_title() {
    let shown = |error: UserError| error.to_string();
    assert_eq!(shown(UserError::NotFound { id: 7 }), "no user 7");
    assert_eq!(shown(UserError::Closed), "Closed");
    assert_eq!(shown(UserError::Other(Problem::new(404))), "404 Not Found");
    let hostile = UserError::Hostile {
        f: 1,
        problem: "p".to_owned(),
        type_: true,
    };
    assert_eq!(shown(hostile), "1 p true");
    let error: Box<dyn std::error::Error> = Box::new(UserError::Closed);
    assert!(error.source().is_none());
}

/// Another derive displays it: ours stays out of its way.
#[derive(Debug, thiserror::Error, OperationError)]
enum Thrown {
    #[error("gone since {0}")]
    #[problem(status = 410)]
    Gone(u16),
    #[error(transparent)]
    #[problem(other)]
    Other(Problem),
}

#[test]
fn another_derive_may_display_it() {
    assert_eq!(Thrown::Gone(1999).to_string(), "gone since 1999");
    assert_eq!(Thrown::Gone(1999).into_problem().status, 410);
    assert_eq!(
        Thrown::Other(Problem::new(500)).to_string(),
        "500 Internal Server Error"
    );
}

fn errors() -> impl Strategy<Value = UserError> {
    prop_oneof![
        any::<u64>().prop_map(|id| UserError::NotFound { id }),
        (any::<(i64, i64)>(), any::<Option<u16>>()).prop_map(|((from, to), limit)| UserError::Range {
            range: Range { from, to },
            limit
        }),
        any::<String>().prop_map(UserError::Taken),
        any::<u32>().prop_map(UserError::TooMany),
        Just(UserError::Closed),
        (any::<u8>(), any::<String>(), any::<bool>()).prop_map(|(f, problem, type_)| UserError::Hostile {
            f,
            problem,
            type_
        }),
        (400..=599_u16, any::<Option<String>>()).prop_map(|(status, detail)| {
            UserError::Other(
                Problem {
                    detail,
                    ..Problem::new(status)
                }
                .with("kind", status),
            )
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_sent_is_received(error in errors()) {
        let sent = serde_json::to_vec(&error.clone().into_problem()).expect("is written");
        let received = serde_json::from_slice(&sent).expect("is read");
        prop_assert_eq!(UserError::from_problem(received), error);
    }
}

/// Generated code is clean under strict lints and names nothing that the surroundings could hide.
#[deny(warnings, clippy::all, clippy::pedantic, missing_docs)]
pub mod surroundings {
    #![no_implicit_prelude]

    use ::versioned_core::Problem;

    /// Hides the prelude's.
    pub struct Option;
    /// Hides the prelude's.
    pub struct Result;
    /// Hides the crates of the same name.
    pub mod std {}
    /// Hides the crates of the same name.
    pub mod core {}
    /// An error.
    #[derive(::std::fmt::Debug, ::versioned_macros::OperationError)]
    pub enum Error {
        /// A kind of the old days.
        #[problem(status = 410, detail = "since {year}")]
        #[deprecated = "use another one"]
        Old {
            /// Since when.
            #[deprecated = "use another one"]
            year: u16,
            /// Why.
            reason: ::std::string::String,
        },
        /// A word, as a name.
        #[problem(status = 400)]
        r#Match(u8),
        /// Everything else.
        #[problem(other)]
        Other(Problem),
    }
}
