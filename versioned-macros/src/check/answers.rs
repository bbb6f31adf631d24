//! Answers and bodies say what they are in one place, and are of kinds that bridges can convert.

use std::collections::HashSet;

use syn::Type;

use crate::model::references::{Seen, see};
use crate::model::{History, Role, Source};
use crate::sink::{Diagnostic, Sink};

/// Reports statuses that stand beside an enum of answers, and bodies of several parts.
pub(super) fn check(history: &History, sink: &mut Sink) {
    let mut told = HashSet::new();
    for version in history.told..history.contract.versions.len() {
        for (_, operation) in history.operations(version) {
            if !told.insert(operation.ident.to_string()) {
                continue;
            }
            if let (Some(status), Some(name)) =
                (&operation.written_status, answers(history, &operation.output))
            {
                let text = format!("`{name}` says itself which statuses there are");
                let help = format!("remove `status = {status}`: it stands at a variant of `{name}`");
                sink.error(Diagnostic::new("V0107", status, text).help(help));
            }
            let bodies = operation
                .arguments
                .iter()
                .filter(|argument| argument.source == Source::Body);
            for ty in bodies.map(|argument| &argument.ty).chain([&operation.output]) {
                if is_multipart(ty) {
                    let text = "a body of several parts cannot be converted between versions";
                    let help = "take data as a struct of JSON, and a file as `Binary` in an operation of its own: parts have no schema that a bridge could go by";
                    sink.error(Diagnostic::new("V0119", ty, text).help(help));
                }
            }
        }
    }
}

/// The enum of answers that a type is.
fn answers<'a>(history: &History, ty: &'a Type) -> Option<&'a syn::Ident> {
    let Seen::Versioned(name) = see(ty, &|name| history.type_index(name).is_some()) else {
        return None;
    };
    let index = history.type_index(&name.to_string())?;
    (history.types[index].role == Role::Answers).then_some(name)
}

/// By name: whatever library it comes from.
fn is_multipart(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == "Multipart"),
        _ => false,
    }
}
