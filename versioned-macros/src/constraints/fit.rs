//! Whether constraints fit the type that they stand on, and each other.

use quote::ToTokens as _;
use serde_json::Value as Json;
use versioned_core::constraints::{Compiled, Number};
use versioned_core::schema::Presence;

use super::{Constrained, Kind};
use crate::parse::openapi::Word;
use crate::serde_facts::FieldFacts;
use crate::sink::{Diagnostic, Sink};

/// What constraints stand on.
pub(crate) struct Subject<'a> {
    pub(crate) constrained: &'a Constrained,
    /// The type as it is written, for messages.
    pub(crate) ty: String,
    pub(crate) kind: Kind,
    /// What serde does with it, of a field.
    pub(crate) facts: Option<&'a FieldFacts>,
}

/// Reports everything that does not fit.
pub(crate) fn check(subject: &Subject<'_>, sink: &mut Sink) {
    let before = sink.len();
    for word in &subject.constrained.words {
        belongs(subject, word, sink);
    }
    if sink.len() > before {
        return;
    }
    counts(subject, sink);
    bounds(subject, sink);
    directions(subject, sink);
    if sink.len() == before {
        examples(subject, sink);
    }
}

/// A constraint that no value of the type could break is refused.
fn belongs(subject: &Subject<'_>, word: &Word, sink: &mut Sink) {
    let (key, kind) = (word.key.to_string(), &subject.kind);
    let (fits, of, instead) = match key.as_str() {
        "min_length" | "max_length" | "pattern" => (matches!(kind, Kind::Text), "texts", ""),
        "format" => (
            matches!(kind, Kind::Text | Kind::Integer(..) | Kind::Float),
            "texts and numbers",
            "",
        ),
        "minimum" | "maximum" | "exclusive_minimum" | "exclusive_maximum" | "multiple_of" => {
            (matches!(kind, Kind::Integer(..) | Kind::Float), "numbers", "")
        }
        "min_items" | "max_items" | "unique_items" => (matches!(kind, Kind::List), "lists", ""),
        "min_properties" | "max_properties" => (matches!(kind, Kind::Object), "objects", ""),
        _ => (true, "", ""),
    };
    let flattened = subject.facts.is_some_and(|facts| facts.flatten);
    if flattened && !of.is_empty() {
        sink.error(
            Diagnostic::new(
                "V0110",
                &word.key,
                format!("`{key}` has nothing to constrain: a flattened field has no value of its own"),
            )
            .help("write it on the fields that stand in its place"),
        );
        return;
    }
    if fits || *kind == Kind::Unknown {
        return;
    }
    let help = match (key.as_str(), kind) {
        ("min_length", Kind::List) => "write `min_items`",
        ("max_length", Kind::List) => "write `max_items`",
        ("min_length", Kind::Object) => "write `min_properties`",
        ("max_length", Kind::Object) => "write `max_properties`",
        ("min_length", Kind::Integer(..) | Kind::Float) => "write `minimum`",
        ("max_length", Kind::Integer(..) | Kind::Float) => "write `maximum`",
        ("minimum", Kind::Text) => "write `min_length`",
        ("maximum", Kind::Text) => "write `max_length`",
        ("minimum" | "min_length", _) if *kind == Kind::List => "write `min_items`",
        ("maximum" | "max_length", _) if *kind == Kind::List => "write `max_items`",
        (_, Kind::List) => "give the items a type of their own, and write it there",
        _ => instead,
    };
    let help = if help.is_empty() { "remove it" } else { help };
    let text = format!("`{key}` is for {of}, and `{}` is {}", subject.ty, kind.name());
    sink.error(Diagnostic::new("V0110", &word.key, text).help(help));
}

fn counts(subject: &Subject<'_>, sink: &mut Sink) {
    let facts = &subject.constrained.facts;
    for (least, most, names) in [
        (facts.min_length, facts.max_length, ("min_length", "max_length")),
        (facts.min_items, facts.max_items, ("min_items", "max_items")),
        (
            facts.min_properties,
            facts.max_properties,
            ("min_properties", "max_properties"),
        ),
    ] {
        if least == Some(0)
            && let Some(word) = subject.constrained.word(names.0)
        {
            says_nothing(word, "nothing is shorter than nothing", sink);
        }
        if let (Some(least), Some(most)) = (least, most)
            && least > most
            && let Some(word) = subject.constrained.word(names.0)
        {
            no_value(word, format!("{least} is more than `{} = {most}`", names.1), sink);
        }
    }
}

fn says_nothing(word: &Word, why: &str, sink: &mut Sink) {
    let text = format!("`{} = {}` says nothing: {why}", word.key, written(word));
    sink.error(Diagnostic::new("V0111", &word.token, text).help("remove it"));
}

fn no_value(word: &Word, why: String, sink: &mut Sink) {
    let text = format!("`{} = {}` leaves no value: {why}", word.key, written(word));
    sink.error(Diagnostic::new("V0111", &word.token, text).help("correct one of the two"));
}

fn written(word: &Word) -> String {
    word.token.to_token_stream().to_string().replace("- ", "-")
}

/// A bound with its word and whether the bound itself is left out.
type Bound<'a> = (Number, &'a Word, bool);

