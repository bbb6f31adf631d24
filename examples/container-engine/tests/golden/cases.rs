//! What clients of each version send.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// One request.
#[derive(Debug)]
pub(crate) struct Case {
    /// The name of the file.
    pub(crate) name: String,
    /// The operation that it is for.
    pub(crate) operation: String,
    pub(crate) method: &'static str,
    /// The path and the query.
    pub(crate) target: String,
    pub(crate) body: Option<Value>,
}

impl Case {
    /// As it stands in the file.
    pub(crate) fn told(&self) -> Value {
        let line = format!("{} {}", self.method, self.target);
        match &self.body {
            Some(body) => json!({ "line": line, "body": body }),
            None => json!({ "line": line }),
        }
    }
}

/// All requests of one version.
pub(crate) fn of(version: u64) -> Vec<Case> {
    let mut cases = Cases {
        version,
        cases: Vec::new(),
    };
    cases.containers();
    cases.images();
    cases.networks();
    cases.volumes();
    cases.engine();
    cases.cases
}

struct Cases {
    version: u64,
    cases: Vec<Case>,
}

impl Cases {
    /// A case: `operation` or `operation.what`, and the parts of the query that the version has, each from that version on.
    fn add(
        &mut self,
        name: &str,
        method: &'static str,
        path: &str,
        query: &[(u64, &str, &str)],
    ) -> &mut Case {
        let pairs: Vec<String> = query
            .iter()
            .filter(|(since, ..)| *since <= self.version)
            .map(|(_, key, value)| format!("{key}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
            .collect();
        let target = if pairs.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", pairs.join("&"))
        };
        self.cases.push(Case {
            name: name.to_owned(),
            operation: name.split('.').next().unwrap_or(name).to_owned(),
            method,
            target,
            body: None,
        });
        self.cases.last_mut().expect("it was pushed")
    }

    fn containers(&mut self) {
        let version = self.version;
        self.add(
            "list_containers",
            "GET",
            "/containers/json",
            &[(40, "all", "true")],
        );
        let filters = r#"{"label":["team=shop"]}"#;
        self.add(
            "list_containers.labelled",
            "GET",
            "/containers/json",
            &[(40, "filters", filters)],
        );
        let query = [(40, "name", "worker"), (41, "platform", "linux/amd64")];
        self.add("create_container", "POST", "/containers/create", &query)
            .body = Some(container(version));
        let two = json!({ "Image": "web", "NetworkingConfig": { "EndpointsConfig": { "bridge": {}, "front": {} } } });
        self.add("create_container.two_networks", "POST", "/containers/create", &[])
            .body = Some(two);
        self.add("create_container.plain", "POST", "/containers/create", &[])
            .body = Some(json!({ "Image": "web" }));
        self.add("inspect_container", "GET", "/containers/shop/json", &[]);
        self.add("inspect_container.missing", "GET", "/containers/nobody/json", &[]);
        self.add("start_container", "POST", "/containers/idle/start", &[]);
        self.add("start_container.running", "POST", "/containers/shop/start", &[]);
        let query = [(40, "t", "5"), (42, "signal", "SIGINT")];
        self.add("stop_container", "POST", "/containers/shop/stop", &query);
        self.add("stop_container.plain", "POST", "/containers/shop/stop", &[]);
        self.add("stop_container.stopped", "POST", "/containers/idle/stop", &[]);
        self.add(
            "wait_container",
            "POST",
            "/containers/idle/wait",
            &[(40, "condition", "not-running")],
        );
        self.add(
            "wait_container.odd",
            "POST",
            "/containers/idle/wait",
            &[(40, "condition", "bored")],
        );
        let query = [(40, "stdout", "true"), (40, "tail", "all")];
        self.add("container_logs", "GET", "/containers/shop/logs", &query);
        self.add(
            "remove_container",
            "DELETE",
            "/containers/idle",
            &[(40, "v", "true")],
        );
        self.add("remove_container.running", "DELETE", "/containers/shop", &[]);
    }

    fn images(&mut self) {
        let filters = r#"{"reference":["web"]}"#;
        if self.version < 41 {
            let query = [(40, "filter", "web"), (40, "filters", r#"{"label":["team"]}"#)];
            self.add("list_images", "GET", "/images/json", &query);
        } else {
            let query = [
                (41, "filters", filters),
                (42, "shared-size", "true"),
                (47, "manifests", "true"),
            ];
            self.add("list_images", "GET", "/images/json", &query);
        }
        self.add("list_images.all", "GET", "/images/json", &[(40, "all", "true")]);
        if self.version < 41 {
            let query = [(40, "filter", "web"), (40, "filters", "web")];
            self.add("list_images.odd", "GET", "/images/json", &query);
        }
        self.add(
            "inspect_image",
            "GET",
            "/images/web/json",
            &[(48, "manifests", "true")],
        );
        let platform = r#"{"os":"linux","architecture":"amd64"}"#;
        let former = "/images/c3c3c3/json";
        self.add(
            "inspect_image.former",
            "GET",
            former,
            &[(49, "platform", platform)],
        );
        let query = [(40, "force", "true"), (50, "platforms", platform)];
        self.add("remove_image", "DELETE", "/images/c3c3c3", &query);
        self.add("remove_image.used", "DELETE", "/images/web", &[]);
    }

    fn networks(&mut self) {
        let mut network = json!({
            "Name": "front",
            "Driver": "bridge",
            "CheckDuplicate": true,
            "EnableIPv6": false,
            "IPAM": { "Config": [{ "Subnet": "172.28.0.0/16", "Gateway": "172.28.0.1" }] },
            "Labels": { "team": "shop" },
        });
        if self.version >= 48 {
            network["EnableIPv4"] = json!(true);
        }
        self.add("create_network", "POST", "/networks/create", &[]).body = Some(network);
        let odd = json!({ "Name": "odd", "IPAM": { "Config": [{ "Subnet": "172.28.0.1/16" }] } });
        self.add("create_network.odd_range", "POST", "/networks/create", &[])
            .body = Some(odd);
        let taken = json!({ "Name": "bridge", "CheckDuplicate": false });
        self.add("create_network.taken", "POST", "/networks/create", &[])
            .body = Some(taken);
        self.add(
            "inspect_network",
            "GET",
            "/networks/bridge",
            &[(40, "scope", "local")],
        );
    }

    fn volumes(&mut self) {
        self.add("list_volumes", "GET", "/volumes", &[]);
        let mut volume = json!({ "Name": "cache", "Labels": { "team": "shop" } });
        self.add("create_volume.plain", "POST", "/volumes/create", &[])
            .body = Some(volume.clone());
        let spec = json!({ "Group": "fast", "AccessMode": { "Scope": "multi", "Sharing": "all" } });
        if self.version >= 42 {
            volume["ClusterVolumeSpec"] = spec.clone();
            self.add("create_volume", "POST", "/volumes/create", &[]).body = Some(volume);
            let update = json!({ "Spec": spec });
            let query = [(42, "version", "1")];
            self.add("update_volume", "PUT", "/volumes/shared", &query).body = Some(update.clone());
            let query = [(42, "version", "7")];
            self.add("update_volume.stale", "PUT", "/volumes/shared", &query)
                .body = Some(update);
        }
        self.add("prune_volumes", "POST", "/volumes/prune", &[]);
        let query = [(40, "filters", r#"{"all":["true"]}"#)];
        if self.version >= 42 {
            self.add("prune_volumes.all", "POST", "/volumes/prune", &query);
        }
    }

    fn engine(&mut self) {
        self.add("ping", "GET", "/_ping", &[]);
        self.add("version", "GET", "/version", &[]);
        self.add("info", "GET", "/info", &[]);
    }
}

/// A container that says all that its version can say.
fn container(version: u64) -> Value {
    let mut container = json!({
        "Image": "web:1",
        "Cmd": ["work"],
        "Env": ["STAGE=live"],
        "Labels": { "team": "shop" },
        "Healthcheck": { "Test": ["CMD", "true"], "Interval": 30_000_000_000_i64, "Retries": 3 },
        "HostConfig": {
            "Memory": 536_870_912,
            "NetworkMode": "bridge",
            "RestartPolicy": { "Name": "on-failure", "MaximumRetryCount": 3 },
            "Mounts": [
                { "Type": "bind", "Source": "/srv", "Target": "/srv", "BindOptions": { "NonRecursive": true } },
                { "Type": "volume", "Source": "data", "Target": "/data", "VolumeOptions": { "NoCopy": true } },
                { "Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": { "SizeBytes": 65_536 } },
                { "Type": "bind", "Source": "/etc", "Target": "/etc/host" },
            ],
        },
        "NetworkingConfig": { "EndpointsConfig": { "bridge": { "Aliases": ["job"] } } },
    });
    let address = "02:42:ac:11:00:77";
    for (since, until, place, name, value) in [
        (40, 52, "", "MacAddress", json!(address)),
        (
            52,
            99,
            "/NetworkingConfig/EndpointsConfig/bridge",
            "MacAddress",
            json!(address),
        ),
        (40, 42, "/HostConfig", "KernelMemory", json!(33_554_432)),
        (40, 52, "/HostConfig", "KernelMemoryTCP", json!(16_777_216)),
        (41, 99, "/HostConfig", "CgroupnsMode", json!("private")),
        (42, 99, "/HostConfig", "ConsoleSize", json!([24, 80])),
        (
            42,
            99,
            "/HostConfig/Mounts/0/BindOptions",
            "CreateMountpoint",
            json!(true),
        ),
        (
            43,
            99,
            "/HostConfig",
            "Annotations",
            json!({ "org.example.tier": "back" }),
        ),
        (
            44,
            99,
            "/HostConfig/Mounts/0/BindOptions",
            "ReadOnlyNonRecursive",
            json!(true),
        ),
        (
            44,
            99,
            "/HostConfig/Mounts/0/BindOptions",
            "ReadOnlyForceRecursive",
            json!(false),
        ),
        (44, 99, "/Healthcheck", "StartInterval", json!(1_000_000_000)),
        (
            45,
            99,
            "/HostConfig/Mounts/1/VolumeOptions",
            "Subpath",
            json!("worker"),
        ),
        (
            46,
            99,
            "/HostConfig/Mounts/2/TmpfsOptions",
            "Options",
            json!([["noexec"]]),
        ),
        (48, 99, "/HostConfig/Mounts/3", "Type", json!("image")),
        (
            48,
            99,
            "/NetworkingConfig/EndpointsConfig/bridge",
            "GwPriority",
            json!(7),
        ),
    ] {
        if (since..until).contains(&version) {
            container.pointer_mut(place).expect("the place is there")[name] = value;
        }
    }
    container
}
