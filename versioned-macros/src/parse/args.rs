//! The arguments of `#[versioned(…)]`.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{Span, TokenStream};
use syn::{Ident, LitStr, Meta};

use super::dates::VersionDates;
use crate::sink::{Diagnostic, Sink};
use crate::words::did_you_mean;

/// What to type where nothing can be made of what was typed.
const EXAMPLE: &str = "write `#[versioned(contract = \"user-profile\", versions(v1 = \"1.0.0\"))]`";

/// What stands between the parentheses of `#[versioned(…)]`.
#[derive(FromMeta)]
pub(crate) struct Arguments {
    /// The stable id of the contract.
    pub(crate) contract: LitStr,
    /// The versions in the order of the source.
    pub(crate) versions: VersionList,
    /// What minor versions promise; `backward` if it is not said.
    #[darling(default)]
    pub(crate) compatibility: Option<LitStr>,
    /// Other names for what is generated.
    #[darling(default)]
    pub(crate) names: Names,
    /// The path of the runtime, where it cannot be found by its package name.
    #[darling(default, rename = "crate")]
    pub(crate) krate: Option<syn::Path>,
}

/// The arguments on a module that is one version.
#[derive(FromMeta)]
pub(crate) struct Explicit {
    /// The stable id of the contract.
    pub(crate) contract: LitStr,
    /// The version that is written here.
    pub(crate) version: LitStr,
    /// The module of the version before.
    #[darling(default)]
    pub(crate) evolves: Option<syn::Path>,
    /// The day that it was released on.
    #[darling(default)]
    pub(crate) released: Option<LitStr>,
    /// The day from which clients are told that it will go.
    #[darling(default)]
    pub(crate) deprecated: Option<LitStr>,
    /// The day from which it is gone.
    #[darling(default)]
    pub(crate) sunset: Option<LitStr>,
    /// What minor versions promise; as before if it is not said.
    #[darling(default)]
    pub(crate) compatibility: Option<LitStr>,
    /// The path of the runtime, where it cannot be found by its package name.
    #[darling(default, rename = "crate")]
    pub(crate) krate: Option<syn::Path>,
}

impl Explicit {
    /// The dates of the version.
    pub(crate) fn dates(&self) -> VersionDates {
        VersionDates::of([
            ("released", self.released.clone()),
            ("deprecated", self.deprecated.clone()),
            ("sunset", self.sunset.clone()),
        ])
    }
}

/// `versions(v1 = "1.0.0", v2("2.0.0", released = "…"), …)`.
pub(crate) struct VersionList(pub(crate) Vec<WrittenVersion>);

/// One of them.
pub(crate) struct WrittenVersion {
    pub(crate) ident: Ident,
    pub(crate) literal: LitStr,
    pub(crate) dates: VersionDates,
}

/// What stands between the parentheses behind a version.
struct Dated(LitStr, VersionDates);

impl syn::parse::Parse for Dated {
    fn parse(input: syn::parse::ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self(input.parse()?, input.parse()?))
    }
}

/// `names(service = …, builder = …, handle = …, version = …, module = …)`.
#[derive(FromMeta, Default)]
#[darling(default)]
pub(crate) struct Names {
    pub(crate) service: Option<Ident>,
    pub(crate) builder: Option<Ident>,
    pub(crate) handle: Option<Ident>,
    pub(crate) version: Option<Ident>,
    /// Of the module around a single item; its own name in snake case if it is not said.
    pub(crate) module: Option<Ident>,
}

