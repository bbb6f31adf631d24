//! The form of a signed dye: `v1.<key>.<expires>.<signature>.<facts>`, as `docs/runtime.md` documents it.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use sha2::Sha256;

use crate::resolve::UnixTime;
use crate::route::dye::{FACTS, VALUE, is_name, is_told};

/// The form; another one would have another name.
const FORM: &str = "v1";
/// The longest id of a key, in bytes.
const ID: usize = 32;
/// The shortest secret, in bytes: as long as what SHA-256 gives (RFC 2104 section 3).
const SECRET: usize = 32;
/// What is longer is not read.
const LONGEST: usize = 4096;
/// What parts facts, and what a header or a member of a list cannot hold as it is.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b',')
    .add(b';')
    .add(b'\\')
    .add(b'%')
    .add(b'|');

/// Why a dye is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Unsigned,
    Signature,
    Expired,
    Syntax,
    UnknownKey,
}

impl Refused {
    pub(crate) const ALL: [Self; 5] = [
        Self::Unsigned,
        Self::Signature,
        Self::Expired,
        Self::Syntax,
        Self::UnknownKey,
    ];

    /// As metrics and events tell it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::Syntax => "syntax",
            Self::UnknownKey => "unknown_key",
        }
    }
}

/// The facts of a dye that is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DyeFacts(Vec<(String, String)>);

impl DyeFacts {
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str)> + Clone {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut facts = self.0.iter();
        facts
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Why a dye cannot be signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SigningError {
    /// The id cannot stand in a dye.
    #[error("`{id}` is no id of a key: use 1 to 32 letters, digits, `-` and `_`")]
    Id {
        /// What was given.
        id: String,
    },
    /// The secret could be guessed.
    #[error("the secret of the key `{id}` has {length} bytes: use at least 32 random ones")]
    Secret {
        /// The id of the key.
        id: String,
        /// The length of the secret.
        length: usize,
    },
    /// A dye tells at least one fact, and no more than a table can name.
    #[error("a dye tells 1 to 12 facts, not {count}")]
    Count {
        /// How many were given.
        count: usize,
    },
    /// The name of a fact cannot stand in a dye.
    #[error(
        "`{name}` is no name of a fact, or stands twice: use 1 to 24 lower-case letters, digits, `-` and `_`"
    )]
    Name {
        /// What was given.
        name: String,
    },
    /// The value of a fact cannot stand in a dye.
    #[error(
        "the value of the fact `{name}` is empty or longer than 64 bytes, in which `|`, `%` and control characters count as 3: shorten it"
    )]
    Value {
        /// The name of the fact.
        name: String,
    },
}

/// Makes dyes that services with the same key believe: for the edge, and for clients of the next service.
///
/// ```
/// # use versioned_runtime::{DyeSigner, UnixTime};
/// let signer = DyeSigner::new("2026-11", [7; 32])?;
/// let dye = signer.sign([("region", "cn-east"), ("tier", "low")], UnixTime::from_seconds(1_800_000_000))?;
/// assert!(dye.to_str().is_ok_and(|dye| dye.ends_with(".region:cn-east|tier:low")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DyeSigner(Key);

impl DyeSigner {
    /// Signs with a key: its id, which services know it by, and the secret of at least 32 bytes.
    ///
    /// # Errors
    /// If the id cannot stand in a dye, or the secret is too short.
    pub fn new(id: impl AsRef<str>, secret: impl AsRef<[u8]>) -> Result<Self, SigningError> {
        Key::new(id.as_ref(), secret.as_ref()).map(Self)
    }

    /// The value of a header that tells facts and is believed until a moment.
    ///
    /// # Errors
    /// If there is no fact or more than 12, or a name or a value cannot stand in a dye.
    pub fn sign<N: AsRef<str>, V: AsRef<str>>(
        &self,
        facts: impl IntoIterator<Item = (N, V)>,
        expires: UnixTime,
    ) -> Result<HeaderValue, SigningError> {
        let mut told: Vec<(String, String)> = Vec::new();
        for (name, value) in facts {
            let (name, value) = (name.as_ref(), value.as_ref());
            if !is_name(name) || told.iter().any(|(known, _)| known == name) {
                return Err(SigningError::Name {
                    name: name.to_owned(),
                });
            }
            // Whoever reads the dye has no fact of a value that is too long for a key.
            if !is_told(value) {
                return Err(SigningError::Value {
                    name: name.to_owned(),
                });
            }
            told.push((name.to_owned(), utf8_percent_encode(value, ESCAPED).to_string()));
        }
        if told.is_empty() || told.len() > FACTS {
            return Err(SigningError::Count { count: told.len() });
        }
        told.sort_unstable();
        let facts: Vec<String> = told
            .iter()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        let (id, expires, facts) = (self.0.id(), expires.seconds(), facts.join("|"));
        let mac = self.0.mac(&expires.to_string(), &facts).finalize().into_bytes();
        let signature = BASE64_URL_SAFE_NO_PAD.encode(mac);
        let text = format!("{FORM}.{id}.{expires}.{signature}.{facts}");
        // All of it is visible ASCII.
        Ok(crate::host::header_value(&text))
    }

