//! The settings of a host.

use std::time::Duration;

use super::Sources;
use super::clock::Clock;
use crate::baggage::Baggage;
use crate::dyes::Dyes;
use crate::observed::FactSources;

/// What a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub(crate) body: usize,
    pub(crate) body_timeout: Duration,
    pub(crate) handler_timeout: Duration,
    pub(crate) event_keep_alive: Duration,
}

impl Default for Limits {
    /// 2 MiB of body, 30 s to send it, 30 s to answer, a comment after 15 s without an event.
    fn default() -> Self {
        Self {
            body: 2 * 1024 * 1024,
            body_timeout: Duration::from_secs(30),
            handler_timeout: Duration::from_secs(30),
            event_keep_alive: Duration::from_secs(15),
        }
    }
}

impl Limits {
    /// The most bytes that a body may have, counted after decompression; more is a 413.
    #[must_use]
    pub fn body(mut self, bytes: usize) -> Self {
        self.body = bytes;
        self
    }

    /// How long a client may take to send its body; longer is a 408.
    #[must_use]
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// How long an implementation may take, once the body is there; longer is a 503. A body that comes item by item may take as
    /// long as it likes once it has begun.
    #[must_use]
    pub fn handler_timeout(mut self, timeout: Duration) -> Self {
        self.handler_timeout = timeout;
        self
    }

    /// How long an `EventStream` may be silent before a comment is sent: proxies close connections on which nothing happens.
    #[must_use]
    pub fn event_keep_alive(mut self, after: Duration) -> Self {
        self.event_keep_alive = after;
        self
    }
}

/// Who is told which implementation served a request, and the epoch of the table that chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expose {
    /// Everybody.
    Always,
    /// Requests that carry the admin token as a bearer token.
    #[default]
    WithToken,
    /// Nobody.
    Never,
}

/// All settings of a host.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) limits: Limits,
    pub(crate) expose: Expose,
    pub(crate) sources: Sources,
    pub(crate) registry_prefix: String,
    pub(crate) clock: Clock,
    pub(crate) dyes: Option<Dyes>,
    pub(crate) facts: Option<FactSources>,
    pub(crate) baggage: Option<Baggage>,
    pub(crate) metrics: bool,
    /// What clients are hashed with in metrics.
    pub(crate) salt: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            expose: Expose::default(),
            sources: Sources::default(),
            registry_prefix: "/registry".to_owned(),
            clock: Clock::default(),
            dyes: None,
            facts: None,
            baggage: None,
            metrics: true,
            salt: None,
        }
    }
}
