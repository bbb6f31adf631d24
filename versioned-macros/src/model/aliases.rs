//! Aliases of the contract module are seen through: a field of type `Users` is one of type `Vec<User>`.
//!
//! One that mentions a type of the contract has a form in each version, and moves into the versions' modules; others stay where
//! they are.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit_mut::VisitMut;
use syn::{GenericArgument, GenericParam, Item, ItemType, PathArguments, Type, TypePath, parse_quote};

use super::projection::OneDown;
use super::references;

/// How often an alias may lead to another one; rustc tells of those that lead to themselves.
const DEPTH: usize = 32;

/// Writes out all aliases in types, traits and the aliases themselves; those that mention a type of the contract are taken out.
pub(super) fn take(items: &mut Vec<Item>) -> Vec<ItemType> {
    let mut known = BTreeMap::new();
    for item in &*items {
        if let Item::Type(alias) = item {
            known.insert(alias.ident.to_string(), alias.clone());
        }
    }
    let types: Vec<String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => Some(item.ident.to_string()),
            Item::Enum(item) => Some(item.ident.to_string()),
            _ => None,
        })
        .collect();
    let mut writer = WriteOut {
        known: &known,
        depth: 0,
        used: BTreeSet::new(),
    };
    let mut taken = Vec::new();
    items.retain_mut(|item| {
        match item {
            Item::Struct(item) => writer.visit_item_struct_mut(item),
            Item::Enum(item) => writer.visit_item_enum_mut(item),
            Item::Trait(item) => writer.visit_item_trait_mut(item),
            Item::Type(alias) => {
                let mut written = alias.clone();
                writer.visit_type_mut(&mut written.ty);
                let is_type = |name: &str| types.iter().any(|known| known == name);
                if !references::mentioned(&written.ty, &is_type).is_empty() {
                    OneDown.visit_item_type_mut(&mut written);
                    taken.push(written);
                    return false;
                }
            }
            _ => {}
        }
        true
    });
    let used = writer.used;
    for item in items {
        if let Item::Type(alias) = item
            && used.contains(&alias.ident.to_string())
        {
            // It is written out where it was used.
            alias.attrs.push(parse_quote!(#[allow(dead_code)]));
        }
    }
    taken
}

/// Replaces aliases by what they stand for.
struct WriteOut<'a> {
    known: &'a BTreeMap<String, ItemType>,
    depth: usize,
    used: BTreeSet<String>,
}

impl VisitMut for WriteOut<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        syn::visit_mut::visit_type_mut(self, ty);
        if self.depth == DEPTH {
            return;
        }
        if let Type::Path(path) = ty
            && let Some(mut meant) = self.meant(path)
        {
            self.depth += 1;
            self.visit_type_mut(&mut meant);
            self.depth -= 1;
            *ty = meant;
        }
    }
}

impl WriteOut<'_> {
    /// What a path stands for, with its arguments in place.
    fn meant(&mut self, path: &TypePath) -> Option<Type> {
        let segments = &path.path.segments;
        let (only, 1, None, None) = (
            segments.first()?,
            segments.len(),
            &path.qself,
            path.path.leading_colon,
        ) else {
            return None;
        };
        let alias = self.known.get(&only.ident.to_string())?;
        self.used.insert(only.ident.to_string());
        let mut given: Vec<Type> = match &only.arguments {
            PathArguments::AngleBracketed(arguments) => arguments
                .args
                .iter()
                .filter_map(|argument| match argument {
                    GenericArgument::Type(ty) => Some(ty.clone()),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        };
        given.reverse();
        let mut arguments = BTreeMap::new();
        for parameter in &alias.generics.params {
            // Lifetimes and lengths are left to rustc: what crosses the wire has none of them to fill in.
            let GenericParam::Type(parameter) = parameter else {
                return None;
            };
            let argument = given
                .pop()
                .or_else(|| parameter.default.as_ref().map(|(_, ty)| ty.clone()))?;
            arguments.insert(parameter.ident.to_string(), argument);
        }
        let mut meant = (*alias.ty).clone();
        FillIn { arguments }.visit_type_mut(&mut meant);
        Some(meant)
    }
}

/// Replaces the parameters of an alias by its arguments.
struct FillIn {
    arguments: BTreeMap<String, Type>,
}

impl VisitMut for FillIn {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(path) = ty
            && let Some(name) = path.path.get_ident()
            && let Some(argument) = self.arguments.get(&name.to_string())
        {
            *ty = argument.clone();
            return;
        }
        syn::visit_mut::visit_type_mut(self, ty);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::{ToTokens as _, quote};

    #[test]
    fn aliases_are_written_out_with_their_arguments() {
        let file: syn::File = syn::parse_quote! {
            type Id = u64;
            type Page<T, K = Id> = (Vec<T>, Option<K>);
            type Users = Page<User>;
            type Loop = Loop;
            struct User { id: Id, friends: Users, others: Page<u8, Id>, elsewhere: other::Id }
            fn helper(id: Id) {}
        };
        let mut items = file.items;
        let taken = take(&mut items);
        let text = |tokens: proc_macro2::TokenStream| tokens.to_string();
        let names: Vec<String> = taken.iter().map(|alias| alias.ident.to_string()).collect();
        assert_eq!(names, ["Users"]);
        let user = items
            .iter()
            .find(|item| matches!(item, Item::Struct(_)))
            .expect("the struct");
        assert_eq!(
            text(user.to_token_stream()),
            text(quote! {
                struct User {
                    id: u64, friends: (Vec<User>, Option<u64>), others: (Vec<u8>, Option<u64>), elsewhere: other::Id
                }
            })
        );
        assert!(
            items
                .iter()
                .any(|item| matches!(item, Item::Type(alias) if alias.ident == "Id"))
        );
    }
}
