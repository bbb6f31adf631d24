//! The compatibility engine: model × model → changes → verdicts. One engine for the macro, the tools and the registry.
//!
//! It is direction-aware: what clients send may only widen, what they get may only narrow (for `backward`; `forward` is the
//! mirror image). Rules are data, see [`RULES`].

mod compare;
mod judge;
mod rules;

use serde::Serialize;

pub use compare::compare;
pub use judge::{Verdict, judge};
pub use rules::{Level, Levels, RULES, Rule};

use crate::contract::Contract;
use crate::model::Model;
use crate::version::Step;

/// One difference between two versions, at the smallest thing that differs.
///
/// In JSON it is one flat object, such as `{"rule": "field-removed", "code": "V0201", "kind": "field", "type": "User",
/// "field": "name", "usage": "response", "text": "…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What kind of difference.
    #[serde(flatten, serialize_with = "rule_and_code")]
    pub rule: &'static Rule,
    /// What differs.
    #[serde(flatten)]
    pub subject: Subject,
    /// In which direction it crosses the wire.
    pub usage: Usage,
    /// What is different, in words.
    pub text: String,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands over a reference to the field
fn rule_and_code<S: serde::Serializer>(rule: &&'static Rule, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct RuleAndCode {
        rule: &'static str,
        code: &'static str,
    }
    let Rule { id, code, .. } = rule;
    RuleAndCode { rule: id, code }.serialize(serializer)
}

/// What differs; names are those of the source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase", tag = "kind")]
pub enum Subject {
    /// An operation.
    Operation {
        /// Its name.
        name: String,
    },
    /// A parameter of an operation.
    Parameter {
        /// The operation.
        operation: String,
        /// The argument.
        name: String,
    },
    /// A type as a whole.
    Type {
        /// Its name.
        name: String,
    },
    /// A field of a struct, or of a variant.
    Field {
        /// The type.
        #[serde(rename = "type")]
        ty: String,
        /// The field.
        field: String,
        /// The variant that holds it.
        #[serde(skip_serializing_if = "Option::is_none")]
        variant: Option<String>,
    },
    /// A variant of an enum.
    Variant {
        /// The type.
        #[serde(rename = "type")]
        ty: String,
        /// The variant.
        variant: String,
    },
}

/// In which direction a type crosses the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Usage {
    /// Clients send it.
    Request,
    /// Clients get it.
    Response,
}

/// What the step from one version to the next breaks, as published in the metadata: every change that a minor version
/// of the declared compatibility could not have made.
#[must_use]
pub fn breaks(previous: &Contract, next: &Contract) -> Vec<Change> {
    let changes = compare(&Model::from(previous), &Model::from(next));
    let broken = judge(Step::Minor, next.compatibility, &changes);
    broken.into_iter().map(|verdict| verdict.change.clone()).collect()
}
