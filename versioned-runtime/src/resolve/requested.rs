//! What one request asks for: its sources and their constraints.

use std::fmt;

use super::{Constraint, Malformed};

/// Where a client may say which version it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The first segment of the path, such as `/v1`.
    Prefix,
    /// The `X-API-Version` header.
    Header,
    /// The `version` parameter of a media range in `Accept`.
    Accept,
    /// The `api-version` key of the query.
    Query,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Source::Prefix => "URL prefix",
            Source::Header => "`X-API-Version` header",
            Source::Accept => "`Accept` parameter `version`",
            Source::Query => "query parameter `api-version`",
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

    /// All constraints with their sources.
    pub fn iter(&self) -> impl Iterator<Item = (Source, &Constraint)> {
        self.first
            .iter()
            .flatten()
            .chain(&self.more)
            .map(|(source, constraint)| (*source, constraint))
    }
}
