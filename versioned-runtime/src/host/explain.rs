//! Asking how a request would be routed, without sending it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::RunningHost;
use crate::route::Explanation;

/// What a request would say, as far as routing cares.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExplainRequest {
    /// The version that it would be answered in.
    pub version: String,
    /// The name of the operation.
    pub operation: String,
    /// The key of its user.
    #[serde(default)]
    pub user_key: Option<String>,
    /// Its facts and scores, by name; the table names what there is.
    #[serde(default)]
    pub facts: BTreeMap<String, String>,
}

impl RunningHost {
    /// How the table in force routes such a request, rule after rule; none if the host has no such contract, version or operation.
    #[must_use]
    pub fn explain(&self, contract: &str, request: &ExplainRequest) -> Option<Explanation> {
        let index = self.index(contract)?;
        let hosted = &self.0.contracts[index];
        let version = hosted.find(&request.version)?;
        let mut operations = hosted.shape.operations.get(version)?.iter();
        let operation = operations.position(|name| *name == request.operation)?;
        let snapshot = self.snapshot();
        let table = snapshot.table(index)?;
        let dye = table.dye(|name, _| request.facts.get(name));
        let user = table.user(request.user_key.as_deref().filter(|key| !key.is_empty()));
        table.explain(&hosted.shape, version, operation, user, &dye)
    }
}
