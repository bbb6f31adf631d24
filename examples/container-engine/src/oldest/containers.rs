//! Containers, as 40.0.0 tells of them.

use std::collections::BTreeMap;

use serde_json::json;
use versioned_runtime::Binary;

use super::{Oldest, mounts};
use crate::containers::v40::{
    ContainerConfig, ContainerInspect, ContainerSummary, Containers, CreateRequest, EndpointSettings,
    HealthConfig, HostConfig, HostConfigSummary, NetworkSettings, NetworkSummary, Started, Stopped,
};
use crate::containers::v52;
use crate::endpoints;
use crate::errors::EngineError;
use crate::filters;
use crate::logs::{self, Wanted};
use crate::machine::{Container, NewContainer};
use crate::shapes::containers::{
    ContainerCreated, DefaultNetwork, FormerNetworkFacts, WaitCondition, Waited,
};

impl Containers for Oldest {
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
        container: CreateRequest,
    ) -> Result<ContainerCreated, EngineError> {
        self.journal
            .note(|| json!({ "name": name, "container": container }));
        let (kernel_memory, kernel_memory_tcp) = container
            .host_config
            .as_ref()
            .map_or((None, None), |host| (host.kernel_memory, host.kernel_memory_tcp));
        let new = NewContainer {
            image: container.image,
            hostname: container.hostname,
            cmd: container.cmd,
            env: container.env.unwrap_or_default(),
            labels: container.labels.unwrap_or_default(),
            health: container.healthcheck.map(|health| v52::HealthConfig {
                test: health.test,
                interval: health.interval,
                retries: health.retries,
                start_interval: None,
            }),
            mac_address: container.mac_address,
            host: container
                .host_config
                .map_or_else(v52::HostConfig::default, kept_host),
            kernel_memory,
            kernel_memory_tcp,
            endpoints: container
                .networking_config
                .map_or_else(BTreeMap::new, |networking| {
                    let endpoints = networking.endpoints_config.into_iter();
                    endpoints
                        .map(|(name, endpoint)| (name, asked_endpoint(endpoint)))
                        .collect()
                }),
        };
        let id = self.machine.create_container(name, None, new)?;
        Ok(ContainerCreated {
            id,
            warnings: Vec::new(),
        })
    }

    async fn inspect_container(&self, id: String) -> Result<ContainerInspect, EngineError> {
        self.journal.note(|| json!({ "id": id }));
        let container = self.machine.container(&id)?;
        let short = endpoints::short_id(&container.id).to_owned();
        Ok(ContainerInspect {
            mounts: container.mount_points(),
            network_settings: networks(container.endpoints),
            host_config: HostConfig {
                kernel_memory: Some(container.asked.kernel_memory.unwrap_or_default()),
                kernel_memory_tcp: Some(container.asked.kernel_memory_tcp.unwrap_or_default()),
                ..told_host(container.asked.host)
            },
            config: ContainerConfig {
                hostname: container.asked.hostname.unwrap_or(short),
                image: container.asked.image,
                cmd: container.asked.cmd.unwrap_or_default(),
                env: container.asked.env,
                labels: container.asked.labels,
                healthcheck: container.asked.health.map(|health| HealthConfig {
                    test: health.test,
                    interval: health.interval,
                    retries: health.retries,
                }),
                on_build: None,
                mac_address: container.asked.mac_address,
            },
            id: container.id,
            created: container.created,
            name: format!("/{}", container.name),
            image: container.image_id,
            state: container.state,
        })
    }

    async fn start_container(&self, id: String) -> Result<Started, EngineError> {
        self.journal.note(|| json!({ "id": id }));
        let now = self.machine.start(&id)?;
        Ok(if now { Started::Now } else { Started::Before })
    }

    async fn stop_container(&self, id: String, t: Option<u32>) -> Result<Stopped, EngineError> {
        self.journal.note(|| json!({ "id": id, "t": t }));
        let now = self.machine.stop(&id, None)?;
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
        },
        network_settings: NetworkSummary {
            networks: networks(container.endpoints).networks,
        },
        id: container.id,
        image: container.asked.image,
        image_id: container.image_id,
        state: container.state.status,
    }
}

fn asked_endpoint(endpoint: EndpointSettings) -> v52::EndpointSettings {
    v52::EndpointSettings {
        aliases: endpoint.aliases,
        ..v52::EndpointSettings::default()
    }
}

fn networks(plugged: BTreeMap<String, v52::EndpointSettings>) -> NetworkSettings {
    let told = |endpoint: v52::EndpointSettings| EndpointSettings {
        network_id: endpoint.network_id,
        mac_address: endpoint.mac_address,
        endpoint_id: endpoint.endpoint_id,
        gateway: endpoint.gateway,
        ip_address: endpoint.ip_address,
        ip_prefix_len: endpoint.ip_prefix_len,
        aliases: endpoints::with_id(endpoint.aliases, endpoint.dns_names.as_deref()),
    };
    let networks: BTreeMap<String, EndpointSettings> = plugged
        .into_iter()
        .map(|(name, endpoint)| (name, told(endpoint)))
        .collect();
    let bridge = networks.get("bridge").cloned().unwrap_or_default();
    NetworkSettings {
        default_network: DefaultNetwork {
            endpoint_id: bridge.endpoint_id,
            gateway: bridge.gateway,
            ip_address: bridge.ip_address,
            ip_prefix_len: bridge.ip_prefix_len,
            mac_address: bridge.mac_address,
            ..DefaultNetwork::default()
        },
        bridge: String::new(),
        former: FormerNetworkFacts::default(),
        networks,
    }
}

fn kept_host(host: HostConfig) -> v52::HostConfig {
    v52::HostConfig {
        memory: host.memory,
        network_mode: host.network_mode,
        restart_policy: host.restart_policy,
        mounts: host
            .mounts
            .map(|mounts| mounts.into_iter().map(mounts::kept).collect()),
        ..v52::HostConfig::default()
    }
}

fn told_host(host: v52::HostConfig) -> HostConfig {
    HostConfig {
        memory: host.memory,
        network_mode: host.network_mode,
        restart_policy: host.restart_policy,
        mounts: host
            .mounts
            .map(|mounts| mounts.into_iter().map(mounts::told).collect()),
        ..HostConfig::default()
    }
}
