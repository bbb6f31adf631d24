//! The arguments of an operation: where each is read from, and the path template that some of them stand in.

mod twins;

use std::collections::HashSet;
use std::ops::Range;

use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::{FnArg, Ident, LitStr, Pat, PatType, TraitItemFn, Type};
use versioned_core::contract::Method;

use crate::constraints::{self, Constrained, Said, Subject};
use crate::model::build::Context;
use crate::model::references::{self, Seen, see};
use crate::model::types::refuse_borrows;
use crate::model::{Argument, ArgumentVerbs, Body, MadeUp, OperationForm, Source};
use crate::parse::http::Mark;
use crate::parse::verbs::Place;
use crate::sink::Diagnostic;
use crate::words::readable;

/// The arguments of a method; `None` if one of them was refused.
pub(super) fn arguments(
    item: &TraitItemFn,
    marks: Vec<Option<Vec<Mark>>>,
    parameters: &[Parameter],
    path: &LitStr,
    method: Method,
    cx: &mut Context<'_>,
) -> Option<Vec<Argument>> {
    let before = cx.sink.len();
    let template = template(path, cx)?;
    let mut arguments: Vec<Argument> = Vec::new();
    let mut complete = true;
    for (position, (argument, marks)) in typed(item).zip(marks).enumerate() {
        // One that was refused has no place, and what is missing without it is not told.
        let (Pat::Ident(pattern), Some(marks)) = (&*argument.pat, marks) else {
            complete = false;
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
                constraints: Constrained::default(),
                verbs: parameters
                    .get(position)
                    .map_or_else(ArgumentVerbs::default, |known| known.verbs.clone()),
            });
        }
    }
    for parameter in &template {
        let given = arguments
            .iter()
            .any(|a| a.source == Source::Path && a.wire == *parameter);
        if !given && complete && cx.sink.len() == before {
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
    twins::refuse(&arguments, parameters, cx);
    always_there(&arguments, cx);
    if cx.sink.len() == before {
        bodies(&arguments, method, cx);
    }
    (complete && cx.sink.len() == before).then_some(arguments)
}

/// The history of one argument.
pub(super) struct Parameter {
    ident: Option<Ident>,
    range: Range<usize>,
    verbs: ArgumentVerbs,
}

/// Takes the verbs of the arguments; what is deprecated is added to what is said.
pub(super) fn take(
    item: &mut TraitItemFn,
    own: &Range<usize>,
    said: &mut [Vec<Said>],
    cx: &mut Context<'_>,
) -> Vec<Parameter> {
    let names: Vec<String> = typed(item).map(name_of).collect();
    let mut parameters = Vec::new();
    for (position, input) in item.sig.inputs.iter_mut().filter_map(as_typed_mut).enumerate() {
        let verbs = cx.verbs(&mut input.attrs, Place::Parameter);
        let range = cx.range(&verbs, own);
        let deprecated = cx.deprecated(&verbs, &input.attrs, &range);
        if let Some(said) = said.get_mut(position) {
            said.extend(deprecated);
        }
        cx.successor(&verbs, &names[position], "argument", &names);
        let default = verbs.default.map_or(MadeUp::Not, |default| {
            if let Some(reason) = &default.accept_loss {
                cx.sink.error(
                    Diagnostic::new("V0304", reason, "an argument replaces nothing that is stored")
                        .help("write `default`, or `default = function`"),
                );
            }
            MadeUp::By(default.path)
        });
        parameters.push(Parameter {
            ident: match &*input.pat {
                Pat::Ident(pattern) => Some(pattern.ident.clone()),
                _ => None,
            },
            range,
            verbs: ArgumentVerbs {
                since: verbs.since,
                until: verbs.until,
                default,
                lossy: verbs.lossy.is_some(),
                told: verbs.told,
            },
        });
    }
    parameters
}

/// In versions that are written out, what is there is written there; and functions of their modules are out of reach of bridges.
pub(super) fn refuse_history(parameters: &[Parameter], cx: &mut Context<'_>) {
    for Parameter { verbs, .. } in parameters {
        for token in verbs.since.iter().chain(&verbs.until) {
            cx.sink.error(
                Diagnostic::new(
                    "V0304",
                    token,
                    "a range has no use where each version is written out",
                )
                .help("remove it: what a version has stands in its module, and nothing else"),
            );
        }
        if let MadeUp::By(Some(path)) = &verbs.default {
            cx.sink.error(
                Diagnostic::new(
                    "V0304",
                    path,
                    "a function cannot be called from here for an argument",
                )
                .help("write `default`, and implement `Default` for the type of the argument"),
            );
        }
    }
}

/// Takes the arguments away that a version does not have.
pub(super) fn project(item: &mut TraitItemFn, parameters: &[Parameter], version: usize) {
    let mut ranges = parameters.iter().map(|parameter| &parameter.range);
    let inputs = std::mem::take(&mut item.sig.inputs);
    let kept = inputs.into_iter().filter(|input| match input {
        FnArg::Typed(_) => ranges.next().is_none_or(|range| range.contains(&version)),
        FnArg::Receiver(_) => true,
    });
    item.sig.inputs = kept.collect();
}

/// The arguments that a version has.
pub(super) fn present(arguments: &[Argument], parameters: &[Parameter], version: usize) -> Vec<Argument> {
    let known = arguments.iter().zip(parameters);
    known
        .filter(|(_, parameter)| parameter.range.contains(&version))
        .map(|(argument, _)| argument.clone())
        .collect()
}

fn as_typed_mut(input: &mut FnArg) -> Option<&mut PatType> {
    match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    }
}

