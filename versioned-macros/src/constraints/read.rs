//! From the attributes of a type to the facts of its fields.

use std::collections::BTreeMap;
use std::ops::Range;

use syn::{Attribute, Data, DeriveInput, Fields, Item, Type};
use versioned_core::schema::Presence;

use super::{Constrained, Kind, Said, Subject, check, kind, resolve};
use crate::parse::dates::Deprecated;
use crate::parse::openapi::{Openapi, Place, take};
use crate::serde_facts::{FieldFacts, TypeFacts};
use crate::sink::{Diagnostic, Sink};
use crate::words::readable;

/// The kinds of the types of a contract, as far as their definitions tell.
#[derive(Default)]
pub(crate) struct Kinds(BTreeMap<String, Kind>);

impl Kinds {
    pub(crate) fn of(items: &[Item]) -> Self {
        let structs = || {
            items.iter().filter_map(|item| match item {
                Item::Struct(item) => Some(item),
                _ => None,
            })
        };
        let mut kinds = BTreeMap::new();
        for item in structs() {
            // What serde makes of the type is another question.
            let plain = !item
                .attrs
                .iter()
                .any(|attribute| attribute.path().is_ident("serde"));
            let kind = match &item.fields {
                Fields::Named(_) if plain => Kind::Object,
                _ => Kind::Unknown,
            };
            kinds.insert(item.ident.to_string(), kind);
        }
        // A newtype may hold another one: as often as there are types, each learns what its field is.
        let newtypes: Vec<_> = structs()
            .filter_map(|item| match &item.fields {
                Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Some((item, fields.unnamed.first()?)),
                _ => None,
            })
            .collect();
        for _ in 0..newtypes.len().min(16) {
            for (item, field) in &newtypes {
                let found = kind(&field.ty, &|name| kinds.get(name).cloned());
                kinds.insert(item.ident.to_string(), found);
            }
        }
        Self(kinds)
    }

    pub(crate) fn kind(&self, ty: &Type) -> Kind {
        kind(ty, &|name| self.0.get(name).cloned())
    }
}

/// Checks what is said of a field, and enters it in its facts.
pub(crate) fn enter(
    constrained: Constrained,
    facts: &mut FieldFacts,
    ty: &Type,
    proxied: bool,
    kinds: &Kinds,
    sink: &mut Sink,
) {
    if let (Some(word), true) = (constrained.words.first(), proxied || !facts.names.is_visible()) {
        sink.error(
            Diagnostic::new(
                "V0110",
                &word.key,
                format!("`{}` is said of a field that is not on the wire", word.key),
            )
            .help("remove it, or write it on what serde writes instead"),
        );
        return;
    }
    let ty = facts.schema.as_ref().unwrap_or(ty);
    let subject = Subject {
        constrained: &constrained,
        ty: readable(ty),
        kind: kinds.kind(ty),
        facts: Some(facts),
    };
    check(&subject, sink);
    if constrained.read_only {
        facts.names.stated = Some(Presence::Written);
    } else if constrained.write_only {
        facts.names.stated = Some(Presence::Read);
    }
    facts.constraints = constrained;
}

/// Checks what is said of a type as a whole, and enters it.
pub(crate) fn enter_item(
    constrained: Constrained,
    input: &DeriveInput,
    facts: &mut TypeFacts,
    kinds: &Kinds,
    sink: &mut Sink,
) {
    let mut inner = None;
    let (kind, ty) = match (&facts.container.proxy, &input.data) {
        (Some(proxy), _) => (kinds.kind(proxy), readable(proxy)),
        (None, Data::Struct(data)) => match (&data.fields, data.fields.iter().next()) {
            (fields, Some(only))
                if fields.len() == 1 && (facts.container.transparent || only.ident.is_none()) =>
            {
                let ty = facts
                    .fields
                    .first()
                    .and_then(|facts| facts.schema.as_ref())
                    .unwrap_or(&only.ty);
                inner = facts.fields.first();
                (kinds.kind(ty), readable(ty))
            }
            (Fields::Named(_), _) if facts.container.transparent => (Kind::Unknown, input.ident.to_string()),
            (Fields::Named(_), _) => (Kind::Object, input.ident.to_string()),
            (Fields::Unnamed(_), _) => (Kind::Tuple, input.ident.to_string()),
            (Fields::Unit, _) => (Kind::Unit, input.ident.to_string()),
        },
        // The forms of an enum are of kinds of their own.
        (None, _) => (Kind::Unknown, input.ident.to_string()),
    };
    let twice = inner.is_some_and(|facts| !facts.constraints.facts.is_empty());
    if let (Some(word), true) = (constrained.words.first(), twice && !constrained.facts.is_empty()) {
        sink.error(
            Diagnostic::new(
                "V0114",
                &word.key,
                format!("`{}` is constrained here and at its field", input.ident),
            )
            .help("write all of it in one place: they are one value"),
        );
    }
    let subject = Subject {
        constrained: &constrained,
        ty,
        kind,
        facts: None,
    };
    check(&subject, sink);
    facts.container.constraints = constrained;
}

