//! Accepting connections and speaking HTTP/1.1 and 2 on them, straight on hyper.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::app::{App, Connected};
use super::pulse::{Beating, Pulse, Stop, Watch};
use super::{Signals, Tuning};

/// How long accepting rests after an error that is not the connection's own, such as too many open files.
const REST: Duration = Duration::from_millis(100);

/// A connection, and who is at its other end.
type Accepted = (TcpStream, SocketAddr);

/// Serves the listener, and those of operators beside it, until `shutdown` is done, then drains; a signal that `shutdown` hands on cuts the drain short.
pub(super) async fn serve(
    listener: TcpListener,
    app: App,
    inner: Vec<(TcpListener, Router)>,
    tuning: Tuning,
    shutdown: impl Future<Output = Signals> + Send,
) {
    let mut connections = JoinSet::new();
    let stop = Arc::new(Stop::default());
    let mut watch = Watch::new(tuning.header_timeout, tuning.send_timeout);
    let builder = builder();
    let public = Arc::new(Semaphore::new(tuning.connections));
    let app = Arc::new(app);
    let (inner_listeners, inner_apps): (Vec<_>, Vec<_>) = inner
        .into_iter()
        .map(|(listener, router)| (listener, Arc::new(App::from(router))))
        .unzip();
    let mut shutdown = pin!(shutdown);
    let mut round = pin!(sleep(watch.every()));
    let mut signals = loop {
        let ((stream, peer), permit, app) = tokio::select! {
            signals = &mut shutdown => break signals,
            accepted = accept(&listener, &public) => {
                let Some((stream, permit)) = accepted else { continue };
                (stream, Some(permit), Arc::clone(&app))
            }
            // Admin interface and metrics are not behind the limit: they are what an operator needs when clients are too many.
            (index, accepted) = accept_any(&inner_listeners) => {
                let Some(stream) = accepted else { continue };
                (stream, None, Arc::clone(&inner_apps[index]))
            }
            () = &mut round => {
                watch.go_round();
                round.set(sleep(watch.every()));
                continue;
            }
            // Ended connections are taken out of the set as they end.
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
        };
        let pulse = Arc::new(Pulse::default());
        let connection = connection(
            (stream, peer),
            permit,
            app,
            builder.clone(),
            &pulse,
            Arc::clone(&stop),
        );
        watch.over(pulse, connections.spawn(connection));
    };
    drop((listener, inner_listeners));
    tracing::info!(connections = connections.len(), "draining");
    stop.tell();
    let mut timeout = pin!(sleep(tuning.drain_timeout));
    let mut second = pin!(signals.next());
    loop {
        tokio::select! {
            ended = connections.join_next() => if ended.is_none() { break },
            // Who was silent before is silent now.
            () = &mut round => {
                watch.go_round();
                round.set(sleep(watch.every()));
            }
            () = &mut timeout => {
                tracing::warn!("the drain timed out: requests are cut off");
                break;
            }
            () = &mut second => {
                tracing::warn!("a second signal: requests are cut off");
                break;
            }
        }
    }
    connections.shutdown().await;
}

/// One connection, to its end.
fn connection(
    (stream, peer): Accepted,
    permit: Option<OwnedSemaphorePermit>,
    app: Arc<App>,
    builder: auto::Builder<TokioExecutor>,
    pulse: &Arc<Pulse>,
    stop: Arc<Stop>,
) -> impl Future<Output = ()> + use<> {
    let service = Connected {
        pulse: Arc::clone(pulse),
        app,
        peer,
    };
    let stream = Beating::new(stream, Arc::clone(pulse));
    let pulse = Arc::clone(pulse);
    async move {
        let _permit = permit;
        let mut connection = pin!(builder.serve_connection_with_upgrades(stream, service));
        let mut told = pin!(async {
            tokio::select! {
                () = stop.told() => {}
                () = pulse.end.told() => {}
            }
        });
        let (mut listens, mut ends) = (false, false);
        let ended = poll_fn(|context| {
            // Once is enough: whoever wakes the task wakes all of it, and asking costs as much as a header.
            if !listens {
                listens = true;
                let _ = told.as_mut().poll(context);
            }
            if !ends && (stop.is_told() || pulse.end.is_told()) {
                ends = true;
                connection.as_mut().graceful_shutdown();
            }
            connection.as_mut().poll(context)
        })
        .await;
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended with an error");
        }
    }
}

/// What speaks HTTP. The heads of requests are not timed here, which would take a timer for each, but by the [`Watch`].
fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20))
        .max_concurrent_streams(256);
    builder
}

/// Takes a place first, then a connection: those beyond the limit wait in the backlog of the kernel.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<(Accepted, OwnedSemaphorePermit)> {
    let permit = Arc::clone(places).acquire_owned().await.ok()?;
    Some((accepted(listener.accept().await).await?, permit))
}

/// A connection of any of these, with the index of the listener; where there is none, none ever comes.
async fn accept_any(listeners: &[TcpListener]) -> (usize, Option<Accepted>) {
    let (index, result) = poll_fn(|context| {
        let mut polled = listeners.iter().enumerate();
        let ready = polled.find_map(|(index, listener)| match listener.poll_accept(context) {
            Poll::Ready(result) => Some((index, result)),
            Poll::Pending => None,
        });
        ready.map_or(Poll::Pending, Poll::Ready)
    })
    .await;
    (index, accepted(result).await)
}

async fn accepted(result: io::Result<Accepted>) -> Option<Accepted> {
    match result {
        Ok((stream, peer)) => {
            // Answers are small: waiting to fill a segment would only delay them.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY could not be set");
            }
            Some((stream, peer))
        }
        Err(error) => {
            let own = matches!(
                error.kind(),
                io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::ConnectionRefused
                    | io::ErrorKind::ConnectionReset
            );
            if !own {
                tracing::error!(%error, "connections cannot be accepted now");
                tokio::time::sleep(REST).await;
            }
            None
        }
    }
}
