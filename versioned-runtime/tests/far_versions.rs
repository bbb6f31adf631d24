//! Implementations that are many versions away are asked step by step, and nothing else tells them from those that are near.
#![allow(missing_docs)] // the contract of a test

mod support;

use serde_json::json;
use support::{ask, request};
use versioned_runtime::prelude::*;

#[versioned(
    contract = "trails",
    versions(
        v1 = "1.0.0",
        v2 = "2.0.0",
        v3 = "3.0.0",
        v4 = "4.0.0",
        v5 = "5.0.0",
        v6 = "6.0.0",
        v7 = "7.0.0",
        v8 = "8.0.0"
    )
)]
pub mod trails {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Walk {
        /// Which conversions it has seen.
        #[version(changed(v2, from = Vec<u8>, upgrade = up2, downgrade = down2))]
        #[version(changed(v3, from = Vec<u8>, upgrade = up3, downgrade = down3))]
        #[version(changed(v4, from = Vec<u8>, upgrade = up4, downgrade = down4))]
        #[version(changed(v5, from = Vec<u8>, upgrade = up5, downgrade = down5))]
        #[version(changed(v6, from = Vec<u8>, upgrade = up6, downgrade = down6))]
        #[version(changed(v7, from = Vec<u8>, upgrade = up7, downgrade = down7))]
        #[version(changed(v8, from = Vec<u8>, upgrade = up8, downgrade = down8))]
        pub trail: Vec<u8>,
    }

    pub trait Trails {
        #[post("/walks", status = 200)]
        async fn walk(&self, walk: Walk) -> Result<Walk, Problem>;

        #[get("/length/{of}")]
        async fn length(&self, of: String) -> Result<usize, Problem>;
    }

    fn up2(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 2)
    }

    fn down2(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 10 + 2)
    }

    fn up3(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 3)
    }

    fn down3(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 10 + 3)
    }

    fn up4(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 4)
    }

    fn down4(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 10 + 4)
    }

    fn up5(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 5)
    }

    fn down5(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 10 + 5)
    }

    fn up6(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 6)
    }

    fn down6(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 10 + 6)
    }

    fn up7(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 7)
    }

    fn down7(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 10 + 7)
    }

    fn up8(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 8)
    }

    fn down8(trail: Vec<u8>) -> Vec<u8> {
        with(trail, 10 + 8)
    }

    fn with(mut trail: Vec<u8>, step: u8) -> Vec<u8> {
        trail.push(step);
        trail
    }
}

/// What comes back is what came.
#[derive(Clone)]
struct Echo;

macro_rules! echo {
    ($version:ident) => {
        impl trails::$version::Trails for Echo {
            async fn walk(&self, walk: trails::$version::Walk) -> Result<trails::$version::Walk, Problem> {
                Ok(walk)
            }

            async fn length(&self, of: String) -> Result<usize, Problem> {
                Ok(of.len())
            }
        }
    };
}

echo!(v1);
echo!(v5);
echo!(v8);

/// Every conversion between the version that is asked and the one that answers, there and back.
fn trail(asked: u8, answers: u8) -> Vec<u8> {
    let (up, down) = (asked + 1..=answers, (answers + 1..=asked).rev());
    let there = up.clone().chain(down.clone().map(|step| 10 + step));
    let back = up.rev().map(|step| 10 + step).chain(down.rev());
    there.chain(back).collect()
}

macro_rules! in_process {
    ($service:ident, $($version:ident $marker:ident)*) => {
        [$({
            use trails::$version::Trails as _;
            let handle = $service.handle::<trails::$marker>(Context::new());
            let walked = handle.walk(trails::$version::Walk { trail: Vec::new() }).await;
            assert_eq!(handle.length("four".to_owned()).await.ok(), Some(4));
            walked.expect("an answer").trail
        }),*]
    };
}

async fn check(service: trails::Service, answers: u8) {
    let expected: Vec<Vec<u8>> = (1..=8).map(|asked| trail(asked, answers)).collect();
    let walked = in_process!(service, v1 V1 v2 V2 v3 V3 v4 V4 v5 V5 v6 V6 v7 V7 v8 V8);
    assert_eq!(walked.to_vec(), expected);
    let host = service.host().expect("a host");
    for (asked, expected) in (1..=8).zip(expected) {
        let version = format!("x-api-version: {asked}");
        let headers = [version.as_str(), "content-type: application/json"];
        let walked = ask(&host, request("POST", "/walks", &headers, r#"{"trail":[]}"#)).await;
        assert_eq!(walked.json(), json!({ "trail": expected }), "{asked}");
        let length = ask(&host, request("GET", "/length/four", &[&version], "")).await;
        assert_eq!(length.json(), json!(4), "{asked}");
    }
}

#[tokio::test]
async fn the_newest_answers_all() {
    assert_eq!(trail(1, 3), [2, 3, 13, 12]);
    check(trails::Service::builder().v8(Echo).build(), 8).await;
}

#[tokio::test]
async fn the_oldest_answers_all() {
    check(trails::Service::builder().v1(Echo).build(), 1).await;
}

#[tokio::test]
async fn one_in_between_answers_all() {
    check(trails::Service::builder().v5(Echo).build(), 5).await;
}
