//! What a host holds at its start.

use std::collections::BTreeMap;

use super::{Image, Network, State, Volume};
use crate::shapes::images::{BuilderNotesIfAny, DefaultsIfAny, Descriptor, ManifestSummary, NotesIfAny};
use crate::shapes::networks::{AddressRange, Ipam};

pub(super) fn fill(state: &mut State) {
    for image in [web(), untagged()] {
        state.images.insert(image.id.clone(), image);
    }
    let id = state.new_id();
    state.networks.insert(id.clone(), bridge(id));
    let volume = Volume {
        name: "data".to_owned(),
        driver: "local".to_owned(),
        created: "2024-05-01T08:00:00Z".to_owned(),
        labels: BTreeMap::new(),
        options: BTreeMap::new(),
        anonymous: false,
        cluster: None,
    };
    state.volumes.insert(volume.name.clone(), volume);
}

fn web() -> Image {
    let descriptor = descriptor("application/vnd.oci.image.index.v1+json", "5f", 1609);
    let manifest = ManifestSummary {
        id: digest("8a"),
        descriptor: self::descriptor("application/vnd.oci.image.manifest.v1+json", "8a", 2372),
        available: true,
        kind: "image".to_owned(),
    };
    Image {
        id: digest("5f"),
        tags: vec!["web:1".to_owned(), "web:latest".to_owned()],
        digests: vec![format!("web@{}", digest("5f"))],
        created: Some((1_714_550_400, "2024-05-01T08:00:00Z".to_owned())),
        size: 41_943_040,
        shared: 7_340_032,
        defaults: DefaultsIfAny {
            env: Some(vec!["PATH=/usr/bin:/bin".to_owned()]),
            cmd: Some(vec!["serve".to_owned()]),
            working_dir: Some("/srv".to_owned()),
            labels: Some(BTreeMap::from([("team".to_owned(), "shop".to_owned())])),
            ..DefaultsIfAny::default()
        },
        notes: NotesIfAny {
            comment: Some("buildkit.dockerfile.v0".to_owned()),
            author: None,
        },
        builder: BuilderNotesIfAny::default(),
        architecture: "amd64".to_owned(),
        descriptor,
        manifests: vec![manifest],
    }
}

/// An image of the former builder whose name went to another one, and of which nobody knows when it was made.
fn untagged() -> Image {
    Image {
        id: digest("c3"),
        tags: Vec::new(),
        digests: Vec::new(),
        created: None,
        size: 1_048_576,
        shared: 0,
        defaults: DefaultsIfAny {
            user: Some("nobody".to_owned()),
            on_build: Some(vec!["COPY . /srv".to_owned()]),
            ..DefaultsIfAny::default()
        },
        notes: NotesIfAny {
            comment: None,
            author: Some("ops@example.org".to_owned()),
        },
        builder: BuilderNotesIfAny {
            parent: Some(digest("77")),
            docker_version: Some("18.09.1".to_owned()),
        },
        architecture: "amd64".to_owned(),
        descriptor: descriptor("application/vnd.oci.image.manifest.v1+json", "c3", 528),
        manifests: Vec::new(),
    }
}

fn bridge(id: String) -> Network {
    Network {
        id,
        name: "bridge".to_owned(),
        created: "2024-05-01T08:00:00Z".to_owned(),
        driver: "bridge".to_owned(),
        internal: false,
        ipv4: true,
        ipv6: false,
        ipam: Ipam {
            driver: Some("default".to_owned()),
            config: Some(vec![AddressRange {
                subnet: Some("172.17.0.0/16".to_owned()),
                ip_range: None,
                gateway: Some("172.17.0.1".to_owned()),
            }]),
            options: None,
        },
        options: BTreeMap::new(),
        labels: BTreeMap::new(),
    }
}

fn descriptor(media_type: &str, byte: &str, size: i64) -> Descriptor {
    Descriptor {
        media_type: media_type.to_owned(),
        digest: digest(byte),
        size,
    }
}

fn digest(byte: &str) -> String {
    format!("sha256:{}", byte.repeat(32))
}
