//! What `upgrade` and `downgrade` of a variant name: another variant, or a function.

use syn::{Ident, Path};

use super::build::Context;
use super::{Body, Role, TypeHistory, VariantForm};
use crate::sink::Diagnostic;
use crate::words::nearest;

/// Reports what is meant as a variant and is none; it is as if nothing had been written there.
pub(super) fn check(ty: &mut TypeHistory, cx: &mut Context<'_>) {
    let mut members = std::mem::take(&mut ty.members);
    for member in members.iter_mut().filter(|_| ty.role != Role::Error) {
        let (first, end) = (member.range.start, member.range.end);
        let verbs = &mut member.verbs;
        let before = first.checked_sub(1).and_then(|before| form(ty, before));
        let targets = [
            (&mut verbs.downgrade, before),
            (&mut verbs.upgrade, form(ty, end)),
        ];
        for (function, target) in targets {
            let (Some(written), Some((version, target))) = (&*function, target) else {
                continue;
            };
            let Some(mistake) = mistake(&written.path, ty, version, target, cx) else {
                continue;
            };
            cx.sink.error(mistake);
            *function = None;
            verbs.told = true;
        }
    }
    ty.members = members;
}

fn form(ty: &TypeHistory, version: usize) -> Option<(usize, &[VariantForm])> {
    match &ty.forms.get(version)?.as_ref()?.body {
        Body::Enum(variants) => Some((version, variants)),
        Body::Struct(_) => None,
    }
}

fn mistake(
    path: &Path,
    ty: &TypeHistory,
    version: usize,
    target: &[VariantForm],
    cx: &Context<'_>,
) -> Option<Diagnostic> {
    let name = meant(path, &ty.ident)?;
    let (semver, module, owner) = (
        cx.decl.semver(version),
        &cx.decl.versions[version].ident,
        &ty.ident,
    );
    let units = target.iter().filter(|variant| variant.fields.is_empty());
    let units: Vec<String> = units.map(|variant| variant.ident.to_string()).collect();
    if let Some(found) = target.iter().find(|variant| variant.ident == *name) {
        if !found.fields.is_empty() {
            let text = format!("`{name}` of `{owner}` holds a value: a function has to make it");
            let help = format!("name a function that returns `{module}::{owner}`");
            return Some(Diagnostic::new("V0008", path, text).help(help));
        }
        if path.segments.len() == 1 {
            return None;
        }
        let text = "a variant is named without its type";
        return Some(Diagnostic::new("V0008", path, text).help(format!("write `{name}`")));
    }
    let text = format!("`{owner}` of {semver} has no variant `{name}`");
    let help = match nearest(&name.to_string(), units.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if units.is_empty() => format!("name a function that returns `{module}::{owner}`"),
        None => {
            let units: Vec<String> = units.iter().map(|name| format!("`{name}`")).collect();
            format!(
                "name one of {}, or a function that returns `{module}::{owner}`",
                units.join(", ")
            )
        }
    };
    Some(Diagnostic::new("V0007", path, text).help(help))
}

/// The last word of a path that is written as variants are: of one capitalised word, or behind the type.
fn meant<'a>(path: &'a Path, owner: &Ident) -> Option<&'a Ident> {
    let mut words = path.segments.iter().rev().map(|segment| &segment.ident);
    let name = words.next()?;
    let behind_type = words.next().is_none_or(|ty| ty == owner || ty == "Self");
    (behind_type && name.to_string().starts_with(char::is_uppercase)).then_some(name)
}
