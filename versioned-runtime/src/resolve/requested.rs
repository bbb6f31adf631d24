//! What one request asks for: its sources and their constraints.

use std::fmt;

use super::{Constraint, Kind, Malformed};

/// Where a client may say which version it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The first segment of the path, such as `/v1`.
    Prefix,
    /// The `X-API-Version` header.
    Header,
    /// A media range in `Accept`: its `version` parameter, or the name of a vendor's type.
    Accept,
    /// The `api-version` key of the query.
    Query,
    /// The client itself named none: a hook knows what it was built for.
    ClientPin,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Prefix => "URL prefix",
            Source::Header => "`X-API-Version` header",
            Source::Accept => "media range in `Accept`",
            Source::Query => "query parameter `api-version`",
            Source::ClientPin => "client pin",
        })
    }
}

/// How many constraints one request may carry; a limit, so that no request costs more than a few comparisons.
pub const MAX_CONSTRAINTS: usize = 16;

/// How many of them are held without an allocation: one of each source.
const INLINE: usize = 4;

/// The constraints of one request, in the order in which they were read.
///
/// A source that is given twice is two constraints: both must hold.
#[derive(Debug, Clone, Default)]
pub struct Requested {
    first: [Option<(Source, Constraint)>; INLINE],
    more: Vec<(Source, Constraint)>,
}

impl Requested {
    /// A request that names no version.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a constraint; one too many is malformed.
    pub fn push(&mut self, source: Source, constraint: Constraint) -> Result<(), Malformed> {
        if let Some(free) = self.first.iter_mut().find(|place| place.is_none()) {
            *free = Some((source, constraint));
            return Ok(());
        }
        if INLINE + self.more.len() >= MAX_CONSTRAINTS {
            return Err(Malformed::new(
                &constraint.to_string(),
                format!("the request names more than {MAX_CONSTRAINTS} versions, name one"),
            ));
        }
        self.more.push((source, constraint));
        Ok(())
    }

    /// Reads the text of a source and adds it.
    pub fn read(&mut self, source: Source, text: &str) -> Result<(), Malformed> {
        self.push(source, Constraint::parse(text)?)
    }

    /// Whether the request names no version, so that the default answers.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first[0].is_none()
    }

    /// What kind of thing the client names, by its narrowest source; a client pin is none of its own.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        self.iter()
            .filter(|(source, _)| *source != Source::ClientPin)
            .map(|(_, constraint)| constraint.kind())
            .max()
    }

    /// Whether a client pin named the version.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.iter().any(|(source, _)| source == Source::ClientPin)
    }

    /// All constraints with their sources.
    pub fn iter(&self) -> impl Iterator<Item = (Source, &Constraint)> {
        self.first
            .iter()
            .flatten()
            .chain(&self.more)
            .map(|(source, constraint)| (*source, constraint))
    }
}
