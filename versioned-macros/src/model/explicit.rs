//! The explicit form: each version is written out in a module of its own, and history is found by comparing neighbours.
//!
//! What comes out is the same history as that of the single-source form: there is one meaning and one generator.

mod steps;

use quote::ToTokens;
use syn::visit_mut::VisitMut as _;
use syn::{Data, DeriveInput, Fields, Ident, Index, Item, ItemTrait, LitStr, UseTree};

pub(super) use steps::{operation_before, refuse_ranges, refuse_renamed_item};
use steps::{removed, renamed_here, unknown_before};

use super::build::Context;
use super::types::WithoutOpenapi;
use super::{
    Body, ContractDecl, FieldForm, History, Homes, Member, Role, Shell, TraitForm, TraitHistory, TypeForm,
    TypeHistory, VariantForm, aliases, operations, references, types, variants,
};
use crate::constraints::{self, Kinds};
use crate::parse::dates::VersionDates;
use crate::parse::openapi;
use crate::parse::verbs::{Changed, Place, Renamed, Verbs};
use crate::serde_facts;
use crate::sink::{Diagnostic, Sink};

/// One version as it was written.
pub(crate) struct Written {
    pub(crate) name: Ident,
    pub(crate) version: LitStr,
    pub(crate) dates: VersionDates,
    /// Whether it stands in another crate than what is expanded.
    pub(crate) foreign: bool,
    pub(crate) items: Vec<Item>,
}

/// The history of the versions; mistakes in all but the last were told where those stand.
pub(crate) fn build(decl: ContractDecl, written: Vec<Written>, shell: Shell, sink: &mut Sink) -> History {
    let mut history = History {
        contract: decl,
        module: shell,
        types: Vec::new(),
        traits: Vec::new(),
        aliases: Vec::new(),
        opaque: Vec::new(),
        homes: Some(Homes::default()),
        told: written.len().saturating_sub(1),
        foreign: written.iter().map(|written| written.foreign).collect(),
        mentions: Vec::new(),
    };
    let last = written.len().saturating_sub(1);
    for (version, written) in written.into_iter().enumerate() {
        if version == last {
            add(&mut history, version, written, sink);
        } else {
            let mut told = Sink::new();
            add(&mut history, version, written, &mut told);
            drop(told.into_tokens());
        }
    }
    history
}

/// Adds one version to the history.
fn add(history: &mut History, version: usize, mut written: Written, sink: &mut Sink) {
    references::without_self(&mut written.items);
    let taken = aliases::take(&mut written.items);
    let mut used: Vec<Ident> = written.items.iter().flat_map(used_names).collect();
    let taken_whole = steps::refuse_uses(&written.items, history, version, sink);
    if let (false, Some(before)) = (taken_whole.is_empty(), version.checked_sub(1)) {
        let module = &history.contract.versions[before].ident;
        for item in &mut history.module.others {
            if let Item::Use(item) = item {
                steps::name_each(&mut item.tree, module, &taken_whole, false);
            }
        }
    }
    used.extend(taken_whole);
    let mut homes = history.homes.take().unwrap_or_default();
    let mut cx = Context::new(sink, &history.contract);
    cx.kinds = Kinds::of(&written.items);
    cx.types = std::mem::take(&mut history.types);
    cx.traits = std::mem::take(&mut history.traits);
    for ty in &mut cx.types {
        ty.forms.push(None);
    }
    for item in &mut cx.traits {
        item.forms.push(None);
    }
    for homes in homes.types.iter_mut().chain(&mut homes.traits) {
        homes.push(None);
    }
    let mut traits = Vec::new();
    for item in written.items {
        match item {
            Item::Struct(item) => add_type(item.into(), version, &mut homes, &mut cx),
            Item::Enum(item) => add_type(item.into(), version, &mut homes, &mut cx),
            Item::Trait(item) => traits.push(item),
            _ => {}
        }
    }
    for name in &used {
        use_type(name, version, &mut homes, &mut cx);
    }
    for item in traits {
        add_trait(item, version, &mut homes, &mut cx);
    }
    for name in &used {
        if let Some(index) = cx.traits.iter().position(|item| item.ident == *name)
            && cx.traits[index].forms[version].is_none()
            && let Some(before) = version.checked_sub(1)
        {
            let form = cx.traits[index].forms[before].clone();
            cx.traits[index].forms[version] = form;
            homes.traits[index][version] = homes.traits[index][before];
        }
    }
    operations::refuse_twins_of_traits(&mut cx);
    let Context {
        types,
        traits,
        mentions,
        opaque,
        ..
    } = cx;
    history.types = types;
    history.traits = traits;
    history.mentions = mentions;
    history.opaque = opaque;
    history.homes = Some(homes);
    history.aliases = taken;
}

