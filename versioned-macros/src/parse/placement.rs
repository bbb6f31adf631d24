//! Where `#[versioned]` stands: on a module with its items inside, or on a single struct, enum or trait.
//!
//! A single item is a module with nothing else in it: there is one meaning, and one generator.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::visit_mut::VisitMut as _;
use syn::{Ident, Item, ItemMod, parse_quote};

use super::args::Arguments;
use crate::model::OneDown;
use crate::sink::{Diagnostic, Sink};

/// What the attribute stands on.
pub(crate) enum Placement {
    Module(ItemMod),
    /// A struct, enum or trait.
    Single(Box<Item>),
}

/// Reads the item; `None` if it is of another kind, which is reported.
pub(crate) fn parse(item: &TokenStream, sink: &mut Sink) -> Option<Placement> {
    const HELP: &str = "write it on `pub mod user_profile { … }`, or on a struct, enum or trait";
    match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Mod(module)) => Some(Placement::Module(module)),
        Ok(single @ (Item::Struct(_) | Item::Enum(_) | Item::Trait(_))) => {
            Some(Placement::Single(Box::new(single)))
        }
        Ok(other) => {
            let text = "`#[versioned]` stands on a module, or on a struct, enum or trait";
            sink.error(Diagnostic::new("V0011", head(&other), text).help(HELP));
            None
        }
        Err(error) => {
            let text = format!("`#[versioned]` cannot read what it stands on: {error}");
            sink.error(Diagnostic::at("V0011", error.span(), text).help(HELP));
            None
        }
    }
}

impl Placement {
    /// The module around the item.
    pub(crate) fn into_module(self, arguments: &Arguments) -> ItemMod {
        let mut single = match self {
            Placement::Module(module) => return module,
            Placement::Single(single) => *single,
        };
        let (vis, ident) = match &single {
            Item::Struct(item) => (item.vis.clone(), item.ident.clone()),
            Item::Enum(item) => (item.vis.clone(), item.ident.clone()),
            Item::Trait(item) => (item.vis.clone(), item.ident.clone()),
            // No other item is made into a placement.
            _ => (
                syn::Visibility::Inherited,
                Ident::new("contract", proc_macro2::Span::call_site()),
            ),
        };
        let module = arguments.names.module.clone().unwrap_or_else(|| {
            let name = snake_case(&ident.unraw().to_string());
            // `r#type` and the like: any name can be a raw one, but for a few that no type has.
            syn::parse_str::<Ident>(&name).map_or_else(
                |_| Ident::new_raw(&name, ident.span()),
                |mut name| {
                    name.set_span(ident.span());
                    name
                },
            )
        });
        let doc = format!("The versions of `{ident}`.");
        OneDown.visit_item_mut(&mut single);
        parse_quote! {
            #[doc = #doc]
            #vis mod #module {
                #[allow(unused_imports, clippy::wildcard_imports)]
                use super::*;
                #single
            }
        }
    }

    /// What comes back where nothing can be generated.
    pub(crate) fn as_written(&self) -> Item {
        match self {
            Placement::Module(module) => Item::Mod(module.clone()),
            Placement::Single(single) => Item::clone(single),
        }
    }
}

/// The first token of an item, which is enough to underline.
fn head(item: &Item) -> TokenStream {
    use quote::ToTokens as _;
    item.to_token_stream().into_iter().take(1).collect()
}

/// `HTTPServer` becomes `http_server`.
fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (position, c) in chars.iter().enumerate() {
        let starts = c.is_uppercase() && position > 0;
        let after_small = starts && !chars[position - 1].is_uppercase() && chars[position - 1] != '_';
        let before_small = starts && chars.get(position + 1).is_some_and(|next| next.is_lowercase());
        let inside_capitals = starts && chars[position - 1].is_uppercase();
        if after_small || (inside_capitals && before_small) {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn modules_have_names_in_snake_case() {
        for (name, expected) in [
            ("User", "user"),
            ("UserProfile", "user_profile"),
            ("HTTPServer", "http_server"),
            ("V2", "v2"),
            ("User_Profile", "user_profile"),
            ("Type", "type"),
        ] {
            assert_eq!(snake_case(name), expected);
        }
    }
}
