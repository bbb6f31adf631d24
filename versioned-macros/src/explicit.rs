//! The explicit form: `#[versioned(contract = "…", version = "2.0.0", evolves = v1)]` on a module that is one version, and
//! `contract!`, which makes a service of them all.
//!
//! A macro sees nothing but its own tokens. So every version leaves behind a hidden macro that hands its facts, and those of the
//! versions before it, to the next expansion: also to one in another crate.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{ItemMod, LitStr};

use crate::crate_path;
use crate::expand::{self, explicit::Version};
use crate::model::build::{check_id, compatibility, versions};
use crate::model::explicit::Written;
use crate::model::{ContractDecl, History, Shell, explicit};
use crate::parse::args::{Explicit, WrittenVersion};
use crate::parse::chain::{Assemble, Assembly, Chain, Evolve};
use crate::sink::{Diagnostic, Sink};
use crate::{check, plan};

/// Expands the attribute: at once for a first version, else by way of the version before.
pub(crate) fn version(
    arguments: &Explicit,
    tokens: &TokenStream,
    module: ItemMod,
    mut sink: Sink,
) -> TokenStream {
    let Some(evolves) = &arguments.evolves else {
        let chain = Chain {
            contract: arguments.contract.clone(),
            compatibility: arguments.compatibility.clone(),
            versions: Vec::new(),
        };
        return next(arguments, chain, module, sink);
    };
    if module.content.is_none() {
        not_here(&module, &mut sink);
        return sink.into_tokens();
    }
    let callback = crate_path::macros(arguments.krate.as_ref());
    let errors = sink.into_tokens();
    let facts = facts_of(evolves);
    quote! {
        #errors
        #facts! { { #callback::__evolve } (#tokens) #module }
    }
}

