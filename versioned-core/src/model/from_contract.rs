//! From the constants that a binary carries to the model.

use std::collections::BTreeMap;

use super::{
    ConstraintsModel, ContentModel, FieldModel, Model, OperationModel, ParameterModel, PayloadModel,
    ProblemModel, ResponseModel, TaggingModel, TypeModel, TypeRef, VariantModel,
};
use crate::contract::{Contract, Operation};
use crate::payload::Payload;
use crate::response::ResponseSpec;
use crate::schema::{Content, Field, Link, Node, Shape, Tagging, Variant};

impl From<&Contract> for Model {
    fn from(contract: &Contract) -> Self {
        let mut walk = Walk {
            own: std::iter::successors(Some(contract), |contract| contract.previous)
                .map(|version| format!("{}::{}::", version.id, version.name))
                .collect(),
            types: BTreeMap::new(),
        };
        let operations = contract
            .operations
            .iter()
            .map(|operation| walk.operation(operation))
            .collect();
        Self {
            operations,
            types: walk.types,
        }
    }
}

/// Walks links; a named type is entered once, which also stops cycles.
struct Walk {
    /// What the ids of the contract's own types begin with: a type that did not change has the id of an earlier version.
    own: Vec<String>,
    types: BTreeMap<String, TypeModel>,
}

impl Walk {
    fn operation(&mut self, operation: &Operation) -> OperationModel {
        let parameters = operation.parameters.iter().map(|parameter| ParameterModel {
            name: parameter.name.to_owned(),
            wire: parameter.wire.to_owned(),
            place: parameter.place,
            ty: self.reference(parameter.ty),
            optional: parameter.is_optional(),
        });
        let parameters = parameters.collect();
        let problems = operation.problems.iter().map(|problem| ProblemModel {
            owner: problem.owner.to_owned(),
            name: problem.variant.to_owned(),
            type_uri: problem.type_uri.to_owned(),
            status: problem.status,
            members: self.fields(problem.members),
        });
        let problems = problems.collect();
        OperationModel {
            name: operation.name.to_owned(),
            method: operation.method,
            path: operation.path.to_owned(),
            parameters,
            body: operation.body.as_ref().map(|body| PayloadModel {
                media: body.media,
                ty: self.reference(body.ty),
            }),
            responses: operation
                .responses
                .iter()
                .map(|response| self.response(operation.status, response))
                .collect(),
            problems,
            replaces: operation.replaces,
            marks: (&operation.marks).into(),
        }
    }

    fn response(&mut self, status: u16, response: &ResponseSpec) -> ResponseModel {
        ResponseModel {
            status: response.status.unwrap_or(status),
            headers: response.headers.map(|headers| self.reference(headers)),
            body: response.body.map(|Payload { media, ty }| PayloadModel {
                media,
                ty: self.reference(ty),
            }),
        }
    }

    fn reference(&mut self, link: Link) -> TypeRef {
        let node = link.get();
        let constraints = ConstraintsModel::from(node.constraints);
        if node.id.is_empty() {
            return constraints.of(self.shape(&node.shape));
        }
        let key = self.key(node);
        if !self.types.contains_key(&key) {
            // The place is taken before the members are walked: they may come back here.
            self.types
                .insert(key.clone(), TypeModel::Transparent(TypeRef::Unit));
            let definition = self.definition(&node.shape);
            self.types
                .insert(key.clone(), constraints.of_definition(definition));
        }
        TypeRef::Named(key)
    }

    /// A type of this contract by its plain name, whatever the version that it was defined in; others by their identity, also
    /// those of a crate that has the name of the contract.
    fn key(&self, node: &Node) -> String {
        let directly_in = |own: &String| {
            let rest = node.id.strip_prefix(own.as_str());
            rest.is_some_and(|rest| !rest.contains("::"))
        };
        if self.own.iter().any(directly_in) {
            node.name.to_owned()
        } else {
            node.id.to_owned()
        }
    }

