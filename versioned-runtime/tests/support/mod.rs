//! A small contract with two implementations, and ways to ask it.
#![allow(dead_code, unreachable_pub)] // each test uses its own part
#![allow(missing_docs)] // the contract of a test

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tokio::sync::Notify;
use tower::ServiceExt as _;
use versioned_runtime::prelude::*;
use versioned_runtime::{Availability, RunningHost};

/// Notes, with an operation that only 1.x has and one that only 2.0.0 has.
#[versioned(
    contract = "notes",
    versions(v1 = "1.0.0", v1_1 = "1.1.0", v2 = "2.0.0", v3 = "3.0.0-rc.1")
)]
pub mod notes {
    use super::*;

    /// A note.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    pub struct Note {
        pub id: u64,
        #[version(renamed(v2, from = text))]
        pub body: String,
        #[version(since = v1_1)]
        #[openapi(max_items = 8)]
        pub tags: Option<Vec<String>>,
    }

    /// What is asked of a list.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    pub struct Filter {
        pub tag: Option<String>,
        pub limit: Option<u8>,
    }

    #[derive(Debug, OperationError)]
    pub enum NoteError {
        #[problem(status = 404, detail = "no note {id}")]
        NotFound { id: u64 },
        #[problem(other)]
        Other(Problem),
    }

    pub trait Notes {
        /// Fetch one note.
        #[get("/notes/{id}")]
        async fn get_note(&self, id: u64) -> Result<Note, NoteError>;

        #[get("/notes")]
        async fn list_notes(
            &self,
            #[query] filter: Filter,
            #[header("X-Reader")] reader: Option<String>,
        ) -> Result<Vec<Note>, NoteError>;

        #[post("/notes", status = 201)]
        async fn create_note(&self, note: Note) -> Result<Note, NoteError>;

        #[version(until = v2)]
        #[delete("/notes/{id}")]
        async fn delete_note(&self, id: u64) -> Result<(), NoteError>;

        #[version(until = v2)]
        #[get("/notes/search/{word}")]
        async fn search(&self, word: String) -> Result<Vec<String>, NoteError>;

        #[version(since = v2)]
        #[post("/notes/{note_id}/archive", status = 202)]
        async fn archive(&self, note_id: u64) -> Result<(), NoteError>;
    }
}

/// Answers 1.x.
#[derive(Clone, Default)]
pub struct Old {
    /// Told when a handler has begun; a handler of note 7 waits for `release` then.
    pub begun: Arc<Notify>,
    pub release: Arc<Notify>,
}

fn old(id: u64, text: &str) -> notes::v1_1::Note {
    notes::v1_1::Note {
        id,
        text: text.to_owned(),
        tags: None,
    }
}

impl notes::v1_1::Notes for Old {
    async fn get_note(&self, id: u64) -> Result<notes::v1_1::Note, notes::v1_1::NoteError> {
        match id {
            0 => Err(notes::v1_1::NoteError::NotFound { id }),
            7 => {
                self.begun.notify_one();
                self.release.notified().await;
                Ok(old(7, "waited"))
            }
            13 => panic!("note 13 is not to be read"),
            _ => Ok(old(id, "old")),
        }
    }

    async fn list_notes(
        &self,
        filter: notes::v1_1::Filter,
        reader: Option<String>,
    ) -> Result<Vec<notes::v1_1::Note>, notes::v1_1::NoteError> {
        Ok(vec![old(
            u64::from(filter.limit.unwrap_or(0)),
            &reader.or(filter.tag).unwrap_or_default(),
        )])
    }

    async fn create_note(
        &self,
        note: notes::v1_1::Note,
    ) -> Result<notes::v1_1::Note, notes::v1_1::NoteError> {
        Ok(note)
    }

    async fn delete_note(&self, _: u64) -> Result<(), notes::v1_1::NoteError> {
        Ok(())
    }

    async fn search(&self, word: String) -> Result<Vec<String>, notes::v1_1::NoteError> {
        Ok(vec![word])
    }
}

/// Answers 2.0.0, and through its bridges what 1.x has in common with it.
pub struct New;

fn new(id: u64, body: &str) -> notes::v2::Note {
    notes::v2::Note {
        id,
        body: body.to_owned(),
        tags: None,
    }
}

impl notes::v2::Notes for New {
    async fn get_note(&self, id: u64) -> Result<notes::v2::Note, notes::v2::NoteError> {
        match id {
            0 => Err(notes::v2::NoteError::NotFound { id }),
            13 => panic!("note 13 is not to be read"),
            _ => Ok(new(id, "new")),
        }
    }

    async fn list_notes(
        &self,
        filter: notes::v2::Filter,
        reader: Option<String>,
    ) -> Result<Vec<notes::v2::Note>, notes::v2::NoteError> {
        Ok(vec![new(
            u64::from(filter.limit.unwrap_or(0)),
            &reader.or(filter.tag).unwrap_or_default(),
        )])
    }

    async fn create_note(&self, note: notes::v2::Note) -> Result<notes::v2::Note, notes::v2::NoteError> {
        Ok(note)
    }

    async fn archive(&self, _: u64) -> Result<(), notes::v2::NoteError> {
        Ok(())
    }
}

/// The contract with both implementations.
pub fn service(config: ContractConfig) -> notes::Service {
    service_with(Old::default(), config)
}

pub fn service_with(old: Old, config: ContractConfig) -> notes::Service {
    notes::Service::builder().v1_1(old).v2(New).config(config).build()
}

/// 1.0.0 is gone here, 3.0.0-rc.1 hidden.
pub fn aged() -> ContractConfig {
    ContractConfig::new()
        .default_version::<notes::V1_1>()
        .user_key(UserKey::header("X-User"))
        .availability::<notes::V1>(Availability::Gone)
        .availability::<notes::V3>(Availability::Hidden)
}

/// A request in short: method, path with query, headers as `name: value` lines, body.
pub fn request(method: &str, path: &str, headers: &[&str], body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for header in headers {
        let (name, value) = header.split_once(": ").expect("a header line");
        request = request.header(name, value);
    }
    request.body(body.into()).expect("a request")
}

/// An answer, received whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The body as JSON, if there is one.
    pub fn json_or_none(&self) -> Option<serde_json::Value> {
        (!self.body.is_empty()).then(|| self.json())
    }

    /// The last part of a problem's type.
    pub fn problem(&self) -> Option<String> {
        let kind = self.json().get("type")?.as_str()?.rsplit(':').next()?.to_owned();
        (self.header("content-type") == Some("application/problem+json")).then_some(kind)
    }
}

pub async fn receive<B>(response: Response<B>) -> Answer
where
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.expect("a whole body").to_bytes(),
    }
}

/// Asks the bare service.
pub async fn ask(host: &RunningHost, request: Request<Body>) -> Answer {
    receive(host.service().oneshot(request).await.expect("infallible")).await
}

/// Asks a router.
pub async fn ask_router(router: axum::Router, request: Request<Body>) -> Answer {
    receive(router.oneshot(request).await.expect("infallible")).await
}
