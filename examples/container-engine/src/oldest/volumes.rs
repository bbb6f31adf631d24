//! Volumes, as 40.0.0 tells of them.

use serde_json::json;

use super::Oldest;
use crate::errors::EngineError;
use crate::filters;
use crate::machine::{self, NewVolume};
use crate::shapes::volumes::VolumesPruned;
use crate::volumes::v40::{PruneQuery, Volume, VolumeCreate, VolumeList, Volumes};

impl Volumes for Oldest {
    async fn list_volumes(&self, filters: Option<String>) -> Result<VolumeList, EngineError> {
        self.journal.note(|| json!({ "filters": filters }));
        let filters = filters::read(filters.as_deref()).map_err(|error| EngineError::bad(&error))?;
        Ok(VolumeList {
            volumes: self.machine.volumes(&filters).into_iter().map(told).collect(),
            warnings: Vec::new(),
        })
    }

    async fn create_volume(&self, volume: VolumeCreate) -> Result<Volume, EngineError> {
        self.journal.note(|| json!({ "volume": volume }));
        let made = self.machine.create_volume(NewVolume {
            name: volume.name,
            driver: volume.driver,
            labels: volume.labels.unwrap_or_default(),
            options: volume.driver_opts.unwrap_or_default(),
            cluster: None,
        })?;
        Ok(told(made))
    }

    async fn prune_volumes(&self, which: PruneQuery) -> Result<VolumesPruned, EngineError> {
        self.journal.note(|| json!({ "which": which }));
        let filters = filters::read(which.filters.as_deref()).map_err(|error| EngineError::bad(&error))?;
        Ok(self.machine.prune_volumes(&filters, true))
    }
}

fn told(volume: machine::Volume) -> Volume {
    Volume {
        mountpoint: volume.mountpoint(),
        scope: volume.scope().to_owned(),
        name: volume.name,
        driver: volume.driver,
        created_at: volume.created,
        labels: Some(volume.labels),
        options: Some(volume.options),
    }
}
