//! From the history to the models that the engine compares.

use std::collections::BTreeMap;

use syn::Type;
use syn::ext::IdentExt as _;
use versioned_core::contract::Place;
use versioned_core::model::{
    ContentModel, FieldModel, MarksModel, Model, OperationModel, ParameterModel, PayloadModel, ProblemModel,
    ResponseModel, TaggingModel, TypeModel, TypeRef, VariantModel, needed_texts,
};
use versioned_core::payload::Media;
use versioned_core::schema::Presence;

use crate::model::references::{Seen, is_option, see, type_ref};
use crate::model::{Argument, Body, FieldForm, History, OperationForm, Role, Source, TypeForm, VariantForm};
use crate::operation_error;
use crate::parse::marks::{Marks, Requirement, Scheme};
use crate::responses;
use crate::serde_facts::{FieldFacts, TaggingFacts, VariantFacts};
use crate::sink::Sink;

/// One model a version.
pub(crate) fn all(history: &History) -> Vec<Model> {
    (0..history.contract.versions.len())
        .map(|version| model(history, version))
        .collect()
}

fn model(history: &History, version: usize) -> Model {
    let mut types = BTreeMap::new();
    for ty in &history.types {
        if let Some(form) = &ty.forms[version]
            && ty.role == Role::Value
        {
            let definition = type_model(history, form);
            let constraints = form.facts.container.constraints.facts.clone();
            types.insert(
                ty.ident.unraw().to_string(),
                constraints.of_definition(definition),
            );
        }
    }
    let operations = history
        .operations(version)
        .map(|(_, form)| operation(history, version, form))
        .collect();
    Model { operations, types }
}

fn reference(history: &History, ty: &syn::Type) -> TypeRef {
    type_ref(ty, &|name| history.type_index(name).is_some())
}

fn operation(history: &History, version: usize, form: &OperationForm) -> OperationModel {
    let parameters = form.arguments.iter().filter_map(|argument| {
        let place = match argument.source {
            Source::Path => Place::Path,
            Source::Query => Place::Query,
            Source::QueryStruct => Place::QueryStruct,
            Source::Header => Place::Header,
            Source::Body => return None,
        };
        Some(ParameterModel {
            name: argument.ident.unraw().to_string(),
            wire: argument.wire.clone(),
            place,
            ty: argument_reference(history, argument),
            optional: may_be_missing(argument),
        })
    });
    let body = form
        .arguments
        .iter()
        .find(|argument| argument.source == Source::Body);
    OperationModel {
        name: form.name.unraw().to_string(),
        method: form.method,
        path: form.path.value(),
        parameters: parameters.collect(),
        body: body.map(|argument| {
            let (media, ty) = carried(&argument.ty);
            let ty = argument.constraints.facts.clone().of(reference(history, ty));
            PayloadModel { media, ty }
        }),
        responses: answers(history, version, form),
        problems: problems(history, version, form),
        replaces: form.replaces,
        marks: marks(&form.marks),
    }
}

/// The kinds of an error of the contract; those of other modules are known to constants only.
fn problems(history: &History, version: usize, form: &OperationForm) -> Vec<ProblemModel> {
    let known = |name: &str| history.type_index(name).is_some();
    let Seen::Versioned(name) = see(&form.error, &known) else {
        return Vec::new();
    };
    let error = history
        .type_index(&name.to_string())
        .map(|index| &history.types[index]);
    let Some(error) = error.and_then(|error| error.forms[version].as_ref()) else {
        return Vec::new();
    };
    let problems = operation_error::problems(&error.input);
    let models = problems.into_iter().map(|problem| {
        let members = problem.members.iter().map(|(name, ty)| FieldModel {
            name: name.clone(),
            wire: name.clone(),
            aliases: Vec::new(),
            ty: reference(history, ty),
            optional_in: is_option(ty),
            optional_out: false,
            presence: Presence::Both,
            flatten: false,
        });
        ProblemModel {
            owner: name.unraw().to_string(),
            name: problem.variant,
            type_uri: problem.type_uri,
            status: problem.status,
            members: members.collect(),
        }
    });
    models.collect()
}

