//! Rules as operators write them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::route::document::{named_once, shares_named_once};

/// One rule: which requests, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    /// Its name, which no other rule of the table has; a rule that keeps it keeps its users when its weights change.
    pub name: String,
    /// Which requests; all of it must hold, and nothing is everything.
    #[serde(rename = "match", default)]
    pub matches: MatchDocument,
    /// Implementations or labels, and how many of the matching users each gets, in percent; what is left goes on to what follows.
    #[serde(deserialize_with = "shares_named_once")]
    pub to: BTreeMap<String, Percent>,
}

/// What must hold of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MatchDocument {
    /// The whole dye key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dye: Option<OneOrMany>,
    /// Single facts, by name.
    #[serde(deserialize_with = "named_once", skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, OneOrMany>,
    /// Scores, by name, each with a comparison such as `> 0.92`.
    #[serde(deserialize_with = "named_once", skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, String>,
}

/// One text, or a list of which one must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// This one.
    One(TextDocument),
    /// One of these.
    Many(Vec<TextDocument>),
}

impl OneOrMany {
    /// All of them.
    #[must_use]
    pub fn all(&self) -> &[TextDocument] {
        match self {
            OneOrMany::One(one) => std::slice::from_ref(one),
            OneOrMany::Many(many) => many,
        }
    }
}

/// What a text must be; all of it, from its beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
pub enum TextDocument {
    /// Exactly this.
    Exact(String),
    /// `*` is any text, `?` any character.
    Glob(Glob),
    /// A regular expression.
    Regex(Regex),
}

/// `{"glob": "cn-*"}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Glob {
    /// The pattern.
    pub glob: String,
}

/// `{"regex": "cn-.*"}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regex {
    /// The expression, in the syntax of the `regex` crate.
    pub regex: String,
}

// They are read by hand: where serde finds out by trying which variant it is, it takes a list of one text for a glob.
impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Texts { many: true })
    }
}

impl<'de> Deserialize<'de> for TextDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_any(Texts { many: false })? {
            OneOrMany::One(one) => Ok(one),
            OneOrMany::Many(_) => Err(D::Error::custom("expected one text")),
        }
    }
}

/// Reads a text, or a list of them where there may be several.
struct Texts {
    many: bool,
}

impl<'de> Visitor<'de> for Texts {
    type Value = OneOrMany;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.many {
            "a text, `{\"glob\": …}`, `{\"regex\": …}`, or a list of them"
        } else {
            "a text, `{\"glob\": …}` or `{\"regex\": …}`"
        })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMany, E> {
        Ok(OneOrMany::One(TextDocument::Exact(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<OneOrMany, A::Error> {
        let pattern = match members.next_key::<String>()?.as_deref() {
            Some("glob") => TextDocument::Glob(Glob {
                glob: members.next_value()?,
            }),
            Some("regex") => TextDocument::Regex(Regex {
                regex: members.next_value()?,
            }),
            _ => return Err(A::Error::invalid_value(Unexpected::Map, &self)),
        };
        match members.next_key::<String>()? {
            None => Ok(OneOrMany::One(pattern)),
            Some(_) => Err(A::Error::invalid_value(Unexpected::Map, &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<OneOrMany, A::Error> {
        if !self.many {
            return Err(A::Error::invalid_type(Unexpected::Seq, &self));
        }
        let mut texts = Vec::new();
        while let Some(text) = items.next_element()? {
            texts.push(text);
        }
        Ok(OneOrMany::Many(texts))
    }
}

impl TextDocument {
    /// The text in the syntax of regular expressions, if it is a pattern.
    pub(super) fn expression(&self) -> Option<String> {
        self.expression_with("(?s:.*)")
    }

    /// The same for values that are known to be text. What a `*` stands for is then told by bytes, without the states that tell which
    /// bytes are characters: there are so many of them that few globs would fit into an automaton that is worked out beforehand.
    pub(super) fn expression_of_text(&self) -> Option<String> {
        self.expression_with("(?s-u:.*)")
    }

    fn expression_with(&self, any: &str) -> Option<String> {
        match self {
            TextDocument::Exact(_) => None,
            TextDocument::Regex(pattern) => Some(pattern.regex.clone()),
            TextDocument::Glob(pattern) => {
                let mut expression = String::new();
                for character in pattern.glob.chars() {
                    match character {
                        '*' => expression.push_str(any),
                        '?' => expression.push_str("(?s:.)"),
                        other => regex_syntax::escape_into(other.encode_utf8(&mut [0; 4]), &mut expression),
                    }
                }
                Some(expression)
            }
        }
    }
}

/// A part of the users, written in percent with four decimals at most: one part per million is `0.0001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// As many parts per million.
    #[must_use]
    pub const fn parts_per_million(parts: u32) -> Self {
        Self(parts)
    }

    /// In parts per million.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_multiple_of(10_000) {
            serializer.serialize_u32(self.0 / 10_000)
        } else {
            serializer.serialize_f64(f64::from(self.0) / 10_000.0)
        }
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let percent = f64::deserialize(deserializer)?;
        let parts = (percent * 10_000.0).round();
        if !(0.0..=f64::from(u32::MAX)).contains(&parts) || (percent * 10_000.0 - parts).abs() > 1e-3 {
            return Err(D::Error::custom(format_args!(
                "`{percent}` is no weight; write percent from 0 to 100, with four decimals at most"
            )));
        }
        // In the range of `u32`, and whole.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        {
            Ok(Self(parts as u32))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<OneOrMany, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn texts_are_read_as_they_are_written() {
        let exact = |text: &str| TextDocument::Exact(text.to_owned());
        let glob = |glob: &str| {
            TextDocument::Glob(Glob {
                glob: glob.to_owned(),
            })
        };
        assert_eq!(read(r#""a?""#), Ok(OneOrMany::One(exact("a?"))));
        assert_eq!(read(r#"{"glob": "a?"}"#), Ok(OneOrMany::One(glob("a?"))));
        // A list of one is a list.
        assert_eq!(read(r#"["a?"]"#), Ok(OneOrMany::Many(vec![exact("a?")])));
        let both = OneOrMany::Many(vec![glob("a?"), exact("b")]);
        let text = serde_json::to_string(&both).expect("a document");
        assert_eq!(read(&text), Ok(both));
    }

    #[test]
    fn what_is_no_text_says_what_would_be() {
        for text in ["7", "{}", r#"{"glob": "a", "regex": "b"}"#, r#"{"globe": "a"}"#] {
            let refused = read(text).expect_err(text);
            assert!(
                refused.contains("expected a text, `{\"glob\": …}`, `{\"regex\": …}`, or a list"),
                "{refused}"
            );
        }
        let nested = read(r#"[["a"]]"#).expect_err("a list in a list");
        assert!(nested.contains("expected a text, `{\"glob\": …}` or"), "{nested}");
    }

    #[test]
    fn names_stand_once() {
        let read =
            |text: &str| serde_json::from_str::<MatchDocument>(text).map_err(|error| error.to_string());
        let twice = read(r#"{"facts": {"region": "a", "region": "b"}}"#).expect_err("twice");
        assert!(
            twice.starts_with("`region` stands there twice, write it once"),
            "{twice}"
        );
    }
}
