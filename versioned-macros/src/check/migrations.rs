//! Every bridge that a client of an older version needs can be made, and none loses what nobody decided to lose.

mod loss;

use std::collections::{BTreeSet, HashSet};

use quote::ToTokens;
use syn::Type;

use super::compatibility::Broken;
use crate::model::references::{is_option, mentioned, qualified};
use crate::model::{Argument, Body, MadeUp, Member, OperationForm, TypeHistory};
use crate::parse::verbs::{Function, Verbs};
use crate::plan::bridges::{Bridged, Lost};
use crate::plan::conversions::{Conversion, Missing};
use crate::plan::{Direction, Plan};
use crate::sink::{Diagnostic, Sink};
use crate::words::readable;

/// Reports what is missing and what would be lost.
pub(super) fn check(plan: &Plan<'_>, broken: &Broken, sink: &mut Sink) {
    for ty in &plan.history.types {
        useless_verbs(ty, sink);
    }
    let mut told = HashSet::new();
    for (step, planned) in plan
        .steps
        .iter()
        .enumerate()
        .skip(plan.history.told.saturating_sub(1))
    {
        for bridged in &planned.bridged {
            required(plan, step, bridged, broken, &mut told, sink);
        }
        for bridged in &planned.bridged {
            loss::overwritten(plan, step, bridged, broken, &mut told, sink);
            loss::dropped(plan, step, bridged, broken, &mut told, sink);
        }
    }
}

/// What has been reported: the same gap is met by many operations.
type Told = HashSet<(usize, Lost, Direction)>;

/// The conversions that a newer implementation needs to answer the older version: requests up, answers down.
fn required(
    plan: &Plan<'_>,
    step: usize,
    bridged: &Bridged,
    broken: &Broken,
    told: &mut Told,
    sink: &mut Sink,
) {
    let Some(old) = plan.history.operation(step, &bridged.operation) else {
        return;
    };
    let Some(new) = plan.history.operation(step + 1, &bridged.operation) else {
        return;
    };
    if bridged.forward.is_some() || old.native_only || new.native_only {
        return;
    }
    arguments_kept(plan, step, old, new, sink);
    for argument in &old.arguments {
        gaps(
            plan,
            step,
            &argument.ty,
            Direction::Upgrade,
            old,
            broken,
            told,
            sink,
        );
    }
    gaps(
        plan,
        step,
        &new.output,
        Direction::Downgrade,
        old,
        broken,
        told,
        sink,
    );
}

/// An argument that came or went with this step says what becomes of it.
fn arguments_kept(plan: &Plan<'_>, step: usize, old: &OperationForm, new: &OperationForm, sink: &mut Sink) {
    let contract = &plan.history.contract;
    let newer = &contract.versions[step + 1].ident;
    let (from, to) = (contract.semver(step), contract.semver(step + 1));
    let is_in =
        |argument: &Argument, form: &OperationForm| form.arguments.iter().any(|a| a.ident == argument.ident);
    for argument in old.arguments.iter().filter(|argument| !is_in(argument, new)) {
        let Some(until) = argument.verbs.until.as_ref().filter(|until| *until == newer) else {
            continue;
        };
        if argument.verbs.lossy || argument.verbs.told {
            continue;
        }
        let text = format!(
            "`{}` would be lost: {from} has it, and {to} does not",
            argument.ident
        );
        sink.error(
            Diagnostic::new("V0303", until, text)
                .help("accept it: `lossy(reason = \"…\")`")
                .help(format!(
                    "or do not bridge the operation: `#[version(native_only)]` on `{}`",
                    old.name
                )),
        );
    }
    for argument in new.arguments.iter().filter(|argument| !is_in(argument, old)) {
        let Some(since) = argument.verbs.since.as_ref().filter(|since| *since == newer) else {
            continue;
        };
        let told = argument.verbs.told;
        if told || matches!(argument.verbs.default, MadeUp::By(_)) || is_option(&argument.ty) {
            continue;
        }
        let text = format!(
            "`{}` of `{}` has no upgrade: {from} does not say what it is in {to}",
            argument.ident, new.name
        );
        sink.error(
            Diagnostic::new("V0301", since, text)
                .help(format!(
                    "add `default = function` with `fn function() -> {}`, or `default`, or make it an `Option`",
                    readable(&argument.ty)
                ))
                .help(format!("or do not bridge the operation: `#[version(native_only)]` on `{}`", new.name)),
        );
    }
}

