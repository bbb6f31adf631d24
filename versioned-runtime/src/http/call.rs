//! One call on its way to an implementation: generated code reads the arguments from it and writes the answer through it.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use http::HeaderValue;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use versioned_core::constraints::{is_read_by_shape, misread, query, says_nothing};
use versioned_core::contract::{Operation, Place};
use versioned_core::payload::RequestBody;
use versioned_core::response::Unwritable;
use versioned_core::schema::Link;
use versioned_core::{OperationError, Responses};

use super::body::RawBody;
use super::constraints::{Checks, Found};
use super::exchange::Exchange;
use super::reader::Reader;
use super::refusal::problem_reply;
use super::spare;
use super::{Refusal, Reply, problem, reply, scalar};
use crate::host::Sight;
use crate::resolve::Source;
use crate::route::UserKey;

/// One HTTP call; the generated code has it once it was resolved and routed.
pub struct Call {
    pub(super) parts: Parts,
    pub(super) body: Option<RawBody>,
    pub(super) snapshot: Sight,
    pub(super) contract: usize,
    /// The index of the path in the host, for the places of its parameters.
    pub(super) entry: usize,
    /// None as long as it is not resolved.
    pub(super) operation: Option<&'static Operation>,
    /// What its values are held against; `None` if nothing is constrained.
    pub(super) checks: Option<Arc<Checks>>,
    pub(super) found: Found,
    /// Whether the map of its headers is used again.
    recycles: bool,
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.recycles {
            spare::keep(std::mem::take(&mut self.parts.headers));
        }
    }
}

impl Call {
    /// The call of a request that has begun. It is made where it stays until it is called: moving it would cost as much as deciding.
    #[inline(always)] // what it is given and gives back is large, and would be copied
    pub(super) fn new(parts: Parts, exchange: &Exchange) -> Self {
        Self {
            parts,
            body: None,
            snapshot: exchange.sight().clone(),
            contract: exchange.contract(),
            entry: exchange.entry(),
            operation: None,
            checks: None,
            found: Found::default(),
            recycles: exchange.form.recycles(),
        }
    }