fn typed(item: &TraitItemFn) -> impl Iterator<Item = &PatType> {
    item.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(argument),
        FnArg::Receiver(_) => None,
    })
}

fn name_of(argument: &PatType) -> String {
    match &*argument.pat {
        Pat::Ident(pattern) => pattern.ident.to_string(),
        _ => String::new(),
    }
}

/// A path has its parameters in every version that has the path.
fn always_there(arguments: &[Argument], cx: &mut Context<'_>) {
    for argument in arguments
        .iter()
        .filter(|argument| argument.source == Source::Path)
    {
        let range = argument.verbs.since.iter().chain(&argument.verbs.until);
        for token in range {
            let text = format!(
                "`{}` is in the path, which has it in every version",
                argument.ident
            );
            cx.sink.error(
                Diagnostic::new("V0304", token, text)
                    .help("write the operation twice, with ranges that do not meet, each with its path"),
            );
        }
    }
}

/// Enters what is demanded of the arguments in one version; an operation that was not refused has all its arguments.
pub(super) fn constrain(
    operation: &mut OperationForm,
    said: &[Vec<Said>],
    version: usize,
    cx: &mut Context<'_>,
) {
    for (argument, said) in operation.arguments.iter_mut().zip(said) {
        let constrained = constraints::resolve(said, version, cx.sink);
        if let (Some(word), Source::QueryStruct) = (constrained.words.first(), argument.source) {
            cx.sink.error(
                Diagnostic::new(
                    "V0110",
                    &word.key,
                    format!("`{}` cannot stand on the whole query string", word.key),
                )
                .help("write it on the fields of the type: each is a key"),
            );
            continue;
        }
        let subject = Subject {
            constrained: &constrained,
            ty: readable(&argument.ty),
            kind: cx.kinds.kind(&argument.ty),
            facts: None,
        };
        constraints::check(&subject, cx.sink);
        argument.constraints = constrained;
    }
}