fn add_type(mut input: DeriveInput, version: usize, homes: &mut Homes, cx: &mut Context<'_>) {
    let verbs = cx.verbs(&mut input.attrs, Place::Item);
    refuse_ranges(&verbs, cx);
    refuse_renamed_item(&verbs, cx);
    let mut said = constraints::of_version(&mut input.attrs, openapi::Place::Item, version, cx.sink);
    said.extend(cx.deprecated(&verbs, &input.attrs, &(version..version + 1)));
    cx.attributes(&mut input.attrs);
    let generic = types::refuse_generics(&input, cx);
    types::refuse_borrowed_fields(&mut input.data, cx);
    if generic {
        cx.opaque.push(input);
        return;
    }
    let index = cx
        .types
        .iter()
        .position(|ty| ty.ident == input.ident)
        .unwrap_or_else(|| {
            cx.types.push(TypeHistory {
                ident: input.ident.clone(),
                former: Vec::new(),
                role: Role::of(&input),
                range: version..version,
                members: Vec::new(),
                forms: (0..=version).map(|_| None).collect(),
            });
            homes.types.push(vec![None; version + 1]);
            cx.types.len() - 1
        });
    if cx.types[index].forms[version].is_some() {
        let text = format!("`{}` is declared twice", input.ident);
        cx.sink
            .error(Diagnostic::new("V0010", &input.ident, text).help("a version has one form of a type"));
        return;
    }
    let mut members = std::mem::take(&mut cx.types[index].members);
    let before = version
        .checked_sub(1)
        .and_then(|before| cx.types[index].forms[before].take());
    let body = match (&mut input.data, before.as_ref().map(|form| &form.body)) {
        (Data::Struct(data), before) => {
            let previous = match before {
                Some(Body::Struct(fields)) => &fields[..],
                _ => &[],
            };
            Body::Struct(fields(&mut data.fields, previous, &mut members, version, cx))
        }
        (Data::Enum(data), before) => {
            let previous = match before {
                Some(Body::Enum(variants)) => &variants[..],
                _ => &[],
            };
            Body::Enum(variants(data, previous, &mut members, version, cx))
        }
        (Data::Union(_), _) => Body::Enum(Vec::new()),
    };
    removed(&verbs, before.as_ref(), &mut members, version, cx);
    let mut facts = serde_facts::read(&input, cx.sink);
    let role = Role::of(&input);
    if role == Role::Value {
        types::enter_constraints(&input, &mut facts, &said, &members, &body, version, cx);
    } else {
        types::refuse_on_roles(role, &said, &members, cx);
    }
    WithoutOpenapi.visit_derive_input_mut(&mut input);
    let ty = &mut cx.types[index];
    if let Some(earlier) = version.checked_sub(1) {
        ty.forms[earlier] = before;
    }
    ty.members = members;
    if ty.range.is_empty() {
        ty.range.start = version;
    }
    ty.range.end = version + 1;
    ty.forms[version] = Some(TypeForm { input, facts, body });
    homes.types[index][version] = Some(version);
    let mut ty = cx.types.remove(index);
    variants::check(&mut ty, cx);
    cx.types.insert(index, ty);
}

