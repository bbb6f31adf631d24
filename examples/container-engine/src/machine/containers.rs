//! Containers: making, starting, stopping them, and waiting for them.

use std::collections::BTreeMap;

use super::{Machine, NEVER, State, find, label_matches};
use crate::containers::v52::{EndpointSettings, HealthConfig, HostConfig, Mount, MountKind};
use crate::endpoints;
use crate::errors::EngineError;
use crate::filters::{self, Filters};
use crate::shapes::containers::{ContainerState, MountPoint, WaitCondition, Waited};
use crate::shapes::images::Descriptor;

/// A container as it is stored.
#[derive(Debug, Clone)]
pub struct Container {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: String,
    /// The digest of its image.
    pub image_id: String,
    /// What the name of its image points at.
    pub descriptor: Descriptor,
    /// How it was asked for.
    pub asked: NewContainer,
    /// Where it is plugged in, by the name of the network.
    pub endpoints: BTreeMap<String, EndpointSettings>,
    /// How it is.
    pub state: ContainerState,
    /// What it wrote: whether on standard error, and a line.
    pub log: Vec<(bool, String)>,
}

/// The container that is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewContainer {
    /// Its image.
    pub image: String,
    /// The name of its host.
    pub hostname: Option<String>,
    /// The command.
    pub cmd: Option<Vec<String>>,
    /// The environment.
    pub env: Vec<String>,
    /// What it is labelled with.
    pub labels: BTreeMap<String, String>,
    /// How it is found out whether it is well.
    pub health: Option<HealthConfig>,
    /// The address of its device, where it does not stand at a network.
    pub mac_address: Option<String>,
    /// What it may use of its host.
    pub host: HostConfig,
    /// The most memory of the kernel: only engines before 42.0.0 read it.
    pub kernel_memory: Option<i64>,
    /// The most memory of the kernel for TCP: only engines before 52.0.0 read it.
    pub kernel_memory_tcp: Option<i64>,
    /// Where it is plugged in.
    pub endpoints: BTreeMap<String, EndpointSettings>,
}

impl Container {
    /// Its network.
    #[must_use]
    pub fn network_mode(&self) -> String {
        endpoints::main(self.asked.host.network_mode.as_deref(), self.endpoints.keys())
    }

    /// What is mounted in it.
    #[must_use]
    pub fn mount_points(&self) -> Vec<MountPoint> {
        let point = |mount: &Mount| MountPoint {
            kind: kind(mount.kind).to_owned(),
            source: mount.source.clone().unwrap_or_default(),
            destination: mount.target.clone(),
            writable: !mount.read_only.unwrap_or(mount.kind == MountKind::Image),
        };
        self.asked.host.mounts.iter().flatten().map(point).collect()
    }

    /// The names of its volumes.
    pub(super) fn volumes(&self) -> impl Iterator<Item = String> {
        let mounts = self.asked.host.mounts.iter().flatten();
        mounts
            .filter(|mount| mount.kind == MountKind::Volume)
            .filter_map(|mount| mount.source.clone())
    }

    fn passes(&self, filters: &Filters) -> bool {
        filters::passes(filters, "name", |name| {
            self.name.contains(name.trim_start_matches('/'))
        }) && filters::passes(filters, "status", |status| self.state.status == status)
            && filters::passes(filters, "label", |label| label_matches(&self.asked.labels, label))
    }
}

/// The word for a kind of mount.
fn kind(kind: MountKind) -> &'static str {
    match kind {
        MountKind::Bind => "bind",
        MountKind::Volume => "volume",
        MountKind::Tmpfs => "tmpfs",
        MountKind::Image => "image",
    }
}

impl Machine {
    /// The containers that pass, newest first; only those that run, unless `all`.
    #[must_use]
    pub fn containers(&self, all: bool, limit: Option<usize>, filters: &Filters) -> Vec<Container> {
        let state = self.state();
        let passes = |container: &&Container| (all || container.state.running) && container.passes(filters);
        let mut found: Vec<Container> = state.containers.values().filter(passes).cloned().collect();
        found.sort_by(|one, other| {
            other
                .created
                .cmp(&one.created)
                .then_with(|| one.name.cmp(&other.name))
        });
        found.truncate(limit.unwrap_or(usize::MAX));
        found
    }

    /// One container.
    pub fn container(&self, asked: &str) -> Result<Container, EngineError> {
        self.state().container(asked).cloned()
    }

