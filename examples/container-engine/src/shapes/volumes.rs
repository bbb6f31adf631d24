//! Shapes of volumes that have no history of their own.

use versioned_runtime::prelude::*;

/// What the cluster is to see to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct ClusterVolumeSpec {
    /// The group of volumes that can stand for each other.
    pub group: Option<String>,
    /// How it is used.
    pub access_mode: Option<AccessMode>,
}

/// How a volume of a cluster is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct AccessMode {
    /// `single`, or `multi` for several hosts at once.
    pub scope: String,
    /// `none`, `readonly`, `onewriter` or `all`.
    pub sharing: String,
    /// `active`, `pause` or `drain`.
    pub availability: Option<String>,
}

/// What the cluster says of a volume.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct ClusterVolume {
    /// Its id in the cluster.
    #[serde(rename = "ID")]
    pub id: String,
    /// Which state of it this is; send it when changing it.
    pub version: ObjectVersion,
    /// What the cluster sees to.
    pub spec: ClusterVolumeSpec,
}

/// Which state of an object of the cluster this is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct ObjectVersion {
    /// Grows with each change.
    pub index: u64,
}

/// What was taken away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct VolumesPruned {
    /// The names of the volumes.
    pub volumes_deleted: Vec<String>,
    /// What is free again, in bytes.
    pub space_reclaimed: i64,
}