/// A type of the version before, brought in by `use`: the same type.
fn use_type(name: &Ident, version: usize, homes: &mut Homes, cx: &mut Context<'_>) {
    let Some(before) = version.checked_sub(1) else {
        return;
    };
    let Some(index) = cx.types.iter().position(|ty| ty.ident == *name) else {
        return;
    };
    if cx.types[index].forms[version].is_some() {
        return;
    }
    let Some(form) = cx.types[index].forms[before].clone() else {
        return;
    };
    let written_anew = |name: &str| {
        let found = cx.types.iter().position(|ty| ty.ident == name);
        found.is_some_and(|index| homes.types[index][version] == Some(version))
    };
    let mentioned = form
        .field_types()
        .flat_map(|ty| references::mentioned(ty, &written_anew))
        .next();
    if let Some(changed) = mentioned {
        let text = format!(
            "`{name}` is that of the version before, and so is the `{changed}` in it, which is another one here"
        );
        cx.sink
            .error(Diagnostic::new("V0007", name, text).help(format!("write `{name}` out here, too")));
    }
    for member in &mut cx.types[index].members {
        extend(member, version);
    }
    cx.types[index].range.end = version + 1;
    cx.types[index].forms[version] = Some(form);
    homes.types[index][version] = homes.types[index][before];
}

/// What existed in the version before exists in this one, too.
fn extend(member: &mut Member, version: usize) {
    if member.range.end == version {
        member.range.end = version + 1;
        for field in &mut member.fields {
            extend(field, version);
        }
    }
}

fn fields(
    fields: &mut Fields,
    previous: &[FieldForm],
    members: &mut Vec<Member>,
    version: usize,
    cx: &mut Context<'_>,
) -> Vec<FieldForm> {
    let mut forms = Vec::new();
    let place = constraints::place(fields);
    for (position, field) in fields.iter_mut().enumerate() {
        let mut verbs = cx.verbs(&mut field.attrs, Place::Field);
        refuse_ranges(&verbs, cx);
        let mut said = constraints::of_version(&mut field.attrs, place, version, cx.sink);
        said.extend(cx.deprecated(&verbs, &field.attrs, &(version..version + 1)));
        cx.attributes(&mut field.attrs);
        let (access, token) = match &field.ident {
            Some(ident) => (syn::Member::Named(ident.clone()), ident.to_token_stream()),
            None => (
                syn::Member::Unnamed(Index::from(position)),
                field.ty.to_token_stream(),
            ),
        };
        let old_name = renamed_here(&mut verbs, version, cx);
        let under_old = |old: &Ident| {
            let named = |form: &&FieldForm| matches!(&form.access, syn::Member::Named(name) if name == old);
            previous.iter().find(named)
        };
        let earlier = old_name.as_ref().and_then(under_old);
        if let (Some(old), None) = (&old_name, earlier) {
            unknown_before(old, "field", "renamed", cx);
        }
        let earlier = earlier.or_else(|| previous.iter().find(|form| form.access == access));
        let member = if let Some(earlier) = earlier {
            let member = &mut members[earlier.member];
            member.range.end = version + 1;
            // Messages point at what was written last.
            member.token = token;
            kept(
                &mut member.verbs,
                verbs,
                old_name,
                (&earlier.ty, &field.ty),
                version,
                cx.decl,
            );
            earlier.member
        } else {
            members.push(Member {
                name: name_of(&access),
                token,
                range: version..version + 1,
                verbs,
                said: Vec::new(),
                fields: Vec::new(),
            });
            members.len() - 1
        };
        members[member].said.extend(said);
        members[member].name = name_of(&access);
        forms.push(FieldForm {
            member,
            access,
            ty: field.ty.clone(),
        });
    }
    forms
}

/// What the verbs of a field that was there before say of the step to this version.
fn kept(
    all: &mut Verbs,
    here: Verbs,
    old_name: Option<Ident>,
    (before, now): (&syn::Type, &syn::Type),
    version: usize,
    decl: &ContractDecl,
) {
    let name = &decl.versions[version].ident;
    if let Some(from) = old_name {
        all.renamed.push(Renamed {
            version: name.clone(),
            from,
        });
    }
    let differs = before.to_token_stream().to_string() != now.to_token_stream().to_string();
    if differs || here.upgrade.is_some() || here.downgrade.is_some() {
        all.changed.push(Changed {
            version: name.clone(),
            from: before.clone(),
            upgrade: here.upgrade,
            downgrade: here.downgrade,
        });
    }
    all.default = here.default.or(all.default.take());
    all.lossy = here.lossy.or(all.lossy.take());
}

