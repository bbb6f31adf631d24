//! Which implementation a request would get, and why, without sending it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::RunningHost;
use crate::route::{Fact, Reason};

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestFacts {
    /// The resolved version.
    pub version: String,
    /// The operation, by its name in that version.
    pub operation: String,
    /// The key of the user; without it the last bucket.
    #[serde(default)]
    pub user_key: Option<String>,
    /// What the request tells, by the keys that rules have for it; the dye key follows from the others.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

/// What decides for a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestExplained {
    /// The epoch of the table that was asked.
    pub epoch: u64,
    /// The bucket of the user.
    pub bucket: u32,
    /// The dye key, if the configuration has facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dye: Option<String>,
    /// The implementation that would serve it.
    pub serving: String,
    /// Whether that one is of the resolved version itself.
    pub native: bool,
    /// What led to it.
    pub reason: Reason,
    /// The rule that chose, if one did.
    pub rule: Option<String>,
    /// All rules that the request is in, in their order: one that does not decide has nobody for the bucket, or comes later.
    pub matching: Vec<String>,
}

/// Why nothing can be explained.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    /// The host has no such contract.
    #[error("this host does not serve `{contract}`")]
    UnknownContract {
        /// What was asked for.
        contract: String,
    },
    /// The contract has no such version.
    #[error("at `/version`: the contract has no version `{version}`; it has {known}")]
    UnknownVersion {
        /// What was written.
        version: String,
        /// What there is.
        known: String,
    },
    /// The version has no such operation.
    #[error("at `/operation`: version {version} has no operation `{operation}`; it has {known}")]
    UnknownOperation {
        /// The version.
        version: String,
        /// What was written.
        operation: String,
        /// What there is.
        known: String,
    },
    /// No rule could look at it.
    #[error("at `/facts`: `{fact}` is no fact of a request here; write one of {known}")]
    UnknownFact {
        /// What was written.
        fact: String,
        /// What there is.
        known: String,
    },
}

impl ExplainError {
    /// Where in the document the mistake is: a JSON pointer (RFC 6901).
    #[must_use]
    pub const fn pointer(&self) -> &'static str {
        match self {
            ExplainError::UnknownContract { .. } => "",
            ExplainError::UnknownVersion { .. } => "/version",
            ExplainError::UnknownOperation { .. } => "/operation",
            ExplainError::UnknownFact { .. } => "/facts",
        }
    }
}

impl RunningHost {
    /// Tells which implementation a request of these facts would get by the table in force, and why.
    ///
    /// # Errors
    /// If the host does not know what the request is about.
    pub fn explain(&self, contract: &str, request: &RequestFacts) -> Result<RequestExplained, ExplainError> {
        let unknown = || ExplainError::UnknownContract {
            contract: contract.to_owned(),
        };
        let index = self.index(contract).ok_or_else(unknown)?;
        let hosted = &self.0.contracts[index];
        let version = hosted.find(&request.version).ok_or_else(|| {
            let known: Vec<String> = hosted.contracts.iter().map(|c| c.version.to_string()).collect();
            ExplainError::UnknownVersion {
                version: request.version.clone(),
                known: known.join(", "),
            }
        })?;
        let operations = hosted.contracts[version].operations;
        let operation = operations
            .iter()
            .position(|known| known.name == request.operation);
        let operation = operation.ok_or_else(|| {
            let known: Vec<&str> = operations.iter().map(|operation| operation.name).collect();
            ExplainError::UnknownOperation {
                version: request.version.clone(),
                operation: request.operation.clone(),
                known: known.join(", "),
            }
        })?;
        let places = ["header:", "query:", "cookie:"];
        let is_named = |fact: &str| hosted.facts.iter().any(|(name, _)| name == fact);
        let strange = |fact: &&String| !is_named(fact) && !places.iter().any(|place| fact.starts_with(place));
        if let Some(fact) = request.facts.keys().find(strange) {
            let names = hosted.facts.iter().map(|(name, _)| name.as_str());
            let known: Vec<&str> = names
                .chain(["header:<name>", "query:<key>", "cookie:<name>"])
                .collect();
            return Err(ExplainError::UnknownFact {
                fact: fact.clone(),
                known: known.join(", "),
            });
        }
        let values = hosted.facts.iter().map(|(name, _)| {
            let value = request.facts.get(name).filter(|value| !value.is_empty());
            (name.as_str(), value.map(String::as_str))
        });
        let dye = (!hosted.facts.is_empty()).then(|| crate::route::dye(values));
        let snapshot = self.snapshot();
        let table = snapshot.table(index).ok_or_else(unknown)?;
        let told = |fact: &Fact| match fact {
            Fact::Dye => dye.clone(),
            other => request
                .facts
                .get(&other.to_string())
                .filter(|value| !value.is_empty())
                .cloned(),
        };
        let told: Vec<Option<String>> = table.rules().facts().iter().map(told).collect();
        let key = request.user_key.as_deref().filter(|key| !key.is_empty());
        let bucket = table.bucket(key.map(str::as_bytes));
        let explained = table.explain(version, operation, bucket, &told);
        Ok(RequestExplained {
            epoch: table.epoch(),
            bucket,
            dye,
            serving: hosted.contracts[explained.decision.slot].version.to_string(),
            native: explained.decision.native,
            reason: explained.decision.reason,
            rule: explained.rule,
            matching: explained.matching,
        })
    }
}
