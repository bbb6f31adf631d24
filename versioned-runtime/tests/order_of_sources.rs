//! The order of the places that name a version, as the configuration says it: it changes no answer, but what refusals name first.

mod support;

use support::{aged, ask, request, service};
use versioned_runtime::prelude::*;
use versioned_runtime::resolve::Source;
use versioned_runtime::{RunningHost, Sources, Unversioned};

const ALL: [Source; 4] = [Source::Prefix, Source::Header, Source::Accept, Source::Query];

/// What a place is called in answers.
fn name(source: Source) -> &'static str {
    match source {
        Source::Prefix => "URL prefix",
        Source::Header => "header `x-api-version`",
        Source::Accept => "version in `Accept`",
        Source::Query => "query parameter `api-version`",
        Source::ClientPin => unreachable!("it is none of them"),
    }
}

fn host(order: &[Source]) -> RunningHost {
    let sources = Sources::default().only(order.iter().copied());
    let config = aged().sources(sources).unversioned(Unversioned::Reject);
    Host::from(service(config)).start().expect("a host")
}

/// Asks for a note with a version in each of these places; tells the status, the kind of problem and its detail.
async fn told(host: &RunningHost, said: &[(Source, &str)]) -> (u16, String, String) {
    let (mut prefix, mut query, mut headers) = (String::new(), String::new(), Vec::new());
    for (source, version) in said {
        match source {
            Source::Prefix => prefix = format!("/v{version}"),
            Source::Header => headers.push(format!("x-api-version: {version}")),
            Source::Accept => headers.push(format!("accept: application/json; version={version}")),
            Source::Query => query = format!("?api-version={version}"),
            Source::ClientPin => unreachable!("it is none of them"),
        }
    }
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let answer = ask(
        host,
        request("GET", &format!("{prefix}/notes/1{query}"), &headers, ""),
    )
    .await;
    let member = |name| answer.json()[name].as_str().unwrap_or_default().to_owned();
    let kind = member("type").rsplit(':').next().unwrap_or_default().to_owned();
    (answer.status.as_u16(), kind, member("detail"))
}

/// All orders of these places.
fn orders(places: &[Source]) -> Vec<Vec<Source>> {
    if places.is_empty() {
        return vec![Vec::new()];
    }
    let with_first = |first: &Source| {
        let others: Vec<Source> = places.iter().copied().filter(|other| other != first).collect();
        let orders = orders(&others).into_iter();
        orders
            .map(|order| [vec![*first], order].concat())
            .collect::<Vec<_>>()
    };
    places.iter().flat_map(with_first).collect()
}

#[tokio::test]
async fn what_is_read_first_is_named_first() {
    let orders = orders(&ALL);
    assert_eq!(orders.len(), 24);
    for order in orders {
        let host = host(&order);
        // A client that names none is told the places in their order.
        let (status, kind, detail) = told(&host, &[]).await;
        assert_eq!((status, &*kind), (400, "version-required"), "{order:?}");
        let names: Vec<&str> = order.iter().copied().map(name).collect();
        assert_eq!(detail, format!("name a version of `notes`: {}", names.join(", ")));
        for (at, first) in order.iter().enumerate() {
            for second in &order[at + 1..] {
                for (one, other) in [("1", "2"), ("2", "1")] {
                    // Of two that disagree, the first one is named first, whichever of them says what.
                    let said = [(*first, one), (*second, other)];
                    let row = format!("{order:?}: {said:?}");
                    let (status, kind, detail) = told(&host, &said).await;
                    assert_eq!((status, &*kind), (400, "versions-disagree"), "{row}");
                    let both = format!("the {} and the {} name versions", name(*first), name(*second));
                    assert!(detail.starts_with(&both), "{row}: {detail}");
                    let turned: Vec<_> = said.into_iter().rev().collect();
                    assert_eq!(told(&host, &turned).await.2, detail, "{row}");
                }
                // Two that agree are answered, in every order.
                let agree = [(*first, "2"), (*second, "2.0.0")];
                assert_eq!(told(&host, &agree).await.0, 200, "{order:?}: {agree:?}");
                // Of two that cannot be read, the first one is named; an unknown prefix is an unknown path.
                if ![*first, *second].contains(&Source::Prefix) {
                    let (status, kind, detail) = told(&host, &[(*first, "one"), (*second, "two")]).await;
                    assert_eq!((status, &*kind), (400, "version-malformed"), "{order:?}");
                    let what = format!("{}: `one` names no version", name(*first));
                    assert!(detail.starts_with(&what), "{order:?}: {detail}");
                }
            }
        }
        // All are read before any two of them are compared.
        let last = order
            .iter()
            .rfind(|source| **source != Source::Prefix)
            .expect("others");
        let said: Vec<_> = order
            .iter()
            .zip(["1", "2", "1", "2"])
            .map(|(source, version)| (*source, if source == last { "!" } else { version }))
            .collect();
        let (status, kind, detail) = told(&host, &said).await;
        assert_eq!((status, &*kind), (400, "version-malformed"), "{order:?}");
        assert!(detail.starts_with(name(*last)), "{order:?}: {detail}");
    }
}

#[tokio::test]
async fn a_place_that_is_said_twice_is_where_it_is_said_first() {
    let host = host(&[Source::Query, Source::Header, Source::Query]);
    let detail = told(&host, &[]).await.2;
    assert_eq!(
        detail,
        "name a version of `notes`: query parameter `api-version`, header `x-api-version`"
    );
    let detail = told(&host, &[(Source::Header, "1"), (Source::Query, "2")])
        .await
        .2;
    assert!(detail.starts_with("the query parameter"), "{detail}");
}