impl FromMeta for VersionList {
    fn from_list(items: &[NestedMeta]) -> darling::Result<Self> {
        let mut errors = darling::Error::accumulator();
        let versions = items
            .iter()
            .filter_map(|item| {
                errors.handle(match item {
                    NestedMeta::Meta(Meta::NameValue(pair)) => match (pair.path.get_ident(), &pair.value) {
                        (Some(name), value) => LitStr::from_expr(value).map(|literal| WrittenVersion {
                            ident: name.clone(),
                            literal,
                            dates: VersionDates::default(),
                        }),
                        _ => Err(expected_version().with_span(&pair.path)),
                    },
                    NestedMeta::Meta(Meta::List(list)) => match list.path.get_ident() {
                        Some(name) => syn::parse2::<Dated>(list.tokens.clone())
                            .map(|Dated(literal, dates)| WrittenVersion {
                                ident: name.clone(),
                                literal,
                                dates,
                            })
                            .map_err(|error| {
                                let text = format!("the version `{name}` cannot be read: {error}");
                                darling::Error::custom(text).with_span(&error.span())
                            }),
                        None => Err(expected_version().with_span(&list.path)),
                    },
                    other => Err(expected_version().with_span(other)),
                })
            })
            .collect::<Vec<_>>();
        if items.is_empty() {
            errors.push(darling::Error::custom(
                "a contract has at least one version: `v1 = \"1.0.0\"`",
            ));
        }
        errors.finish_with(Self(versions))
    }
}

fn expected_version() -> darling::Error {
    darling::Error::custom(
        "expected a version: `v1 = \"1.0.0\"`, or with dates: `v1(\"1.0.0\", released = \"2026-05-01\")`",
    )
}

/// Whether the arguments are those of one version: `version = "…"` instead of `versions(…)`.
pub(crate) fn is_explicit(tokens: &TokenStream) -> bool {
    key(tokens, "version").is_some() && key(tokens, "versions").is_none()
}

/// The token of a key, where it is there.
fn key(tokens: &TokenStream, word: &str) -> Option<Ident> {
    let list = NestedMeta::parse_meta_list(tokens.clone()).unwrap_or_default();
    let mut keys = list.iter().filter_map(|meta| match meta {
        NestedMeta::Meta(meta) => meta.path().get_ident().cloned(),
        _ => None,
    });
    keys.find(|key| key == word)
}

/// Reads the arguments; everything that is wrong with them is reported.
pub(crate) fn parse(tokens: TokenStream, sink: &mut Sink) -> Option<Arguments> {
    if let (Some(one), Some(_)) = (key(&tokens, "version"), key(&tokens, "versions")) {
        let text = "`version` and `versions` exclude each other";
        let help = "write `versions(…)` where all versions stand in one module, or `version = \"…\"` where this module is one of them";
        sink.error(Diagnostic::new("V0008", one, text).help(help));
        return None;
    }
    read(tokens, EXAMPLE, sink)
}

/// Reads the arguments of one version.
pub(crate) fn parse_explicit(tokens: TokenStream, sink: &mut Sink) -> Option<Explicit> {
    const EXAMPLE: &str =
        "write `#[versioned(contract = \"user-profile\", version = \"2.0.0\", evolves = v1)]`";
    read(tokens, EXAMPLE, sink)
}

fn read<T: FromMeta>(tokens: TokenStream, example: &str, sink: &mut Sink) -> Option<T> {
    let list = match NestedMeta::parse_meta_list(tokens) {
        Ok(list) => list,
        Err(error) => {
            sink.error(
                Diagnostic::at(
                    "V0008",
                    error.span(),
                    format!("`#[versioned(…)]` cannot be read: {error}"),
                )
                .help(example),
            );
            return None;
        }
    };
    match T::from_list(&list) {
        Ok(arguments) => Some(arguments),
        Err(errors) => {
            for error in errors.flatten() {
                sink.error(refuse(&error, example));
            }
            None
        }
    }
}

/// What is wrong with an argument, in our words.
fn refuse(error: &darling::Error, example: &str) -> Diagnostic {
    const KNOWN: [&str; 14] = [
        "contract",
        "versions",
        "compatibility",
        "names",
        "crate",
        "service",
        "builder",
        "handle",
        "version",
        "module",
        "evolves",
        "released",
        "deprecated",
        "sunset",
    ];
    let text = error.to_string();
    let at = error.explicit_span().unwrap_or_else(Span::call_site);
    let word = text
        .strip_prefix("Unknown field: `")
        .and_then(|rest| rest.split('`').next());
    match word {
        Some(word) => Diagnostic::at("V0001", at, format!("unknown key `{word}` in `#[versioned(…)]`"))
            .help(did_you_mean(word, KNOWN)),
        None => Diagnostic::at("V0008", at, lower_first(&text.replace(" field", " key"))).help(example),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