#[allow(clippy::too_many_arguments)] // one call site a direction; a struct would only rename them
fn gaps(
    plan: &Plan<'_>,
    step: usize,
    ty: &Type,
    direction: Direction,
    operation: &OperationForm,
    broken: &Broken,
    told: &mut Told,
    sink: &mut Sink,
) {
    let (from, _) = direction.ends(step);
    for index in reached(plan, ty, from) {
        let Some(conversions) = &plan.steps[step].conversions[index] else {
            continue;
        };
        let conversion = match direction {
            Direction::Upgrade => &conversions.upgrade,
            Direction::Downgrade => &conversions.downgrade,
        };
        report(
            plan, step, index, conversion, direction, operation, broken, told, sink,
        );
    }
}

#[allow(clippy::too_many_arguments)] // as above
fn report(
    plan: &Plan<'_>,
    step: usize,
    index: usize,
    conversion: &Conversion,
    direction: Direction,
    operation: &OperationForm,
    broken: &Broken,
    told: &mut Told,
    sink: &mut Sink,
) {
    let ty = &plan.history.types[index];
    for missing in &conversion.missing {
        let lost = Lost {
            ty: index,
            member: missing.member,
            field: missing.field,
        };
        let member = member(ty, &lost);
        let reported = broken.contains(&(step + 1, ty.ident.to_string(), member.name.clone()));
        let reported = reported || member.verbs.told || is_beside_changed(ty, member);
        if reported || !told.insert((step, lost, direction)) {
            continue;
        }
        sink.error(message(plan, step, ty, member, missing, direction, operation));
    }
}

fn message(
    plan: &Plan<'_>,
    step: usize,
    ty: &TypeHistory,
    member: &Member,
    missing: &Missing,
    direction: Direction,
    operation: &OperationForm,
) -> Diagnostic {
    let contract = &plan.history.contract;
    let (from, to) = direction.ends(step);
    let (code, word) = match direction {
        Direction::Upgrade => ("V0301", "upgrade"),
        Direction::Downgrade => ("V0302", "downgrade"),
    };
    let (from_name, to_name, owner) = (
        &contract.versions[from].ident,
        &contract.versions[to].ident,
        &ty.ident,
    );
    let note = format!(
        "`{}` of {} is answered through {} and needs it",
        operation.ident,
        contract.semver(step),
        contract.semver(step + 1),
    );
    if let Some(opaque) = &missing.opaque {
        let text = format!(
            "`{}` of `{owner}` cannot be converted from {} to {}: `{}` cannot be seen through",
            member.name,
            contract.semver(from),
            contract.semver(to),
            readable(opaque),
        );
        return Diagnostic::new(code, &member.token, text)
            .help(format!(
                "use what can be seen through (`Option`, `Box`, `Arc`, `Rc`, arrays, tuples, `Vec`, `VecDeque`, `LinkedList`, sets, and the values of maps), or say how: `#[version(changed({}, from = {}, upgrade = function, downgrade = function))]`",
                contract.versions[from.max(to)].ident,
                readable(field_type(ty, missing, from.min(to)).unwrap_or(opaque)),
            ))
            .note(note);
    }
    let text = format!(
        "`{}` of `{owner}` has no {word}: {} does not say what it is in {}",
        member.name,
        contract.semver(from),
        contract.semver(to),
    );
    let variant =
        missing.field.is_none() && plan.history.types.iter().any(|t| t.ident == *owner && is_enum(t));
    let newer = &contract.versions[from.max(to)].ident;
    let explicit = plan.history.is_explicit();
    let gone = member.range.end <= from.max(to);
    let help = if member.verbs.changed_at(newer).is_some() {
        let written = |version: usize| {
            let known = |name: &str| plan.history.type_index(name).is_some();
            let module = &contract.versions[version].ident;
            let ty = field_type(ty, missing, version).map(|ty| readable(&qualified(ty, module, &known)));
            ty.unwrap_or_else(|| "…".to_owned())
        };
        let (given, wanted) = (written(from), written(to));
        let place = if explicit {
            "to it".to_owned()
        } else {
            format!("to `changed({newer}, …)`")
        };
        format!(
            "add `{word} = function` {place} with `fn function(value: {given}) -> {wanted}`, or `try_{word} = function` if not every value has one"
        )
    } else if missing.field.is_some() {
        "add `#[version(default)]` to it, or convert the whole variant".to_owned()
    } else {
        let (form, otherwise) = if variant {
            let form = format!("fn function(value: {from_name}::{owner}) -> {to_name}::{owner}");
            (form, format!("`{word} = Variant`"))
        } else {
            let wanted = field_type(ty, missing, to).map_or_else(|| "…".to_owned(), readable);
            let form = format!("fn function(value: &{from_name}::{owner}) -> {wanted}");
            (form, "`default`".to_owned())
        };
        if explicit && gone {
            let name = &member.name;
            format!("add `#[version(removed({name}, {word} = function))]` to `{owner}` with `{form}`")
        } else {
            format!("add `{word} = function` with `{form}`, or {otherwise}")
        }
    };
    let token = if explicit && gone {
        ty.written_in(from.max(to)).to_token_stream()
    } else if explicit {
        member.token.clone()
    } else {
        verb_token(&member.verbs, newer, direction).unwrap_or(member.token.clone())
    };
    Diagnostic::new(code, token, text).help(help).note(note)
}

