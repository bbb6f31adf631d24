//! The contract `engine-system`: what the engine and its host are.

use versioned_runtime::versioned;

/// The engine itself.
#[versioned(
    contract = "engine-system",
    versions(
        v40("40.0.0", released = "2019-07-22", deprecated = "2025-11-10", successor = v52),
        v41("41.0.0", released = "2020-12-08", deprecated = "2025-11-10", successor = v52),
        v42("42.0.0", released = "2023-02-01", deprecated = "2025-11-10", successor = v52),
        v43("43.0.0", released = "2023-05-16", deprecated = "2025-11-10", successor = v52),
        v44("44.0.0", released = "2024-01-19"),
        v45("45.0.0", released = "2024-03-20"),
        v46("46.0.0", released = "2024-06-24"),
        v47("47.0.0", released = "2024-08-27"),
        v48("48.0.0", released = "2025-02-19"),
        v49("49.0.0", released = "2025-04-17"),
        v50("50.0.0", released = "2025-05-28"),
        v51("51.0.0", released = "2025-06-24"),
        v52("52.0.0", released = "2025-11-10"),
    ),
    compatibility = "backward"
)]
pub mod engine {
    use std::collections::BTreeMap;

    use versioned_runtime::prelude::*;
    use versioned_runtime::{Text, WithHeaders};

    use crate::errors::EngineError;
    use crate::shapes::system::{
        AddressPool, BridgeNetfilter, Containerd, Device, EngineVersion, FirewallBackend, PingHeaders,
        RegistryMirrors, UndistributedArtifacts,
    };

