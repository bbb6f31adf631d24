//! Where generated code finds us: the runtime under the name that the user's manifest gives it, or else the core.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Ident, Path};

/// The hidden module that generated code names.
pub(crate) struct CratePath {
    pub(crate) path: TokenStream,
    /// Whether it is the runtime's, so that services can be generated.
    pub(crate) runtime: bool,
}

/// Where the hidden macros of the explicit form are: beside what generated code names, or in their own crate.
pub(crate) fn macros(explicit: Option<&Path>) -> TokenStream {
    let found = resolve(explicit);
    if found.runtime {
        return found.path;
    }
    let name = match crate_name("versioned-macros") {
        Ok(FoundCrate::Name(name)) => Ident::new(&name, Span::call_site()),
        Ok(FoundCrate::Itself) | Err(_) => Ident::new("versioned_macros", Span::call_site()),
    };
    quote!(::#name)
}

/// Finds it; `explicit` is what `crate = …` said, and is the runtime.
pub(crate) fn resolve(explicit: Option<&Path>) -> CratePath {
    if let Some(path) = explicit {
        return CratePath {
            path: quote!(#path::__private),
            runtime: true,
        };
    }
    let found = |package: &str| {
        crate_name(package).ok().map(|found| match found {
            // Inside the package itself, its examples and tests see it under its own name.
            FoundCrate::Itself => package.replace('-', "_"),
            FoundCrate::Name(name) => name,
        })
    };
    let (name, runtime) = match (found("versioned-runtime"), found("versioned-core")) {
        (Some(name), _) => (name, true),
        (None, Some(name)) => (name, false),
        (None, None) => ("versioned_runtime".to_owned(), true),
    };
    let name = Ident::new(&name, Span::call_site());
    CratePath {
        path: quote!(::#name::__private),
        runtime,
    }
}
