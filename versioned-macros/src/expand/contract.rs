//! The constant description of each version, and its registration.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Ident, Type};
use versioned_core::contract::{Compatibility, Method};

use super::{Cx, examples};
use crate::model::references::{Seen, names_another, see};
use crate::model::{Argument, Body, Source, TypeHistory};
use crate::parse::dates;
use crate::parse::marks::{Marks, Requirement, Scheme};
use crate::parse::verbs::{Function, Verbs};
use crate::plan::conversions::{
    Change, Conversion, ConversionBody, FieldPlan, FieldSource, VariantPlan, VariantTarget,
};
use crate::plan::{Direction, Planned};

/// The static that describes a version.
pub(super) fn constant(cx: &Cx<'_>, version: usize) -> Ident {
    format_ident!(
        "__CONTRACT_{}",
        cx.module(version).unraw().to_string().to_uppercase()
    )
}

/// The statics of all versions.
pub(super) fn expand(cx: &Cx<'_>) -> TokenStream {
    cx.versions().map(|version| description(cx, version)).collect()
}

fn description(cx: &Cx<'_>, version: usize) -> TokenStream {
    let rt = cx.rt;
    let contract = &cx.plan.history.contract;
    let (id, doc, name) = (
        &contract.id,
        &contract.doc,
        cx.module(version).unraw().to_string(),
    );
    let semver = contract.semver(version);
    let (major, minor, patch, pre) = (semver.major, semver.minor, semver.patch, semver.pre.as_str());
    let constant = constant(cx, version);
    let compatibility = match contract.compatibility {
        Compatibility::Backward => quote!(Backward),
        Compatibility::Forward => quote!(Forward),
        Compatibility::Full => quote!(Full),
    };
    let declared = &contract.versions[version];
    let released = dates::constant(declared.released, rt);
    let deprecation = dates::deprecation(declared.deprecation.as_ref(), rt);
    let operations = cx.plan.operations[version]
        .iter()
        .map(|planned| operation(cx, version, *planned));
    let migrations = migrations(cx, version);
    let previous = if let Some(previous) = version.checked_sub(1) {
        let previous = self::constant(cx, previous);
        quote!(::core::option::Option::Some(&#previous))
    } else {
        quote!(::core::option::Option::None)
    };
    quote! {
        #[doc(hidden)]
        #[allow(deprecated)]
        pub static #constant: #rt::Contract = #rt::Contract {
            id: #id,
            version: #rt::Semver { major: #major, minor: #minor, patch: #patch, pre: #pre },
            name: #name,
            index: #version,
            released: #released,
            deprecation: #deprecation,
            compatibility: #rt::Compatibility::#compatibility,
            doc: #doc,
            operations: &[#(#operations),*],
            migrations: &[#(#migrations),*],
            previous: #previous,
            origin: #rt::Origin {
                module: ::core::module_path!(),
                file: ::core::file!(),
                line: ::core::line!(),
            },
        };
        #rt::inventory::submit! { #rt::Registration(&#constant) }
    }
}

fn operation(cx: &Cx<'_>, version: usize, planned: Planned<'_>) -> TokenStream {
    let rt = cx.rt;
    let form = planned.form;
    let (name, trait_name) = (
        form.name.unraw().to_string(),
        planned.owner.ident.unraw().to_string(),
    );
    let method = match form.method {
        Method::Get => quote!(Get),
        Method::Post => quote!(Post),
        Method::Put => quote!(Put),
        Method::Patch => quote!(Patch),
        Method::Delete => quote!(Delete),
    };
    let (path, status, doc, replaces) = (&form.path, form.status, &form.doc, form.replaces);
    let parameters = form
        .arguments
        .iter()
        .filter_map(|argument| parameter(cx, version, &form.ident, argument));
    let body = if let Some(argument @ Argument { wire, .. }) = form
        .arguments
        .iter()
        .find(|argument| argument.source == Source::Body)
    {
        let span = argument.ty.span();
        let ty = cx.qualified(&argument.ty, version);
        let payload = quote_spanned!(span=> <#ty as #rt::RequestBody>::PAYLOAD);
        let said = &argument.constraints;
        let node = said.link(quote!(#payload.ty), said.description.as_deref(), rt);
        quote!(::core::option::Option::Some(#rt::Body { name: #wire, media: #payload.media, ty: #node }))
    } else {
        quote!(::core::option::Option::None)
    };
    let output = cx.qualified(&form.output, version);
    // What was told already is not told by constants again.
    let responses = if cx.refused {
        quote!(&[])
    } else {
        quote_spanned!(form.output.span()=> <#output as #rt::Responses>::RESPONSES)
    };
    let marks = marks(cx, &form.marks);
    let examples = examples::constants(cx, version, form);
    let error = cx.qualified(&form.error, version);
    let (request, answer) = cx.plan.unconvertible(version, &form.ident);
    let conversions = request
        .then(|| quote!(#rt::Unconvertible::REQUEST))
        .into_iter()
        .chain(answer.then(|| quote!(#rt::Unconvertible::ANSWER)));
    let problems = quote_spanned!(error.span()=> <#error as #rt::OperationError>::PROBLEMS);
    quote! {
        #rt::Operation {
            name: #name,
            trait_name: #trait_name,
            method: #rt::Method::#method,
            path: #path,
            status: #status,
            doc: #doc,
            parameters: &[#(#parameters),*],
            body: #body,
            responses: #responses,
            problems: #problems,
            conversions: &[#(#conversions),*],
            replaces: #replaces,
            marks: #marks,
            examples: &[#(#examples),*],
        }
    }
}

fn marks(cx: &Cx<'_>, marks: &Marks) -> TokenStream {
    let rt = cx.rt;
    let (safe, idempotent, tags) = (marks.safe.is_some(), marks.idempotent.is_some(), &marks.tags);
    let deprecation = dates::deprecation(marks.deprecation.as_ref(), rt);
    let security = marks.security.iter().map(|needed| {
        let needed = needed.iter().map(|Requirement { scheme, scopes }| {
            let scheme = match scheme {
                Scheme::Basic => quote!(Basic),
                Scheme::Bearer => quote!(Bearer),
                Scheme::ApiKey(header) => quote!(ApiKey { header: #header }),
            };
            quote!(#rt::Requirement { scheme: #rt::SecurityScheme::#scheme, scopes: &[#(#scopes),*] })
        });
        quote!(&[#(#needed),*])
    });
    quote! {
        #rt::Marks {
            safe: #safe,
            idempotent: #idempotent,
            tags: &[#(#tags),*],
            security: &[#(#security),*],
            deprecation: #deprecation,
        }
    }
}

/// Whether a written type is that of one text, as everybody can see.
fn is_text(ty: &Type) -> bool {
    match see(ty, &|_| false) {
        Seen::Option(inner) => is_text(inner),
        Seen::Other => !names_another(ty, &|_| false),
        _ => false,
    }
}

fn parameter(cx: &Cx<'_>, version: usize, operation: &Ident, argument: &Argument) -> Option<TokenStream> {
    let rt = cx.rt;
    let place = match argument.source {
        Source::Path => quote!(Path),
        Source::Query => quote!(Query),
        Source::QueryStruct => quote!(QueryStruct),
        Source::Header => quote!(Header),
        Source::Body => return None,
    };
    let (name, wire) = (argument.ident.unraw().to_string(), &argument.wire);
    let ty = argument_node(cx, version, argument);
    let place = quote!(#rt::Place::#place);
    // A constant of its own for each, so that all that cannot be read are told, and each is underlined. It is asked once a run of versions.
    let asked = !is_text(&argument.ty) && cx.plan.first_of_run(version, operation) == version;
    let asked = asked.then(|| {
        let read = quote_spanned!(argument.ty.span()=> <#rt::Link>::is_read_from(#ty, #place));
        quote!(const _: () = #read;)
    });
    Some(quote!(#rt::Parameter { name: #name, wire: #wire, place: #place, ty: { #asked #ty } }))
}

/// The node of an argument: what is demanded of it stands there.
fn argument_node(cx: &Cx<'_>, version: usize, argument: &Argument) -> TokenStream {
    let said = &argument.constraints;
    said.link(
        node(cx, version, &argument.ty),
        said.description.as_deref(),
        cx.rt,
    )
}

/// The node of a written type, with the span of the type: rustc points there if its shape is not known.
fn node(cx: &Cx<'_>, version: usize, ty: &Type) -> TokenStream {
    let rt = cx.rt;
    let span = ty.span();
    let ty = cx.qualified(ty, version);
    quote_spanned!(span=> <#ty as #rt::Schema>::NODE)
}

/// How each type moves between the previous version and this one.
fn migrations(cx: &Cx<'_>, version: usize) -> Vec<TokenStream> {
    let rt = cx.rt;
    let Some(step) = version.checked_sub(1) else {
        return Vec::new();
    };
    let types = cx.plan.history.types.iter().zip(&cx.plan.steps[step].conversions);
    types
        .filter_map(|(ty, conversions)| {
            let conversions = conversions.as_ref()?;
            let name = ty.ident.unraw().to_string();
            let label = |member: usize| ty.members[member].name.clone();
            let accepted = |member: usize| accepted_loss(&ty.members[member].verbs);
            let notes =
                |direction: Direction, conversion: &Conversion| notes(ty, conversion, direction, step);
            let (up, down) = (&conversions.upgrade, &conversions.downgrade);
            let (up_notes, down_notes) = (notes(Direction::Upgrade, up), notes(Direction::Downgrade, down));
            let upgrade = fidelity(rt, up, &up_notes);
            let downgrade = fidelity(rt, down, &down_notes);
            let both = [(quote!(Upgrade), up_notes), (quote!(Downgrade), down_notes)];
            let members = both.into_iter().flat_map(|(direction, notes)| {
                let members = notes.into_iter().map(move |(member, how)| {
                    let (name, reason) = (label(member), accepted(member));
                    quote! {
                        #rt::MemberMigration {
                            name: #name,
                            direction: #rt::Direction::#direction,
                            how: #how,
                            reason: #reason,
                        }
                    }
                });
                members.collect::<Vec<_>>()
            });
            Some(quote! {
                #rt::Migration {
                    type_name: #name,
                    upgrade: #upgrade,
                    downgrade: #downgrade,
                    members: &[#(#members),*],
                }
            })
        })
        .collect()
}

fn fidelity(rt: &TokenStream, conversion: &Conversion, notes: &[(usize, String)]) -> TokenStream {
    if !conversion.available {
        return quote!(::core::option::Option::None);
    }
    if conversion.fallible {
        return quote!(::core::option::Option::Some(#rt::Fidelity::Fallible));
    }
    let lossy = notes.iter().any(|(_, how)| !how.starts_with("computed"));
    let fidelity = match (notes.is_empty(), lossy) {
        (true, _) => quote!(Exact),
        (false, true) => quote!(Lossy),
        (false, false) => quote!(Computed),
    };
    quote!(::core::option::Option::Some(#rt::Fidelity::#fidelity))
}

/// The members that are not simply moved, each with what happens to it.
fn notes(
    ty: &TypeHistory,
    conversion: &Conversion,
    direction: Direction,
    step: usize,
) -> Vec<(usize, String)> {
    match &conversion.body {
        ConversionBody::Struct(fields) => {
            let mut notes: Vec<(usize, String)> = fields.iter().filter_map(field_note).collect();
            let computed = fields
                .iter()
                .any(|field| matches!(field.from, FieldSource::Function(_)));
            let (from, _) = direction.ends(step);
            if let (false, Some(Body::Struct(source))) =
                (computed, ty.forms[from].as_ref().map(|form| &form.body))
            {
                // Where functions look at the whole value, what is not moved went into them.
                let gone = source
                    .iter()
                    .filter(|field| !fields.iter().any(|target| target.member == field.member));
                notes.extend(gone.map(|field| (field.member, "dropped".to_owned())));
            }
            notes
        }
        ConversionBody::Enum(variants) => variants.iter().flat_map(variant_notes).collect(),
    }
}

/// Why a loss was accepted; empty if nobody said so.
fn accepted_loss(verbs: &Verbs) -> String {
    let default = verbs
        .default
        .as_ref()
        .and_then(|default| default.accept_loss.as_ref());
    verbs
        .lossy
        .as_ref()
        .or(default)
        .map_or_else(String::new, syn::LitStr::value)
}

fn computed(function: &Function) -> String {
    let path = path_text(&function.path);
    if function.fallible {
        format!("computed by `{path}`, which may fail")
    } else {
        format!("computed by `{path}`")
    }
}

fn field_note(field: &FieldPlan) -> Option<(usize, String)> {
    let how = match &field.from {
        FieldSource::Function(function)
        | FieldSource::Changed {
            how: Change::Function(function),
            ..
        } => computed(function),
        FieldSource::Default { path: Some(path), .. } => format!("made up by `{}`", path_text(path)),
        FieldSource::Default { path: None, .. } => "made up by default".to_owned(),
        FieldSource::Move { .. } | FieldSource::Changed { .. } | FieldSource::Missing => return None,
    };
    Some((field.member, how))
}

fn variant_notes(variant: &VariantPlan) -> Vec<(usize, String)> {
    let how = match &variant.into {
        VariantTarget::Unit(target) => format!("becomes `{target}`"),
        VariantTarget::Function(function) => computed(function),
        VariantTarget::Other => "becomes the `other` problem".to_owned(),
        VariantTarget::Same { fields, .. } => {
            return fields
                .iter()
                .filter_map(field_note)
                .map(|(_, how)| (variant.member, how))
                .collect();
        }
        VariantTarget::Missing => return Vec::new(),
    };
    vec![(variant.member, how)]
}

fn path_text(path: &syn::Path) -> String {
    let segments: Vec<String> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    segments.join("::")
}
