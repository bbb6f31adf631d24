//! Dyes that come in: facts that a request brings along, believed only where they are signed.
//!
//! Reading is a pure function of the header, the keys and the time ([`signed`]); what is refused is counted and ignored, because a
//! client cannot know whose keys a service has.

mod signed;

use std::fmt;

use http::HeaderMap;
use http::header::HeaderName;

use crate::resolve::UnixTime;

pub use signed::{DyeSigner, SigningError};

pub(crate) use signed::{Refused, SignedFacts};

use signed::Key;

/// Which dyes that come in are believed: those in a header, `Dye` unless it is said here, that are signed with one of the keys.
///
/// Without a configuration nothing is believed, and nothing is looked for. With several keys, what is signed with each of them is
/// believed: to rotate, add the new key everywhere, then sign with it, then take the old one away.
///
/// ```
/// # use versioned_runtime::{Dyes, Host};
/// let secret = [7; 32]; // from where secrets are kept
/// let host = Host::new().dyes(Dyes::new().key("2026-11", secret));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Dyes {
    header: String,
    keys: Vec<(String, Vec<u8>)>,
}

impl Default for Dyes {
    fn default() -> Self {
        Self {
            header: "dye".to_owned(),
            keys: Vec::new(),
        }
    }
}

impl Dyes {
    /// The header `Dye`, and no key: no dye is believed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>) -> Self {
        self.header = name.into();
        self
    }

    /// What is signed with this key is believed, too: its id, which stands in dyes, and the secret of at least 32 bytes.
    #[must_use]
    pub fn key(mut self, id: impl Into<String>, secret: impl AsRef<[u8]>) -> Self {
        self.keys.push((id.into(), secret.as_ref().to_vec()));
        self
    }
}

/// Secrets are not told.
impl fmt::Debug for Dyes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<&str> = self.keys.iter().map(|(id, _)| id.as_str()).collect();
        f.debug_struct("Dyes")
            .field("header", &self.header)
            .field("keys", &ids)
            .finish()
    }
}

/// What is wrong with the configuration of dyes; it is found when the host starts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DyesError {
    /// The header cannot be one.
    #[error("`{name}` is no name of a header for dyes: use letters, digits and `-`, such as `Dye`")]
    Header {
        /// What was given.
        name: String,
    },
    /// Two keys have the same id.
    #[error("two keys of dyes have the id `{id}`: give each its own, a dye names its key by it")]
    KeyTwice {
        /// The id.
        id: String,
    },
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] SigningError),
}

/// Reads the dyes of requests.
pub(crate) struct DyeReader {
    header: HeaderName,
    keys: Box<[Key]>,
}

impl DyeReader {
    pub(crate) fn new(dyes: &Dyes) -> Result<Self, DyesError> {
        let header = HeaderName::from_bytes(dyes.header.as_bytes()).map_err(|_| DyesError::Header {
            name: dyes.header.clone(),
        })?;
        let mut keys: Vec<Key> = Vec::new();
        for (id, secret) in &dyes.keys {
            if keys.iter().any(|key| key.id() == id) {
                return Err(DyesError::KeyTwice { id: id.clone() });
            }
            keys.push(Key::new(id, secret)?);
        }
        let keys = keys.into();
        Ok(Self { header, keys })
    }

    /// The facts that the dye of a request tells; none where it has no dye. The clock is read where there is one.
    pub(crate) fn read(
        &self,
        headers: &HeaderMap,
        now: impl FnOnce() -> UnixTime,
    ) -> Result<Option<SignedFacts>, Refused> {
        let mut values = headers.get_all(&self.header).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => signed::read(value.as_bytes(), &self.keys, now()).map(Some),
            (Some(_), Some(_)) => Err(Refused::Syntax),
        }
    }
}
