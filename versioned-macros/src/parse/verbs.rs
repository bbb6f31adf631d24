//! `#[version(…)]`: what happens to a field, variant, method or item over the history.

mod lists;

use quote::ToTokens as _;
use syn::{Attribute, Expr, Ident, LitStr, Path, Type};

use super::dates::Deprecated;
use super::{Entry, Value, entries};
use crate::sink::{Diagnostic, Sink};
use crate::words::did_you_mean;

/// The verbs of one place, as they were typed.
#[derive(Default)]
pub(crate) struct Verbs {
    /// Present from this version on.
    pub(crate) since: Option<Ident>,
    /// Present before this version.
    pub(crate) until: Option<Ident>,
    /// Another name before a version.
    pub(crate) renamed: Vec<Renamed>,
    /// Another type before a version.
    pub(crate) changed: Vec<Changed>,
    /// How the member is made from the older value.
    pub(crate) upgrade: Option<Function>,
    /// How the member is made from the newer value.
    pub(crate) downgrade: Option<Function>,
    /// Members that the version before had, in the explicit form.
    pub(crate) removed: Vec<Removed>,
    /// Why it is fine that a conversion loses something here.
    pub(crate) lossy: Option<LitStr>,
    /// Made without looking at the other value.
    pub(crate) default: Option<DefaultVerb>,
    /// Not answered through a bridge.
    pub(crate) native_only: Option<Ident>,
    /// The body replaces what is stored.
    pub(crate) replaces: Option<Ident>,
    /// It will go.
    pub(crate) deprecated: Option<Deprecated>,
    /// Whether something of this was told as a mistake: then what is missing follows from it.
    pub(crate) told: bool,
}

/// `renamed(v2, from = old_name)`.
pub(crate) struct Renamed {
    pub(crate) version: Ident,
    pub(crate) from: Ident,
}

/// A function that converts: `upgrade = path`, or `try_upgrade = path` if it may fail.
#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) path: Path,
    pub(crate) fallible: bool,
}

/// `changed(v2, from = OldType, upgrade = function, downgrade = function)`.
pub(crate) struct Changed {
    pub(crate) version: Ident,
    pub(crate) from: Type,
    /// From the older value of the field to the newer one.
    pub(crate) upgrade: Option<Function>,
    /// From the newer value of the field to the older one.
    pub(crate) downgrade: Option<Function>,
}

/// `removed(name, downgrade = function, lossy(reason = "…"))`: a member that only the version before has.
pub(crate) struct Removed {
    pub(crate) name: Ident,
    pub(crate) upgrade: Option<Function>,
    pub(crate) downgrade: Option<Function>,
    pub(crate) lossy: Option<LitStr>,
}

/// `default`, `default = path` or `default(accept_loss, reason = "…")`.
pub(crate) struct DefaultVerb {
    /// A function without arguments; `Default::default` otherwise.
    pub(crate) path: Option<Path>,
    /// Why it is fine that a replacing operation writes the default over what is stored.
    pub(crate) accept_loss: Option<LitStr>,
}

/// Where verbs stand; not every verb can stand everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Item,
    Field,
    Variant,
    Method,
    Parameter,
}

impl Place {
    fn words(self) -> &'static [&'static str] {
        match self {
            Place::Item => &["since", "until", "renamed", "removed", "deprecated"],
            Place::Field => &[
                "since",
                "until",
                "renamed",
                "changed",
                "upgrade",
                "downgrade",
                "try_upgrade",
                "try_downgrade",
                "default",
                "lossy",
                "deprecated",
            ],
            Place::Variant => &[
                "since",
                "until",
                "renamed",
                "upgrade",
                "downgrade",
                "try_upgrade",
                "try_downgrade",
                "lossy",
                "deprecated",
            ],
            Place::Method => &[
                "since",
                "until",
                "renamed",
                "native_only",
                "replaces",
                "deprecated",
            ],
            Place::Parameter => &["since", "until", "default", "lossy", "deprecated"],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Place::Item => "an item",
            Place::Field => "a field",
            Place::Variant => "a variant",
            Place::Method => "a method",
            Place::Parameter => "an argument",
        }
    }
}

/// Takes the `#[version(…)]` attributes out of `attributes` and reads them.
pub(crate) fn take(attributes: &mut Vec<Attribute>, place: Place, sink: &mut Sink) -> Verbs {
    let mut verbs = Verbs::default();
    let before = sink.len();
    attributes.retain(|attribute| {
        if !attribute.path().is_ident("version") {
            return true;
        }
        let told = sink.len();
        let entries = entries(attribute, sink);
        if entries.is_empty() && sink.len() == told {
            let text = "`#[version]` does not say what happens here";
            let help = format!("remove it, or say it: {}", known(place));
            sink.error(Diagnostic::new("V0008", attribute, text).help(help));
        }
        for entry in entries {
            verbs.add(entry, place, sink);
        }
        false
    });
    verbs.told = sink.len() > before;
    verbs
}