fn bounds(subject: &Subject<'_>, sink: &mut Sink) {
    let constrained = subject.constrained;
    let facts = &constrained.facts;
    let bound = |number: Option<Number>, key: &str, exclusive: bool| {
        Some((number?, constrained.word(key)?, exclusive))
    };
    let lower = [
        bound(facts.minimum, "minimum", false),
        bound(facts.exclusive_minimum, "exclusive_minimum", true),
    ];
    let upper = [
        bound(facts.maximum, "maximum", false),
        bound(facts.exclusive_maximum, "exclusive_maximum", true),
    ];
    let before = sink.len();
    if let Kind::Integer(least, most) = subject.kind {
        let (least, most) = (Number::Integer(least), Number::Integer(most));
        for (number, word, _) in lower.iter().chain(&upper).flatten() {
            whole(&subject.ty, *number, word, sink);
        }
        for (number, word, exclusive) in lower.iter().flatten() {
            if *number > most || (*exclusive && *number == most) {
                let why = format!("no `{}` is more than {most}", subject.ty);
                no_value(word, why, sink);
            } else if *number < least || (!exclusive && *number == least) {
                says_nothing(word, &format!("every `{}` is at least {least}", subject.ty), sink);
            }
        }
        for (number, word, exclusive) in upper.iter().flatten() {
            if *number < least || (*exclusive && *number == least) {
                let why = format!("no `{}` is less than {least}", subject.ty);
                no_value(word, why, sink);
            } else if *number > most || (!exclusive && *number == most) {
                says_nothing(word, &format!("every `{}` is at most {most}", subject.ty), sink);
            }
        }
        if let (Some(number), Some(word)) = (facts.multiple_of, constrained.word("multiple_of")) {
            whole(&subject.ty, number, word, sink);
        }
    }
    if sink.len() > before {
        return;
    }
    for low in lower.iter().flatten() {
        for high in upper.iter().flatten() {
            between(*low, *high, sink);
        }
    }
}

fn whole(ty: &str, number: Number, word: &Word, sink: &mut Sink) {
    if !number.is_multiple_of(Number::Integer(1)) {
        let text = format!("`{}` is not whole, and every `{ty}` is", written(word));
        sink.error(Diagnostic::new("V0113", &word.token, text).help("write a whole number"));
    }
}

fn between((low, word, low_open): Bound<'_>, (high, other, high_open): Bound<'_>, sink: &mut Sink) {
    if low > high || (low == high && (low_open || high_open)) {
        let why = format!("there is none up to `{} = {}`", other.key, written(other));
        no_value(word, why, sink);
    }
}

/// What the contract says of directions, serde must do.
fn directions(subject: &Subject<'_>, sink: &mut Sink) {
    let constrained = subject.constrained;
    let Some(facts) = subject.facts else { return };
    if let (Some(_), Some(word)) = (constrained.word("read_only"), constrained.word("write_only")) {
        sink.error(
            Diagnostic::new(
                "V0116",
                &word.key,
                "a field that is neither sent nor answered is not on the wire",
            )
            .help("keep `read_only` or `write_only`, or write `#[serde(skip)]`"),
        );
        return;
    }
    if let Some(word) = constrained.word("read_only") {
        let help = if facts.flatten {
            Some("write it on the fields that stand in its place")
        } else if !facts.names.aliases.is_empty() || facts.names.written != facts.names.read {
            Some("remove `alias` and the name that is read: it is not read")
        } else if !facts.optional_in && facts.names.presence == Some(Presence::Both) {
            Some("add `#[serde(default)]`: clients do not send the field, so that serde has to make it")
        } else if facts.names.presence == Some(Presence::Read) {
            Some("remove `skip_serializing`: it would be on the wire in no direction")
        } else {
            None
        };
        if let Some(help) = help {
            let text = "`read_only` says that clients do not send the field, and serde reads it";
            sink.error(Diagnostic::new("V0116", &word.key, text).help(help));
        }
    }
    if let Some(word) = constrained.word("write_only") {
        let help = if facts.flatten {
            Some("write it on the fields that stand in its place")
        } else if facts.names.presence == Some(Presence::Written) {
            Some("remove `skip_deserializing`: it would be on the wire in no direction")
        } else if !facts.optional_out && facts.names.presence == Some(Presence::Both) {
            Some("add `#[serde(skip_serializing)]`, or `skip_serializing_if` and leave it out of answers")
        } else {
            None
        };
        if let Some(help) = help {
            let text = "`write_only` says that clients do not get the field, and serde writes it";
            sink.error(Diagnostic::new("V0116", &word.key, text).help(help));
        }
    }
}

fn examples(subject: &Subject<'_>, sink: &mut Sink) {
    let constrained = subject.constrained;
    let word = constrained
        .word("example")
        .or_else(|| constrained.word("examples"));
    let (Some(word), Ok(compiled)) = (word, Compiled::new(constrained.facts.clone())) else {
        return;
    };
    for example in &constrained.examples {
        if !is_of(&subject.kind, example) {
            let text = format!("the example `{example}` is not {}", subject.kind.name());
            sink.error(
                Diagnostic::new("V0115", &word.token, text)
                    .help(format!("write an example of `{}`", subject.ty)),
            );
            continue;
        }
        compiled.broken(example, &mut |_, demand| {
            let text = format!("the example `{example}` breaks its own constraint: it {demand}");
            sink.error(
                Diagnostic::new("V0115", &word.token, text).help("correct the example, or the constraint"),
            );
        });
    }
}

fn is_of(kind: &Kind, example: &Json) -> bool {
    match (kind, example) {
        (Kind::Unknown, _)
        | (_, Json::Null)
        | (Kind::Text, Json::String(_))
        | (Kind::Float, Json::Number(_))
        | (Kind::Bool, Json::Bool(_))
        | (Kind::List | Kind::Tuple, Json::Array(_))
        | (Kind::Object, Json::Object(_)) => true,
        (Kind::Integer(least, most), Json::Number(number)) => {
            let number = Number::of(number);
            let range = Number::Integer(*least)..=Number::Integer(*most);
            range.contains(&number) && number.is_multiple_of(Number::Integer(1))
        }
        _ => false,
    }
}
