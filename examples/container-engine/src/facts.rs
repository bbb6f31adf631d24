//! What both implementations say of the engine and of its host.

use std::collections::BTreeMap;

use crate::shapes::system::{AddressPool, Component, EngineVersion, PingHeaders, Platform};

/// The version of the engine.
pub(crate) const ENGINE: &str = "29.0.0";
/// The id of the engine.
pub(crate) const ID: &str = "3f0c9d0e-6a5b-4c1e-9c6e-0d6f6b6f1f52";
/// Which containerd, runc and init there are.
pub(crate) const CONTAINERD: &str = "442cb34bda9a6a0fed82a2ca7cade05c5c749582";
/// Which runc there is.
pub(crate) const RUNC: &str = "v1.3.3-0-gd842d77";
/// Which init there is.
pub(crate) const INIT: &str = "de40ad0";

/// What is said beside the answer to a ping.
pub(crate) fn ping() -> PingHeaders {
    PingHeaders {
        builder_version: "2".to_owned(),
        swarm: Some("inactive".to_owned()),
        cache_control: "no-cache, no-store, must-revalidate".to_owned(),
        pragma: "no-cache".to_owned(),
    }
}

/// The versions of the engine and of its parts.
pub(crate) fn version() -> EngineVersion {
    let part = |name: &str, version: &str, details| Component {
        name: name.to_owned(),
        version: version.to_owned(),
        details,
    };
    let details = BTreeMap::from([("ApiVersion".to_owned(), "1.52".to_owned())]);
    EngineVersion {
        platform: Platform {
            name: "container-engine".to_owned(),
        },
        components: vec![
            part("Engine", ENGINE, Some(details)),
            part("containerd", CONTAINERD, None),
            part("runc", RUNC, None),
        ],
        version: ENGINE.to_owned(),
        api_version: "1.52".to_owned(),
        min_api_version: "1.40".to_owned(),
        os: "linux".to_owned(),
        arch: "amd64".to_owned(),
    }
}

/// Where networks get their addresses.
pub(crate) fn address_pools() -> Vec<AddressPool> {
    vec![AddressPool {
        base: "172.17.0.0/12".to_owned(),
        size: 16,
    }]
}
