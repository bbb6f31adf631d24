//! What the engine compares while the macro expands is what the constants say afterwards: `tests/constraints.rs` holds the
//! constants of the same module against the same list.

#[path = "../tests/places/mod.rs"]
mod places;

use serde_json::Value;
use syn::Item;

use crate::sink::Sink;
use crate::{check, model, parse};

#[test]
fn tokens_say_what_was_written() {
    let file = syn::parse_file(include_str!("../tests/constraints.rs")).expect("a file");
    let module = file.items.into_iter().find_map(|item| match item {
        Item::Mod(module) if module.content.is_some() => Some(module),
        _ => None,
    });
    let mut module = module.expect("the contract");
    let attribute = module.attrs.remove(0);
    let arguments = &attribute.meta.require_list().expect("arguments").tokens;
    let mut sink = Sink::new();
    let arguments = parse::args::parse(arguments.clone(), &mut sink).expect("arguments");
    let history = model::build(arguments, module, &mut sink).expect("a history");
    assert_eq!(sink.into_tokens().to_string(), "");
    let expected: Vec<Value> =
        serde_json::from_str(include_str!("../tests/constraints.json")).expect("a list");
    let models = check::models(&history);
    let found: Vec<Value> = models
        .iter()
        .map(|model| serde_json::json!(places::places(model)))
        .collect();
    assert_eq!(found, expected);
}
