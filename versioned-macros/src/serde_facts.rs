//! What serde does with a type on the wire, read with serde's own internals.
//!
//! Attributes whose effect cannot be described yet are refused: ignoring them would make the contract say something else than
//! what is sent. serde's own mistakes are left to its derive, which says them better.

mod refused;
pub(crate) mod stand_in;
mod twins;

use std::collections::BTreeSet;

use proc_macro2::Span;
use serde_derive_internals::ast::{self, Data};
use serde_derive_internals::attr::{self, Default as SerdeDefault, TagType};
use serde_derive_internals::name::MultiName;
use serde_derive_internals::{Ctxt, Derive};
use syn::{DeriveInput, ExprPath, Ident, Type};
use versioned_core::schema::{Matching, Presence};

use crate::constraints::Constrained;
use crate::model::references::is_option;
use crate::parse::dates::{Deprecated, Deprecation};
use crate::sink::Sink;

pub(crate) use refused::is_one_value;
pub(crate) use twins::Seen as Taken;

/// A type as serde writes and reads it.
#[derive(Clone)]
pub(crate) struct TypeFacts {
    pub(crate) container: ContainerFacts,
    /// The fields of a struct, in the order of the source.
    pub(crate) fields: Vec<FieldFacts>,
    /// The variants of an enum, in the order of the source.
    pub(crate) variants: Vec<VariantFacts>,
}

/// What stands on the type itself.
#[derive(Clone)]
pub(crate) struct ContainerFacts {
    pub(crate) deny_unknown_fields: bool,
    pub(crate) transparent: bool,
    pub(crate) tagging: TaggingFacts,
    /// The tag that is written beside the members of a struct: its key and its value.
    pub(crate) literal: Option<(String, String)>,
    /// The type that it is read and written as: `from` and `into`.
    pub(crate) proxy: Option<Type>,
    /// What is demanded of its values, wherever they stand.
    pub(crate) constraints: Constrained,
}

/// How variants are told apart.
#[derive(Clone)]
pub(crate) enum TaggingFacts {
    External,
    Internal { tag: String },
    Adjacent { tag: String, content: String },
    Untagged,
}

/// A field on the wire.
#[allow(clippy::struct_excessive_bools)] // each is an attribute of serde, and any of them can stand beside any other
#[derive(Clone)]
pub(crate) struct FieldFacts {
    pub(crate) names: Names,
    /// May be left out when read.
    pub(crate) optional_in: bool,
    /// May be left out when written.
    pub(crate) optional_out: bool,
    /// Its members stand in its place.
    pub(crate) flatten: bool,
    /// The type whose shape is on the wire, if it is not the field's own.
    pub(crate) schema: Option<Type>,
    /// A function writes it: `with`, `serialize_with`.
    pub(crate) by_function: bool,
    /// `skip_serializing_if`.
    pub(crate) skip_if: Option<ExprPath>,
    /// What is demanded of its values.
    pub(crate) constraints: Constrained,
}

impl TypeFacts {
    /// All that is demanded of values, as text.
    pub(crate) fn constraints(&self) -> String {
        let variants = self.variants.iter().flat_map(|variant| &variant.fields);
        let fields = self.fields.iter().chain(variants);
        let texts = fields.map(|field| field.constraints.text());
        let variants = self
            .variants
            .iter()
            .map(|variant| format!("{:?}", variant.deprecation));
        std::iter::once(self.container.constraints.text())
            .chain(texts)
            .chain(variants)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// A variant on the wire.
#[derive(Clone)]
pub(crate) struct VariantFacts {
    pub(crate) names: Names,
    pub(crate) fields: Vec<FieldFacts>,
    pub(crate) matching: Matching,
    /// The type whose shape is on the wire, if functions write its content.
    pub(crate) schema: Option<Type>,
    /// A function writes its content.
    pub(crate) by_function: bool,
    /// It will go.
    pub(crate) deprecation: Option<Deprecation>,
}

/// The names of a field or variant, and in which directions it has them.
#[derive(Clone)]
pub(crate) struct Names {
    pub(crate) written: String,
    pub(crate) read: String,
    /// Further names that are read.
    pub(crate) aliases: Vec<String>,
    /// In which directions serde has it on the wire; `None` if in neither.
    pub(crate) presence: Option<Presence>,
    /// The one direction that the contract says instead: `read_only`, `write_only`.
    pub(crate) stated: Option<Presence>,
}

/// One name on the wire; what is read under another name than it is written has two.
pub(crate) struct Name<'a> {
    pub(crate) wire: &'a str,
    pub(crate) aliases: &'a [String],
    pub(crate) presence: Presence,
}

impl Names {
    /// Of something that has one name in both directions.
    pub(crate) fn plain(name: &str) -> Self {
        Self {
            written: name.to_owned(),
            read: name.to_owned(),
            aliases: Vec::new(),
            presence: Some(Presence::Both),
            stated: None,
        }
    }