/// The answers by status: those of an enum of the contract, or the one that is written.
fn answers(history: &History, version: usize, form: &OperationForm) -> Vec<ResponseModel> {
    let known = |name: &str| history.type_index(name).is_some();
    if let Seen::Versioned(name) = see(&form.output, &known)
        && let Some(index) = history.type_index(&name.to_string())
        && history.types[index].role == Role::Answers
        && let Some(answers) = &history.types[index].forms[version]
    {
        let unit = syn::parse_quote!(());
        // Its derive reports what is wrong with it.
        let mut told = Sink::new();
        let answers = responses::answers(&answers.input, &mut told);
        let _ = told.into_tokens();
        let answers = answers.iter();
        return answers
            .map(|answer| response(history, answer.status, answer.held.unwrap_or(&unit)))
            .collect();
    }
    vec![response(history, form.status, &form.output)]
}

fn response(history: &History, status: u16, ty: &Type) -> ResponseModel {
    let known = |_: &str| false;
    if let Seen::WithHeaders(body, headers) = see(ty, &known) {
        return ResponseModel {
            headers: Some(reference(history, headers)),
            ..response(history, status, body)
        };
    }
    let (media, ty) = carried(ty);
    let ty = reference(history, ty);
    let body = (ty != TypeRef::Unit).then_some(PayloadModel { media, ty });
    ResponseModel {
        status,
        headers: None,
        body,
    }
}

/// The media type of a written body, and the type of its document or items.
fn carried(ty: &Type) -> (Media, &Type) {
    match see(ty, &|_| false) {
        Seen::Stream(container, item) if container == "Ndjson" => (Media::Ndjson, item),
        Seen::Stream(_, item) => (Media::Events, item),
        _ => match ty {
            Type::Path(path) if path.path.is_ident("Text") => (Media::Text, ty),
            Type::Path(path) if path.path.is_ident("Binary") => (Media::Binary, ty),
            _ => (Media::Json, ty),
        },
    }
}

fn marks(marks: &Marks) -> MarksModel {
    let texts = |Requirement { scheme, scopes }: &Requirement| {
        let scheme = match scheme {
            Scheme::Basic => "basic".to_owned(),
            Scheme::Bearer => "bearer".to_owned(),
            Scheme::ApiKey(header) => format!("api-key.{header}"),
        };
        needed_texts(&scheme, scopes.iter().map(String::as_str)).collect::<Vec<_>>()
    };
    MarksModel {
        safe: marks.safe.is_some(),
        idempotent: marks.idempotent.is_some(),
        security: marks
            .security
            .iter()
            .map(|needed| needed.iter().flat_map(texts).collect())
            .collect(),
    }
}

fn argument_reference(history: &History, argument: &Argument) -> TypeRef {
    let facts = argument.constraints.facts.clone();
    facts.of(reference(history, &argument.ty))
}

/// An `Option`, or a list of the values of one query key, of which there may be none.
fn may_be_missing(argument: &Argument) -> bool {
    let list = matches!(see(&argument.ty, &|_| false), Seen::List(_) | Seen::Set(_));
    is_option(&argument.ty) || (list && matches!(argument.source, Source::Query | Source::Header))
}

fn type_model(history: &History, form: &TypeForm) -> TypeModel {
    if let Some(proxy) = &form.facts.container.proxy {
        return TypeModel::Transparent(reference(history, proxy));
    }
    match &form.body {
        Body::Struct(fields) => structure(history, form, fields),
        Body::Enum(variants) => {
            let tagging = match &form.facts.container.tagging {
                TaggingFacts::External => TaggingModel::External,
                TaggingFacts::Internal { tag } => TaggingModel::Internal { tag: tag.clone() },
                TaggingFacts::Adjacent { tag, content } => TaggingModel::Adjacent {
                    tag: tag.clone(),
                    content: content.clone(),
                },
                TaggingFacts::Untagged => TaggingModel::Untagged,
            };
            let variants = variants.iter().zip(&form.facts.variants);
            let variants = variants.flat_map(|(variant, facts)| variant_models(history, variant, facts));
            TypeModel::Enum {
                tagging,
                variants: variants.collect(),
                deny_unknown_fields: form.facts.container.deny_unknown_fields,
            }
        }
    }
}

