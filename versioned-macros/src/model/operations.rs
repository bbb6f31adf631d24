//! Traits and their operations, projected on each version.

mod arguments;
mod marked;
mod signature;

use std::collections::HashSet;
use std::ops::Range;

use syn::visit_mut::VisitMut as _;
use syn::{FnArg, Ident, ItemTrait, LitInt, Pat, TraitItem, TraitItemFn, Type};
use versioned_core::contract::Method;

use super::build::Context;
use super::projection::OneDown;
use super::renames::{self, Former};
use super::{MethodForm, OperationForm, Source, TraitForm, TraitHistory};
use super::{dated, explicit};
use crate::constraints::{self, Said};
use crate::parse::http::{self, Mark};
use crate::parse::marks::{self, Marks};
use crate::parse::openapi;
use crate::parse::verbs::{Place, Verbs};
use crate::responses;
use crate::schema;
use crate::sink::Diagnostic;

/// A method before it is projected.
struct Declared {
    item: TraitItemFn,
    range: Range<usize>,
    operation: Option<OperationForm>,
    /// What is demanded of the arguments, by position.
    said: Vec<Vec<Said>>,
    /// The history of the arguments, by position.
    parameters: Vec<arguments::Parameter>,
    renamed: Former,
    /// That it will go; what its trait says, where it says nothing itself.
    deprecated: Vec<Said>,
}

/// Adds a trait to the history.
pub(super) fn add(mut item: ItemTrait, cx: &mut Context<'_>) {
    let verbs = cx.verbs(&mut item.attrs, Place::Item);
    constraints::refuse_on(&mut item.attrs, "a trait", cx.sink);
    cx.attributes(&mut item.attrs);
    let marks = marked::of_trait(&mut item, cx);
    let range = cx.range(&verbs, &(0..cx.decl.versions.len()));
    let former = renames::former(&verbs, &range, "trait", cx);
    let deprecated = cx.deprecated(&verbs, &item.attrs, &range);
    if cx.traits.iter().any(|t| t.ident == item.ident) {
        cx.sink.error(
            Diagnostic::new(
                "V0010",
                &item.ident,
                format!("trait `{}` is declared twice", item.ident),
            )
            .help("write it once: `since` and `until` on its methods say what changes"),
        );
        return;
    }
    refuse_generics(&mut item, cx);
    let mut methods = declare_all(&mut item, &range, &marks, &deprecated, cx);
    refuse_twins(&mut methods, &item.ident, cx);
    OneDown.visit_item_trait_mut(&mut item);
    let forms = (0..cx.decl.versions.len())
        .map(|version| {
            range
                .contains(&version)
                .then(|| project(&item, &methods, version, cx))
        })
        .collect();
    cx.traits.push(TraitHistory {
        ident: item.ident,
        former,
        forms,
    });
}

/// A trait that is written out for one version.
pub(super) fn written_out(mut item: ItemTrait, version: usize, cx: &mut Context<'_>) -> TraitForm {
    let verbs = cx.verbs(&mut item.attrs, Place::Item);
    explicit::refuse_ranges(&verbs, cx);
    explicit::refuse_renamed_item(&verbs, cx);
    constraints::refuse_on(&mut item.attrs, "a trait", cx.sink);
    cx.attributes(&mut item.attrs);
    let marks = marked::of_trait(&mut item, cx);
    refuse_generics(&mut item, cx);
    let range = 0..cx.decl.versions.len();
    let deprecated = cx.deprecated(&verbs, &item.attrs, &range);
    let mut methods = declare_all(&mut item, &range, &marks, &deprecated, cx);
    refuse_twins(&mut methods, &item.ident, cx);
    for method in &mut methods {
        explicit::operation_before(&mut method.renamed, &mut method.operation, version, cx);
        arguments::refuse_history(&method.parameters, cx);
    }
    for said in methods.iter().flat_map(|method| method.said.iter().flatten()) {
        constraints::refuse_ranges(std::slice::from_ref(&said.openapi), cx.sink);
    }
    project(&item, &methods, version, cx)
}

fn project(shell: &ItemTrait, methods: &[Declared], version: usize, cx: &mut Context<'_>) -> TraitForm {
    let present = methods.iter().filter(|method| method.range.contains(&version));
    let methods = present
        .map(|method| {
            let (mut operation, mut item) = (method.operation.clone(), method.item.clone());
            let name = method.name_in(version);
            item.sig.ident = name.clone();
            arguments::project(&mut item, &method.parameters, version);
            if let Some(operation) = &mut operation {
                operation.name = name.clone();
                arguments::constrain(operation, &method.said, version, cx);
                operation.arguments = arguments::present(&operation.arguments, &method.parameters, version);
                operation.marks.deprecation = dated::in_version(&method.deprecated, version);
            }
            MethodForm { item, operation }
        })
        .collect();
    TraitForm {
        shell: shell.clone(),
        methods,
    }
}

