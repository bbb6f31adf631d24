//! Structs and enums of a contract, projected on each version.

use std::ops::Range;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::visit::Visit;
use syn::visit_mut::VisitMut;
use syn::{Data, DeriveInput, Field, Fields, Ident, Index, Type};

use super::build::Context;
use super::dated;
use super::projection::OneDown;
use super::renames;
use super::role::Role;
use super::variants;
use super::{Body, ContractDecl, FieldForm, Member, TypeForm, TypeHistory, VariantForm};
use crate::constraints::{self, Said};
use crate::parse::openapi;
use crate::parse::verbs::{Place, Verbs};
use crate::serde_facts::{self, FieldFacts, TypeFacts};
use crate::sink::Diagnostic;
use crate::words::readable;

/// Adds a struct or enum to the history.
pub(super) fn add(mut input: DeriveInput, cx: &mut Context<'_>) {
    let decl = cx.decl;
    let all = 0..decl.versions.len();
    let verbs = cx.verbs(&mut input.attrs, Place::Item);
    let range = cx.range(&verbs, &all);
    let former = renames::former(&verbs, &range, "type", cx);
    for removed in &verbs.removed {
        let name = &removed.name;
        cx.sink.error(
            Diagnostic::new(
                "V0304",
                name,
                "`removed` is for versions that are written out one by one",
            )
            .help(format!(
                "write `#[version(until = v2)]` on `{name}`, and `downgrade = function` with it"
            )),
        );
    }
    let mut said = cx.openapi(&mut input.attrs, openapi::Place::Item, &range);
    said.extend(cx.deprecated(&verbs, &input.attrs, &range));
    cx.attributes(&mut input.attrs);
    if let Some(twin) = cx.types.iter().find(|t| t.ident == input.ident) {
        cx.sink.error(
            Diagnostic::new(
                "V0010",
                &input.ident,
                format!("`{}` is declared twice", twin.ident),
            )
            .help("write it once: `since`, `until` and `renamed` on its members say what changes"),
        );
        return;
    }
    let generic = refuse_generics(&input, cx);
    refuse_borrowed_fields(&mut input.data, cx);
    let mut members = members(&mut input.data, &range, cx);
    if generic {
        // It cannot be modelled, but code around it names it: give it back in every version.
        OneDown.visit_derive_input_mut(&mut input);
        cx.opaque.push(input);
        return;
    }
    refuse_twins(&mut members, &input.ident.to_string(), cx);
    successors(&members, cx);
    let role = Role::of(&input);
    if role != Role::Value {
        refuse_on_roles(role, &said, &members, cx);
    }
    let forms = (0..decl.versions.len())
        .map(|version| {
            range
                .contains(&version)
                .then(|| form(&input, &said, &members, version, cx))
        })
        .collect();
    let mut ty = TypeHistory {
        ident: input.ident,
        former,
        role,
        range,
        members,
        forms,
    };
    variants::check(&mut ty, cx);
    cx.types.push(ty);
}

/// Takes the verbs of all members out of the item.
fn members(data: &mut Data, range: &Range<usize>, cx: &mut Context<'_>) -> Vec<Member> {
    match data {
        Data::Struct(data) => fields(&mut data.fields, range, cx),
        Data::Enum(data) => data
            .variants
            .iter_mut()
            .map(|variant| {
                let verbs = cx.verbs(&mut variant.attrs, Place::Variant);
                constraints::refuse_on(&mut variant.attrs, "a variant", cx.sink);
                cx.attributes(&mut variant.attrs);
                let own = cx.range(&verbs, range);
                let said = cx.deprecated(&verbs, &variant.attrs, &own);
                changes_within(&verbs, &own, "variant", cx);
                let fields = fields(&mut variant.fields, &own, cx);
                for field in &fields {
                    refuse_functions_in_variants(&field.verbs, cx);
                }
                let name = variant.ident.to_string();
                Member {
                    name,
                    token: variant.ident.to_token_stream(),
                    range: own,
                    verbs,
                    said,
                    fields,
                }
            })
            .collect(),
        Data::Union(_) => Vec::new(),
    }
}

