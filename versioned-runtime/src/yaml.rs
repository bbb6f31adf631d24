//! Routing tables as YAML (RFC 9512): the same documents as JSON, under limits, with the line of what is wrong.

use std::fmt::Write as _;

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_saphyr::{Options, with_deserializer_from_str_with_options};

use crate::http::{Objects, pointer_of, push_token};
use crate::route::TableDocument;

/// Why a text is no document in YAML: where, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct YamlError {
    detail: String,
    pointer: String,
    place: Option<(u64, u64)>,
    is_data: bool,
}

impl YamlError {
    /// The JSON pointer (RFC 6901) of the place; empty for the whole document, and for what is no YAML at all.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The line and the column of the place, from 1; none where the place is not known.
    #[must_use]
    pub const fn place(&self) -> Option<(u64, u64)> {
        self.place
    }

    /// Whether it is YAML, but not the document that was wanted.
    #[must_use]
    pub const fn is_data(&self) -> bool {
        self.is_data
    }
}

impl TableDocument {
    /// Reads a table as operators keep it in files.
    ///
    /// ```
    /// # use versioned_runtime::TableDocument;
    /// let table = TableDocument::from_yaml("default_version: 1.1.0\nshares: { 2.0.0: 200000 }\n")?;
    /// assert_eq!(table.shares["2.0.0"], 200_000);
    /// # Ok::<(), versioned_runtime::YamlError>(())
    /// ```
    ///
    /// # Errors
    /// If the text is no YAML, more than the limits allow, or not a table.
    pub fn from_yaml(text: &str) -> Result<Self, YamlError> {
        read(text)
    }
}

/// Reads a document.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    let mut pointer = String::new();
    let read = with_deserializer_from_str_with_options(text, options(), |deserializer| {
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(Objects(deserializer), &mut track);
        T::deserialize(tracked).inspect_err(|_| pointer = pointer_of(&track.path()))
    });
    read.map_err(|error| {
        let is_data = serde_saphyr::from_str_with_options::<IgnoredAny>(text, options()).is_ok();
        let place = error
            .location()
            .map(|place| (place.line(), place.column()))
            .filter(|(line, _)| *line > 0);
        let text = error.to_string();
        // The place is told once, in our own words.
        let text = text.lines().next().unwrap_or_default();
        let text = match text.split(" at line ").next().unwrap_or_default() {
            several if several.contains("from_str_multiple") => "there are several documents, send one",
            text => text,
        };
        if !is_data {
            pointer.clear();
        } else if let Some(member) = text
            .split_once("missing field `")
            .and_then(|(_, rest)| rest.split('`').next())
        {
            push_token(&mut pointer, member);
        }
        let mut detail = text.to_owned();
        if let Some((line, column)) = place {
            // Writing to a text cannot fail.
            let _ = write!(detail, " (line {line}, column {column})");
        }
        YamlError {
            detail,
            pointer,
            place,
            is_data,
        }
    })
}

/// Writes a document.
pub(crate) fn write(value: &impl serde::Serialize) -> Result<String, serde_saphyr::ser::Error> {
    serde_saphyr::to_string(value)
}

/// Far more than any table takes, and far less than aliases of aliases could make of a short text.
fn options() -> Options {
    serde_saphyr::options! {
        with_snippet: false,
        // As JSON is read: whoever takes a key says whether it may stand twice.
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        budget: serde_saphyr::budget! {
            max_events: 200_000,
            max_nodes: 100_000,
            max_depth: 64,
            max_aliases: 256,
            max_anchors: 256,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 50_000,
        },
    }
}
