//! Traffic moves while it flows: 20 000 requests on 8 connections, 200 flips, no failure, no answer that mixes two epochs.

mod support;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::{Served, users};

const REQUESTS: usize = 20_000;
const CONNECTIONS: usize = 8;
const FLIPS: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_and_none_mixes_two_epochs() {
    let served = Arc::new(Served::start(users()).await);
    for number in 0..50 {
        let draft = serde_json::json!({ "given_name": "Ada", "family_name": "L", "email": format!("u{number}@example.org"), "locale": null });
        assert_eq!(served.send("POST", "/v2/users", Some(&draft)).await.status, 201);
    }
    // The share of each epoch, written before the epoch is in force.
    let first = served.epoch();
    let mut shares: HashMap<u64, u32> = [(first, 0)].into();
    for flip in 1..=FLIPS {
        shares.insert(first + flip as u64, if flip % 2 == 0 { 0 } else { 1_000_000 });
    }
    let shares = Arc::new(shares);
    let done = Arc::new(AtomicUsize::new(0));
    let workers: Vec<_> = (0..CONNECTIONS)
        .map(|worker| {
            let (served, shares, done) = (Arc::clone(&served), Arc::clone(&shares), Arc::clone(&done));
            tokio::spawn(async move {
                let mut connection = served.connect().await;
                let mut epochs = 0_usize;
                let mut last = 0;
                for request in 0..REQUESTS / CONNECTIONS {
                    let id = 1 + (worker + request) % 50;
                    let user = format!("{worker}-{request}");
                    let answer = connection.get(&format!("/v1.1/users/{id}"), &user).await;
                    assert_eq!(answer.status, 200, "{:?}", answer.body);
                    assert_eq!(answer.body["id"], id);
                    // An answer names one epoch, and was served by who serves everybody in that epoch.
                    let epoch: u64 = answer.header("api-epoch").parse().expect("a number");
                    let expected = if shares[&epoch] == 0 { "1.1.0" } else { "2.0.0" };
                    assert_eq!(answer.header("api-serving-version"), expected, "epoch {epoch}");
                    assert!(epoch >= last, "epochs go forward on a connection");
                    epochs += usize::from(epoch != last);
                    last = epoch;
                    done.fetch_add(1, Ordering::Relaxed);
                }
                epochs
            })
        })
        .collect();
    // A flip each hundredth request, so that they spread over the whole run whatever the machine does.
    for flip in 1..=FLIPS {
        while done.load(Ordering::Relaxed) < (flip - 1) * (REQUESTS / FLIPS)
            && !workers.iter().any(tokio::task::JoinHandle::is_finished)
        {
            tokio::task::yield_now().await;
        }
        served.share("2.0.0", shares[&(first + flip as u64)]);
    }
    for worker in workers {
        let epochs = worker.await.expect("no request failed");
        // How many depends on the machine; one alone would mean that nothing was flipped while it asked.
        assert!(epochs > 1, "a connection has seen one epoch only");
    }
    let counters = served.host().counters();
    assert_eq!(
        (counters.panics, counters.refusals, counters.flips),
        (0, 0, FLIPS as u64)
    );
    Arc::into_inner(served)
        .expect("nobody asks any more")
        .stop()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_are_what_was_asked_for() {
    const USERS: u32 = 4_000;
    let served = Served::start(users()).await;
    let draft = serde_json::json!({ "given_name": "Ada", "family_name": "L", "email": null, "locale": null });
    assert_eq!(served.send("POST", "/v2/users", Some(&draft)).await.status, 201);
    let mut connection = served.connect().await;
    for ppm in [50_000_u32, 200_000, 500_000] {
        served.share("2.0.0", ppm);
        let mut moved = 0_u32;
        for user in 0..USERS {
            let answer = connection.get("/v1/users/1", &format!("user-{user}")).await;
            moved += u32::from(answer.header("api-serving-version") == "2.0.0");
        }
        // The keys are fixed, so this is no gamble: it either holds on every machine or on none.
        let share = f64::from(ppm) / 1e6;
        let expected = share * f64::from(USERS);
        let sigma = (f64::from(USERS) * share * (1.0 - share)).sqrt();
        assert!(
            (f64::from(moved) - expected).abs() < 4.0 * sigma,
            "{moved} of {USERS} at {ppm} ppm"
        );
    }
    drop(connection);
    served.stop().await;
}