/// Variants have no value of their own: only `schema` stands there.
pub(crate) fn refuse_on(attributes: &mut Vec<Attribute>, what: &str, sink: &mut Sink) {
    // Misspelt words are told there.
    let said = take(attributes, Place::Position, sink);
    let ranges = said.iter().flat_map(|said| said.since.iter().chain(&said.until));
    let words = said
        .iter()
        .flat_map(|said| said.words.iter().map(|word| &word.key));
    if let Some(word) = words.chain(ranges).next() {
        sink.error(
            Diagnostic::new("V0110", word, format!("`{word}` cannot stand on {what}"))
                .help("write it on a field, an argument or a type"),
        );
    }
}

/// Reads the attributes of a type with one form: `#[derive(Schema)]`.
pub(crate) fn of_derive(input: &mut DeriveInput, facts: &mut TypeFacts, sink: &mut Sink) {
    let kinds = Kinds::default();
    let proxied = facts.container.proxy.is_some();
    let container = one_form(&mut input.attrs, Place::Item, sink);
    let enter_fields = |fields: &mut Fields, all: &mut [FieldFacts], sink: &mut Sink| {
        let place = place(fields);
        for (field, facts) in fields.iter_mut().zip(all) {
            let constrained = one_form(&mut field.attrs, place, sink);
            enter(constrained, facts, &field.ty, proxied, &kinds, sink);
        }
    };
    match &mut input.data {
        Data::Struct(data) => enter_fields(&mut data.fields, &mut facts.fields, sink),
        Data::Enum(data) => {
            for (variant, facts) in data.variants.iter_mut().zip(&mut facts.variants) {
                refuse_on(&mut variant.attrs, "a variant", sink);
                enter_fields(&mut variant.fields, &mut facts.fields, sink);
            }
        }
        Data::Union(_) => {}
    }
    enter_item(container, input, facts, &kinds, sink);
}

/// Where the fields of a struct or variant stand.
pub(crate) fn place(fields: &Fields) -> Place {
    match fields {
        Fields::Named(_) => Place::Field,
        Fields::Unnamed(_) | Fields::Unit => Place::Position,
    }
}

fn one_form(attributes: &mut Vec<Attribute>, place: Place, sink: &mut Sink) -> Constrained {
    let mut said = take(attributes, place, sink);
    refuse_ranges(&said, sink);
    said.extend(Deprecated::of_rust(attributes).map(|deprecated| deprecated.openapi()));
    resolve(&always(said, &(0..1)), 0, sink)
}

/// Refuses `since` and `until` where a type has one form.
pub(crate) fn refuse_ranges(said: &[Openapi], sink: &mut Sink) {
    for token in said.iter().flat_map(|said| said.since.iter().chain(&said.until)) {
        sink.error(
            Diagnostic::new("V0118", token, "there is no history here").help(
                "remove `since` and `until`: what holds in a version stands there, or in a `#[versioned]` module with all of them",
            ),
        );
    }
}

/// What is demanded in a version that is written out; ranges have no use there.
pub(crate) fn of_version(
    attributes: &mut Vec<Attribute>,
    place: Place,
    version: usize,
    sink: &mut Sink,
) -> Vec<Said> {
    let openapi = take(attributes, place, sink);
    refuse_ranges(&openapi, sink);
    always(openapi, &(version..version + 1))
}

/// Attributes that hold in all of a range.
fn always(said: Vec<Openapi>, range: &Range<usize>) -> Vec<Said> {
    said.into_iter()
        .map(|openapi| Said {
            range: range.clone(),
            openapi,
        })
        .collect()
}
