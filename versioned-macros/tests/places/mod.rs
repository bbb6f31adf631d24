//! The places of a model that are constrained, for tests of two sides.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use versioned_core::model::{ContentModel, FieldModel, Model, TypeModel, TypeRef};
use versioned_core::schema::Presence;

/// What each place of a model demands, and in which direction its fields go, by its name.
pub(crate) fn places(model: &Model) -> BTreeMap<String, Value> {
    let mut places = BTreeMap::new();
    for operation in &model.operations {
        for parameter in &operation.parameters {
            enter(
                &mut places,
                format!("{}({})", operation.name, parameter.name),
                &parameter.ty,
            );
        }
        if let Some(body) = &operation.body {
            enter(&mut places, format!("{}(body)", operation.name), &body.ty);
        }
    }
    for (name, definition) in &model.types {
        if let TypeModel::Constrained(_, constraints) = definition {
            places.insert(name.clone(), json!(constraints));
        }
        match definition.unconstrained() {
            TypeModel::Struct { fields, .. } => members(&mut places, name, fields),
            TypeModel::Transparent(inner) => enter(&mut places, name.clone(), inner),
            TypeModel::Enum { variants, .. } => {
                for variant in variants {
                    let name = format!("{name}::{}", variant.name);
                    match &variant.content {
                        ContentModel::Unit => {}
                        ContentModel::Newtype(inner) => enter(&mut places, name, inner),
                        ContentModel::Tuple(items) => {
                            for (index, item) in items.iter().enumerate() {
                                enter(&mut places, format!("{name}.{index}"), item);
                            }
                        }
                        ContentModel::Struct(fields) => members(&mut places, &name, fields),
                    }
                }
            }
            TypeModel::Constrained(..) => {}
        }
    }
    places
}

fn members(places: &mut BTreeMap<String, Value>, owner: &str, fields: &[FieldModel]) {
    for field in fields {
        let name = format!("{owner}.{}", field.name);
        enter(places, name.clone(), &field.ty);
        if field.presence != Presence::Both {
            places.insert(format!("{name} goes"), json!(field.presence));
        }
    }
}

fn enter(places: &mut BTreeMap<String, Value>, name: String, ty: &TypeRef) {
    if let (TypeRef::Tuple(items), None) = ty.bare() {
        for (index, item) in items.iter().enumerate() {
            enter(places, format!("{name}.{index}"), item);
        }
    }
    if let (_, Some(constraints)) = ty.bare() {
        places.insert(name, json!(constraints));
    }
}
