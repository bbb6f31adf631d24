//! Constraints on requests: the checkers of an operation, compiled when the host is made, and what they found.

use std::sync::Arc;

use versioned_core::constraints::{Checker, PatternError, Violation, Violations};
use versioned_core::contract::{Contract, Operation, Place};

use super::{Refusal, problem};
use crate::host::HostError;

/// The checkers of one operation, of those values only that have constraints.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    body: Option<Checker>,
    /// By place and name on the wire; the whole query string has none.
    parameters: Vec<(Place, &'static str, Checker)>,
}

/// By version and operation; `None` for an operation without constraints, which costs nothing.
pub(crate) type ContractChecks = Vec<Vec<Option<Arc<Checks>>>>;

/// Compiles the constraints of a contract.
pub(crate) fn compile(contracts: &[&'static Contract]) -> Result<ContractChecks, HostError> {
    let of_version = |contract: &&'static Contract| {
        let checks = contract.operations.iter().map(|operation| {
            Checks::new(operation).map_err(|source| HostError::Pattern {
                contract: contract.id,
                operation: operation.name,
                source,
            })
        });
        checks.collect()
    };
    contracts.iter().map(of_version).collect()
}

impl Checks {
    fn new(operation: &Operation) -> Result<Option<Arc<Self>>, PatternError> {
        let mut checks = Self::default();
        if let Some(body) = &operation.body {
            checks.body = Checker::new(body.ty)?;
        }
        for parameter in operation.parameters {
            if let Some(checker) = Checker::new(parameter.ty)? {
                checks.parameters.push((parameter.place, parameter.wire, checker));
            }
        }
        let any = checks.body.is_some() || !checks.parameters.is_empty();
        Ok(any.then(|| Arc::new(checks)))
    }

    pub(super) fn body(&self) -> Option<&Checker> {
        self.body.as_ref()
    }

    pub(super) fn parameter(&self, place: Place, name: &str) -> Option<&Checker> {
        let mut of_place = self.parameters.iter().filter(|(other, ..)| *other == place);
        let found = of_place.find(|(_, wire, _)| *wire == name || place == Place::QueryStruct);
        found.map(|(_, _, checker)| checker)
    }
}

/// What was found in one request: a request is refused once, for all of it. Mostly nothing is.
#[derive(Debug, Default)]
pub(super) struct Found(Option<Box<Broken>>);

/// What a request breaks: at least one constraint.
#[derive(Debug, Default)]
struct Broken {
    errors: Vec<serde_json::Value>,
    first: String,
    more: usize,
}

impl Found {
    /// Adds what a parameter breaks; in the whole query string a pointer begins with the key.
    pub(super) fn parameter(&mut self, place: Place, name: &str, violations: Violations) {
        let described = match place {
            Place::Path => "path",
            Place::Query | Place::QueryStruct => "query",
            Place::Header => "header",
        };
        self.add(violations, |violation| {
            let (name, rest) = match place {
                Place::QueryStruct => key(&violation.pointer),
                _ => (name.to_owned(), violation.pointer.clone()),
            };
            let shown = format!("{described} parameter `{name}{rest}`");
            let mut error = serde_json::json!({ "parameter": name, "in": described });
            if !rest.is_empty() {
                error["pointer"] = rest.into();
            }
            (shown, error)
        });
    }

    /// Adds what the body breaks.
    pub(super) fn body(&mut self, violations: Violations) {
        self.add(violations, |violation| {
            let shown = match violation.pointer.as_str() {
                "" => "the body".to_owned(),
                pointer => format!("`{pointer}`"),
            };
            (shown, serde_json::json!({ "pointer": violation.pointer }))
        });
    }

    fn add(&mut self, violations: Violations, place: impl Fn(&Violation) -> (String, serde_json::Value)) {
        // More than are told there are only where some are told.
        if violations.is_empty() {
            return;
        }
        let broken = self.0.get_or_insert_default();
        broken.more += violations.more;
        for violation in violations.told {
            let (shown, mut error) = place(&violation);
            error["constraint"] = violation.constraint.into();
            error["detail"] = violation.detail.as_str().into();
            if broken.errors.is_empty() {
                broken.first = format!("{shown} {}", violation.detail);
            }
            broken.errors.push(error);
        }
    }

    /// The refusal, if there is a reason for one.
    #[inline]
    pub(super) fn refuse(&mut self) -> Result<(), Refusal> {
        self.0.take().map_or(Ok(()), |broken| Err(broken.refusal()))
    }
}

impl Broken {
    #[cold]
    fn refusal(self) -> Refusal {
        problem::constraint_violated(&self.first, self.errors, self.more)
    }
}

/// The key that a pointer begins with, and the rest.
fn key(pointer: &str) -> (String, String) {
    let pointer = pointer.strip_prefix('/').unwrap_or(pointer);
    let (key, rest) = match pointer.split_once('/') {
        Some((key, rest)) => (key, format!("/{rest}")),
        None => (pointer, String::new()),
    };
    (key.replace("~1", "/").replace("~0", "~"), rest)
}
