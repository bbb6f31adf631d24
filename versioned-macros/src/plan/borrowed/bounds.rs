//! What must be true of types so that borrowed values of them can be written: said on the implementation, so that it is demanded of
//! those who use it only.

use std::collections::BTreeSet;

use quote::ToTokens as _;
use syn::Type;

use super::{Cx, FieldView, View, ViewBody, ViewSource};
use crate::model::{Body, FieldForm};

/// What must be true of a type, as it is written in a version.
#[derive(Clone)]
pub(crate) struct Bound {
    pub(crate) ty: Type,
    pub(crate) version: usize,
    pub(crate) kind: BoundKind,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum BoundKind {
    Cloned,
    Written,
}

impl Bound {
    fn key(&self) -> (String, usize, BoundKind) {
        (self.ty.to_token_stream().to_string(), self.version, self.kind)
    }
}

impl Cx<'_> {
    /// What a view needs by itself.
    pub(super) fn own_bounds(&self, ty: usize, from: usize, to: usize, body: &ViewBody) -> Vec<Bound> {
        let ident = &self.history.types[ty].ident;
        let itself: Type = syn::parse_quote!(#ident);
        let bound = |ty: Type, version, kind| Bound { ty, version, kind };
        match body {
            ViewBody::Same => vec![bound(itself, from, BoundKind::Written)],
            ViewBody::Owned => vec![
                bound(itself.clone(), from, BoundKind::Cloned),
                bound(itself, to, BoundKind::Written),
            ],
            ViewBody::Like(_) => Vec::new(),
            ViewBody::Struct(_) | ViewBody::Enum(_) => self
                .changed_fields(ty, from, body)
                .into_iter()
                .map(|ty| bound(ty, from, BoundKind::Cloned))
                .collect(),
        }
    }

    /// The types of the fields that functions take by value.
    fn changed_fields(&self, ty: usize, from: usize, body: &ViewBody) -> Vec<Type> {
        let Some(form) = &self.history.types[ty].forms[from] else {
            return Vec::new();
        };
        let of = |forms: &[FieldForm], views: &[FieldView]| -> Vec<Type> {
            let changed = views.iter().filter_map(|view| match &view.from {
                ViewSource::Changed { source, .. } => forms.iter().find(|form| form.access == *source),
                _ => None,
            });
            changed.map(|form| form.ty.clone()).collect()
        };
        match (&form.body, body) {
            (Body::Struct(forms), ViewBody::Struct(views)) => of(forms, views),
            (Body::Enum(forms), ViewBody::Enum(views)) => views
                .iter()
                .filter_map(|view| Some((forms.iter().find(|form| form.ident == view.source)?, view)))
                .flat_map(|(form, view)| of(&form.fields, &view.fields))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Gives each view the bounds of the views in it, until nothing changes.
    pub(super) fn spread_bounds(&self, views: &mut [View]) {
        let parts: Vec<Vec<usize>> = views.iter().map(|view| self.parts(view, views)).collect();
        loop {
            let mut changed = false;
            for (index, parts) in parts.iter().enumerate() {
                let known: BTreeSet<_> = views[index].bounds.iter().map(Bound::key).collect();
                let mut added = Vec::new();
                for bound in parts.iter().flat_map(|part| &views[*part].bounds) {
                    if !known.contains(&bound.key()) && !added.iter().any(|b: &Bound| b.key() == bound.key())
                    {
                        added.push(bound.clone());
                    }
                }
                changed |= !added.is_empty();
                views[index].bounds.extend(added);
            }
            if !changed {
                return;
            }
        }
    }

    /// The views that a view writes parts of the value by.
    fn parts(&self, view: &View, views: &[View]) -> Vec<usize> {
        let find = |ty: usize, to: usize| {
            let home = self.homes[ty][view.from];
            views
                .iter()
                .position(|other| other.ty == ty && Some(other.from) == home && other.to == to)
        };
        let of = |fields: &[FieldView]| -> Vec<usize> {
            fields
                .iter()
                .filter_map(|field| match &field.from {
                    ViewSource::Kept { ty, .. } | ViewSource::Wrapped { ty, .. } => Some(ty),
                    _ => None,
                })
                .flat_map(|ty| self.differing(view.from, view.to, ty))
                .filter_map(|ty| find(ty, view.to))
                .collect()
        };
        match &view.body {
            ViewBody::Like(home) => find(view.ty, *home).into_iter().collect(),
            ViewBody::Struct(fields) => of(fields),
            ViewBody::Enum(variants) => variants.iter().flat_map(|variant| of(&variant.fields)).collect(),
            ViewBody::Same | ViewBody::Owned => Vec::new(),
        }
    }
}