fn fields(fields: &mut Fields, range: &Range<usize>, cx: &mut Context<'_>) -> Vec<Member> {
    let place = constraints::place(fields);
    fields
        .iter_mut()
        .enumerate()
        .map(|(position, field)| {
            let verbs = cx.verbs(&mut field.attrs, Place::Field);
            let own = cx.range(&verbs, range);
            let mut said = cx.openapi(&mut field.attrs, place, &own);
            said.extend(cx.deprecated(&verbs, &field.attrs, &own));
            cx.attributes(&mut field.attrs);
            changes_within(&verbs, &own, "field", cx);
            for changed in &verbs.changed {
                refuse_borrows(&changed.from, cx);
            }
            let (name, token) = match &field.ident {
                Some(ident) => (ident.to_string(), ident.to_token_stream()),
                None => (position.to_string(), field.ty.to_token_stream()),
            };
            Member {
                name,
                token,
                range: own,
                verbs,
                said,
                fields: Vec::new(),
            }
        })
        .collect()
}

/// What is renamed or changed in a version was there before it, too.
pub(super) fn changes_within(verbs: &Verbs, own: &Range<usize>, what: &str, cx: &mut Context<'_>) {
    let renamed = verbs.renamed.iter().map(|renamed| (&renamed.version, "rename"));
    let changed = verbs.changed.iter().map(|changed| (&changed.version, "change"));
    for (token, verb) in renamed.chain(changed) {
        let outside = |at: usize| !own.contains(&at) || at == own.start;
        if cx.version(token).is_some_and(outside) {
            cx.sink.error(
                Diagnostic::new(
                    "V0007",
                    token,
                    format!("there is no such {what} before `{token}` to {verb}"),
                )
                .help(format!(
                    "{verb} in a version that has the {what}, and whose previous version has it, too"
                )),
            );
        }
    }
}

/// Two members of one name in one version.
fn refuse_twins(members: &mut [Member], owner: &str, cx: &mut Context<'_>) {
    let decl = cx.decl;
    for position in 0..members.len() {
        let (earlier, later) = members.split_at_mut(position);
        let Some(member) = later.first_mut() else { continue };
        let twin = earlier.iter().find_map(|earlier| {
            let mut both =
                member.range.start.max(earlier.range.start)..member.range.end.min(earlier.range.end);
            let name = |member: &Member, version| name_at(member, version, decl);
            both.find(|version| name(member, *version) == name(earlier, *version))
        });
        if let Some(version) = twin {
            let (name, semver) = (name_at(member, version, decl), decl.semver(version));
            cx.sink.error(
                Diagnostic::new("V0010", &member.token, format!("`{name}` stands twice in `{owner}` of {semver}"))
                    .help("give the two ranges that do not meet: `until = …` on the older, `since = …` on the newer"),
            );
            // It was told; rustc need not tell it again.
            member.range.end = member.range.start;
        }
        let owner = format!("{owner}::{}", member.name);
        refuse_twins(&mut member.fields, &owner, cx);
    }
}

/// What is used instead of a member is another one beside it.
pub(super) fn successors(members: &[Member], cx: &mut Context<'_>) {
    let names: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
    for member in members {
        let what = if member.fields.is_empty() {
            "member"
        } else {
            "variant"
        };
        cx.successor(&member.verbs, &member.name, what, &names);
        successors(&member.fields, cx);
    }
}

/// The name that a member has in a version.
fn name_at(member: &Member, version: usize, decl: &ContractDecl) -> String {
    renamed_at(&member.verbs, version, decl).map_or_else(|| member.name.clone(), ToString::to_string)
}

fn renamed_at<'a>(verbs: &'a Verbs, version: usize, decl: &ContractDecl) -> Option<&'a Ident> {
    let at = |ident: &Ident| decl.versions.iter().position(|v| v.ident == *ident);
    let later = verbs
        .renamed
        .iter()
        .filter_map(|renamed| Some((at(&renamed.version)?, &renamed.from)));
    later
        .filter(|(at, _)| version < *at)
        .min_by_key(|(at, _)| *at)
        .map(|(_, from)| from)
}

/// The type that a field has in a version, if it is not the one that is written there.
fn changed_at<'a>(verbs: &'a Verbs, version: usize, decl: &ContractDecl) -> Option<&'a Type> {
    let at = |ident: &Ident| decl.versions.iter().position(|v| v.ident == *ident);
    let later = verbs
        .changed
        .iter()
        .filter_map(|changed| Some((at(&changed.version)?, &changed.from)));
    later
        .filter(|(at, _)| version < *at)
        .min_by_key(|(at, _)| *at)
        .map(|(_, from)| from)
}

