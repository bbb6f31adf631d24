//! The way of spans to the receiver: a bounded queue, a thread that sends, and counts of what became of them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};
use tokio::runtime::Runtime;

use super::translate;

/// What has become of the spans that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OtlpCounts {
    /// Those that the receiver has taken.
    pub sent: u64,
    /// Those that it has not taken: it was not there, or refused them.
    pub failed: u64,
    /// Those that found the queue full, or ended after the shutdown.
    pub dropped: u64,
    /// Those that wait to be sent.
    pub waiting: u64,
}

impl OtlpCounts {
    /// Those that never reach the receiver, once nothing more is sent.
    #[must_use]
    pub const fn lost(&self) -> u64 {
        self.failed + self.dropped + self.waiting
    }
}

/// What is counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    sent: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
    waiting: AtomicU64,
}

impl Counts {
    pub(super) fn read(&self) -> OtlpCounts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        OtlpCounts {
            sent: read(&self.sent),
            failed: read(&self.failed),
            dropped: read(&self.dropped),
            waiting: read(&self.waiting),
        }
    }
}

/// Lets no more spans wait than there is room for, and counts those that it drops: the queue behind it counts them for itself only.
#[derive(Debug)]
pub(super) struct Bounded {
    inner: BatchSpanProcessor,
    room: u64,
    counts: Arc<Counts>,
    ended: AtomicBool,
}

impl Bounded {
    pub(super) fn new(inner: BatchSpanProcessor, room: usize, counts: Arc<Counts>) -> Self {
        Self {
            inner,
            room: room as u64,
            counts,
            ended: AtomicBool::new(false),
        }
    }
}

impl SpanProcessor for Bounded {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        // What waits stands in the queue or is being sent: the queue itself is never fuller than that.
        let waiting = self.counts.waiting.fetch_add(1, Ordering::Relaxed);
        if waiting >= self.room || self.ended.load(Ordering::Relaxed) {
            self.counts.waiting.fetch_sub(1, Ordering::Relaxed);
            if self.counts.dropped.fetch_add(1, Ordering::Relaxed) == 0 {
                tracing::warn!(
                    room = self.room,
                    "spans are dropped: the OTLP receiver takes them too slowly"
                );
            }
            return;
        }
        self.inner.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.ended.store(true, Ordering::Relaxed);
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Sends spans under their public names, and counts those that arrived.
#[derive(Debug)]
pub(super) struct Counted {
    inner: opentelemetry_otlp::SpanExporter,
    counts: Arc<Counts>,
    /// What the client of the exporter runs on: the sending thread is none of the application's, whose runtime may have ended before
    /// the last spans are sent. It is made there, and it ends there.
    runtime: OnceLock<Option<Runtime>>,
    failing: AtomicBool,
}

impl Counted {
    pub(super) fn new(inner: opentelemetry_otlp::SpanExporter, counts: Arc<Counts>) -> Self {
        Self {
            inner,
            counts,
            runtime: OnceLock::new(),
            failing: AtomicBool::new(false),
        }
    }

    fn send(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        let runtime = self.runtime.get_or_init(|| {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            builder.enable_all().build().ok()
        });
        let Some(runtime) = runtime else {
            return Err(OTelSdkError::InternalFailure(
                "there is no runtime to send with".to_owned(),
            ));
        };
        runtime.block_on(self.inner.export(spans))
    }
}

impl SpanExporter for Counted {
    async fn export(&self, mut batch: Vec<SpanData>) -> OTelSdkResult {
        batch.iter_mut().for_each(translate::translate);
        let count = batch.len() as u64;
        // The thread that calls this does nothing else, so that it may block.
        let result = self.send(batch);
        match &result {
            Ok(()) => {
                self.counts.sent.fetch_add(count, Ordering::Relaxed);
                self.failing.store(false, Ordering::Relaxed);
            }
            Err(error) => {
                self.counts.failed.fetch_add(count, Ordering::Relaxed);
                // Once, until it works again.
                if !self.failing.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "spans cannot be sent to the OTLP receiver");
                }
            }
        }
        self.counts.waiting.fetch_sub(count, Ordering::Relaxed);
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
