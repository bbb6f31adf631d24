//! The contract `engine-networks`: making networks, and what one of them is.

use versioned_runtime::versioned;

/// The networks of one host.
#[versioned(
    contract = "engine-networks",
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
pub mod networks {
    use std::collections::BTreeMap;

    use versioned_runtime::prelude::*;

    use crate::errors::EngineError;
    use crate::shapes::networks::{Endpoint, Ipam, NetworkCreated, NetworkStatus};

    /// The network that is to be made.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct NetworkCreate {
        /// Its name.
        pub name: String,
        /// Whether a second network of the same name is refused; since 44.0.0 it always is, whatever this says.
        #[version(deprecated(since = v44, on = "2024-01-19", note = "Names are always checked."))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub check_duplicate: Option<bool>,
        /// What drives it; `bridge` if nothing is said.
        pub driver: Option<String>,
        /// Whether it reaches nothing outside.
        pub internal: Option<bool>,
        /// Whether it has addresses of IPv4; it has, unless this says no.
        #[version(since = v48)]
        #[serde(rename = "EnableIPv4")]
        pub enable_ipv4: Option<bool>,
        /// Whether it has addresses of IPv6.
        #[serde(rename = "EnableIPv6")]
        pub enable_ipv6: Option<bool>,
        /// Its addresses.
        #[serde(rename = "IPAM")]
        pub ipam: Option<Ipam>,
        /// What its driver is told besides.
        pub options: Option<BTreeMap<String, String>>,
        /// What it is labelled with.
        pub labels: Option<BTreeMap<String, String>>,
    }

    /// One network.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct Network {
        /// Its name.
        pub name: String,
        /// Its id.
        pub id: String,
        /// When it was made.
        pub created: String,
        /// Where it is known: `local`, or `swarm`.
        pub scope: String,
        /// What drives it.
        pub driver: String,
        /// Whether it has addresses of IPv4.
        #[version(since = v48, default = yes, lossy(reason = "before 48.0.0 every network has addresses of IPv4"))]
        #[serde(rename = "EnableIPv4")]
        pub enable_ipv4: bool,
        /// Whether it has addresses of IPv6.
        #[serde(rename = "EnableIPv6")]
        pub enable_ipv6: bool,
        /// Its addresses.
        #[serde(rename = "IPAM")]
        pub ipam: Ipam,
        /// Whether it reaches nothing outside.
        pub internal: bool,
        /// The containers in it, by their ids.
        pub containers: BTreeMap<String, Endpoint>,
        /// What its driver is told besides.
        pub options: BTreeMap<String, String>,
        /// What it is labelled with.
        pub labels: BTreeMap<String, String>,
        /// How many of its addresses are taken.
        #[version(since = v52, lossy(reason = "earlier engines do not count addresses"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub status: Option<NetworkStatus>,
    }

    /// What clients ask of networks.
    #[tags("Network")]
    pub trait Networks {
        /// Makes a network.
        #[post("/networks/create", status = 201)]
        async fn create_network(&self, network: NetworkCreate) -> Result<NetworkCreated, EngineError>;

        /// Tells everything of one network.
        #[get("/networks/{id}")]
        async fn inspect_network(
            &self,
            id: String,
            #[query] verbose: Option<bool>,
            #[query] scope: Option<String>,
        ) -> Result<Network, EngineError>;
    }

    fn yes() -> bool {
        true
    }
}