fn form(
    input: &DeriveInput,
    said: &[Said],
    members: &[Member],
    version: usize,
    cx: &mut Context<'_>,
) -> TypeForm {
    let present = |member: &Member| member.range.contains(&version);
    let mut projected = input.clone();
    let body = match &mut projected.data {
        Data::Struct(data) => Body::Struct(project_fields(&mut data.fields, members, version, cx)),
        Data::Enum(data) => {
            let variants = std::mem::take(&mut data.variants);
            let mut forms = Vec::new();
            for (index, mut variant) in variants.into_iter().enumerate() {
                if !members.get(index).is_some_and(present) {
                    continue;
                }
                if let Some(old) = renamed_at(&members[index].verbs, version, cx.decl) {
                    variant.ident = old.clone();
                }
                let fields = project_fields(&mut variant.fields, &members[index].fields, version, cx);
                forms.push(VariantForm {
                    member: index,
                    ident: variant.ident.clone(),
                    fields,
                });
                data.variants.push(variant);
            }
            Body::Enum(forms)
        }
        Data::Union(_) => Body::Enum(Vec::new()),
    };
    let mut facts = serde_facts::read(&projected, cx.sink);
    enter_constraints(&projected, &mut facts, said, members, &body, version, cx);
    WithoutOpenapi.visit_derive_input_mut(&mut projected);
    OneDown.visit_derive_input_mut(&mut projected);
    TypeForm {
        input: projected,
        facts,
        body,
    }
}

/// What holds of the values of a type and its fields in one version.
pub(super) fn enter_constraints(
    input: &DeriveInput,
    facts: &mut TypeFacts,
    said: &[Said],
    members: &[Member],
    body: &Body,
    version: usize,
    cx: &mut Context<'_>,
) {
    let proxied = facts.container.proxy.is_some();
    let mut enter = |fields: &[FieldForm], members: &[Member], facts: &mut [FieldFacts]| {
        for (field, facts) in fields.iter().zip(facts) {
            let said = members.get(field.member).map_or(&[][..], |member| &member.said);
            let constrained = constraints::resolve(said, version, cx.sink);
            constraints::enter(constrained, facts, &field.ty, proxied, &cx.kinds, cx.sink);
        }
    };
    match body {
        Body::Struct(fields) => enter(fields, members, &mut facts.fields),
        Body::Enum(variants) => {
            for (variant, facts) in variants.iter().zip(&mut facts.variants) {
                let member = members.get(variant.member);
                let said = member.map_or(&[][..], |member| &member.said);
                facts.deprecation = dated::in_version(said, version);
                let members = member.map_or(&[][..], |member| &member.fields);
                enter(&variant.fields, members, &mut facts.fields);
            }
        }
    }
    let constrained = constraints::resolve(said, version, cx.sink);
    constraints::enter_item(constrained, input, facts, &cx.kinds, cx.sink);
}

/// Errors are problem documents: nothing that clients send.
pub(super) fn refuse_on_roles(role: Role, said: &[Said], members: &[Member], cx: &mut Context<'_>) {
    let (what, why) = if role == Role::Error {
        (
            "an error",
            "remove it: a problem comes as long as its operation may answer with it",
        )
    } else {
        (
            "answers",
            "remove it: an answer comes as long as its operation may give it",
        )
    };
    let fields = members
        .iter()
        .flat_map(|member| std::iter::once(member).chain(&member.fields));
    let said = said.iter().chain(fields.flat_map(|field| &field.said));
    for word in said.flat_map(|said| &said.openapi.words) {
        cx.sink.error(
            Diagnostic::new(
                "V0110",
                &word.key,
                format!("`{}` cannot stand on {what}", word.key),
            )
            .help(if word.key == "deprecated" {
                why
            } else {
                "remove it: constraints are of what clients send"
            }),
        );
    }
}

/// Takes `#[openapi(…)]` out: it was read, and means nothing to the compiler.
pub(super) struct WithoutOpenapi;

impl VisitMut for WithoutOpenapi {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<syn::Attribute>) {
        attributes.retain(|attribute| !attribute.path().is_ident("openapi"));
    }
}

