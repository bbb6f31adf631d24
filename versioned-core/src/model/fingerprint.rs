//! The identity of a contract version's facts.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{ContentModel, FieldModel, Model, TypeModel};

/// 128 bits over the canonical form of a model; the algorithm is numbered, so that later ones can stand beside it.
///
/// Algorithm 1: SHA-256 (FIPS 180-4) of the model's JSON, cut to its first 16 bytes, where operations are sorted by path and
/// method, members by their wire name, and the names of the source are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 16]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("1:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Model {
    /// The fingerprint of the facts: equal for two models that mean the same on the wire.
    ///
    /// # Panics
    /// Never: a model has no map keys other than strings and no values that JSON cannot write.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let canonical = serde_json::to_vec(&self.canonical()).expect("a model is plain data");
        let digest = Sha256::digest(&canonical);
        let mut cut = [0; 16];
        cut.copy_from_slice(&digest[..16]);
        Fingerprint(cut)
    }

    /// The same facts in one order, without what is not on the wire.
    fn canonical(&self) -> Self {
        let mut model = self.clone();
        for operation in &mut model.operations {
            for parameter in &mut operation.parameters {
                parameter.name.clear();
            }
            operation
                .parameters
                .sort_by(|a, b| (a.place as u8, &a.wire).cmp(&(b.place as u8, &b.wire)));
        }
        model
            .operations
            .sort_by(|a, b| (&a.path, a.method, &a.name).cmp(&(&b.path, b.method, &b.name)));
        for definition in model.types.values_mut() {
            match definition {
                TypeModel::Struct { fields, .. } => sort_fields(fields),
                TypeModel::Enum { variants, .. } => {
                    for variant in &mut *variants {
                        variant.name.clear();
                        variant.aliases.sort();
                        if let ContentModel::Struct(fields) = &mut variant.content {
                            sort_fields(fields);
                        }
                    }
                }
                TypeModel::Transparent(_) => {}
            }
        }
        model
    }
}

fn sort_fields(fields: &mut [FieldModel]) {
    for field in &mut *fields {
        field.name.clear();
        field.aliases.sort();
    }
    fields.sort_by(|a, b| a.wire.cmp(&b.wire));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TypeRef;

    fn model(fields: &[(&str, &str)]) -> Model {
        let field = |(name, wire): &(&str, &str)| FieldModel {
            name: (*name).to_owned(),
            wire: (*wire).to_owned(),
            aliases: Vec::new(),
            ty: TypeRef::Leaf("string".to_owned()),
            optional_in: false,
            optional_out: false,
        };
        let fields = fields.iter().map(field).collect();
        let user = TypeModel::Struct {
            fields,
            deny_unknown_fields: false,
        };
        Model {
            operations: Vec::new(),
            types: [("User".to_owned(), user)].into(),
        }
    }

    #[test]
    fn sees_what_is_on_the_wire_only() {
        let plain = model(&[("a", "a"), ("b", "b")]).fingerprint();
        assert_eq!(plain, model(&[("b", "b"), ("renamed", "a")]).fingerprint());
        assert_ne!(plain, model(&[("a", "a"), ("b", "c")]).fingerprint());
        assert_eq!(plain.to_string().len(), 2 + 32);
    }
}