fn variant_models(history: &History, variant: &VariantForm, facts: &VariantFacts) -> Vec<VariantModel> {
    let content = match &facts.schema {
        Some(ty) => ContentModel::Newtype(reference(history, ty)),
        None => content(history, &variant.fields, &facts.fields),
    };
    let models = facts.names.each().into_iter().map(|each| VariantModel {
        name: variant.ident.unraw().to_string(),
        wire: each.wire.to_owned(),
        aliases: each.aliases.to_vec(),
        content: content.clone(),
        presence: each.presence,
        matching: facts.matching,
    });
    models.collect()
}

fn structure(history: &History, form: &TypeForm, fields: &[FieldForm]) -> TypeModel {
    let facts = &form.facts;
    let named = fields
        .first()
        .is_none_or(|field| matches!(field.access, syn::Member::Named(_)));
    let items: Vec<TypeRef> = visible(history, fields, &facts.fields).collect();
    match items.as_slice() {
        [only] if facts.container.transparent || (!named && fields.len() == 1) => {
            TypeModel::Transparent(only.clone())
        }
        _ if named => {
            let mut models = field_models(history, fields, &facts.fields);
            if let Some((tag, value)) = &facts.container.literal {
                models.insert(0, tag_model(tag, value));
            }
            TypeModel::Struct {
                fields: models,
                deny_unknown_fields: facts.container.deny_unknown_fields,
            }
        }
        _ => TypeModel::Transparent(TypeRef::Tuple(items)),
    }
}

fn content(history: &History, fields: &[FieldForm], facts: &[FieldFacts]) -> ContentModel {
    let named = fields
        .first()
        .is_some_and(|field| matches!(field.access, syn::Member::Named(_)));
    let items: Vec<TypeRef> = visible(history, fields, facts).collect();
    match (named, items.len()) {
        (true, _) => ContentModel::Struct(field_models(history, fields, facts)),
        (false, 0) => ContentModel::Unit,
        (false, 1) if fields.len() == 1 => {
            ContentModel::Newtype(items.into_iter().next().unwrap_or(TypeRef::Unit))
        }
        (false, _) => ContentModel::Tuple(items),
    }
}

fn field_models(history: &History, fields: &[FieldForm], facts: &[FieldFacts]) -> Vec<FieldModel> {
    let models = fields.iter().zip(facts).flat_map(|(field, facts)| {
        let names = facts.names.each().into_iter();
        names.map(|each| FieldModel {
            name: match &field.access {
                syn::Member::Named(ident) => ident.unraw().to_string(),
                syn::Member::Unnamed(index) => index.index.to_string(),
            },
            wire: each.wire.to_owned(),
            aliases: each.aliases.to_vec(),
            ty: place(history, field, facts),
            optional_in: facts.optional_in,
            optional_out: facts.optional_out,
            presence: each.presence,
            flatten: facts.flatten,
        })
    });
    models.collect()
}

/// The tag that serde writes beside the members of a struct.
fn tag_model(tag: &str, value: &str) -> FieldModel {
    FieldModel {
        name: tag.to_owned(),
        wire: tag.to_owned(),
        aliases: Vec::new(),
        ty: TypeRef::literal(value),
        optional_in: false,
        optional_out: false,
        presence: Presence::Written,
        flatten: false,
    }
}

/// The types of the fields that stand on the wire.
fn visible<'a>(
    history: &'a History,
    fields: &'a [FieldForm],
    facts: &'a [FieldFacts],
) -> impl Iterator<Item = TypeRef> + 'a {
    fields
        .iter()
        .zip(facts)
        .filter(|(_, facts)| facts.names.is_visible())
        .map(|(field, facts)| place(history, field, facts))
}

/// The type of a field, with what is demanded of its values.
fn place(history: &History, field: &FieldForm, facts: &FieldFacts) -> TypeRef {
    let constraints = facts.constraints.facts.clone();
    constraints.of(reference(history, wire_type(field, facts)))
}

/// The type whose shape is on the wire.
fn wire_type<'a>(field: &'a FieldForm, facts: &'a FieldFacts) -> &'a Type {
    facts.schema.as_ref().unwrap_or(&field.ty)
}
