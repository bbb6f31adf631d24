//! A type that stands flattened in another one has no value of its own there, of which constraints on all of it could tell.

use std::collections::HashSet;

use syn::{Ident, Type};

use crate::model::references::{Seen, see};
use crate::model::{Body, History, TypeForm};
use crate::sink::{Diagnostic, Sink};

/// Reports each such constraint once.
pub(super) fn check(history: &History, sink: &mut Sink) {
    let mut seen = HashSet::new();
    for ty in &history.types {
        for (version, form) in ty.forms.iter().enumerate().skip(history.told) {
            for name in form.iter().flat_map(|form| flattened(history, form)) {
                let index = history.type_index(&name.to_string());
                let Some(part) = index.and_then(|index| history.types[index].forms[version].as_ref()) else {
                    continue;
                };
                let constrained = &part.facts.container.constraints;
                for key in ["min_properties", "max_properties"] {
                    if let Some(word) = constrained.word(key)
                        && seen.insert((name.to_string(), key))
                    {
                        let text = format!(
                            "`{key}` has nothing to constrain where `{name}` is flattened into `{}`: it has no value of its own there",
                            ty.ident
                        );
                        sink.error(
                            Diagnostic::new("V0110", &word.key, text)
                                .help("remove it, or write it on the type that it is flattened into"),
                        );
                    }
                }
            }
        }
    }
}

/// The types of the contract that stand flattened in a type.
fn flattened<'a>(history: &'a History, form: &'a TypeForm) -> Vec<&'a Ident> {
    let facts = &form.facts;
    let fields: Vec<_> = match &form.body {
        Body::Struct(fields) => fields.iter().zip(&facts.fields).collect(),
        Body::Enum(variants) => {
            let variants = variants.iter().zip(&facts.variants);
            variants
                .flat_map(|(variant, facts)| variant.fields.iter().zip(&facts.fields))
                .collect()
        }
    };
    let fields = fields.into_iter().filter(|(_, facts)| facts.flatten);
    fields
        .filter_map(|(field, _)| behind(history, &field.ty))
        .collect()
}

/// The type of the contract that a type comes down to.
fn behind<'a>(history: &'a History, ty: &'a Type) -> Option<&'a Ident> {
    match see(ty, &|name| history.type_index(name).is_some()) {
        Seen::Versioned(name) => Some(name),
        Seen::Option(inner) | Seen::Boxed(inner) | Seen::Shared(_, inner) => behind(history, inner),
        _ => None,
    }
}
