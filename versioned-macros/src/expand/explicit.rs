//! The explicit form: a version where it was written, and the contract that is made of all versions.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::visit_mut::VisitMut as _;
use syn::{Ident, Item, Path, Type};

use super::{Cx, borrowed, contract, convert, handle, http, laws, operations, service, versions};
use crate::model::OneDown;
use crate::plan::Plan;
use crate::schema;

/// What a version hands on, and where it comes from.
pub(crate) struct Version<'a> {
    /// The module of the version before.
    pub(crate) evolves: Option<&'a Path>,
    /// The source of this version and of all before it.
    pub(crate) facts: &'a TokenStream,
    /// The hidden macro that hands them on.
    pub(crate) facts_name: &'a Ident,
}

/// The module of the last version, with the conversions from the one before.
pub(crate) fn version(plan: &Plan<'_>, refused: bool, version: &Version<'_>) -> TokenStream {
    let history = plan.history;
    let last = history.contract.versions.len() - 1;
    // Inside of its own module, a version is `self`, and the one before has a name that it is re-exported under.
    let cx = Cx {
        plan,
        rt: &history.contract.krate,
        refused,
        modules: (0..=last)
            .map(|at| {
                if at == last {
                    format_ident!("self")
                } else {
                    format_ident!("__previous")
                }
            })
            .collect(),
        aliased: false,
    };
    let shell = &history.module;
    let (attrs, vis, ident) = (&shell.attrs, &shell.vis, &shell.ident);
    let others = shell.others.iter().filter(|item| !is_generated(item));
    let types = history.types.iter().zip(&plan.homes).filter_map(|(ty, homes)| {
        let form = ty.forms[last].as_ref().filter(|_| homes[last] == Some(last))?;
        let input = &form.input;
        let node = (!ty.is_error).then(|| {
            let id = format!("{}::{}::{}", history.contract.id, ident, ty.ident);
            schema::node_impl(input, &form.facts, cx.rt, &quote!(#id))
        });
        Some(quote!(#input #node))
    });
    let traits = history
        .traits
        .iter()
        .zip(&plan.trait_homes)
        .filter_map(|(item, homes)| {
            let form = item.forms[last].as_ref().filter(|_| homes[last] == Some(last))?;
            Some(versions::definition(form, false))
        });
    let opaque = history.opaque.iter().map(|item| versions::opaque(&cx, item));
    let before = last
        .checked_sub(1)
        .map_or_else(Vec::new, |before| argument_types(&cx, before));
    let argument_types = argument_types(&cx, last)
        .into_iter()
        .enumerate()
        .map(|(index, ty)| {
            let name = format_ident!("__T{index}");
            // What only a trait of the version before mentions may have no name here.
            let meant = match before.iter().position(|known| same(known, ty)) {
                Some(index) if !is_written_here(&cx, last, ty) => {
                    let name = format_ident!("__T{index}");
                    quote!(__previous::#name)
                }
                _ => quote!(#ty),
            };
            quote!(#[doc(hidden)] #[allow(private_interfaces)] pub type #name = #meant;)
        });
    let previous = version.evolves.map(|path| {
        let mut path = path.clone();
        down(&mut path);
        quote!(#[doc(hidden)] #[allow(unused_imports)] pub use #path as __previous;)
    });
    let conversions = last.checked_sub(1).map(|step| convert::of_step(&cx, step));
    let (facts, facts_name) = (version.facts, version.facts_name);
    quote! {
        #(#attrs)*
        #vis mod #ident {
            #(#others)*
            #(#types)*
            #(#traits)*
            #(#opaque)*
            #previous
            #[doc(hidden)]
            #[allow(unused_imports)]
            pub use self::__facts_of::__facts;
            // In a module of its own no glob import of the user brings the macro in a second time, by its path.
            #[doc(hidden)]
            mod __facts_of {
                #[macro_export]
                macro_rules! #facts_name {
                    ({ $($callback:tt)* } $($rest:tt)*) => {
                        $($callback)*! { [#facts] $($rest)* }
                    };
                }
                #[allow(unused_imports)]
                pub use #facts_name as __facts;
            }
            #(#argument_types)*
            #conversions
        }
    }
}

/// The contract: its versions by name, and everything that is made of them.
pub(crate) fn assembly(plan: &Plan<'_>, refused: bool, last: &Path) -> TokenStream {
    let history = plan.history;
    let cx = Cx {
        aliased: true,
        ..Cx::new(plan, refused)
    };
    let mut last = last.clone();
    down(&mut last);
    let mut vis = history.module.vis.clone();
    OneDown.visit_visibility_mut(&mut vis);
    let count = history.contract.versions.len();
    let modules = (0..count).rev().map(|version| {
        let name = cx.module(version);
        let doc = format!(
            "Version {} of `{}`.",
            history.contract.semver(version),
            history.contract.id
        );
        let path = if version + 1 == count {
            quote!(#last)
        } else {
            let next = cx.module(version + 1);
            quote!(self::#next::__previous)
        };
        quote!(#[doc = #doc] #[doc(inline)] #vis use #path as #name;)
    });
    let (attrs, vis, ident) = (&history.module.attrs, &history.module.vis, &history.module.ident);
    let markers = versions::markers(&cx);
    let contract = contract::expand(&cx);
    let borrowed = borrowed::expand(&cx);
    let laws = laws::expand(&cx);
    let operations = operations::expand(&cx);
    let served = history.contract.runtime.then(|| {
        let http = http::expand(&cx);
        let service = service::expand(&cx);
        let handle = handle::expand(&cx);
        quote!(#http #service #handle)
    });
    quote! {
        #(#attrs)*
        #vis mod #ident {
            #(#modules)*
            #markers
            #contract
            #borrowed
            #laws
            #operations
            #served
        }
    }
}

/// The types of arguments, answers and errors of a version: the contract names them through aliases in the module of the version,
/// where all paths mean what was meant.
pub(super) fn argument_types<'a>(cx: &Cx<'a>, version: usize) -> Vec<&'a Type> {
    let mut types: Vec<&Type> = Vec::new();
    for planned in &cx.plan.operations[version] {
        let arguments = planned.form.arguments.iter().map(|argument| &argument.ty);
        for ty in arguments.chain([&planned.form.output, &planned.form.error]) {
            if !types.iter().any(|known| same(known, ty)) {
                types.push(ty);
            }
        }
    }
    types
}

/// Whether an operation of a trait that this version writes itself mentions the type.
fn is_written_here(cx: &Cx<'_>, version: usize, ty: &Type) -> bool {
    let history = cx.plan.history;
    let own = history.traits.iter().zip(&cx.plan.trait_homes);
    let written = own.filter(|(_, homes)| homes[version] == Some(version));
    let forms = written.filter_map(|(item, _)| item.forms[version].as_ref());
    let mut operations =
        forms.flat_map(|form| form.methods.iter().filter_map(|method| method.operation.as_ref()));
    operations.any(|operation| {
        let arguments = operation.arguments.iter().map(|argument| &argument.ty);
        let mut types = arguments.chain([&operation.output, &operation.error]);
        types.any(|known| same(known, ty))
    })
}

pub(super) fn same(a: &Type, b: &Type) -> bool {
    quote!(#a).to_string() == quote!(#b).to_string()
}

/// Types and traits of a version come from its history; what else is in the module stays as it was written.
fn is_generated(item: &Item) -> bool {
    matches!(
        item,
        Item::Struct(_) | Item::Enum(_) | Item::Trait(_) | Item::Union(_)
    )
}

/// A path that moves one module down; one that begins with a plain word is relative to where it was written.
fn down(path: &mut Path) {
    let Some(first) = path.segments.first() else {
        return;
    };
    let relative =
        path.leading_colon.is_none() && !["crate", "self", "super"].iter().any(|word| first.ident == word);
    if relative {
        path.segments
            .insert(0, Ident::new("super", first.ident.span()).into());
    } else {
        OneDown.visit_path_mut(path);
    }
}
