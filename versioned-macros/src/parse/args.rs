//! The arguments of `#[versioned(…)]`.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{Span, TokenStream};
use syn::{Ident, LitStr, Meta};

use crate::sink::{Diagnostic, Sink};

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

/// `versions(v1 = "1.0.0", …)`.
pub(crate) struct VersionList(pub(crate) Vec<(Ident, LitStr)>);

/// `names(service = …, builder = …, handle = …, version = …)`.
#[derive(FromMeta, Default)]
#[darling(default)]
pub(crate) struct Names {
    pub(crate) service: Option<Ident>,
    pub(crate) builder: Option<Ident>,
    pub(crate) handle: Option<Ident>,
    pub(crate) version: Option<Ident>,
}

impl FromMeta for VersionList {
    fn from_list(items: &[NestedMeta]) -> darling::Result<Self> {
        let mut errors = darling::Error::accumulator();
        let versions = items
            .iter()
            .filter_map(|item| {
                errors.handle(match item {
                    NestedMeta::Meta(Meta::NameValue(pair)) => match (pair.path.get_ident(), &pair.value) {
                        (Some(name), value) => LitStr::from_expr(value).map(|text| (name.clone(), text)),
                        _ => Err(expected_version().with_span(&pair.path)),
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
    darling::Error::custom("expected a version: `v1 = \"1.0.0\"`")
}

/// Reads the arguments; everything that is wrong with them is reported.
pub(crate) fn parse(tokens: TokenStream, sink: &mut Sink) -> Option<Arguments> {
    const EXAMPLE: &str = "write `#[versioned(contract = \"user-profile\", versions(v1 = \"1.0.0\"))]`";
    let span = Span::call_site();
    let list = match NestedMeta::parse_meta_list(tokens) {
        Ok(list) => list,
        Err(error) => {
            sink.error(
                Diagnostic::at(
                    "V0008",
                    error.span(),
                    format!("`#[versioned(…)]` cannot be read: {error}"),
                )
                .help(EXAMPLE),
            );
            return None;
        }
    };
    match Arguments::from_list(&list) {
        Ok(arguments) => Some(arguments),
        Err(errors) => {
            for error in errors.flatten() {
                let text = error.to_string();
                let unknown = text.starts_with("Unknown field");
                let code = if unknown { "V0001" } else { "V0008" };
                let at = error.explicit_span().unwrap_or(span);
                sink.error(Diagnostic::at(code, at, lower_first(&text)).help(EXAMPLE));
            }
            None
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
