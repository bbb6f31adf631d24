//! The serde attributes whose effect on the wire is not modelled yet, each refused on its own word.

use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Token};

use crate::parse::{Entry, Value};
use crate::sink::{Diagnostic, Sink};

/// Words that change the wire in ways that the contract cannot say yet, with what to do instead.
const NOT_MODELLED: [(&str, &str); 15] = [
    ("flatten", "write the fields out"),
    (
        "with",
        "give the field a type of its own with `Serialize` and `Deserialize` that say the same as its `Schema`",
    ),
    ("serialize_with", "give the field a type of its own"),
    ("deserialize_with", "give the field a type of its own"),
    ("getter", "write the type itself"),
    ("remote", "write the type itself"),
    ("from", "use the other type in the contract"),
    ("try_from", "use the other type in the contract"),
    ("into", "use the other type in the contract"),
    ("other", "name all variants, or use a `String`"),
    ("borrow", "use an owned type"),
    (
        "skip_serializing",
        "use `skip` for both directions, or an `Option` with `skip_serializing_if`",
    ),
    (
        "skip_deserializing",
        "use `skip` for both directions, or `default`",
    ),
    ("field_identifier", "use a plain enum"),
    ("variant_identifier", "use a plain enum"),
];

/// Reports every word that is not modelled.
pub(super) fn check(input: &DeriveInput, sink: &mut Sink) {
    attributes(&input.attrs, false, sink);
    match &input.data {
        Data::Struct(data) => fields(&data.fields, sink),
        Data::Enum(data) => {
            for variant in &data.variants {
                attributes(&variant.attrs, true, sink);
                fields(&variant.fields, sink);
            }
        }
        Data::Union(_) => {}
    }
}

fn fields(fields: &Fields, sink: &mut Sink) {
    for field in fields {
        attributes(&field.attrs, false, sink);
    }
}

fn attributes(attributes: &[Attribute], variant: bool, sink: &mut Sink) {
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        // What does not parse is told by serde.
        let Ok(entries) = attribute.parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated) else {
            continue;
        };
        let skips_both = ["skip_serializing", "skip_deserializing"]
            .iter()
            .all(|word| entries.iter().any(|entry| entry.key == word));
        for entry in &entries {
            let word = entry.key.to_string();
            let one_way = matches!(entry.value, Value::List(_)) && word.starts_with("rename");
            if one_way {
                refuse(
                    &entry.key,
                    &format!("{word}(serialize, deserialize)"),
                    "use one name for both directions",
                    sink,
                );
            } else if variant && word == "untagged" {
                refuse(&entry.key, "untagged", "tag all variants, or none of them", sink);
            } else if let Some((_, instead)) = NOT_MODELLED.iter().find(|(name, _)| *name == word)
                && !(skips_both && word.starts_with("skip_"))
            {
                refuse(&entry.key, &word, instead, sink);
            }
        }
    }
}

fn refuse(key: &Ident, word: &str, instead: &str, sink: &mut Sink) {
    let text = format!(
        "serde attribute `{word}` is not modelled yet: the contract could not say what is on the wire"
    );
    sink.error(Diagnostic::new("V0009", key, text).help(instead));
}
