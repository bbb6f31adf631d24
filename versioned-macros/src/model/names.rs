//! The names that a contract gives what it generates: no two of them meet, and none that the user wrote.

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Ident, Item, UseTree};

use super::{ContractDecl, VersionDecl};
use crate::sink::{Diagnostic, Sink};

/// The methods that every builder has, beside one for each version.
const OF_BUILDERS: [&str; 2] = ["build", "config"];

/// `v1_1` is marked by `V1_1`.
pub(super) fn marker(ident: &Ident) -> Ident {
    let name = ident.unraw().to_string();
    let mut chars = name.chars();
    let upper: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(chars)
        .collect();
    let upper = if upper == name || syn::parse_str::<Ident>(&upper).is_err() {
        format!("{upper}Marker")
    } else {
        upper
    };
    Ident::new(&upper, Span::call_site().located_at(ident.span()))
}

/// What is wrong with the name of a version; `taken` are the names of what stands beside its module.
pub(super) fn of_version(ident: &Ident, earlier: &[VersionDecl], taken: &[Ident]) -> Option<Diagnostic> {
    let refuse = |text: String, help: &str| Some(Diagnostic::new("V0003", ident, text).help(help));
    let (name, marker) = (ident.unraw().to_string(), marker(ident));
    let is_keyword = syn::parse2::<Ident>(ident.to_token_stream()).is_err();
    if is_keyword || !name.starts_with(|c: char| c.is_alphabetic()) {
        let text = format!("`{ident}` cannot be the name of a version");
        return refuse(text, "write a name that a module can have, such as `v1`");
    }
    if OF_BUILDERS.contains(&&*name) {
        let text = format!("a builder has a method `{name}` already, and one for each version");
        return refuse(text, "give the version another name, such as `v1`");
    }
    let meets = |other: &Ident| *other == marker || *other == *ident;
    if let Some(other) = taken.iter().find(|other| meets(other)) {
        let text = format!("the version `{ident}` and what is generated would both be called `{other}`");
        return refuse(text, "give the version another name, such as `v1`");
    }
    let twin = earlier.iter().find(|version| {
        let known = version.ident.unraw().to_string();
        known.to_uppercase() == name.to_uppercase() || meets(&version.marker) || version.ident == marker
    })?;
    if twin.ident == *ident {
        return refuse(
            format!("`{ident}` is declared twice"),
            "give each version a name of its own",
        );
    }
    let text = format!(
        "`{ident}` and `{}` are too much alike: both have markers named after them",
        twin.ident
    );
    refuse(text, "give each version a name of its own, such as `v1` and `v2`")
}

/// Reports names of `names(…)` that stand twice; the later one is as if it had not been written.
pub(super) fn of_generated(written: [Option<Ident>; 4], sink: &mut Sink) -> [Ident; 4] {
    let mut names =
        ["Service", "Builder", "Handle", "Version"].map(|name| Ident::new(name, Span::call_site()));
    for (position, written) in written.into_iter().enumerate() {
        let Some(written) = written else { continue };
        let mut others = names.iter().enumerate().filter(|(other, _)| *other != position);
        if others.any(|(_, other)| *other == written) {
            let text = format!("`{written}` is the name of two things that are generated");
            let help = "give each of them a name of its own";
            sink.error(Diagnostic::new("V0010", &written, text).help(help));
            continue;
        }
        names[position] = written;
    }
    names
}

/// Takes items out that have the name of what is generated beside them.
pub(super) fn refuse_items(items: &mut Vec<Item>, decl: &ContractDecl, sink: &mut Sink) {
    items.retain(|item| {
        let taken = named(item).into_iter().find_map(|ident| {
            let what = generated(&ident, item, decl)?;
            Some((ident, what))
        });
        if let Some((ident, what)) = &taken {
            let text = format!("`{ident}` is {what}");
            let help = format!("give this another name; `{ident}` stands in the module by itself");
            sink.error(Diagnostic::new("V0010", ident, text).help(help));
        }
        taken.is_none()
    });
}

/// The names that an item has in the module. What is imported under a small first letter may be a function.
fn named(item: &Item) -> Vec<Ident> {
    fn leaves(tree: &UseTree, into: &mut Vec<Ident>) {
        match tree {
            UseTree::Path(path) => leaves(&path.tree, into),
            UseTree::Name(name) => into.push(name.ident.clone()),
            UseTree::Rename(rename) => into.push(rename.rename.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, into)),
            UseTree::Glob(_) => {}
        }
    }
    match item {
        Item::Mod(item) => vec![item.ident.clone()],
        Item::Type(item) => vec![item.ident.clone()],
        Item::Const(item) => vec![item.ident.clone()],
        Item::Static(item) => vec![item.ident.clone()],
        Item::Use(item) => {
            let mut names = Vec::new();
            leaves(&item.tree, &mut names);
            names.retain(|name| name.to_string().starts_with(char::is_uppercase));
            names
        }
        _ => Vec::new(),
    }
}

/// What of the same name is generated. Markers are values, too; nothing else is.
fn generated(ident: &Ident, item: &Item, decl: &ContractDecl) -> Option<String> {
    if let Some(version) = decl.versions.iter().find(|version| version.marker == *ident) {
        return Some(format!("the marker of {}", version.semver));
    }
    if matches!(item, Item::Const(_) | Item::Static(_)) {
        return None;
    }
    if let Some(version) = decl.versions.iter().find(|version| version.ident == *ident) {
        return Some(format!("the module of {}", version.semver));
    }
    let served = [&decl.service, &decl.builder, &decl.handle];
    let is_generated = decl.version == *ident || (decl.runtime && served.contains(&ident));
    is_generated.then(|| "generated here".to_owned())
}
