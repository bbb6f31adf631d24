//! Traits and their operations, projected on each version.

use std::collections::HashSet;
use std::ops::Range;

use syn::visit_mut::VisitMut as _;
use syn::{
    FnArg, GenericArgument, Ident, ItemTrait, LitInt, LitStr, Pat, PathArguments, ReceiverKind, ReturnType,
    TraitItem, TraitItemFn, Type,
};
use versioned_core::contract::Method;

use super::build::Context;
use super::projection::OneDown;
use super::references::{Seen, see};
use super::types::refuse_borrows;
use super::{Argument, MethodForm, OperationForm, Source, TraitForm, TraitHistory};
use crate::parse::http::{self, Mark};
use crate::parse::verbs::{Place, Verbs};
use crate::schema;
use crate::sink::Diagnostic;
use crate::words::readable;

/// A method before it is projected.
struct Declared {
    item: TraitItemFn,
    range: Range<usize>,
    operation: Option<OperationForm>,
}

/// Adds a trait to the history.
pub(super) fn add(mut item: ItemTrait, cx: &mut Context<'_>) {
    let verbs = cx.verbs(&mut item.attrs, Place::Item);
    cx.attributes(&mut item.attrs);
    let range = cx.range(&verbs, &(0..cx.decl.versions.len()));
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
    if !item.generics.params.is_empty() {
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
    let mut methods = Vec::new();
    for member in std::mem::take(&mut item.items) {
        match member {
            TraitItem::Fn(method) => methods.push(declare(method, &range, cx)),
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
    refuse_twins(&methods, &item.ident, cx);
    OneDown.visit_item_trait_mut(&mut item);
    let forms = (0..cx.decl.versions.len())
        .map(|version| {
            range
                .contains(&version)
                .then(|| project(&item, &methods, version))
        })
        .collect();
    cx.traits.push(TraitHistory {
        ident: item.ident,
        forms,
    });
}

fn project(shell: &ItemTrait, methods: &[Declared], version: usize) -> TraitForm {
    let present = methods.iter().filter(|method| method.range.contains(&version));
    let methods = present
        .map(|method| MethodForm {
            item: method.item.clone(),
            operation: method.operation.clone(),
        })
        .collect();
    TraitForm {
        shell: shell.clone(),
        methods,
    }
}

fn refuse_twins(methods: &[Declared], owner: &Ident, cx: &mut Context<'_>) {
    for (position, method) in methods.iter().enumerate() {
        let ident = &method.item.sig.ident;
        let twin = methods[..position].iter().find(|earlier| {
            earlier.item.sig.ident == *ident
                && earlier.range.start.max(method.range.start) < earlier.range.end.min(method.range.end)
        });
        if let Some(twin) = twin {
            let version = twin.range.start.max(method.range.start);
            cx.sink.error(
                Diagnostic::new(
                    "V0010",
                    ident,
                    format!("`{ident}` stands twice in `{owner}` of {}", cx.decl.semver(version)),
                )
                .help("give the two ranges that do not meet: `until = …` on the older, `since = …` on the newer"),
            );
        }
    }
}

fn declare(mut item: TraitItemFn, range: &Range<usize>, cx: &mut Context<'_>) -> Declared {
    let verbs = cx.verbs(&mut item.attrs, Place::Method);
    cx.attributes(&mut item.attrs);
    let own = cx.range(&verbs, range);
    let mut bindings = http::take_bindings(&mut item.attrs, cx.sink);
    let before = cx.sink.len();
    let marks = take_marks(&mut item, cx);
    let ident = item.sig.ident.clone();
    if let Some(second) = bindings.get(1) {
        cx.sink.error(
            Diagnostic::new("V0105", &second.word, format!("`{ident}` is bound twice"))
                .help("keep one of the two: an operation has one method and one path"),
        );
    }
    let sound = check_form(&mut item, cx);
    let result = result_types(&item, cx);
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
        let status = status(
            binding.status.as_ref(),
            result.as_ref().map(|(output, _)| output),
            cx,
        );
        let arguments = arguments(&item, marks, &binding.path, binding.method, cx);
        match (result, arguments) {
            (Some((output, error)), Some(arguments)) if sound => Some(OperationForm {
                ident,
                replaces: binding.method == Method::Put || verbs.replaces.is_some(),
                method: binding.method,
                path: binding.path,
                status,
                doc: schema::doc(&item.attrs),
                arguments,
                output,
                error,
                native_only: verbs.native_only.is_some(),
                since: verbs.since.clone(),
                until: verbs.until.clone(),
            }),
            _ => None,
        }
    };
    check_verbs(&verbs, operation.as_ref(), cx);
    Declared {
        item,
        range: own,
        operation,
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

/// What the marks of each argument say, by position; the attributes are taken away.
fn take_marks(item: &mut TraitItemFn, cx: &mut Context<'_>) -> Vec<Vec<Mark>> {
    let mut all = Vec::new();
    for input in &mut item.sig.inputs {
        if let FnArg::Typed(argument) = input {
            cx.attributes(&mut argument.attrs);
            all.push(http::take_marks(&mut argument.attrs, cx.sink));
        }
    }
    all
}

/// `async fn name(&self, …)`, without generics, without a default body.
fn check_form(item: &mut TraitItemFn, cx: &mut Context<'_>) -> bool {
    let before = cx.sink.len();
    let signature = &mut item.sig;
    let name = signature.ident.clone();
    if signature.asyncness.is_none() {
        cx.sink.error(
            Diagnostic::new(
                "V0109",
                signature.fn_token,
                format!("`{name}` is not asynchronous"),
            )
            .help(format!("write `async fn {name}`")),
        );
        signature.asyncness = Some(syn::Token![async](signature.fn_token.span));
    }
    if !signature.generics.params.is_empty() {
        cx.sink.error(
            Diagnostic::new(
                "V0006",
                &signature.generics,
                format!("`{name}` has generic parameters"),
            )
            .help("write the types out (generic operations are not supported yet)"),
        );
        signature.generics = syn::Generics::default();
    }
    if !signature
        .receiver()
        .is_some_and(|r| matches!(r.kind, ReceiverKind::Reference(_, None, None)))
    {
        cx.sink.error(
            Diagnostic::new(
                "V0109",
                &signature.ident,
                format!("`{name}` does not take `&self`"),
            )
            .help(format!(
                "write `async fn {name}(&self, …)`: an implementation serves many requests at once"
            )),
        );
    }
    if let Some(body) = item.default.take() {
        cx.sink.error(
            Diagnostic::new("V0109", body, format!("`{name}` has a default body"))
                .help("remove it: each version is answered by an implementation or by a bridge"),
        );
        item.semi_token = Some(syn::Token![;](signature.fn_token.span));
    }
    cx.sink.len() == before
}

/// The two types of `Result<T, E>`.
fn result_types(item: &TraitItemFn, cx: &mut Context<'_>) -> Option<(Type, Type)> {
    let name = &item.sig.ident;
    let help = "write `-> Result<Answer, Problem>`, or an enum with `#[derive(OperationError)]` as the error";
    let ReturnType::Type(_, ty) = &item.sig.output else {
        let text = format!("`{name}` has no way to fail: every operation returns a `Result`");
        cx.sink.error(Diagnostic::new("V0106", name, text).help(help));
        return None;
    };
    let pair = match &**ty {
        Type::Path(path) => path.path.segments.last().and_then(|last| {
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return None;
            };
            let mut types = arguments.args.iter().map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty.clone()),
                _ => None,
            });
            let pair = (types.next()??, types.next()??);
            (last.ident == "Result" && types.next().is_none()).then_some(pair)
        }),
        _ => None,
    };
    let Some((output, error)) = pair else {
        let text = format!(
            "`{}` is not `Result<T, E>` with both types written out",
            readable(ty)
        );
        cx.sink.error(Diagnostic::new("V0106", ty, text).help(help));
        return None;
    };
    (refuse_borrows(&output, cx) & refuse_borrows(&error, cx)).then_some((output, error))
}