    /// The engine and its host.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct SystemInfo {
        /// The id of the engine.
        #[serde(rename = "ID")]
        pub id: String,
        /// How many containers there are.
        pub containers: u64,
        /// How many images there are.
        pub images: u64,
        /// What stores images.
        pub driver: String,
        /// Whether memory can be limited.
        pub memory_limit: bool,
        /// Whether the memory of the kernel can be limited; from 42.0.0 on left out where it cannot.
        #[version(until = v42, downgrade = limits_kernel_memory)]
        #[version(deprecated(since = v41, on = "2020-12-08"))]
        pub kernel_memory: bool,
        /// Whether the memory of the kernel can be limited; left out where it cannot.
        #[version(since = v42, upgrade = kernel_memory_if_limited, lossy(reason = "no and nothing say the same"))]
        #[version(deprecated(since = v42, on = "2023-02-01"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub kernel_memory: Option<bool>,
        /// Whether the memory of the kernel for TCP can be limited.
        #[version(until = v42, downgrade = limits_kernel_memory_tcp)]
        #[serde(rename = "KernelMemoryTCP")]
        pub kernel_memory_tcp: bool,
        /// Whether the memory of the kernel for TCP can be limited; left out where it cannot.
        #[version(since = v42, until = v52, upgrade = kernel_memory_tcp_if_limited)]
        #[version(lossy(reason = "no and nothing say the same"))]
        #[version(deprecated(since = v51, on = "2025-06-24", sunset = "2025-11-10"))]
        #[serde(rename = "KernelMemoryTCP", skip_serializing_if = "Option::is_none")]
        pub kernel_memory_tcp: Option<bool>,
        /// Whether bridges are filtered; from 48.0.0 on always no.
        #[version(until = v50, default, lossy(reason = "later engines always say no"))]
        #[version(deprecated(since = v48, on = "2025-02-19", sunset = "2025-05-28"))]
        #[serde(flatten)]
        pub bridge_netfilter: BridgeNetfilter,
        /// What limits containers: `cgroupfs`, `systemd` or `none`.
        pub cgroup_driver: String,
        /// The version of what limits containers.
        #[version(since = v41, default = first_cgroups, lossy(reason = "earlier engines do not say which"))]
        pub cgroup_version: String,
        /// The kernel.
        pub kernel_version: String,
        /// The operating system.
        pub operating_system: String,
        /// The version of the operating system.
        #[serde(rename = "OSVersion")]
        pub os_version: String,
        /// How many processors there are.
        #[serde(rename = "NCPU")]
        pub ncpu: u32,
        /// The memory, in bytes.
        pub mem_total: i64,
        /// Where images come from.
        pub registry_config: RegistryConfig,
        /// Where the cluster is stored, where that is set.
        #[version(deprecated(since = v41, on = "2020-12-08"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cluster_store: Option<String>,
        /// What the cluster is told of this host, where that is set.
        #[version(deprecated(since = v41, on = "2020-12-08"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cluster_advertise: Option<String>,
        /// What runs containers, by name.
        pub runtimes: BTreeMap<String, Runtime>,
        /// Which containerd this is.
        pub containerd_commit: Commit,
        /// Which runc this is.
        pub runc_commit: Commit,
        /// Which init of containers this is.
        pub init_commit: Commit,
        /// The version of the engine.
        pub server_version: String,
        /// Where networks of this host get their addresses.
        #[version(since = v41, lossy(reason = "earlier engines do not tell"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub default_address_pools: Option<Vec<AddressPool>>,
        /// What is missing or set up badly.
        pub warnings: Vec<String>,
        /// Where devices are described.
        #[version(since = v44, default, lossy(reason = "earlier engines read no such descriptions"))]
        #[serde(rename = "CDISpecDirs")]
        pub cdi_spec_dirs: Vec<String>,
        /// Where containerd is.
        #[version(since = v46, lossy(reason = "earlier engines do not tell"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub containerd: Option<Containerd>,
        /// What filters packets.
        #[version(since = v49, lossy(reason = "earlier engines do not tell"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub firewall_backend: Option<FirewallBackend>,
        /// Devices that drivers found.
        #[version(since = v50, lossy(reason = "earlier engines do not tell"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub discovered_devices: Option<Vec<Device>>,
    }

    /// Where images come from.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct RegistryConfig {
        /// Where artifacts may be sent although they should not be distributed; from 48.0.0 on always `null`.
        #[version(until = v49, default, lossy(reason = "later engines send them anywhere"))]
        #[version(deprecated(since = v48, on = "2025-02-19", sunset = "2025-04-17"))]
        #[serde(flatten)]
        pub undistributed: UndistributedArtifacts,
        /// Copies of the public registry.
        #[serde(flatten)]
        pub mirrors: RegistryMirrors,
    }

    /// What runs containers.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Runtime {
        /// Where it is.
        pub path: String,
        /// What it says of itself, by name.
        #[version(since = v44, lossy(reason = "earlier engines do not ask it"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub status: Option<BTreeMap<String, String>>,
    }

    /// Which state of its source something was built from.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct Commit {
        /// The state.
        #[serde(rename = "ID")]
        pub id: String,
        /// The state that the engine was built for.
        #[version(until = v49, downgrade = same_commit, lossy(reason = "it says what `ID` says"))]
        #[version(deprecated(since = v48, on = "2025-02-19", sunset = "2025-04-17"))]
        pub expected: String,
    }

    /// What clients ask of the engine itself.
    #[tags("System")]
    pub trait Engine {
        /// Whether the engine answers, and what it is.
        #[get("/_ping")]
        async fn ping(&self) -> Result<WithHeaders<Text, PingHeaders>, EngineError>;

        /// The versions of the engine and of its parts.
        #[get("/version")]
        async fn version(&self) -> Result<EngineVersion, EngineError>;

        /// The engine and its host.
        #[get("/info")]
        async fn info(&self) -> Result<SystemInfo, EngineError>;
    }

    fn first_cgroups() -> String {
        "1".to_owned()
    }

    fn limits_kernel_memory(info: &v42::SystemInfo) -> bool {
        info.kernel_memory.unwrap_or_default()
    }

    fn limits_kernel_memory_tcp(info: &v42::SystemInfo) -> bool {
        info.kernel_memory_tcp.unwrap_or_default()
    }

    fn kernel_memory_if_limited(info: &v41::SystemInfo) -> Option<bool> {
        info.kernel_memory.then_some(true)
    }

    fn kernel_memory_tcp_if_limited(info: &v41::SystemInfo) -> Option<bool> {
        info.kernel_memory_tcp.then_some(true)
    }

    fn same_commit(commit: &v49::Commit) -> String {
        commit.id.clone()
    }
}
