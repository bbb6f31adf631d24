//! The total, constant description of one version of a contract.
//!
//! The macros write it, the binary carries it, and everything that is said about a version at run time (registry,
//! OpenAPI document, dispatch) is derived from it.

mod marks;
mod readable;

use std::fmt;
use std::str::FromStr;

use crate::deprecation::{Date, Deprecation};
use crate::example::Example;
use crate::payload::Media;
use crate::problem::ProblemSpec;
use crate::response::ResponseSpec;
use crate::schema::{Link, Shape};
use crate::version::Semver;

pub use marks::{Marks, Requirement, SecurityScheme};

/// One version of one contract.
#[derive(Debug)]
pub struct Contract {
    /// The stable id, such as `user-profile`.
    pub id: &'static str,
    /// The version described here.
    pub version: Semver,
    /// The name of its module and builder slot, such as `v1_1`.
    pub name: &'static str,
    /// Its place in the history of the contract, from 0.
    pub index: usize,
    /// The day that it was released on, if it was said.
    pub released: Option<Date>,
    /// That the version as a whole will go, and when.
    pub deprecation: Option<Deprecation>,
    /// What minor versions promise.
    pub compatibility: Compatibility,
    /// The doc comment of the contract module.
    pub doc: &'static str,
    /// All operations of this version, sorted by path, then method.
    pub operations: &'static [Operation],
    /// How values of the previous version are converted to this one and back; empty for the first version.
    pub migrations: &'static [Migration],
    /// The version before this one.
    pub previous: Option<&'static Contract>,
    /// Where the contract was declared.
    pub origin: Origin,
}

/// What a minor version promises, said of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compatibility {
    /// A client built for any earlier version of the major works against this one.
    Backward,
    /// A client built for this version works against the earlier ones of the major.
    Forward,
    /// Both.
    Full,
}

impl Compatibility {
    /// The names that `compatibility = "…"` takes.
    pub const NAMES: [&'static str; 3] = ["backward", "forward", "full"];
}

impl fmt::Display for Compatibility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compatibility::Backward => "backward",
            Compatibility::Forward => "forward",
            Compatibility::Full => "full",
        })
    }
}

impl FromStr for Compatibility {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "backward" => Ok(Compatibility::Backward),
            "forward" => Ok(Compatibility::Forward),
            "full" => Ok(Compatibility::Full),
            _ => Err(()),
        }
    }
}

/// One trait method, bound to an HTTP method and path.
#[derive(Debug)]
pub struct Operation {
    /// The name of the trait method.
    pub name: &'static str,
    /// The name of the trait.
    pub trait_name: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path template with named parameters in braces, such as `/users/{id}`, without any version prefix.
    pub path: &'static str,
    /// The status of an answer that does not say another one.
    pub status: u16,
    /// The doc comment of the method.
    pub doc: &'static str,
    /// Path, query and header parameters, in the order of the signature.
    pub parameters: &'static [Parameter],
    /// The body, if the operation reads one.
    pub body: Option<Body>,
    /// The successful answers.
    pub responses: &'static [ResponseSpec],
    /// What the error type documents.
    pub problems: &'static [ProblemSpec],
    /// How a conversion between versions may fail on the way to some implementation, or back.
    pub conversions: &'static [ProblemSpec],
    /// Whether the body replaces what is stored (PUT, or marked so): silent loss is refused for it.
    pub replaces: bool,
    /// What is said of it beside its form.
    pub marks: Marks,
    /// What it is shown by in documents.
    pub examples: &'static [Example],
}

/// The HTTP methods that operations can be bound to (RFC 9110, RFC 5789).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads; also answers HEAD.
    Get,
    /// Creates or acts.
    Post,
    /// Replaces.
    Put,
    /// Changes in part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One parameter outside of the body.
#[derive(Debug)]
pub struct Parameter {
    /// The name of the argument.
    pub name: &'static str,
    /// The name on the wire: of the path parameter, query key or header.
    pub wire: &'static str,
    /// Where it is read from.
    pub place: Place,
    /// Its type; one that can be null (`Option<T>`) is not required.
    pub ty: Link,
}

const fn is_list(ty: Link) -> bool {
    match &ty.get().shape {
        Shape::List { .. } => true,
        Shape::Transparent(inner) => is_list(*inner),
        _ => false,
    }
}

impl Parameter {
    /// Whether it may be left out: an `Option`, or a list, whose query keys or headers stand any number of times.
    #[must_use]
    pub const fn is_optional(&self) -> bool {
        let node = self.ty.get();
        let is_repeated = matches!(self.place, Place::Query | Place::Header);
        node.is_optional() || (is_repeated && is_list(self.ty))
    }
}

/// Where a parameter is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A segment of the path.
    Path,
    /// One key of the query string.
    Query,
    /// The whole query string: each field of the struct is a key.
    QueryStruct,
    /// A header.
    Header,
}

/// The body of a request.
#[derive(Debug)]
pub struct Body {
    /// The name of the argument.
    pub name: &'static str,
    /// How it is written.
    pub media: Media,
    /// Its type; of a stream, that of an item.
    pub ty: Link,
}

/// How values of one type move between the previous version and this one.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct Migration {
    /// The type, by its name in the source.
    #[serde(rename = "type")]
    pub type_name: &'static str,
    /// How the upgrade is made, if there is one.
    pub upgrade: Option<Fidelity>,
    /// How the downgrade is made, if there is one.
    pub downgrade: Option<Fidelity>,
    /// The members that a conversion makes up, drops or computes.
    pub members: &'static [MemberMigration],
}

/// One member of a migrated type that is not simply moved.
#[derive(Debug, Clone, Copy, serde::Serialize)]
pub struct MemberMigration {
    /// The field or variant, by its name in the source.
    pub name: &'static str,
    /// In which direction.
    pub direction: Direction,
    /// What happens to it.
    pub how: &'static str,
    /// Why the loss was accepted, where somebody did.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub reason: &'static str,
}

/// The direction of a conversion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// To the next version.
    Upgrade,
    /// To the previous version.
    Downgrade,
}

/// What a conversion keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fidelity {
    /// Derived: everything is moved.
    Exact,
    /// A function of the user computes some members.
    Computed,
    /// Some members are dropped or made up from defaults.
    Lossy,
    /// Not every value has a counterpart: a function may fail.
    Fallible,
}

/// Where a contract was declared; shown when two declarations collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Origin {
    /// The crate and module, from `module_path!()`.
    pub module: &'static str,
    /// The source file, from `file!()`.
    pub file: &'static str,
    /// The line in it.
    pub line: u32,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}:{})", self.module, self.file, self.line)
    }
}
