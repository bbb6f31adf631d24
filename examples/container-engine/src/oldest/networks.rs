//! Networks, as 40.0.0 tells of them.

use serde_json::json;

use super::Oldest;
use crate::errors::EngineError;
use crate::machine::NewNetwork;
use crate::networks::v40::{Network, NetworkCreate, Networks};
use crate::shapes::networks::NetworkCreated;

impl Networks for Oldest {
    async fn create_network(&self, network: NetworkCreate) -> Result<NetworkCreated, EngineError> {
        self.journal.note(|| json!({ "network": network }));
        let id = self.machine.create_network(NewNetwork {
            name: network.name,
            driver: network.driver,
            internal: network.internal.unwrap_or_default(),
            without_ipv4: false,
            ipv6: network.enable_ipv6.unwrap_or_default(),
            ipam: network.ipam,
            options: network.options.unwrap_or_default(),
            labels: network.labels.unwrap_or_default(),
        })?;
        Ok(NetworkCreated {
            id,
            warning: String::new(),
        })
    }

    async fn inspect_network(
        &self,
        id: String,
        verbose: Option<bool>,
        scope: Option<String>,
    ) -> Result<Network, EngineError> {
        self.journal
            .note(|| json!({ "id": id, "verbose": verbose, "scope": scope }));
        if scope.is_some_and(|scope| scope != "local") {
            return Err(EngineError::no_such("network of this scope", &id));
        }
        let (network, containers) = self.machine.network(&id)?;
        Ok(Network {
            name: network.name,
            id: network.id,
            created: network.created,
            scope: "local".to_owned(),
            driver: network.driver,
            enable_ipv6: network.ipv6,
            ipam: network.ipam,
            internal: network.internal,
            containers,
            options: network.options,
            labels: network.labels,
        })
    }
}
