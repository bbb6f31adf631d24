//! What will go: since when clients are told, when it is gone, and what to use instead.
//!
//! Dates begin at midnight UTC. A deprecation is an annotation: it takes nothing away from what the contract promises.

use serde::{Serialize, Serializer};

pub use jiff::civil::Date;

/// That something will go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deprecation {
    /// Since when (RFC 9745); `None` if no date was said.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "date")]
    pub on: Option<Date>,
    /// When it will be gone (RFC 8594).
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "date")]
    pub sunset: Option<Date>,
    /// What is said of it to those who use it; may be empty.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub note: &'static str,
    /// What to use instead: of a version the number of a later one, else a name of the source; may be empty.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub successor: &'static str,
}

impl Deprecation {
    /// Deprecated, and nothing more is said.
    pub const BARE: Self = Self {
        on: None,
        sunset: None,
        note: "",
        successor: "",
    };

    /// One sentence for each thing that was said, for documents; empty if nothing was.
    #[must_use]
    pub fn text(&self) -> String {
        let mut sentences = Vec::new();
        if let Some(on) = self.on {
            sentences.push(format!("Deprecated since {on}."));
        }
        if let Some(sunset) = self.sunset {
            sentences.push(format!("Gone from {sunset} on."));
        }
        if !self.successor.is_empty() {
            sentences.push(format!("Use `{}` instead.", self.successor));
        }
        if !self.note.is_empty() {
            sentences.push(self.note.to_owned());
        }
        sentences.join(" ")
    }
}

/// As a full date of RFC 3339, `2026-05-01`.
#[allow(clippy::trivially_copy_pass_by_ref, clippy::ref_option)] // serde hands fields by reference
pub(crate) fn date<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
    match date {
        Some(date) => serializer.collect_str(date),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_is_one_sentence_each() {
        let said = Deprecation {
            on: Some(Date::constant(2026, 5, 1)),
            sunset: Some(Date::constant(2027, 1, 31)),
            note: "It was never right.",
            successor: "given_name",
        };
        assert_eq!(
            said.text(),
            "Deprecated since 2026-05-01. Gone from 2027-01-31 on. Use `given_name` instead. It was never right."
        );
        assert_eq!(Deprecation::BARE.text(), "");
        let json = serde_json::to_value(said).expect("plain data");
        assert_eq!(json["on"], "2026-05-01");
        assert_eq!(
            serde_json::to_string(&Deprecation::BARE).expect("plain data"),
            "{}"
        );
    }
}
