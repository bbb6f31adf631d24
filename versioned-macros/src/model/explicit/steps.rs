//! What the verbs of one version say of the version before: renames and removals; ranges have no use there.

use quote::ToTokens as _;
use syn::{Ident, Item, UseTree};

use super::name_of;
use crate::model::build::Context;
use crate::model::{Body, History, Member, OperationForm, TypeForm};
use crate::parse::verbs::Verbs;
use crate::sink::{Diagnostic, Sink};

/// Ranges belong to the form in which one item stands for all versions.
pub(in crate::model) fn refuse_ranges(verbs: &Verbs, cx: &mut Context<'_>) {
    let deprecated = verbs
        .deprecated
        .as_ref()
        .and_then(|deprecated| deprecated.since.as_ref());
    let ranges = [
        ("since", verbs.since.as_ref()),
        ("until", verbs.until.as_ref()),
        ("since", deprecated),
    ];
    for (word, token) in ranges {
        if let Some(token) = token {
            cx.sink.error(
                Diagnostic::new(
                    "V0304",
                    token,
                    format!("`{word}` has no use where each version is written out"),
                )
                .help("remove it: what a version has stands in its module, and nothing else"),
            );
        }
    }
}

/// An item is known by its name over the versions.
pub(in crate::model) fn refuse_renamed_item(verbs: &Verbs, cx: &mut Context<'_>) {
    for renamed in &verbs.renamed {
        let old = &renamed.from;
        let text = "an item keeps its name where each version is written out";
        let help = format!(
            "call it `{old}` here, too, and write `pub use self::{old} as …;` beside it: items are known by their names"
        );
        cx.sink.error(Diagnostic::new("V0304", old, text).help(help));
    }
}

/// Reports what the version before is taken from as a whole, or under another name; what it has of these is known by its own name.
pub(super) fn refuse_uses(items: &[Item], history: &History, version: usize, sink: &mut Sink) -> Vec<Ident> {
    let mut used = Vec::new();
    let Some(before) = version.checked_sub(1) else {
        return used;
    };
    let module = &history.contract.versions[before].ident;
    let types = history
        .types
        .iter()
        .filter(|ty| ty.forms[before].is_some())
        .map(|ty| &ty.ident);
    let traits = history
        .traits
        .iter()
        .filter(|item| item.forms[before].is_some())
        .map(|item| &item.ident);
    let written = |name: &Ident| {
        items.iter().any(|item| match item {
            Item::Struct(item) => item.ident == *name,
            Item::Enum(item) => item.ident == *name,
            Item::Trait(item) => item.ident == *name,
            _ => false,
        })
    };
    let names: Vec<&Ident> = types.chain(traits).filter(|name| !written(name)).collect();
    for item in items {
        let Item::Use(item) = item else { continue };
        if matches!(item.vis, syn::Visibility::Inherited) {
            continue;
        }
        for leaf in leaves_of(&item.tree, module, false) {
            let (text, help) = match leaf {
                UseTree::Glob(_) => {
                    used.extend(names.iter().copied().cloned());
                    let name = names
                        .first()
                        .map_or_else(|| "Order".to_owned(), ToString::to_string);
                    let text = "what a version keeps of the one before is named item by item".to_owned();
                    (
                        text,
                        format!("name each item: `pub use super::{module}::{name};`"),
                    )
                }
                UseTree::Rename(rename) if names.contains(&&rename.ident) => {
                    let (old, new) = (&rename.ident, &rename.rename);
                    used.push(old.clone());
                    let text = "an item keeps its name where each version is written out".to_owned();
                    let help = format!(
                        "write `pub use super::{module}::{old};` and `{old}` in this version, and `pub use self::{old} as {new};` beside it"
                    );
                    (text, help)
                }
                _ => continue,
            };
            sink.error(Diagnostic::new("V0011", leaf, text).help(help));
        }
    }
    used
}

