//! The engine itself, as 40.0.0 tells of it.

use std::collections::BTreeMap;

use serde_json::json;
use versioned_runtime::{Text, WithHeaders};

use super::Oldest;
use crate::engine::v40::{Commit, Engine, RegistryConfig, Runtime, SystemInfo};
use crate::errors::EngineError;
use crate::facts;
use crate::shapes::system::{
    BridgeNetfilter, EngineVersion, PingHeaders, RegistryMirrors, UndistributedArtifacts,
};

impl Engine for Oldest {
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
        let runc = Runtime {
            path: "runc".to_owned(),
        };
        let commit = |id: &str| Commit {
            id: id.to_owned(),
            expected: id.to_owned(),
        };
        Ok(SystemInfo {
            id: facts::ID.to_owned(),
            containers,
            images,
            driver: "overlayfs".to_owned(),
            memory_limit: true,
            kernel_memory: false,
            kernel_memory_tcp: false,
            bridge_netfilter: BridgeNetfilter::default(),
            cgroup_driver: "systemd".to_owned(),
            kernel_version: "6.12.0".to_owned(),
            operating_system: "Debian GNU/Linux 13 (trixie)".to_owned(),
            os_version: "13".to_owned(),
            ncpu: 2,
            mem_total: 8_589_934_592,
            registry_config: RegistryConfig {
                undistributed: UndistributedArtifacts::default(),
                mirrors: RegistryMirrors { mirrors: Vec::new() },
            },
            cluster_store: None,
            cluster_advertise: None,
            runtimes: BTreeMap::from([("runc".to_owned(), runc)]),
            containerd_commit: commit(facts::CONTAINERD),
            runc_commit: commit(facts::RUNC),
            init_commit: commit(facts::INIT),
            server_version: facts::ENGINE.to_owned(),
            warnings: Vec::new(),
        })
    }
}
