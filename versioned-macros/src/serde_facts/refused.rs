//! The serde attributes whose effect on the wire is not modelled, each refused on its own word.

use quote::ToTokens as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Data, DataEnum, DeriveInput, Fields, Ident, Token, Type};

use super::stand_in;
use crate::model::references::{Seen, is_option, is_scalar, see};
use crate::parse::{Entry, Value};
use crate::sink::{Diagnostic, Sink};
use crate::words::readable;

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

const ARRAY: &str = "give the field a name: a place in an array cannot be left out";

/// Words that change the wire in ways that the contract cannot say, with what to do instead.
const ANYWHERE: [(&str, &str); 4] = [
    ("getter", "write the type itself"),
    ("remote", "write the type itself"),
    ("field_identifier", "use a plain enum"),
    ("variant_identifier", "use a plain enum"),
];

/// Words that name functions which decide what is on the wire.
const WITH: [&str; 3] = ["with", "serialize_with", "deserialize_with"];

/// Words that are modelled, but not in this place.
fn not_here(word: &str, place: Place) -> Option<(&'static str, &'static str)> {
    let refused = match word {
        "default" if place == Place::TupleStruct => ("on a tuple", "give the fields names"),
        "default" | "skip_serializing_if" | "skip_serializing" | "skip_deserializing"
            if place.is_unnamed() =>
        {
            ("on a field without a name", ARRAY)
        }
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
            flatten_beside_deny(&input.attrs, &data.fields, sink);
            flattened_values(&data.fields, sink);
        }
        Data::Enum(data) => {
            attributes(&input.attrs, Place::Enum, sink);
            for variant in &data.variants {
                attributes(&variant.attrs, Place::Variant, sink);
                fields(&variant.fields, sink);
                flatten_beside_deny(&input.attrs, &variant.fields, sink);
                flattened_values(&variant.fields, sink);
            }
            values_beside_a_tag(&input.attrs, data, sink);
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
    let entries = serde_entries(attributes);
    let find = |word: &str| entries.iter().find(|entry| entry.key == word);
    // The long form of `skip`.
    let skips_both = find("skip_serializing").is_some() && find("skip_deserializing").is_some();
    for Entry { key, .. } in &entries {
        let mut word = key.to_string();
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
    let function = entries
        .iter()
        .find(|entry| WITH.iter().any(|word| entry.key == word));
    if let (Some(function), None) = (function, stand_in::of(attributes)) {
        let key = &function.key;
        let text = format!("`{key}` decides what is on the wire, and the contract cannot look into it");
        sink.error(
            Diagnostic::new("V0009", key, text)
                .help("say which type is written like that: `#[openapi(schema = String)]`, for example"),
        );
    }
    if let (Some(flatten), Some(_)) = (find("flatten"), stand_in::of(attributes)) {
        let text = "`schema` has no place where the members of the field stand in its place";
        sink.error(
            Diagnostic::new("V0009", &flatten.key, text)
                .help("remove `#[openapi(schema = …)]`, or `flatten`"),
        );
    }
    proxy(&entries, sink);
}

/// `from` and `into` together: a type that is read as one type and written as another has two shapes.
fn proxy(entries: &[Entry], sink: &mut Sink) {
    let type_of = |word: &str| {
        let entry = entries.iter().find(|entry| entry.key == word)?;
        let text = match &entry.value {
            Value::Is(value) => value.to_token_stream().to_string().replace(' ', ""),
            _ => String::new(),
        };
        Some((&entry.key, text))
    };
    let read = type_of("from").or_else(|| type_of("try_from"));
    let (key, other) = match (&read, type_of("into")) {
        (Some((_, read)), Some((_, written))) if *read == written => return,
        (None, None) => return,
        (Some((key, _)), None) => (*key, "into"),
        (_, Some((key, _))) => (key, "from"),
    };
    let text = format!("`{key}` alone gives the type one shape that is read and another that is written");
    sink.error(Diagnostic::new("V0009", key, text).help(format!(
        "add `{other}` with the same type: its shape is on the wire then"
    )));
}

/// Members that are flattened into a struct which refuses what it does not know are refused themselves.
fn flatten_beside_deny(container: &[Attribute], fields: &Fields, sink: &mut Sink) {
    let denies = serde_entries(container)
        .iter()
        .any(|entry| entry.key == "deny_unknown_fields");
    if !denies {
        return;
    }
    for field in fields {
        for entry in serde_entries(&field.attrs) {
            if entry.key == "flatten" {
                let place = "beside `deny_unknown_fields`";
                let instead =
                    "remove one of the two: serde cannot tell the flattened members from unknown ones";
                refuse(&entry.key, "flatten", place, instead, sink);
            }
        }
    }
}

/// Whether a type is written as one value, or as several without names. What an alias or another module calls so is not seen.
pub(crate) fn is_one_value(ty: &Type) -> bool {
    match see(ty, &|_| false) {
        Seen::List(_) | Seen::Set(_) | Seen::Array(..) | Seen::Tuple(_) => true,
        Seen::Option(item) | Seen::Boxed(item) | Seen::Shared(_, item) => is_one_value(item),
        Seen::Other => is_scalar(ty),
        _ => false,
    }
}

/// A value without members has nothing that could stand in its place.
fn flattened_values(fields: &Fields, sink: &mut Sink) {
    for field in fields.iter().filter(|field| is_one_value(&field.ty)) {
        let entries = serde_entries(&field.attrs);
        let by_function = entries
            .iter()
            .any(|entry| WITH.iter().any(|word| entry.key == word));
        for entry in entries
            .iter()
            .filter(|entry| entry.key == "flatten" && !by_function)
        {
            let text = format!(
                "`{}` has no members that could stand in its place",
                readable(&field.ty)
            );
            let help = "remove `flatten`";
            sink.error(Diagnostic::new("V0009", &entry.key, text).help(help));
        }
    }
}

/// Nor has it any that could stand beside the tag of its variant.
fn values_beside_a_tag(container: &[Attribute], data: &DataEnum, sink: &mut Sink) {
    const OTHERWISE: [&str; 4] = ["with", "serialize_with", "untagged", "skip"];
    let entries = serde_entries(container);
    let has = |word: &str| entries.iter().any(|entry| entry.key == word);
    if !has("tag") || has("content") {
        return;
    }
    for variant in &data.variants {
        let otherwise = |entry: &Entry| OTHERWISE.iter().any(|word| entry.key == word);
        if let Fields::Unnamed(fields) = &variant.fields
            && let (Some(field), 1) = (fields.unnamed.first(), fields.unnamed.len())
            && (is_one_value(&field.ty) || is_option(&field.ty))
            && !serde_entries(&variant.attrs).iter().any(otherwise)
        {
            let ty = readable(&field.ty);
            let text = format!("`{ty}` has no members that could stand beside the tag");
            let help = format!(
                "give it a name: `{} {{ value: {ty} }}`, or add `content = \"…\"` to `tag`",
                variant.ident
            );
            sink.error(Diagnostic::new("V0009", &field.ty, text).help(help));
        }
    }
}

/// What serde is told; what does not parse is told by serde.
fn serde_entries(attributes: &[Attribute]) -> Vec<Entry> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .filter_map(|attribute| {
            attribute
                .parse_args_with(Punctuated::<Entry, Token![,]>::parse_terminated)
                .ok()
        })
        .flatten()
        .collect()
}

fn refuse(key: &Ident, word: &str, place: &str, instead: &str, sink: &mut Sink) {
    let space = if place.is_empty() { "" } else { " " };
    let text = format!(
        "serde attribute `{word}`{space}{place} is not modelled: the contract could not say what is on the wire"
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
            .filter_map(|rest| rest.split(" is not modelled").next())
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
                enum A { #[serde(rename_all = "camelCase", alias = "x")] B { #[serde(default)] a: u8 }, #[serde(other)] C }
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
                #[serde(deny_unknown_fields)]
                struct A { #[serde(flatten)] a: B }
            },
            &["`flatten` beside `deny_unknown_fields`"],
        );
    }

    #[test]
    fn words_that_are_modelled_elsewhere_are_refused_here() {
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
                    E(#[serde(skip_serializing)] u8, u8),
                }
            ),
            &[
                "`skip` on the only field",
                "`skip_serializing` on the only field",
                "`skip_deserializing` on the only field",
                "`skip_serializing` on a field without a name",
            ],
        );
    }

    /// What is told beside the words: functions and types that are opaque.
    #[track_caller]
    fn check_told(input: TokenStream, expected: Option<&str>) {
        let input = syn::parse2(input).expect("a type");
        let mut sink = Sink::new();
        super::check(&input, &mut sink);
        let told = sink.into_tokens().to_string();
        match expected {
            Some(text) => assert!(told.contains(text), "{told}"),
            None => assert_eq!(told, ""),
        }
    }

    #[test]
    fn functions_need_a_schema() {
        let text = "`serialize_with` decides what is on the wire";
        check_told(
            quote!(
                struct A {
                    #[serde(serialize_with = "f")]
                    a: u8,
                }
            ),
            Some(text),
        );
        let said = quote!(
            struct A {
                #[serde(with = "f")]
                #[openapi(schema = Vec<String>)]
                a: u8,
            }
        );
        check_told(said, None);
    }

    #[test]
    fn a_type_that_is_read_as_another_is_written_as_it_too() {
        check_told(
            quote!(
                #[serde(from = "B")]
                struct A(u8);
            ),
            Some("`from` alone"),
        );
        check_told(
            quote!(
                #[serde(into = "B")]
                struct A(u8);
            ),
            Some("`into` alone"),
        );
        check_told(
            quote!(
                #[serde(try_from = "B", into = "C")]
                struct A(u8);
            ),
            Some("`into` alone"),
        );
        check_told(
            quote!(
                #[serde(try_from = "B", into = "B")]
                struct A(u8);
            ),
            None,
        );
    }
}