impl Verbs {
    fn add(&mut self, Entry { key, value }: Entry, place: Place, sink: &mut Sink) {
        let word = key.to_string();
        if !place.words().contains(&word.as_str()) {
            misplaced(&key, place, sink);
            return;
        }
        match (word.as_str(), value) {
            ("since", Value::Is(value)) => once(&mut self.since, ident(&value, "v2", sink), &key, sink),
            ("until", Value::Is(value)) => once(&mut self.until, ident(&value, "v2", sink), &key, sink),
            ("upgrade" | "try_upgrade", Value::Is(value)) => {
                once(&mut self.upgrade, function(&key, &value, sink), &key, sink);
            }
            ("downgrade" | "try_downgrade", Value::Is(value)) => {
                once(&mut self.downgrade, function(&key, &value, sink), &key, sink);
            }
            ("lossy", Value::List(tokens)) => {
                let reason = reason(&key, tokens, sink);
                once(&mut self.lossy, reason, &key, sink);
            }
            ("removed", Value::List(tokens)) => {
                self.removed.extend(read(
                    "removed",
                    tokens,
                    "removed(name, downgrade = function)",
                    sink,
                ));
            }
            ("changed", Value::List(tokens)) => {
                self.changed.extend(read(
                    "changed",
                    tokens,
                    "changed(v2, from = OldType, upgrade = function, downgrade = function)",
                    sink,
                ));
            }
            ("deprecated", value) => {
                let deprecated = Deprecated::read(&key, value, sink);
                once(&mut self.deprecated, deprecated, &key, sink);
            }
            ("native_only", Value::Flag) => once(&mut self.native_only, Some(key.clone()), &key, sink),
            ("replaces", Value::Flag) => once(&mut self.replaces, Some(key.clone()), &key, sink),
            ("default", Value::Flag) => {
                let verb = DefaultVerb {
                    path: None,
                    accept_loss: None,
                };
                once(&mut self.default, Some(verb), &key, sink);
            }
            ("default", Value::Is(value)) => {
                let verb = path(&value, sink).map(|path| DefaultVerb {
                    path: Some(path),
                    accept_loss: None,
                });
                once(&mut self.default, verb, &key, sink);
            }
            ("default", Value::List(tokens)) => {
                let verb = default_list(&key, tokens, sink);
                once(&mut self.default, verb, &key, sink);
            }
            ("renamed", Value::List(tokens)) => {
                self.renamed
                    .extend(read("renamed", tokens, "renamed(v2, from = old_name)", sink));
            }
            (word, _) => {
                let form = match word {
                    "since" | "until" => format!("{word} = v2"),
                    "upgrade" | "downgrade" | "try_upgrade" | "try_downgrade" => {
                        format!("{word} = path::to::function")
                    }
                    "renamed" => "renamed(v2, from = old_name)".to_owned(),
                    "changed" => "changed(v2, from = OldType)".to_owned(),
                    "removed" => "removed(name, downgrade = function)".to_owned(),
                    "lossy" => "lossy(reason = \"…\")".to_owned(),
                    _ => word.to_owned(),
                };
                sink.error(
                    Diagnostic::new("V0008", &key, format!("`{word}` is not written like this"))
                        .help(format!("write `{form}`")),
                );
            }
        }
    }

    /// The tokens that name versions, to be emitted again as real paths so that editors can follow them.
    pub(crate) fn version_tokens(&self) -> impl Iterator<Item = &Ident> {
        self.since
            .iter()
            .chain(&self.until)
            .chain(self.renamed.iter().map(|r| &r.version))
            .chain(self.changed.iter().map(|c| &c.version))
            .chain(self.deprecated.iter().filter_map(|d| d.since.as_ref()))
    }

    /// The change of type that came with a version.
    pub(crate) fn changed_at(&self, version: &Ident) -> Option<&Changed> {
        self.changed.iter().find(|changed| changed.version == *version)
    }
}

/// The words of a place.
fn known(place: Place) -> String {
    let words = place.words().iter().map(|word| format!("`{word}`"));
    words.collect::<Vec<_>>().join(", ")
}

/// A word that cannot stand here, or nowhere.
fn misplaced(key: &Ident, place: Place, sink: &mut Sink) {
    let word = key.to_string();
    let everywhere = [
        Place::Item,
        Place::Field,
        Place::Variant,
        Place::Method,
        Place::Parameter,
    ];
    let elsewhere = everywhere.iter().find(|p| p.words().contains(&word.as_str()));
    let text = match elsewhere {
        Some(other) => format!(
            "`{word}` cannot stand on {}, it is for {}",
            place.name(),
            other.name()
        ),
        None => format!("unknown key `{word}` in `#[version(…)]`"),
    };
    let known = place.words().iter().copied();
    sink.error(Diagnostic::new("V0001", key, text).help(did_you_mean(&word, known)));
}

