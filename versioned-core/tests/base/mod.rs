//! A model with a type for each direction, and what it is edited with.
#![allow(dead_code)] // each test file uses its part

use versioned_core::contract::{Method, Place};
use versioned_core::model::{
    ContentModel, FieldModel, Model, OperationModel, ParameterModel, PayloadModel, ProblemModel,
    ResponseModel, TaggingModel, TypeModel, TypeRef, VariantModel,
};
use versioned_core::schema::{Matching, Presence};

/// An operation that reads `Asked` and `Both`, and answers `Told` and `Both`.
pub(crate) fn base() -> Model {
    let ask = OperationModel {
        name: "ask".to_owned(),
        method: Method::Post,
        path: "/asks/{id}".to_owned(),
        parameters: vec![
            parameter("id", Place::Path, false),
            parameter("If-Match", Place::Header, false),
        ],
        body: Some(PayloadModel::json(TypeRef::Tuple(vec![
            named("Asked"),
            named("Both"),
        ]))),
        responses: vec![ResponseModel::json(
            200,
            TypeRef::Tuple(vec![named("Told"), named("Both")]),
        )],
        problems: vec![problem("missing", 404)],
        replaces: false,
        marks: versioned_core::model::MarksModel::default(),
    };
    let mut both = vec![field("a"), field("kind")];
    both[1].ty = TypeRef::List(Box::new(named("Kind")));
    let mut types = vec![("Kind", kind(TaggingModel::External, base_variants()))];
    for (name, fields) in [
        ("Asked", vec![field("a")]),
        ("Told", vec![field("a")]),
        ("Both", both),
    ] {
        types.push((
            name,
            TypeModel::Struct {
                fields,
                deny_unknown_fields: false,
            },
        ));
    }
    Model {
        operations: vec![ask],
        types: types
            .into_iter()
            .map(|(name, ty)| (name.to_owned(), ty))
            .collect(),
    }
}

pub(crate) fn base_variants() -> Vec<VariantModel> {
    let recursive = FieldModel {
        ty: named("Both"),
        ..field("both")
    };
    vec![
        variant("One", ContentModel::Unit),
        variant("Two", ContentModel::Struct(vec![field("x"), recursive])),
    ]
}

pub(crate) fn kind(tagging: TaggingModel, variants: Vec<VariantModel>) -> TypeModel {
    TypeModel::Enum {
        tagging,
        variants,
        deny_unknown_fields: false,
    }
}

pub(crate) fn leaf(name: &str) -> TypeRef {
    TypeRef::Leaf(name.to_owned())
}

pub(crate) fn named(name: &str) -> TypeRef {
    TypeRef::Named(name.to_owned())
}

pub(crate) fn field(name: &str) -> FieldModel {
    FieldModel {
        name: name.to_owned(),
        wire: name.to_owned(),
        aliases: Vec::new(),
        ty: leaf("string"),
        optional_in: false,
        optional_out: false,
        presence: Presence::Both,
        flatten: false,
    }
}

pub(crate) fn variant(name: &str, content: ContentModel) -> VariantModel {
    VariantModel {
        name: name.to_owned(),
        wire: name.to_lowercase(),
        aliases: Vec::new(),
        content,
        presence: Presence::Both,
        matching: Matching::Named,
    }
}

pub(crate) fn parameter(name: &str, place: Place, optional: bool) -> ParameterModel {
    let ty = leaf("string");
    ParameterModel {
        name: name.to_owned(),
        wire: name.to_owned(),
        place,
        ty: if optional {
            TypeRef::Option(Box::new(ty))
        } else {
            ty
        },
        optional,
    }
}

pub(crate) fn fields<'a>(model: &'a mut Model, ty: &str) -> &'a mut Vec<FieldModel> {
    match model.types.get_mut(ty) {
        Some(TypeModel::Struct { fields, .. }) => fields,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn variants(model: &mut Model) -> &mut Vec<VariantModel> {
    match model.types.get_mut("Kind") {
        Some(TypeModel::Enum { variants, .. }) => variants,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn deny(model: &mut Model, ty: &str) {
    match model.types.get_mut(ty) {
        Some(TypeModel::Struct {
            deny_unknown_fields, ..
        }) => *deny_unknown_fields = true,
        other => panic!("{other:?}"),
    }
}

/// A kind of problem with a member.
pub(crate) fn problem(name: &str, status: u16) -> ProblemModel {
    ProblemModel {
        owner: "Failure".to_owned(),
        name: name.to_owned(),
        type_uri: format!("urn:{name}"),
        status,
        members: vec![field("id")],
    }
}
