//! The facts among what is said of an operation beside its form.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::is_default;
use crate::contract::{Marks, Requirement};

/// What is promised of an operation, and demanded of its callers; tags are not on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarksModel {
    /// Whether it only reads, although its method does not say so.
    #[serde(default, skip_serializing_if = "is_default")]
    pub safe: bool,
    /// Whether doing it twice is doing it once, although its method does not say so.
    #[serde(default, skip_serializing_if = "is_default")]
    pub idempotent: bool,
    /// The alternatives of what a caller shows, in one order; each is the set of texts that are needed together.
    #[serde(default, skip_serializing_if = "is_default")]
    pub security: BTreeSet<BTreeSet<String>>,
}

impl MarksModel {
    /// Whether every caller that `other` lets in is let in here.
    pub(crate) fn admits_all_of(&self, other: &Self) -> bool {
        self.security.is_empty()
            || other.alternatives().iter().all(|shown| {
                let mut demanded = self.security.iter();
                demanded.any(|demanded| demanded.is_subset(shown))
            })
    }

    /// Where nothing is demanded, a caller may show nothing.
    fn alternatives(&self) -> BTreeSet<BTreeSet<String>> {
        if self.security.is_empty() {
            [BTreeSet::new()].into()
        } else {
            self.security.clone()
        }
    }
}

impl From<&Marks> for MarksModel {
    fn from(marks: &Marks) -> Self {
        let alternative = |needed: &&[Requirement]| {
            let texts = needed.iter().flat_map(|requirement| {
                let scheme = requirement.scheme.to_string();
                needed_texts(&scheme, requirement.scopes.iter().copied()).collect::<Vec<_>>()
            });
            texts.collect()
        };
        Self {
            safe: marks.safe,
            idempotent: marks.idempotent,
            security: marks.security.iter().map(alternative).collect(),
        }
    }
}

/// What stands for a requirement in an alternative: the scheme, and each scope under it, so that fewer texts demand less.
pub fn needed_texts<'a>(
    scheme: &'a str,
    scopes: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = String> {
    let scopes = scopes.map(move |scope| format!("{scheme}: {scope}"));
    std::iter::once(scheme.to_owned()).chain(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn demanding(alternatives: &[&[&str]]) -> MarksModel {
        let texts = |needed: &&[&str]| needed.iter().map(|text| (*text).to_owned()).collect();
        MarksModel {
            security: alternatives.iter().map(texts).collect(),
            ..MarksModel::default()
        }
    }

    /// A caller is let in if it shows all of one alternative.
    #[test]
    fn callers_are_let_in_by_what_they_show() {
        #[track_caller]
        fn check(one: &[&[&str]], other: &[&[&str]], (forth, back): (bool, bool)) {
            let (one, other) = (demanding(one), demanding(other));
            assert_eq!(
                (other.admits_all_of(&one), one.admits_all_of(&other)),
                (forth, back)
            );
        }
        check(&[], &[&["bearer"]], (false, true));
        check(&[], &[&["bearer"], &[]], (true, true));
        check(&[&["bearer"]], &[&["bearer"]], (true, true));
        check(&[&["bearer"]], &[&["bearer"], &["basic"]], (true, false));
        check(&[&["bearer"]], &[&["bearer", "bearer: read"]], (false, true));
        check(&[&["bearer", "basic"]], &[&["bearer"]], (true, false));
        check(&[&["bearer"]], &[&["basic"]], (false, false));
        check(&[&["bearer"]], &[&["bearer"], &["bearer", "basic"]], (true, true));
    }
}
