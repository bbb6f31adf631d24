//! Plain hyper: the path is taken apart by hand, nothing stands around the handler.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;

use super::user;

/// Answers a request.
pub(crate) async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let id = request
        .uri()
        .path()
        .strip_prefix("/users/")
        .and_then(|id| id.parse().ok());
    let mut response = Response::new(Full::default());
    let Some(id) = id else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return Ok(response);
    };
    let Ok(body) = serde_json::to_vec(&user(id)) else {
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return Ok(response);
    };
    *response.body_mut() = Full::new(body.into());
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}