/// The hidden macro of a version, underlined where the path is that leads to it.
fn facts_of(version: &syn::Path) -> TokenStream {
    quote_spanned!(version.span()=> #version::__facts)
}

/// Expands a version that has others before it.
pub(crate) fn evolve(tokens: TokenStream) -> TokenStream {
    let Evolve {
        chain,
        arguments,
        module,
    } = match syn::parse2(tokens) {
        Ok(evolve) => evolve,
        Err(error) => return error.to_compile_error(),
    };
    let mut sink = Sink::new();
    match crate::parse::args::parse_explicit(arguments, &mut sink) {
        Some(arguments) => next(&arguments, chain, module, sink),
        None => sink.into_tokens(),
    }
}

/// The module of a version, checked against those before it, and migrated from the last of them.
fn next(arguments: &Explicit, mut chain: Chain, module: ItemMod, mut sink: Sink) -> TokenStream {
    let Some((_, items)) = module.content else {
        not_here(&module, &mut sink);
        return sink.into_tokens();
    };
    if arguments.contract.value() != chain.contract.value() {
        let (here, there) = (arguments.contract.value(), chain.contract.value());
        sink.error(
            Diagnostic::new(
                "V0008",
                &arguments.contract,
                format!("`{here}` evolves a version of `{there}`"),
            )
            .help("a contract keeps its id through all versions"),
        );
    }
    if arguments.compatibility.is_some() {
        chain.compatibility.clone_from(&arguments.compatibility);
    }
    if let Some(evolves) = &arguments.evolves {
        chain.reached_by(evolves);
    }
    chain.versions.push(Written {
        name: module.ident.clone(),
        version: arguments.version.clone(),
        dates: arguments.dates(),
        foreign: false,
        items: items.clone(),
    });
    let facts = quote!(#chain);
    let Some(decl) = contract(&chain, arguments.krate.as_ref(), &module.attrs, &mut sink) else {
        return sink.into_tokens();
    };
    let shell = Shell {
        attrs: module.attrs,
        vis: module.vis,
        ident: module.ident,
        others: items,
    };
    let history = explicit::build(decl, chain.versions, shell, &mut sink);
    let plan = plan::plan(&history);
    check::check(&plan, &mut sink);
    let name = facts_name(&chain.contract, &arguments.version);
    let refused = sink.len() > 0;
    let expansion = expand::explicit::version(
        &plan,
        refused,
        &Version {
            evolves: arguments.evolves.as_ref(),
            facts: &facts,
            facts_name: &name,
        },
    );
    let errors = sink.into_tokens();
    quote!(#errors #expansion)
}

/// `contract! { pub mod user_profile = v2; }`: the facts are asked of the last version.
pub(crate) fn contract_of(tokens: &TokenStream) -> TokenStream {
    let assembly: Assembly = match syn::parse2(tokens.clone()) {
        Ok(assembly) => assembly,
        Err(error) => {
            let mut sink = Sink::new();
            let text = format!("`contract!` cannot be read: {error}");
            sink.error(
                Diagnostic::at("V0008", error.span(), text)
                    .help("write `contract! { pub mod user_profile = path::to::last_version; }`"),
            );
            return sink.into_tokens();
        }
    };
    let (callback, last) = (crate_path::macros(None), &assembly.last);
    let facts = facts_of(last);
    quote!(#facts! { { #callback::__assemble } #tokens })
}

/// Everything of a contract but its versions: markers, descriptions, bridges, the service.
pub(crate) fn assemble(tokens: TokenStream) -> TokenStream {
    let Assemble { mut chain, assembly } = match syn::parse2(tokens) {
        Ok(assemble) => assemble,
        Err(error) => return error.to_compile_error(),
    };
    chain.reached_by(&assembly.last);
    // What is wrong with the versions was told where they stand: here it only matters whether something was.
    let mut told = Sink::new();
    let decl = contract(&chain, None, &assembly.attrs, &mut told);
    let history = decl.map(|decl| {
        let shell = Shell {
            attrs: assembly.attrs.clone(),
            vis: assembly.vis.clone(),
            ident: assembly.name.clone(),
            others: Vec::new(),
        };
        History {
            told: 0,
            ..explicit::build(decl, chain.versions, shell, &mut told)
        }
    });
    let expansion = history.map(|history| {
        let plan = plan::plan(&history);
        check::check(&plan, &mut told);
        expand::explicit::assembly(&plan, told.len() > 0, &assembly.last)
    });
    drop(told.into_tokens());
    expansion.unwrap_or_default()
}

fn contract(
    chain: &Chain,
    krate: Option<&syn::Path>,
    attrs: &[syn::Attribute],
    sink: &mut Sink,
) -> Option<ContractDecl> {
    let compatibility = compatibility(chain.compatibility.as_ref(), sink);
    check_id(&chain.contract, sink);
    let list = chain.versions.iter().map(|written| WrittenVersion {
        ident: written.name.clone(),
        literal: written.version.clone(),
        dates: written.dates.clone(),
    });
    let count = chain.versions.len();
    let generated = ["Service", "Builder", "Handle", "Version"].map(|name| format_ident!("{name}"));
    let versions = versions(list.collect(), &generated, sink);
    // One that was refused has no place in the history.
    if versions.len() != count {
        return None;
    }
    let krate = crate_path::resolve(krate);
    let [service, builder, handle, version] = generated;
    Some(ContractDecl {
        id: chain.contract.value(),
        doc: crate::schema::doc(attrs),
        compatibility,
        versions,
        refused: Vec::new(),
        service,
        builder,
        handle,
        version,
        krate: krate.path,
        runtime: krate.runtime,
    })
}

fn not_here(module: &ItemMod, sink: &mut Sink) {
    sink.error(
        Diagnostic::new(
            "V0011",
            &module.ident,
            "the module of a version has its items in the same file",
        )
        .help(format!("write `pub mod {} {{ … }}` here", module.ident)),
    );
}

/// A macro that is exported stands at the root of its crate: its name says whose it is.
fn facts_name(contract: &LitStr, version: &LitStr) -> syn::Ident {
    let plain = |text: String| text.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format_ident!(
        "__versioned_{}_{}",
        plain(contract.value()),
        plain(version.value())
    )
}
