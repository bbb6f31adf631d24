//! Stage two: the history of a contract, resolved: for every version an item is absent, or present with its exact form.
//!
//! Later stages look a form up by the index of a version; nothing there asks what a neighbour looked like.

mod aliases;
pub(crate) mod build;
mod dated;
pub(crate) mod explicit;
mod names;
mod nested;
mod operations;
mod projection;
pub(crate) mod references;
pub(crate) mod renames;
pub(crate) mod role;
mod types;
mod variants;

use std::ops::Range;

use jiff::civil::Date;
use proc_macro2::TokenStream;
use syn::{Attribute, DeriveInput, Ident, Item, ItemTrait, ItemType, LitStr, TraitItemFn, Type, Visibility};
use versioned_core::contract::{Compatibility, Method};

use crate::constraints::{Constrained, Said};
use crate::parse::dates::Deprecation;
use crate::parse::marks::Marks;
use crate::parse::verbs::Verbs;
use crate::serde_facts::TypeFacts;

pub(crate) use build::build;
pub(crate) use projection::OneDown;
pub(crate) use role::Role;

/// A contract and everything in its module.
pub(crate) struct History {
    pub(crate) contract: ContractDecl,
    pub(crate) module: Shell,
    pub(crate) types: Vec<TypeHistory>,
    pub(crate) traits: Vec<TraitHistory>,
    /// Aliases that mention a type of the contract: one in each version that has all of what they mention.
    pub(crate) aliases: Vec<ItemType>,
    /// Items that could not be understood: given back in every version, as they were written.
    pub(crate) opaque: Vec<DeriveInput>,
    /// The homes of types and traits, where they were said instead of found out: in the explicit form.
    pub(crate) homes: Option<Homes>,
    /// How many versions were checked elsewhere: what is wrong with them was told there.
    pub(crate) told: usize,
    /// Which versions stand in another crate: their traits can be implemented there only.
    pub(crate) foreign: Vec<bool>,
    /// Tokens that name versions or functions, given back as paths so that editors can follow them.
    pub(crate) mentions: Vec<TokenStream>,
}

/// The version whose module holds the definition of each type and trait: `[item][version]`.
#[derive(Clone, Default)]
pub(crate) struct Homes {
    pub(crate) types: Vec<Vec<Option<usize>>>,
    pub(crate) traits: Vec<Vec<Option<usize>>>,
}

/// The arguments of `#[versioned]`, understood.
pub(crate) struct ContractDecl {
    pub(crate) id: String,
    pub(crate) doc: String,
    pub(crate) compatibility: Compatibility,
    pub(crate) versions: Vec<VersionDecl>,
    /// Versions that were refused: what names them is not told again.
    pub(crate) refused: Vec<Ident>,
    pub(crate) service: Ident,
    pub(crate) builder: Ident,
    pub(crate) handle: Ident,
    pub(crate) version: Ident,
    /// The hidden module of the runtime (or core) that generated code names.
    pub(crate) krate: TokenStream,
    /// Whether that is the runtime, so that services can be generated.
    pub(crate) runtime: bool,
}

/// One declared version.
pub(crate) struct VersionDecl {
    /// The name of its module, such as `v1_1`.
    pub(crate) ident: Ident,
    /// The name of its marker, such as `V1_1`.
    pub(crate) marker: Ident,
    pub(crate) semver: semver::Version,
    pub(crate) literal: LitStr,
    pub(crate) released: Option<Date>,
    pub(crate) deprecation: Option<Deprecation>,
}

/// The module around the items.
pub(crate) struct Shell {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    /// `use` lines, helpers, constants: they stay where they are.
    pub(crate) others: Vec<Item>,
}

/// A struct or enum over all versions.
pub(crate) struct TypeHistory {
    pub(crate) ident: Ident,
    /// What it was called before.
    pub(crate) former: renames::Former,
    pub(crate) role: Role,
    pub(crate) range: Range<usize>,
    /// Fields of a struct, variants of an enum, in the order of the source.
    pub(crate) members: Vec<Member>,
    /// One entry a version.
    pub(crate) forms: Vec<Option<TypeForm>>,
}