fn project_fields(
    fields: &mut Fields,
    members: &[Member],
    version: usize,
    cx: &Context<'_>,
) -> Vec<FieldForm> {
    let mut forms = Vec::new();
    let mut keep = |index: usize, mut field: Field| {
        let member = members.get(index)?;
        if !member.range.contains(&version) {
            return None;
        }
        if let Some(old) = changed_at(&member.verbs, version, cx.decl) {
            field.ty = old.clone();
        }
        let access = match &mut field.ident {
            Some(ident) => {
                if let Some(old) = renamed_at(&member.verbs, version, cx.decl) {
                    *ident = old.clone();
                }
                syn::Member::Named(ident.clone())
            }
            None => syn::Member::Unnamed(Index::from(forms.len())),
        };
        forms.push(FieldForm {
            member: index,
            access,
            ty: field.ty.clone(),
        });
        Some(field)
    };
    match fields {
        Fields::Named(named) => {
            let all = std::mem::take(&mut named.named);
            named.named = all
                .into_iter()
                .enumerate()
                .filter_map(|(i, field)| keep(i, field))
                .collect();
        }
        Fields::Unnamed(unnamed) => {
            let all = std::mem::take(&mut unnamed.unnamed);
            unnamed.unnamed = all
                .into_iter()
                .enumerate()
                .filter_map(|(i, field)| keep(i, field))
                .collect();
        }
        Fields::Unit => {}
    }
    forms
}

fn refuse_functions_in_variants(verbs: &Verbs, cx: &mut Context<'_>) {
    for function in verbs.upgrade.iter().chain(&verbs.downgrade) {
        cx.sink.error(
            Diagnostic::new(
                "V0304",
                &function.path,
                "a field of a variant cannot be computed on its own".to_owned(),
            )
            .help(
                "use `default` or `changed` here, or convert the whole variant: give it a range and `upgrade`/`downgrade`",
            ),
        );
    }
}

pub(super) fn refuse_generics(input: &DeriveInput, cx: &mut Context<'_>) -> bool {
    if !input.generics.params.is_empty() {
        cx.sink.error(
            Diagnostic::new("V0006", &input.generics, format!("`{}` has generic parameters", input.ident))
                .help("write the types out: a contract says exactly what is on the wire (generic types are not supported yet)"),
        );
    }
    !input.generics.params.is_empty()
}

/// A field that was refused is of a type that everything can be done with: what follows from its own was told.
pub(super) fn refuse_borrowed_fields(data: &mut Data, cx: &mut Context<'_>) {
    let mut check = |fields: &mut Fields| {
        for field in fields {
            if !refuse_borrows(&field.ty, cx) {
                field.ty = syn::parse_quote!(());
            }
        }
    };
    match data {
        Data::Struct(data) => check(&mut data.fields),
        Data::Enum(data) => {
            let variants = data.variants.iter_mut();
            variants.for_each(|variant| check(&mut variant.fields));
        }
        Data::Union(_) => {}
    }
}

/// Reports the first borrow, `impl Trait` or `dyn Trait` in a type.
pub(super) fn refuse_borrows(ty: &Type, cx: &mut Context<'_>) -> bool {
    struct Finder(Option<(TokenStream, &'static str)>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_type(&mut self, ty: &'ast Type) {
            let found = match ty {
                Type::Reference(_) | Type::Ptr(_) => "is borrowed",
                Type::ImplTrait(_) => "is generic",
                Type::TraitObject(_) => "is a trait object",
                _ => return syn::visit::visit_type(self, ty),
            };
            self.0.get_or_insert((ty.to_token_stream(), found));
        }

        fn visit_lifetime(&mut self, lifetime: &'ast syn::Lifetime) {
            if lifetime.ident != "static" {
                self.0.get_or_insert((lifetime.to_token_stream(), "is borrowed"));
            }
        }
    }
    let mut finder = Finder(None);
    finder.visit_type(ty);
    let Some((token, what)) = finder.0 else {
        return true;
    };
    let text = format!(
        "`{}` {what}: what crosses the wire is plain and owned",
        readable(ty)
    );
    cx.sink.error(Diagnostic::new("V0006", token, text).help(
        "use an owned type, such as `String` for `&str` (borrowed and generic types are not supported yet)",
    ));
    false
}
