//! What the binary carries: every contract version that was linked in, found without naming it.
//!
//! A crate that was linked but that nothing mentions registers nothing: the linker drops it. [`Registry::require`] finds that out
//! at start.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::contract::{Contract, Origin};
use crate::engine;
use crate::model::{Fingerprint, Model};
use crate::version::Semver;

/// One registered contract version; the macros submit it at link time.
#[doc(hidden)]
pub struct Registration(pub &'static Contract);

inventory::collect!(Registration);

/// All contract versions of this binary.
///
/// # Errors
/// If two different declarations of one (contract, version) were linked; see [`RegistryError::Conflict`].
///
/// ```
/// let registry = versioned_core::registry().expect("no two declarations of one version");
/// for contract in registry.contracts() {
///     println!("{} {} {}", contract.id, contract.version, contract.fingerprint());
/// }
/// # assert_eq!(registry.contracts().count(), 0); // nothing is linked here
/// ```
pub fn registry() -> Result<&'static Registry, &'static RegistryError> {
    static REGISTRY: OnceLock<Result<Registry, RegistryError>> = OnceLock::new();
    let registered = || {
        inventory::iter::<Registration>
            .into_iter()
            .map(|registration| registration.0)
    };
    REGISTRY.get_or_init(|| Registry::collect(registered())).as_ref()
}

/// Contract versions, sorted by contract and version whatever the order of linking.
#[derive(Debug, Default)]
pub struct Registry {
    versions: BTreeMap<(&'static str, Semver), &'static Contract>,
}

/// What is wrong with what was linked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// One (contract, version) was declared twice, differently.
    #[error(
        "contract `{contract}` {version} is declared twice with different content: in {first}, and in {second}{difference}; \
         rename one of the two contracts, or give the changed one a version of its own"
    )]
    Conflict {
        /// The contract.
        contract: &'static str,
        /// The version.
        version: Semver,
        /// One declaration.
        first: Box<Origin>,
        /// The other one.
        second: Box<Origin>,
        /// The first difference, in words.
        difference: String,
    },
    /// A contract of the manifest is not in the binary.
    #[error(
        "contract `{required}` is not registered: a crate that was linked but is never mentioned registers nothing; \
         write `use {guess} as _;` with the name of the crate that declares it (registered: {registered})"
    )]
    Missing {
        /// What was required.
        required: String,
        /// A likely name of the crate.
        guess: String,
        /// What there is.
        registered: String,
    },
    /// A contract of the manifest is in the binary, and that version of it is not.
    #[error(
        "contract `{id}` is registered in {versions}, and not in `{version}`: require one of these, or mention the crate that declares it (`use that_crate as _;`)"
    )]
    MissingVersion {
        /// The contract.
        id: String,
        /// What was required.
        version: String,
        /// What there is of it.
        versions: String,
    },
    /// An entry of the manifest that names no contract.
    #[error("`{required}` names no contract: write `billing` or `billing@1.2.0`")]
    Nameless {
        /// What was required.
        required: String,
    },
}

impl Registry {
    /// Sorts registrations; the same declaration twice (a crate linked twice) is one.
    ///
    /// # Errors
    /// [`RegistryError::Conflict`] if two declarations of one (contract, version) differ on the wire.
    pub fn collect(registered: impl IntoIterator<Item = &'static Contract>) -> Result<Self, RegistryError> {
        let mut versions: BTreeMap<(&'static str, Semver), &'static Contract> = BTreeMap::new();
        let mut registered: Vec<&'static Contract> = registered.into_iter().collect();
        // The order of linking differs by build profile; errors should not.
        registered.sort_by_key(|contract| {
            (
                contract.id,
                contract.version,
                contract.origin.module,
                contract.origin.line,
            )
        });
        for contract in registered {
            let key = (contract.id, contract.version);
            match versions.get(&key) {
                Some(first) => check_same(first, contract)?,
                None => {
                    versions.insert(key, contract);
                }
            }
        }
        Ok(Self { versions })
    }

    /// All versions of all contracts, sorted.
    pub fn contracts(&self) -> impl Iterator<Item = &'static Contract> {
        self.versions.values().copied()
    }

    /// The versions of one contract, oldest first.
    pub fn versions(&self, id: &str) -> impl Iterator<Item = &'static Contract> {
        self.contracts().filter(move |contract| contract.id == id)
    }

    /// One version of one contract.
    #[must_use]
    pub fn find(&self, id: &str, version: &str) -> Option<&'static Contract> {
        self.versions(id)
            .find(|contract| contract.version.to_string() == version)
    }

    /// Checks a manifest: every entry, `billing` or `billing@1.2.0`, is registered.
    ///
    /// # Errors
    /// [`RegistryError::Missing`] for the first that is not, with the line that mends it; [`RegistryError::MissingVersion`] where
    /// only the version is not there; [`RegistryError::Nameless`] for an entry without a name.
    ///
    /// ```
    /// let registry = versioned_core::registry().expect("no two declarations of one version");
    /// let missing = registry.require(["billing@1.2.0"]).expect_err("nothing is linked here");
    /// assert!(missing.to_string().contains("use billing as _;"));
    /// ```
    pub fn require<'a>(&self, manifest: impl IntoIterator<Item = &'a str>) -> Result<(), RegistryError> {
        for required in manifest {
            let (id, version) = match required.split_once('@') {
                Some((id, version)) => (id, Some(version)),
                None => (required, None),
            };
            let found = match version {
                Some(version) => self.find(id, version).is_some(),
                None => self.versions(id).next().is_some(),
            };
            if id.is_empty() {
                let required = required.to_owned();
                return Err(RegistryError::Nameless { required });
            }
            let versions: Vec<String> = self.versions(id).map(|c| c.version.to_string()).collect();
            if let Some(version) = version.filter(|_| !found && !versions.is_empty()) {
                return Err(RegistryError::MissingVersion {
                    id: id.to_owned(),
                    version: version.to_owned(),
                    versions: versions.join(", "),
                });
            }
            if !found {
                let all: Vec<String> = self
                    .contracts()
                    .map(|c| format!("{}@{}", c.id, c.version))
                    .collect();
                return Err(RegistryError::Missing {
                    required: required.to_owned(),
                    guess: id.replace('-', "_"),
                    registered: if all.is_empty() {
                        "nothing".to_owned()
                    } else {
                        all.join(", ")
                    },
                });
            }
        }
        Ok(())
    }
}

fn check_same(first: &'static Contract, second: &'static Contract) -> Result<(), RegistryError> {
    if std::ptr::eq(first, second) {
        return Ok(());
    }
    let (one, other) = (Model::from(first), Model::from(second));
    if one.fingerprint() == other.fingerprint() {
        return Ok(());
    }
    let difference = engine::compare(&one, &other);
    let difference = difference
        .first()
        .map_or_else(String::new, |change| format!(" ({})", change.text));
    Err(RegistryError::Conflict {
        contract: first.id,
        version: first.version,
        first: Box::new(first.origin),
        second: Box::new(second.origin),
        difference,
    })
}

impl Contract {
    /// The identity of what this version means on the wire.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Model::from(self).fingerprint()
    }
}
