//! From what was typed to the history: versions are looked up, ranges resolved, every item projected on every version.
//!
//! Mistakes are reported and built around, so that one expansion tells all of them and what is left still expands.

use std::ops::Range;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, DeriveInput, Ident, Item, ItemMod, LitStr};

use super::{
    ContractDecl, History, Shell, TraitHistory, TypeHistory, VersionDecl, aliases, dated, names, nested,
    operations, references, renames, types,
};
use crate::constraints::{Kinds, Said};
use crate::crate_path;
use crate::parse::OURS;
use crate::parse::args::{Arguments, WrittenVersion};
use crate::parse::openapi::{self, Openapi};
use crate::parse::verbs::{self, Verbs};
use crate::schema;
use crate::sink::{Diagnostic, Sink};
use crate::words::{did_you_mean, did_you_mean_version, nearest};
use versioned_core::contract::Compatibility;

/// The history of a contract module; `None` if there is nothing to go on with.
pub(crate) fn build(arguments: Arguments, module: ItemMod, sink: &mut Sink) -> Option<History> {
    let contract = contract(arguments, &module, sink)?;
    let Some((_, mut items)) = module.content else {
        sink.error(
            Diagnostic::new(
                "V0011",
                &module.ident,
                "a contract module has its items in the same file".to_owned(),
            )
            .help(format!(
                "write `pub mod {} {{ … }}` here; its helpers may live in modules of other files",
                module.ident
            )),
        );
        return None;
    };
    let mut cx = Context::new(sink, &contract);
    references::without_self(&mut items);
    let aliases = aliases::take(&mut items);
    cx.kinds = Kinds::of(&items);
    // Types first, wherever they stand: what an argument means depends on what its type is.
    let (traits, others): (Vec<Item>, Vec<Item>) =
        items.into_iter().partition(|item| matches!(item, Item::Trait(_)));
    for item in others.into_iter().chain(traits) {
        sort(item, &mut cx);
    }
    renames::refuse_taken(&mut cx);
    operations::refuse_twins_of_traits(&mut cx);
    let Context {
        mentions,
        types,
        traits,
        opaque,
        mut others,
        ..
    } = cx;
    let known: Vec<String> = types.iter().map(|t| t.ident.to_string()).collect();
    others.retain(|item| !touches_versioned(item, &known, sink));
    names::refuse_items(&mut others, &contract, sink);
    nested::refuse_versions(&mut others, sink);
    let module = Shell {
        attrs: module.attrs,
        vis: module.vis,
        ident: module.ident,
        others,
    };
    Some(History {
        contract,
        module,
        types,
        traits,
        aliases,
        opaque,
        homes: None,
        told: 0,
        foreign: Vec::new(),
        mentions,
    })
}

/// What item builders share: where mistakes go, what was declared, and the parts of the history that are done.
pub(super) struct Context<'a> {
    pub(super) sink: &'a mut Sink,
    pub(super) decl: &'a ContractDecl,
    pub(super) types: Vec<TypeHistory>,
    pub(super) traits: Vec<TraitHistory>,
    pub(super) opaque: Vec<DeriveInput>,
    /// What the types of the contract are on the wire.
    pub(super) kinds: Kinds,
    others: Vec<Item>,
    pub(super) mentions: Vec<TokenStream>,
}

impl<'a> Context<'a> {
    /// Nothing is declared yet.
    pub(super) fn new(sink: &'a mut Sink, decl: &'a ContractDecl) -> Self {
        Self {
            sink,
            decl,
            types: Vec::new(),
            traits: Vec::new(),
            opaque: Vec::new(),
            kinds: Kinds::default(),
            others: Vec::new(),
            mentions: Vec::new(),
        }
    }
}

