//! The serde attributes whose effect on the wire is not modelled yet, each refused on its own word.

use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DeriveInput, Fields, Ident, Token};

use crate::parse::{Entry, Value};
use crate::sink::{Diagnostic, Sink};

/// What an attribute stands on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Struct,
    TupleStruct,
    Enum,
    Variant,
    Field,
    /// A field without a name, in an array.
    Unnamed,
    /// The only field, without a name: serde writes it as the value itself.
    Lone,
}

impl Place {
    fn is_unnamed(self) -> bool {
        matches!(self, Self::Unnamed | Self::Lone)
    }
}

const WITH: &str =
    "give the field a type of its own with `Serialize` and `Deserialize` that say the same as its `Schema`";
const ARRAY: &str = "give the field a name: a place in an array cannot be left out";

/// Words that change the wire in ways that the contract cannot say yet, with what to do instead.
const ANYWHERE: [(&str, &str); 15] = [
    ("flatten", "write the fields out"),
    ("with", WITH),
    ("serialize_with", WITH),
    ("deserialize_with", WITH),
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

/// Words that are modelled, but not in this place.
fn not_here(word: &str, place: Place) -> Option<(&'static str, &'static str)> {
    let refused = match word {
        "tag" if matches!(place, Place::Struct | Place::TupleStruct) => (
            "on a struct",
            "write the member as a field, or hold the struct in an enum with `tag`",
        ),
        "deny_unknown_fields" if place == Place::Enum => (
            "on an enum",
            "let the variants hold structs that say `deny_unknown_fields`",
        ),
        "untagged" if place == Place::Variant => ("on a variant", "tag all variants, or none of them"),
        "default" if place == Place::TupleStruct => ("on a tuple", "give the fields names"),
        "default" | "skip_serializing_if" if place.is_unnamed() => ("on a field without a name", ARRAY),
        "skip" if place == Place::Lone => ("on the only field", "remove the field, or give it a name"),
        _ => return None,
    };
    Some(refused)
}

/// Reports every word that is not modelled.
pub(super) fn check(input: &DeriveInput, sink: &mut Sink) {
    match &input.data {
        Data::Struct(data) => {
            let tuple = matches!(data.fields, Fields::Unnamed(_));
            let place = if tuple { Place::TupleStruct } else { Place::Struct };
            attributes(&input.attrs, place, sink);
            fields(&data.fields, sink);
        }
        Data::Enum(data) => {
            attributes(&input.attrs, Place::Enum, sink);
            for variant in &data.variants {
                attributes(&variant.attrs, Place::Variant, sink);
                fields(&variant.fields, sink);
            }
        }
        Data::Union(_) => {}
    }
}

fn fields(fields: &Fields, sink: &mut Sink) {
    let place = match fields {
        Fields::Unnamed(all) if all.unnamed.len() == 1 => Place::Lone,
        Fields::Unnamed(_) => Place::Unnamed,
        Fields::Named(_) | Fields::Unit => Place::Field,
    };
    for field in fields {
        attributes(&field.attrs, place, sink);
    }
}

fn attributes(attributes: &[Attribute], place: Place, sink: &mut Sink) {
    // What does not parse is told by serde.
    let entries: Vec<Entry> = attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .filter_map(|attribute| {
            attribute
                .parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated)
                .ok()
        })
        .flatten()
        .collect();
    let has = |word: &str| entries.iter().any(|entry| entry.key == word);
    // The long form of `skip`.
    let skips_both = has("skip_serializing") && has("skip_deserializing");
    for Entry { key, value } in &entries {
        let mut word = key.to_string();
        let one_way = matches!(value, Value::List(_)) && word.starts_with("rename");
        if one_way {
            let text = format!("{word}(serialize, deserialize)");
            refuse(key, &text, "", "use one name for both directions", sink);
            continue;
        }
        if skips_both && word.starts_with("skip_") && word.ends_with("serializing") {
            "skip".clone_into(&mut word);
        }
        let anywhere = ANYWHERE
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, instead)| ("", *instead));
        if let Some((place, instead)) = anywhere.or_else(|| not_here(&word, place)) {
            refuse(key, &key.to_string(), place, instead, sink);
        }
    }
}