fn refuse_generics(item: &mut ItemTrait, cx: &mut Context<'_>) {
    if let Some(token) = item.unsafety.take() {
        let text = format!("trait `{}` is unsafe to implement", item.ident);
        let help = "remove `unsafe`: what an implementation promises is what the contract says";
        cx.sink.error(Diagnostic::new("V0011", token, text).help(help));
    }
    if item.generics.params.is_empty() {
        return;
    }
    cx.sink.error(
        Diagnostic::new(
            "V0006",
            &item.generics,
            format!("trait `{}` has generic parameters", item.ident),
        )
        .help("remove them: an interface has one meaning (generic traits are not supported yet)"),
    );
    item.generics = syn::Generics::default();
}

/// Takes the operations out of the trait.
fn declare_all(
    item: &mut ItemTrait,
    range: &Range<usize>,
    of_trait: &Marks,
    deprecated: &[Said],
    cx: &mut Context<'_>,
) -> Vec<Declared> {
    let mut methods = Vec::new();
    let items = std::mem::take(&mut item.items);
    let names = dated::names(items.iter().filter_map(|member| match member {
        TraitItem::Fn(method) => Some(&method.sig.ident),
        _ => None,
    }));
    for member in items {
        match member {
            TraitItem::Fn(method) => {
                let mut declared = declare(method, range, of_trait, &names, cx);
                if declared.deprecated.is_empty() {
                    declared.deprecated.extend(deprecated.iter().cloned());
                }
                methods.push(declared);
            }
            other => cx.sink.error(
                Diagnostic::new(
                    "V0011",
                    &other,
                    "a contract trait holds operations only".to_owned(),
                )
                .help("move this to a trait of its own, outside of the contract"),
            ),
        }
    }
    methods
}

/// Operations of one name in two traits: the later one is given back as a method that is none.
pub(super) fn refuse_twins_of_traits(cx: &mut Context<'_>) {
    let mut told = HashSet::new();
    for version in 0..cx.decl.versions.len() {
        let mut taken = HashSet::new();
        let forms = cx
            .traits
            .iter_mut()
            .filter_map(|item| item.forms.get_mut(version)?.as_mut());
        for method in forms.flat_map(|form| &mut form.methods) {
            let Some(operation) = &method.operation else {
                continue;
            };
            let ident = operation.ident.clone();
            if taken.insert(ident.clone()) {
                continue;
            }
            method.operation = None;
            if told.insert(ident.clone()) {
                let semver = cx.decl.semver(version);
                let text = format!("two traits of {semver} have an operation `{ident}`");
                let help = "rename one: an operation has one name in its contract";
                cx.sink.error(Diagnostic::new("V0010", &ident, text).help(help));
            }
        }
    }
}

fn refuse_twins(methods: &mut [Declared], owner: &Ident, cx: &mut Context<'_>) {
    for position in 0..methods.len() {
        let (earlier, later) = methods.split_at_mut(position);
        let Some(method) = later.first_mut() else { continue };
        let twin = earlier.iter().find_map(|earlier| {
            let mut both =
                earlier.range.start.max(method.range.start)..earlier.range.end.min(method.range.end);
            both.find(|version| earlier.name_in(*version) == method.name_in(*version))
        });
        if let Some(version) = twin {
            let ident = method.name_in(version);
            cx.sink.error(
                Diagnostic::new(
                    "V0010",
                    ident,
                    format!("`{ident}` stands twice in `{owner}` of {}", cx.decl.semver(version)),
                )
                .help("give the two ranges that do not meet: `until = …` on the older, `since = …` on the newer"),
            );
            // It was told; rustc need not tell it again.
            method.range.end = method.range.start;
        }
    }
}