fn status(written: Option<&LitInt>, output: Option<&Type>, cx: &mut Context<'_>) -> u16 {
    let unit = output.is_some_and(|ty| matches!(see(ty, &|_| false), Seen::Unit));
    let fallback = if unit { 204 } else { 200 };
    let Some(written) = written else { return fallback };
    let status = written.base10_parse::<u16>().unwrap_or(0);
    if !matches!(status, 200 | 201 | 202 | 204) {
        cx.sink.error(
            Diagnostic::new(
                "V0107",
                written,
                format!("an operation cannot succeed with {written}"),
            )
            .help("write 200, 201, 202 or 204; failures have their status at the variants of the error type"),
        );
        return fallback;
    }
    if status == 204 && !unit && output.is_some() {
        cx.sink.error(
            Diagnostic::new(
                "V0107",
                written,
                "204 has no body, but the operation answers with one".to_owned(),
            )
            .help("answer with `()`, or with another status"),
        );
        return fallback;
    }
    status
}

fn arguments(
    item: &TraitItemFn,
    marks: Vec<Vec<Mark>>,
    path: &LitStr,
    method: Method,
    cx: &mut Context<'_>,
) -> Option<Vec<Argument>> {
    let before = cx.sink.len();
    let template = template(path, cx)?;
    let mut arguments: Vec<Argument> = Vec::new();
    let typed = item.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    });
    for (argument, marks) in typed.zip(marks) {
        let Pat::Ident(pattern) = &*argument.pat else {
            cx.sink.error(
                Diagnostic::new("V0108", &argument.pat, "an argument needs a name".to_owned())
                    .help("give it one: path parameters and documents use it"),
            );
            continue;
        };
        let sound = refuse_borrows(&argument.ty, cx);
        let found = place(&pattern.ident, &argument.ty, marks, &template, cx);
        if let (true, Some((source, wire))) = (sound, found) {
            let ty = (*argument.ty).clone();
            arguments.push(Argument {
                ident: pattern.ident.clone(),
                wire,
                source,
                ty,
            });
        }
    }
    for parameter in &template {
        let given = arguments
            .iter()
            .any(|a| a.source == Source::Path && a.wire == *parameter);
        if !given && cx.sink.len() == before {
            let name = &item.sig.ident;
            cx.sink.error(
                Diagnostic::new(
                    "V0102",
                    path,
                    format!("`{name}` has no argument for the path parameter `{{{parameter}}}`"),
                )
                .help(format!(
                    "add the argument `{parameter}: …`, or take `{{{parameter}}}` out of the path"
                )),
            );
        }
    }
    bodies(&arguments, method, cx);
    (cx.sink.len() == before).then_some(arguments)
}