/// A field or variant over all versions.
pub(crate) struct Member {
    /// The name; of a field without one, its position.
    pub(crate) name: String,
    /// What to underline.
    pub(crate) token: TokenStream,
    pub(crate) range: Range<usize>,
    pub(crate) verbs: Verbs,
    /// What is demanded of its values, and in which versions.
    pub(crate) said: Vec<Said>,
    /// The fields of a variant.
    pub(crate) fields: Vec<Member>,
}

/// A struct or enum in one version.
#[derive(Clone)]
pub(crate) struct TypeForm {
    /// The item as it is emitted, stripped of our attributes.
    pub(crate) input: DeriveInput,
    pub(crate) facts: TypeFacts,
    pub(crate) body: Body,
}

/// The members that exist in one version.
#[derive(Clone)]
pub(crate) enum Body {
    Struct(Vec<FieldForm>),
    Enum(Vec<VariantForm>),
}

/// A field in one version.
#[derive(Clone)]
pub(crate) struct FieldForm {
    /// Its index in [`Member`]s.
    pub(crate) member: usize,
    /// The name, or the position in this version.
    pub(crate) access: syn::Member,
    pub(crate) ty: Type,
}

/// A variant in one version.
#[derive(Clone)]
pub(crate) struct VariantForm {
    /// Its index in [`Member`]s.
    pub(crate) member: usize,
    pub(crate) ident: Ident,
    pub(crate) fields: Vec<FieldForm>,
}

/// A trait over all versions.
pub(crate) struct TraitHistory {
    pub(crate) ident: Ident,
    /// What it was called before.
    pub(crate) former: renames::Former,
    pub(crate) forms: Vec<Option<TraitForm>>,
}

/// A trait in one version.
#[derive(Clone)]
pub(crate) struct TraitForm {
    /// The trait as it was written, without methods.
    pub(crate) shell: ItemTrait,
    pub(crate) methods: Vec<MethodForm>,
}

/// A method in one version.
#[derive(Clone)]
pub(crate) struct MethodForm {
    /// The signature as it was written, stripped of our attributes.
    pub(crate) item: TraitItemFn,
    /// What it means; `None` if that was reported as a mistake.
    pub(crate) operation: Option<OperationForm>,
}

/// An operation in one version.
#[derive(Clone)]
pub(crate) struct OperationForm {
    /// What it is known by in all versions: its name in the source.
    pub(crate) ident: Ident,
    /// Its name in this version.
    pub(crate) name: Ident,
    pub(crate) method: Method,
    pub(crate) path: LitStr,
    pub(crate) status: u16,
    /// The status as it was written.
    pub(crate) written_status: Option<syn::LitInt>,
    pub(crate) doc: String,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: Type,
    pub(crate) error: Type,
    pub(crate) replaces: bool,
    /// What is said of it beside its form; what its trait says, where it says nothing itself.
    pub(crate) marks: Marks,
    pub(crate) native_only: bool,
    /// What `since` and `until` of the method said.
    pub(crate) since: Option<Ident>,
    pub(crate) until: Option<Ident>,
}

/// An argument of an operation.
#[derive(Clone)]
pub(crate) struct Argument {
    pub(crate) ident: Ident,
    /// The name on the wire.
    pub(crate) wire: String,
    pub(crate) source: Source,
    pub(crate) ty: Type,
    /// What is demanded of its values in this version.
    pub(crate) constraints: Constrained,
    /// Its history.
    pub(crate) verbs: ArgumentVerbs,
}

/// What happens to an argument over the history.
#[derive(Clone, Default)]
pub(crate) struct ArgumentVerbs {
    /// The versions that it came and went with.
    pub(crate) since: Option<Ident>,
    pub(crate) until: Option<Ident>,
    /// What it is for clients of versions that do not have it.
    pub(crate) default: MadeUp,
    /// Whether it is fine that versions without it do not look at it.
    pub(crate) lossy: bool,
    /// Whether something of this was told as a mistake.
    pub(crate) told: bool,
}