    /// The facts of a dye as a service with this key believes them at a moment; nothing where it does not believe it.
    #[must_use]
    pub fn read(&self, dye: &[u8], now: UnixTime) -> Option<Vec<(String, String)>> {
        let believed = read(dye, std::slice::from_ref(&self.0), now);
        believed.ok().map(|DyeFacts(facts)| facts)
    }
}

impl fmt::Debug for DyeSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DyeSigner").field(&self.0.id()).finish()
    }
}

/// A key, prepared.
#[derive(Clone)]
pub(super) struct Key {
    id: Box<str>,
    mac: Hmac<Sha256>,
}

impl Key {
    pub(super) fn new(id: &str, secret: &[u8]) -> Result<Self, SigningError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.is_empty() || id.len() > ID || !id.bytes().all(plain) {
            return Err(SigningError::Id { id: id.to_owned() });
        }
        let length = secret.len();
        let short = || SigningError::Secret {
            id: id.to_owned(),
            length,
        };
        if length < SECRET {
            return Err(short());
        }
        let mac = Hmac::new_from_slice(secret).map_err(|_| short())?;
        let id = id.into();
        Ok(Self { id, mac })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The form and the id are signed, too: neither can be exchanged.
    fn mac(&self, expires: &str, facts: &str) -> Hmac<Sha256> {
        let mut mac = self.mac.clone();
        for part in [FORM, ".", &*self.id, ".", expires, ".", facts] {
            mac.update(part.as_bytes());
        }
        mac
    }
}

/// Reads a dye, and believes it or not. Nothing of it is looked at closely before its signature is found right.
pub(super) fn read(value: &[u8], keys: &[Key], now: UnixTime) -> Result<DyeFacts, Refused> {
    let text = std::str::from_utf8(value).map_err(|_| Refused::Syntax)?;
    if text.len() > LONGEST {
        return Err(Refused::Syntax);
    }
    let signed = text.strip_prefix(FORM).and_then(|rest| rest.strip_prefix('.'));
    let mut parts = signed.ok_or(Refused::Unsigned)?.splitn(4, '.');
    let mut part = || parts.next().ok_or(Refused::Syntax);
    let (id, expires, signature, facts) = (part()?, part()?, part()?, part()?);
    let key = keys
        .iter()
        .find(|key| &*key.id == id)
        .ok_or(Refused::UnknownKey)?;
    // Bits that mean nothing must be 0: a signature has one form.
    let signature = BASE64_URL_SAFE_NO_PAD
        .decode(signature)
        .map_err(|_| Refused::Signature)?;
    let mac = key.mac(expires, facts);
    // It compares in constant time.
    mac.verify_slice(&signature).map_err(|_| Refused::Signature)?;
    let expires: i64 = expires.parse().map_err(|_| Refused::Syntax)?;
    if expires <= now.seconds() {
        return Err(Refused::Expired);
    }
    read_facts(facts).ok_or(Refused::Syntax)
}

