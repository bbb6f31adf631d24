//! Volumes: making, changing and listing them, and taking away those that nothing uses.

use std::collections::{BTreeMap, BTreeSet};

use super::{Container, Machine, label_matches};
use crate::errors::EngineError;
use crate::filters::{self, Filters};
use crate::shapes::volumes::{ClusterVolume, ClusterVolumeSpec, ObjectVersion, VolumesPruned};

/// A volume as it is stored.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// What drives it.
    pub driver: String,
    /// When it was made.
    pub created: String,
    /// What it is labelled with.
    pub labels: BTreeMap<String, String>,
    /// What its driver is told besides.
    pub options: BTreeMap<String, String>,
    /// Whether its name was made up.
    pub anonymous: bool,
    /// What the cluster says of it.
    pub cluster: Option<ClusterVolume>,
}

/// The volume that is to be made.
#[derive(Debug, Clone, Default)]
pub struct NewVolume {
    /// Its name.
    pub name: Option<String>,
    /// What drives it.
    pub driver: Option<String>,
    /// What it is labelled with.
    pub labels: BTreeMap<String, String>,
    /// What its driver is told besides.
    pub options: BTreeMap<String, String>,
    /// What the cluster is to see to.
    pub cluster: Option<ClusterVolumeSpec>,
}

impl Volume {
    /// Where it is on the host.
    #[must_use]
    pub fn mountpoint(&self) -> String {
        format!("/var/lib/docker/volumes/{}/_data", self.name)
    }

    /// Where it is known.
    #[must_use]
    pub fn scope(&self) -> &'static str {
        if self.cluster.is_some() { "global" } else { "local" }
    }

    fn passes(&self, filters: &Filters) -> bool {
        filters::passes(filters, "name", |name| self.name.contains(name))
            && filters::passes(filters, "driver", |driver| self.driver == driver)
            && filters::passes(filters, "label", |label| label_matches(&self.labels, label))
    }
}

impl Machine {
    /// The volumes that pass.
    #[must_use]
    pub fn volumes(&self, filters: &Filters) -> Vec<Volume> {
        self.state()
            .volumes
            .values()
            .filter(|volume| volume.passes(filters))
            .cloned()
            .collect()
    }

    /// Makes a volume; one that is there already is told as it is.
    pub fn create_volume(&self, new: NewVolume) -> Result<Volume, EngineError> {
        let created = self.now();
        let mut state = self.state();
        let given = new.name.filter(|name| !name.is_empty());
        let anonymous = given.is_none();
        let name = given.unwrap_or_else(|| state.new_id());
        let driver = new.driver.unwrap_or_else(|| "local".to_owned());
        if let Some(there) = state.volumes.get(&name) {
            if there.driver != driver {
                return Err(EngineError::conflict(&format!(
                    "the volume {name} is there already, of another driver"
                )));
            }
            return Ok(there.clone());
        }
        let cluster = new.cluster.map(|spec| ClusterVolume {
            id: state.new_id().chars().take(25).collect(),
            version: ObjectVersion { index: 1 },
            spec,
        });
        let volume = Volume {
            name: name.clone(),
            driver,
            created,
            labels: new.labels,
            options: new.options,
            anonymous,
            cluster,
        };
        state.volumes.insert(name, volume.clone());
        Ok(volume)
    }

    /// Changes what the cluster sees to, if nobody has changed it since the version that the client has read.
    pub fn update_volume(
        &self,
        name: &str,
        version: u64,
        spec: ClusterVolumeSpec,
    ) -> Result<(), EngineError> {
        let mut state = self.state();
        let cluster = state
            .volumes
            .get_mut(name)
            .and_then(|volume| volume.cluster.as_mut());
        let Some(cluster) = cluster else {
            return Err(EngineError::no_such("volume of the cluster", name));
        };
        if cluster.version.index != version {
            let index = cluster.version.index;
            return Err(EngineError::conflict(&format!(
                "the volume is at version {index} by now; read it again"
            )));
        }
        cluster.spec = spec;
        cluster.version.index += 1;
        Ok(())
    }

    /// Takes away the volumes that no container uses; those with a name only if `named`.
    #[must_use]
    pub fn prune_volumes(&self, filters: &Filters, named: bool) -> VolumesPruned {
        let mut state = self.state();
        let used: BTreeSet<String> = state.containers.values().flat_map(Container::volumes).collect();
        let gone: Vec<String> = state
            .volumes
            .values()
            .filter(|volume| {
                (named || volume.anonymous) && !used.contains(&volume.name) && volume.passes(filters)
            })
            .map(|volume| volume.name.clone())
            .collect();
        state.volumes.retain(|name, _| !gone.contains(name));
        VolumesPruned {
            volumes_deleted: gone,
            space_reclaimed: 0,
        }
    }
}
