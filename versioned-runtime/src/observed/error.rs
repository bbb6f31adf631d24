//! What is wrong with the configuration of facts; it is found when the host starts.

#[cfg(feature = "geoip")]
use std::path::PathBuf;

/// What is wrong with the configuration of facts; it is found when the host starts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FactsError {
    /// What is no network.
    #[error(
        "`{network}` is neither a network nor an address: write one such as `10.0.0.0/8` or `2001:db8::1`"
    )]
    Network {
        /// What was given.
        network: String,
    },
    /// A region that no request can have.
    #[error("`{region}` cannot be a region: use 1 to 64 bytes without `|`, `%` and control characters")]
    Region {
        /// What was given.
        region: String,
    },
    /// The name of a fact that none can have.
    #[error("`{name}` is no name of a fact or a score: use 1 to 24 lower-case letters, digits, `-` and `_`")]
    Name {
        /// What was given.
        name: String,
    },
    /// The header cannot be one.
    #[error("`{header}`, which is to say `{name}`, is no name of a header: use letters, digits and `-`")]
    Header {
        /// The fact or the score.
        name: String,
        /// What was given.
        header: String,
    },
    /// A fact that stands in two headers.
    #[error("`{name}` is to stand in two headers: leave one of them out")]
    HeaderTwice {
        /// The fact or the score.
        name: String,
    },
    /// A header that nobody is believed in.
    #[error(
        "`{name}` is to stand in a header of allow-listed peers, and there are none: list them with `FactSources::trust`"
    )]
    NobodyTrusted {
        /// The fact or the score.
        name: String,
    },
    /// The place that names users cannot be.
    #[error("the place that `UserTypes` reads, `{place}`, cannot be: {advice}")]
    Place {
        /// What was given.
        place: String,
        /// What it must be.
        advice: &'static str,
    },
    /// Tiers that tell nothing.
    #[error(
        "the latency tiers cannot be: `medium` must not be above `high`, and the quantile lies above 0 and not above 1"
    )]
    Tiers,
    /// The database of regions cannot be read.
    #[cfg(feature = "geoip")]
    #[error("the database of regions cannot be read from `{}`: give the path of an `.mmdb` file that the service may read", file.display())]
    DatabaseFile {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The database of regions is none.
    #[cfg(feature = "geoip")]
    #[error("`{}` is no whole database in the format MaxMind DB ({reason}): fetch it again", file.display())]
    Database {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}
