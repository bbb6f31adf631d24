//! The facts of one contract version as plain, owned data: what the engine compares and what is fingerprinted.
//!
//! It knows neither macro types nor constants, so that the macro (from tokens) and the runtime (from constants) both make one.

mod constraints;
mod fingerprint;
mod from_contract;
mod headers;
mod marks;
pub(crate) mod members;
mod route;
mod uses;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::contract::{Method, Place};
use crate::payload::Media;
use crate::schema::{Matching, Presence};

pub use constraints::ConstraintsModel;
pub use fingerprint::Fingerprint;
pub use marks::{MarksModel, needed_texts};
pub(crate) use route::{path_position, renamed, route};

/// One version of a contract: facts only, no documentation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// The operations.
    pub operations: Vec<OperationModel>,
    /// The types that they use, by name; a type of the contract has its plain name, so that versions compare.
    pub types: BTreeMap<String, TypeModel>,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationModel {
    /// The name of the method.
    pub name: String,
    /// The HTTP method.
    pub method: Method,
    /// The path template.
    pub path: String,
    /// Path, query and header parameters.
    pub parameters: Vec<ParameterModel>,
    /// The body of the request.
    pub body: Option<PayloadModel>,
    /// The successful answers, one a status.
    pub responses: Vec<ResponseModel>,
    /// The kinds of problems that the error type documents; any may come and go, as the `default` response covers them.
    pub problems: Vec<ProblemModel>,
    /// Whether the body replaces what is stored.
    pub replaces: bool,
    /// What is promised and demanded beside its form.
    #[serde(default, skip_serializing_if = "is_default")]
    pub marks: MarksModel,
}

/// A body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadModel {
    /// How it is written.
    pub media: Media,
    /// What it holds; of a stream, what each item is.
    pub ty: TypeRef,
}

/// One successful answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseModel {
    /// Its status.
    pub status: u16,
    /// Its headers: the members of a struct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<TypeRef>,
    /// Its body.
    pub body: Option<PayloadModel>,
}

impl PayloadModel {
    /// One JSON document.
    #[must_use]
    pub const fn json(ty: TypeRef) -> Self {
        Self {
            media: Media::Json,
            ty,
        }
    }
}

impl ResponseModel {
    /// One JSON document, or nothing for a unit.
    #[must_use]
    pub fn json(status: u16, ty: TypeRef) -> Self {
        let body = (ty != TypeRef::Unit).then(|| PayloadModel::json(ty));
        Self {
            status,
            headers: None,
            body,
        }
    }
}

/// One kind of problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemModel {
    /// The error type, by its name in the source.
    pub owner: String,
    /// Its variant.
    pub name: String,
    /// The URI by which clients tell kinds apart.
    pub type_uri: String,
    /// The status that it comes with.
    pub status: u16,
    /// Its further members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<FieldModel>,
}

/// One parameter outside of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterModel {
    /// The name of the argument.
    pub name: String,
    /// The name on the wire.
    pub wire: String,
    /// Where it is read from.
    pub place: Place,
    /// Its type.
    pub ty: TypeRef,
    /// Whether it may be left out.
    pub optional: bool,
}

/// The use of a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypeRef {
    /// A type that is not looked into, by its canonical text.
    Leaf(String),
    /// Nothing.
    Unit,
    /// A value or null.
    Option(Box<TypeRef>),
    /// An array.
    List(Box<TypeRef>),
    /// An array of distinct items.
    Set(Box<TypeRef>),
    /// An array of so many items; the number as it is written.
    Array(Box<TypeRef>, String),
    /// An object with arbitrary keys.
    Map(Box<TypeRef>),
    /// An array with one type per place.
    Tuple(Vec<TypeRef>),
    /// A type of [`Model::types`].
    Named(String),
    /// A type of which not every value will do.
    Constrained(Box<TypeRef>, Box<ConstraintsModel>),
}

impl TypeRef {
    /// One text and no other.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self::Leaf(format!("literal:{text}"))
    }
}

/// The definition of a type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TypeModel {
    /// An object with known members.
    Struct {
        /// The members.
        fields: Vec<FieldModel>,
        /// Whether other members are refused.
        deny_unknown_fields: bool,
    },
    /// One of several forms.
    Enum {
        /// How they are told apart.
        tagging: TaggingModel,
        /// The forms.
        variants: Vec<VariantModel>,
        /// Whether members that a form does not know are refused.
        #[serde(default, skip_serializing_if = "is_default")]
        deny_unknown_fields: bool,
    },
    /// Written as another type.
    Transparent(TypeRef),
    /// A type of which not every value will do, wherever it is used.
    Constrained(Box<TypeModel>, Box<ConstraintsModel>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldModel {
    /// The name in the source.
    pub name: String,
    /// The name on the wire.
    pub wire: String,
    /// Other names that are read.
    pub aliases: Vec<String>,
    /// Its type.
    pub ty: TypeRef,
    /// Whether it may be left out when read.
    pub optional_in: bool,
    /// Whether it may be left out when written.
    pub optional_out: bool,
    /// In which directions it is on the wire.
    #[serde(default, skip_serializing_if = "is_default")]
    pub presence: Presence,
    /// Whether its members stand in its place.
    #[serde(default, skip_serializing_if = "is_default")]
    pub flatten: bool,
}

/// One form of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantModel {
    /// The name in the source.
    pub name: String,
    /// The name on the wire.
    pub wire: String,
    /// Other names that are read.
    pub aliases: Vec<String>,
    /// What it holds.
    pub content: ContentModel,
    /// In which directions it is on the wire.
    #[serde(default, skip_serializing_if = "is_default")]
    pub presence: Presence,
    /// How it is recognized.
    #[serde(default, skip_serializing_if = "is_default")]
    pub matching: Matching,
}

/// What a variant holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentModel {
    /// Nothing.
    Unit,
    /// One value.
    Newtype(TypeRef),
    /// Several values.
    Tuple(Vec<TypeRef>),
    /// Named members.
    Struct(Vec<FieldModel>),
}

/// How variants are told apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaggingModel {
    /// `{"Variant": content}`
    External,
    /// `{"tag": "Variant", …}`
    Internal {
        /// The member that names the variant.
        tag: String,
    },
    /// `{"tag": "Variant", "content": …}`
    Adjacent {
        /// The member that names the variant.
        tag: String,
        /// The member that holds its content.
        content: String,
    },
    /// The content alone.
    Untagged,
}

/// What was not there when fingerprints began is left out of them while it says nothing.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