/// Where one argument is read from, and under which name.
fn place(
    ident: &Ident,
    ty: &Type,
    mut marks: Vec<Mark>,
    template: &[String],
    cx: &mut Context<'_>,
) -> Option<(Source, String)> {
    let name = ident.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name).to_owned();
    let in_path = template.contains(&name);
    if marks.len() > 1 {
        cx.sink.error(
            Diagnostic::new("V0108", ident, format!("`{ident}` is marked more than once"))
                .help("an argument is read from one place"),
        );
        return None;
    }
    match marks.pop() {
        None if in_path => Some((Source::Path, name)),
        None => Some((Source::Body, name)),
        Some(_) if in_path => {
            cx.sink.error(
                Diagnostic::new(
                    "V0108",
                    ident,
                    format!("`{ident}` is a path parameter, and marked as something else"),
                )
                .help(format!("remove the mark, or take `{{{name}}}` out of the path")),
            );
            None
        }
        Some(Mark::Query { key: Some(key) }) => Some((Source::Query, key.value())),
        Some(Mark::Query { key: None }) if is_scalar(ty) => Some((Source::Query, name)),
        Some(Mark::Query { key: None }) => Some((Source::QueryStruct, name)),
        Some(Mark::Header { name: header }) => {
            let text = header.value();
            let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
            if text.is_empty() || !text.chars().all(token) {
                cx.sink.error(
                    Diagnostic::new("V0108", &header, format!("`{text}` is not the name of a header"))
                        .help("write a name such as `If-Match`"),
                );
                return None;
            }
            Some((Source::Header, text))
        }
    }
}

/// One value of the query string rather than all of it: a scalar of the language, or several under one key.
fn is_scalar(ty: &Type) -> bool {
    const SCALARS: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64",
        "u128", "usize", "String",
    ];
    match see(ty, &|_| false) {
        Seen::Option(_) | Seen::List(_) | Seen::Set(_) => true,
        Seen::Boxed(item) | Seen::Shared(_, item) => is_scalar(item),
        Seen::Other => match ty {
            Type::Path(path) => path
                .path
                .segments
                .last()
                .is_some_and(|s| SCALARS.iter().any(|name| s.ident == name)),
            _ => false,
        },
        _ => false,
    }
}

fn bodies(arguments: &[Argument], method: Method, cx: &mut Context<'_>) {
    let mut bodies = arguments
        .iter()
        .filter(|argument| argument.source == Source::Body);
    let Some(first) = bodies.next() else { return };
    for second in bodies {
        cx.sink.error(
            Diagnostic::new(
                "V0104",
                &second.ident,
                format!("`{}` would be a second body, after `{}`", second.ident, first.ident),
            )
            .help(format!(
                "mark it `#[query]` or `#[header(\"…\")]`, put `{{{}}}` into the path, or join both in one struct",
                second.ident
            )),
        );
    }
    if matches!(method, Method::Get | Method::Delete) {
        cx.sink.error(
            Diagnostic::new(
                "V0108",
                &first.ident,
                format!("{method} has no body that `{}` could be read from", first.ident),
            )
            .help(format!(
                "mark it `#[query]`, or put `{{{}}}` into the path",
                first.ident
            )),
        );
    }
}

/// The names of the path parameters; `None` if the template cannot be used.
fn template(path: &LitStr, cx: &mut Context<'_>) -> Option<Vec<String>> {
    let text = path.value();
    let mut refuse = |what: String| {
        cx.sink
            .error(Diagnostic::new("V0103", path, what).help(
                "write segments that are text or one `{parameter}`, such as `\"/users/{id}/friends\"`",
            ));
        None
    };
    let Some(rest) = text.strip_prefix('/') else {
        return refuse(format!("the path `{text}` does not begin with `/`"));
    };
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    if rest.is_empty() {
        return Some(names);
    }
    for segment in rest.split('/') {
        if let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            if syn::parse_str::<Ident>(name).is_err() {
                return refuse(format!("`{{{name}}}` does not name a parameter"));
            }
            if !seen.insert(name) {
                return refuse(format!("the parameter `{{{name}}}` stands twice in the path"));
            }
            names.push(name.to_owned());
        } else if segment.is_empty() {
            return refuse(format!("the path `{text}` has an empty segment"));
        } else if !segment
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c))
        {
            return refuse(format!("`{segment}` is not a path segment"));
        }
    }
    Some(names)
}
