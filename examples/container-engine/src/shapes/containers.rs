//! Shapes of containers that have no history of their own.

use versioned_runtime::prelude::*;

/// The container that was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerCreated {
    /// Its id.
    pub id: String,
    /// What the caller should know.
    pub warnings: Vec<String>,
}

/// How a container is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct ContainerState {
    /// `created`, `running`, `exited` and so on.
    pub status: String,
    /// Whether it runs.
    pub running: bool,
    /// How it ended the last time; 0 where it never did.
    pub exit_code: i64,
    /// When it was started; the first moment of the year 1 for never.
    pub started_at: String,
    /// When it ended; the first moment of the year 1 for never.
    pub finished_at: String,
}

/// Something that is mounted in a container, as it is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct MountPoint {
    /// `bind`, `volume` and so on.
    #[serde(rename = "Type")]
    pub kind: String,
    /// Where it is on the host.
    pub source: String,
    /// Where it is in the container.
    pub destination: String,
    /// Whether the container can write to it.
    #[serde(rename = "RW")]
    pub writable: bool,
}

/// When a container is started again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct RestartPolicy {
    /// `no`, `always`, `unless-stopped` or `on-failure`; empty for `no`.
    pub name: String,
    /// How often, after failures.
    pub maximum_retry_count: Option<i64>,
}

/// What a client waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "kebab-case")]
pub enum WaitCondition {
    /// It stands still, maybe already.
    NotRunning,
    /// It ends once more.
    NextExit,
    /// It is taken away.
    Removed,
}

/// What came of waiting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct Waited {
    /// How the container ended.
    pub status_code: i64,
    /// Why it could not be waited for.
    pub error: Option<WaitError>,
}

/// Why a container could not be waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct WaitError {
    /// What went wrong.
    pub message: String,
}

/// What stands of the network `bridge` beside the list of networks, too.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct DefaultNetwork {
    /// The id of the place where the container is plugged in.
    #[serde(rename = "EndpointID")]
    pub endpoint_id: String,
    /// The way out.
    pub gateway: String,
    /// The address of IPv4.
    #[serde(rename = "IPAddress")]
    pub ip_address: String,
    /// The length of its prefix.
    #[serde(rename = "IPPrefixLen")]
    pub ip_prefix_len: i64,
    /// The address of IPv6.
    #[serde(rename = "GlobalIPv6Address")]
    pub ipv6_address: String,
    /// The length of its prefix.
    #[serde(rename = "GlobalIPv6PrefixLen")]
    pub ipv6_prefix_len: i64,
    /// The way out for IPv6.
    #[serde(rename = "IPv6Gateway")]
    pub ipv6_gateway: String,
    /// The address of the device.
    pub mac_address: String,
}

/// What was said of networks once, and is never set any more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct FormerNetworkFacts {
    /// Whether packets go out where they came in.
    pub hairpin_mode: bool,
    /// The address of IPv6 on the link.
    #[serde(rename = "LinkLocalIPv6Address")]
    pub link_local_address: String,
    /// The length of its prefix.
    #[serde(rename = "LinkLocalIPv6PrefixLen")]
    pub link_local_prefix_len: i64,
    /// Further addresses of IPv4.
    #[serde(rename = "SecondaryIPAddresses")]
    pub secondary_addresses: Option<Vec<String>>,
    /// Further addresses of IPv6.
    #[serde(rename = "SecondaryIPv6Addresses")]
    pub secondary_ipv6_addresses: Option<Vec<String>>,
}
