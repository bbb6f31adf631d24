//! Dyes that come in: facts that a request brings along, believed only where they are signed or an allow-listed peer says them.
//!
//! Reading is a pure function of the header, the keys and the time ([`signed`]); what is refused is counted and ignored, because a
//! client cannot know whose keys a service has.

mod signed;

use std::fmt;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};

use crate::baggage;
use crate::resolve::UnixTime;

pub use signed::{DyeSigner, SigningError};

pub(crate) use signed::Refused;

use signed::{DyeFacts, Key};

/// Which dyes that come in are believed: those in a header, `Dye` unless it is said here, or in W3C `baggage` (the member
/// `versioned-dye`), that are signed with one of the keys. Those of allow-listed peers ([`FactSources::trust`](crate::FactSources::trust)) need no
/// signature.
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

/// The facts of the dyes of a request that are believed.
#[derive(Debug, Default)]
pub(crate) struct Believed {
    signed: Vec<DyeFacts>,
    /// Those that an allow-listed peer says.
    said: Vec<DyeFacts>,
}

impl Believed {
    pub(crate) fn is_nothing(&self) -> bool {
        self.signed.is_empty() && self.said.is_empty()
    }

    /// Everything, what goes before in the first place.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.signed.iter().chain(&self.said).flat_map(DyeFacts::all)
    }

    /// The first value that tells something. What is signed goes before what a peer says, and the header before the baggage.
    pub(crate) fn get(&self, name: &str, tells: impl Fn(&str) -> bool) -> Option<&str> {
        let mut dyes = self.signed.iter().chain(&self.said);
        dyes.find_map(|facts| facts.get(name).filter(|value| tells(value)))
    }
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

    /// The facts that the dyes of a request tell: the one in the header, and the one in its baggage. The clock is read, and the peer
    /// looked at, where there is one; `refuse` is told of each that is not believed.
    pub(crate) fn read(
        &self,
        headers: &HeaderMap,
        now: impl Fn() -> UnixTime,
        is_trusted: impl Fn() -> bool,
        mut refuse: impl FnMut(Refused),
    ) -> Believed {
        let mut believed = Believed::default();
        let mut take = |dye: Result<Option<&[u8]>, Refused>| {
            let read = dye.map(|dye| dye.map(|dye| (dye, signed::read(dye, &self.keys, now()))));
            match read {
                Ok(None) => {}
                Ok(Some((_, Ok(facts)))) => believed.signed.push(facts),
                Ok(Some((dye, Err(Refused::Unsigned)))) if is_trusted() => {
                    match std::str::from_utf8(dye).ok().and_then(signed::read_facts) {
                        Some(facts) => believed.said.push(facts),
                        None => refuse(Refused::Syntax),
                    }
                }
                Ok(Some((_, Err(refused)))) | Err(refused) => refuse(refused),
            }
        };
        let mut values = headers.get_all(&self.header).iter();
        take(match (values.next(), values.next()) {
            (value, None) => Ok(value.map(HeaderValue::as_bytes)),
            (_, Some(_)) => Err(Refused::Syntax),
        });
        match baggage::dye_in(headers) {
            Ok(dye) => take(Ok(dye.as_deref().map(str::as_bytes))),
            Err(()) => take(Err(Refused::Syntax)),
        }
        believed
    }
}
