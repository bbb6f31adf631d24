//! The batteries-included form: listeners, limits, signals and draining around a host.

mod accept;
mod app;
mod pulse;
mod shutdown;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, ToSocketAddrs, lookup_host};

use crate::host::{Host, HostError, RunningHost};

pub(crate) use shutdown::Signals;

use app::App;

/// Serves a contract, or a host of several, until SIGTERM or SIGINT; requests that have begun are finished.
///
/// # Errors
/// See [`ServeError`].
///
/// ```
/// # async fn main_job() -> Result<(), versioned_runtime::ServeError> {
/// # let service = versioned_runtime::Host::new();
/// versioned_runtime::serve(service, "127.0.0.1:8080").await
/// # }
/// ```
pub async fn serve(host: impl Into<Host>, address: impl ToSocketAddrs) -> Result<(), ServeError> {
    let mut addresses = lookup_host(address).await.map_err(|_| ServeError::NoAddress)?;
    let first = addresses.next().ok_or(ServeError::NoAddress)?;
    let mut server = Server::new(host).bind(first);
    server.alternatives = addresses.collect();
    server.run().await
}

/// Why serving did not begin, or ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The host cannot start.
    #[error(transparent)]
    Host(#[from] HostError),
    /// A path of a contract that the registry would take.
    #[error(
        "`{path}` of contract `{contract}` lies where the registry is served: give the registry another place with \
         `Host::registry_prefix`"
    )]
    Shadowed {
        /// The contract.
        contract: &'static str,
        /// The path, with nameless parameters.
        path: String,
    },
    /// Nothing to listen on.
    #[error("the address to listen on names no address: write one such as `127.0.0.1:8080`")]
    NoAddress,
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: choose another address, or end what listens there")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// A server to be: what it listens on, and what stands around the operations.
///
/// On its address it serves the operations, the registry and `/.well-known/api-catalog`; the admin interface has a listener of its
/// own, on a free port of the loopback interface unless [`Server::admin`] says another address, and only where an admin token is configured
/// or [`Server::admin`] was called.
#[must_use]
pub struct Server {
    host: Host,
    address: SocketAddr,
    /// What a name resolves to beside it; the first address that can be listened on is taken.
    alternatives: Vec<SocketAddr>,
    admin: Option<SocketAddr>,
    metrics: Option<SocketAddr>,
    merged: Router,
    layers: Vec<Box<dyn FnOnce(Router) -> Router + Send>>,
    tuning: Tuning,
}

/// The limits of connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tuning {
    pub(crate) connections: usize,
    pub(crate) header_timeout: Duration,
    pub(crate) send_timeout: Duration,
    pub(crate) drain_timeout: Duration,
}

impl Server {
    /// A server on a free port of the loopback interface.
    pub fn new(host: impl Into<Host>) -> Self {
        let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let tuning = Tuning {
            connections: 10_000,
            header_timeout: Duration::from_secs(10),
            send_timeout: Duration::from_mins(1),
            drain_timeout: Duration::from_secs(30),
        };
        Self {
            host: host.into(),
            address: any,
            alternatives: Vec::new(),
            admin: None,
            metrics: None,
            merged: Router::new(),
            layers: Vec::new(),
            tuning,
        }
    }

    /// Where clients are answered; port 0 is any free one.
    pub fn bind(mut self, address: impl Into<SocketAddr>) -> Self {
        self.address = address.into();
        self.alternatives.clear();
        self
    }

    /// Where the admin interface is; it should not be reachable by the public.
    pub fn admin(mut self, address: impl Into<SocketAddr>) -> Self {
        self.admin = Some(address.into());
        self
    }

    /// Where `/metrics` is, for a Prometheus server that must not reach the admin interface; the latter has it, too.
    pub fn metrics(mut self, address: impl Into<SocketAddr>) -> Self {
        self.metrics = Some(address.into());
        self
    }

    /// Serves the application's own routes, too.
    ///
    /// # Panics
    /// When the server begins to listen, if a route of it is one of the registry's (as `axum::Router::merge` does).
    pub fn merge(mut self, router: Router) -> Self {
        self.merged = self.merged.merge(router);
        self
    }

