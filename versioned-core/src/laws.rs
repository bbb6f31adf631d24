//! The laws that the conversions of a contract keep, as checks over values in JSON.
//!
//! The generated code of a contract lists them; `versioned_runtime::laws!` makes values from the schemas and runs them. Here they
//! are nothing but functions: what is checked is known where the types are, how values are made is not.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::borrowed::{As, SerializeAs};
use crate::contract::Contract;
use crate::convert::Unconvertible;
use crate::schema::Link;

/// What is promised of values and their conversions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Law {
    /// What is written is read back as the same value.
    RoundTrip,
    /// What is written fits the schema that its version publishes.
    Schema,
    /// A value that goes to the next version and back is the same, where nothing is said to be lost.
    UpgradeDowngrade,
    /// A value that goes to the previous version and back is the same, where nothing is said to be lost.
    DowngradeUpgrade,
    /// [`As`] writes what the downgraded value is written as.
    Borrowed,
    /// The direct way to an older version, over several steps, writes what the steps one by one do.
    Chain,
}

impl Law {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::RoundTrip,
        Self::Schema,
        Self::UpgradeDowngrade,
        Self::DowngradeUpgrade,
        Self::Borrowed,
        Self::Chain,
    ];
}

impl fmt::Display for Law {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RoundTrip => "deserialize(serialize(x)) == x",
            Self::Schema => "serialize(x) fits the published schema",
            Self::UpgradeDowngrade => "downgrade(upgrade(x)) == x",
            Self::DowngradeUpgrade => "upgrade(downgrade(x)) == x",
            Self::Borrowed => "As(x) == downgrade(x)",
            Self::Chain => "the direct way down == its steps one by one",
        })
    }
}

/// The laws of one contract.
#[derive(Debug)]
pub struct Laws {
    /// The versions of the contract, oldest first.
    pub contracts: &'static [&'static Contract],
    /// What is to be checked.
    pub cases: Vec<Case>,
}

/// One law of one type.
pub struct Case {
    /// Which law.
    pub law: Law,
    /// The type, by its name in the source.
    pub type_name: &'static str,
    /// The versions that a value goes through, by index, from its own.
    pub route: Vec<usize>,
    /// The shape of the values that it is checked with.
    pub node: Link,
    /// Checks one value, given as JSON.
    pub check: Check,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case")
            .field("law", &self.law)
            .field("type_name", &self.type_name)
            .field("route", &self.route)
            .finish_non_exhaustive()
    }
}

/// Checks one value, given as JSON.
pub type Check = Box<dyn Fn(&str) -> Outcome>;

/// What came of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The type does not take the value, although its schema does.
    Refused(String),
    /// The other version has no counterpart of the value: nothing is promised of it.
    Unconvertible,
    /// Both sides of the law, as JSON.
    Sides {
        /// What must be found.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The way back has no end: a conversion or serde fails on what the law leads to.
    Failed(String),
}

impl Laws {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(contracts: &'static [&'static Contract]) -> Self {
        let cases = Vec::new();
        Self { contracts, cases }
    }

    /// Adds a law, where the types can be written and read.
    #[doc(hidden)]
    pub fn add(
        &mut self,
        law: Law,
        type_name: &'static str,
        route: &[usize],
        node: Link,
        check: Option<Check>,
    ) {
        let route = route.to_vec();
        self.cases.extend(check.map(|check| Case {
            law,
            type_name,
            route,
            node,
            check,
        }));
    }
}

/// A type of a contract; that it can be written and read is asked of it by method resolution: where it cannot, [`Opaque`] answers.
#[doc(hidden)]
pub struct Subject<T>(PhantomData<T>);

/// The same, written as version `V`, whose own type is `Old`.
#[doc(hidden)]
pub struct View<T, V, Old>(PhantomData<(T, V, Old)>);

/// A conversion, whether or not it may fail.
type Conversion<A, B> = fn(A) -> Result<B, Unconvertible>;

impl<T: Serialize + DeserializeOwned + 'static> Subject<T> {
    /// Reads a value, writes it, and does so again.
    #[must_use]
    pub fn round_trip() -> Option<Check> {
        Some(Box::new(|text| {
            with::<T>(text, |value| {
                let written = json(&value)?;
                let read: T = parse(&written)
                    .map_err(|error| Outcome::Failed(format!("{written} is not read back: {error}")))?;
                let found = json(&read)?;
                Ok(Outcome::Sides {
                    expected: written,
                    found,
                })
            })
        }))
    }

    /// Reads a value and writes it.
    #[must_use]
    pub fn written() -> Option<Check> {
        Some(Box::new(|text| {
            with::<T>(text, |value| {
                let written = json(&value)?;
                Ok(Outcome::Sides {
                    expected: written.clone(),
                    found: written,
                })
            })
        }))
    }

    /// Leads a value to another version and back.
    #[must_use]
    pub fn trip<B: 'static>(there: Conversion<T, B>, back: Conversion<B, T>) -> Option<Check> {
        Some(Box::new(move |text| {
            with::<T>(text, |value| {
                let expected = json(&value)?;
                let other = there(value).map_err(|_| Outcome::Unconvertible)?;
                let value =
                    back(other).map_err(|error| Outcome::Failed(format!("the way back fails: {error}")))?;
                let found = json(&value)?;
                Ok(Outcome::Sides { expected, found })
            })
        }))
    }
}

impl<T, V: 'static, Old> View<T, V, Old>
where
    T: Serialize + DeserializeOwned + SerializeAs<V> + 'static,
    Old: Serialize + 'static,
{
    /// Writes a value in the shape of an older version by both ways.
    #[must_use]
    pub fn borrowed(downgrade: Conversion<T, Old>) -> Option<Check> {
        Some(Box::new(move |text| {
            with::<T>(text, |value| {
                let borrowed = json(&As::<V, T>::new(&value));
                match (downgrade(value), borrowed) {
                    (Ok(old), Ok(found)) => Ok(Outcome::Sides {
                        expected: json(&old)?,
                        found,
                    }),
                    (Ok(_), Err(error)) => Err(error),
                    (Err(_), Err(_)) => Err(Outcome::Unconvertible),
                    (Err(error), Ok(found)) => Err(Outcome::Failed(format!(
                        "`As` wrote {found}, and the downgrade fails: {error}"
                    ))),
                }
            })
        }))
    }
}

/// What a type answers that cannot be written and read: there is no law to check.
#[doc(hidden)]
pub trait Opaque<T>: Sized {
    /// See [`Subject::round_trip`].
    #[must_use]
    fn round_trip() -> Option<Check> {
        None
    }

    /// See [`Subject::written`].
    #[must_use]
    fn written() -> Option<Check> {
        None
    }

    /// See [`Subject::trip`].
    #[must_use]
    fn trip<B: 'static>(_: Conversion<T, B>, _: Conversion<B, T>) -> Option<Check> {
        None
    }

    /// See [`View::borrowed`].
    #[must_use]
    fn borrowed<Old>(_: Conversion<T, Old>) -> Option<Check> {
        None
    }
}

impl<T> Opaque<T> for Subject<T> {}
impl<T, V, Old> Opaque<T> for View<T, V, Old> {}

fn with<T: DeserializeOwned>(text: &str, check: impl FnOnce(T) -> Result<Outcome, Outcome>) -> Outcome {
    let value = match parse(text) {
        Ok(value) => value,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    check(value).unwrap_or_else(|outcome| outcome)
}

fn parse<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text)
}

fn json<T: Serialize>(value: &T) -> Result<String, Outcome> {
    serde_json::to_string(value).map_err(|error| Outcome::Failed(format!("it cannot be written: {error}")))
}
