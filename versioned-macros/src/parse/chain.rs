//! What the versions of the explicit form tell each other: the source of all versions so far, handed on by hidden macros.

use proc_macro2::TokenStream;
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Ident, Item, ItemMod, LitStr, Path, Token, Visibility, braced, bracketed, parenthesized};

use crate::model::explicit::Written;

/// The versions of a contract, oldest first.
pub(crate) struct Chain {
    pub(crate) contract: LitStr,
    pub(crate) compatibility: Option<LitStr>,
    pub(crate) versions: Vec<Written>,
}

impl Chain {
    /// Notes that all versions were reached through a path into another crate.
    pub(crate) fn reached_by(&mut self, path: &Path) {
        if path.leading_colon.is_some() {
            for version in &mut self.versions {
                version.foreign = true;
            }
        }
    }
}

impl Parse for Chain {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let contract = input.parse()?;
        let compatibility = input.parse()?;
        let mut versions = Vec::new();
        while !input.is_empty() {
            let (head, body);
            parenthesized!(head in input);
            let name = head.parse()?;
            let number;
            parenthesized!(number in head);
            let (version, dates) = (number.parse()?, number.parse()?);
            let foreign = head.parse::<Option<Token![extern]>>()?.is_some();
            braced!(body in head);
            let mut items = Vec::new();
            while !body.is_empty() {
                items.push(body.parse()?);
            }
            versions.push(Written {
                name,
                version,
                dates,
                foreign,
                items,
            });
        }
        Ok(Self {
            contract,
            compatibility,
            versions,
        })
    }
}

impl ToTokens for Chain {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (contract, compatibility) = (&self.contract, &self.compatibility);
        tokens.append_all(quote!(#contract #compatibility));
        for written in &self.versions {
            let Written {
                name,
                version,
                dates,
                foreign,
                items,
            } = written;
            let foreign = foreign.then(|| quote!(extern));
            // Helpers and what else a macro may be confused by is no fact.
            let facts = items.iter().filter(|item| is_fact(item));
            tokens.append_all(quote!((#name (#version #dates) #foreign { #(#facts)* })));
        }
    }
}

fn is_fact(item: &Item) -> bool {
    matches!(
        item,
        Item::Struct(_) | Item::Enum(_) | Item::Trait(_) | Item::Type(_) | Item::Use(_)
    )
}

/// What `__evolve!` is called with: the versions before, the arguments of the attribute and the module that it stands on.
pub(crate) struct Evolve {
    pub(crate) chain: Chain,
    pub(crate) arguments: TokenStream,
    pub(crate) module: ItemMod,
}

impl Parse for Evolve {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (chain, arguments);
        bracketed!(chain in input);
        let chain = chain.parse()?;
        parenthesized!(arguments in input);
        Ok(Self {
            chain,
            arguments: arguments.parse()?,
            module: input.parse()?,
        })
    }
}

/// `pub mod user_profile = path::to::last_version;`
pub(crate) struct Assembly {
    pub(crate) attrs: Vec<syn::Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    pub(crate) last: Path,
}

impl Parse for Assembly {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(syn::Attribute::parse_outer)?;
        let vis = input.parse()?;
        input.parse::<Token![mod]>()?;
        let name = input.parse()?;
        input.parse::<Token![=]>()?;
        let last = input.parse()?;
        input.parse::<Token![;]>()?;
        Ok(Self {
            attrs,
            vis,
            name,
            last,
        })
    }
}

/// What `__assemble!` is called with.
pub(crate) struct Assemble {
    pub(crate) chain: Chain,
    pub(crate) assembly: Assembly,
}

impl Parse for Assemble {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let chain;
        bracketed!(chain in input);
        Ok(Self {
            chain: chain.parse()?,
            assembly: input.parse()?,
        })
    }
}
