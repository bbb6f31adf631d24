//! Watching connections: who is silent for too long is not waited for, and all are told when the server stops.
//!
//! One timer for all of them, and one number that each connection counts up: a timer for the head of each request costs a request more
//! than resolving its version.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// Into how many rounds the shorter of the time-outs is divided: a connection is closed at the end of the round in which its time is over.
const ROUNDS: u32 = 4;

/// What one connection does, for who watches it.
///
/// Requests of HTTP/1 come one after the other, in the task of their connection: nobody else writes these numbers. Those of HTTP/2 have
/// tasks of their own.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    /// How many requests have begun.
    begun: AtomicU32,
    /// How many are under way, and over HTTP/2 [`WORKING`] for each of them that the service works on: an answer of which there is something
    /// to take is the client's work.
    open: AtomicU64,
    /// How often the client has taken something of an answer: the last of it may take long after the request has ended here.
    taken: AtomicU32,
    /// Whether what was written last did not fit, because the client takes nothing.
    blocked: AtomicBool,
    /// Whether it speaks HTTP/2.
    multiplexed: AtomicBool,
    /// Tells it that nothing more is waited for.
    pub(super) end: Stop,
}

/// A request that the service works on, beside those that are under way.
const WORKING: u64 = 1 << 32;

/// A request that is under way; not any more when this is dropped.
#[derive(Debug)]
pub(super) struct Open {
    pulse: Arc<Pulse>,
    shared: bool,
    working: bool,
}

impl Pulse {
    /// A request begins.
    #[inline(always)] // a few steps, once a request
    pub(super) fn begin(self: &Arc<Self>, version: http::Version) -> Open {
        let shared = version == http::Version::HTTP_2;
        if shared {
            self.multiplexed.store(true, Ordering::Relaxed);
        }
        count(&self.begun, shared);
        add(&self.open, if shared { WORKING + 1 } else { 1 }, shared);
        Open {
            pulse: Arc::clone(self),
            shared,
            working: shared,
        }
    }

    /// Something was written, or did not fit. Before the first request there is nothing to take. Over HTTP/2 what is written need be no
    /// part of an answer: whoever asks whether the server is there gets an answer to that, too.
    #[inline(always)] // a few steps, once a request
    fn wrote(&self, fits: bool) {
        let blocked = self.blocked.load(Ordering::Relaxed);
        if blocked == fits {
            self.blocked.store(!fits, Ordering::Relaxed);
        }
        let shared = self.multiplexed.load(Ordering::Relaxed);
        if fits && (blocked || !shared) && self.begun.load(Ordering::Relaxed) > 0 {
            count(&self.taken, shared);
        }
    }
}

impl Open {
    /// There is an answer: over HTTP/2 the client is to make room for its body. Over HTTP/1 what it does not take blocks the connection.
    #[inline(always)] // a few steps, once a request
    pub(super) fn answered(&mut self) {
        if self.shared {
            self.works(false);
        }
    }

    /// A part of its body was made, or is to be made yet: then the service works on it. Over HTTP/2 a body is asked for a part when the
    /// client has room for one.
    #[inline(always)] // a few steps, once a request
    pub(super) fn polled(&mut self, made: bool) {
        if self.shared {
            self.polled_shared(made);
        }
    }

    #[inline(never)] // HTTP/1 would pay for the room that it takes
    fn polled_shared(&mut self, made: bool) {
        if made {
            count(&self.pulse.taken, true);
        }
        self.works(!made);
    }

    /// Whether the service works on it, or the client is to take what there is.
    fn works(&mut self, working: bool) {
        if self.working != working {
            self.working = working;
            let more = if working { WORKING } else { WORKING.wrapping_neg() };
            add(&self.pulse.open, more, self.shared);
        }
    }
}

impl Drop for Open {
    #[inline(always)] // a few steps, once a request
    fn drop(&mut self) {
        let less = if self.working { WORKING + 1 } else { 1 };
        add(&self.pulse.open, less.wrapping_neg(), self.shared);
    }
}

