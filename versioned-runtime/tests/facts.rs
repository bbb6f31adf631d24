//! Facts that the service finds out, over real sockets: who is believed, and what goes before what.

mod mirrored;
mod mmdb;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use http::Request;
use http_body_util::BodyExt as _;
use mirrored::{Answer, OTHER, SECRET, TRUSTED, get, host, metric, run, serve, service, signed, table};
use serde_json::{Value, json};
use versioned_runtime::prelude::*;
use versioned_runtime::{
    Dyes, ExplainRequest, FactSources, Forwarding, RunningHost, Server, Tiers, UserTypes,
};

/// A database in a file of its own.
struct Database(PathBuf);

impl Database {
    fn new(name: &str, networks: &[(Ipv4Addr, u8, &str, Option<&str>)]) -> Self {
        let file = std::env::temp_dir().join(format!("versioned-facts-{}-{name}.mmdb", std::process::id()));
        let database = Self(file);
        database.write(&mmdb::write(networks));
        database
    }

    fn write(&self, bytes: &[u8]) {
        std::fs::write(&self.0, bytes).expect("a file");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const fn net(a: u8, b: u8, c: u8) -> Ipv4Addr {
    Ipv4Addr::new(a, b, c, 0)
}

#[tokio::test]
async fn what_goes_before_what() {
    let database = Database::new(
        "order",
        &[
            (net(203, 0, 113), 24, "US", Some("CA")),
            (net(198, 51, 100), 24, "CN", None),
        ],
    );
    let facts = FactSources::new()
        .trust([TRUSTED])
        .header("region", "X-Region")
        .region_database(&database.0)
        .regions([
            ("203.0.113.0/24", "table"),
            ("192.0.2.0/24", "wide"),
            ("192.0.2.128/25", "narrow"),
        ]);
    let host = host(facts).dyes(Dyes::new().key("k1", SECRET));
    let table = table(&json!({ "facts": { "region": { "header": "x-place" } } }));
    let server = serve(host, &table).await;
    let signed = format!("dye: {}", signed(&[("region", "signed")]));
    let place = "x-place: place";
    let (said, header) = ("dye: region:said", "x-region: header");
    let long_place = format!("x-place: {}", "p".repeat(65));
    // In the key of the dye each of these has three bytes.
    let escaped = format!("x-region: {}", "|".repeat(22));
    let long_dye = format!("dye: region:{}", "%7C".repeat(22));
    let (us, cn) = ("x-forwarded-for: 203.0.113.7", "x-forwarded-for: 198.51.100.7");
    for (from, lines, region) in [
        // What is signed is believed from everybody, and goes first.
        (OTHER, vec![&*signed, place, header], "signed"),
        (TRUSTED, vec![&*signed, place, header, us], "signed"),
        // Then what an allow-listed peer says in a dye.
        (TRUSTED, vec![said, place, header, us], "said"),
        (OTHER, vec![said, place, header, us], "place"),
        // Then the place that the table names.
        (TRUSTED, vec![place, header, us], "place"),
        // Then the header of an allow-listed peer.
        (TRUSTED, vec![header, us], "header"),
        (OTHER, vec![header, us], ""),
        // What cannot be the value of a fact tells none.
        (TRUSTED, vec![&*long_place, header, us], "header"),
        (TRUSTED, vec![&*long_place, &*escaped, us], "us-ca"),
        (TRUSTED, vec![&*long_dye, header, us], "header"),
        // Then the database, by the address of the client.
        (TRUSTED, vec![us], "us-ca"),
        (TRUSTED, vec![cn], "cn"),
        (
            TRUSTED,
            vec!["x-forwarded-for: 203.0.113.7, 198.51.100.7, 127.0.0.2"],
            "cn",
        ),
        (OTHER, vec![us], ""),
        // Then the table of networks.
        (TRUSTED, vec!["x-forwarded-for: 192.0.2.1"], "wide"),
        (TRUSTED, vec!["x-forwarded-for: 192.0.2.200"], "narrow"),
        (TRUSTED, vec!["x-forwarded-for: 10.0.0.1"], ""),
        (TRUSTED, vec!["x-forwarded-for: unknown"], ""),
        (TRUSTED, vec!["forwarded: for=203.0.113.7"], ""),
    ] {
        let answer = get(from, server.address, &lines).await;
        let dye = if region.is_empty() {
            String::new()
        } else {
            format!("region:{region}")
        };
        assert_eq!(answer.seen()["dye"], dye, "{from} {lines:?}");
    }
    // The dye of a peer that is not on the list is counted as it was.
    assert_eq!(
        metric(&server.host, "versioned_dyes_refused_total{reason=\"unsigned\"}"),
        1
    );
}

#[tokio::test]
async fn a_database_is_read_anew_or_stays() {
    let database = Database::new("reload", &[(net(127, 0, 0), 8, "US", None)]);
    let server = serve(
        host(FactSources::new().region_database(&database.0)),
        &table(&json!({})),
    )
    .await;
    let dye = async || get(OTHER, server.address, &[]).await.seen()["dye"].clone();
    assert_eq!(dye().await, "region:us");
    database.write(b"no database");
    let error = server.host.reload_regions().expect_err("no database").to_string();
    assert!(
        error.contains("reload.mmdb") && error.contains("fetch it again"),
        "{error}"
    );
    assert_eq!(dye().await, "region:us");
    database.write(&mmdb::write(&[(net(127, 0, 0), 8, "DE", Some("BE"))]));
    server.host.reload_regions().expect("a database");
    assert_eq!(dye().await, "region:de-be");
}

#[tokio::test]
async fn peers_are_known_behind_layers_and_under_axum() {
    let facts = || {
        FactSources::new()
            .trust([TRUSTED])
            .forwarding(Forwarding::Forwarded)
            .regions([("127.0.0.9/32", "nine"), ("203.0.113.0/24", "doc")])
    };
    let layered = Server::new(host(facts())).layer(tower_http::cors::CorsLayer::new());
    let layered = run(layered, &table(&json!({}))).await;
    let embedded = host(facts()).start().expect("a host");
    embedded
        .replace("mirror", 1, &table(&json!({})))
        .expect("a table");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("an address");
    let app = embedded
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, app).await });
    for address in [layered.address, address] {
        for (from, lines, dye) in [
            (OTHER, vec![], "region:nine"),
            (
                OTHER,
                vec!["dye: tier:low", "forwarded: for=203.0.113.1"],
                "region:nine",
            ),
            (TRUSTED, vec!["dye: tier:low"], "tier:low"),
            (TRUSTED, vec!["forwarded: for=\"203.0.113.1:80\""], "region:doc"),
        ] {
            assert_eq!(
                get(from, address, &lines).await.seen()["dye"],
                dye,
                "{from} {lines:?}"
            );
        }
    }
    // Where nobody says who is connected, nobody is believed.
    let request = Request::get("/v1/seen")
        .header("dye", "tier:low")
        .body(axum::body::Body::empty());
    let answer = tower::ServiceExt::oneshot(embedded.router(), request.expect("a request")).await;
    let body = answer
        .expect("infallible")
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes();
    assert_eq!(serde_json::from_slice::<Value>(&body).expect("JSON")["dye"], "");
}

