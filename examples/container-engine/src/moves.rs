//! What moves from one place to another between versions of the contract of containers.

use std::collections::BTreeMap;

use crate::containers::{v44, v45, v51, v52};
use crate::endpoints;
use crate::shapes::containers::DefaultNetwork;

/// Engines from 52.0.0 on know of the address only where the container is plugged in: there, or in the network of its mode.
pub(crate) fn networking_with_mac_address(container: &v51::CreateRequest) -> Option<v52::NetworkingConfig> {
    let Some(address) = container
        .mac_address
        .clone()
        .filter(|address| !address.is_empty())
    else {
        return container.networking_config.clone();
    };
    let mode = container
        .host_config
        .as_ref()
        .and_then(|host| host.network_mode.as_deref());
    let mut networking = container
        .networking_config
        .clone()
        .unwrap_or(v52::NetworkingConfig {
            endpoints_config: BTreeMap::new(),
        });
    let network = endpoints::main(mode, networking.endpoints_config.keys());
    let endpoint = networking.endpoints_config.entry(network).or_default();
    if endpoint.mac_address.is_empty() {
        endpoint.mac_address = address;
    }
    Some(networking)
}

/// Where the container is plugged in is said in the same way before 52.0.0.
pub(crate) fn same_networking(container: &v52::CreateRequest) -> Option<v51::NetworkingConfig> {
    container.networking_config.clone()
}

/// The address stays where the container is plugged in: engines before 52.0.0 read it there, too.
pub(crate) fn no_mac_address(_: &v52::CreateRequest) -> Option<String> {
    None
}

/// Engines until 44.0.0 told the beginning of the id among the aliases.
pub(crate) fn aliases_with_id(endpoint: &v45::EndpointSettings) -> Option<Vec<String>> {
    endpoints::with_id(endpoint.aliases.clone(), endpoint.dns_names.as_deref())
}

/// Engines from 45.0.0 on tell only the aliases that the client asked for.
pub(crate) fn aliases_without_id(endpoint: &v44::EndpointSettings) -> Option<Vec<String>> {
    endpoints::without_id(endpoint.aliases.clone(), endpoint.dns_names.as_deref())
}

/// What stands of the network `bridge` beside the list of networks, too.
pub(crate) fn default_network(settings: &v52::NetworkSettings) -> DefaultNetwork {
    let Some(bridge) = settings.networks.get("bridge") else {
        return DefaultNetwork::default();
    };
    DefaultNetwork {
        endpoint_id: bridge.endpoint_id.clone(),
        gateway: bridge.gateway.clone(),
        ip_address: bridge.ip_address.clone(),
        ip_prefix_len: bridge.ip_prefix_len,
        mac_address: bridge.mac_address.clone(),
        ..DefaultNetwork::default()
    }
}
