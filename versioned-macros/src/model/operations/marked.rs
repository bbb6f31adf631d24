//! What is said of an operation beside its form, by its method and by its trait.

use syn::{Ident, ItemTrait};

use crate::model::build::Context;
use crate::model::{Argument, Source};
use crate::parse::http::Binding;
use crate::parse::marks::{self, Marks};
use crate::sink::Diagnostic;

/// What a trait says of all of its operations.
pub(super) fn of_trait(item: &mut ItemTrait, cx: &mut Context<'_>) -> Marks {
    let mut marks = marks::take(&mut item.attrs, cx.sink);
    for example in marks.examples.drain(..) {
        let text = "`#[example(…)]` cannot stand on a trait, it is for a method";
        let help = "write it above the operation that it shows";
        cx.sink
            .error(Diagnostic::new("V0001", &example.name, text).help(help));
    }
    for word in marks.safe.take().into_iter().chain(marks.idempotent.take()) {
        let text = format!("`#[{word}]` cannot stand on a trait, it is for a method");
        let help = "write it above each operation that promises it";
        cx.sink.error(Diagnostic::new("V0001", &word, text).help(help));
    }
    marks
}

/// What a method says of itself, and its trait of what it does not speak of.
pub(super) fn of_method(own: Marks, of_trait: &Marks, binding: &Binding, cx: &mut Context<'_>) -> Marks {
    let (safe, idempotent) = (own.safe.as_ref(), own.idempotent.as_ref());
    if let (Some(word), true) = (safe, binding.method.is_safe()) {
        idle(word, &format!("{} is safe by itself", binding.method), cx);
    }
    match (idempotent, safe) {
        (Some(word), None) if binding.method.is_idempotent() => {
            idle(word, &format!("{} is idempotent by itself", binding.method), cx);
        }
        (Some(word), Some(_)) => idle(word, "what is safe is idempotent", cx),
        _ => {}
    }
    let mut marks = own;
    if marks.tags.is_empty() {
        marks.tags.clone_from(&of_trait.tags);
    }
    if marks.security.is_empty() {
        marks.security.clone_from(&of_trait.security);
    }
    marks
}

fn idle(word: &Ident, why: &str, cx: &mut Context<'_>) {
    let text = format!("`#[{word}]` says nothing here: {why}");
    let help = format!("remove `#[{word}]`");
    cx.sink.error(Diagnostic::new("V0304", word, text).help(help));
}

/// Examples have names of their own, and show a body only where there is one.
pub(super) fn check_examples(marks: &Marks, arguments: &[Argument], cx: &mut Context<'_>) {
    let has_body = arguments.iter().any(|argument| argument.source == Source::Body);
    for (index, example) in marks.examples.iter().enumerate() {
        if let (Some(word), false) = (&example.request_key, has_body) {
            let text = "the operation has no body that an example could show";
            cx.sink
                .error(Diagnostic::new("V0304", word, text).help("remove `request = …`"));
        }
        let name = example.name.value();
        if marks.examples[..index]
            .iter()
            .any(|earlier| earlier.name.value() == name)
        {
            let text = format!("two examples are called \"{name}\"");
            cx.sink
                .error(Diagnostic::new("V0010", &example.name, text).help("give one of them another name"));
        }
    }
}
