//! `laws!(contract)`: a test for each law that the conversions of a contract keep.

use std::num::NonZeroU32;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitInt, Path, Token};

use crate::crate_path;
use crate::sink::{Diagnostic, Sink};

/// What stands in the parentheses.
struct Arguments {
    contract: Path,
    krate: Option<Path>,
    /// How many values are tried where nothing else is said.
    cases: Option<LitInt>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let contract = input.call(Path::parse_mod_style)?;
        let (mut krate, mut cases) = (None, None);
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let key = input.call(Ident::parse_any)?;
            if key == "crate" && krate.is_none() {
                input.parse::<Token![=]>()?;
                krate = Some(input.call(Path::parse_mod_style)?);
            } else if key == "cases" && cases.is_none() {
                input.parse::<Token![=]>()?;
                let number: LitInt = input.parse()?;
                number.base10_parse::<NonZeroU32>()?;
                cases = Some(number);
            } else {
                let text =
                    "it takes the module of a contract, and `crate = path` and `cases = number` after it";
                return Err(syn::Error::new_spanned(key, text));
            }
        }
        Ok(Self {
            contract,
            krate,
            cases,
        })
    }
}

/// The tests, in a module of their own.
pub(crate) fn laws(input: TokenStream) -> TokenStream {
    let Arguments {
        contract,
        krate,
        cases,
    } = match syn::parse2(input) {
        Ok(arguments) => arguments,
        Err(error) => {
            let mut sink = Sink::new();
            let text = format!("`laws!` cannot be read: {error}");
            sink.error(Diagnostic::at("V0008", error.span(), text).help(
                "write `laws!(user_profile);`, with the path to the module that `#[versioned]` stands on",
            ));
            return sink.into_tokens();
        }
    };
    let Some(last) = contract.segments.last().cloned() else {
        return TokenStream::new();
    };
    let module = format_ident!("laws_of_{}", last.ident.unraw(), span = last.ident.span());
    let rt = crate_path::resolve(krate.as_ref()).path;
    let contract = one_down(contract);
    let cases = cases.map_or_else(
        || quote!(::core::option::Option::None),
        |cases| quote!(::core::option::Option::Some(#cases)),
    );
    let tests = [
        ("what_is_written_is_read_back", quote!(RoundTrip)),
        ("what_is_written_fits_the_published_schema", quote!(Schema)),
        ("upgrades_are_undone_by_downgrades", quote!(UpgradeDowngrade)),
        ("downgrades_are_undone_by_upgrades", quote!(DowngradeUpgrade)),
        ("borrowed_values_are_written_as_downgraded_ones", quote!(Borrowed)),
        ("the_direct_way_is_the_same_as_its_steps", quote!(Chain)),
    ];
    let tests = tests.iter().map(|(name, law)| {
        let name = Ident::new(name, last.ident.span());
        quote! {
            #[test]
            fn #name() {
                #rt::check_law(&#contract::__laws(), #rt::laws::Law::#law, #cases);
            }
        }
    });
    quote! {
        #[cfg(test)]
        mod #module {
            #[allow(unused_imports)]
            use super::*;
            #(#tests)*
        }
    }
}

/// The path as it is written one module further in.
fn one_down(mut path: Path) -> Path {
    if path.leading_colon.is_some() {
        return path;
    }
    if let Some(first) = path.segments.first_mut() {
        if first.ident == "self" {
            first.ident = Ident::new("super", first.ident.span());
        } else if first.ident == "super" {
            let first = first.clone();
            path.segments.insert(0, first);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: &str) {
        let tokens = laws(input.parse().expect("tokens")).to_string().replace(' ', "");
        assert!(tokens.contains(expected), "{tokens}");
    }

    #[test]
    fn paths_are_those_of_the_caller() {
        check("user_profile", "modlaws_of_user_profile{");
        check("user_profile", "&user_profile::__laws()");
        check("shop::orders", "modlaws_of_orders{");
        check("self::orders", "&super::orders::__laws()");
        check("super::orders", "&super::super::orders::__laws()");
        check("crate::orders,", "&crate::orders::__laws()");
        check("::shop::orders", "&::shop::orders::__laws()");
        check("orders, crate = renamed", "renamed::__private::check_law(");
    }

    #[test]
    fn the_number_of_values_is_said() {
        check("orders", "::core::option::Option::None);");
        check("orders, cases = 32", "::core::option::Option::Some(32));");
        check(
            "orders, cases = 32, crate = renamed,",
            "::core::option::Option::Some(32));",
        );
    }

    #[test]
    fn mistakes_say_what_to_write() {
        for input in [
            "",
            "1",
            "orders, runs = 3",
            "orders, cases = 0",
            "orders, cases = 1, cases = 2",
            "orders orders",
        ] {
            check(input, "help:write`laws!(user_profile);`");
            check(input, "[V0008]");
        }
    }
}