    /// The name of the operation.
    pub(super) fn operation(&self) -> &'static str {
        self.operation.map_or("", |operation| operation.name)
    }

    /// The body: it was received before the implementation's time began.
    ///
    /// # Errors
    /// 500 if the operation has none, or it was taken already; generated code does neither.
    pub async fn body(&mut self) -> Result<RawBody, Refusal> {
        std::future::ready(self.body.take().ok_or_else(Refusal::internal)).await
    }

    /// A parameter of the path, by its place among the parameters.
    ///
    /// # Errors
    /// 400 if it is not UTF-8 or does not fit the type.
    pub fn path<T: DeserializeOwned>(&mut self, name: &'static str, place: usize) -> Result<T, Refusal> {
        let entry = self.snapshot.fixed.paths.entries().get(self.entry);
        let raw = entry.and_then(|entry| entry.value(self.parts.uri.path(), place));
        let raw = raw.ok_or_else(Refusal::internal)?;
        let decoded;
        let text = if raw.contains('%') {
            decoded = decoded_path(raw).ok_or_else(|| refuse_path(name, &"is not UTF-8"))?;
            &decoded
        } else {
            raw
        };
        let read = scalar::read(&[text]).map_err(|error| refuse_path(name, &error))?;
        if let Some(checks) = &self.checks {
            hold(checks, &mut self.found, Place::Path, name, &[text]);
        }
        Ok(read)
    }

    /// One key of the query; it may stand several times for a list, and be missing for an `Option`.
    ///
    /// # Errors
    /// 400 if it does not fit the type.
    pub fn query<T: DeserializeOwned>(&mut self, key: &'static str) -> Result<T, Refusal> {
        let pairs = pairs(&self.parts)?.filter(|(name, _)| name == key);
        let values: Vec<Cow<'_, str>> = pairs.map(|(_, value)| value).collect();
        let refuse = |error: serde::de::value::Error| {
            problem::parameter_invalid("query parameter", key, &error.to_string())
        };
        let read = scalar::read(&values).map_err(refuse)?;
        if let Some(checks) = &self.checks {
            hold(checks, &mut self.found, Place::Query, key, &values);
        }
        Ok(read)
    }

    /// The whole query, but for the keys that say the version and the user.
    ///
    /// # Errors
    /// 400 if it does not fit the type.
    pub fn query_struct<T: DeserializeOwned>(&mut self) -> Result<T, Refusal> {
        let hosted = self.snapshot.fixed.contracts.get(self.contract);
        let version = hosted
            .filter(|hosted| hosted.sources.reads(Source::Query))
            .map(|hosted| hosted.sources.query.as_str());
        let table = self.snapshot.table(self.contract);
        let user = match table.and_then(|table| table.user_key()) {
            Some(UserKey::Query(key)) => Some(key.as_str()),
            _ => None,
        };
        let ours = |key: &str| Some(key) == version || Some(key) == user;
        let mut pairs: Vec<(String, String)> = pairs(&self.parts)?
            .filter(|(key, _)| !ours(key))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        let parameters = self.operation.map_or(&[][..], |operation| operation.parameters);
        let mut of_query = parameters.iter().filter(|one| one.place == Place::QueryStruct);
        let ty = of_query.next().map(|one| one.ty);
        if let Some(ty) = ty {
            pairs.retain(|(name, text)| !says_nothing(ty, name, text));
        }
        let by_shape = ty.filter(|ty| is_read_by_shape(*ty));
        let read = loop {
            let read = match by_shape {
                Some(ty) => read_by_shape(ty, &pairs),
                None => scalar::read_fields(&pairs),
            };
            let (path, text) = match read {
                Ok(read) => break read,
                Err(error) => error,
            };
            // Where facts, scores and types of users stand is the operator's choice: a key of theirs is left out where the struct refuses it, and
            // only there, because it may be the operation's own as well.
            let unknown = text.strip_prefix("unknown field `");
            let unknown = unknown.and_then(|rest| rest.split('`').next());
            let of_hook = hosted.and_then(|hosted| hosted.observer.as_ref()?.user_type_place());
            let reads = |key: &str| {
                table.is_some_and(|table| table.reads_query(key))
                    || matches!(of_hook, Some(UserKey::Query(own)) if own == key)
            };
            let unknown = unknown.filter(|key| reads(key));
            let before = pairs.len();
            pairs.retain(|(key, _)| Some(key.as_str()) != unknown);
            if pairs.len() < before {
                continue;
            }
            let missing = text
                .strip_prefix("missing field `")
                .and_then(|rest| rest.split('`').next());
            let unread = || by_shape.and_then(|ty| misread(ty, &pairs));
            let told = Some(&*path).filter(|path| !matches!(*path, "." | "?"));
            let name = missing.or(told).or_else(unread).unwrap_or("?");
            return Err(problem::parameter_invalid("query parameter", name, &text));
        };
        let checker = self
            .checks
            .as_ref()
            .and_then(|checks| checks.parameter(Place::QueryStruct, ""));
        if let Some(checker) = checker {
            let mut value = checker.from_pairs(&pairs);
            self.found
                .parameter(Place::QueryStruct, "", checker.check(&mut value));
        }
        Ok(read)
    }

    /// A header; it may be missing for an `Option`, and for a list, whose items stand in one line or in several (RFC 9110 section 5.3).
    ///
    /// # Errors
    /// 400 if it is not readable text or does not fit the type.
    pub fn header<T: DeserializeOwned>(&mut self, name: &'static str) -> Result<T, Refusal> {
        let refuse = |detail: &str| problem::parameter_invalid("header", name, detail);
        let values = self.parts.headers.get_all(name).iter();
        let values: Result<Vec<&str>, _> = values.map(HeaderValue::to_str).collect();
        let values = values.map_err(|_| refuse("is not readable text"))?;
        let read = scalar::read_lines(&values).map_err(|error| refuse(&error.to_string()))?;
        let checker = self
            .checks
            .as_ref()
            .and_then(|checks| checks.parameter(Place::Header, name));
        if let Some(checker) = checker {
            let items = || values.iter().flat_map(|line| scalar::items(line)).collect();
            let texts: Vec<&str> = if checker.is_of_list() { items() } else { values };
            let mut value = checker.from_text(&texts);
            self.found
                .parameter(Place::Header, name, checker.check(&mut value));
        }
        Ok(read)
    }

    /// The body as what the operation takes.
    ///
    /// # Errors
    /// 400 if it is not of its media type, 422 if it has another shape.
    pub fn read<T: RequestBody>(&mut self, body: &RawBody) -> Result<T, Refusal> {
        T::read(Reader {
            body,
            checks: self.checks.as_deref(),
            found: &mut self.found,
        })
    }

    /// Refuses the request if anything that was read breaks a constraint; all of it is told at once.
    ///
    /// # Errors
    /// 422, naming each place and constraint.
    #[inline]
    pub fn constraints(&mut self) -> Result<(), Refusal> {
        self.found.refuse()
    }

    /// The answer: a success with its status, or the problem document of an error.
    ///
    /// # Errors
    /// 500 if the answer cannot be written; the cause is logged.
    pub fn reply<T: Responses, E: OperationError>(
        &self,
        status: u16,
        result: Result<T, E>,
    ) -> Result<Reply, Refusal> {
        let value = match result {
            Ok(value) => value,
            Err(error) => return Ok(problem_reply(&error.into_problem())),
        };
        let response = value.into_response().map_err(|error| self.unwritable(&error))?;
        reply::of(self, status, response)
    }

    #[cold]
    fn unwritable(&self, error: &Unwritable) -> Refusal {
        let operation = self.operation();
        tracing::error!(operation, %error, "an answer could not be written");
        Refusal::internal()
    }
}