impl Context<'_> {
    /// Takes the verbs of one place and remembers what they mention.
    pub(super) fn verbs(&mut self, attributes: &mut Vec<Attribute>, place: verbs::Place) -> Verbs {
        verbs::take(attributes, place, self.sink)
    }

    /// Takes what `#[openapi(…)]` says out of the attributes of one place, with the versions that it holds in.
    pub(super) fn openapi(
        &mut self,
        attributes: &mut Vec<Attribute>,
        place: openapi::Place,
        outer: &Range<usize>,
    ) -> Vec<Said> {
        let said = openapi::take(attributes, place, self.sink);
        self.ranges(said, outer)
    }

    pub(super) fn ranges(&mut self, said: Vec<Openapi>, outer: &Range<usize>) -> Vec<Said> {
        let mut ranged = Vec::new();
        for openapi in said {
            let (since, until) = (openapi.since.clone(), openapi.until.clone());
            let range = self.between(since.as_ref(), until.as_ref(), outer);
            ranged.push(Said { range, openapi });
        }
        ranged
    }

    /// The versions that something exists in, cut to those of what it stands in.
    pub(super) fn range(&mut self, verbs: &Verbs, outer: &Range<usize>) -> Range<usize> {
        self.between(verbs.since.as_ref(), verbs.until.as_ref(), outer)
    }

    fn between(&mut self, first: Option<&Ident>, end: Option<&Ident>, outer: &Range<usize>) -> Range<usize> {
        let since = first.and_then(|ident| self.version(ident));
        let until = end.and_then(|ident| self.version(ident));
        if let (Some(since), Some(until), Some(token)) = (since, until, end)
            && until <= since
        {
            self.sink.error(
                Diagnostic::new("V0004", token, format!("`until = {token}` is not after `since`"))
                    .help("name a later version: `since` is inclusive, `until` is exclusive"),
            );
            return since.max(outer.start)..outer.end;
        }
        let start = since.unwrap_or(0).max(outer.start);
        start
            ..until
                .unwrap_or(self.decl.versions.len())
                .min(outer.end)
                .max(start)
    }

    /// The index of a version that was named.
    pub(super) fn version(&mut self, ident: &Ident) -> Option<usize> {
        let decl = self.decl;
        let found = decl.versions.iter().position(|version| version.ident == *ident);
        if found.is_some() {
            self.mentions.push(quote!(self::#ident));
        } else if !decl.refused.contains(ident) {
            let names: Vec<String> = decl
                .versions
                .iter()
                .map(|version| version.ident.to_string())
                .collect();
            let word = ident.to_string();
            self.sink.error(
                Diagnostic::new(
                    "V0002",
                    ident,
                    format!("version `{ident}` is not declared in `versions(…)`"),
                )
                .help(did_you_mean_version(&word, names.iter().map(String::as_str))),
            );
        }
        found
    }

    /// Refuses what cannot stand on a contract item, and takes it away.
    pub(super) fn attributes(&mut self, attributes: &mut Vec<Attribute>) {
        attributes.retain(|attribute| {
            let path = attribute.path();
            if path.is_ident("cfg") || path.is_ident("cfg_attr") {
                self.sink.error(
                    Diagnostic::new("V0005", attribute, "a contract cannot depend on `cfg`".to_owned()).help(
                        "remove it: a contract is the same in every build; `cfg` may stand on helpers and on the whole module",
                    ),
                );
                return false;
            }
            !self.misspelt(attribute)
        });
    }

    fn misspelt(&mut self, attribute: &Attribute) -> bool {
        /// Those of derives, which may stand in a contract, too.
        const OF_DERIVES: [&str; 3] = ["problem", "response", "serde"];
        const OTHERS: [&str; 20] = [
            // Those that are taken for words of ours are told where bindings and marks are read.
            "path",
            "body",
            "head",
            "options",
            "allow",
            "default",
            "deny",
            "deprecated",
            "derive",
            "doc",
            "error",
            "expect",
            "forbid",
            "from",
            "inline",
            "must_use",
            "non_exhaustive",
            "repr",
            "test",
            "warn",
        ];
        let Some(ident) = attribute.path().get_ident() else {
            return false;
        };
        let word = ident.to_string();
        let known = || OURS.into_iter().chain(OF_DERIVES);
        if known().any(|known| known == word) || OTHERS.contains(&word.as_str()) {
            return false;
        }
        let Some(meant) = nearest(&word, known()) else {
            return false;
        };
        self.sink.error(
            Diagnostic::new("V0001", ident, format!("unknown attribute `{word}`"))
                .help(format!("did you mean `{meant}`?")),
        );
        true
    }
}

fn sort(item: Item, cx: &mut Context<'_>) {
    match item {
        Item::Struct(item) => types::add(item.into(), cx),
        Item::Enum(item) => types::add(item.into(), cx),
        Item::Trait(item) => operations::add(item, cx),
        Item::Union(item) => {
            let token = &item.union_token;
            cx.sink.error(
                Diagnostic::new("V0011", token, "a union cannot cross the wire".to_owned())
                    .help("write an enum with `#[serde(untagged)]`"),
            );
        }
        other => cx.others.push(other),
    }
}

/// Reports `impl` blocks that name a versioned type without its version.
fn touches_versioned(item: &Item, names: &[String], sink: &mut Sink) -> bool {
    let known = |name: &str| names.iter().any(|n| n == name);
    let Item::Impl(item) = item else { return false };
    let mentioned = references::mentioned(&item.self_ty, &known);
    for ident in &mentioned {
        sink.error(
            Diagnostic::new(
                "V0011",
                ident,
                format!("`{ident}` has a form of its own in each version: this impl must name one"),
            )
            .help(format!("name the version, such as `v2::{ident}`")),
        );
    }
    !mentioned.is_empty()
}

fn contract(arguments: Arguments, module: &ItemMod, sink: &mut Sink) -> Option<ContractDecl> {
    let compatibility = compatibility(arguments.compatibility.as_ref(), sink);
    check_id(&arguments.contract, sink);
    let names = arguments.names;
    let generated = names::of_generated([names.service, names.builder, names.handle, names.version], sink);
    let written: Vec<Ident> = arguments
        .versions
        .0
        .iter()
        .map(|written| written.ident.clone())
        .collect();
    let versions = versions(arguments.versions.0, &generated, sink);
    if versions.is_empty() {
        return None;
    }
    let refused = written
        .into_iter()
        .filter(|ident| !versions.iter().any(|version| version.ident == *ident))
        .collect();
    let krate = crate_path::resolve(arguments.krate.as_ref());
    let [service, builder, handle, version] = generated;
    Some(ContractDecl {
        id: arguments.contract.value(),
        doc: schema::doc(&module.attrs),
        compatibility,
        versions,
        refused,
        service,
        builder,
        handle,
        version,
        krate: krate.path,
        runtime: krate.runtime,
    })
}

/// The promise; `backward` if none is written, or none that is known.
pub(crate) fn compatibility(written: Option<&LitStr>, sink: &mut Sink) -> Compatibility {
    let Some(text) = written else {
        return Compatibility::Backward;
    };
    text.value().parse().unwrap_or_else(|()| {
        sink.error(
            Diagnostic::new(
                "V0008",
                text,
                format!("`{}` is not a compatibility", text.value()),
            )
            .help(did_you_mean(&text.value(), Compatibility::NAMES)),
        );
        Compatibility::Backward
    })
}

/// An id stands in URLs, file names and schema names.
pub(crate) fn check_id(id: &LitStr, sink: &mut Sink) {
    let text = id.value();
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = text.starts_with(|c: char| c.is_ascii_lowercase()) && !text.ends_with('-');
    if !ends || !text.chars().all(inner) {
        sink.error(
            Diagnostic::new("V0008", id, format!("`{text}` is not a contract id"))
                .help("write lower-case words joined by hyphens, such as `user-profile`"),
        );
    }
}

/// The versions that can stand in the history; `taken` are the names of what is generated beside them.
pub(crate) fn versions(list: Vec<WrittenVersion>, taken: &[Ident], sink: &mut Sink) -> Vec<VersionDecl> {
    let mut versions: Vec<VersionDecl> = Vec::new();
    let mut all_dates = Vec::new();
    for WrittenVersion {
        ident,
        literal,
        dates,
    } in list
    {
        let dates = dates.read(sink);
        let refuse = |sink: &mut Sink, token: &dyn ToTokens, text: String, help: &str| {
            sink.error(Diagnostic::new("V0003", token.to_token_stream(), text).help(help));
        };
        let semver = match semver::Version::parse(&literal.value()) {
            Ok(semver) if semver.build.is_empty() => semver,
            Ok(_) => {
                let text = format!(
                    "`{}` carries build metadata, which has no precedence",
                    literal.value()
                );
                refuse(sink, &literal, text, "write the version without `+…`");
                continue;
            }
            Err(error) => {
                let text = format!("`{}` is not a semantic version: {error}", literal.value());
                refuse(sink, &literal, text, "write three numbers, such as `\"1.1.0\"`");
                continue;
            }
        };
        if let Some(diagnostic) = names::of_version(&ident, &versions, taken) {
            sink.error(diagnostic);
            continue;
        }
        if let Some(twin) = versions.iter().find(|version| version.semver == semver) {
            let text = format!(
                "version {semver} is declared twice, as `{}` and `{ident}`",
                twin.ident
            );
            refuse(sink, &literal, text, "remove one of the two");
            continue;
        }
        if let Some(last) = versions.last()
            && semver < last.semver
        {
            let text = format!("version {semver} stands after {}", last.semver);
            refuse(
                sink,
                &literal,
                text,
                "declare versions in ascending order: history is that line",
            );
            continue;
        }
        let marker = names::marker(&ident);
        versions.push(VersionDecl {
            ident,
            marker,
            semver,
            literal,
            released: None,
            deprecation: None,
        });
        all_dates.push(dates);
    }
    dated::enter(&mut versions, all_dates, sink);
    versions
}
