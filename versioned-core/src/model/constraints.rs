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

    /// The use of a type under these constraints; one that has its own keeps those that nothing is said of here.
    #[must_use]
    pub fn of(self, ty: TypeRef) -> TypeRef {
        match ty {
            ty if self.is_empty() => ty,
            TypeRef::Constrained(inner, held) => {
                let both = self.or(*held);
                TypeRef::Constrained(inner, Box::new(both))
            }
            ty => TypeRef::Constrained(Box::new(ty), Box::new(self)),
        }
    }

    fn or(self, inner: Self) -> Self {
        Self {
            min_length: self.min_length.or(inner.min_length),
            max_length: self.max_length.or(inner.max_length),
            pattern: self.pattern.or(inner.pattern),
            format: self.format.or(inner.format),
            minimum: self.minimum.or(inner.minimum),
            maximum: self.maximum.or(inner.maximum),
            exclusive_minimum: self.exclusive_minimum.or(inner.exclusive_minimum),
            exclusive_maximum: self.exclusive_maximum.or(inner.exclusive_maximum),
            multiple_of: self.multiple_of.or(inner.multiple_of),
            min_items: self.min_items.or(inner.min_items),
            max_items: self.max_items.or(inner.max_items),
            unique_items: self.unique_items || inner.unique_items,
            min_properties: self.min_properties.or(inner.min_properties),
            max_properties: self.max_properties.or(inner.max_properties),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_of_a_place_leave_those_of_its_type() {
        let (least, most) = (Some(Number::Integer(1)), Some(Number::Integer(9)));
        let own = ConstraintsModel {
            minimum: least,
            ..ConstraintsModel::default()
        };
        let placed = ConstraintsModel {
            maximum: most,
            ..ConstraintsModel::default()
        };
        let both = ConstraintsModel {
            minimum: least,
            maximum: most,
            ..ConstraintsModel::default()
        };
        let leaf = TypeRef::Leaf("u8".to_owned());
        assert_eq!(placed.of(own.of(leaf.clone())), both.of(leaf));
    }
}