/// What a percent-encoded segment of a path says, if that is UTF-8.
#[inline(never)] // most segments are as they are, and would pay for the room that it takes
fn decoded_path(raw: &str) -> Option<String> {
    let decoded = percent_decode_str(raw).decode_utf8();
    decoded.ok().map(Cow::into_owned)
}

#[cold]
fn refuse_path(name: &str, detail: &dyn Display) -> Refusal {
    problem::parameter_invalid("path parameter", name, &detail.to_string())
}

/// The keys and values of the query; the parser would replace what is not UTF-8 instead of refusing it.
fn pairs(parts: &Parts) -> Result<impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)>, Refusal> {
    let query = parts.uri.query().unwrap_or("");
    if percent_decode_str(query).decode_utf8().is_ok() {
        return Ok(form_urlencoded::parse(query.as_bytes()));
    }
    let not_text = |part: &&str| percent_decode_str(part).decode_utf8().is_err();
    let pair = query.split('&').find(not_text).unwrap_or(query);
    let name = pair.split('=').next().unwrap_or(pair);
    Err(problem::parameter_invalid(
        "query parameter",
        name,
        "is not UTF-8",
    ))
}

/// A struct from the query string where serde does not say of what types the members are, or which one is wrong, and how.
fn read_by_shape<T: DeserializeOwned>(ty: Link, pairs: &[(String, String)]) -> Result<T, (String, String)> {
    serde_path_to_error::deserialize(query(ty, pairs))
        .map_err(|error| (error.path().to_string(), error.inner().to_string()))
}

/// Holds a parameter that was read against its constraints.
fn hold(checks: &Checks, found: &mut Found, place: Place, name: &str, values: &[impl AsRef<str>]) {
    if let Some(checker) = checks.parameter(place, name) {
        let texts: Vec<&str> = values.iter().map(AsRef::as_ref).collect();
        let mut value = checker.from_text(&texts);
        found.parameter(place, name, checker.check(&mut value));
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("operation", &self.operation())
            .finish_non_exhaustive()
    }
}
