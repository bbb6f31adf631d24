//! Which versions of a type or trait are one and the same Rust item.
//!
//! Two forms are one if their tokens are equal, no function of the user stands between them, and everything of the contract that
//! they mention is one, too. That is decided
//! for all types at once, by assuming they are one and striking out what differs until nothing changes: so types that mention
//! each other stand and fall together.

use syn::Ident;

use crate::model::references::mentioned;
use crate::model::{Body, FieldForm, History, Member, MethodForm, TypeForm, TypeHistory};

/// The home of each type in each version.
pub(super) fn types(history: &History) -> Vec<Vec<Option<usize>>> {
    let versions = history.contract.versions.len();
    let mut homes = vec![vec![None; versions]; history.types.len()];
    for version in 0..versions {
        let same = if version == 0 {
            vec![false; homes.len()]
        } else {
            unchanged(history, version)
        };
        for (index, home) in homes.iter_mut().enumerate() {
            if history.types[index].forms[version].is_some() {
                home[version] = if same[index] {
                    home[version - 1]
                } else {
                    Some(version)
                };
            }
        }
    }
    homes
}

/// Which types are the same in `version` as in the one before.
fn unchanged(history: &History, version: usize) -> Vec<bool> {
    let mut same: Vec<bool> = history
        .types
        .iter()
        .map(|ty| match (&ty.forms[version - 1], &ty.forms[version]) {
            (Some(old), Some(new)) => {
                tokens(&old.input) == tokens(&new.input)
                    && old.facts.constraints() == new.facts.constraints()
                    && !converted(ty, old, new, &history.contract.versions[version].ident)
            }
            _ => false,
        })
        .collect();
    loop {
        let struck: Vec<usize> = (0..same.len())
            .filter(|&index| same[index])
            .filter(|&index| {
                let form = history.types[index].forms[version].as_ref();
                form.is_some_and(|form| {
                    !mentions(history, form)
                        .into_iter()
                        .all(|mentioned| same[mentioned])
                })
            })
            .collect();
        if struck.is_empty() {
            return same;
        }
        for index in struck {
            same[index] = false;
        }
    }
}

/// Whether the user wrote how values become other values of the same shape: the meaning of a member changed, its type did not.
fn converted(ty: &TypeHistory, old: &TypeForm, new: &TypeForm, version: &Ident) -> bool {
    match (&old.body, &new.body) {
        (Body::Struct(old), Body::Struct(new)) => converted_fields(&ty.members, old, new, version),
        (Body::Enum(old), Body::Enum(new)) => new.iter().any(|variant| {
            let members = &ty.members[variant.member].fields;
            let before = old.iter().find(|old| old.member == variant.member);
            before.is_some_and(|before| converted_fields(members, &before.fields, &variant.fields, version))
        }),
        _ => false,
    }
}

fn converted_fields(members: &[Member], old: &[FieldForm], new: &[FieldForm], version: &Ident) -> bool {
    let has = |fields: &[FieldForm], member| fields.iter().any(|field| field.member == member);
    let kept = |field: &FieldForm| {
        let changed = members[field.member].verbs.changed_at(version);
        changed.is_some_and(|changed| changed.upgrade.is_some() || changed.downgrade.is_some())
    };
    // A name that stands twice: the long form of the same.
    let came = |field: &FieldForm| members[field.member].verbs.upgrade.is_some();
    let went = |field: &FieldForm| members[field.member].verbs.downgrade.is_some();
    new.iter().any(|field| {
        if has(old, field.member) {
            kept(field)
        } else {
            came(field)
        }
    }) || old.iter().any(|field| !has(new, field.member) && went(field))
}

fn mentions(history: &History, form: &TypeForm) -> Vec<usize> {
    let known = |name: &str| history.type_index(name).is_some();
    let names = form.field_types().flat_map(|ty| mentioned(ty, &known));
    names
        .filter_map(|name| history.type_index(&name.to_string()))
        .collect()
}

/// The home of each trait in each version.
pub(super) fn traits(history: &History, homes: &[Vec<Option<usize>>]) -> Vec<Vec<Option<usize>>> {
    let known = |name: &str| history.type_index(name).is_some();
    let one = |name: &syn::Ident, version: usize| {
        history
            .type_index(&name.to_string())
            .is_none_or(|index| homes[index][version] == homes[index][version - 1])
    };
    let same_method = |old: &MethodForm, new: &MethodForm, version| {
        tokens(&old.item) == tokens(&new.item)
            && new.item.sig.inputs.iter().all(|input| match input {
                syn::FnArg::Typed(argument) => mentioned(&argument.ty, &known)
                    .iter()
                    .all(|name| one(name, version)),
                syn::FnArg::Receiver(_) => true,
            })
            && match &new.item.sig.output {
                syn::ReturnType::Type(_, ty) => mentioned(ty, &known).iter().all(|name| one(name, version)),
                syn::ReturnType::Default => true,
            }
    };
    history
        .traits
        .iter()
        .map(|history| {
            let mut homes: Vec<Option<usize>> = Vec::new();
            for (version, form) in history.forms.iter().enumerate() {
                let before = version.checked_sub(1).and_then(|v| history.forms[v].as_ref());
                homes.push(match (before, form) {
                    (_, None) => None,
                    (Some(old), Some(new))
                        if old.methods.len() == new.methods.len()
                            && old
                                .methods
                                .iter()
                                .zip(&new.methods)
                                .all(|(old, new)| same_method(old, new, version)) =>
                    {
                        homes[version - 1]
                    }
                    _ => Some(version),
                });
            }
            homes
        })
        .collect()
}

fn tokens(item: &impl quote::ToTokens) -> String {
    item.to_token_stream().to_string()
}