fn refuse(key: &Ident, word: &str, place: &str, instead: &str, sink: &mut Sink) {
    let space = if place.is_empty() { "" } else { " " };
    let text = format!(
        "serde attribute `{word}`{space}{place} is not modelled yet: the contract could not say what is on the wire"
    );
    sink.error(Diagnostic::new("V0009", key, text).help(instead));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenStream;
    use quote::quote;

    /// The words that are refused, as the messages name them.
    #[track_caller]
    fn check(input: TokenStream, expected: &[&str]) {
        let input = syn::parse2(input).expect("a type");
        let mut sink = Sink::new();
        super::check(&input, &mut sink);
        let told = sink.into_tokens().to_string();
        let words: Vec<&str> = told
            .split("serde attribute ")
            .skip(1)
            .filter_map(|rest| rest.split(" is not modelled yet").next())
            .collect();
        assert_eq!(words, expected, "{told}");
    }

    #[test]
    fn words_that_have_no_effect_on_the_wire_or_are_modelled_pass() {
        check(
            quote! {
                #[serde(rename_all = "camelCase", deny_unknown_fields, default, crate = "serde", bound = "", expecting = "a")]
                struct A {
                    #[serde(rename = "b", alias = "c", default = "path", skip_serializing_if = "Option::is_none")]
                    a: Option<u8>,
                    #[serde(skip)]
                    b: u8,
                    #[serde(skip_serializing, skip_deserializing)]
                    c: u8,
                    #[serde(skip_serializing)]
                    #[serde(skip_deserializing)]
                    d: u8,
                }
            },
            &[],
        );
        check(
            quote! {
                #[serde(tag = "t", content = "c", rename_all = "camelCase", rename_all_fields = "camelCase")]
                enum A { #[serde(rename_all = "camelCase", alias = "x")] B { #[serde(default)] a: u8 }, #[serde(skip)] C }
            },
            &[],
        );
        check(
            quote!(
                #[serde(transparent)]
                struct A(u8, #[serde(skip)] PhantomData<u8>);
            ),
            &[],
        );
    }

    #[test]
    fn words_that_serde_does_not_know_are_left_to_serde() {
        check(
            quote!(
                #[serde(renam = "a")]
                struct A {
                    #[serde(=)]
                    a: u8,
                }
            ),
            &[],
        );
    }

    #[test]
    fn words_that_are_not_modelled_are_refused() {
        for (word, _) in ANYWHERE {
            let key = Ident::new(word, proc_macro2::Span::call_site());
            check(
                quote!(
                    struct A {
                        #[serde(#key = "x")]
                        a: u8,
                    }
                ),
                &[&format!("`{word}`")],
            );
        }
        check(
            quote! {
                #[serde(rename_all(serialize = "camelCase"))]
                struct A { #[serde(flatten, rename(serialize = "b", deserialize = "c"))] a: B }
            },
            &[
                "`rename_all(serialize, deserialize)`",
                "`flatten`",
                "`rename(serialize, deserialize)`",
            ],
        );
    }

    #[test]
    fn words_that_are_modelled_elsewhere_are_refused_here() {
        check(
            quote!(
                #[serde(tag = "t")]
                struct A {
                    a: u8,
                }
            ),
            &["`tag` on a struct"],
        );
        check(
            quote!(
                #[serde(deny_unknown_fields)]
                enum A {
                    B {
                        a: u8,
                    },
                    #[serde(untagged)]
                    C(u8),
                }
            ),
            &["`deny_unknown_fields` on an enum", "`untagged` on a variant"],
        );
        check(
            quote!(
                #[serde(default)]
                struct A(u8, #[serde(default)] u8, #[serde(skip_serializing_if = "f")] u8);
            ),
            &[
                "`default` on a tuple",
                "`default` on a field without a name",
                "`skip_serializing_if` on a field without a name",
            ],
        );
        check(
            quote!(
                enum A {
                    B(#[serde(skip)] u8),
                    C(#[serde(skip_serializing, skip_deserializing)] u8),
                    D(#[serde(skip)] u8, u8),
                }
            ),
            &[
                "`skip` on the only field",
                "`skip_serializing` on the only field",
                "`skip_deserializing` on the only field",
            ],
        );
    }
}