    /// Puts a `tower` layer around everything that clients are answered by; the last one added is the outermost.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: tower_layer::Layer<axum::routing::Route> + Clone + Send + Sync + 'static,
        L::Service: tower_service::Service<axum::extract::Request> + Clone + Send + Sync + 'static,
        <L::Service as tower_service::Service<axum::extract::Request>>::Response:
            axum::response::IntoResponse + 'static,
        <L::Service as tower_service::Service<axum::extract::Request>>::Error:
            Into<std::convert::Infallible> + 'static,
        <L::Service as tower_service::Service<axum::extract::Request>>::Future: Send + 'static,
    {
        self.layers.push(Box::new(move |router| router.layer(layer)));
        self
    }

    /// How many connections there may be at once; further ones wait to be accepted. 10 000 without it.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.tuning.connections = connections.clamp(1, tokio::sync::Semaphore::MAX_PERMITS);
        self
    }

    /// How long a client may take to send the head of a request, and a connection without a request to say anything; while a drain lasts,
    /// too. 10 s without it. Asking whether the server is there (`PING` of HTTP/2) keeps no connection open. One timer looks at all
    /// connections, four times in this time: what is too long is found by the next look.
    pub fn header_timeout(mut self, timeout: Duration) -> Self {
        self.tuning.header_timeout = timeout;
        self
    }

    /// How long a client may take nothing of an answer that there is something to take of. 1 min without it. An answer whose next part the
    /// handler has not made yet is waited for, however long that takes. A connection of HTTP/2 is told first that it ends, and has as long
    /// again.
    pub fn send_timeout(mut self, timeout: Duration) -> Self {
        self.tuning.send_timeout = timeout;
        self
    }

    /// How long requests that have begun may take to end after a shutdown has begun. 30 s without it.
    pub fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.tuning.drain_timeout = timeout;
        self
    }

    /// Starts the host and takes the addresses; nothing is answered yet.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub async fn listen(self) -> Result<Listening, ServeError> {
        let host = self.host.start()?;
        refuse_shadowed(&host)?;
        let listener = listen_on_one(self.address, &self.alternatives).await?;
        let admin = match self.admin {
            Some(address) => Some(listen(address).await?),
            None if host.0.token.is_some() => {
                Some(listen(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).await?)
            }
            None => None,
        };
        let metrics = match self.metrics {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        let merges = self.merged.has_routes();
        let app = Router::new()
            .nest(&host.0.settings.registry_prefix, host.registry_router())
            .merge(host.well_known_router())
            .merge(self.merged)
            .fallback_service(host.service());
        // Layers stand around everything, and the application's own paths and those of the registry go before operations.
        let plain = self.layers.is_empty() && !merges && !meets_registry(&host);
        let direct = plain.then(|| host.clone());
        let app = self.layers.into_iter().fold(app, |app, layer| layer(app));
        Ok(Listening {
            host,
            app,
            direct,
            listener,
            admin,
            metrics,
            tuning: self.tuning,
        })
    }

    /// Serves until SIGTERM or SIGINT; a second signal ends it without draining.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub async fn run(self) -> Result<(), ServeError> {
        self.listen().await?.run().await;
        Ok(())
    }
}

/// The registry is found first, so a contract must not have a path below it, whatever it is called with.
fn refuse_shadowed(host: &RunningHost) -> Result<(), ServeError> {
    let registry = format!("{}/", host.0.settings.registry_prefix);
    let mut entries = host.0.paths.entries().iter();
    let shadowed =
        |path: &str| format!("{path}/").starts_with(&registry) || path == crate::registry_http::CATALOG;
    match entries.find(|entry| shadowed(&entry.template)) {
        None => Ok(()),
        Some(entry) => Err(ServeError::Shadowed {
            contract: host.0.contracts[entry.contract].id(),
            path: entry.template.clone(),
        }),
    }
}