/// Where one argument is read from, and under which name.
fn place(
    ident: &Ident,
    ty: &Type,
    mut marks: Vec<Mark>,
    template: &[String],
    cx: &mut Context<'_>,
) -> Option<(Source, String)> {
    let name = ident.unraw().to_string();
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
        Some(Mark::Query { key: None }) if is_scalar(ty, cx) => Some((Source::Query, name)),
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

/// One value of the query string rather than all of it: a scalar of the language, an enum of names or a newtype of the
/// contract, or several values under one key.
fn is_scalar(ty: &Type, cx: &Context<'_>) -> bool {
    let known = |name: &str| cx.types.iter().any(|ty| ty.ident == name);
    match see(ty, &known) {
        Seen::Option(_) | Seen::List(_) | Seen::Set(_) => true,
        Seen::Boxed(item) | Seen::Shared(_, item) => is_scalar(item, cx),
        Seen::Versioned(name) => {
            let form = cx
                .types
                .iter()
                .find(|ty| ty.ident == *name)
                .and_then(|ty| ty.forms.iter().flatten().next());
            form.is_some_and(|form| match &form.body {
                Body::Enum(variants) => variants.iter().all(|variant| variant.fields.is_empty()),
                // One value under another name.
                Body::Struct(fields) => {
                    matches!(fields.as_slice(), [only] if matches!(only.access, syn::Member::Unnamed(_)))
                }
            })
        }
        Seen::Other => references::is_scalar(ty),
        _ => false,
    }
}

fn bodies(arguments: &[Argument], method: Method, cx: &mut Context<'_>) {
    let mut bodies = arguments
        .iter()
        .filter(|argument| argument.source == Source::Body);
    let Some(first) = bodies.next() else { return };
    match see(&first.ty, &|_| false) {
        Seen::Stream(name, item) if name == "EventStream" => {
            let text = "server-sent events go to clients, not to the service";
            let help = format!("read lines of JSON: `Ndjson<{}>`", readable(item));
            cx.sink
                .error(Diagnostic::new("V0108", &first.ty, text).help(help));
        }
        _ => {
            refuse_parts(&first.ty, cx);
        }
    }
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

/// A body of several parts, by its name: whatever library it comes from.
pub(super) fn refuse_parts(ty: &Type, cx: &mut Context<'_>) -> bool {
    let named = match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    };
    let several = named.is_some_and(|segment| segment.ident == "Multipart");
    if several {
        let text = "a body of several parts cannot be converted between versions";
        let help = "take data as a struct of JSON, and a file as `Binary` in an operation of its own: parts have no schema that a bridge could go by";
        cx.sink.error(Diagnostic::new("V0119", ty, text).help(help));
    }
    several
}

/// The names of the path parameters; `None` if the template cannot be used.
fn template(path: &LitStr, cx: &mut Context<'_>) -> Option<Vec<String>> {
    const HELP: &str = "write segments that are text or one `{parameter}`, such as `\"/users/{id}/friends\"`";
    let text = path.value();
    let mut refuse = |what: String, help: &str| {
        cx.sink.error(Diagnostic::new("V0103", path, what).help(help));
        None
    };
    let Some(rest) = text.strip_prefix('/') else {
        return refuse(format!("the path `{text}` does not begin with `/`"), HELP);
    };
    let mut names = Vec::new();
    let mut seen = HashSet::new();
    if rest.is_empty() {
        return Some(names);
    }
    for segment in rest.split('/') {
        if let Some(name) = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            // Any word names one: an argument can be called `r#type`.
            if Ident::parse_any.parse_str(name).is_err() {
                return refuse(format!("`{{{name}}}` does not name a parameter"), HELP);
            }
            if !seen.insert(name) {
                return refuse(
                    format!("the parameter `{{{name}}}` stands twice in the path"),
                    HELP,
                );
            }
            names.push(name.to_owned());
        } else if segment.is_empty() {
            return refuse(format!("the path `{text}` has an empty segment"), HELP);
        } else if let Some(name) = segment.strip_prefix([':', '*']) {
            let name = if Ident::parse_any.parse_str(name).is_ok() {
                name
            } else {
                "id"
            };
            return refuse(
                format!("`{segment}` is not how a parameter is written"),
                &format!("write `{{{name}}}`: a parameter is one segment"),
            );
        } else if matches!(segment, "." | "..") {
            let help = "remove it: clients resolve such segments before they send a path";
            return refuse(format!("`{segment}` is not a path segment"), help);
        } else if !segment
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(c))
        {
            let encoded = !segment.is_ascii() || segment.contains('%');
            let help = if encoded {
                "write it in letters of ASCII: segments that have to be percent-encoded are not supported, but values of parameters are"
            } else {
                HELP
            };
            return refuse(format!("`{segment}` is not a path segment"), help);
        }
    }
    Some(names)
}