fn variants(
    data: &mut syn::DataEnum,
    previous: &[VariantForm],
    members: &mut Vec<Member>,
    version: usize,
    cx: &mut Context<'_>,
) -> Vec<VariantForm> {
    let mut forms = Vec::new();
    for variant in &mut data.variants {
        let mut verbs = cx.verbs(&mut variant.attrs, Place::Variant);
        refuse_ranges(&verbs, cx);
        constraints::refuse_on(&mut variant.attrs, "a variant", cx.sink);
        let said = cx.deprecated(&verbs, &variant.attrs, &(version..version + 1));
        cx.attributes(&mut variant.attrs);
        let old_name = renamed_here(&mut verbs, version, cx);
        let wanted = old_name.as_ref().unwrap_or(&variant.ident);
        let earlier = previous.iter().find(|form| form.ident == *wanted);
        if let (Some(old), None) = (&old_name, earlier) {
            unknown_before(old, "variant", "renamed", cx);
        }
        let earlier = earlier.or_else(|| previous.iter().find(|form| form.ident == variant.ident));
        let index = earlier.map_or(members.len(), |earlier| earlier.member);
        if earlier.is_none() {
            members.push(Member {
                name: variant.ident.to_string(),
                token: variant.ident.to_token_stream(),
                range: version..version + 1,
                verbs,
                said: Vec::new(),
                fields: Vec::new(),
            });
        } else if let Some(from) = old_name {
            members[index].verbs.renamed.push(Renamed {
                version: cx.decl.versions[version].ident.clone(),
                from,
            });
        }
        members[index].said.extend(said);
        members[index].range.end = version + 1;
        members[index].name = variant.ident.to_string();
        members[index].token = variant.ident.to_token_stream();
        let mut own = std::mem::take(&mut members[index].fields);
        let before = earlier.map_or(&[][..], |earlier| &earlier.fields);
        let fields = fields(&mut variant.fields, before, &mut own, version, cx);
        members[index].fields = own;
        forms.push(VariantForm {
            member: index,
            ident: variant.ident.clone(),
            fields,
        });
    }
    forms
}

fn name_of(access: &syn::Member) -> String {
    match access {
        syn::Member::Named(ident) => ident.to_string(),
        syn::Member::Unnamed(index) => index.index.to_string(),
    }
}

fn add_trait(item: ItemTrait, version: usize, homes: &mut Homes, cx: &mut Context<'_>) {
    let ident = item.ident.clone();
    let form: TraitForm = operations::written_out(item, version, cx);
    let index = cx
        .traits
        .iter()
        .position(|item| item.ident == ident)
        .unwrap_or_else(|| {
            cx.traits.push(TraitHistory {
                ident: ident.clone(),
                former: Vec::new(),
                forms: (0..=version).map(|_| None).collect(),
            });
            homes.traits.push(vec![None; version + 1]);
            cx.traits.len() - 1
        });
    if cx.traits[index].forms[version].is_some() {
        let text = format!("trait `{ident}` is declared twice");
        cx.sink
            .error(Diagnostic::new("V0010", &ident, text).help("a version has one form of a trait"));
        return;
    }
    cx.traits[index].forms[version] = Some(form);
    homes.traits[index][version] = Some(version);
}

/// The names that a `use` line brings in under their own names.
fn used_names(item: &Item) -> Vec<Ident> {
    fn leaves(tree: &UseTree, into: &mut Vec<Ident>) {
        match tree {
            UseTree::Path(path) => leaves(&path.tree, into),
            UseTree::Name(name) => into.push(name.ident.clone()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, into)),
            UseTree::Rename(_) | UseTree::Glob(_) => {}
        }
    }
    let mut names = Vec::new();
    if let Item::Use(item) = item
        && !matches!(item.vis, syn::Visibility::Inherited)
    {
        leaves(&item.tree, &mut names);
    }
    names
}