/// Counts one more, and wraps around; without a locked instruction where only the current task writes the number.
#[inline(always)] // a few steps
fn count(number: &AtomicU32, shared: bool) {
    if shared {
        number.fetch_add(1, Ordering::Relaxed);
    } else {
        let sum = number.load(Ordering::Relaxed).wrapping_add(1);
        number.store(sum, Ordering::Relaxed);
    }
}

/// Adds to a number in the same way.
#[inline(always)] // a few steps
fn add(number: &AtomicU64, by: u64, shared: bool) {
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
        match result {
            Poll::Ready(Ok(_)) => self.pulse.wrote(true),
            Poll::Pending => self.pulse.wrote(false),
            Poll::Ready(Err(_)) => {}
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
    every: Duration,
    /// For so many rounds a connection may say nothing that nothing is owed to.
    idle: u32,
    /// For so many, a client may take nothing of an answer.
    send: u32,
    connections: Vec<Watched>,
}

struct Watched {
    pulse: Arc<Pulse>,
    /// How many requests had begun in the round before, and how often something was taken.
    before: (u32, u32),
    /// The rounds in which nothing has happened.
    silent: u32,
    /// How long it has been told that it ends, in rounds; none before it was.
    told: Option<u32>,
    task: AbortHandle,
}

impl Watch {
    /// `idle` is how long a connection may take for the head of a request, `send` for taking something of an answer.
    pub(super) fn new(idle: Duration, send: Duration) -> Self {
        let every = (idle.min(send) / ROUNDS).max(Duration::from_millis(1));
        let rounds = |timeout: Duration| {
            let rounds = timeout.as_nanos() / every.as_nanos();
            u32::try_from(rounds).unwrap_or(u32::MAX)
        };
        Self {
            every,
            idle: rounds(idle),
            send: rounds(send),
            connections: Vec::new(),
        }
    }

    /// How long a round is.
    pub(super) fn every(&self) -> Duration {
        self.every
    }

    /// Watches a connection, too.
    pub(super) fn over(&mut self, pulse: Arc<Pulse>, task: AbortHandle) {
        self.connections.push(Watched {
            pulse,
            before: (0, 0),
            silent: 0,
            told: None,
            task,
        });
    }

    /// Closes those that have been silent for the whole time, and forgets those that have ended. HTTP/2 can tell the client first, which
    /// then knows that a request that it sends meanwhile was not heard, and may take what there is.
    pub(super) fn go_round(&mut self) {
        let (idle, send) = (self.idle, self.send);
        self.connections.retain_mut(|watched| {
            if watched.is_over(idle, send) {
                tracing::debug!("a connection was silent for too long");
                watched.task.abort();
                return false;
            }
            !watched.task.is_finished()
        });
    }
}

impl Watched {
    /// Whether its time is over. Its silence may have begun at the end of the first round that was silent.
    fn is_over(&mut self, idle: u32, send: u32) -> bool {
        let read = |number: &AtomicU32| number.load(Ordering::Relaxed);
        let is = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        let pulse = &self.pulse;
        let now = (read(&pulse.begun), read(&pulse.taken));
        let open = pulse.open.load(Ordering::Relaxed);
        let works = if is(&pulse.multiplexed) {
            open >= WORKING
        } else {
            open > 0 && !is(&pulse.blocked)
        };
        if works || now != self.before {
            (self.before, self.silent) = (now, 0);
        } else {
            self.silent = self.silent.saturating_add(1);
        }
        let owed = open > 0 || is(&pulse.blocked);
        let is_silent = self.silent > if owed { send } else { idle };
        match &mut self.told {
            None if is_silent && is(&pulse.multiplexed) => {
                pulse.end.tell();
                self.told = Some(0);
                false
            }
            None => is_silent,
            Some(_) if self.silent == 0 => false,
            Some(rounds) => {
                *rounds = rounds.saturating_add(1);
                *rounds > send
            }
        }
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

    /// A connection and who watches it: 4 rounds where nothing is owed to it, 8 where it is to take something. `steps` are requests that
    /// begin (`+`) and end (`-`), parts of answers that are made (`c`) and to be made (`s`), what was written (`w`) and did not fit
    /// (`b`), and rounds (`.`). Gives whether it is closed, and whether it was told.
    fn watched(version: http::Version, steps: &str) -> (bool, bool) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let _within = runtime.enter();
        let task = runtime.spawn(std::future::pending::<()>());
        let mut watch = Watch::new(Duration::from_secs(4), Duration::from_secs(8));
        assert_eq!(watch.every(), Duration::from_secs(1));
        let pulse = Arc::new(Pulse::default());
        watch.over(Arc::clone(&pulse), task.abort_handle());
        let mut open = None;
        for step in steps.chars() {
            match step {
                '+' => open = Some(pulse.begin(version)),
                '-' => drop(open.take()),
                'c' | 's' => open.as_mut().expect("a request").polled(step == 'c'),
                'w' | 'b' => pulse.wrote(step == 'w'),
                _ => watch.go_round(),
            }
        }
        (watch.connections.is_empty(), pulse.end.is_told())
    }

    #[track_caller]
    fn check(steps: &str, closed: bool) {
        let found = watched(http::Version::HTTP_11, steps);
        assert_eq!(found, (closed, false), "{steps}");
    }

    /// Whether it is told at the end of these steps, and closed after this many further rounds, not sooner.
    #[track_caller]
    fn ends(steps: &str, further: usize) {
        let two = http::Version::HTTP_2;
        let at = |rounds: usize| watched(two, &format!("{steps}{}", ".".repeat(rounds)));
        assert_eq!(watched(two, &steps[..steps.len() - 1]), (false, false), "{steps}");
        assert_eq!(at(0), (false, true), "{steps}");
        assert_eq!((at(further - 1).0, at(further).0), (false, true), "{steps}");
    }

    #[test]
    fn who_is_silent_is_closed() {
        check("....", false);
        check(".....", true);
        // Before the first request nothing is taken.
        check("w.w.w.w.w.", true);
        check("+.........", false);
        check("+...-....", false);
        check("+...-.....", true);
        check("+-.......", true);
        check("+-....+-....", false);
        check("...+-.....", false);
        check("...+-......", true);
    }

    #[test]
    fn who_takes_nothing_is_closed_later() {
        // An answer that the client takes slowly is not cut off; one that it takes no more of, is.
        check("+-w....w....w....", false);
        check("+-w....w....w......", true);
        check("+-wb.........", false);
        check("+-wb..........", true);
        check("+-wb........wb.........", false);
        // An answer that the service is to go on with is waited for; one that the client is to take, is not.
        check("+b.........", false);
        check("+b..........", true);
        check("+b...w............", false);
        check("+b...w....b........", false);
        check("+b...w....b.........", true);
    }

    #[test]
    fn who_speaks_http_2_is_told_first() {
        let two = http::Version::HTTP_2;
        assert_eq!(watched(two, "+..................."), (false, false));
        ends("+-......", 9);
        // Asking whether the server is there is no taking; a part of an answer is, and what fits again.
        ends("+-w.w.w.w.w.w.", 9);
        ends("+c..........", 9);
        assert_eq!(watched(two, "+c......c......c......"), (false, false));
        assert_eq!(watched(two, "+-.b......w....b....w"), (false, false));
        assert_eq!(watched(two, "+-....+-....+-...."), (false, false));
        // Who takes something after having been told has the time again.
        assert_eq!(watched(two, "+c..........c........."), (false, true));
    }

    #[test]
    fn those_that_have_ended_are_forgotten() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let task = runtime.spawn(async {});
        let mut watch = Watch::new(Duration::MAX, Duration::MAX);
        watch.over(Arc::default(), task.abort_handle());
        runtime.block_on(task).expect("an end");
        watch.go_round();
        assert!(watch.connections.is_empty());
        assert_eq!(
            Watch::new(Duration::ZERO, Duration::MAX).every(),
            Duration::from_millis(1)
        );
    }
}
