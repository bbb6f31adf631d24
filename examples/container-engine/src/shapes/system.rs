//! Shapes of the engine itself that have no history of their own.

use std::collections::BTreeMap;

use versioned_runtime::prelude::*;

/// What is said beside the answer to a ping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
pub struct PingHeaders {
    /// Which builder is recommended.
    #[serde(rename = "Builder-Version")]
    pub builder_version: String,
    /// Whether the host belongs to a cluster; clients must do without it.
    #[serde(rename = "Swarm")]
    pub swarm: Option<String>,
    /// Answers of the past are no sign of life.
    #[serde(rename = "Cache-Control")]
    pub cache_control: String,
    /// The same, for caches of long ago.
    #[serde(rename = "Pragma")]
    pub pragma: String,
}

/// The versions of the engine and of its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct EngineVersion {
    /// Who made the product that the engine is part of.
    pub platform: Platform,
    /// The parts.
    pub components: Vec<Component>,
    /// The version of the engine.
    pub version: String,
    /// The newest version of the interface.
    pub api_version: String,
    /// The oldest version of the interface.
    #[serde(rename = "MinAPIVersion")]
    pub min_api_version: String,
    /// What the host runs, such as `linux`.
    pub os: String,
    /// What the host is, such as `amd64`.
    pub arch: String,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct Platform {
    /// Its name.
    pub name: String,
}

/// A part of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it says besides.
    pub details: Option<BTreeMap<String, String>>,
}

/// Where networks get their addresses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct AddressPool {
    /// All addresses.
    pub base: String,
    /// The length of the prefix of each network.
    pub size: u8,
}

/// Whether packets on bridges are filtered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct BridgeNetfilter {
    /// Those of IPv4.
    pub bridge_nf_iptables: bool,
    /// Those of IPv6.
    pub bridge_nf_ip6tables: bool,
}

/// Where artifacts may be sent although they should not be distributed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
pub struct UndistributedArtifacts {
    /// Ranges of addresses.
    #[serde(rename = "AllowNondistributableArtifactsCIDRs")]
    pub ranges: Option<Vec<String>>,
    /// Names of hosts.
    #[serde(rename = "AllowNondistributableArtifactsHostnames")]
    pub hosts: Option<Vec<String>>,
}

/// Copies of the public registry.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct RegistryMirrors {
    /// Their addresses.
    pub mirrors: Vec<String>,
}

/// Where containerd is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct Containerd {
    /// Its socket.
    pub address: String,
    /// The names that it keeps containers and plugins under.
    pub namespaces: ContainerdNamespaces,
}

/// The names that containerd keeps things under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerdNamespaces {
    /// Containers.
    pub containers: String,
    /// Plugins.
    pub plugins: String,
}

/// What filters packets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct FirewallBackend {
    /// Such as `iptables` or `nftables`.
    pub driver: String,
}

/// A device that a driver found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct Device {
    /// Which driver found it.
    pub source: String,
    /// What the driver calls it.
    #[serde(rename = "ID")]
    pub id: String,
}
