//! Modules and functions inside of a contract module: nothing in them has a history.

use syn::visit_mut::VisitMut;
use syn::{Attribute, Item};

use crate::sink::{Diagnostic, Sink};

/// Reports `#[version(…)]` in items that are no part of the contract, and takes it away.
pub(super) fn refuse_versions(items: &mut [Item], sink: &mut Sink) {
    let mut finder = Finder(sink);
    for item in items {
        finder.visit_item_mut(item);
    }
}

struct Finder<'a>(&'a mut Sink);

impl VisitMut for Finder<'_> {
    fn visit_item_mut(&mut self, item: &mut Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Struct(item) => &item.attrs,
            Item::Enum(item) => &item.attrs,
            Item::Trait(item) => &item.attrs,
            _ => return syn::visit_mut::visit_item_mut(self, item),
        };
        // A contract of its own.
        let is_contract = |attribute: &Attribute| {
            let last = attribute.path().segments.last();
            last.is_some_and(|last| last.ident == "versioned")
        };
        if !attributes.iter().any(is_contract) {
            syn::visit_mut::visit_item_mut(self, item);
        }
    }

    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.retain(|attribute| {
            let is_ours = attribute.path().is_ident("version");
            if is_ours {
                let text = "only types and traits that stand in the contract module itself have a history";
                let help = "move the item out of what is around it, or remove `#[version(…)]`";
                self.0.error(Diagnostic::new("V0011", attribute, text).help(help));
            }
            !is_ours
        });
    }
}