#[tokio::test]
async fn devices_are_told_by_hints_and_agents() {
    let rules = json!({ "rules": [{ "name": "phones", "match": { "facts": { "device": "mobile" } }, "to": { "2.0.0": 100 } }] });
    let server = serve(host(FactSources::new().device()), &table(&rules)).await;
    for (line, dye, by) in [
        (
            "user-agent: Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)",
            "device:mobile",
            "2.0.0",
        ),
        ("sec-ch-ua-mobile: ?1", "device:mobile", "2.0.0"),
        ("user-agent: curl/8.5.0", "device:bot", "1.0.0"),
        ("x-device: mobile", "", "1.0.0"),
    ] {
        let answer = get(OTHER, server.address, &[line]).await;
        assert_eq!((&answer.seen()["dye"], answer.by()), (&json!(dye), by), "{line}");
    }
}

/// Asks in this process, of a handler that takes so many milliseconds of a clock that is paused: nothing else takes any.
async fn ask_in_process(host: &RunningHost, millis: u64) -> Answer {
    let request = Request::post("/v1/seen")
        .header("content-type", "application/json")
        .body(axum::body::Body::from(format!("\"{millis}\"")));
    let answer = tower::ServiceExt::oneshot(host.service(), request.expect("a request")).await;
    let (parts, body) = answer.expect("infallible").into_parts();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: body.collect().await.expect("a body").to_bytes(),
    }
}

