//! Metrics: what is counted of requests, and the pages that Prometheus reads.
//!
//! Counting is own code, because every library for it makes requests share a line: `prometheus-client` counts in one atomic a series
//! that all threads add to with locked instructions, and finds a series by hashing its labels under a lock; the recorders of `metrics` do
//! the same. Here the series of a contract are numbered when the host starts, and every thread has cells of its own that nobody else
//! writes ([`series`]); a request finds its cell by an index and adds by a plain store. A scrape adds the cells up ([`collect`]).
//! The pages are own code ([`text`]), because those libraries write one of the two formats each.
//!
//! Names and labels are documented in `docs/metrics.md`, which a test holds against [`text::FAMILIES`].

mod callers;
mod collect;
mod router;
mod series;
mod text;

use std::array;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hmac::digest::Key;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thread_local::ThreadLocal;
use versioned_core::contract::Operation;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::host::Hosted;
use crate::resolve::{Availability, Kind};
use callers::{Callers, Told};
use series::{Cells, Numbering};

pub(crate) use collect::page;
pub(crate) use router::router;
pub(crate) use text::Format;

/// What kind of thing a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Asked {
    Version,
    Range,
    Date,
    Latest,
    None,
    /// It could not be read.
    #[default]
    Invalid,
}

impl Asked {
    pub(crate) const ALL: [Self; 6] = [
        Self::Version,
        Self::Range,
        Self::Date,
        Self::Latest,
        Self::None,
        Self::Invalid,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Range => "range",
            Self::Date => "date",
            Self::Latest => "latest",
            Self::None => "none",
            Self::Invalid => "invalid",
        }
    }
}

impl From<Option<Kind>> for Asked {
    fn from(kind: Option<Kind>) -> Self {
        match kind {
            None => Self::None,
            Some(Kind::Latest) => Self::Latest,
            Some(Kind::Date) => Self::Date,
            Some(Kind::Range) => Self::Range,
            Some(Kind::Version) => Self::Version,
        }
    }
}

/// The client that cannot be told from others.
pub(crate) const UNKNOWN: u64 = 0;
/// The process itself.
pub(crate) const IN_PROCESS: u64 = 1;

/// The index of a version, an operation or a slot in what is copied with every request.
pub(crate) type Index = u16;

/// What is deprecated of that which a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Deprecated {
    #[default]
    Nothing,
    /// The version, be it answered or not: in a brown-out, and after its end, the calls tell who has not moved.
    Version(Index),
    /// The operation alone.
    Operation,
}

impl Deprecated {
    /// What is deprecated of an operation in a version.
    #[inline(always)] // once a request
    pub(crate) fn of(version: Index, availability: Availability, operation: &Operation) -> Self {
        match availability {
            Availability::Deprecated => Self::Version(version),
            _ if operation.marks.deprecation.is_some() => Self::Operation,
            _ => Self::Nothing,
        }
    }
}

/// What is told of one request; indices, as far as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seen {
    pub(crate) asked: Asked,
    pub(crate) resolved: Option<Index>,
    pub(crate) operation: Option<Index>,
    /// The slot of the implementation.
    pub(crate) serving: Option<Index>,
    /// What of it is deprecated, so that it matters who asked for it.
    pub(crate) deprecated: Deprecated,
    /// The hash of the client, where that matters, or [`UNKNOWN`] or [`IN_PROCESS`].
    pub(crate) client: u64,
}

/// The metrics of a host.
pub(crate) struct Metrics {
    numbering: Box<[Numbering]>,
    shards: ThreadLocal<Shard>,
    /// What clients are hashed with.
    secret: Hmac<Sha256>,
    /// What clients are told apart with inside; nobody outside sees anything of it.
    seed: u64,
    /// What was told of deprecated calls last.
    told: Mutex<Told>,
}

/// How many clients a thread remembers the hash of; a power of two.
const REMEMBERED: usize = 64;

