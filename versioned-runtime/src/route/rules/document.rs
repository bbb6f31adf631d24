//! Rules as JSON: what a request must be like, and who serves it then.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One rule of a routing table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    /// What it is called: `explain` and the next table know it by this.
    pub name: String,
    /// What must hold of a request, all of it; nothing is every request. The keys are `dye`, facts of the configuration, or
    /// `header:<name>`, `query:<key>` and `cookie:<name>`.
    #[serde(default, rename = "match")]
    pub conditions: BTreeMap<String, Condition>,
    /// Percent of the matching users for each implementation or label, down to 0.0001; what is left goes to what follows.
    pub to: BTreeMap<String, f64>,
}

/// What one fact must be like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Condition {
    /// Exactly this text.
    Exact(String),
    /// In another way.
    Other(Comparison),
}

/// Another way than exactly.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Comparison {
    /// One of these texts.
    OneOf(Vec<String>),
    /// A text with `*` for any characters and `?` for one.
    Glob(String),
    /// A regular expression of the `regex` crate, which the whole text matches.
    Regex(String),
    /// A number above this one.
    Above(f64),
    /// A number below this one.
    Below(f64),
    /// Whether there is such a fact at all.
    Present(bool),
}