fn is_enum(ty: &TypeHistory) -> bool {
    ty.forms
        .iter()
        .flatten()
        .any(|form| matches!(form.body, Body::Enum(_)))
}

/// The type that a field has in a version.
fn field_type<'a>(ty: &'a TypeHistory, missing: &Missing, version: usize) -> Option<&'a Type> {
    let (fields, index) = match (&ty.forms[version].as_ref()?.body, missing.field) {
        (Body::Struct(fields), _) => (fields, missing.member),
        (Body::Enum(variants), Some(field)) => {
            let variant = variants.iter().find(|v| v.member == missing.member)?;
            (&variant.fields, field)
        }
        (Body::Enum(_), None) => return None,
    };
    fields.iter().find(|f| f.member == index).map(|f| &f.ty)
}

/// The token that made the difference: `since` where a value has to be made for it, `until` where it went away.
fn verb_token(verbs: &Verbs, newer: &syn::Ident, direction: Direction) -> Option<proc_macro2::TokenStream> {
    if let Some(changed) = verbs.changed_at(newer) {
        return Some(changed.version.to_token_stream());
    }
    let ident = match direction {
        Direction::Upgrade => verbs.since.as_ref().or(verbs.until.as_ref()),
        Direction::Downgrade => verbs.until.as_ref().or(verbs.since.as_ref()),
    };
    ident.map(ToTokens::to_token_stream)
}

fn member<'a>(ty: &'a TypeHistory, lost: &Lost) -> &'a Member {
    let member = &ty.members[lost.member];
    lost.field.map_or(member, |field| &member.fields[field])
}

