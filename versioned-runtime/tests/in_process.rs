//! Calls in the process: which state they see while a request is under way and after it, where their items are made, and what they are told.
#![allow(missing_docs)] // the contract of a test

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::{StreamExt as _, stream};
use versioned_runtime::prelude::*;
use versioned_runtime::{DrainCounts, Event, EventStream, Ndjson, RunningHost, UnixTime, WithHeaders};

/// Seconds of 2023-05-01T10:00:00Z, when the brown-out of 1.0.0 begins; it takes half an hour.
const BROWN_OUT: i64 = 1_682_935_200;
/// Its sunset, 2023-06-01.
const SUNSET: i64 = 1_685_577_600;

#[versioned(
    contract = "desk",
    versions(v1("1.0.0", deprecated = "2023-01-01", sunset = "2023-06-01"), v2("2.0.0"))
)]
pub mod desk {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Headers {
        #[serde(rename = "X-Count")]
        pub count: u64,
    }

    #[derive(Debug, Responses)]
    pub enum Given {
        #[response(status = 200)]
        Lines(WithHeaders<Ndjson<String>, Headers>),
        #[response(status = 204)]
        Nothing,
    }

    pub trait Desk {
        #[get("/told")]
        async fn told(&self) -> Result<String, Problem>;

        /// What is told by calls with a context that outlives its request.
        #[get("/kept")]
        async fn keep(&self) -> Result<(), Problem>;

        #[get("/lines")]
        async fn lines(&self) -> Result<Ndjson<String>, Problem>;

        #[get("/events")]
        async fn events(&self) -> Result<EventStream<String>, Problem>;

        #[get("/given")]
        async fn given(&self) -> Result<Given, Problem>;
    }
}

/// What a context tells of its call.
fn seen() -> String {
    let context = Context::current();
    match context.epoch() {
        Some(epoch) => format!("{} at epoch {epoch}", context.key().unwrap_or("somebody")),
        None => "no call".to_owned(),
    }
}

/// Tells what it sees.
#[derive(Clone, Default)]
struct Clerk {
    /// What is seen where items are thrown away.
    thrown: Arc<Mutex<Vec<String>>>,
    /// The context of a request, for whoever goes on after it.
    kept: Arc<Mutex<Context>>,
}

struct Thrown(Clerk);

impl Drop for Thrown {
    fn drop(&mut self) {
        self.0.thrown.lock().expect("no panic").push(seen());
    }
}

impl Clerk {
    fn items(&self) -> impl stream::Stream<Item = String> + Send + use<> {
        let thrown = Thrown(self.clone());
        stream::iter(0..2).map(move |_| {
            let _kept = &thrown;
            seen()
        })
    }

    fn thrown(&self) -> Vec<String> {
        self.thrown.lock().expect("no panic").clone()
    }

    /// The context of a request that has ended.
    async fn kept(&self, service: &desk::Service) -> Context {
        use desk::v2::Desk as _;
        let asked = service.handle::<desk::V2>(Context::new()).keep().await;
        asked.expect("an answer");
        self.kept.lock().expect("no panic").clone()
    }
}

impl desk::v2::Desk for Clerk {
    // What stands before the future is the call's, too.
    fn told(&self) -> impl Future<Output = Result<String, Problem>> + Send {
        let before = seen();
        async move { Ok(format!("{before}, {}", seen())) }
    }

    async fn keep(&self) -> Result<(), Problem> {
        *self.kept.lock().expect("no panic") = Context::current();
        Ok(())
    }

    async fn lines(&self) -> Result<Ndjson<String>, Problem> {
        Ok(Ndjson::new(self.items().map(Ok)))
    }

    async fn events(&self) -> Result<EventStream<String>, Problem> {
        Ok(EventStream::new(self.items().map(|text| Ok(Event::new(text)))))
    }

    async fn given(&self) -> Result<desk::v2::Given, Problem> {
        let body = Ndjson::new(self.items().map(Ok));
        let headers = desk::v2::Headers { count: 2 };
        Ok(desk::v2::Given::Lines(WithHeaders { body, headers }))
    }
}

/// A desk, whose clock stands at the moment that is given.
fn desk(clock: &Arc<AtomicI64>) -> (Clerk, desk::Service, RunningHost) {
    let config = ContractConfig::new()
        .default_version::<desk::V2>()
        .brown_out::<desk::V1>("2023-05-01T10:00:00Z", 30);
    let clerk = Clerk::default();
    let service = desk::Service::builder().v2(clerk.clone()).config(config).build();
    let clock = Arc::clone(clock);
    let host = Host::new()
        .contract(service.clone())
        .clock(move || UnixTime::from_seconds(clock.load(Ordering::Relaxed)));
    (clerk, service, host.start().expect("a host"))
}

fn flip(host: &RunningHost) {
    let table = host.table("desk").expect("the table");
    host.replace("desk", table.epoch.expect("an epoch"), &table)
        .expect("the same table fits");
}

fn under_way(host: &RunningHost) -> u64 {
    host.drain("desk").iter().map(|counts| counts.in_flight).sum()
}

#[tokio::test]
async fn what_a_method_does_before_its_future_is_within_the_call() {
    use desk::v2::Desk as _;
    let (_, service, _) = desk(&Arc::default());
    let told = service
        .handle::<desk::V2>(Context::new().user_key("ada"))
        .told()
        .await;
    assert_eq!(told.expect("an answer"), "ada at epoch 1, ada at epoch 1");
}

