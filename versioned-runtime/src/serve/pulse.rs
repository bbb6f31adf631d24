//! Watching connections: who is silent for too long is not waited for, and all are told when the server stops.
//!
//! One timer for all of them, and one number that each connection counts up: a timer for the head of each request costs a request more
//! than resolving its version.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// What is written in fewer bytes tells nothing of the client: whoever asks whether the server is still there, as HTTP/2 can, gets an answer,
/// and takes nothing by it. The head of an answer is longer, and so is a part of its body, but for the last one.
const SMALL: usize = 64;

/// Into how many rounds a time-out is divided: a connection is closed at the end of the round in which its time is over.
const ROUNDS: u32 = 4;

/// What one connection does, for who watches it.
///
/// Requests of HTTP/1 come one after the other, in the task of their connection: nobody else writes these numbers. Those of HTTP/2 have
/// tasks of their own.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// How many requests have begun.
    begun: AtomicU32,
    /// How many the service works on. An answer that the client is to take is the client's work, though the request is under way.
    working: AtomicU32,
    /// How often the client has taken something of an answer: the last of it may take long after the request has ended here.
    taken: AtomicU32,
    /// Whether it speaks HTTP/2.
    multiplexed: AtomicBool,
    /// Tells it that nothing more is waited for.
    pub(super) end: Stop,
}

/// A request that is under way; not any more when this is dropped.
#[derive(Debug)]
pub(super) struct Open {
    pulse: Arc<Pulse>,
    shared: bool,
    working: bool,
}

impl Pulse {
    /// A request begins.
    pub(super) fn begin(self: &Arc<Self>, version: http::Version) -> Open {
        let shared = version == http::Version::HTTP_2;
        if shared {
            self.multiplexed.store(true, Ordering::Relaxed);
        }
        count(&self.begun, 1, shared);
        count(&self.working, 1, shared);
        Open {
            pulse: Arc::clone(self),
            shared,
            working: true,
        }
    }
}

impl Open {
    /// Whether the service works on it, or the client is to take what there is.
    pub(super) fn works(&mut self, working: bool) {
        if self.working != working {
            self.working = working;
            count(
                &self.pulse.working,
                if working { 1 } else { u32::MAX },
                self.shared,
            );
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.works(false);
    }
}

/// Adds to a number, and wraps around; without a locked instruction where only the current task writes it.
fn count(number: &AtomicU32, by: u32, shared: bool) {
    if shared {
        number.fetch_add(by, Ordering::Relaxed);
    } else {
        let sum = number.load(Ordering::Relaxed).wrapping_add(by);
        number.store(sum, Ordering::Relaxed);
    }
}

/// A stream that tells when something was written. What is read tells nothing: who sends a head byte by byte would go on for ever.
pub(super) struct Beating {
    stream: TokioIo<TcpStream>,
    pulse: Arc<Pulse>,
}

impl Beating {
    pub(super) fn new(stream: TcpStream, pulse: Arc<Pulse>) -> Self {
        Self {
            stream: TokioIo::new(stream),
            pulse,
        }
    }

    fn wrote(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(result, Poll::Ready(Ok(written)) if written > SMALL) {
            count(&self.pulse.taken, 1, false);
        }
        result
    }
}

impl Read for Beating {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Beating {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wrote(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Watches all connections of a server.
pub(super) struct Watch {
    timeout: Duration,
    connections: Vec<Watched>,
}

struct Watched {
    pulse: Arc<Pulse>,
    /// How many requests had begun in the round before, and how often something was taken.
    before: (u32, u32),
    /// The rounds in which nothing has happened.
    silent: u32,
    task: AbortHandle,
}

impl Watch {
    /// `timeout` is how long a connection may take for the head of a request.
    pub(super) fn new(timeout: Duration) -> Self {
        Self {
            timeout,
            connections: Vec::new(),
        }
    }

    /// How long a round is.
    pub(super) fn every(&self) -> Duration {
        (self.timeout / ROUNDS).max(Duration::from_millis(1))
    }

    /// Watches a connection, too.
    pub(super) fn over(&mut self, pulse: Arc<Pulse>, task: AbortHandle) {
        self.connections.push(Watched {
            pulse,
            before: (0, 0),
            silent: 0,
            task,
        });
    }

    /// Closes those that have been silent for the whole time, and forgets those that have ended. HTTP/2 can tell the client first, which
    /// then knows that a request that it sends meanwhile was not heard.
    pub(super) fn go_round(&mut self) {
        self.connections.retain_mut(|watched| {
            let silent = watched.silent_rounds();
            let multiplexed = watched.pulse.multiplexed.load(Ordering::Relaxed);
            if silent > if multiplexed { 2 * ROUNDS } else { ROUNDS } {
                tracing::debug!("a connection was silent for too long");
                watched.task.abort();
                return false;
            }
            if silent > ROUNDS {
                watched.pulse.end.tell();
            }
            !watched.task.is_finished()
        });
    }
}

impl Watched {
    /// How many rounds it has been silent for: it may have begun at the end of the first.
    fn silent_rounds(&mut self) -> u32 {
        let read = |number: &AtomicU32| number.load(Ordering::Relaxed);
        let now = (read(&self.pulse.begun), read(&self.pulse.taken));
        if read(&self.pulse.working) > 0 || now != self.before {
            (self.before, self.silent) = (now, 0);
        } else {
            self.silent += 1;
        }
        self.silent
    }
}

/// Tells all connections that the server stops.
#[derive(Debug, Default)]
pub(super) struct Stop {
    told: AtomicBool,
    notify: Notify,
}

impl Stop {
    /// Tells it, once and for all.
    pub(super) fn tell(&self) {
        self.told.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }

    /// Whether it was told; a task that has polled [`Stop::told`] is woken then.
    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::Acquire)
    }