/// Verbs that nothing will ever ask for.
fn useless_verbs(ty: &TypeHistory, sink: &mut Sink) {
    let (variants, outer) = (is_enum(ty), &ty.range);
    for member in &ty.members {
        let (added, removed) = (member.range.start > outer.start, member.range.end < outer.end);
        let (name, verbs) = (&member.name, &member.verbs);
        if verbs.told {
            continue;
        }
        if is_beside_changed(ty, member) {
            for (word, function) in [("upgrade", &verbs.upgrade), ("downgrade", &verbs.downgrade)] {
                if let Some(Function { path, .. }) = function {
                    let text = format!("`{word}` stands beside `changed`, and belongs to it");
                    let help = format!(
                        "move it into the parentheses: `changed(…, {word} = {})`",
                        text_of(path)
                    );
                    sink.error(Diagnostic::new("V0304", path, text).help(help));
                }
            }
            continue;
        }
        // A field is made where it appears; a variant is converted where it disappears.
        let (upgrades, downgrades) = if variants {
            (removed, added)
        } else {
            (added, removed)
        };
        if let (Some(function), false) = (&verbs.upgrade, upgrades) {
            let why = if variants { "`until`" } else { "`since`" };
            sink.error(
                Diagnostic::new(
                    "V0304",
                    &function.path,
                    format!("`upgrade` has no use on `{name}`, which has no {why}"),
                )
                .help("say in which version it changes, or remove `upgrade`"),
            );
        }
        if let (Some(function), false) = (&verbs.downgrade, downgrades) {
            let why = if variants { "`since`" } else { "`until`" };
            sink.error(
                Diagnostic::new(
                    "V0304",
                    &function.path,
                    format!("`downgrade` has no use on `{name}`, which has no {why}"),
                )
                .help("say in which version it changes, or remove `downgrade`"),
            );
        }
        if verbs.default.is_some() && !added && !removed {
            sink.error(
                Diagnostic::new(
                    "V0304",
                    &member.token,
                    format!("`default` has no use on `{name}`, which is in all versions"),
                )
                .help("say in which version it changes, or remove `default`"),
            );
        }
        if variants {
            fields_of_variant(member, sink);
        }
        for field in std::iter::once(member).chain(&member.fields) {
            changes_of_nothing(ty, field, sink);
        }
    }
}

/// Whether functions of a member that is in all versions stand beside `changed` instead of inside.
fn is_beside_changed(ty: &TypeHistory, member: &Member) -> bool {
    let verbs = &member.verbs;
    let written = verbs.upgrade.is_some() || verbs.downgrade.is_some();
    written && !verbs.changed.is_empty() && member.range == ty.range
}

fn text_of(path: &syn::Path) -> String {
    path.to_token_stream().to_string().replace(' ', "")
}

/// A change to the type that it was, with no function that could make other values of it.
fn changes_of_nothing(ty: &TypeHistory, member: &Member, sink: &mut Sink) {
    let text = |ty: &Type| ty.to_token_stream().to_string();
    let written = member
        .range
        .end
        .checked_sub(1)
        .and_then(|last| ty.field_type(member, last));
    let later = member.verbs.changed.iter().skip(1).map(|changed| &changed.from);
    let becomes = later.map(Some).chain([written]);
    for (changed, becomes) in member.verbs.changed.iter().zip(becomes) {
        let by_itself = changed.upgrade.is_none() && changed.downgrade.is_none();
        if by_itself && becomes.is_some_and(|becomes| text(becomes) == text(&changed.from)) {
            let name = &member.name;
            let text = format!("`changed` changes nothing: `{name}` has this type after it, too");
            let help =
                "name the older type, or the functions that make other values of it, or remove `changed`";
            sink.error(Diagnostic::new("V0304", &changed.from, text).help(help));
        }
    }
}

fn fields_of_variant(variant: &Member, sink: &mut Sink) {
    for field in &variant.fields {
        if field.verbs.default.is_some() && field.range == variant.range {
            sink.error(
                Diagnostic::new(
                    "V0304",
                    &field.token,
                    format!("`default` has no use on `{}`", field.name),
                )
                .help("say in which version the field changes, or remove `default`"),
            );
        }
    }
}

/// The types of the contract that a written type reaches in a version.
fn reached(plan: &Plan<'_>, ty: &Type, version: usize) -> BTreeSet<usize> {
    let history = plan.history;
    let known = |name: &str| history.type_index(name).is_some();
    let indices = |ty: &Type| -> Vec<usize> {
        mentioned(ty, &known)
            .iter()
            .filter_map(|name| history.type_index(&name.to_string()))
            .collect()
    };
    let mut reached = BTreeSet::new();
    let mut open = indices(ty);
    while let Some(index) = open.pop() {
        if reached.insert(index)
            && let Some(form) = &history.types[index].forms[version]
        {
            open.extend(form.field_types().flat_map(indices));
        }
    }
    reached
}
