//! The differences of two models, each at the smallest thing that differs, in each direction that it is used in.

mod types;

use std::collections::HashSet;

use super::rules::rule;
use super::{Change, Subject, Usage};
use crate::contract::Place;
use crate::model::{Model, OperationModel, ParameterModel, TypeRef, parameter_names, route};

/// What is different in `new`; empty for equal models.
///
/// Types are compared where they are used: as part of what clients send, of what they get, or both. A type that no operation
/// uses is not on the wire, so it makes no difference.
#[must_use]
pub fn compare(old: &Model, new: &Model) -> Vec<Change> {
    let mut comparison = Comparison {
        old,
        new,
        changes: Vec::new(),
        seen: HashSet::new(),
    };
    for was in &old.operations {
        match new.operations.iter().find(|operation| operation.name == was.name) {
            Some(now) => comparison.operation(was, now),
            None => comparison.of_operation("operation-removed", was, "was removed"),
        }
    }
    for now in &new.operations {
        if !old.operations.iter().any(|operation| operation.name == now.name) {
            comparison.of_operation("operation-added", now, "was added");
        }
    }
    comparison.changes
}

struct Comparison<'a> {
    old: &'a Model,
    new: &'a Model,
    changes: Vec<Change>,
    /// Types that were compared, by direction: stops cycles, and tells each difference once.
    seen: HashSet<(String, Usage)>,
}

impl Comparison<'_> {
    fn add(&mut self, id: &str, subject: Subject, usage: Usage, text: String) {
        self.changes.push(Change {
            rule: rule(id),
            subject,
            usage,
            text,
        });
    }

    fn of_operation(&mut self, id: &str, operation: &OperationModel, what: &str) {
        let name = operation.name.clone();
        let text = format!("operation `{name}` {what}");
        self.add(id, Subject::Operation { name }, Usage::Request, text);
    }

    fn operation(&mut self, old: &OperationModel, new: &OperationModel) {
        if (old.method, route(&old.path)) != (new.method, route(&new.path)) {
            let what = format!(
                "moved from {} {} to {} {}",
                old.method, old.path, new.method, new.path
            );
            self.of_operation("operation-route-changed", new, &what);
        }
        if old.status != new.status {
            let what = format!("succeeds with {} instead of {}", new.status, old.status);
            self.of_operation("operation-status-changed", new, &what);
        }
        if old.replaces != new.replaces {
            let what = if new.replaces {
                "replaces what is stored"
            } else {
                "does not replace what is stored any more"
            };
            self.of_operation("operation-replaces-changed", new, what);
        }
        self.parameters(old, new);
        match (&old.body, &new.body) {
            (Some(was), Some(now)) => self.of_types(was, now, Usage::Request, |comparison| {
                comparison.of_operation("operation-body-changed", new, "reads another body");
            }),
            (None, None) => {}
            (None, Some(_)) => self.of_operation("operation-body-changed", new, "reads a body now"),
            (Some(_), None) => self.of_operation("operation-body-changed", new, "reads no body any more"),
        }
        self.of_types(&old.output, &new.output, Usage::Response, |comparison| {
            let name = new.name.clone();
            let text = format!("operation `{name}` answers with another type");
            comparison.add(
                "operation-output-changed",
                Subject::Operation { name },
                Usage::Response,
                text,
            );
        });
    }

    fn parameters(&mut self, old: &OperationModel, new: &OperationModel) {
        // Path parameters are told apart by their place in the path: their name is not on the wire.
        let same = |a: &ParameterModel, b: &ParameterModel| a.place == b.place && a.wire == b.wire;
        let renamed = route(&old.path) == route(&new.path) && parameter_names(&old.path) != parameter_names(&new.path);
        let place = |operation: &OperationModel, wire: &str| {
            names(&operation.path).iter().position(|name| *name == wire)
        };
        let matches = |was: &ParameterModel, now: &ParameterModel| {
            let moved = renamed
                && was.place == now.place
                && place(old, &was.wire).is_some()
                && place(old, &was.wire) == place(new, &now.wire);
            same(was, now) || moved
        };
        for was in &old.parameters {
            match new.parameters.iter().find(|now| matches(was, now)) {
                Some(now) => self.parameter(new, was, now),
                None => self.of_parameter("parameter-removed", new, was, "was removed"),
            }
        }
        for now in &new.parameters {
            if !old.parameters.iter().any(|was| matches(was, now)) {
                let (id, what) = if now.optional {
                    ("parameter-added-optional", "was added, optional")
                } else {
                    ("parameter-added-required", "was added, required")
                };
                self.of_parameter(id, new, now, what);
            }
        }
    }

    fn parameter(&mut self, operation: &OperationModel, was: &ParameterModel, now: &ParameterModel) {
        match (was.optional, now.optional) {
            (true, false) => {
                self.of_parameter("parameter-became-required", operation, now, "became required")
            }
            (false, true) => {
                self.of_parameter("parameter-became-optional", operation, now, "became optional")
            }
            _ => {}
        }
        let (old, new) = (present(&was.ty), present(&now.ty));
        self.of_types(old, new, Usage::Request, |comparison| {
            comparison.of_parameter("parameter-type-changed", operation, now, "has another type");
        });
    }

    fn of_parameter(&mut self, id: &str, operation: &OperationModel, parameter: &ParameterModel, what: &str) {
        let subject = Subject::Parameter {
            operation: operation.name.clone(),
            name: parameter.name.clone(),
        };
        let text = format!("parameter `{}` of `{}` {what}", parameter.name, operation.name);
        self.add(id, subject, Usage::Request, text);
    }
}

/// The value that is there if it is not left out.
fn present(ty: &TypeRef) -> &TypeRef {
    match ty {
        TypeRef::Option(inner) => inner,
        other => other,
    }
}