/// Whether some path belongs to an operation, because its segments are parameters there, and to the registry.
fn meets_registry(host: &RunningHost) -> bool {
    let prefix = &host.0.settings.registry_prefix;
    let registry = crate::registry_http::PATHS.map(|path| format!("{prefix}{path}"));
    let own = || {
        registry
            .iter()
            .map(String::as_str)
            .chain([crate::registry_http::CATALOG])
    };
    let meets = |template: &str| own().any(|own| can_meet(own, template));
    host.0.paths.entries().iter().any(|entry| meets(&entry.template))
}

/// Whether some path fits both templates.
fn can_meet(one: &str, other: &str) -> bool {
    let is_free = |segment: &str| segment.contains('{');
    let mut both = one.split('/').zip(other.split('/'));
    one.split('/').count() == other.split('/').count()
        && both.all(|(one, other)| is_free(one) || is_free(other) || one == other)
}

/// Listens on the first address that can be; the error is that of the first one.
async fn listen_on_one(first: SocketAddr, others: &[SocketAddr]) -> Result<TcpListener, ServeError> {
    let error = match listen(first).await {
        Ok(listener) => return Ok(listener),
        Err(error) => error,
    };
    for address in others {
        if let Ok(listener) = listen(*address).await {
            return Ok(listener);
        }
    }
    Err(error)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ServeError::Bind { address, source })
}

/// A server that has its addresses.
#[must_use]
pub struct Listening {
    host: RunningHost,
    app: Router,
    /// The operations, found before the router is asked; none where that could make a difference.
    direct: Option<RunningHost>,
    listener: TcpListener,
    admin: Option<TcpListener>,
    metrics: Option<TcpListener>,
    tuning: Tuning,
}

impl Listening {
    /// Where clients are answered.
    ///
    /// # Panics
    /// Never: the listener is bound.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.listener
            .local_addr()
            .expect("a bound listener has an address")
    }

    /// Where the admin interface is, if it is open.
    #[must_use]
    pub fn admin_addr(&self) -> Option<SocketAddr> {
        self.admin
            .as_ref()
            .and_then(|listener| listener.local_addr().ok())
    }

    /// Where `/metrics` has a listener of its own, if it has one.
    #[must_use]
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics
            .as_ref()
            .and_then(|listener| listener.local_addr().ok())
    }

    /// The host that is served.
    #[must_use]
    pub fn host(&self) -> &RunningHost {
        &self.host
    }

    /// Serves until SIGTERM or SIGINT; a second signal ends it without draining.
    pub async fn run(self) {
        // One listener from before the first connection on: the second signal is told apart from the first.
        let mut signals = Signals::listen();
        self.serve(async move {
            signals.next().await;
            signals
        })
        .await;
    }

    /// Serves until `shutdown` is done: then accepts nothing more, and waits for the requests that have begun, at most as long as
    /// [`Server::drain_timeout`] says, or until a signal says it again.
    pub async fn run_until(self, shutdown: impl Future<Output = ()> + Send) {
        self.serve(async {
            shutdown.await;
            // What ended it may have been a signal, which somebody else listened for: only the next one counts.
            Signals::listen()
        })
        .await;
    }

    async fn serve(self, shutdown: impl Future<Output = Signals> + Send) {
        tracing::info!(address = %self.local_addr(), admin = ?self.admin_addr(), metrics = ?self.metrics_addr(), "serving");
        let metrics = || self.host.metrics_router();
        let admin = self.admin.map(|listener| {
            let admin = self.host.admin_router().merge(metrics());
            (listener, admin.fallback(crate::admin::unknown_path))
        });
        let metrics = self
            .metrics
            .map(|listener| (listener, metrics().fallback(crate::admin::unknown_path)));
        let inner = admin.into_iter().chain(metrics).collect();
        let app = App {
            direct: self.direct,
            router: self.app,
            introduces: self.host.0.observes,
        };
        accept::serve(self.listener, app, inner, self.tuning, shutdown).await;
        tracing::info!("served");
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("host", &self.host)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listening")
            .field("host", &self.host)
            .field("listener", &self.listener)
            .finish_non_exhaustive()
    }
}
