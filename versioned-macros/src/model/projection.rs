//! Moving items one module down: visibilities and relative paths keep their meaning.

use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use syn::visit_mut::VisitMut;
use syn::{Attribute, Meta, Path, Token, Visibility, parse_quote};

/// Rewrites everything relative in an item that moves from the contract module into a version's module.
pub(crate) struct OneDown;

impl VisitMut for OneDown {
    fn visit_visibility_mut(&mut self, vis: &mut Visibility) {
        match vis {
            Visibility::Inherited => *vis = parse_quote!(pub(super)),
            Visibility::Restricted(restricted) if restricted.path.is_ident("crate") => {}
            Visibility::Restricted(restricted) if restricted.path.is_ident("self") => {
                *vis = parse_quote!(pub(super));
            }
            Visibility::Restricted(restricted) => {
                restricted.in_token = Some(Token![in](restricted.pub_token.span));
                down(&mut restricted.path);
            }
            Visibility::Public(_) => {}
        }
    }

    fn visit_path_mut(&mut self, path: &mut Path) {
        if path.segments.len() > 1 {
            down(path);
        }
        syn::visit_mut::visit_path_mut(self, path);
    }

    /// Visibilities of enum variants and their fields are those of the enum: there are none to rewrite.
    fn visit_variant_mut(&mut self, variant: &mut syn::Variant) {
        for attribute in &mut variant.attrs {
            self.visit_attribute_mut(attribute);
        }
        for field in &mut variant.fields {
            for attribute in &mut field.attrs {
                self.visit_attribute_mut(attribute);
            }
            self.visit_type_mut(&mut field.ty);
        }
    }

    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        if attribute.path().is_ident("serde")
            && let Meta::List(list) = &mut attribute.meta
        {
            list.tokens = strings_down(std::mem::take(&mut list.tokens));
        }
    }
}

fn down(path: &mut Path) {
    if path.leading_colon.is_some() {
        return;
    }
    let Some(first) = path.segments.first_mut() else {
        return;
    };
    if first.ident == "self" {
        *first = parse_quote!(super);
    } else if first.ident == "super" {
        path.segments.insert(0, parse_quote!(super));
    }
}

/// serde names functions by strings; those are relative to the item, too.
fn strings_down(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => {
                let mut moved = Group::new(group.delimiter(), strings_down(group.stream()));
                moved.set_span(group.span());
                TokenTree::Group(moved)
            }
            TokenTree::Literal(literal) => TokenTree::Literal(string_down(literal)),
            other => other,
        })
        .collect()
}

fn string_down(literal: Literal) -> Literal {
    let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) else {
        return literal;
    };
    let text = text.value();
    let moved = if let Some(rest) = text.strip_prefix("self::") {
        format!("super::{rest}")
    } else if text.starts_with("super::") {
        format!("super::{text}")
    } else {
        return literal;
    };
    let mut new = Literal::string(&moved);
    new.set_span(literal.span());
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::{ToTokens as _, quote};

    #[track_caller]
    fn check(mut item: syn::ItemStruct, expected: &TokenStream) {
        OneDown.visit_item_struct_mut(&mut item);
        assert_eq!(item.to_token_stream().to_string(), expected.to_string());
    }

    #[test]
    fn keeps_the_meaning_of_paths_and_visibilities() {
        check(
            parse_quote! {
                struct A {
                    pub a: super::Page,
                    pub(super) b: self::helpers::B,
                    #[serde(default = "self::zero", skip_serializing_if = "super::is_zero")]
                    pub(crate) c: u8,
                }
            },
            &quote! {
                pub(super) struct A {
                    pub a: super::super::Page,
                    pub(in super::super) b: super::helpers::B,
                    #[serde(default = "super::zero", skip_serializing_if = "super::super::is_zero")]
                    pub(crate) c: u8,
                }
            },
        );
    }
}