    fn shape(&mut self, shape: &Shape) -> TypeRef {
        match shape {
            Shape::Bool => TypeRef::Leaf("bool".to_owned()),
            Shape::Integer { bits, signed } => {
                TypeRef::Leaf(format!("{}{bits}", if *signed { 'i' } else { 'u' }))
            }
            Shape::Number { bits } => TypeRef::Leaf(format!("f{bits}")),
            Shape::String { format: "" } => TypeRef::Leaf("string".to_owned()),
            Shape::String { format } => TypeRef::Leaf(format!("string:{format}")),
            Shape::Char => TypeRef::Leaf("char".to_owned()),
            Shape::Any => TypeRef::Leaf("any".to_owned()),
            Shape::Literal(text) => TypeRef::literal(text),
            Shape::Unit => TypeRef::Unit,
            Shape::Option(inner) => TypeRef::Option(Box::new(self.reference(*inner))),
            Shape::List {
                item, len: Some(len), ..
            } => TypeRef::Array(Box::new(self.reference(*item)), len.to_string()),
            Shape::List {
                item, unique: true, ..
            } => TypeRef::Set(Box::new(self.reference(*item))),
            Shape::List { item, .. } => TypeRef::List(Box::new(self.reference(*item))),
            Shape::Map { value } => TypeRef::Map(Box::new(self.reference(*value))),
            Shape::Tuple(items) => TypeRef::Tuple(items.iter().map(|item| self.reference(*item)).collect()),
            Shape::Transparent(inner) => self.reference(*inner),
            // Without an identity of its own, its definition is its identity.
            Shape::Struct { .. } | Shape::Enum { .. } => {
                let definition = self.definition(shape);
                let key = format!("{definition:?}");
                self.types.insert(key.clone(), definition);
                TypeRef::Named(key)
            }
        }
    }

    fn definition(&mut self, shape: &Shape) -> TypeModel {
        match shape {
            Shape::Struct {
                fields,
                deny_unknown_fields,
            } => TypeModel::Struct {
                fields: self.fields(fields),
                deny_unknown_fields: *deny_unknown_fields,
            },
            Shape::Enum {
                tagging,
                variants,
                deny_unknown_fields,
            } => TypeModel::Enum {
                tagging: match tagging {
                    Tagging::External => TaggingModel::External,
                    Tagging::Internal { tag } => TaggingModel::Internal {
                        tag: (*tag).to_owned(),
                    },
                    Tagging::Adjacent { tag, content } => TaggingModel::Adjacent {
                        tag: (*tag).to_owned(),
                        content: (*content).to_owned(),
                    },
                    Tagging::Untagged => TaggingModel::Untagged,
                },
                variants: variants.iter().map(|variant| self.variant(variant)).collect(),
                deny_unknown_fields: *deny_unknown_fields,
            },
            other => TypeModel::Transparent(self.shape(other)),
        }
    }

    fn fields(&mut self, fields: &[Field]) -> Vec<FieldModel> {
        let models = fields.iter().map(|field| FieldModel {
            name: field.name.to_owned(),
            wire: field.wire.to_owned(),
            aliases: owned(field.aliases),
            ty: self.reference(field.ty),
            optional_in: field.optional_in,
            optional_out: field.optional_out,
            presence: field.presence,
            flatten: field.flatten,
        });
        models.collect()
    }

    fn variant(&mut self, variant: &Variant) -> VariantModel {
        VariantModel {
            name: variant.name.to_owned(),
            wire: variant.wire.to_owned(),
            aliases: owned(variant.aliases),
            content: match &variant.content {
                Content::Unit => ContentModel::Unit,
                Content::Newtype(inner) => ContentModel::Newtype(self.reference(*inner)),
                Content::Tuple(items) => {
                    ContentModel::Tuple(items.iter().map(|item| self.reference(*item)).collect())
                }
                Content::Struct(fields) => ContentModel::Struct(self.fields(fields)),
            },
            presence: variant.presence,
            matching: variant.matching,
        }
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
