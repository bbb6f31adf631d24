//! The headers of answers: their names are compared whatever their case (RFC 9110 section 5.1).

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Model, TypeModel, TypeRef};

impl Model {
    /// The types whose members are headers of answers, and nothing else: in bodies names have a case.
    pub(crate) fn header_types(&self) -> BTreeSet<String> {
        let mut headers = BTreeSet::new();
        let responses = self.operations.iter().flat_map(|operation| &operation.responses);
        for ty in responses.filter_map(|response| response.headers.as_ref()) {
            self.collect_headers(ty, &mut headers);
        }
        if headers.is_empty() {
            return headers;
        }
        let mut rest = self.clone();
        for operation in &mut rest.operations {
            for response in &mut operation.responses {
                response.headers = None;
            }
        }
        let elsewhere = rest.uses();
        headers.retain(|name| !elsewhere.contains_key(name.as_str()));
        headers
    }

    fn collect_headers(&self, ty: &TypeRef, into: &mut BTreeSet<String>) {
        match ty {
            TypeRef::Named(name) if into.insert(name.clone()) => {
                match self.types.get(name).map(TypeModel::unconstrained) {
                    Some(TypeModel::Struct { fields, .. }) => {
                        for field in fields.iter().filter(|field| field.flatten) {
                            self.collect_headers(&field.ty, into);
                        }
                    }
                    Some(TypeModel::Transparent(inner)) => self.collect_headers(inner, into),
                    _ => {}
                }
            }
            TypeRef::Option(inner) | TypeRef::Constrained(inner, _) => self.collect_headers(inner, into),
            _ => {}
        }
    }

    /// The same with the members of these types in lower case.
    pub(crate) fn with_plain_headers(&self, types: &BTreeSet<String>) -> Cow<'_, Self> {
        let mut model = Cow::Borrowed(self);
        for name in types {
            if let Some(TypeModel::Struct { fields, .. }) = model.to_mut().types.get_mut(name) {
                for field in fields {
                    field.wire.make_ascii_lowercase();
                }
            }
        }
        model
    }
}
