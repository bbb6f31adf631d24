//! Answers say what they are in one place, and their headers have names that headers can have.

use std::collections::HashSet;

use syn::{Ident, Type};
use versioned_core::response::{RESERVED_HEADERS, is_field_name};

use crate::model::references::{Seen, see};
use crate::model::{Body, History, OperationForm, Role, TypeHistory};
use crate::responses;
use crate::sink::{Diagnostic, Sink};

/// Reports statuses that stand beside an enum of answers, and headers that no answer can have.
pub(super) fn check(history: &History, sink: &mut Sink) {
    let (mut told, mut headed) = (HashSet::new(), HashSet::new());
    for version in history.told..history.contract.versions.len() {
        for (_, operation) in history.operations(version) {
            if let Some(wrong) = wrong_status(history, operation)
                && told.insert(operation.ident.to_string())
            {
                sink.error(wrong);
            }
            headers(history, &operation.output, version, &mut headed, sink);
        }
    }
}

/// A status that does not go with what the operation answers with.
fn wrong_status(history: &History, operation: &OperationForm) -> Option<Diagnostic> {
    let written = operation.written_status.as_ref()?;
    if let Some(ty) = answers(history, &operation.output) {
        let name = &ty.ident;
        let text = format!("`{name}` says itself which statuses there are");
        let help = format!("remove `status = {written}`: it stands at a variant of `{name}`");
        return Some(Diagnostic::new("V0107", written, text).help(help));
    }
    let status = operation.status;
    if responses::has_no_body(status) && !responses::is_without_body(&operation.output) {
        let text = format!("{status} has no body, but the operation answers with one");
        let help = "answer with `()`, or with another status";
        return Some(Diagnostic::new("V0107", written, text).help(help));
    }
    None
}

/// The enum of answers that a type is.
fn answers<'a>(history: &'a History, ty: &Type) -> Option<&'a TypeHistory> {
    let found = versioned(history, ty)?;
    (found.role == Role::Answers).then_some(found)
}

fn versioned<'a>(history: &'a History, ty: &Type) -> Option<&'a TypeHistory> {
    let Seen::Versioned(name) = see(ty, &|name| history.type_index(name).is_some()) else {
        return None;
    };
    Some(&history.types[history.type_index(&name.to_string())?])
}

/// The headers of an answer, or of those that an enum holds. Types of other modules are looked at while constants are evaluated.
fn headers(history: &History, ty: &Type, version: usize, told: &mut HashSet<Ident>, sink: &mut Sink) {
    if let Some(form) = answers(history, ty).and_then(|ty| ty.forms[version].as_ref()) {
        // Its derive reports what is wrong with it.
        let mut ignored = Sink::new();
        for answer in responses::answers(&form.input, &mut ignored) {
            if let Some(held) = answer.held {
                headers(history, held, version, told, sink);
            }
        }
        let _ = ignored.into_tokens();
    }
    let Seen::WithHeaders(_, ty) = see(ty, &|_| false) else {
        return;
    };
    let Some(ty) = versioned(history, ty) else { return };
    let Some(form) = &ty.forms[version] else { return };
    let Body::Struct(fields) = &form.body else { return };
    for (field, facts) in fields.iter().zip(&form.facts.fields) {
        let member = &ty.members[field.member];
        let name = &facts.names.written;
        let reserved = RESERVED_HEADERS
            .iter()
            .any(|reserved| name.eq_ignore_ascii_case(reserved));
        let (text, help) = if !is_field_name(name) {
            (
                format!("`{name}` cannot be the name of a header"),
                "rename it: `#[serde(rename = \"X-Name\")]`",
            )
        } else if reserved {
            (
                format!("the header `{name}` is written by the framework"),
                "remove the field, or give it another name",
            )
        } else {
            continue;
        };
        // One error a field, whatever the number of versions.
        let word = member.token.clone();
        if told.insert(Ident::new(
            &format!("{}_{}", ty.ident, field.member),
            ty.ident.span(),
        )) {
            sink.error(Diagnostic::new("V0120", word, text).help(help));
        }
    }
}
