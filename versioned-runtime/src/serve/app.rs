//! What answers on a connection: the operations at once where their path is found, everything else through the router.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::body::Body;
use axum::routing::future::RouteFuture;
use http::{Request, Response};
use hyper::body::Incoming;
use tower_service::Service;

use crate::http::{HostFuture, HostService};

/// What answers on a listener; cheap to clone.
#[derive(Clone)]
pub(super) struct App {
    /// The operations; none where something stands around them.
    pub(super) direct: Option<HostService>,
    /// Everything.
    pub(super) router: Router,
}

impl From<Router> for App {
    fn from(router: Router) -> Self {
        Self { direct: None, router }
    }
}

/// An application on one connection. It remembers whether the connection has brought a request; all clones are of that connection.
#[derive(Clone)]
pub(super) struct Connected {
    pub(super) begun: Arc<AtomicBool>,
    pub(super) app: Arc<App>,
}

impl hyper::service::Service<Request<Incoming>> for Connected {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, request: Request<Incoming>) -> Answer {
        self.begun.store(true, Ordering::Relaxed);
        let found = self
            .app
            .direct
            .as_ref()
            .and_then(|direct| direct.found(request.uri().path()));
        match found {
            Some(mut direct) => Answer::Direct(direct.call(request)),
            None => Answer::Routed(Box::pin(self.app.router.clone().call(request))),
        }
    }
}

/// An answer to come.
pub(super) enum Answer {
    Direct(HostFuture),
    Routed(Pin<Box<RouteFuture<Infallible>>>),
}

impl Future for Answer {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match &mut *self {
            Self::Direct(answer) => ready!(Pin::new(answer).poll(context)),
            Self::Routed(answer) => ready!(answer.as_mut().poll(context)),
        })
    }
}
