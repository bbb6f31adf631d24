//! The names that operations and items had before.

use std::ops::Range;

use syn::Ident;

use super::build::Context;
use super::types::changes_within;
use crate::parse::verbs::Verbs;
use crate::sink::Diagnostic;

/// The names before versions, as `renamed` says them.
pub(crate) type Former = Vec<(usize, Ident)>;

/// The former names of something that is in the versions of `own`.
pub(super) fn former(verbs: &Verbs, own: &Range<usize>, what: &str, cx: &mut Context<'_>) -> Former {
    changes_within(verbs, own, what, cx);
    let decl = cx.decl;
    let place = |name: &Ident| decl.versions.iter().position(|version| version.ident == *name);
    let named = verbs.renamed.iter();
    named
        .filter_map(|renamed| Some((place(&renamed.version)?, renamed.from.clone())))
        .collect()
}

/// The name in a version: what the next rename says that it was, or the one that is written.
pub(crate) fn name_in<'a>(former: &'a Former, written: &'a Ident, version: usize) -> &'a Ident {
    let later = former.iter().filter(|(at, _)| version < *at);
    later.min_by_key(|(at, _)| *at).map_or(written, |(_, name)| name)
}

/// Reports former names of items that another item of the same version has.
pub(super) fn refuse_taken(cx: &mut Context<'_>) {
    let mut items: Vec<(&Ident, &Former, Vec<bool>)> = Vec::new();
    for ty in &cx.types {
        items.push((
            &ty.ident,
            &ty.former,
            ty.forms.iter().map(Option::is_some).collect(),
        ));
    }
    for item in &cx.traits {
        items.push((
            &item.ident,
            &item.former,
            item.forms.iter().map(Option::is_some).collect(),
        ));
    }
    let mut taken = Vec::new();
    for (position, (ident, former, present)) in items.iter().enumerate() {
        for version in (0..present.len()).filter(|version| present[*version]) {
            let name = name_in(former, ident, version);
            if name == *ident {
                continue;
            }
            let others = items.iter().enumerate().filter(|(other, _)| *other != position);
            let mut names = others.filter(|(_, (_, _, present))| present[version]);
            if names.any(|(_, (other, former, _))| *other == name || name_in(former, other, version) == name)
            {
                taken.push((name.clone(), version));
                break;
            }
        }
    }
    for (name, version) in taken {
        let text = format!(
            "`{name}` is the name of another item in {}",
            cx.decl.semver(version)
        );
        let help = "name what it was called; the other item has to begin later, or have another name";
        cx.sink.error(Diagnostic::new("V0010", &name, text).help(help));
        // It was told; rustc need not tell it again.
        let types = cx.types.iter_mut().map(|ty| &mut ty.former);
        for former in types.chain(cx.traits.iter_mut().map(|item| &mut item.former)) {
            former.retain(|(_, former)| *former != name);
        }
    }
}
