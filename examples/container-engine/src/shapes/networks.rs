//! Shapes of networks that have no history of their own.

use std::collections::BTreeMap;

use versioned_runtime::prelude::*;

/// The addresses of a network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct Ipam {
    /// What gives addresses out; `default` if nothing is said.
    pub driver: Option<String>,
    /// The ranges of addresses.
    pub config: Option<Vec<AddressRange>>,
    /// What gives addresses out is told besides.
    pub options: Option<BTreeMap<String, String>>,
}

/// One range of addresses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct AddressRange {
    /// All of it, such as `172.20.0.0/16`.
    pub subnet: Option<String>,
    /// The part that is given out.
    #[serde(rename = "IPRange")]
    pub ip_range: Option<String>,
    /// The way out.
    pub gateway: Option<String>,
}

/// A container in a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct Endpoint {
    /// The name of the container.
    pub name: String,
    /// The id of the place where it is plugged in.
    #[serde(rename = "EndpointID")]
    pub endpoint_id: String,
    /// The address of its device.
    pub mac_address: String,
    /// Its address of IPv4, with the length of the prefix.
    #[serde(rename = "IPv4Address")]
    pub ipv4_address: String,
}

/// The network that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct NetworkCreated {
    /// Its id.
    pub id: String,
    /// What the caller should know; empty for nothing.
    pub warning: String,
}

/// How many addresses of a network are taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
pub struct NetworkStatus {
    /// By what gives addresses out.
    #[serde(rename = "IPAM")]
    pub ipam: IpamStatus,
}

/// How many addresses are taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct IpamStatus {
    /// In each subnet.
    pub subnets: BTreeMap<String, SubnetStatus>,
}

/// How many addresses of a subnet are taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct SubnetStatus {
    /// Those that are taken.
    #[serde(rename = "IPsInUse")]
    pub in_use: u64,
    /// Those that can still be given out.
    #[serde(rename = "DynamicIPsAvailable")]
    pub available: u64,
}
