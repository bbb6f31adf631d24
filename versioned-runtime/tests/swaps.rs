//! Decisions while tables are replaced at full speed: not one sees parts of two states.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use versioned_runtime::prelude::*;
use versioned_runtime::{RunningHost, UnixTime};

#[versioned(contract = "inner", versions(v1 = "1.0.0", v1_1 = "1.1.0"))]
mod inner {
    use super::*;

    pub trait Inner {
        #[get("/inner")]
        async fn tell(&self) -> Result<Vec<u64>, Problem>;
    }
}

#[versioned(contract = "outer", versions(v1 = "1.0.0", v1_1 = "1.1.0"))]
mod outer {
    use super::*;

    pub trait Outer {
        #[get("/outer")]
        async fn tell(&self) -> Result<Vec<u64>, Problem>;
    }
}

/// The epoch of the table that decided, and the minor number of the implementation that it chose.
fn decided() -> Vec<u64> {
    let context = Context::current();
    let serving = context.serving_version().expect("a routed call");
    vec![context.epoch().expect("a routed call"), serving.minor]
}

/// Tells what decided on its own call.
struct Teller;

impl inner::v1::Inner for Teller {
    async fn tell(&self) -> Result<Vec<u64>, Problem> {
        Ok(decided())
    }
}

/// Tells that, and what decided on the call that it makes.
struct Asker(inner::Service);

impl outer::v1::Outer for Asker {
    async fn tell(&self) -> Result<Vec<u64>, Problem> {
        let handle = self.0.handle::<inner::V1>(Context::current());
        let told = inner::v1::Inner::tell(&handle).await?;
        Ok([decided(), told].concat())
    }
}

/// Puts the next table in force: one of an even epoch gives all users to 1.1.0, one of an odd epoch none.
fn flip(host: &RunningHost, contract: &str) {
    let mut table = host.table(contract).expect("a table");
    let epoch = table.epoch.take().expect("an epoch");
    table.shares = if epoch % 2 == 1 {
        [("1.1.0".to_owned(), 1_000_000)].into()
    } else {
        [].into()
    };
    host.replace(contract, epoch, &table).expect("a table that fits");
}

/// What one request tells of two decisions. The tables of `outer` are flipped first, so that they are never behind those of `inner`, and
/// never two ahead.
#[track_caller]
fn hold(told: &[u64]) {
    let [outer, outer_serving, inner, inner_serving] = *told else {
        panic!("{told:?}");
    };
    assert!(
        outer == inner || outer == inner + 1,
        "two states in one request: {told:?}"
    );
    for (epoch, serving) in [(outer, outer_serving), (inner, inner_serving)] {
        assert_eq!(
            serving,
            u64::from(epoch % 2 == 0),
            "epoch {epoch} did not choose this: {told:?}"
        );
    }
}

/// Two threads decide so often between them, while a third one replaces tables as fast as it can. They go on for a while where it was not
/// let to run meanwhile.
fn swap_under(decisions: u64) {
    let inner = inner::Service::builder().v1(Teller).v1_1(Teller).build();
    let outer = outer::Service::builder()
        .v1(Asker(inner.clone()))
        .v1_1(Asker(inner.clone()))
        .build();
    let host = Host::new()
        .contract(inner)
        .contract(outer.clone())
        .start()
        .expect("a host");
    let (done, flips, seen) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                flip(&host, "outer");
                flip(&host, "inner");
                flips.fetch_add(2, Ordering::Relaxed);
            }
        });
        let readers = [0, 1].map(|_| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .expect("a runtime");
                let mut last = 0;
                for request in 0..decisions * 25 {
                    if request >= decisions / 4 && seen.load(Ordering::Relaxed) > 100 {
                        break;
                    }
                    let handle = outer.handle::<outer::V1>(Context::new());
                    let told = runtime
                        .block_on(outer::v1::Outer::tell(&handle))
                        .expect("an answer");
                    hold(&told);
                    // What was put in force stays in force, for every thread.
                    assert!(told[0] >= last, "epoch {} after {last}", told[0]);
                    seen.fetch_add(u64::from(told[0] > last), Ordering::Relaxed);
                    last = told[0];
                }
            })
        });
        let ended = readers.map(thread::ScopedJoinHandle::join);
        done.store(true, Ordering::Relaxed);
        for end in ended {
            end.expect("no decision mixes two epochs");
        }
    });
    let (flips, seen) = (flips.into_inner(), seen.into_inner());
    assert!(seen > 100, "{flips} flips, {seen} epochs seen");
    println!("{decisions} decisions, {flips} tables put in force, {seen} times a reader saw a new one");
}

#[test]
fn no_decision_mixes_two_epochs() {
    swap_under(1_000_000);
}

/// Compiling many rules takes a fraction of a second; whoever asks for the time while a table is compiled can make it any longer.
#[test]
fn a_date_waits_for_no_table_that_is_compiled() {
    const COMMANDS: &str = "commands";
    // 2023-05-01T10:00:00Z.
    const BROWN_OUT: i64 = 1_682_935_200;
    let (now, asked) = (Arc::new(AtomicI64::new(BROWN_OUT - 1)), AtomicBool::new(false));
    let (begun, begins) = mpsc::sync_channel(1);
    let (release, released) = mpsc::sync_channel::<()>(1);
    let released = Mutex::new(released);
    let clock = {
        let now = Arc::clone(&now);
        move || {
            // What is asked first is which versions the table is compiled for.
            if thread::current().name() == Some(COMMANDS) && !asked.swap(true, Ordering::Relaxed) {
                begun.send(()).expect("somebody listens");
                let _ = released.lock().expect("a lock").recv();
            }
            UnixTime::from_seconds(now.load(Ordering::Relaxed))
        }
    };
    let config = ContractConfig::new()
        .default_version::<inner::V1_1>()
        .brown_out::<inner::V1>("2023-05-01T10:00:00Z", 15);
    let service = inner::Service::builder()
        .v1(Teller)
        .v1_1(Teller)
        .config(config)
        .build();
    let host = Host::new().contract(service.clone()).clock(clock);
    let host = host.start().expect("a host");
    let ask = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let handle = service.handle::<inner::V1>(Context::new());
        let told = runtime.block_on(inner::v1::Inner::tell(&handle));
        told.map_err(|problem| problem.status)
    };
    assert_eq!(ask(), Ok(vec![1, 0]));
    let writer = thread::Builder::new().name(COMMANDS.to_owned());
    let writer = writer.spawn(move || flip(&host, "inner")).expect("a thread");
    begins.recv().expect("a table is begun");
    now.store(BROWN_OUT, Ordering::Relaxed);
    let (answered, answer) = mpsc::channel();
    let client = thread::spawn(move || {
        let _ = answered.send(ask());
        ask
    });
    let first = answer.recv_timeout(Duration::from_secs(30));
    drop(release);
    let ask = client.join().expect("a client");
    writer.join().expect("a table that fits");
    assert_eq!(first, Ok(Err(410)), "the call waited for the table");
    // The table comes on top of what the date has changed.
    assert_eq!(ask(), Err(410));
    now.store(BROWN_OUT + 15 * 60, Ordering::Relaxed);
    assert_eq!(ask(), Ok(vec![2, 1]));
}

#[test]
#[ignore = "ten million decisions: `cargo xtask soak`"]
fn soak() {
    swap_under(10_000_000);
}
