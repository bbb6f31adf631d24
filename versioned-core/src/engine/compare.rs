//! The differences of two models, each at the smallest thing that differs, in each direction that it is used in.

mod bodies;
mod constraints;
mod marks;
mod problems;
mod rest;
mod types;

use std::collections::HashSet;

use super::rules::rule;
use super::{Change, Subject, Usage};
use crate::contract::Place;
use crate::model::{Model, OperationModel, ParameterModel, TypeRef, path_position, route};
use constraints::Whose;

/// What is different in `new`; empty for equal models.
///
/// Types are compared where they are used: as part of what clients send, of what they get, or both. A type that no operation
/// uses is not on the wire, so it makes no difference.
#[must_use]
pub fn compare(old: &Model, new: &Model) -> Vec<Change> {
    let headers = &old.header_types() & &new.header_types();
    let (old, new) = (
        &*old.with_plain_headers(&headers),
        &*new.with_plain_headers(&headers),
    );
    let mut comparison = Comparison {
        old,
        new,
        changes: Vec::new(),
        seen: HashSet::new(),
    };
    for was in &old.operations {
        match counterpart(was, old, new) {
            Some(now) => comparison.operation(was, now),
            None => comparison.of_operation("operation-removed", was, "was removed"),
        }
    }
    for now in &new.operations {
        if counterpart(now, new, old).is_none() {
            comparison.of_operation("operation-added", now, "was added");
        }
    }
    comparison.changes
}

/// The operation of `other` that one of `own` is: by its name, or else by its route, which is all that clients know of it.
fn counterpart<'a>(operation: &OperationModel, own: &Model, other: &'a Model) -> Option<&'a OperationModel> {
    let named = |model: &'a Model, name: &str| model.operations.iter().find(|known| known.name == name);
    named(other, &operation.name).or_else(|| {
        let at = |known: &OperationModel| (known.method, route(&known.path));
        let mut there = other.operations.iter().filter(|known| at(known) == at(operation));
        there.find(|known| own.operations.iter().all(|taken| taken.name != known.name))
    })
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
        let change = Change {
            rule: rule(id),
            subject,
            usage,
            text,
        };
        // What is compared with two things may differ from both in one way.
        if !self.changes.contains(&change) {
            self.changes.push(change);
        }
    }

    fn of_operation(&mut self, id: &str, operation: &OperationModel, what: &str) {
        let name = operation.name.clone();
        let text = format!("operation `{name}` {what}");
        self.add(id, Subject::Operation { name }, Usage::Request, text);
    }

    fn of_answer(&mut self, id: &str, operation: &OperationModel, what: &str) {
        let name = operation.name.clone();
        let text = format!("operation `{name}` {what}");
        self.add(id, Subject::Operation { name }, Usage::Response, text);
    }

    fn operation(&mut self, old: &OperationModel, new: &OperationModel) {
        if old.name != new.name {
            let what = format!("was called `{}`", old.name);
            self.of_operation("operation-renamed", new, &what);
        }
        if (old.method, route(&old.path)) != (new.method, route(&new.path)) {
            let what = format!(
                "moved from {} {} to {} {}",
                old.method, old.path, new.method, new.path
            );
            self.of_operation("operation-route-changed", new, &what);
        }
        if old.replaces != new.replaces {
            let what = if new.replaces {
                "replaces what is stored"
            } else {
                "does not replace what is stored any more"
            };
            self.of_operation("operation-replaces-changed", new, what);
        }
        self.marks(old, new);
        self.problems(old, new);
        self.parameters(old, new);
        self.request_body(old, new);
        self.responses(old, new);
    }

    fn parameters(&mut self, old: &OperationModel, new: &OperationModel) {
        let same_route = route(&old.path) == route(&new.path);
        let key = |operation, parameter| identity(operation, parameter, same_route);
        for was in &old.parameters {
            let mut candidates = new.parameters.iter();
            match candidates.find(|now| key(new, now) == key(old, was)) {
                Some(now) => self.parameter(new, was, now),
                None if was.optional => {
                    self.of_parameter("parameter-removed-optional", new, was, "was removed");
                }
                None => self.of_parameter("parameter-removed", new, was, "was removed"),
            }
        }
        for now in &new.parameters {
            if !old.parameters.iter().any(|was| key(old, was) == key(new, now)) {
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
                self.of_parameter("parameter-became-required", operation, now, "became required");
            }
            (false, true) => {
                self.of_parameter("parameter-became-optional", operation, now, "became optional");
            }
            _ => {}
        }
        let whose = Whose {
            subject: Subject::Parameter {
                operation: operation.name.clone(),
                name: now.name.clone(),
            },
            name: format!("parameter `{}` of `{}`", now.name, operation.name),
        };
        let ((was_bare, before), (now_bare, after)) = (was.ty.bare(), now.ty.bare());
        self.constraints(before, after, Usage::Request, &whose);
        let (old, new) = (present(was_bare), present(now_bare));
        self.of_types(old, new, Usage::Request, &whose, |comparison| {
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

/// By what a parameter is known on the wire: a path parameter by where it stands in the path (its name is not sent), unless
/// the whole route changed; a header whatever its case; and the query string as a whole is one.
fn identity(operation: &OperationModel, parameter: &ParameterModel, same_route: bool) -> (Place, String) {
    let wire = &parameter.wire;
    let known_by = match parameter.place {
        Place::Path if same_route => path_position(&operation.path, wire),
        Place::Path | Place::Query => wire.clone(),
        Place::Header => wire.to_ascii_lowercase(),
        Place::QueryStruct => String::new(),
    };
    (parameter.place, known_by)
}

/// The value that is there if it is not left out.
fn present(ty: &TypeRef) -> &TypeRef {
    match ty {
        TypeRef::Option(inner) => inner,
        other => other,
    }
}