/// Names one by one what a refused `use` takes as a whole: with everything else, it would bring hidden names of the version before.
pub(super) fn name_each(tree: &mut UseTree, module: &Ident, names: &[Ident], inside: bool) {
    match tree {
        UseTree::Path(path) => {
            let inside = path.ident == *module;
            name_each(&mut path.tree, module, names, inside);
        }
        UseTree::Group(group) => {
            let items = group.items.iter_mut();
            items.for_each(|tree| name_each(tree, module, names, inside));
        }
        UseTree::Glob(_) if inside => *tree = syn::parse_quote!({ #(#names),* }),
        _ => {}
    }
}

/// What a `use` takes out of a module.
fn leaves_of<'a>(tree: &'a UseTree, module: &Ident, inside: bool) -> Vec<&'a UseTree> {
    match tree {
        UseTree::Path(path) => leaves_of(&path.tree, module, path.ident == *module),
        UseTree::Group(group) => {
            let items = group.items.iter();
            items.flat_map(|tree| leaves_of(tree, module, inside)).collect()
        }
        leaf => inside.then_some(leaf).into_iter().collect(),
    }
}

/// An operation that is called otherwise than in the version before is known by what that was known by.
pub(in crate::model) fn operation_before(
    renamed: &mut Vec<(usize, Ident)>,
    operation: &mut Option<OperationForm>,
    version: usize,
    cx: &mut Context<'_>,
) {
    let Some((at, old)) = std::mem::take(renamed).into_iter().next() else {
        return;
    };
    if at != version {
        let here = cx.decl.versions[version].ident.clone();
        let text = format!(
            "`{}` is not the version that is written here",
            cx.decl.versions[at].ident
        );
        cx.sink.error(
            Diagnostic::new("V0007", &old, text).help(format!("write `renamed({here}, from = {old})`")),
        );
        return;
    }
    let before = version.checked_sub(1);
    let forms = cx.traits.iter().filter_map(|item| item.forms[before?].as_ref());
    let mut methods = forms
        .flat_map(|form| &form.methods)
        .filter_map(|method| method.operation.as_ref());
    let known_by = methods
        .find(|operation| operation.name == old)
        .map(|operation| operation.ident.clone());
    match (known_by, operation) {
        (Some(known_by), Some(operation)) => operation.ident = known_by,
        (Some(_), None) => {}
        (None, _) => unknown_before(&old, "operation", "renamed", cx),
    }
}

/// The name before this version, if `renamed` says that there was another.
pub(super) fn renamed_here(verbs: &mut Verbs, version: usize, cx: &mut Context<'_>) -> Option<Ident> {
    let mut old = None;
    for renamed in std::mem::take(&mut verbs.renamed) {
        match cx.version(&renamed.version) {
            Some(at) if at == version => old = Some(renamed.from),
            Some(_) => {
                let here = cx.decl.versions[version].ident.clone();
                let text = format!("`{}` is not the version that is written here", renamed.version);
                cx.sink
                    .error(Diagnostic::new("V0007", &renamed.version, text).help(format!("write `{here}`")));
            }
            None => {}
        }
    }
    old
}

pub(super) fn unknown_before(name: &Ident, what: &str, verb: &str, cx: &mut Context<'_>) {
    let text = format!("the version before has no {what} `{name}`");
    cx.sink.error(
        Diagnostic::new("V0007", name, text)
            .help(format!("name what it was called there, or remove this `{verb}`")),
    );
}

/// How members that only the version before has are made from a value of this one, and the other way round.
pub(super) fn removed(
    verbs: &Verbs,
    before: Option<&TypeForm>,
    members: &mut [Member],
    version: usize,
    cx: &mut Context<'_>,
) {
    for removed in &verbs.removed {
        let name = &removed.name;
        let index = before.and_then(|form| match &form.body {
            Body::Struct(fields) => fields
                .iter()
                .find(|field| *name == name_of(&field.access))
                .map(|field| field.member),
            Body::Enum(variants) => variants
                .iter()
                .find(|variant| variant.ident == *name)
                .map(|variant| variant.member),
        });
        match index.map(|index| &mut members[index]) {
            None => unknown_before(name, "member", "removed", cx),
            Some(member) if member.range.end > version => {
                let text = format!("`{name}` was not removed: this version has it, too");
                cx.sink
                    .error(Diagnostic::new("V0304", name, text).help("remove this `removed`"));
            }
            Some(member) => {
                member.token = name.to_token_stream();
                member.verbs.upgrade.clone_from(&removed.upgrade);
                member.verbs.downgrade.clone_from(&removed.downgrade);
                member.verbs.lossy.clone_from(&removed.lossy);
            }
        }
    }
}
