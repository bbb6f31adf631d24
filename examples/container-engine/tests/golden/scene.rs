//! A host on which something has happened, behind the router of all contracts.

use std::collections::BTreeMap;

use axum::body::Body;
use container_engine::containers::v52::{Containers as _, CreateRequest};
use container_engine::journal::Journal;
use container_engine::volumes::v52::{VolumeCreate, Volumes as _};
use container_engine::{Machine, Newest, Oldest};
use http::Request;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use versioned_runtime::{Expose, RunningHost};

use crate::cases::Case;

/// The headers that are part of an answer's meaning.
const HEADERS: [&str; 5] = [
    "content-type",
    "builder-version",
    "swarm",
    "cache-control",
    "pragma",
];

/// A host that is put back before each request, so that no case sees what another one did.
pub(crate) struct Scene {
    machine: Machine,
    host: RunningHost,
    oldest: Journal,
    newest: Journal,
}

/// What came of one request.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    /// The implementation that did the work.
    pub(crate) serving: String,
    /// The arguments, as the implementation got them.
    pub(crate) received: Value,
    pub(crate) answer: Answer,
}

/// An answer.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Scene {
    /// A host whose requests go to one implementation, wherever it can answer them.
    pub(crate) fn served_by(implementation: &str) -> Self {
        let machine = Machine::with_clock(noon);
        let (oldest, newest) = (Journal::kept(), Journal::kept());
        let host = container_engine::host(
            &Oldest::noting(machine.clone(), oldest.clone()),
            &Newest::noting(machine.clone(), newest.clone()),
        );
        let host = host.expose(Expose::Always).start().expect("a host");
        for contract in ["containers", "images", "networks", "volumes", "system"] {
            let contract = format!("engine-{contract}");
            let mut table = host.table(&contract).expect("a table");
            let epoch = table.epoch.take().expect("an epoch");
            table.shares = [(implementation.to_owned(), 1_000_000)].into();
            host.replace(&contract, epoch, &table).expect("the table fits");
        }
        Self {
            machine,
            host,
            oldest,
            newest,
        }
    }

    /// Sends the request of a client of a version.
    pub(crate) async fn answer(&self, version: u64, case: &Case) -> Outcome {
        self.machine.reset();
        self.set().await;
        let request = Request::builder()
            .method(case.method)
            .uri(format!("/v{version}{}", case.target));
        let request = match &case.body {
            Some(body) => request
                .header("content-type", "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        let request = request.expect("a request");
        let answer = self.host.router().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let header = |name: &str| Some(parts.headers.get(name)?.to_str().expect("text").to_owned());
        assert_eq!(
            header("api-version"),
            Some(format!("{version}.0.0")),
            "{}",
            case.name
        );
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)))
        };
        let mut received = [self.oldest.take(), self.newest.take()].concat();
        assert!(received.len() <= 1, "{}: {received:?}", case.name);
        Outcome {
            serving: header("api-serving-version").unwrap_or_default(),
            received: received.pop().unwrap_or_default(),
            answer: Answer {
                status: parts.status.as_u16(),
                headers: HEADERS
                    .iter()
                    .filter_map(|name| Some(((*name).to_owned(), header(name)?)))
                    .collect(),
                body,
            },
        }
    }

    /// A container that runs and one that does not, a volume of the cluster and one without a name.
    async fn set(&self) {
        let newest = Newest::new(self.machine.clone());
        let shop: CreateRequest = serde_json::from_value(json!({
            "Image": "web:1",
            "Hostname": "shop",
            "Env": ["STAGE=live"],
            "Labels": { "team": "shop" },
            "Healthcheck": { "Test": ["CMD", "true"], "Interval": 30_000_000_000_i64, "StartInterval": 1_000_000_000 },
            "HostConfig": {
                "Memory": 268_435_456,
                "CgroupnsMode": "private",
                "Annotations": { "org.example.tier": "front" },
                "Mounts": [
                    { "Type": "volume", "Source": "data", "Target": "/data", "VolumeOptions": { "NoCopy": true, "Subpath": "shop" } },
                    { "Type": "image", "Source": "web:1", "Target": "/tools" },
                    { "Type": "tmpfs", "Target": "/tmp", "TmpfsOptions": { "SizeBytes": 1_048_576, "Options": [["noexec"]] } },
                ],
            },
            "NetworkingConfig": { "EndpointsConfig": { "bridge": { "Aliases": ["front"], "GwPriority": 5 } } },
        }))
        .expect("a container");
        let idle: CreateRequest = serde_json::from_value(json!({ "Image": "web" })).expect("a container");
        for (name, container) in [("shop", shop), ("idle", idle)] {
            let made = newest
                .create_container(Some(name.to_owned()), None, container)
                .await;
            made.expect("a container");
        }
        assert!(self.machine.start("shop").expect("a container"));
        let spec = json!({ "AccessMode": { "Scope": "single", "Sharing": "none", "Availability": null } });
        for volume in [
            json!({ "Name": "shared", "Driver": "csi", "ClusterVolumeSpec": spec }),
            json!({}),
        ] {
            let volume: VolumeCreate = serde_json::from_value(volume).expect("a volume");
            newest.create_volume(volume).await.expect("a volume");
        }
    }
}

impl Outcome {
    /// As it stands in the file.
    pub(crate) fn told(&self) -> Value {
        json!({ "received": self.received, "answer": self.answer.told() })
    }
}

impl Answer {
    /// As it stands in the file.
    pub(crate) fn told(&self) -> Value {
        json!({ "status": self.status, "headers": self.headers, "body": self.body })
    }
}

fn noon() -> Timestamp {
    "2025-12-01T12:00:00Z".parse().expect("a moment")
}
