//! The dye on its way from one service to the next, in W3C `baggage`.

mod mirrored;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use mirrored::{NOW, OTHER, SECRET, TRUSTED, get, host, mirror, serve, service, signed, table};
use serde_json::json;
use versioned_runtime::prelude::*;
use versioned_runtime::{Baggage, DyeSigner, Dyes, Expose, FactSources, Server, UnixTime};

#[tokio::test]
async fn the_dye_goes_out_with_the_calls_of_a_handler() {
    let east = json!({
        "facts": { "team": null },
        "rules": [{ "name": "east", "match": { "facts": { "region": "cn-east", "team": "a|ß" } }, "to": { "2.0.0": 100 } }],
    });
    let signer = DyeSigner::new("k1", SECRET).expect("a signer");
    let life = Duration::from_secs(30);
    for (out, of_next, by) in [
        // The next one believes what is signed.
        (
            Baggage::new().sign(signer, life),
            host(FactSources::new()).dyes(Dyes::new().key("k1", SECRET)),
            "2.0.0",
        ),
        // Or whom it has on its list: handlers here call from there.
        (Baggage::new(), host(FactSources::new().trust([TRUSTED])), "2.0.0"),
        // And nobody else.
        (
            Baggage::new(),
            host(FactSources::new()).dyes(Dyes::new().key("k1", SECRET)),
            "1.0.0",
        ),
        (
            Baggage::new(),
            host(FactSources::new().trust(["127.0.0.3"])),
            "1.0.0",
        ),
        (Baggage::new(), host(FactSources::new()), "1.0.0"),
    ] {
        let next = serve(of_next, &table(&east)).await;
        let first = Host::from(service(Some(next.address), ContractConfig::new()))
            .expose(Expose::Always)
            .clock(|| UnixTime::from_seconds(NOW))
            .dyes(Dyes::new().key("k1", SECRET))
            .baggage(out.clone());
        let first = serve(first, &table(&east)).await;
        let dye = signed(&[("region", "cn-east"), ("team", "a|ß")]);
        let lines = [
            &*format!("dye: {dye}"),
            "baggage: tenant=7;p=1,versioned-dye=region:us",
            "baggage: other=2",
        ];
        let answer = get(OTHER, first.address, &lines).await;
        let seen = answer.seen();
        let key = "region:cn-east|team:a%7Cß";
        assert_eq!((&seen["dye"], answer.by()), (&json!(key), "2.0.0"));
        assert_eq!(seen["served"], by, "{out:?} {seen}");
        assert_eq!(seen["next"], if by == "2.0.0" { key } else { "" }, "{seen}");
        let baggage = seen["baggage"].as_str().expect("text");
        assert!(
            baggage.ends_with(",versioned-epoch=mirror:2,tenant=7;p=1,other=2"),
            "{baggage}"
        );
        assert_eq!(baggage.matches("versioned-dye=").count(), 1, "{baggage}");
    }
}

/// A table without a rule, and one whose only rule asks for something else, name none of what comes in.
#[tokio::test]
async fn facts_go_on_where_no_rule_asks_for_them() {
    let dye = signed(&[("region", "cn-east"), ("team", "a|ß"), ("fraud", "0.93")]);
    let key = "fraud:0.93|region:cn-east|team:a%7Cß";
    let lines = [&*format!("dye: {dye}")];
    let no_rule = json!({ "rules": [] });
    let other_rule = json!({
        "rules": [{ "name": "phones", "match": { "facts": { "device": "phone" } }, "to": { "2.0.0": 100 } }],
    });
    for rules in [&no_rule, &other_rule] {
        let dyes = Dyes::new().key("k1", SECRET);
        // The handler is told of it where dyes are read.
        let server = serve(host(FactSources::new()).dyes(dyes.clone()), &table(rules)).await;
        let seen = get(OTHER, server.address, &lines).await.seen();
        assert_eq!((&seen["dye"], &seen["baggage"]), (&json!(key), &json!("")));
        // And the next service where baggage goes out, also of what is only found out.
        let knows = FactSources::new().device();
        let server = serve(host(knows).dyes(dyes).baggage(Baggage::new()), &table(rules)).await;
        let phone = [lines[0], "sec-ch-ua-mobile: ?1", "baggage: versioned-dye=team:b"];
        let seen = get(OTHER, server.address, &phone).await.seen();
        let key = format!("device:mobile|{key}");
        assert_eq!(seen["dye"], key);
        let out = format!(
            "versioned-dye={},versioned-epoch=mirror:2",
            key.replace('%', "%25").replace('ß', "%C3%9F")
        );
        assert_eq!(seen["baggage"], out);
        // What is not believed does not go on.
        let forged = ["dye: region:us|team:b", "baggage: versioned-dye=team:b"];
        let seen = get(OTHER, server.address, &forged).await.seen();
        assert_eq!(seen["dye"], "");
    }
}

