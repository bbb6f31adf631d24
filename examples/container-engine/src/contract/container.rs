//! The contract `engine-containers`: making containers, running them, and what they are.

use versioned_runtime::versioned;

/// The containers of one host.
#[versioned(
    contract = "engine-containers",
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
pub mod containers {
    use std::collections::BTreeMap;

    use versioned_runtime::Binary;
    use versioned_runtime::prelude::*;

    use crate::errors::EngineError;
    use crate::moves;
    use crate::shapes::containers::{
        ContainerCreated, ContainerState, DefaultNetwork, FormerNetworkFacts, MountPoint, RestartPolicy,
        WaitCondition, Waited,
    };
    use crate::shapes::images::Descriptor;

    /// One container in a list of containers.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct ContainerSummary {
        /// The id.
        pub id: String,
        /// Its names, each after a slash.
        pub names: Vec<String>,
        /// The image, as it was named.
        pub image: String,
        /// The digest of the image.
        #[serde(rename = "ImageID")]
        pub image_id: String,
        /// `created`, `running`, `exited` and so on.
        pub state: String,
        /// What it may use of its host.
        pub host_config: HostConfigSummary,
        /// Where it is plugged in.
        pub network_settings: NetworkSummary,
        /// What is mounted in it.
        pub mounts: Vec<MountPoint>,
        /// The manifest of its image, where the store keeps images of several platforms.
        #[version(since = v48)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub image_manifest_descriptor: Option<Descriptor>,
    }

    /// What a container in a list may use of its host.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct HostConfigSummary {
        /// Its network.
        pub network_mode: String,
        /// What its runtime is told besides.
        #[version(since = v46)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub annotations: Option<BTreeMap<String, String>>,
    }

    /// Where a container in a list is plugged in.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct NetworkSummary {
        /// The networks by name.
        pub networks: BTreeMap<String, EndpointSettings>,
    }

    /// The container that is to be made.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct CreateRequest {
        /// The image that it starts from.
        pub image: String,
        /// The name of its host.
        pub hostname: Option<String>,
        /// The command.
        pub cmd: Option<Vec<String>>,
        /// The environment, each `NAME=value`.
        pub env: Option<Vec<String>>,
        /// What it is labelled with.
        pub labels: Option<BTreeMap<String, String>>,
        /// How it is found out whether it is well.
        pub healthcheck: Option<HealthConfig>,
        /// The address of its device in its first network.
        #[version(until = v52, downgrade = moves::no_mac_address, lossy(reason = "it stands at the network from 52.0.0 on"))]
        #[version(deprecated(since = v44, on = "2024-01-19", sunset = "2025-11-10", successor = networking_config))]
        pub mac_address: Option<String>,
        /// What it may use of its host.
        pub host_config: Option<HostConfig>,
        /// Where it is plugged in.
        #[version(until = v52, downgrade = moves::same_networking)]
        pub networking_config: Option<NetworkingConfig>,
        /// Where it is plugged in.
        #[version(since = v52, upgrade = moves::networking_with_mac_address)]
        pub networking_config: Option<NetworkingConfig>,
    }

    /// Where a new container is plugged in.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct NetworkingConfig {
        /// The networks by name; before 44.0.0 only one.
        #[openapi(until = v44, max_properties = 1)]
        pub endpoints_config: BTreeMap<String, EndpointSettings>,
    }

    /// How a container is plugged into a network.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    pub struct EndpointSettings {
        /// The id of the network.
        #[serde(rename = "NetworkID")]
        #[openapi(read_only)]
        pub network_id: String,
        /// The address of the device; from 44.0.0 on the client may ask for one.
        #[openapi(until = v44, read_only)]
        pub mac_address: String,
        /// The id of the place where it is plugged in.
        #[serde(rename = "EndpointID")]
        #[openapi(read_only)]
        pub endpoint_id: String,
        /// The way out.
        #[openapi(read_only)]
        pub gateway: String,
        /// The address of IPv4.
        #[serde(rename = "IPAddress")]
        #[openapi(read_only)]
        pub ip_address: String,
        /// The length of its prefix.
        #[serde(rename = "IPPrefixLen")]
        #[openapi(read_only)]
        pub ip_prefix_len: i64,
        /// Other names for it in this network, and the beginning of its id.
        #[version(until = v45, downgrade = moves::aliases_with_id)]
        pub aliases: Option<Vec<String>>,
        /// Other names for it in this network.
        #[version(since = v45, upgrade = moves::aliases_without_id)]
        pub aliases: Option<Vec<String>>,
        /// All names for it in this network.
        #[version(since = v44, lossy(reason = "earlier engines tell only of aliases"))]
        #[serde(rename = "DNSNames")]
        #[openapi(read_only)]
        pub dns_names: Option<Vec<String>>,
        /// The network of the highest is the way out.
        #[version(since = v48, default)]
        pub gw_priority: i64,
    }

    /// How it is found out whether a container is well.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct HealthConfig {
        /// The command, after the word that says how it is run.
        pub test: Option<Vec<String>>,
        /// How long from one time to the next, in nanoseconds.
        pub interval: Option<i64>,
        /// How often it may fail.
        pub retries: Option<i64>,
        /// How long from one time to the next while the container starts, in nanoseconds.
        #[version(since = v44)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub start_interval: Option<i64>,
    }

    /// What a container may use of its host.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct HostConfig {
        /// The most memory, in bytes.
        pub memory: Option<i64>,
        /// The most memory of the kernel, in bytes.
        #[version(until = v42, downgrade = no_kernel_memory, lossy(reason = "later engines ignore it"))]
        #[version(deprecated(since = v41, on = "2020-12-08", sunset = "2023-02-01"))]
        pub kernel_memory: Option<i64>,
        /// The most memory of the kernel for TCP, in bytes; from 42.0.0 on left out where it is not limited.
        #[version(until = v42, downgrade = kernel_memory_tcp_or_zero)]
        #[serde(rename = "KernelMemoryTCP")]
        pub kernel_memory_tcp: Option<i64>,
        /// The most memory of the kernel for TCP, in bytes.
        #[version(since = v42, until = v52, upgrade = kernel_memory_tcp_if_any)]
        #[version(lossy(reason = "later engines ignore it, and nothing and 0 are the same"))]
        #[version(deprecated(since = v51, on = "2025-06-24", sunset = "2025-11-10"))]
        #[serde(rename = "KernelMemoryTCP", skip_serializing_if = "Option::is_none")]
        pub kernel_memory_tcp: Option<i64>,
        /// Its network.
        pub network_mode: Option<String>,
        /// When it is started again.
        pub restart_policy: Option<RestartPolicy>,
        /// `host`, or `private` for a space of control groups of its own.
        #[version(since = v41)]
        #[openapi(pattern = "^(|host|private)$")]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cgroupns_mode: Option<String>,
        /// The rows and columns of its terminal.
        #[version(since = v42)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub console_size: Option<[u32; 2]>,
        /// What its runtime is told besides.
        #[version(since = v43)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub annotations: Option<BTreeMap<String, String>>,
        /// What is mounted in it.
        pub mounts: Option<Vec<Mount>>,
    }

    /// Something that is mounted in a container.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct Mount {
        /// Where it is in the container.
        pub target: String,
        /// What it is: a path of the host, the name of a volume or of an image.
        pub source: Option<String>,
        /// What kind of thing it is.
        #[serde(rename = "Type")]
        pub kind: MountKind,
        /// Whether the container cannot write to it.
        pub read_only: Option<bool>,
        /// More of a path of the host.
        pub bind_options: Option<BindOptions>,
        /// More of a volume.
        pub volume_options: Option<VolumeOptions>,
        /// More of a directory in memory.
        pub tmpfs_options: Option<TmpfsOptions>,
    }

    /// What can be mounted in a container.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum MountKind {
        /// A path of the host.
        Bind,
        /// A volume.
        Volume,
        /// A directory in memory.
        Tmpfs,
        /// The files of an image.
        #[version(since = v48, downgrade = Volume, lossy(reason = "earlier engines show what they do not know as a volume"))]
        Image,
    }

    /// More of a path of the host.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct BindOptions {
        /// Whether what is mounted below it is left out.
        pub non_recursive: Option<bool>,
        /// Whether it is made where it is not there.
        #[version(since = v42)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub create_mountpoint: Option<bool>,
        /// Whether what is mounted below it may still be written to.
        #[version(since = v44)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub read_only_non_recursive: Option<bool>,
        /// Whether it is an error where something below it can be written to.
        #[version(since = v44)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub read_only_force_recursive: Option<bool>,
    }

    /// More of a volume.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct VolumeOptions {
        /// Whether nothing is copied into it.
        pub no_copy: Option<bool>,
        /// The directory in it.
        #[version(since = v45)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub subpath: Option<String>,
    }

    /// More of a directory in memory.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct TmpfsOptions {
        /// The most that it holds, in bytes.
        pub size_bytes: Option<i64>,
        /// Options of the mount, each a name and maybe a value.
        #[version(since = v46)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub options: Option<Vec<Vec<String>>>,
    }

    /// One container.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct ContainerInspect {
        /// The id.
        pub id: String,
        /// When it was made.
        pub created: String,
        /// Its name, after a slash.
        pub name: String,
        /// The digest of its image.
        pub image: String,
        /// How it is.
        pub state: ContainerState,
        /// How it is set up.
        pub config: ContainerConfig,
        /// What it may use of its host.
        pub host_config: HostConfig,
        /// What is mounted in it.
        pub mounts: Vec<MountPoint>,
        /// Where it is plugged in.
        pub network_settings: NetworkSettings,
        /// The manifest of its image, where the store keeps images of several platforms.
        #[version(since = v48)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub image_manifest_descriptor: Option<Descriptor>,
    }

    /// How a container is set up.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct ContainerConfig {
        /// The name of its host.
        pub hostname: String,
        /// The image, as it was named.
        pub image: String,
        /// The command.
        pub cmd: Vec<String>,
        /// The environment, each `NAME=value`.
        pub env: Vec<String>,
        /// What it is labelled with.
        pub labels: BTreeMap<String, String>,
        /// How it is found out whether it is well.
        #[serde(skip_serializing_if = "Option::is_none")]
        pub healthcheck: Option<HealthConfig>,
        /// What is done when something is made from its image.
        #[version(until = v52, default, lossy(reason = "later engines leave it out where it is empty, and it is"))]
        pub on_build: Option<Vec<String>>,
        /// The address of its device in its first network, where the client asked for one.
        #[version(until = v52, lossy(reason = "it stands at the network from 52.0.0 on"))]
        #[version(deprecated(since = v44, on = "2024-01-19", sunset = "2025-11-10"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub mac_address: Option<String>,
    }

    /// Where a container is plugged in.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct NetworkSettings {
        /// What stands here of the network `bridge`, too.
        #[version(until = v52, downgrade = moves::default_network, lossy(reason = "it stands in `Networks`"))]
        #[version(deprecated(since = v40, note = "Look into `Networks`."))]
        #[serde(flatten)]
        pub default_network: DefaultNetwork,
        /// The device of the host for the network `bridge`.
        #[version(until = v52, default, lossy(reason = "it is never set"))]
        #[version(deprecated(since = v51, on = "2025-06-24", sunset = "2025-11-10"))]
        pub bridge: String,
        /// What is never set any more.
        #[version(until = v52, default, lossy(reason = "none of it is ever set"))]
        #[version(deprecated(since = v44, on = "2024-01-19", sunset = "2025-11-10"))]
        #[serde(flatten)]
        pub former: FormerNetworkFacts,
        /// The networks by name.
        pub networks: BTreeMap<String, EndpointSettings>,
    }

    /// Whether a container was started.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Responses)]
    pub enum Started {
        /// It runs now.
        #[response(status = 204)]
        Now,
        /// It ran already.
        #[response(status = 304)]
        Before,
    }

    /// Whether a container was stopped.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Responses)]
    pub enum Stopped {
        /// It stands still now.
        #[response(status = 204)]
        Now,
        /// It stood still already.
        #[response(status = 304)]
        Before,
    }

    /// What clients ask of containers.
    #[tags("Container")]
    pub trait Containers {
        /// Lists containers.
        #[get("/containers/json")]
        async fn list_containers(
            &self,
            #[query] all: Option<bool>,
            #[query] limit: Option<usize>,
            #[query] filters: Option<String>,
        ) -> Result<Vec<ContainerSummary>, EngineError>;

        /// Makes a container.
        #[post("/containers/create", status = 201)]
        async fn create_container(
            &self,
            #[query] name: Option<String>,
            #[version(since = v41)]
            #[query]
            platform: Option<String>,
            container: CreateRequest,
        ) -> Result<ContainerCreated, EngineError>;

        /// Tells everything of one container.
        #[get("/containers/{id}/json")]
        async fn inspect_container(&self, id: String) -> Result<ContainerInspect, EngineError>;

        /// Starts a container.
        #[post("/containers/{id}/start")]
        async fn start_container(&self, id: String) -> Result<Started, EngineError>;

        /// Stops a container.
        #[post("/containers/{id}/stop")]
        async fn stop_container(
            &self,
            id: String,
            #[query] t: Option<u32>,
            #[version(since = v42)]
            #[query]
            signal: Option<String>,
        ) -> Result<Stopped, EngineError>;

        /// Waits until a container stands still.
        #[post("/containers/{id}/wait")]
        async fn wait_container(
            &self,
            id: String,
            #[query] condition: Option<WaitCondition>,
        ) -> Result<Waited, EngineError>;

        /// What a container wrote.
        #[get("/containers/{id}/logs")]
        async fn container_logs(
            &self,
            id: String,
            #[query] stdout: Option<bool>,
            #[query] stderr: Option<bool>,
            #[query] tail: Option<String>,
        ) -> Result<Binary, EngineError>;

        /// Takes a container away.
        #[delete("/containers/{id}")]
        async fn remove_container(
            &self,
            id: String,
            #[query] v: Option<bool>,
            #[query] force: Option<bool>,
        ) -> Result<(), EngineError>;
    }

    #[allow(clippy::unnecessary_wraps)] // what the member holds
    fn no_kernel_memory(_: &v42::HostConfig) -> Option<i64> {
        Some(0)
    }

    #[allow(clippy::unnecessary_wraps)] // what the member holds
    fn kernel_memory_tcp_or_zero(host: &v42::HostConfig) -> Option<i64> {
        Some(host.kernel_memory_tcp.unwrap_or_default())
    }

    fn kernel_memory_tcp_if_any(host: &v41::HostConfig) -> Option<i64> {
        host.kernel_memory_tcp.filter(|most| *most != 0)
    }
}
