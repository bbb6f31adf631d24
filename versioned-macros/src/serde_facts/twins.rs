//! Two members, or two variants, of one name on the wire: serde would write what nobody can read.

use std::collections::{BTreeSet, HashSet};

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Data, DeriveInput, Fields};
use versioned_core::schema::Matching;

use super::{FieldFacts, Names, TaggingFacts, TypeFacts};
use crate::sink::{Diagnostic, Sink};

/// Reports the second one, wherever two have one name in one direction.
pub(super) fn check(input: &DeriveInput, facts: &TypeFacts, sink: &mut Sink) {
    match &input.data {
        Data::Struct(data) => {
            let mut seen = Seen::default();
            if let Some((tag, _)) = &facts.container.literal {
                seen.take(&Names::plain(tag));
            }
            members(&data.fields, &facts.fields, seen, sink);
        }
        Data::Enum(data) => {
            let mut seen = Seen::default();
            let untagged = matches!(facts.container.tagging, TaggingFacts::Untagged);
            for (variant, facts) in data.variants.iter().zip(&facts.variants) {
                members(&variant.fields, &facts.fields, Seen::default(), sink);
                if !untagged && facts.matching == Matching::Named {
                    seen.refuse(&facts.names, variant.ident.to_token_stream(), "variant", sink);
                }
            }
        }
        Data::Union(_) => {}
    }
}

fn members(fields: &Fields, facts: &[FieldFacts], mut seen: Seen, sink: &mut Sink) {
    for (field, facts) in fields.iter().zip(facts) {
        if let (Some(ident), false) = (&field.ident, facts.flatten) {
            seen.refuse(&facts.names, ident.to_token_stream(), "member", sink);
        }
    }
}

/// The names that are taken, by direction.
#[derive(Default)]
pub(crate) struct Seen {
    written: HashSet<String>,
    read: HashSet<String>,
}

impl Seen {
    /// Takes all names of a thing; the first one that was taken before.
    pub(crate) fn take(&mut self, names: &Names) -> Option<String> {
        let mut twin = None;
        if names.is_written() && !self.written.insert(names.written.clone()) {
            twin = Some(names.written.clone());
        }
        if names.is_read() {
            // In a version before it was renamed, a member may be called what is its alias everywhere.
            let own: BTreeSet<&String> = std::iter::once(&names.read).chain(&names.aliases).collect();
            for name in own {
                if !self.read.insert(name.clone()) {
                    twin.get_or_insert_with(|| name.clone());
                }
            }
        }
        twin
    }

    fn refuse(&mut self, names: &Names, token: TokenStream, what: &str, sink: &mut Sink) {
        if let Some(name) = self.take(names) {
            let text = format!("`{token}` is called `{name}` on the wire, as another {what} is");
            let help = "give one of the two another name: `#[serde(rename = \"…\")]`";
            sink.error(Diagnostic::new("V0010", token, text).help(help));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[track_caller]
    fn check(input: TokenStream, expected: &[&str]) {
        let input = syn::parse2(input).expect("a type");
        let mut sink = Sink::new();
        let _ = super::super::read(&input, &mut sink);
        let told = sink.into_tokens().to_string();
        let names: Vec<&str> = told
            .split(" is called `")
            .skip(1)
            .filter_map(|rest| rest.split('`').next())
            .collect();
        assert_eq!(names, expected, "{told}");
    }

    #[test]
    fn two_things_have_two_names_in_each_direction() {
        let renamed = quote!(
            struct A {
                #[serde(rename = "b")]
                a: u8,
                b: u8,
            }
        );
        check(renamed, &["b"]);
        let alias = quote!(
            struct A {
                #[serde(alias = "b")]
                a: u8,
                b: u8,
            }
        );
        check(alias, &["b"]);
        let tag = quote!(
            #[serde(tag = "b")]
            struct A {
                b: u8,
            }
        );
        check(tag, &["b"]);
        let variants = quote!(
            enum A {
                #[serde(rename = "C")]
                B,
                C {
                    #[serde(rename = "b")]
                    a: u8,
                    b: u8,
                },
            }
        );
        check(variants, &["b", "C"]);
    }

    #[test]
    fn one_name_each_way_and_names_that_are_not_written_pass() {
        let ways = quote!(
            struct A {
                #[serde(rename = "c", skip_deserializing)]
                a: u8,
                #[serde(rename = "c", skip_serializing)]
                b: u8,
                #[serde(skip)]
                c: u8,
            }
        );
        check(ways, &[]);
        let own = quote!(
            struct A {
                #[serde(alias = "a", alias = "b")]
                a: u8,
            }
        );
        check(own, &[]);
        check(
            quote!(
                #[serde(untagged)]
                enum A {
                    #[serde(rename = "C")]
                    B(u8),
                    C,
                }
            ),
            &[],
        );
    }
}
