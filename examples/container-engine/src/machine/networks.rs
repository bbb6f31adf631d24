//! Networks: making them, finding them, and the addresses in them.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use super::{Machine, State, find};
use crate::errors::EngineError;
use crate::shapes::networks::{AddressRange, Endpoint, Ipam, IpamStatus, NetworkStatus, SubnetStatus};

/// A network as it is stored.
#[derive(Debug, Clone)]
pub struct Network {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: String,
    /// What drives it.
    pub driver: String,
    /// Whether it reaches nothing outside.
    pub internal: bool,
    /// Whether it has addresses of IPv4.
    pub ipv4: bool,
    /// Whether it has addresses of IPv6.
    pub ipv6: bool,
    /// Its addresses.
    pub ipam: Ipam,
    /// What its driver is told besides.
    pub options: BTreeMap<String, String>,
    /// What it is labelled with.
    pub labels: BTreeMap<String, String>,
}

/// The network that is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewNetwork {
    /// Its name.
    pub name: String,
    /// What drives it.
    pub driver: Option<String>,
    /// Whether it reaches nothing outside.
    pub internal: bool,
    /// Whether it has no addresses of IPv4.
    pub without_ipv4: bool,
    /// Whether it has addresses of IPv6.
    pub ipv6: bool,
    /// Its addresses.
    pub ipam: Option<Ipam>,
    /// What its driver is told besides.
    pub options: BTreeMap<String, String>,
    /// What it is labelled with.
    pub labels: BTreeMap<String, String>,
}

impl Network {
    /// The address of IPv4 at this place in its first range, with the length of the prefix; the gateway stands at 1.
    pub(super) fn address(&self, place: u32) -> Option<(Ipv4Addr, u8)> {
        let (first, length) = self.range()?;
        Some((Ipv4Addr::from(u32::from(first).checked_add(place)?), length))
    }

    /// The way out, where there is one.
    pub(super) fn gateway(&self) -> Option<String> {
        let told = self
            .ipam
            .config
            .iter()
            .flatten()
            .find_map(|range| range.gateway.clone());
        told.or_else(|| self.address(1).map(|(address, _)| address.to_string()))
    }

    fn range(&self) -> Option<(Ipv4Addr, u8)> {
        let mut subnets = self
            .ipam
            .config
            .iter()
            .flatten()
            .filter_map(|range| range.subnet.as_deref());
        subnets.find_map(parse_subnet).filter(|_| self.ipv4)
    }

    /// How many of its addresses are taken.
    #[must_use]
    pub fn status(&self, containers: usize) -> Option<NetworkStatus> {
        let (first, length) = self.range()?;
        let all = 1_u64 << (32 - u32::from(length));
        // The network, the gateway and the broadcast are nobody's.
        let taken = containers as u64 + 3;
        let status = SubnetStatus {
            in_use: taken,
            available: all.saturating_sub(taken),
        };
        let subnets = BTreeMap::from([(format!("{first}/{length}"), status)]);
        Some(NetworkStatus {
            ipam: IpamStatus { subnets },
        })
    }
}

impl Machine {
    /// Makes a network; the id of it.
    pub fn create_network(&self, new: NewNetwork) -> Result<String, EngineError> {
        if new.name.is_empty() {
            return Err(EngineError::bad("a network needs a name"));
        }
        for subnet in new
            .ipam
            .iter()
            .flat_map(|ipam| ipam.config.iter().flatten())
            .filter_map(|range| range.subnet.as_deref())
        {
            if parse_subnet(subnet).is_none() {
                return Err(EngineError::bad(&format!(
                    "{subnet} is no range of addresses, such as 172.20.0.0/16"
                )));
            }
        }
        let created = self.now();
        let mut state = self.state();
        if state.networks.values().any(|network| network.name == new.name) {
            return Err(EngineError::conflict(&format!(
                "a network of the name {} is there already",
                new.name
            )));
        }
        let id = state.new_id();
        let place = 17 + state.networks.len();
        let mut ipam = new.ipam.unwrap_or_default();
        ipam.driver.get_or_insert_with(|| "default".to_owned());
        if ipam.config.as_ref().is_none_or(Vec::is_empty) && !new.without_ipv4 {
            ipam.config = Some(vec![AddressRange {
                subnet: Some(format!("172.{place}.0.0/16")),
                ip_range: None,
                gateway: Some(format!("172.{place}.0.1")),
            }]);
        }
        let network = Network {
            id: id.clone(),
            name: new.name,
            created,
            driver: new.driver.unwrap_or_else(|| "bridge".to_owned()),
            internal: new.internal,
            ipv4: !new.without_ipv4,
            ipv6: new.ipv6,
            ipam,
            options: new.options,
            labels: new.labels,
        };
        state.networks.insert(id.clone(), network);
        Ok(id)
    }

    /// One network, and the running containers in it.
    pub fn network(&self, asked: &str) -> Result<(Network, BTreeMap<String, Endpoint>), EngineError> {
        let state = self.state();
        let network = state.network(asked)?.clone();
        let plugged = state
            .containers
            .values()
            .filter(|container| container.state.running)
            .filter_map(|container| {
                let endpoint = container.endpoints.get(&network.name)?;
                let told = Endpoint {
                    name: container.name.clone(),
                    endpoint_id: endpoint.endpoint_id.clone(),
                    mac_address: endpoint.mac_address.clone(),
                    ipv4_address: format!("{}/{}", endpoint.ip_address, endpoint.ip_prefix_len),
                };
                Some((container.id.clone(), told))
            });
        let plugged = plugged.collect();
        Ok((network, plugged))
    }
}

impl State {
    pub(super) fn network(&self, asked: &str) -> Result<&Network, EngineError> {
        let id = find(&self.networks, "network", asked, |network| network.name == asked)?;
        Ok(&self.networks[id])
    }
}

fn parse_subnet(text: &str) -> Option<(Ipv4Addr, u8)> {
    let (address, length) = text.split_once('/')?;
    let (address, length): (Ipv4Addr, u8) = (address.parse().ok()?, length.parse().ok()?);
    let mask = u32::MAX
        .checked_shl(32_u32.checked_sub(length.into())?)
        .unwrap_or(0);
    (u32::from(address) & !mask == 0).then_some((address, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<([u8; 4], u8)>) {
        assert_eq!(
            parse_subnet(text),
            expected.map(|(address, length)| (address.into(), length))
        );
    }

    #[test]
    fn ranges_of_addresses() {
        check("172.20.0.0/16", Some(([172, 20, 0, 0], 16)));
        check("10.0.0.8/32", Some(([10, 0, 0, 8], 32)));
        check("0.0.0.0/0", Some(([0, 0, 0, 0], 0)));
        check("172.20.0.1/16", None);
        check("172.20.0.0/33", None);
        check("172.20.0.0", None);
        check("fd00::/64", None);
    }
}