#[tokio::test]
async fn the_first_table_hands_facts_on() {
    let service = service(None, ContractConfig::new());
    let server = Server::new(
        Host::from(service)
            .facts(FactSources::new().device())
            .baggage(Baggage::new()),
    );
    let server = mirrored::run_first(server).await;
    let seen = get(OTHER, server.address, &["sec-ch-ua-mobile: ?1"]).await.seen();
    assert_eq!(
        seen["baggage"],
        "versioned-dye=device:mobile,versioned-epoch=mirror:1"
    );
}

#[tokio::test]
async fn baggage_goes_out_only_where_that_is_said() {
    let server = serve(host(FactSources::new()), &table(&json!({}))).await;
    let answer = get(OTHER, server.address, &["baggage: a=1"]).await;
    assert_eq!(answer.seen()["baggage"], "");
    let server = serve(
        host(FactSources::new()).baggage(Baggage::new()),
        &table(&json!({})),
    )
    .await;
    let answer = get(OTHER, server.address, &["baggage: a=1"]).await;
    assert_eq!(answer.seen()["baggage"], "versioned-epoch=mirror:2,a=1");
}

#[tokio::test]
async fn in_process_calls_hand_the_baggage_on() {
    let service = service(None, ContractConfig::new());
    let host = Host::from(service.clone())
        .baggage(Baggage::new())
        .start()
        .expect("a host");
    host.replace("mirror", 1, &table(&json!({}))).expect("a table");
    // The table does not name the team.
    let context = Context::new().fact("team", "b").fact("region", "cn-east");
    let handle = service.handle::<mirror::V1>(context);
    let seen = mirror::v1::Mirror::seen(&handle).await.expect("an answer");
    assert_eq!(
        seen.baggage,
        "versioned-dye=region:cn-east|team:b,versioned-epoch=mirror:2"
    );
}

/// Keeps the context of its call.
#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<Context>>);

impl mirror::v1::Mirror for Keeper {
    async fn seen(&self) -> Result<mirror::v1::Seen, Problem> {
        let context = Context::current();
        let dye = context.dye().unwrap_or_default().to_owned();
        *self.0.lock().expect("a context") = context;
        Ok(mirror::v1::Seen {
            dye,
            baggage: String::new(),
            next: String::new(),
            served: String::new(),
        })
    }

    async fn told(&self, _: String) -> Result<mirror::v1::Seen, Problem> {
        mirror::v1::Mirror::seen(self).await
    }
}

#[tokio::test]
async fn what_is_said_of_a_call_goes_before_what_was_known() {
    let keeper = Keeper::default();
    let service = mirror::Service::builder().v1(keeper.clone()).build();
    let host = Host::from(service.clone())
        .dyes(Dyes::new().key("k1", SECRET))
        .clock(|| UnixTime::from_seconds(NOW))
        .start()
        .expect("a host");
    let request = http::Request::get("/v1/seen")
        .header("dye", signed(&[("region", "us"), ("team", "a")]))
        .body(axum::body::Body::empty())
        .expect("a request");
    let answer = tower::ServiceExt::oneshot(host.router(), request)
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    let known = keeper.0.lock().expect("a context").clone();
    assert_eq!(known.dye(), Some("region:us|team:a"));
    let dye = async |context: Context| {
        let handle = service.handle::<mirror::V1>(context);
        mirror::v1::Mirror::seen(&handle).await.expect("an answer").dye
    };
    assert_eq!(dye(known.clone()).await, "region:us|team:a");
    assert_eq!(dye(known.clone().fact("team", "b")).await, "region:us|team:b");
    // What is taken away does not come back, and what is no name of a fact is none.
    let taken = known.fact("team", "").fact("Team", "x").fact("x|tier", "low");
    assert_eq!(dye(taken).await, "region:us");
}
