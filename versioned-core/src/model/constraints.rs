//! Constraints as facts.

use serde::{Deserialize, Serialize};

use super::{TypeModel, TypeRef, is_default};
use crate::constraints::{Constraints, Number};

/// What a value must be like beyond its type; the keywords of JSON Schema.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ConstraintsModel {
    /// The least number of characters.
    #[serde(skip_serializing_if = "is_default")]
    pub min_length: Option<u64>,
    /// The greatest number of characters.
    #[serde(skip_serializing_if = "is_default")]
    pub max_length: Option<u64>,
    /// A regular expression of ECMA-262.
    #[serde(skip_serializing_if = "is_default")]
    pub pattern: Option<String>,
    /// What a text means.
    #[serde(skip_serializing_if = "is_default")]
    pub format: Option<String>,
    /// The least number.
    #[serde(skip_serializing_if = "is_default")]
    pub minimum: Option<Number>,
    /// The greatest number.
    #[serde(skip_serializing_if = "is_default")]
    pub maximum: Option<Number>,
    /// Less than any number.
    #[serde(skip_serializing_if = "is_default")]
    pub exclusive_minimum: Option<Number>,
    /// Greater than any number.
    #[serde(skip_serializing_if = "is_default")]
    pub exclusive_maximum: Option<Number>,
    /// Divides any number.
    #[serde(skip_serializing_if = "is_default")]
    pub multiple_of: Option<Number>,
    /// The least number of items.
    #[serde(skip_serializing_if = "is_default")]
    pub min_items: Option<u64>,
    /// The greatest number of items.
    #[serde(skip_serializing_if = "is_default")]
    pub max_items: Option<u64>,
    /// Whether no two items are equal.
    #[serde(skip_serializing_if = "is_default")]
    pub unique_items: bool,
    /// The least number of members.
    #[serde(skip_serializing_if = "is_default")]
    pub min_properties: Option<u64>,
    /// The greatest number of members.
    #[serde(skip_serializing_if = "is_default")]
    pub max_properties: Option<u64>,
}

impl ConstraintsModel {
    /// Whether nothing is constrained.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        is_default(self)
    }

    /// Those that are held against values; a format is a note of what the value means.
    #[must_use]
    pub fn enforced(mut self) -> Self {
        self.format = None;
        self
    }

    /// The use of a type under these constraints.
    #[must_use]
    pub fn of(self, ty: TypeRef) -> TypeRef {
        if self.is_empty() {
            ty
        } else {
            TypeRef::Constrained(Box::new(ty), Box::new(self))
        }
    }

    /// The definition of a type under these constraints; those of a type that is written as another one stand there.
    #[must_use]
    pub fn of_definition(self, definition: TypeModel) -> TypeModel {
        match definition {
            definition if self.is_empty() => definition,
            TypeModel::Transparent(inner) => TypeModel::Transparent(self.of(inner)),
            definition => TypeModel::Constrained(Box::new(definition), Box::new(self)),
        }
    }
}

impl From<&Constraints> for ConstraintsModel {
    fn from(constraints: &Constraints) -> Self {
        Self {
            min_length: constraints.min_length,
            max_length: constraints.max_length,
            pattern: constraints.pattern.map(str::to_owned),
            format: constraints.format.map(str::to_owned),
            minimum: constraints.minimum,
            maximum: constraints.maximum,
            exclusive_minimum: constraints.exclusive_minimum,
            exclusive_maximum: constraints.exclusive_maximum,
            multiple_of: constraints.multiple_of,
            min_items: constraints.min_items,
            max_items: constraints.max_items,
            unique_items: constraints.unique_items,
            min_properties: constraints.min_properties,
            max_properties: constraints.max_properties,
        }
    }
}

impl TypeRef {
    /// The type without its constraints, and those.
    #[must_use]
    pub fn bare(&self) -> (&TypeRef, Option<&ConstraintsModel>) {
        match self {
            Self::Constrained(inner, constraints) => (inner.bare().0, Some(constraints)),
            other => (other, None),
        }
    }
}

impl TypeModel {
    /// The definition without the constraints on all of it.
    #[must_use]
    pub fn unconstrained(&self) -> &Self {
        match self {
            Self::Constrained(inner, _) => inner.unconstrained(),
            other => other,
        }
    }
}
