//! What operators do: read and replace routing tables, read the registry; and what is wrong with hosts at start.

mod support;

use serde_json::{Value, json};
use support::{Answer, aged, ask, ask_router, notes, request, service};
use versioned_runtime::prelude::*;
use versioned_runtime::{Availability, Expose, HostError, RunningHost, Sources};

const TABLE: &str = "/contracts/notes/routing";
const JSON: &str = "content-type: application/json";
const TOKEN: &str = "authorization: Bearer secret";

fn host() -> RunningHost {
    Host::from(service(aged()))
        .admin_token("secret")
        .start()
        .expect("a host")
}

async fn put(host: &RunningHost, headers: &[&str], body: &Value) -> Answer {
    ask_router(
        host.admin_router(),
        request("PUT", TABLE, headers, body.to_string()),
    )
    .await
}

fn shares(ppm: u32) -> Value {
    json!({ "default_version": "1.1.0", "shares": { "2.0.0": ppm }, "user_key": { "header": "x-user" } })
}

#[tokio::test]
async fn tables_are_replaced_by_compare_and_set() {
    let host = host();
    let read = ask_router(host.admin_router(), request("GET", TABLE, &[], "")).await;
    assert_eq!((read.status.as_u16(), read.header("etag")), (200, Some("\"1\"")));
    let full = [TOKEN, JSON, "if-match: \"1\""];
    let refused: &[(&[&str], Value, u16)] = &[
        (&[JSON, "if-match: \"1\""], shares(1), 401),
        (
            &[JSON, "if-match: \"1\"", "authorization: Bearer secret2"],
            shares(1),
            401,
        ),
        (&[TOKEN, JSON], shares(1), 428),
        (&[TOKEN, JSON, "if-match: one"], shares(1), 400),
        (&[TOKEN, JSON, "if-match: \"2\""], shares(1), 412),
        (&[TOKEN, "if-match: \"1\""], shares(1), 415),
        (&full, json!("{"), 422),
        (&full, json!({ "default_version": "1.1.0" }), 422),
        (
            &full,
            json!({ "default_version": "1.1.0", "shares": {}, "share": {} }),
            422,
        ),
        (&full, json!({ "default_version": "9.0.0", "shares": {} }), 422),
        (
            &full,
            json!({ "default_version": "1.1.0", "shares": { "1.0.0": 5 } }),
            422,
        ),
        (&full, shares(1_000_001), 422),
        // Without the implementation of 1.1.0 nobody would answer `delete_note`.
        (
            &full,
            json!({ "default_version": "1.1.0", "shares": {}, "implementations": ["2.0.0"] }),
            422,
        ),
    ];
    for (headers, body, status) in refused {
        let answer = put(&host, headers, body).await;
        assert_eq!(answer.status.as_u16(), *status, "{headers:?} {body}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    }
    let untyped = put(&host, &[TOKEN, "if-match: \"1\""], &shares(1)).await;
    assert_eq!(
        untyped.json()["detail"],
        "send the table as `Content-Type: application/json` or `application/yaml`"
    );
    assert_eq!(host.counters().flips, 0);
    let replaced = put(&host, &full, &shares(200_000)).await;
    assert_eq!(
        (replaced.status.as_u16(), replaced.header("etag")),
        (200, Some("\"2\""))
    );
    assert_eq!(replaced.json()["epoch"], 2);
    assert_eq!(put(&host, &full, &shares(200_000)).await.status, 412);
    assert_eq!(host.table("notes").expect("the table").shares["2.0.0"], 200_000);
}

#[tokio::test]
async fn writes_are_refused_where_no_token_is_set() {
    let host = Host::from(service(aged())).start().expect("a host");
    let answer = put(&host, &[TOKEN, JSON, "if-match: \"1\""], &shares(1)).await;
    assert_eq!(answer.status, 403);
}

#[tokio::test]
async fn of_two_writers_with_one_epoch_one_wins() {
    let host = host();
    let writers: Vec<_> = (0..8_u32)
        .map(|writer| {
            let host = host.clone();
            tokio::spawn(async move {
                put(&host, &[TOKEN, JSON, "if-match: \"1\""], &shares(writer))
                    .await
                    .status
                    .as_u16()
            })
        })
        .collect();
    let mut statuses = Vec::new();
    for writer in writers {
        statuses.push(writer.await.expect("no panic"));
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
async fn users_stay_and_are_told_what_served_them() {
    let host = Host::from(service(aged()))
        .admin_token("secret")
        .expose(Expose::WithToken)
        .start()
        .expect("a host");
    let serving = async |user: u32| {
        let user = format!("x-user: {user}");
        let answer = ask(&host, request("GET", "/v1/notes/1", &[&user, TOKEN], "")).await;
        let stated = answer
            .header("api-serving-version")
            .expect("told to whoever has the token")
            .to_owned();
        // The answer's shape is that of 1.1.0, whoever made it; its text tells who did.
        assert_eq!(
            answer.json()["text"],
            if stated == "2.0.0" { "new" } else { "old" }
        );
        stated
    };
    let mut moved: Vec<u32> = Vec::new();
    for (epoch, ppm) in [(1, 100_000), (2, 300_000), (3, 1_000_000)] {
        let etag = format!("if-match: \"{epoch}\"");
        assert_eq!(put(&host, &[TOKEN, JSON, &etag], &shares(ppm)).await.status, 200);
        let mut now = Vec::new();
        for user in 0..200 {
            if serving(user).await == "2.0.0" {
                now.push(user);
            }
        }
        assert!(
            moved.iter().all(|user| now.contains(user)),
            "a raise moved a user back"
        );
        assert!(now.len() > moved.len());
        moved = now;
    }
    assert_eq!(moved.len(), 200);
    let untold = ask(&host, request("GET", "/v1/notes/1", &[], "")).await;
    assert_eq!(
        (untold.header("api-serving-version"), untold.header("api-epoch")),
        (None, None)
    );
}

#[tokio::test]
async fn the_registry_tells_what_the_binary_carries() {
    let host = host();
    let get = async |path: &str| ask_router(host.registry_router(), request("GET", path, &[], "")).await;
    let contracts = get("/contracts").await.json();
    assert_eq!(contracts["contracts"][0]["id"], "notes");
    let contract = get("/contracts/notes").await.json();
    assert_eq!(contract["versions"], json!(["1.0.0", "1.1.0", "2.0.0"]));
    assert_eq!(contract["implementations"], json!(["1.1.0", "2.0.0"]));
    let two = get("/contracts/notes/versions/2.0.0").await.json();
    let broken: Vec<&str> = two["breaks"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|b| b["rule"].as_str())
        .collect();
    assert!(
        broken.contains(&"operation-removed") && broken.contains(&"field-removed"),
        "{broken:?}"
    );
    assert_eq!(two["migrations"][0]["type"], "Note");
    assert_eq!(two["migrations"][0]["upgrade"], "exact");
    let openapi = get("/contracts/notes/versions/2.0.0/openapi.json").await.json();
    assert_eq!(
        (&openapi["openapi"], &openapi["info"]["version"]),
        (&json!("3.1.0"), &json!("2.0.0"))
    );
    assert!(openapi["paths"]["/notes/{note_id}/archive"]["post"]["responses"]["202"].is_object());
    assert!(openapi["components"]["schemas"]["notes.v2.Note"]["properties"]["body"].is_object());
    assert_eq!(get("/contracts/notes/routing").await.json()["epoch"], 1);
    let posted = ask_router(host.registry_router(), request("POST", "/contracts", &[], "")).await;
    assert_eq!(
        (posted.status.as_u16(), posted.header("allow")),
        (405, Some("GET,HEAD"))
    );
    assert_eq!(posted.problem().as_deref(), Some("method-not-allowed"));
    assert_eq!(
        get("/contracts/nothing").await.problem().as_deref(),
        Some("contract-unknown")
    );
    assert_eq!(
        get("/contracts/notes/versions/9.9.9").await.problem().as_deref(),
        Some("version-unknown")
    );
    let catalog = ask_router(
        host.well_known_router(),
        request("GET", "/.well-known/api-catalog", &[], ""),
    )
    .await;
    assert!(
        catalog
            .header("content-type")
            .expect("a type")
            .starts_with("application/linkset+json")
    );
    let described = catalog.json()["linkset"][0]["service-desc"][0]["href"]
        .as_str()
        .expect("a link")
        .to_owned();
    let below = described.strip_prefix("/registry").expect("below the prefix");
    assert_eq!(get(below).await.status, 200);
}

#[versioned(contract = "other", versions(v1 = "1.0.0"))]
mod other {
    use super::*;

    pub trait Other {
        #[get("/notes/{name}")]
        async fn other(&self, name: String) -> Result<String, Problem>;
    }
}

struct Answers;

impl other::v1::Other for Answers {
    async fn other(&self, name: String) -> Result<String, Problem> {
        Ok(name)
    }
}

#[test]
fn hosts_that_cannot_be_say_why() {
    let other = || other::Service::builder().v1(Answers).build();
    let clash = Host::new()
        .contract(service(aged()))
        .contract(other())
        .start()
        .expect_err("one path, two contracts");
    let text = clash.to_string();
    assert!(
        text.contains("`notes`") && text.contains("`other`") && text.contains("/notes/{p0}"),
        "{text}"
    );
    let twice = Host::new()
        .contract(other())
        .contract(other())
        .start()
        .expect_err("one contract twice");
    assert!(matches!(twice, HostError::Twice { contract: "other" }));
    let hosted = other();
    hosted.host().expect("a host of one");
    let again = Host::new().contract(hosted).start().expect_err("a second host");
    assert!(matches!(again, HostError::AlreadyHosted { contract: "other" }));
    let foreign = service(ContractConfig::new().default_version::<other::V1>())
        .router()
        .expect_err("another contract's version");
    assert!(
        foreign.to_string().contains("names 1.0.0 of `other`"),
        "{foreign}"
    );
    let missing = Host::new()
        .require(["billing@1.2.0"])
        .start()
        .expect_err("nothing of that name");
    assert!(
        missing.to_string().contains("write `use billing as _;`"),
        "{missing}"
    );
    Host::new()
        .require(["notes", "other@1.0.0"])
        .start()
        .expect("both are linked");
}

#[test]
fn names_that_nothing_can_have_are_refused() {
    #[track_caller]
    fn check(host: Host, expected: &str) {
        let error = host.start().expect_err(expected).to_string();
        assert!(
            error.starts_with(expected) && error.contains(": write "),
            "{error}"
        );
    }
    let sources = |change: fn(Sources) -> Sources| change(Sources::default());
    for name in ["", "not a header", "ünï", "X:Y"] {
        let wrong = sources(|sources| sources).header(name);
        check(
            Host::new().sources(wrong.clone()),
            &format!("`{name}` is not the name of a header"),
        );
        let config = ContractConfig::new().sources(wrong);
        check(
            service(config).into(),
            &format!("`{name}` is not the name of a header"),
        );
    }
    check(
        Host::new().sources(sources(|sources| sources.query(""))),
        "`` cannot be the key of a query",
    );
    for vendor in ["", "a b", "acme/x", "acme+json"] {
        let wrong = Sources::default().vendor(vendor);
        check(
            Host::new().sources(wrong),
            &format!("`{vendor}` cannot stand in a media type"),
        );
    }
    for prefix in [
        "",
        "/",
        "registry",
        "/registry/",
        "/a//b",
        "/a/../b",
        "/./a",
        "/{x}",
        "/a b",
        "/ü",
    ] {
        let host = Host::new().registry_prefix(prefix);
        check(host, &format!("the registry prefix `{prefix}` is not a path"));
    }
    for prefix in ["/registry", "/a/b", "/.well-known", "/a..b"] {
        let host = Host::new().registry_prefix(prefix).start();
        assert!(host.is_ok(), "{prefix}: {host:?}");
    }
    check(Host::new().require([""]), "`` names no contract");
    check(Host::new().require(["@1.0.0"]), "`@1.0.0` names no contract");
    let version = Host::new()
        .require(["notes@9.0.0"])
        .start()
        .expect_err("no such version");
    let expected = "contract `notes` is registered in 1.0.0, 1.1.0, 2.0.0, 3.0.0-rc.1, and not in `9.0.0`: require one of these";
    assert!(version.to_string().starts_with(expected), "{version}");
}

#[tokio::test]
async fn handles_call_through_the_same_routing() {
    let service = service(aged());
    let host = service.host().expect("a host of one");
    let user = |key: &str| Context::new().user_key(key.to_owned());
    let old = service.handle::<notes::V1_1>(user("42"));
    let text = async || notes::v1_1::Notes::get_note(&old, 1).await.expect("a note").text;
    assert_eq!(text().await, "old");
    host.replace(
        "notes",
        1,
        &serde_json::from_value(shares(1_000_000)).expect("a table"),
    )
    .expect("it fits");
    assert_eq!(text().await, "new");
    let spoken: Vec<String> = old.versions().iter().map(ToString::to_string).collect();
    assert_eq!(spoken, ["1.1.0", "2.0.0"]);
    let newer = old.view::<notes::V2>().expect("2.0.0 is offered");
    assert_eq!(
        notes::v2::Notes::get_note(&newer, 1).await.expect("a note").body,
        "new"
    );
    assert!(old.view::<notes::V1>().is_none(), "1.0.0 is gone");
    let gone = service.handle::<notes::V1>(user("42"));
    let refused = notes::v1::Notes::get_note(&gone, 1)
        .await
        .expect_err("1.0.0 is gone");
    assert_eq!(refused.into_problem().status, 410);
    assert_eq!(host.counters().requests, 4);
}

#[tokio::test]
async fn requests_are_counted_once_and_longer_than_their_epoch_is_remembered() {
    let host = host();
    let document = serde_json::from_value(shares(1)).expect("a table");
    for epoch in 1..=20 {
        ask(&host, request("GET", "/notes/1", &[], "")).await;
        host.replace("notes", epoch, &document).expect("it fits");
        assert_eq!(host.counters().requests, epoch);
    }
    for (method, path, headers, counted) in [
        ("GET", "/notes/1", &["x-api-version: 9"][..], 21),
        ("OPTIONS", "/notes/1", &[], 22),
        ("GET", "/nowhere", &[], 22),
    ] {
        ask(&host, request(method, path, headers, "")).await;
        assert_eq!(host.counters().requests, counted, "{method} {path}");
    }
}

/// A hidden version is answered by its name only, and whoever does not know that name learns it nowhere.
#[tokio::test]
async fn hidden_versions_are_named_to_nobody_without_the_token() {
    let config = ContractConfig::new().availability::<notes::V2>(Availability::Hidden);
    let host = Host::from(service(config))
        .admin_token("secret")
        .start()
        .expect("a host");
    let table = json!({
        "default_version": "1.1.0", "stable": "1.1.0", "shares": { "2.0.0": 5 }, "labels": { "new": "2.0.0" },
        "rules": [
            { "name": "some", "match": { "facts": { "region": "eu" } }, "to": { "new": 50, "1.1.0": 50 } },
            { "name": "all", "match": { "facts": { "region": "us" } }, "to": { "2.0.0": 100 } },
        ],
    });
    let written = put(&host, &[TOKEN, JSON, "if-match: \"1\""], &table).await;
    assert_eq!(written.status, 200, "{written:?}");
    for path in [
        "/contracts",
        "/contracts/notes",
        "/contracts/notes/versions/1.1.0",
        "/contracts/notes/routing",
    ] {
        let told = ask_router(host.registry_router(), request("GET", path, &[], "")).await;
        let text = String::from_utf8_lossy(&told.body).into_owned();
        assert!(
            told.status == 200 && text.contains("1.1.0") && !text.contains("\"2.0.0\""),
            "{path}: {text}"
        );
    }
    let read = |headers: &'static [&'static str]| {
        ask_router(
            host.admin_router(),
            request("GET", "/contracts/notes/routing", headers, ""),
        )
    };
    let (part, whole) = (read(&[]).await, read(&[TOKEN]).await);
    assert_eq!(
        (part.header("etag"), whole.header("etag")),
        (Some("W/\"2\""), Some("\"2\""))
    );
    assert_eq!(
        part.json()["rules"],
        json!([{ "name": "some", "match": { "facts": { "region": "eu" } }, "to": { "1.1.0": 50 } }])
    );
    assert_eq!(whole.json()["shares"], json!({ "2.0.0": 5 }));
    let lossy = put(&host, &[TOKEN, JSON, "if-match: W/\"2\""], &table).await;
    assert_eq!(lossy.problem().as_deref(), Some("table-partial"));
}