/// What stands between the parentheses of a verb.
fn read<T: syn::parse::Parse>(
    word: &str,
    tokens: proc_macro2::TokenStream,
    form: &str,
    sink: &mut Sink,
) -> Option<T> {
    syn::parse2(tokens)
        .map_err(|error| {
            let text = format!("`{word}` cannot be read: {error}");
            sink.error(Diagnostic::at("V0008", error.span(), text).help(format!("write `{form}`")));
        })
        .ok()
}

fn default_list(key: &Ident, tokens: proc_macro2::TokenStream, sink: &mut Sink) -> Option<DefaultVerb> {
    use syn::parse::Parser as _;
    let parser = syn::punctuated::Punctuated::<Entry, syn::Token![,]>::parse_terminated;
    let entries = match parser.parse2(tokens) {
        Ok(entries) => entries,
        Err(error) => {
            sink.error(
                Diagnostic::at(
                    "V0008",
                    error.span(),
                    format!("`default` cannot be read: {error}"),
                )
                .help("write `default(accept_loss, reason = \"…\")`"),
            );
            return None;
        }
    };
    let (mut accept, mut reason, mut by) = (None, None, None);
    for entry in entries {
        match (entry.key.to_string().as_str(), entry.value) {
            ("accept_loss", Value::Flag) => accept = Some(entry.key),
            ("reason", Value::Is(value)) => reason = string(&value, sink),
            ("by", Value::Is(value)) => by = path(&value, sink),
            (word, _) => sink.error(
                Diagnostic::new(
                    "V0001",
                    &entry.key,
                    format!("unknown key `{word}` in `default(…)`"),
                )
                .help(did_you_mean(word, ["accept_loss", "reason", "by"])),
            ),
        }
    }
    if accept.is_some() != reason.is_some() {
        sink.error(
            Diagnostic::new("V0008", key, "accepting a loss needs its reason".to_owned())
                .help("write `default(accept_loss, reason = \"why the stored value may be overwritten\")`"),
        );
    }
    Some(DefaultVerb {
        path: by,
        accept_loss: accept.and(reason),
    })
}

/// `reason = "…"`.
fn reason(key: &Ident, tokens: proc_macro2::TokenStream, sink: &mut Sink) -> Option<LitStr> {
    match syn::parse2::<Entry>(tokens) {
        Ok(Entry {
            key,
            value: Value::Is(value),
        }) if key == "reason" => string(&value, sink),
        _ => {
            sink.error(
                Diagnostic::new("V0008", key, format!("`{key}` needs its reason"))
                    .help(format!("write `{key}(reason = \"why the loss does no harm\")`")),
            );
            None
        }
    }
}

fn function(key: &Ident, value: &Expr, sink: &mut Sink) -> Option<Function> {
    let fallible = key.to_string().starts_with("try_");
    path(value, sink).map(|path| Function { path, fallible })
}

/// A function that may fail and one that may not are two ways to say the same.
fn twice(key: &Ident) -> String {
    let word = key.to_string();
    let other = match word.as_str() {
        "upgrade" => "try_upgrade",
        "try_upgrade" => "upgrade",
        "downgrade" => "try_downgrade",
        "try_downgrade" => "downgrade",
        _ => return format!("`{key}` is written twice"),
    };
    format!("`{key}` is written twice, or beside `{other}`")
}

fn once<T>(place: &mut Option<T>, value: Option<T>, key: &Ident, sink: &mut Sink) {
    if place.is_some() {
        sink.error(Diagnostic::new("V0008", key, twice(key)).help("keep one of the two"));
        return;
    }
    if let Some(value) = value {
        *place = Some(value);
    }
}

pub(super) fn ident(value: &Expr, example: &str, sink: &mut Sink) -> Option<Ident> {
    if let Expr::Path(path) = value
        && let Some(ident) = path.path.get_ident()
    {
        return Some(ident.clone());
    }
    sink.error(
        Diagnostic::new(
            "V0008",
            value,
            format!("`{}` is not the name of a version", value.to_token_stream()),
        )
        .help(format!(
            "name one of the declared versions, such as `{example}`, without quotes"
        )),
    );
    None
}

fn path(value: &Expr, sink: &mut Sink) -> Option<Path> {
    if let Expr::Path(path) = value {
        return Some(path.path.clone());
    }
    sink.error(
        Diagnostic::new("V0008", value, "expected the path of a function".to_owned())
            .help("move the expression into a function of the module and name it here"),
    );
    None
}

fn string(value: &Expr, sink: &mut Sink) -> Option<LitStr> {
    if let Expr::Lit(literal) = value
        && let syn::Lit::Str(text) = &literal.lit
    {
        return Some(text.clone());
    }
    sink.error(Diagnostic::new(
        "V0008",
        value,
        "expected a text in quotes".to_owned(),
    ));
    None
}