    /// Wakes who has polled it.
    pub(super) fn told(&self) -> impl Future<Output = ()> {
        self.notify.notified()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connection and who watches it; `steps` are requests that begin (`+`) and end (`-`), whose answer waits for the client (`c`) and
    /// for the service again (`s`), writes (`w`), and rounds (`.`).
    #[track_caller]
    fn check(version: http::Version, steps: &str, closed: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let _within = runtime.enter();
        let task = runtime.spawn(std::future::pending::<()>());
        let (pulse, mut watch) = (Arc::new(Pulse::default()), Watch::new(Duration::from_secs(4)));
        watch.over(Arc::clone(&pulse), task.abort_handle());
        let mut open = None;
        for step in steps.chars() {
            match step {
                '+' => open = Some(pulse.begin(version)),
                '-' => drop(open.take()),
                'c' | 's' => open.as_mut().expect("a request").works(step == 's'),
                'w' => count(&pulse.taken, 1, false),
                _ => watch.go_round(),
            }
        }
        assert_eq!(watch.connections.is_empty(), closed, "{steps}");
    }

    #[test]
    fn who_is_silent_is_closed() {
        let one = http::Version::HTTP_11;
        check(one, "....", false);
        check(one, ".....", true);
        check(one, "+.........", false);
        check(one, "+...-....", false);
        check(one, "+...-.....", true);
        check(one, "+-.......", true);
        check(one, "+-....+-....", false);
        check(one, "...+-.....", false);
        check(one, "...+-......", true);
        // An answer that the client takes slowly is not cut off; one that it takes no more of, is.
        check(one, "+-w....w....w....", false);
        check(one, "+-w....w....w......", true);
        // An answer that the service is to go on with is waited for; one that the client is to take, is not.
        check(one, "+c.....", false);
        check(one, "+c......", true);
        check(one, "+c...s.........", false);
        check(one, "+c...s....c.....", true);
        let two = http::Version::HTTP_2;
        check(two, "+...............", false);
        check(two, "+-.........", false);
        check(two, "+-..........", true);
        check(two, "+c..........", true);
        check(two, "+-....+-.........", false);
    }

    #[test]
    fn who_speaks_http_2_is_told_first() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let task = runtime.spawn(std::future::pending::<()>());
        let (pulse, mut watch) = (Arc::new(Pulse::default()), Watch::new(Duration::from_secs(4)));
        watch.over(Arc::clone(&pulse), task.abort_handle());
        drop(pulse.begin(http::Version::HTTP_2));
        for round in 0..10 {
            assert_eq!(pulse.end.is_told(), round > 5, "{round}");
            watch.go_round();
        }
        assert!(watch.connections.is_empty());
    }

    #[test]
    fn those_that_have_ended_are_forgotten() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let task = runtime.spawn(async {});
        let mut watch = Watch::new(Duration::MAX);
        watch.over(Arc::default(), task.abort_handle());
        runtime.block_on(task).expect("an end");
        watch.go_round();
        assert!(watch.connections.is_empty());
        assert_eq!(Watch::new(Duration::ZERO).every(), Duration::from_millis(1));
    }
}
