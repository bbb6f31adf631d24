//! The filters of lists: a JSON object in the text of one query parameter, from names to values.
//!
//! The engine takes the values as a list, or as an object whose members are `true`; what is written here are lists.

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

/// Names of filters, and the values of which one has to match.
pub type Filters = BTreeMap<String, Vec<String>>;

/// Why filters cannot be read.
#[derive(Debug, Error)]
pub enum FiltersError {
    /// The text is not what it should be.
    #[error("`filters` has to be a JSON object of lists of texts: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Named things cannot be left out.
    #[error("versions before 42.0.0 take volumes with a name away, too: ask for `all`")]
    NotAll,
}

/// The two forms in which values are sent.
#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    List(Vec<String>),
    Set(BTreeMap<String, bool>),
}

/// The filters that a text says; none where there is no text.
pub fn read(text: Option<&str>) -> Result<Filters, FiltersError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(Filters::new());
    };
    let read: BTreeMap<String, Values> = serde_json::from_str(text)?;
    let values = |values| match values {
        Values::List(list) => list,
        Values::Set(set) => set
            .into_iter()
            .filter(|(_, on)| *on)
            .map(|(value, _)| value)
            .collect(),
    };
    Ok(read
        .into_iter()
        .map(|(name, found)| (name, values(found)))
        .collect())
}

/// The text with one value more.
pub fn with(text: Option<&str>, name: &str, value: &str) -> Result<String, FiltersError> {
    let mut filters = read(text)?;
    let values = filters.entry(name.to_owned()).or_default();
    if !values.iter().any(|found| found == value) {
        values.push(value.to_owned());
    }
    Ok(serde_json::to_string(&filters)?)
}

/// The text without the filter `all`, which has to be in it; nothing where no other is left.
pub fn without_all(text: Option<&str>) -> Result<Option<String>, FiltersError> {
    let mut filters = read(text)?;
    let all = filters.remove("all").unwrap_or_default();
    if !all.iter().any(|value| value == "true" || value == "1") {
        return Err(FiltersError::NotAll);
    }
    if filters.is_empty() {
        return Ok(None);
    }
    Ok(Some(serde_json::to_string(&filters)?))
}

/// Whether a value passes a filter: there is none of that name, or one of its values matches; `*` stands for anything.
#[must_use]
pub fn passes(filters: &Filters, name: &str, mut matches: impl FnMut(&str) -> bool) -> bool {
    filters
        .get(name)
        .is_none_or(|values| values.iter().any(|value| matches(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: Option<&str>, name: &str, value: &str, after: &str) {
        assert_eq!(with(before, name, value).expect("filters"), after);
        let read = read(Some(after)).expect("filters");
        assert!(passes(&read, name, |found| found == value));
    }

    #[test]
    fn values_are_added_once() {
        check(None, "reference", "a", r#"{"reference":["a"]}"#);
        check(Some(""), "reference", "a", r#"{"reference":["a"]}"#);
        check(
            Some(r#"{"reference":["a"]}"#),
            "reference",
            "a",
            r#"{"reference":["a"]}"#,
        );
        check(
            Some(r#"{"dangling":{"true":true,"1":false}}"#),
            "reference",
            "a",
            r#"{"dangling":["true"],"reference":["a"]}"#,
        );
    }

    #[test]
    fn what_is_left_over_is_nothing_or_the_others() {
        assert_eq!(without_all(Some(r#"{"all":["1"]}"#)).expect("filters"), None);
        let left = without_all(Some(r#"{"all":["1"],"label":["a"]}"#)).expect("filters");
        assert_eq!(left.as_deref(), Some(r#"{"label":["a"]}"#));
        assert!(matches!(
            without_all(Some(r#"{"all":["0"]}"#)),
            Err(FiltersError::NotAll)
        ));
        assert!(matches!(without_all(None), Err(FiltersError::NotAll)));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["a", "[]", r#"{"a":1}"#, r#"{"a":["#] {
            let refused = read(Some(text)).expect_err("a refusal").to_string();
            assert!(
                refused.starts_with("`filters` has to be a JSON object"),
                "{refused}"
            );
        }
    }
}
