//! What two arguments of one operation would both be read from.

use super::Parameter;
use crate::model::build::Context;
use crate::model::references::{Seen, see};
use crate::model::{Argument, Body, Source};
use crate::sink::Diagnostic;

/// Reports the second of two arguments that are read from one place in some version.
pub(super) fn refuse(arguments: &[Argument], parameters: &[Parameter], cx: &mut Context<'_>) {
    let range = |argument: &Argument| {
        let mut known = parameters.iter();
        known
            .find(|parameter| parameter.ident.as_ref() == Some(&argument.ident))
            .map(|known| &known.range)
    };
    let meet = |one: &Argument, other: &Argument| match (range(one), range(other)) {
        (Some(one), Some(other)) => one.start < other.end && other.start < one.end,
        _ => true,
    };
    for (position, later) in arguments.iter().enumerate() {
        let mut earlier = arguments[..position]
            .iter()
            .filter(|earlier| meet(earlier, later));
        if let Some((text, help)) = earlier.find_map(|earlier| read_by_both(earlier, later, cx)) {
            cx.sink
                .error(Diagnostic::new("V0010", &later.ident, text).help(help));
        }
    }
}

/// What both are read from, and what to do.
fn read_by_both(earlier: &Argument, later: &Argument, cx: &Context<'_>) -> Option<(String, &'static str)> {
    let (first, second, wire) = (&earlier.ident, &later.ident, &later.wire);
    match (earlier.source, later.source) {
        (Source::Query, Source::Query) if earlier.wire == *wire => Some((
            format!("`{second}` is the query key `{wire}`, and so is `{first}`"),
            "give one of them another key, or make it a list: `Vec<…>`",
        )),
        (Source::Header, Source::Header) if earlier.wire.eq_ignore_ascii_case(wire) => Some((
            format!("`{second}` is the header `{wire}`, and so is `{first}`"),
            "read it once: names of headers are compared without case",
        )),
        (Source::QueryStruct, Source::QueryStruct) => Some((
            format!("`{second}` is the whole query, and so is `{first}`"),
            "join both in one struct",
        )),
        (Source::Query, Source::QueryStruct) => key_of_both(earlier, later, cx),
        (Source::QueryStruct, Source::Query) => key_of_both(later, earlier, cx),
        _ => None,
    }
}

/// A key that is also a field of the struct that is the whole query.
fn key_of_both(key: &Argument, whole: &Argument, cx: &Context<'_>) -> Option<(String, &'static str)> {
    let known = |name: &str| cx.types.iter().any(|ty| ty.ident == name);
    let Seen::Versioned(name) = see(&whole.ty, &known) else {
        return None;
    };
    let ty = cx.types.iter().find(|ty| ty.ident == *name)?;
    let forms = ty
        .forms
        .iter()
        .flatten()
        .filter(|form| matches!(form.body, Body::Struct(_)));
    let mut names = forms
        .flat_map(|form| &form.facts.fields)
        .map(|facts| &facts.names);
    names
        .any(|names| names.is_read() && (names.read == key.wire || names.aliases.contains(&key.wire)))
        .then(|| {
            let text = format!(
                "`{}` is the query key `{}`, and so is a field of `{}`",
                key.ident, key.wire, whole.ident
            );
            (text, "take one of them away")
        })
}
