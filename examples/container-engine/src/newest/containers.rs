//! Containers, as 52.0.0 tells of them.

use std::collections::BTreeMap;

use serde_json::json;
use versioned_runtime::Binary;

use super::Newest;
use crate::containers::v52::{
    ContainerConfig, ContainerInspect, ContainerSummary, Containers, CreateRequest, HostConfigSummary,
    NetworkSettings, NetworkSummary, Started, Stopped,
};
use crate::errors::EngineError;
use crate::filters;
use crate::logs::{self, Wanted};
use crate::machine::{Container, NewContainer};
use crate::shapes::containers::{ContainerCreated, WaitCondition, Waited};

impl Containers for Newest {
    async fn list_containers(
        &self,
        all: Option<bool>,
        limit: Option<usize>,
        filters: Option<String>,
    ) -> Result<Vec<ContainerSummary>, EngineError> {
        self.journal
            .note(|| json!({ "all": all, "limit": limit, "filters": filters }));
        let filters = filters::read(filters.as_deref()).map_err(|error| EngineError::bad(&error))?;
        let found = self.machine.containers(all.unwrap_or_default(), limit, &filters);
        Ok(found.into_iter().map(summary).collect())
    }

    async fn create_container(
        &self,
        name: Option<String>,
        platform: Option<String>,
        container: CreateRequest,
    ) -> Result<ContainerCreated, EngineError> {
        self.journal
            .note(|| json!({ "name": name, "platform": platform, "container": container }));
        let new = NewContainer {
            image: container.image,
            hostname: container.hostname,
            cmd: container.cmd,
            env: container.env.unwrap_or_default(),
            labels: container.labels.unwrap_or_default(),
            health: container.healthcheck,
            mac_address: None,
            host: container.host_config.unwrap_or_default(),
            kernel_memory: None,
            kernel_memory_tcp: None,
            endpoints: container
                .networking_config
                .map_or_else(BTreeMap::new, |networking| networking.endpoints_config),
        };
        let id = self.machine.create_container(name, platform.as_deref(), new)?;
        Ok(ContainerCreated {
            id,
            warnings: Vec::new(),
        })
    }

    async fn inspect_container(&self, id: String) -> Result<ContainerInspect, EngineError> {
        self.journal.note(|| json!({ "id": id }));
        let container = self.machine.container(&id)?;
        Ok(ContainerInspect {
            mounts: container.mount_points(),
            network_settings: NetworkSettings {
                networks: container.endpoints,
            },
            config: ContainerConfig {
                hostname: container
                    .asked
                    .hostname
                    .unwrap_or_else(|| crate::endpoints::short_id(&container.id).to_owned()),
                image: container.asked.image,
                cmd: container.asked.cmd.unwrap_or_default(),
                env: container.asked.env,
                labels: container.asked.labels,
                healthcheck: container.asked.health,
            },
            id: container.id,
            created: container.created,
            name: format!("/{}", container.name),
            image: container.image_id,
            state: container.state,
            host_config: container.asked.host,
            image_manifest_descriptor: Some(container.descriptor),
        })
    }

    async fn start_container(&self, id: String) -> Result<Started, EngineError> {
        self.journal.note(|| json!({ "id": id }));
        let now = self.machine.start(&id)?;
        Ok(if now { Started::Now } else { Started::Before })
    }

    async fn stop_container(
        &self,
        id: String,
        t: Option<u32>,
        signal: Option<String>,
    ) -> Result<Stopped, EngineError> {
        self.journal
            .note(|| json!({ "id": id, "t": t, "signal": signal }));
        // Nothing here takes time to stop, so nothing is waited for.
        let now = self.machine.stop(&id, signal.as_deref())?;
        Ok(if now { Stopped::Now } else { Stopped::Before })
    }

    async fn wait_container(
        &self,
        id: String,
        condition: Option<WaitCondition>,
    ) -> Result<Waited, EngineError> {
        self.journal.note(|| json!({ "id": id, "condition": condition }));
        self.machine
            .wait(&id, condition.unwrap_or(WaitCondition::NotRunning))
            .await
    }

    async fn container_logs(
        &self,
        id: String,
        stdout: Option<bool>,
        stderr: Option<bool>,
        tail: Option<String>,
    ) -> Result<Binary, EngineError> {
        self.journal
            .note(|| json!({ "id": id, "stdout": stdout, "stderr": stderr, "tail": tail }));
        let wanted = Wanted {
            stdout: stdout.unwrap_or_default(),
            stderr: stderr.unwrap_or_default(),
            tail,
        };
        logs::frames(&self.machine.container(&id)?, &wanted)
    }

    async fn remove_container(
        &self,
        id: String,
        v: Option<bool>,
        force: Option<bool>,
    ) -> Result<(), EngineError> {
        self.journal.note(|| json!({ "id": id, "v": v, "force": force }));
        self.machine
            .remove_container(&id, v.unwrap_or_default(), force.unwrap_or_default())
    }
}

fn summary(container: Container) -> ContainerSummary {
    ContainerSummary {
        names: vec![format!("/{}", container.name)],
        mounts: container.mount_points(),
        host_config: HostConfigSummary {
            network_mode: container.network_mode(),
            annotations: container.asked.host.annotations,
        },
        network_settings: NetworkSummary {
            networks: container.endpoints,
        },
        id: container.id,
        image: container.asked.image,
        image_id: container.image_id,
        state: container.state.status,
        image_manifest_descriptor: Some(container.descriptor),
    }
}