    pub(crate) fn is_visible(&self) -> bool {
        self.presence.is_some()
    }

    pub(crate) fn is_written(&self) -> bool {
        self.presence.is_some_and(Presence::is_written)
    }

    pub(crate) fn is_read(&self) -> bool {
        self.presence.is_some_and(Presence::is_read)
    }

    pub(crate) fn each(&self) -> Vec<Name<'_>> {
        let written = |presence| Name {
            wire: &self.written,
            aliases: &[],
            presence,
        };
        let read = |presence| Name {
            wire: &self.read,
            aliases: &self.aliases,
            presence,
        };
        match self.presence.map(|presence| self.stated.unwrap_or(presence)) {
            None => Vec::new(),
            Some(Presence::Both) if self.written != self.read => {
                vec![written(Presence::Written), read(Presence::Read)]
            }
            Some(Presence::Written) => vec![written(Presence::Written)],
            Some(presence) => vec![read(presence)],
        }
    }
}

/// Reads a type; what is not modelled is reported.
pub(crate) fn read(input: &DeriveInput, sink: &mut Sink) -> TypeFacts {
    refused::check(input, sink);
    let cx = Ctxt::new();
    // serde needs the name of a private module for code that it would generate; nothing of that is used here.
    let private = Ident::new("__private", Span::call_site());
    let read = ast::Container::from_ast(&cx, input, Derive::Deserialize, &private);
    let facts = read.map(|container| facts(&container));
    // Its mistakes are told by serde's own derive.
    let _ = cx.check();
    if let Some(facts) = &facts {
        twins::check(input, facts, sink);
    }
    facts.unwrap_or_else(|| TypeFacts {
        container: ContainerFacts {
            deny_unknown_fields: false,
            transparent: false,
            tagging: TaggingFacts::External,
            literal: None,
            proxy: None,
            constraints: Constrained::default(),
        },
        fields: Vec::new(),
        variants: Vec::new(),
    })
}

fn facts(container: &ast::Container<'_>) -> TypeFacts {
    let attrs = &container.attrs;
    let tagging = match attrs.tag() {
        TagType::External => TaggingFacts::External,
        TagType::Internal { tag } => TaggingFacts::Internal { tag: tag.clone() },
        TagType::Adjacent { tag, content } => TaggingFacts::Adjacent {
            tag: tag.clone(),
            content: content.clone(),
        },
        TagType::None => TaggingFacts::Untagged,
    };
    let container_default = !attrs.default().is_none();
    let mut literal = None;
    let (fields, variants) = match &container.data {
        Data::Struct(_, fields) => {
            if let TaggingFacts::Internal { tag } = &tagging {
                literal = Some((tag.clone(), attrs.name().serialize_name().value.clone()));
            }
            let mut facts: Vec<_> = fields.iter().map(|f| field(f, container_default)).collect();
            if attrs.transparent() {
                // Only the field that serde chose is on the wire; a marker such as `PhantomData` needs no `skip`.
                for (facts, field) in facts.iter_mut().zip(fields) {
                    if !field.attrs.transparent() {
                        facts.names.presence = None;
                    }
                }
            }
            (facts, Vec::new())
        }
        Data::Enum(variants) => (Vec::new(), variants.iter().map(variant).collect()),
    };
    TypeFacts {
        container: ContainerFacts {
            deny_unknown_fields: attrs.deny_unknown_fields(),
            transparent: attrs.transparent(),
            tagging,
            literal,
            // Two types that differ are refused, as is one alone.
            proxy: attrs.type_into().cloned(),
            constraints: Constrained::default(),
        },
        fields,
        variants,
    }
}

fn field(field: &ast::Field<'_>, container_default: bool) -> FieldFacts {
    let attrs: &attr::Field = &field.attrs;
    let defaulted = container_default || !matches!(attrs.default(), SerdeDefault::None);
    // serde makes `None` of what is missing only where it reads the `Option` itself.
    let option = is_option(field.ty) && attrs.deserialize_with().is_none();
    FieldFacts {
        names: Names {
            written: attrs.name().serialize_name().value.clone(),
            read: attrs.name().deserialize_name().value.clone(),
            aliases: aliases(attrs.aliases(), attrs.name()),
            presence: presence(attrs.skip_serializing(), attrs.skip_deserializing()),
            stated: None,
        },
        optional_in: defaulted || option,
        optional_out: attrs.skip_serializing_if().is_some(),
        flatten: attrs.flatten(),
        schema: stand_in::of(&field.original.attrs),
        by_function: attrs.serialize_with().is_some(),
        skip_if: attrs.skip_serializing_if().cloned(),
        constraints: Constrained::default(),
    }
}

