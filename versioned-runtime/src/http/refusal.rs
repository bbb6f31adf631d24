//! A request that is not done: a problem document and the headers that go with it.

use http::header::HeaderName;
use http::{HeaderValue, StatusCode};
use versioned_core::Problem;
use versioned_core::response::Body;

use super::Reply;
use super::reply::ContentType;

/// Why a request was not done; becomes a problem document (RFC 9457).
#[derive(Debug, Clone)]
pub struct Refusal {
    pub(crate) problem: Box<Problem>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl Refusal {
    pub(crate) fn new(problem: Problem) -> Self {
        Self {
            problem: Box::new(problem),
            headers: Vec::new(),
        }
    }

    pub(crate) fn internal() -> Self {
        Self::new(Problem::internal())
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    #[cold] // and long: answers would pay for the room that it takes
    #[inline(never)]
    pub(crate) fn into_reply(self) -> Reply {
        let mut reply = problem_reply(&self.problem);
        reply.headers = self.headers;
        reply
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::new(problem)
    }
}

/// The answer that carries a problem document; a status that is not one of an error becomes 500.
pub(crate) fn problem_reply(problem: &Problem) -> Reply {
    let status = StatusCode::from_u16(problem.status)
        .ok()
        .filter(|status| status.is_client_error() || status.is_server_error())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // A problem is plain data; if an extension cannot be written, the kind still tells what happened.
    let body = serde_json::to_vec(problem).unwrap_or_else(|_| b"{\"type\":\"about:blank\"}".to_vec());
    Reply {
        content_type: Some(ContentType::Problem),
        body: Body::Whole(body.into()),
        ..Reply::empty(status)
    }
}
