//! Semantic versions that constants can hold, and the marker trait of a contract version.

use std::cmp::Ordering;
use std::fmt;

use crate::contract::Contract;

/// A semantic version (<https://semver.org>) without build metadata, usable in constants.
///
/// Ordered by precedence, as section 11 of the specification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Semver {
    /// Breaking releases; in `0.y.z` the minor number plays this part, see [`Semver::same_major`].
    pub major: u64,
    /// Releases that keep the declared compatibility.
    pub minor: u64,
    /// Releases that change nothing on the wire.
    pub patch: u64,
    /// The pre-release identifiers, such as `rc.1`; empty for a release.
    pub pre: &'static str,
}

impl Semver {
    /// A release version.
    #[must_use]
    pub const fn new(major: u64, minor: u64, patch: u64) -> Self {
        Self {
            major,
            minor,
            patch,
            pre: "",
        }
    }

    /// Whether this is a pre-release: it promises nothing and is only answered by name.
    #[must_use]
    pub const fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }

    /// Whether both versions stand under one compatibility promise: the same major, or in `0.y.z` the same minor.
    #[must_use]
    pub const fn same_major(&self, other: &Self) -> bool {
        self.major == other.major && (self.major != 0 || self.minor == other.minor)
    }

    /// What a step from `self` to the later version `next` may do.
    #[must_use]
    pub const fn step_to(&self, next: &Self) -> Step {
        if self.is_prerelease() || next.is_prerelease() || !self.same_major(next) {
            Step::Major
        } else if self.minor == next.minor && self.major != 0 {
            Step::Patch
        } else {
            Step::Minor
        }
    }

    /// The same version as the `semver` crate has it, for ranges.
    ///
    /// # Panics
    /// Never for versions written by the macros: they were parsed by the `semver` crate.
    #[must_use]
    pub fn to_semver(self) -> semver::Version {
        semver::Version {
            major: self.major,
            minor: self.minor,
            patch: self.patch,
            pre: semver::Prerelease::new(self.pre).expect("a pre-release that the macro has parsed"),
            build: semver::BuildMetadata::EMPTY,
        }
    }
}

/// The kind of a step between two versions of one contract; it decides what may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Identical on the wire.
    Patch,
    /// Keeps the declared compatibility.
    Minor,
    /// May break; every break needs a migration.
    Major,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Patch => "patch",
            Step::Minor => "minor",
            Step::Major => "major",
        })
    }
}

impl fmt::Display for Semver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if self.pre.is_empty() {
            Ok(())
        } else {
            write!(f, "-{}", self.pre)
        }
    }
}

impl PartialOrd for Semver {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Semver {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = |v: &Self| (v.major, v.minor, v.patch);
        numbers(self)
            .cmp(&numbers(other))
            .then_with(|| match (self.pre, other.pre) {
                (a, b) if a == b => Ordering::Equal,
                ("", _) => Ordering::Greater,
                (_, "") => Ordering::Less,
                _ => self.to_semver().pre.cmp(&other.to_semver().pre),
            })
    }
}

impl serde::Serialize for Semver {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The zero-sized marker of one contract version, such as `user_profile::V1_1`.
pub trait Version: Copy + Send + Sync + 'static {
    /// The version that the marker stands for.
    const SEMVER: Semver;
    /// Its place in the history of the contract, from 0.
    const INDEX: usize;
    /// The total description of this version.
    const CONTRACT: &'static Contract;

    /// The OpenAPI 3.1 document of this version, built from [`Version::CONTRACT`].
    #[must_use]
    fn openapi() -> utoipa::openapi::OpenApi {
        crate::openapi::document(Self::CONTRACT)
    }
}

/// A text that names no version of a contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a version of `{contract}`: there are {known}")]
pub struct UnknownVersion {
    /// What was asked for.
    pub text: String,
    /// The id of the contract.
    pub contract: &'static str,
    /// The versions there are.
    pub known: String,
}

impl UnknownVersion {
    /// The index of the version that `text` names exactly.
    #[doc(hidden)]
    pub fn find(contracts: &[&'static Contract], text: &str) -> Result<usize, Self> {
        contracts
            .iter()
            .position(|contract| contract.version.to_string() == text)
            .ok_or_else(|| {
                let known: Vec<String> = contracts
                    .iter()
                    .map(|contract| contract.version.to_string())
                    .collect();
                let contract = contracts.first().map_or("", |contract| contract.id);
                Self {
                    text: text.to_owned(),
                    contract,
                    known: known.join(", "),
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_by_precedence() {
        let rc = |pre| Semver {
            pre,
            ..Semver::new(1, 0, 0)
        };
        let mut all = [
            Semver::new(1, 0, 1),
            Semver::new(1, 0, 0),
            rc("rc.2"),
            rc("alpha"),
            rc("rc.11"),
            Semver::new(0, 9, 0),
        ];
        all.sort();
        let shown: Vec<String> = all.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "0.9.0",
                "1.0.0-alpha",
                "1.0.0-rc.2",
                "1.0.0-rc.11",
                "1.0.0",
                "1.0.1"
            ]
        );
    }

    #[test]
    fn zero_majors_move_by_minor() {
        let step = |a: Semver, b: Semver| a.step_to(&b);
        assert_eq!(step(Semver::new(0, 1, 0), Semver::new(0, 2, 0)), Step::Major);
        assert_eq!(step(Semver::new(0, 1, 0), Semver::new(0, 1, 1)), Step::Minor);
        assert_eq!(step(Semver::new(1, 1, 0), Semver::new(1, 1, 1)), Step::Patch);
        assert_eq!(step(Semver::new(1, 1, 0), Semver::new(1, 2, 0)), Step::Minor);
        assert_eq!(step(Semver::new(1, 1, 0), Semver::new(2, 0, 0)), Step::Major);
        assert_eq!(
            step(
                Semver {
                    pre: "rc.1",
                    ..Semver::new(1, 0, 0)
                },
                Semver::new(1, 0, 0)
            ),
            Step::Major
        );
    }
}
