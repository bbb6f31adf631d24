//! The engine itself, as 52.0.0 tells of it.

use std::collections::BTreeMap;

use serde_json::json;
use versioned_runtime::{Text, WithHeaders};

use super::Newest;
use crate::engine::v52::{Commit, Engine, RegistryConfig, Runtime, SystemInfo};
use crate::errors::EngineError;
use crate::facts;
use crate::shapes::system::{
    Containerd, ContainerdNamespaces, EngineVersion, FirewallBackend, PingHeaders, RegistryMirrors,
};

impl Engine for Newest {
    async fn ping(&self) -> Result<WithHeaders<Text, PingHeaders>, EngineError> {
        self.journal.note(|| json!({}));
        Ok(WithHeaders {
            body: "OK".into(),
            headers: facts::ping(),
        })
    }

    async fn version(&self) -> Result<EngineVersion, EngineError> {
        self.journal.note(|| json!({}));
        Ok(facts::version())
    }

    async fn info(&self) -> Result<SystemInfo, EngineError> {
        self.journal.note(|| json!({}));
        let (containers, images) = self.machine.counts();
        let features = BTreeMap::from([(
            "org.opencontainers.runtime-spec.features".to_owned(),
            "{}".to_owned(),
        )]);
        let runc = Runtime {
            path: "runc".to_owned(),
            status: Some(features),
        };
        let commit = |id: &str| Commit { id: id.to_owned() };
        Ok(SystemInfo {
            id: facts::ID.to_owned(),
            containers,
            images,
            driver: "overlayfs".to_owned(),
            memory_limit: true,
            kernel_memory: None,
            cgroup_driver: "systemd".to_owned(),
            cgroup_version: "2".to_owned(),
            kernel_version: "6.12.0".to_owned(),
            operating_system: "Debian GNU/Linux 13 (trixie)".to_owned(),
            os_version: "13".to_owned(),
            ncpu: 2,
            mem_total: 8_589_934_592,
            registry_config: RegistryConfig {
                mirrors: RegistryMirrors { mirrors: Vec::new() },
            },
            cluster_store: None,
            cluster_advertise: None,
            runtimes: BTreeMap::from([("runc".to_owned(), runc)]),
            containerd_commit: commit(facts::CONTAINERD),
            runc_commit: commit(facts::RUNC),
            init_commit: commit(facts::INIT),
            server_version: facts::ENGINE.to_owned(),
            default_address_pools: Some(facts::address_pools()),
            warnings: Vec::new(),
            cdi_spec_dirs: vec!["/etc/cdi".to_owned(), "/var/run/cdi".to_owned()],
            containerd: Some(Containerd {
                address: "/run/containerd/containerd.sock".to_owned(),
                namespaces: ContainerdNamespaces {
                    containers: "moby".to_owned(),
                    plugins: "plugins.moby".to_owned(),
                },
            }),
            firewall_backend: Some(FirewallBackend {
                driver: "iptables".to_owned(),
            }),
            discovered_devices: None,
        })
    }
}
