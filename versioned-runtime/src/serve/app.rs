//! What answers on a connection: the operations at once where their path is found, everything else through the router.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::future::RouteFuture;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tower_service::Service;

use super::pulse::{Open, Pulse};
use crate::host::RunningHost;
use crate::http::{Answering, Sent};

/// What answers on a listener; cheap to clone.
#[derive(Clone)]
pub(super) struct App {
    /// The operations; none where something stands around them.
    pub(super) direct: Option<RunningHost>,
    /// Everything.
    pub(super) router: Router,
    /// Whether requests are told who is connected, on their way through the router.
    pub(super) introduces: bool,
}

impl From<Router> for App {
    fn from(router: Router) -> Self {
        Self {
            direct: None,
            router,
            introduces: false,
        }
    }
}

/// An application on one connection; all clones are of that connection.
#[derive(Clone)]
pub(super) struct Connected {
    pub(super) pulse: Arc<Pulse>,
    pub(super) app: Arc<App>,
    /// Who is connected.
    pub(super) peer: SocketAddr,
}

impl hyper::service::Service<Request<Incoming>> for Connected {
    type Response = Response<Served>;
    type Error = Infallible;
    type Future = Answer;

    fn call(&self, mut request: Request<Incoming>) -> Answer {
        // It is made where it stays: moving it would cost as much as routing.
        let mut answer = Answer {
            direct: Answering::nothing(),
            routed: None,
            open: Some(self.pulse.begin(request.version())),
        };
        let direct = self.app.direct.as_ref();
        let found = direct.and_then(|host| Some((host, host.0.paths.find(request.uri().path())?)));
        if let Some((host, entry)) = found {
            let peer = Some(self.peer.ip());
            if answer.direct.begin(host, Some(entry), false, &request, peer) {
                let (parts, body) = request.into_parts();
                answer.direct.go(host, parts, body);
            }
        } else {
            if self.app.introduces {
                request.extensions_mut().insert(ConnectInfo(self.peer));
            }
            answer.routed = Some(Box::pin(self.app.router.clone().call(request)));
        }
        answer
    }
}

/// An answer to come.
pub(super) struct Answer {
    /// That of an operation.
    direct: Answering,
    /// That of the router, where the request is for none.
    routed: Option<Pin<Box<RouteFuture<Infallible>>>>,
    open: Option<Open>,
}

impl Future for Answer {
    type Output = Result<Response<Served>, Infallible>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let mut served = |body| Served {
            body,
            open: this.open.take(),
        };
        let mut answer = match &mut this.routed {
            None => this.direct.poll(context, |sent| served(Body::Direct(sent))),
            Some(answer) => {
                let Ok(answer) = ready!(answer.as_mut().poll(context));
                Poll::Ready(answer.map(|body| served(Body::Routed(body))))
            }
        };
        if let Poll::Ready(answer) = &mut answer
            && let Some(open) = &mut answer.body_mut().open
        {
            open.answered();
        }
        answer.map(Ok)
    }
}

/// A body on its way, with the request that it ends.
#[derive(Debug)]
pub(super) struct Served {
    body: Body,
    open: Option<Open>,
}

/// That of an operation is in no box.
#[derive(Debug)]
enum Body {
    Direct(Sent),
    Routed(axum::body::Body),
}

impl http_body::Body for Served {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let polled = match &mut this.body {
            Body::Direct(body) => Pin::new(body).poll_frame(context),
            Body::Routed(body) => Pin::new(body).poll_frame(context),
        };
        if let Some(open) = &mut this.open {
            open.polled(polled.is_ready());
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        match &self.body {
            Body::Direct(body) => body.is_end_stream(),
            Body::Routed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Body::Direct(body) => body.size_hint(),
            Body::Routed(body) => body.size_hint(),
        }
    }
}
