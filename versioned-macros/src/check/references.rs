//! An item that exists in a version uses only what exists in that version.

use std::collections::HashSet;

use syn::Type;

use crate::model::History;
use crate::model::references::mentioned;
use crate::sink::{Diagnostic, Sink};

/// Reports each use of a type in a version that does not have it, once per use.
pub(super) fn check(history: &History, sink: &mut Sink) {
    let mut seen = HashSet::new();
    let mut use_of = |user: &str, ty: &Type, version: usize, sink: &mut Sink| {
        let known = |name: &str| history.type_index(name).is_some();
        for ident in mentioned(ty, &known) {
            let name = ident.to_string();
            let Some(index) = history.type_index(&name) else {
                continue;
            };
            let used = &history.types[index];
            if used.forms[version].is_some() || !seen.insert((user.to_owned(), name.clone())) {
                continue;
            }
            let contract = &history.contract;
            let first = &contract.versions[used.range.start.min(contract.versions.len() - 1)];
            let help = if version < used.range.start {
                format!(
                    "add `#[version(since = {})]` here, or let `{name}` begin earlier",
                    first.ident
                )
            } else {
                let end = &contract.versions[used.range.end.min(contract.versions.len() - 1)];
                format!(
                    "add `#[version(until = {})]` here, or let `{name}` end later",
                    end.ident
                )
            };
            let text = format!(
                "`{user}` exists in {}, but `{name}` does not",
                contract.semver(version)
            );
            sink.error(Diagnostic::new("V0007", &ident, text).help(help));
        }
    };
    for ty in &history.types {
        for (version, form) in ty.forms.iter().enumerate().skip(history.told) {
            for field in form.iter().flat_map(super::super::model::TypeForm::field_types) {
                use_of(&ty.ident.to_string(), field, version, sink);
            }
        }
    }
    for version in history.told..history.contract.versions.len() {
        for (_, operation) in history.operations(version) {
            let name = operation.ident.to_string();
            for argument in &operation.arguments {
                use_of(&name, &argument.ty, version, sink);
            }
            use_of(&name, &operation.output, version, sink);
            use_of(&name, &operation.error, version, sink);
        }
    }
}