    /// Makes a container; the id of it.
    pub fn create_container(
        &self,
        name: Option<String>,
        platform: Option<&str>,
        new: NewContainer,
    ) -> Result<String, EngineError> {
        let image = self.image(super::ImageChoice {
            name: &new.image,
            platform: None,
        })?;
        let ours = format!("linux/{}", image.architecture);
        if platform.is_some_and(|platform| platform != "linux" && platform != ours) {
            return Err(EngineError::no_such("image of this platform", &new.image));
        }
        let created = self.now();
        let mut state = self.state();
        let id = state.new_id();
        let name = name.unwrap_or_else(|| format!("container-{}", endpoints::short_id(&id)));
        if let Some(there) = state.containers.values().find(|container| container.name == name) {
            let id = endpoints::short_id(&there.id).to_owned();
            return Err(EngineError::conflict(&format!(
                "the name {name} is taken by the container {id}"
            )));
        }
        let mut plugged = new.endpoints.clone();
        if plugged.is_empty() {
            plugged.insert(
                endpoints::main(new.host.network_mode.as_deref(), [].iter()),
                EndpointSettings::default(),
            );
        }
        for (network, endpoint) in &mut plugged {
            endpoint.network_id.clone_from(&state.network(network)?.id);
            let mut names = vec![name.clone(), endpoints::short_id(&id).to_owned()];
            names.extend(endpoint.aliases.clone().unwrap_or_default());
            endpoint.dns_names = Some(names);
        }
        let container = Container {
            id: id.clone(),
            name,
            created,
            image_id: image.id,
            descriptor: image.descriptor,
            endpoints: plugged,
            state: ContainerState {
                status: "created".to_owned(),
                running: false,
                exit_code: 0,
                started_at: NEVER.to_owned(),
                finished_at: NEVER.to_owned(),
            },
            log: Vec::new(),
            asked: new,
        };
        state.containers.insert(id.clone(), container);
        Ok(id)
    }

    /// Starts a container; whether it did not run yet.
    pub fn start(&self, asked: &str) -> Result<bool, EngineError> {
        let now = self.now();
        let mut state = self.state();
        let id = state.container(asked)?.id.clone();
        let mut plugged = state.containers[&id].endpoints.clone();
        for (name, endpoint) in &mut plugged {
            let network = state.network(name)?.clone();
            let in_it = state
                .containers
                .values()
                .filter(|container| container.state.running && container.endpoints.contains_key(name));
            let place = u32::try_from(in_it.count()).unwrap_or(u32::MAX).saturating_add(2);
            endpoint.endpoint_id = state.new_id();
            endpoint.gateway = network.gateway().unwrap_or_default();
            if let Some((address, length)) = network.address(place) {
                let [a, b, c, d] = address.octets();
                endpoint.ip_address = address.to_string();
                endpoint.ip_prefix_len = length.into();
                if endpoint.mac_address.is_empty() {
                    endpoint.mac_address = format!("02:42:{a:02x}:{b:02x}:{c:02x}:{d:02x}");
                }
            }
        }
        let Some(container) = state
            .containers
            .get_mut(&id)
            .filter(|container| !container.state.running)
        else {
            return Ok(false);
        };
        container.endpoints = plugged;
        "running".clone_into(&mut container.state.status);
        container.state.running = true;
        container.state.started_at = now;
        container.log.push((false, "started\n".to_owned()));
        Ok(true)
    }

    /// Stops a container by a signal; whether it ran.
    pub fn stop(&self, asked: &str, signal: Option<&str>) -> Result<bool, EngineError> {
        let code = match signal {
            None | Some("SIGTERM" | "TERM" | "15") => 143,
            Some("SIGKILL" | "KILL" | "9") => 137,
            Some("SIGINT" | "INT" | "2") => 130,
            Some(other) => {
                return Err(EngineError::bad(&format!(
                    "{other} is no signal that containers get"
                )));
            }
        };
        let now = self.now();
        let mut state = self.state();
        let id = state.container(asked)?.id.clone();
        let Some(container) = state
            .containers
            .get_mut(&id)
            .filter(|container| container.state.running)
        else {
            return Ok(false);
        };
        "exited".clone_into(&mut container.state.status);
        container.state.running = false;
        container.state.exit_code = code;
        container.state.finished_at = now;
        container.log.push((true, "stopped\n".to_owned()));
        drop(state);
        self.changed.notify_waiters();
        Ok(true)
    }

    /// Waits until the condition is met.
    pub async fn wait(&self, asked: &str, condition: WaitCondition) -> Result<Waited, EngineError> {
        let mut last = self.container(asked)?;
        let begun = last.state.finished_at.clone();
        loop {
            // Made before looking, so that nothing between looking and waiting is missed.
            let changed = self.changed.notified();
            let met = match self.state().containers.get(&last.id) {
                None => true,
                Some(container) => {
                    last = container.clone();
                    match condition {
                        WaitCondition::NotRunning => !last.state.running,
                        WaitCondition::NextExit => !last.state.running && last.state.finished_at != begun,
                        WaitCondition::Removed => false,
                    }
                }
            };
            if met {
                return Ok(Waited {
                    status_code: last.state.exit_code,
                    error: None,
                });
            }
            changed.await;
        }
    }

    /// Takes a container away, and its volumes without a name if `volumes`; one that runs only if `force`.
    pub fn remove_container(&self, asked: &str, volumes: bool, force: bool) -> Result<(), EngineError> {
        let mut state = self.state();
        let container = state.container(asked)?;
        if container.state.running && !force {
            return Err(EngineError::conflict(&format!(
                "the container {} runs; stop it first, or force",
                container.name
            )));
        }
        let id = container.id.clone();
        let own: Vec<String> = container.volumes().collect();
        state.containers.remove(&id);
        if volumes {
            state
                .volumes
                .retain(|name, volume| !(volume.anonymous && own.contains(name)));
        }
        drop(state);
        self.changed.notify_waiters();
        Ok(())
    }
}

impl State {
    fn container(&self, asked: &str) -> Result<&Container, EngineError> {
        let name = asked.trim_start_matches('/');
        let id = find(&self.containers, "container", asked, |container| {
            container.name == name
        })?;
        Ok(&self.containers[id])
    }
}