/// What an argument is where nobody sent it.
#[derive(Clone, Default)]
pub(crate) enum MadeUp {
    /// Nothing is said.
    #[default]
    Not,
    /// What a function without arguments makes, or `Default::default`.
    By(Option<syn::Path>),
}

/// Where an argument is read from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Path,
    Query,
    QueryStruct,
    Header,
    Body,
}

impl History {
    /// The names of the types that are versioned here.
    pub(crate) fn type_index(&self, name: &str) -> Option<usize> {
        self.types.iter().position(|t| t.ident == name)
    }

    /// Whether a name stands in every version's module, also of an item that was refused.
    pub(crate) fn is_versioned(&self, name: &str) -> bool {
        self.type_index(name).is_some() || self.opaque.iter().any(|item| item.ident == name)
    }

    /// The operations of one version, with the trait they belong to.
    pub(crate) fn operations(&self, version: usize) -> impl Iterator<Item = (&TraitHistory, &OperationForm)> {
        self.traits.iter().flat_map(move |history| {
            let methods = history.forms[version]
                .as_ref()
                .map_or(&[][..], |form| &form.methods);
            methods
                .iter()
                .filter_map(move |method| Some((history, method.operation.as_ref()?)))
        })
    }

    /// Whether each version is written out on its own.
    pub(crate) fn is_explicit(&self) -> bool {
        self.homes.is_some()
    }

    /// Whether a version has everything of the contract that a written type mentions.
    pub(crate) fn has_all(&self, version: usize, ty: &Type) -> bool {
        let known = |name: &str| self.type_index(name).is_some();
        let names = references::mentioned(ty, &known);
        let indices = names.iter().filter_map(|name| self.type_index(&name.to_string()));
        indices
            .map(|index| &self.types[index])
            .all(|ty| ty.forms[version].is_some())
    }

    /// One operation of one version, by what it is known by in all of them.
    pub(crate) fn operation(&self, version: usize, name: &Ident) -> Option<&OperationForm> {
        self.operations(version)
            .map(|(_, operation)| operation)
            .find(|operation| operation.ident == *name)
    }
}

impl OperationForm {
    /// Whether it is called so in the source or in its version.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.name == name || self.ident == name
    }
}

impl TypeHistory {
    /// The type of a field in a version; the member is one of this type, or of one of its variants.
    pub(crate) fn field_type(&self, member: &Member, version: usize) -> Option<&Type> {
        let is = |members: &[Member], index: usize| {
            members
                .get(index)
                .is_some_and(|known| std::ptr::eq(known, member))
        };
        match &self.forms.get(version)?.as_ref()?.body {
            Body::Struct(fields) => {
                let mut fields = fields.iter();
                fields
                    .find(|field| is(&self.members, field.member))
                    .map(|field| &field.ty)
            }
            Body::Enum(variants) => variants.iter().find_map(|variant| {
                let members = &self.members.get(variant.member)?.fields;
                let mut fields = variant.fields.iter();
                fields
                    .find(|field| is(members, field.member))
                    .map(|field| &field.ty)
            }),
        }
    }

    /// The name of the type where a version writes it, for messages about what is not there.
    pub(crate) fn written_in(&self, version: usize) -> &Ident {
        let form = self.forms.get(version).and_then(Option::as_ref);
        form.map_or(&self.ident, |form| &form.input.ident)
    }
}

impl TypeForm {
    /// The types of all fields, also those of variants.
    pub(crate) fn field_types(&self) -> impl Iterator<Item = &Type> {
        let (fields, variants) = match &self.body {
            Body::Struct(fields) => (&fields[..], &[][..]),
            Body::Enum(variants) => (&[][..], &variants[..]),
        };
        fields
            .iter()
            .chain(variants.iter().flat_map(|variant| &variant.fields))
            .map(|field| &field.ty)
    }
}

impl ContractDecl {
    /// `1.1.0`, as it is shown in messages.
    pub(crate) fn semver(&self, version: usize) -> &semver::Version {
        &self.versions[version].semver
    }
}
