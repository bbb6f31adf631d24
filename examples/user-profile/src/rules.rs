//! What both implementations accept: the rules are the same, whichever of them answers.

use thiserror::Error;

use crate::names::Name;

/// The longest full name, in characters.
const NAME_LIMIT: usize = 200;
/// The longest address, in bytes (RFC 5321 section 4.5.3.1.3, without the angle brackets).
const ADDRESS_LIMIT: usize = 254;
/// The longest language tag, in bytes (RFC 5646 section 4.4.1).
const LANGUAGE_LIMIT: usize = 35;

/// A value that is not accepted; the texts name no field, because fields have other names in other versions.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Invalid {
    /// No name, or one that is too long.
    #[error("a name has 1 to {NAME_LIMIT} characters; send one that does")]
    Name,
    /// No address.
    #[error("`{0}` is not an email address; send one such as `ada@example.org`, or none")]
    Address(String),
    /// No language tag.
    #[error("`{0}` is not a language tag; send one such as `pt-BR`, or none")]
    Language(String),
}

/// Accepts a name that is there and not too long.
pub fn name(name: Name) -> Result<Name, Invalid> {
    let accepted = !name.is_empty() && name.full().chars().count() <= NAME_LIMIT;
    if accepted { Ok(name) } else { Err(Invalid::Name) }
}

/// Accepts what looks like an address: one `@` between a mailbox and a domain of several labels.
pub fn address(address: Option<String>) -> Result<Option<String>, Invalid> {
    accept(address, Invalid::Address, |text| {
        let clean = text.len() <= ADDRESS_LIMIT && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        clean
            && text.split_once('@').is_some_and(|(mailbox, domain)| {
                let labels = domain.split('.');
                !mailbox.is_empty()
                    && !domain.contains('@')
                    && labels.clone().count() > 1
                    && labels.clone().all(|l| !l.is_empty())
            })
    })
}

/// Accepts what has the form of a language tag: subtags of 1 to 8 letters and digits, joined by hyphens (RFC 5646).
pub fn language(tag: Option<String>) -> Result<Option<String>, Invalid> {
    accept(tag, Invalid::Language, |text| {
        let subtag = |s: &str| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric());
        text.len() <= LANGUAGE_LIMIT && text.split('-').all(subtag)
    })
}

fn accept(
    value: Option<String>,
    refusal: fn(String) -> Invalid,
    rule: fn(&str) -> bool,
) -> Result<Option<String>, Invalid> {
    match value {
        Some(text) if !rule(&text) => Err(refusal(text)),
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(rule: fn(Option<String>) -> Result<Option<String>, Invalid>, value: &str, accepted: bool) {
        assert_eq!(rule(Some(value.to_owned())).is_ok(), accepted, "{value:?}");
    }

    #[test]
    fn addresses() {
        check(address, "ada@example.org", true);
        check(address, "ada+tag@mail.example.org", true);
        check(address, "", false);
        check(address, "ada", false);
        check(address, "@example.org", false);
        check(address, "ada@example", false);
        check(address, "ada@example..org", false);
        check(address, "ada@@example.org", false);
        check(address, "ada lovelace@example.org", false);
        check(address, &format!("{}@example.org", "a".repeat(254)), false);
        assert_eq!(address(None), Ok(None));
    }

    #[test]
    fn languages() {
        check(language, "pt-BR", true);
        check(language, "zh-Hant-TW", true);
        check(language, "", false);
        check(language, "pt_BR", false);
        check(language, "pt-", false);
        check(language, "portuguese", false);
    }

    #[test]
    fn names() {
        assert!(name(Name::new("Ada", "")).is_ok());
        assert_eq!(name(Name::new(" ", "")), Err(Invalid::Name));
        assert_eq!(name(Name::new(&"a".repeat(NAME_LIMIT), "")).map(|_| ()), Ok(()));
        assert_eq!(name(Name::new(&"a".repeat(NAME_LIMIT), "b")), Err(Invalid::Name));
    }
}
