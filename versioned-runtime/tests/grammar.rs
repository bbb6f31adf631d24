//! What can be written in a contract module, beyond what the example uses: it compiles under strict lints, and converts.
#![deny(warnings, clippy::pedantic)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use versioned_runtime::prelude::*;

/// A type of the user's own, mentioning itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
pub struct Tree {
    children: Vec<Tree>,
    other: Option<Box<Bush>>,
}

/// And each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Schema)]
pub struct Bush(Vec<Tree>);

mod inner {
    use super::*;

    fn seven() -> u8 {
        7
    }

    #[versioned(
        contract = "everything",
        versions(first = "0.1.0", second = "0.2.0", fixed = "0.2.1"),
        names(service = Everything, builder = EverythingBuilder, handle = InProcess, version = Release)
    )]
    pub mod everything {
        use super::*;

        /// Shadows what is generated elsewhere: it has another name here.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Service {
            pub r#type: String,
            #[version(since = second, default = super::seven)]
            pub(crate) level: u8,
            #[version(until = second, default, lossy(reason = "nobody reads it"))]
            pub gone: Vec<u8>,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Pair(
            pub Service,
            #[version(since = second, default)] pub Option<u8>,
            pub u16,
        );

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct Name(pub String);

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Nothing;

        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Order {
            Up,
            Down,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum Shape {
            Circle {
                radius: f64,
                #[version(since = second, default)]
                label: Option<String>,
            },
            #[serde(rename = "rect")]
            Square {
                side: f64,
            },
            #[version(since = second, downgrade = flat)]
            Cube {
                side: f64,
            },
            Unknown,
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "t", content = "c")]
        pub enum Adjacent {
            One(Service),
            Two(Service, u8),
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(untagged)]
        pub enum Loose {
            Number(u64),
            Service(Service),
        }

        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        pub struct Deep {
            pub maps: Option<Vec<BTreeMap<String, Service>>>,
            pub boxed: Box<Service>,
            pub shared: Arc<Service>,
            pub pairs: [(Service, u8); 2],
            pub plain: BTreeSet<String>,
            pub again: Option<Box<Deep>>,
            pub tree: Tree,
        }

        pub trait Reads {
            #[get("/deep/{name}")]
            async fn deep(&self, name: Name) -> Result<Deep, Problem>;

            #[get("/shapes")]
            async fn shapes(&self, #[query] kind: Vec<String>) -> Result<Vec<Shape>, Problem>;

            #[get("/sorted")]
            async fn sorted(&self, #[query] by: Order, #[query] name: Name) -> Result<String, Problem>;
        }

        pub trait Writes {
            #[post("/pairs")]
            async fn pair(&self, pair: Pair) -> Result<Adjacent, Problem>;

            #[version(native_only)]
            #[post("/loose", status = 202)]
            async fn loose(&self, r#loose: Loose) -> Result<(), Problem>;

            #[version(until = second)]
            #[get("/found/{id}")]
            async fn find(&self, id: u64) -> Result<Nothing, Problem>;

            #[version(since = second)]
            #[get("/found/{id}")]
            async fn find(&self, id: u64, #[query("deep")] deep: Option<bool>) -> Result<Nothing, Problem>;
        }

        #[allow(clippy::needless_pass_by_value)] // a variant is handed over whole
        fn flat(cube: second::Shape) -> first::Shape {
            match cube {
                second::Shape::Cube { side } => first::Shape::Square { side },
                _ => first::Shape::Unknown,
            }
        }
    }
}

use inner::everything::{self, Everything, InProcess, Release, first, fixed, second};

struct Newest;

fn service(text: &str) -> second::Service {
    serde_json::from_value(serde_json::json!({ "type": text, "level": 1 })).expect("a service")
}

fn deep(text: &str, again: bool) -> second::Deep {
    second::Deep {
        maps: Some(vec![[("a".to_owned(), service(text))].into()]),
        boxed: Box::new(service(text)),
        shared: Arc::new(service(text)),
        pairs: [(service(text), 1), (service(text), 2)],
        plain: ["x".to_owned()].into(),
        again: again.then(|| Box::new(deep(text, false))),
        tree: Tree {
            children: Vec::new(),
            other: Some(Box::new(Bush(Vec::new()))),
        },
    }
}

impl second::Reads for Newest {
    async fn deep(&self, name: second::Name) -> Result<second::Deep, Problem> {
        Ok(deep(&name.0, true))
    }

    async fn shapes(&self, kind: Vec<String>) -> Result<Vec<second::Shape>, Problem> {
        let shape = |kind: String| match kind.as_str() {
            "cube" => second::Shape::Cube { side: 2.0 },
            "circle" => second::Shape::Circle {
                radius: 1.0,
                label: Some("o".to_owned()),
            },
            _ => second::Shape::Unknown,
        };
        Ok(kind.into_iter().map(shape).collect())
    }

    async fn sorted(&self, by: second::Order, name: second::Name) -> Result<String, Problem> {
        Ok(format!("{by:?} {}", name.0))
    }
}

impl second::Writes for Newest {
    async fn pair(&self, pair: second::Pair) -> Result<second::Adjacent, Problem> {
        assert_eq!(pair.1, None);
        Ok(second::Adjacent::Two(pair.0, 3))
    }

    async fn loose(&self, _: second::Loose) -> Result<(), Problem> {
        Ok(())
    }

    async fn find(&self, _: u64, deep: Option<bool>) -> Result<second::Nothing, Problem> {
        assert_eq!(deep, None);
        Ok(second::Nothing)
    }
}

/// `loose` is native only, so each version needs somebody of its own for it.
struct Oldest;

impl first::Reads for Oldest {
    async fn deep(&self, _: first::Name) -> Result<first::Deep, Problem> {
        Err(Problem::new(501))
    }

    async fn shapes(&self, _: Vec<String>) -> Result<Vec<first::Shape>, Problem> {
        Err(Problem::new(501))
    }

    async fn sorted(&self, _: first::Order, _: first::Name) -> Result<String, Problem> {
        Err(Problem::new(501))
    }
}

impl first::Writes for Oldest {
    async fn pair(&self, _: first::Pair) -> Result<first::Adjacent, Problem> {
        Err(Problem::new(501))
    }

    async fn loose(&self, _: first::Loose) -> Result<(), Problem> {
        Ok(())
    }

    async fn find(&self, _: u64) -> Result<first::Nothing, Problem> {
        Err(Problem::new(501))
    }
}

fn everything() -> Everything {
    // A patch has a slot of its own, and here an implementation of its own.
    Everything::builder()
        .first(Oldest)
        .second(Newest)
        .fixed(Newest)
        .build()
}

#[tokio::test]
async fn older_versions_are_answered_in_their_shape() {
    let service = everything();
    let host = service.host().expect("a host of one");
    let table = serde_json::json!({ "default_version": "0.1.0", "shares": { "0.2.0": 1_000_000 } });
    host.replace("everything", 1, &serde_json::from_value(table).expect("a table"))
        .expect("it fits");
    let old: InProcess<everything::First> = service.handle(Context::new());
    let answer = first::Reads::deep(&old, first::Name("x".to_owned()))
        .await
        .expect("an answer");
    let written = serde_json::to_value(&answer).expect("JSON");
    let expected = serde_json::json!({ "type": "x", "gone": [] });
    for place in [
        "/maps/0/a",
        "/boxed",
        "/shared",
        "/pairs/0/0",
        "/pairs/1/0",
        "/again/boxed",
    ] {
        assert_eq!(written.pointer(place), Some(&expected), "{place}");
    }
    let kinds = ["cube", "circle", "?"].map(ToOwned::to_owned).to_vec();
    let shapes = first::Reads::shapes(&old, kinds).await.expect("an answer");
    assert_eq!(
        serde_json::to_value(&shapes).expect("JSON"),
        serde_json::json!([{ "kind": "rect", "side": 2.0 }, { "kind": "circle", "radius": 1.0 }, { "kind": "unknown" }])
    );
    let pair = first::Pair(
        first::Service {
            r#type: "p".to_owned(),
            gone: vec![1],
        },
        4,
    );
    let answer = first::Writes::pair(&old, pair).await.expect("an answer");
    assert_eq!(
        serde_json::to_value(&answer).expect("JSON"),
        serde_json::json!({ "t": "Two", "c": [{ "type": "p", "gone": [] }, 3] })
    );
    first::Writes::find(&old, 1)
        .await
        .expect("bridged, with the new parameter left out");
    first::Writes::loose(&old, first::Loose::Number(1))
        .await
        .expect("answered natively");
}

#[tokio::test]
async fn an_enum_and_a_newtype_are_one_key_of_the_query() {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let router = everything().router().expect("a host of one");
    let request = http::Request::get("/v0.2/sorted?by=down&name=a")
        .body(axum::body::Body::empty())
        .expect("a request");
    let answer = router.oneshot(request).await.expect("infallible");
    assert_eq!(answer.status(), 200);
    let body = answer.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(body, r#""Down a""#);
}

#[tokio::test]
async fn there_is_no_prefix_of_all_versions_before_the_first_major() {
    use tower::ServiceExt as _;
    let router = everything().router().expect("a host of one");
    for (path, status) in [
        ("/v0.2/sorted?by=down&name=a", 200),
        ("/v0/sorted?by=down&name=a", 404),
    ] {
        let request = http::Request::get(path)
            .body(axum::body::Body::empty())
            .expect("a request");
        let answer = router.clone().oneshot(request).await.expect("infallible");
        assert_eq!(answer.status(), status, "{path}");
    }
    let prefixes = versioned_runtime::openapi::prefixes(Release::Second.contract());
    assert_eq!(prefixes, ["/v0.2", "/v0.2.0"]);
}

#[test]
fn a_patch_is_the_same_types() {
    fn same<T>(value: T) -> T {
        value
    }
    let patched: fixed::Service = same::<second::Service>(service("x"));
    assert_eq!(patched, service("x"));
    assert_eq!(
        Release::ALL.map(|release| release.to_string()),
        ["0.1.0", "0.2.0", "0.2.1"]
    );
    assert_eq!("0.2.1".parse::<Release>().ok(), Some(Release::Fixed));
    assert!(
        "0.3.0"
            .parse::<Release>()
            .expect_err("no such version")
            .to_string()
            .contains("0.1.0, 0.2.0, 0.2.1")
    );
}
