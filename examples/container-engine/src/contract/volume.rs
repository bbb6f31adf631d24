//! The contract `engine-volumes`: what volumes there are, making and changing them, and taking away what is not used.

use versioned_runtime::versioned;

/// The volumes of one host, and of the cluster that it belongs to.
#[versioned(
    contract = "engine-volumes",
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
pub mod volumes {
    use std::collections::BTreeMap;

    use versioned_runtime::prelude::*;

    use crate::errors::EngineError;
    use crate::filters::{self, FiltersError};
    use crate::shapes::volumes::{ClusterVolume, ClusterVolumeSpec, VolumesPruned};

    /// The volume that is to be made.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct VolumeCreate {
        /// Its name; one is made up if nothing is said.
        pub name: Option<String>,
        /// What drives it; `local` if nothing is said.
        pub driver: Option<String>,
        /// What its driver is told besides.
        pub driver_opts: Option<BTreeMap<String, String>>,
        /// What it is labelled with.
        pub labels: Option<BTreeMap<String, String>>,
        /// What the cluster is to see to, where the volume is one of the cluster.
        #[version(since = v42)]
        pub cluster_volume_spec: Option<ClusterVolumeSpec>,
    }

    /// One volume.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct Volume {
        /// Its name.
        pub name: String,
        /// What drives it.
        pub driver: String,
        /// Where it is on the host.
        pub mountpoint: String,
        /// When it was made.
        pub created_at: String,
        /// What it is labelled with.
        pub labels: Option<BTreeMap<String, String>>,
        /// Where it is known: `local`, or `global`.
        pub scope: String,
        /// What its driver is told besides.
        pub options: Option<BTreeMap<String, String>>,
        /// What the cluster says of it, where it is one of the cluster.
        #[version(since = v42, lossy(reason = "earlier engines have no volumes of a cluster"))]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub cluster_volume: Option<ClusterVolume>,
    }

    /// The volumes that there are.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct VolumeList {
        /// The volumes.
        pub volumes: Vec<Volume>,
        /// What went wrong while they were listed.
        pub warnings: Vec<String>,
    }

    /// What is to be changed of a volume of the cluster.
    #[version(since = v42)]
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct VolumeUpdate {
        /// What the cluster is to see to from now on.
        pub spec: ClusterVolumeSpec,
    }

    /// Which volumes are taken away.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct PruneQuery {
        /// Names of filters and their values, as a JSON object in a text; only volumes without a name, unless `all` is in it.
        #[version(changed(v42, from = Option<String>, try_upgrade = prunes_all, try_downgrade = pruned_all))]
        #[version(lossy(reason = "texts that say the same filters in other words are written in one way"))]
        pub filters: Option<String>,
    }

    /// What clients ask of volumes.
    #[tags("Volume")]
    pub trait Volumes {
        /// Lists volumes.
        #[get("/volumes")]
        async fn list_volumes(&self, #[query] filters: Option<String>) -> Result<VolumeList, EngineError>;

        /// Makes a volume.
        #[post("/volumes/create", status = 201)]
        async fn create_volume(&self, volume: VolumeCreate) -> Result<Volume, EngineError>;

        /// Changes a volume of the cluster.
        #[version(since = v42)]
        #[put("/volumes/{name}")]
        async fn update_volume(
            &self,
            name: String,
            #[query] version: u64,
            update: VolumeUpdate,
        ) -> Result<(), EngineError>;

        /// Takes away the volumes that no container uses.
        #[post("/volumes/prune")]
        async fn prune_volumes(&self, #[query] which: PruneQuery) -> Result<VolumesPruned, EngineError>;
    }

    /// Before 42.0.0, volumes with a name were taken away, too.
    #[allow(clippy::needless_pass_by_value)] // the value of the member is given
    fn prunes_all(filters: Option<String>) -> Result<Option<String>, FiltersError> {
        filters::with(filters.as_deref(), "all", "true").map(Some)
    }

    /// Engines before 42.0.0 cannot leave volumes with a name alone.
    #[allow(clippy::needless_pass_by_value)] // the value of the member is given
    fn pruned_all(filters: Option<String>) -> Result<Option<String>, FiltersError> {
        filters::without_all(filters.as_deref())
    }
}