/// What one thread has counted.
struct Shard {
    contracts: Box<[Cells]>,
    /// Only a scrape ever waits for it, or makes its thread wait.
    callers: Mutex<Callers>,
    /// What clients hash to, by what they are told apart with: making a hash that nobody can turn back takes longer than most of a request.
    /// Only the thread itself reads and writes it.
    hashes: Box<[(AtomicU64, AtomicU64); REMEMBERED]>,
}

impl Shard {
    #[inline(never)] // most versions are not deprecated
    fn count_caller(&self, contract: usize, seen: &Seen) {
        let (version, operation) = match seen.deprecated {
            Deprecated::Version(version) => (Some(version), None),
            Deprecated::Operation => (seen.resolved, seen.operation),
            Deprecated::Nothing => (None, None),
        };
        let Some(version) = version else {
            return;
        };
        let caller = callers::Caller {
            contract,
            version: version.into(),
            operation: operation.map(usize::from),
            client: seen.client,
        };
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        callers.count(caller);
    }
}

impl Metrics {
    /// With no salt, one that nobody knows: hashes of two processes are different then.
    pub(crate) fn new(contracts: &[Hosted], salt: Option<&str>) -> Self {
        Self {
            numbering: contracts
                .iter()
                .map(|hosted| Numbering::new(hosted.contracts))
                .collect(),
            shards: ThreadLocal::new(),
            secret: match salt {
                Some(salt) => keyed(salt.as_bytes()),
                None => keyed(
                    &[random(), random(), random(), random()]
                        .map(u64::to_le_bytes)
                        .concat(),
                ),
            },
            seed: random(),
            told: Mutex::default(),
        }
    }

    /// Who calls, as metrics tell it: the first eight bytes of HMAC-SHA256 (RFC 2104).
    pub(crate) fn caller(&self, key: Option<&[u8]>) -> u64 {
        let Some(key) = key else {
            return UNKNOWN;
        };
        let own = xxh3_64_with_seed(key, self.seed).max(1);
        let shard = self.shards.get().unwrap_or_else(|| self.shard());
        let (known, hash) = &shard.hashes[usize::try_from(own % REMEMBERED as u64).unwrap_or(0)];
        if known.load(Ordering::Relaxed) != own {
            known.store(own, Ordering::Relaxed);
            hash.store(self.hash(key), Ordering::Relaxed);
        }
        hash.load(Ordering::Relaxed)
    }

    #[cold]
    fn hash(&self, key: &[u8]) -> u64 {
        let code = self.secret.clone().chain_update(key).finalize().into_bytes();
        let first = code.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
        first.max(IN_PROCESS + 1)
    }

    /// Counts a request that was answered; allocates nothing where the thread has counted one of its kind before.
    #[inline(never)] // once a request, and `benches` count what it costs
    pub(crate) fn record(&self, contract: usize, seen: &Seen, status: u16, took: Duration) {
        let shard = self.shards.get().unwrap_or_else(|| self.shard());
        if let Some((numbering, cells)) = self.numbering.get(contract).zip(shard.contracts.get(contract)) {
            numbering.count(cells, seen, status, took);
        }
        if seen.deprecated != Deprecated::Nothing {
            shard.count_caller(contract, seen);
        }
    }

    /// Counts a call that the process makes itself, if it is of something that is deprecated.
    pub(crate) fn record_in_process(&self, contract: usize, seen: &Seen) {
        if seen.deprecated != Deprecated::Nothing {
            let shard = self.shards.get().unwrap_or_else(|| self.shard());
            shard.count_caller(contract, seen);
        }
    }

    /// That of a thread that has counted nothing yet.
    #[cold]
    fn shard(&self) -> &Shard {
        self.shards.get_or(|| Shard {
            contracts: self.numbering.iter().map(Numbering::cells).collect(),
            callers: Mutex::default(),
            hashes: Box::new(array::from_fn(|_| <(AtomicU64, AtomicU64)>::default())),
        })
    }
}

/// What hashes with a secret: one of any length is a key (RFC 2104 section 2), so that the other one is never used.
fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).unwrap_or_else(|_| Hmac::new(&Key::<Hmac<Sha256>>::default()))
}

/// A number that nobody knows.
fn random() -> u64 {
    RandomState::new().hash_one(())
}
