//! What is mounted in containers: as 40.0.0 says it, and as the host keeps it.

use crate::containers::{v40, v52};

/// As the host keeps it.
pub(super) fn kept(mount: v40::Mount) -> v52::Mount {
    v52::Mount {
        target: mount.target,
        source: mount.source,
        kind: match mount.kind {
            v40::MountKind::Bind => v52::MountKind::Bind,
            v40::MountKind::Volume => v52::MountKind::Volume,
            v40::MountKind::Tmpfs => v52::MountKind::Tmpfs,
        },
        read_only: mount.read_only,
        bind_options: mount.bind_options.map(|options| v52::BindOptions {
            non_recursive: options.non_recursive,
            create_mountpoint: None,
            read_only_non_recursive: None,
            read_only_force_recursive: None,
        }),
        volume_options: mount.volume_options.map(|options| v52::VolumeOptions {
            no_copy: options.no_copy,
            subpath: None,
        }),
        tmpfs_options: mount.tmpfs_options.map(|options| v52::TmpfsOptions {
            size_bytes: options.size_bytes,
            options: None,
        }),
    }
}

/// As 40.0.0 says it; what it does not know, it shows as a volume.
pub(super) fn told(mount: v52::Mount) -> v40::Mount {
    v40::Mount {
        target: mount.target,
        source: mount.source,
        kind: match mount.kind {
            v52::MountKind::Bind => v40::MountKind::Bind,
            v52::MountKind::Volume | v52::MountKind::Image => v40::MountKind::Volume,
            v52::MountKind::Tmpfs => v40::MountKind::Tmpfs,
        },
        read_only: mount.read_only,
        bind_options: mount.bind_options.map(|options| v40::BindOptions {
            non_recursive: options.non_recursive,
        }),
        volume_options: mount.volume_options.map(|options| v40::VolumeOptions {
            no_copy: options.no_copy,
        }),
        tmpfs_options: mount.tmpfs_options.map(|options| v40::TmpfsOptions {
            size_bytes: options.size_bytes,
        }),
    }
}
