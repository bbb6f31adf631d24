//! Each version × implementation × operation over a socket: the answer is right in that version's shape, whichever implementation
//! made it, and whichever created what it reads.

mod support;

use serde_json::{Value, json};
use support::{Served, users};

const VERSIONS: [&str; 3] = ["1.0.0", "1.1.0", "2.0.0"];
const IMPLEMENTATIONS: [&str; 2] = ["1.1.0", "2.0.0"];

/// What a client of a version sends to create a user.
fn draft(version: &str, number: u64) -> Value {
    let address = format!("user{number}@example.org");
    match version {
        "1.0.0" => json!({ "name": "Ada Lovelace", "mail": address }),
        "1.1.0" => json!({ "name": "Ada Lovelace", "mail": address, "locale": "en-GB" }),
        _ => json!({ "given_name": "Ada", "family_name": "Lovelace", "email": address, "locale": "en-GB" }),
    }
}

/// The members that a user has in a version, in alphabetical order.
fn members(version: &str) -> &'static [&'static str] {
    match version {
        "1.0.0" => &["id", "mail", "name", "revision", "status"],
        "1.1.0" => &["id", "locale", "mail", "name", "revision", "status"],
        _ => &[
            "email",
            "family_name",
            "given_name",
            "id",
            "locale",
            "revision",
            "status",
        ],
    }
}

#[track_caller]
fn check_user(user: &Value, version: &str, id: u64, number: u64, row: &str) {
    let mut found: Vec<&str> = user
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    found.sort_unstable();
    assert_eq!(found, members(version), "{row}");
    assert_eq!(user["id"], id, "{row}");
    let address = format!("user{number}@example.org");
    if version == "2.0.0" {
        assert_eq!(
            (&user["given_name"], &user["family_name"]),
            (&json!("Ada"), &json!("Lovelace")),
            "{row}"
        );
        assert_eq!(user["email"], address, "{row}");
    } else {
        assert_eq!(user["name"], "Ada Lovelace", "{row}");
        assert_eq!(user["mail"], address, "{row}");
    }
}

/// Whether an implementation answers an operation of a version; where it does not, the other one does.
fn answers(implementation: &str, version: &str, operation: &str) -> bool {
    match (implementation, version) {
        ("2.0.0", "1.0.0" | "1.1.0") => operation != "search",
        // What 2.0.0 sends as a status may be one that 1.1.0 does not know, so Legacy does not take it.
        ("1.1.0", "2.0.0") => !matches!(operation, "find" | "status"),
        _ => true,
    }
}

fn other(implementation: &str) -> &'static str {
    if implementation == "1.1.0" {
        "2.0.0"
    } else {
        "1.1.0"
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_by_every_implementation() {
    let served = Served::start(users()).await;
    let mut number = 0;
    for implementation in IMPLEMENTATIONS {
        served.all_to(implementation);
        for version in VERSIONS {
            let prefix = format!("/v{version}");
            let check_served = |answer: &support::Answer, operation: &str| {
                let answering = answers(implementation, version, operation);
                let expected = if answering {
                    implementation
                } else {
                    other(implementation)
                };
                assert_eq!(answer.header("api-version"), version, "{operation}");
                assert_eq!(
                    answer.header("api-serving-version"),
                    expected,
                    "{operation} of {version} by {implementation}"
                );
            };
            number += 1;
            let row = format!("{version} by {implementation}");
            let created = served
                .send("POST", &format!("{prefix}/users"), Some(&draft(version, number)))
                .await;
            assert_eq!(created.status, 201, "{row}: {:?}", created.body);
            check_served(&created, "create");
            let id = created.body["id"].as_u64().expect("an id");
            check_user(&created.body, version, id, number, &row);
            // Read in every version, by every implementation: also by the one that did not create it.
            for reading in IMPLEMENTATIONS {
                served.all_to(reading);
                for read_as in VERSIONS {
                    let read = served.send("GET", &format!("/v{read_as}/users/{id}"), None).await;
                    let row = format!("{row}, read as {read_as} by {reading}");
                    assert_eq!(read.status, 200, "{row}: {:?}", read.body);
                    assert_eq!(read.header("api-serving-version"), reading, "{row}");
                    check_user(&read.body, read_as, id, number, &row);
                }
            }
            served.all_to(implementation);
            let path = format!("{prefix}/users/{id}");
            let replaced = served.send("PUT", &path, Some(&draft(version, number))).await;
            assert_eq!(replaced.status, 200, "{row}: {:?}", replaced.body);
            check_served(&replaced, "replace");
            check_user(&replaced.body, version, id, number, &row);
            let changed = served
                .send("PATCH", &path, Some(&json!({ "status": "suspended" })))
                .await;
            assert_eq!(
                (changed.status, &changed.body["status"]),
                (200, &json!("suspended")),
                "{row}"
            );
            check_served(&changed, "status");
            if version != "1.0.0" {
                let listed = served
                    .send("GET", &format!("{prefix}/users?after={}&limit=1", id - 1), None)
                    .await;
                assert_eq!(listed.status, 200, "{row}: {:?}", listed.body);
                check_served(&listed, "list");
                check_user(&listed.body["users"][0], version, id, number, &row);
            }
            let (operation, found) = if version == "2.0.0" {
                (
                    "find",
                    format!("{prefix}/users/by-family-name?starts-with=Love&limit=100"),
                )
            } else {
                ("search", format!("{prefix}/users/search?q=lovelace&limit=100"))
            };
            let found = served.send("GET", &found, None).await;
            assert_eq!(found.status, 200, "{row}: {:?}", found.body);
            check_served(&found, operation);
            let user = found
                .body
                .as_array()
                .expect("a list")
                .iter()
                .find(|user| user["id"] == id)
                .expect("it is found");
            check_user(user, version, id, number, &row);
            let deleted = served.send("DELETE", &path, None).await;
            assert_eq!((deleted.status, deleted.body), (204, Value::Null), "{row}");
            let missing = served.send("GET", &path, None).await;
            assert_eq!(missing.status, 404, "{row}");
            assert_eq!(missing.body["id"], id, "{row}");
        }
    }
    served.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_version_does_not_know_is_downgraded() {
    let served = Served::start(users()).await;
    let created = served.send("POST", "/v2/users", Some(&draft("2.0.0", 1))).await;
    let id = created.body["id"].as_u64().expect("an id");
    let dormant = served
        .send(
            "PATCH",
            &format!("/v2/users/{id}"),
            Some(&json!({ "status": "dormant" })),
        )
        .await;
    assert_eq!(dormant.body["status"], "dormant");
    for implementation in IMPLEMENTATIONS {
        served.all_to(implementation);
        let old = served.send("GET", &format!("/v1/users/{id}"), None).await;
        assert_eq!(old.body["status"], "suspended", "by {implementation}");
    }
    served.stop().await;
}
