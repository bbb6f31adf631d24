//! Writes the `OpenAPI` documents of this binary into a directory, asking for them over HTTP as a client would.

use std::path::Path;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;
use user_profile::{Store, service};
use versioned_runtime::Host;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let directory = std::env::args().nth(1).expect("usage: openapi DIRECTORY");
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory).expect("the directory can be made");
    let store = Store::open(&directory.join("openapi.redb")).expect("an empty database");
    let host = Host::new()
        .contract(service(store))
        .start()
        .expect("a host of one");
    let registry = host.registry_router();
    let get = async |path: String| {
        let request = Request::get(&path).body(Body::empty()).expect("a request");
        let answer = registry.clone().oneshot(request).await.expect("infallible");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer
            .into_body()
            .collect()
            .await
            .expect("a body in memory")
            .to_bytes()
    };
    for contract in versioned_runtime::registry().expect("a registry").contracts() {
        let path = format!(
            "/contracts/{}/versions/{}/openapi.json",
            contract.id, contract.version
        );
        let file = directory.join(format!("{}-{}.json", contract.id, contract.version));
        std::fs::write(file, get(path).await).expect("the document can be written");
    }
    std::fs::write(
        directory.join("registry.json"),
        get("/openapi.json".to_owned()).await,
    )
    .expect("the document can be written");
    std::fs::remove_file(directory.join("openapi.redb")).expect("the database can be removed");
}