#[tokio::test]
async fn items_are_made_within_their_call_which_ends_with_them() {
    use desk::v2::Desk as _;
    let (clerk, service, host) = desk(&Arc::default());
    let desk = service.handle::<desk::V2>(Context::new().user_key("ada"));

    let lines: Vec<_> = desk.lines().await.expect("an answer").collect().await;
    let lines: Vec<String> = lines.into_iter().map(|line| line.expect("no problem")).collect();
    assert_eq!(lines, ["ada at epoch 1", "ada at epoch 1"]);
    assert_eq!(clerk.thrown(), ["ada at epoch 1"]);

    let mut events = desk.events().await.expect("an answer");
    flip(&host);
    let event = events.next().await.expect("an event").expect("no problem");
    assert_eq!((event.data.as_str(), under_way(&host)), ("ada at epoch 1", 1));
    assert_eq!(seen(), "no call");
    drop(events);
    assert_eq!((clerk.thrown().len(), under_way(&host)), (2, 0));

    let given = desk.given().await.expect("an answer");
    assert_eq!(under_way(&host), 1);
    let desk::v2::Given::Lines(WithHeaders { mut body, headers }) = given else {
        panic!("{given:?}");
    };
    assert_eq!(headers.count, 2);
    for _ in 0..2 {
        let line = body.next().await.expect("a line").expect("no problem");
        assert_eq!((line.as_str(), under_way(&host)), ("ada at epoch 2", 1));
    }
    // The call has left with the last one, also where the stream is kept.
    assert!(body.next().await.is_none() && body.next().await.is_none());
    assert_eq!(under_way(&host), 0);
    assert_eq!(
        clerk.thrown(),
        ["ada at epoch 1", "ada at epoch 1", "ada at epoch 2"]
    );
}

/// What 1.0.0 tells calls with a context.
async fn told(service: &desk::Service, context: &Context) -> Result<String, u16> {
    use desk::v1::Desk as _;
    let told = service.handle::<desk::V1>(context.clone()).told().await;
    told.map_err(|problem| problem.status)
}

fn at(epoch: u64) -> String {
    format!("somebody at epoch {epoch}, somebody at epoch {epoch}")
}

#[tokio::test]
async fn a_context_that_outlives_its_request_calls_by_the_table_in_force() {
    use desk::v1::Desk as _;
    let (clerk, service, host) = desk(&Arc::default());
    let kept = clerk.kept(&service).await;
    assert_eq!(told(&service, &kept).await, Ok(at(1)));
    // Nobody has asked what has drained.
    flip(&host);
    assert_eq!(told(&service, &kept).await, Ok(at(2)));
    for epoch in 2..5 {
        let first = clerk.kept(&service).await;
        let desk = service.handle::<desk::V1>(first.clone());
        let under_way = desk.lines().await.expect("an answer");
        flip(&host);
        // As long as something is under way, it is all one.
        assert_eq!(told(&service, &first).await, Ok(at(epoch)));
        assert_eq!(told(&service, &kept).await, Ok(at(epoch + 1)));
        drop(under_way);
        assert_eq!(told(&service, &first).await, Ok(at(epoch + 1)));
    }
    let DrainCounts { entered, left, .. } = host.drain("desk")[4];
    assert_eq!((entered, left), (2, 2));
}

#[tokio::test]
async fn dates_count_for_a_context_that_outlives_its_request() {
    use desk::v1::Desk as _;
    let clock = Arc::new(AtomicI64::new(BROWN_OUT - 1));
    let (clerk, service, _) = desk(&clock);
    let first = clerk.kept(&service).await;
    let versions = |context: &Context| {
        let handle = service.handle::<desk::V2>(context.clone());
        let versions = handle.versions();
        assert_eq!(handle.view::<desk::V1>().is_some(), versions.len() == 2);
        versions.len()
    };
    assert_eq!((versions(&first), told(&service, &first).await), (2, Ok(at(1))));

    let under_way = service.handle::<desk::V1>(first.clone()).lines().await;
    clock.store(BROWN_OUT, Ordering::Relaxed);
    // What a request has seen it sees to its end, and whoever else asks is told what holds.
    assert_eq!((versions(&first), told(&service, &first).await), (2, Ok(at(1))));
    assert_eq!(
        (versions(&Context::new()), told(&service, &Context::new()).await),
        (1, Err(410))
    );
    drop(under_way);
    assert_eq!((versions(&first), told(&service, &first).await), (1, Err(410)));

    clock.store(BROWN_OUT + 1800, Ordering::Relaxed);
    assert_eq!((versions(&first), told(&service, &first).await), (2, Ok(at(1))));
    // Nothing else goes on in the process.
    let second = clerk.kept(&service).await;
    clock.store(SUNSET, Ordering::Relaxed);
    assert_eq!((versions(&second), told(&service, &second).await), (1, Err(410)));
}

#[tokio::test]
async fn an_empty_user_key_is_none() {
    use desk::v2::Desk as _;
    let (_, service, _) = desk(&Arc::default());
    let context = Context::new().user_key("ada").user_key("");
    assert_eq!(context.key(), None);
    let told = service.handle::<desk::V2>(context).told().await;
    assert_eq!(told.map_err(|problem| problem.status), Ok(at(1)));
}
