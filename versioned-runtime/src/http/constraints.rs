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
    /// How many of them are of the body, which may be many lines.
    of_body: usize,
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

    /// Adds what the body breaks, or a line of it: no more of them are told than of a body that is one value.
    pub(super) fn body(&mut self, mut violations: Violations) {
        let told = self.0.as_ref().map_or(0, |broken| broken.of_body);
        let left = violations.told.len().min(Violations::MOST.saturating_sub(told));
        violations.more += violations.told.len() - left;
        violations.told.truncate(left);
        self.add(violations, |violation| {
            let shown = match violation.pointer.as_str() {
                "" => "the body".to_owned(),
                pointer => format!("`{pointer}`"),
            };
            (shown, serde_json::json!({ "pointer": violation.pointer }))
        });
        if let Some(broken) = &mut self.0 {
            broken.of_body += left;
        }
    }

    fn add(&mut self, violations: Violations, place: impl Fn(&Violation) -> (String, serde_json::Value)) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_of_many_lines_is_refused_as_briefly_as_any() {
        let mut found = Found::default();
        for line in 0..100 {
            let violation = |member| Violation {
                pointer: format!("/{line}/{member}"),
                constraint: "minLength",
                detail: "must have at least 1 character".to_owned(),
            };
            found.body(Violations {
                told: ["a", "b"].map(violation).into(),
                more: 1,
                dropped: false,
            });
        }
        found.parameter(Place::Path, "id", {
            let mut violations = Violations::default();
            violations.add(Violation {
                pointer: String::new(),
                constraint: "maximum",
                detail: "must be at most 9".to_owned(),
            });
            violations
        });
        let problem = found.refuse().expect_err("a refusal").problem;
        let errors = problem.extensions["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), Violations::MOST + 1);
        assert_eq!(errors[Violations::MOST - 1]["pointer"], "/15/b");
        assert_eq!(problem.extensions["more"], 300 - Violations::MOST);
    }
}