/// The facts of a dye as they stand in it.
pub(super) fn read_facts(text: &str) -> Option<DyeFacts> {
    let mut facts: Vec<(String, String)> = Vec::new();
    for part in text.split('|') {
        let (name, value) = part.split_once(':')?;
        let value: Cow<'_, str> = percent_decode_str(value).decode_utf8().ok()?;
        let twice = facts.iter().any(|(known, _)| known == name);
        if twice || !is_name(name) || value.is_empty() || value.len() > VALUE || facts.len() == FACTS {
            return None;
        }
        facts.push((name.to_owned(), value.into_owned()));
    }
    Some(DyeFacts(facts))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
    /// Computed with another implementation of HMAC; `docs/runtime.md` tells how.
    const VECTOR: &str = "v1.k1.1800000000.KX4_FylQXmDUkEc3KPZCC92tF-t-rgDVconK5zBcgig.region:cn-east|team:a%7C%C3%9F|tier:low";

    fn keys() -> [Key; 2] {
        let key = |id, secret: &[u8]| Key::new(id, secret).expect("a key");
        [key("old", &[1; 32]), key("k1", SECRET)]
    }

    #[track_caller]
    fn check(dye: &str, now: i64, expected: Result<&[(&str, &str)], Refused>) {
        let read = read(dye.as_bytes(), &keys(), UnixTime::from_seconds(now));
        let expected = expected.map(|facts| {
            DyeFacts(
                facts
                    .iter()
                    .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                    .collect(),
            )
        });
        assert_eq!(read, expected, "{dye}");
    }

    #[test]
    fn what_is_believed_and_what_is_not() {
        let facts: &[(&str, &str)] = &[("region", "cn-east"), ("team", "a|ß"), ("tier", "low")];
        check(VECTOR, 1_799_999_999, Ok(facts));
        check(VECTOR, 1_800_000_000, Err(Refused::Expired));
        check("region:cn-east", 0, Err(Refused::Unsigned));
        check("", 0, Err(Refused::Unsigned));
        check("v1.k1.1800000000", 0, Err(Refused::Syntax));
        check(&VECTOR.replace("cn-east", "cn-west"), 0, Err(Refused::Signature));
        check(
            &VECTOR.replace("1800000000", "1900000000"),
            0,
            Err(Refused::Signature),
        );
        check(&VECTOR.replace(".k1.", ".old."), 0, Err(Refused::Signature));
        check(&VECTOR.replace(".k1.", ".k2."), 0, Err(Refused::UnknownKey));
        check(&VECTOR.replace("v1.", "v2."), 0, Err(Refused::Unsigned));
        check(&"v1.".repeat(2000), 0, Err(Refused::Syntax));
    }

    #[test]
    fn signers_write_the_documented_form() {
        let signer = DyeSigner::new("k1", SECRET).expect("a signer");
        let facts = [("tier", "low"), ("team", "a|ß"), ("region", "cn-east")];
        let dye = signer
            .sign(facts, UnixTime::from_seconds(1_800_000_000))
            .expect("a dye");
        assert_eq!(dye.to_str().ok(), Some(VECTOR));
    }

    #[track_caller]
    fn refused(facts: &[(&str, &str)], because: &str) {
        let signer = DyeSigner::new("k1", SECRET).expect("a signer");
        let error = signer
            .sign(facts.iter().copied(), UnixTime::MAX)
            .expect_err(because);
        assert!(error.to_string().contains(because), "{error}");
    }

    #[test]
    fn mistakes_of_signers_are_named() {
        refused(&[], "1 to 12 facts");
        refused(&[("Region", "x")], "`Region` is no name");
        refused(&[("region", "x"), ("region", "y")], "stands twice");
        refused(&[("region", "")], "`region` is empty");
        refused(&[("region", &"x".repeat(65))], "longer than 64");
        refused(
            &[("region", &format!("|{}", "x".repeat(62)))],
            "`|`, `%` and control",
        );
        let short = DyeSigner::new("k1", [0; 31]).expect_err("a short secret");
        assert!(short.to_string().contains("31 bytes"), "{short}");
        let id = DyeSigner::new("k.1", SECRET).expect_err("an id");
        assert!(id.to_string().contains("`k.1`"), "{id}");
    }

    proptest! {
        #[test]
        fn what_is_signed_is_read_back(value in "\\PC{1,16}", name in "[a-z0-9_-]{1,24}") {
            let signer = DyeSigner::new("k1", SECRET).expect("a signer");
            let dye = signer.sign([(&name, &value)], UnixTime::MAX).expect("a dye");
            let read = read(dye.as_bytes(), &keys(), UnixTime::from_seconds(0)).expect("it is believed");
            prop_assert_eq!(read.get(&name), Some(value.as_str()));
        }

        #[test]
        fn what_is_signed_can_be_a_fact(value in "[ -~]{1,16}[|%a-z]{0,52}") {
            let signer = DyeSigner::new("k1", SECRET).expect("a signer");
            let signed = signer.sign([("region", &value)], UnixTime::MAX);
            prop_assert_eq!(signed.is_ok(), is_told(&value));
        }

        #[test]
        fn no_flipped_bit_is_believed(value in "[ -~]{1,32}", bit in any::<prop::sample::Index>()) {
            let signer = DyeSigner::new("k1", SECRET).expect("a signer");
            let dye = signer.sign([("region", value)], UnixTime::MAX).expect("a dye");
            let mut bytes = dye.as_bytes().to_vec();
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(read(&bytes, &keys(), UnixTime::from_seconds(0)).is_err());
        }

        #[test]
        fn nothing_unsigned_is_believed(text in "(v1\\.)?(k1\\.|old\\.)?([0-9]{1,10}\\.)?[A-Za-z0-9_-]{0,43}\\.?[a-z]{1,8}:[ -~]{1,16}") {
            prop_assert!(read(text.as_bytes(), &keys(), UnixTime::from_seconds(0)).is_err());
        }
    }
}