fn declare(
    mut item: TraitItemFn,
    range: &Range<usize>,
    of_trait: &Marks,
    names: &[String],
    cx: &mut Context<'_>,
) -> Declared {
    let before = cx.sink.len();
    let verbs = cx.verbs(&mut item.attrs, Place::Method);
    constraints::refuse_on(&mut item.attrs, "a method", cx.sink);
    cx.attributes(&mut item.attrs);
    let own = cx.range(&verbs, range);
    let deprecated = cx.deprecated(&verbs, &item.attrs, &own);
    cx.successor(&verbs, &item.sig.ident.to_string(), "operation", names);
    let mut said = take_constraints(&mut item, &own, cx);
    let parameters = arguments::take(&mut item, &own, &mut said, cx);
    let said_of_it = marks::take(&mut item.attrs, cx.sink);
    let renamed = renames::former(&verbs, &own, "operation", cx);
    let mut bindings = http::take_bindings(&mut item.attrs, cx.sink);
    let marks = take_marks(&mut item, cx);
    let ident = item.sig.ident.clone();
    if let Some(second) = bindings.get(1) {
        cx.sink.error(
            Diagnostic::new("V0105", &second.word, format!("`{ident}` is bound twice"))
                .help("keep one of the two: an operation has one method and one path"),
        );
    }
    let sound = signature::check_form(&mut item, cx);
    let result = signature::result_types(&mut item, cx);
    let operation = if bindings.is_empty() {
        if cx.sink.len() == before {
            cx.sink.error(
                Diagnostic::new(
                    "V0105",
                    &ident,
                    format!("`{ident}` is not bound to an HTTP method"),
                )
                .help(format!(
                    "write `#[get(\"/…\")]`, `post`, `put`, `patch` or `delete` above `{ident}`"
                )),
            );
        }
        None
    } else {
        let binding = bindings.swap_remove(0);
        let said_of_it = marked::of_method(said_of_it, of_trait, &binding, cx);
        let status = status(
            binding.status.as_ref(),
            result.as_ref().map(|(output, _)| output),
            cx,
        );
        let arguments = arguments::arguments(&item, marks, &parameters, &binding.path, binding.method, cx);
        match (result, arguments) {
            (Some((output, error)), Some(arguments)) if sound => {
                marked::check_examples(&said_of_it, &arguments, cx);
                Some(OperationForm {
                    name: ident.clone(),
                    ident,
                    replaces: binding.method == Method::Put || verbs.replaces.is_some(),
                    marks: said_of_it,
                    method: binding.method,
                    path: binding.path,
                    status,
                    written_status: binding.status.clone(),
                    doc: schema::doc(&item.attrs),
                    arguments,
                    output,
                    error,
                    native_only: verbs.native_only.is_some(),
                    since: verbs.since.clone(),
                    until: verbs.until.clone(),
                })
            }
            _ => None,
        }
    };
    check_verbs(&verbs, operation.as_ref(), cx);
    Declared {
        item,
        range: own,
        operation,
        said,
        parameters,
        renamed,
        deprecated,
    }
}

impl Declared {
    /// The name of the method in a version.
    fn name_in(&self, version: usize) -> &Ident {
        renames::name_in(&self.renamed, &self.item.sig.ident, version)
    }
}

fn check_verbs(verbs: &Verbs, operation: Option<&OperationForm>, cx: &mut Context<'_>) {
    let body = operation.is_some_and(|o| o.arguments.iter().any(|a| a.source == Source::Body));
    if let (Some(word), Some(operation), false) = (&verbs.replaces, operation, body) {
        cx.sink.error(
            Diagnostic::new(
                "V0304",
                word,
                format!("`{}` has no body that could replace anything", operation.ident),
            )
            .help("remove `replaces`"),
        );
    }
}

/// What is demanded of each argument, by position; the attributes are taken away.
fn take_constraints(item: &mut TraitItemFn, own: &Range<usize>, cx: &mut Context<'_>) -> Vec<Vec<Said>> {
    let arguments = item.sig.inputs.iter_mut().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    });
    arguments
        .map(|argument| cx.openapi(&mut argument.attrs, openapi::Place::Position, own))
        .collect()
}

/// What the marks of each argument say, by position; `None` for one that was refused. The attributes are taken away.
fn take_marks(item: &mut TraitItemFn, cx: &mut Context<'_>) -> Vec<Option<Vec<Mark>>> {
    let mut all = Vec::new();
    for input in &mut item.sig.inputs {
        if let FnArg::Typed(argument) = input {
            let before = cx.sink.len();
            cx.attributes(&mut argument.attrs);
            let marks = http::take_marks(&mut argument.attrs, cx.sink);
            if !matches!(*argument.pat, Pat::Ident(_)) {
                cx.sink.error(
                    Diagnostic::new("V0108", &argument.pat, "an argument needs a name")
                        .help("give it one: path parameters and documents use it"),
                );
                argument.pat = syn::parse_quote!(_);
            }
            all.push(marks.filter(|_| cx.sink.len() == before));
        }
    }
    all
}

fn status(written: Option<&LitInt>, output: Option<&Type>, cx: &mut Context<'_>) -> u16 {
    let without_body = output.is_some_and(responses::is_without_body);
    let fallback = if without_body { 204 } else { 200 };
    let Some(written) = written else { return fallback };
    let status = written.base10_parse::<u16>().unwrap_or(0);
    if !responses::is_success(status) {
        let text = format!("an operation cannot succeed with {written}");
        let help = "write 200, 201, 202 or 204, or another status of success or redirection; failures have their status at the variants of the error type";
        cx.sink.error(Diagnostic::new("V0107", written, text).help(help));
        return fallback;
    }
    status
}
