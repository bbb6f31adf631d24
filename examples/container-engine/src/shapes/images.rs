//! Shapes of images that have no history of their own.

use std::collections::BTreeMap;

use versioned_runtime::prelude::*;

/// What an image's name points at: the descriptor of the Open Container Initiative.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// What kind of content it is.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
    /// Its size, in bytes.
    pub size: i64,
}

/// One manifest of an image for several platforms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct ManifestSummary {
    /// Its digest.
    #[serde(rename = "ID")]
    pub id: String,
    /// What points at it.
    pub descriptor: Descriptor,
    /// Whether all of it is on this host.
    pub available: bool,
    /// `image`, `attestation` or `unknown`.
    pub kind: String,
}

/// What went with an image that was taken away: a name, or what was stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct DeletedImage {
    /// The name that is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untagged: Option<String>,
    /// The digest of what is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<String>,
}

/// How the container was set up that an image was made from; empty where it was not made from one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
pub struct FormerConfig {
    /// The name of the host.
    pub hostname: String,
    /// The command.
    pub cmd: Option<Vec<String>>,
    /// The image that it was made from.
    pub image: String,
}

/// What an image never says, although engines before 50.0.0 write it: it is of containers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_excessive_bools)] // the members are documented as booleans
pub struct ConfigOfContainers {
    /// The name of the host.
    pub hostname: String,
    /// The domain of the host.
    pub domainname: String,
    /// Whether standard input is attached.
    pub attach_stdin: bool,
    /// Whether standard output is attached.
    pub attach_stdout: bool,
    /// Whether standard error is attached.
    pub attach_stderr: bool,
    /// Whether there is a terminal.
    pub tty: bool,
    /// Whether standard input stays open.
    pub open_stdin: bool,
    /// Whether standard input closes after the first client.
    pub stdin_once: bool,
    /// The image.
    pub image: String,
    /// Whether there is no network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_disabled: Option<bool>,
    /// The address of the network device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac_address: Option<String>,
    /// How long stopping may take, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_timeout: Option<i64>,
}

/// Declares members twice: always written, and written only where they are set; and the way between the two.
macro_rules! written_if_any {
    (
        $(#[$always:meta])* $always_name:ident,
        $(#[$any:meta])* $any_name:ident { $($(#[$field_meta:meta])* $field:ident: $inner:ty,)* }
    ) => {
        $(#[$always])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
        #[serde(rename_all = "PascalCase")]
        pub struct $always_name { $($(#[$field_meta])* pub $field: $inner,)* }

        $(#[$any])*
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, Schema)]
        #[serde(rename_all = "PascalCase")]
        pub struct $any_name {
            $($(#[$field_meta])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$inner>,)*
        }

        impl $always_name {
            /// The members that are set.
            #[must_use]
            pub fn if_any(self) -> $any_name {
                $any_name { $($field: Some(self.$field).filter(|value| !value.is_empty()),)* }
            }
        }

        impl $any_name {
            /// All members; those that are not set are empty.
            #[must_use]
            pub fn or_empty(self) -> $always_name {
                $always_name { $($field: self.$field.unwrap_or_default(),)* }
            }
        }
    };
}

written_if_any! {
    /// What only the former builder notes in an image.
    BuilderNotes,
    /// What only the former builder notes in an image, where it does.
    BuilderNotesIfAny {
        /// The image that it was made from on this host.
        parent: String,
        /// The version of the engine that made it.
        docker_version: String,
    }
}

written_if_any! {
    /// What was noted when an image was made.
    Notes,
    /// What was noted when an image was made, where something was.
    NotesIfAny {
        /// A remark.
        comment: String,
        /// Who made it.
        author: String,
    }
}

written_if_any! {
    /// What an image says of its containers.
    Defaults,
    /// What an image says of its containers, where it does.
    DefaultsIfAny {
        /// Who runs the command.
        user: String,
        /// The environment, each `NAME=value`.
        env: Vec<String>,
        /// The command.
        cmd: Vec<String>,
        /// What the command is given to.
        entrypoint: Vec<String>,
        /// Directories that are volumes.
        volumes: BTreeMap<String, BTreeMap<String, String>>,
        /// Where the command runs.
        working_dir: String,
        /// What it is labelled with.
        labels: BTreeMap<String, String>,
        /// What is done when something is made from it.
        on_build: Vec<String>,
    }
}