fn variant(variant: &ast::Variant<'_>) -> VariantFacts {
    let attrs = &variant.attrs;
    VariantFacts {
        names: Names {
            written: attrs.name().serialize_name().value.clone(),
            read: attrs.name().deserialize_name().value.clone(),
            aliases: aliases(attrs.aliases(), attrs.name()),
            presence: presence(attrs.skip_serializing(), attrs.skip_deserializing()),
            stated: None,
        },
        fields: variant.fields.iter().map(|f| field(f, false)).collect(),
        matching: match (attrs.other(), attrs.untagged()) {
            (true, _) => Matching::Other,
            (_, true) => Matching::Untagged,
            _ => Matching::Named,
        },
        schema: stand_in::of(&variant.original.attrs),
        by_function: attrs.serialize_with().is_some(),
        deprecation: Deprecated::of_rust(&variant.original.attrs).map(|deprecated| deprecated.said),
    }
}

fn presence(skip_serializing: bool, skip_deserializing: bool) -> Option<Presence> {
    match (skip_serializing, skip_deserializing) {
        (false, false) => Some(Presence::Both),
        (true, false) => Some(Presence::Read),
        (false, true) => Some(Presence::Written),
        (true, true) => None,
    }
}

fn aliases(names: &BTreeSet<serde_derive_internals::name::Name>, own: &MultiName) -> Vec<String> {
    let name = &own.deserialize_name().value;
    let others = names
        .iter()
        .map(|alias| &alias.value)
        .filter(|alias| *alias != name);
    others.cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[track_caller]
    fn facts_of(input: &DeriveInput) -> TypeFacts {
        let mut sink = Sink::new();
        let facts = read(input, &mut sink);
        assert_eq!(sink.into_tokens().to_string(), "");
        facts
    }

    #[test]
    fn fields_have_the_names_that_serde_writes() {
        let facts = facts_of(&parse_quote! {
            #[serde(rename_all = "camelCase", deny_unknown_fields)]
            struct A {
                given_name: String,
                #[serde(rename = "mail", alias = "e-mail", default)]
                email: String,
                #[serde(skip_serializing_if = "Option::is_none")]
                note: Option<String>,
                #[serde(skip)]
                cache: u8,
            }
        });
        let names: Vec<&str> = facts
            .fields
            .iter()
            .map(|field| field.names.written.as_str())
            .collect();
        assert_eq!(names, ["givenName", "mail", "note", "cache"]);
        assert!(facts.container.deny_unknown_fields);
        assert_eq!(facts.fields[1].names.aliases, ["e-mail"]);
        assert!(facts.fields[1].optional_in && !facts.fields[1].optional_out);
        assert!(facts.fields[2].optional_in && facts.fields[2].optional_out);
        assert!(!facts.fields[3].names.is_visible() && facts.fields[0].names.is_visible());
    }

    #[test]
    fn variants_are_told_apart_as_serde_does() {
        let facts = facts_of(&parse_quote! {
            #[serde(tag = "kind", rename_all = "snake_case")]
            enum A { FirstOne { a: u8 }, Second }
        });
        assert!(matches!(&facts.container.tagging, TaggingFacts::Internal { tag } if tag == "kind"));
        assert_eq!(facts.variants[0].names.written, "first_one");
        let facts = facts_of(&parse_quote! {
            #[serde(tag = "t", content = "c", rename_all_fields = "camelCase")]
            enum A { #[serde(rename = "b", alias = "B", alias = "b")] B { given_name: u8 }, #[serde(skip)] C }
        });
        assert!(
            matches!(&facts.container.tagging, TaggingFacts::Adjacent { tag, content } if tag == "t" && content == "c")
        );
        assert_eq!(facts.variants[0].fields[0].names.written, "givenName");
        assert_eq!(facts.variants[0].names.aliases, ["B"]);
        assert!(!facts.variants[1].names.is_visible() && facts.variants[0].names.is_visible());
        let facts = facts_of(&parse_quote!(
            #[serde(untagged)]
            enum A {
                B(u8),
            }
        ));
        assert!(matches!(facts.container.tagging, TaggingFacts::Untagged));
    }

    #[test]
    fn of_a_transparent_type_one_field_is_on_the_wire() {
        let facts = facts_of(&parse_quote!(
            #[serde(transparent)]
            struct A(PhantomData<u8>, String);
        ));
        assert!(facts.container.transparent);
        assert_eq!(
            facts
                .fields
                .iter()
                .map(|field| field.names.is_visible())
                .collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn a_default_of_the_container_is_one_of_each_field() {
        let facts = facts_of(&parse_quote!(
            #[serde(default)]
            struct A {
                a: u8,
                b: Box<Option<u8>>,
            }
        ));
        assert!(
            facts
                .fields
                .iter()
                .all(|field| field.optional_in && !field.optional_out)
        );
    }
}