#[tokio::test(start_paused = true)]
async fn the_tier_follows_the_latency() {
    let rules = json!({ "rules": [{ "name": "slow", "match": { "facts": { "tier": "high" } }, "to": { "2.0.0": 100 } }] });
    let tiers = Tiers::new(Duration::from_millis(5), Duration::from_millis(50));
    let host = host(FactSources::new().tier(tiers)).start().expect("a host");
    host.replace("mirror", 1, &table(&rules)).expect("a table");
    // The time that passes first, how many requests take how long, and what is known of the next one.
    for (seconds, requests, millis, tier, by) in [
        // Fewer than 20 tell nothing.
        (0, 18, 1, "", "1.0.0"),
        (0, 2, 1, "tier:low", "1.0.0"),
        // It is slower at once, by the slowest twentieth.
        (0, 1, 10, "tier:low", "1.0.0"),
        (0, 2, 10, "tier:medium", "1.0.0"),
        (0, 9, 60, "tier:high", "2.0.0"),
        // It is faster when the tier has held for 10 s.
        (5, 300, 1, "tier:high", "2.0.0"),
        (6, 30, 1, "tier:low", "1.0.0"),
        (0, 40, 10, "tier:medium", "1.0.0"),
        // Nobody asks for as long as that: nothing is known.
        (60, 0, 0, "", "1.0.0"),
    ] {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        for _ in 0..requests {
            ask_in_process(&host, millis).await;
        }
        // It is looked at four times a second.
        tokio::time::advance(Duration::from_millis(250)).await;
        let answer = ask_in_process(&host, 0).await;
        assert_eq!(
            (&answer.seen()["dye"], answer.by()),
            (&json!(tier), by),
            "after {seconds} s and {requests} requests of {millis} ms"
        );
    }
}

#[test]
fn explanations_are_given_the_facts() {
    let host = host(FactSources::new().device()).start().expect("a host");
    let more = json!({
        "scores": { "fraud": null },
        "rules": [
            { "name": "risky", "match": { "scores": { "fraud": "> 0.92" } }, "to": { "1.0.0": 100 } },
            { "name": "phones", "match": { "facts": { "device": "mobile", "tier": "low" } }, "to": { "2.0.0": 100 } },
        ],
    });
    host.replace("mirror", 1, &table(&more)).expect("a table");
    for (facts, rule) in [
        (vec![("device", "mobile"), ("tier", "low")], Some("phones")),
        (
            vec![("device", "mobile"), ("tier", "low"), ("fraud", "0.95")],
            Some("risky"),
        ),
        (vec![("device", "mobile")], None),
    ] {
        let request = ExplainRequest {
            version: "1.0.0".to_owned(),
            operation: "seen".to_owned(),
            user_key: None,
            facts: facts
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
        };
        let told = serde_json::to_value(host.explain("mirror", &request).expect("an explanation"));
        assert_eq!(told.expect("JSON")["rule"].as_str(), rule, "{facts:?}");
    }
}

#[test]
fn mistakes_in_the_configuration_stop_the_start() {
    let broken = Database::new("broken", &[(net(127, 0, 0), 8, "US", None)]);
    broken.write(b"\xab\xcd\xefMaxMind.com");
    let types = |place| UserTypes::by(place, |_| async { Ok::<_, std::io::Error>(None) });
    let (fast, slow) = (Duration::from_millis(1), Duration::from_millis(2));
    let cases = [
        (
            FactSources::new().trust(["10.0.0.0/99"]),
            "`10.0.0.0/99` is neither a network",
        ),
        (
            FactSources::new().regions([("here", "cn")]),
            "`here` is neither a network",
        ),
        (
            FactSources::new().regions([("10.0.0.0/8", "a|b")]),
            "`a|b` cannot be a region",
        ),
        (
            FactSources::new().header("region", "X-Region"),
            "`FactSources::trust`",
        ),
        (
            FactSources::new().trust(["::1"]).header("Region", "X-Region"),
            "`Region` is no name",
        ),
        (
            FactSources::new().trust(["::1"]).header("region", "x y"),
            "`x y`, which is to say `region`",
        ),
        (
            FactSources::new()
                .trust(["::1"])
                .header("a", "x")
                .header("a", "y"),
            "`a` is to stand in two headers",
        ),
        (
            FactSources::new().tier(Tiers::new(slow, fast)),
            "`medium` must not be above `high`",
        ),
        (
            FactSources::new().tier(Tiers::new(fast, slow).quantile(f64::NAN)),
            "the quantile lies",
        ),
        (
            FactSources::new().user_type(types(UserKey::header("x y"))),
            "`UserTypes` reads, `x y`",
        ),
        (
            FactSources::new().region_database("/nowhere/cities.mmdb"),
            "`/nowhere/cities.mmdb`: give the path",
        ),
        (
            FactSources::new().region_database(&broken.0),
            "broken.mmdb` is no whole database",
        ),
    ];
    for (facts, because) in cases {
        let of_host = host(facts.clone()).start().expect_err(because);
        assert!(of_host.to_string().contains(because), "{of_host}");
        let of_contract = Host::from(service(None, ContractConfig::new().facts(facts)));
        let of_contract = of_contract.start().expect_err(because);
        assert!(of_contract.to_string().contains(because), "{of_contract}");
    }
}
