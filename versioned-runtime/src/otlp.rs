//! Spans to an OTLP receiver, over HTTP with protobuf (feature `otlp`).
//!
//! Every operation becomes a server span: its parent is the span that the client names (`traceparent`), its name, attributes and status
//! are those of the semantic conventions for HTTP, with the contract, the versions and the epoch beside them. Other `tracing` spans of the
//! application become its children, and [`Context::trace`](crate::Context::trace) hands on the operation's own span.
//!
//! A request never waits for the receiver: spans go into a bounded queue, and what does not fit is dropped and counted. A thread of
//! its own sends them. Metrics are not sent this way: `/metrics` has them.

mod export;
mod settings;
mod translate;

pub(crate) mod span;

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::registry::LookupSpan;

use export::{Bounded, Counted, Counts};
use settings::Settings;

pub use export::OtlpCounts;

/// How long an export that is dropped without [`OtlpExport::shutdown`] may take for what is left.
const PARTING: Duration = Duration::from_secs(5);

/// Where spans are sent to, and as whose.
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt as _;
/// use tracing_subscriber::util::SubscriberInitExt as _;
/// use versioned_runtime::otlp::Otlp;
///
/// # async fn main_job(service: versioned_runtime::Host) -> Result<(), Box<dyn std::error::Error>> {
/// let otlp = Otlp::from_env().service_name("user-profile").start()?;
/// tracing_subscriber::registry().with(otlp.layer()).init();
/// versioned_runtime::serve(service, "127.0.0.1:8080").await?;
/// otlp.shutdown(std::time::Duration::from_secs(5)).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Otlp {
    settings: Settings,
    service_name: Option<String>,
    mistake: Option<OtlpError>,
}

impl Otlp {
    /// What the environment says, by the variables that OpenTelemetry defines: `OTEL_EXPORTER_OTLP_ENDPOINT`, `…_HEADERS`, `…_TIMEOUT`
    /// and `…_COMPRESSION` (`gzip`), each with its form for traces alone (`OTEL_EXPORTER_OTLP_TRACES_…`); `OTEL_SERVICE_NAME` and
    /// `OTEL_RESOURCE_ATTRIBUTES`; `OTEL_TRACES_SAMPLER` and `…_ARG`; `OTEL_BSP_MAX_QUEUE_SIZE`, `…_MAX_EXPORT_BATCH_SIZE` and
    /// `…_SCHEDULE_DELAY`. `OTEL_SDK_DISABLED=true` and `OTEL_TRACES_EXPORTER=none` send nothing.
    ///
    /// Without any of them: `http://localhost:4318`, every trace that the client did not choose to leave out, 2048 spans in the queue.
    pub fn from_env() -> Self {
        let (settings, mistake) = Settings::read(|name| std::env::var(name).ok());
        Self {
            settings,
            service_name: None,
            mistake,
        }
    }

    /// The address of the receiver, as in `OTEL_EXPORTER_OTLP_ENDPOINT`: `/v1/traces` is added to it. It goes before the environment.
    pub fn endpoint(mut self, address: impl Into<String>) -> Self {
        self.settings.endpoint = settings::traces_of(&address.into());
        self
    }

    /// The name of the service, where the environment says none.
    pub fn service_name(mut self, name: impl Into<String>) -> Self {
        self.service_name = Some(name.into());
        self
    }

    /// How many spans may wait to be sent, a million at most; what comes beyond them is dropped and counted. It goes before the environment.
    pub fn queue(mut self, spans: usize) -> Self {
        let most = usize::try_from(settings::MOST_SPANS).unwrap_or(usize::MAX);
        self.settings.queue = spans.clamp(1, most);
        self
    }

    /// Begins to send; the receiver need not be there yet.
    ///
    /// # Errors
    /// See [`OtlpError`].
    pub fn start(self) -> Result<OtlpExport, OtlpError> {
        if let Some(mistake) = self.mistake {
            return Err(mistake);
        }
        let counts = Arc::new(Counts::default());
        if self.settings.disabled {
            let provider = None;
            return Ok(OtlpExport { provider, counts });
        }
        settings::check_endpoint(&self.settings.endpoint)?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(&self.settings.endpoint)
            .build()
            .map_err(|error| OtlpError::Exporter {
                reason: error.to_string(),
            })?;
        let batches = BatchConfigBuilder::default().with_max_queue_size(self.settings.queue);
        let processor = BatchSpanProcessor::builder(Counted::new(exporter, Arc::clone(&counts)))
            .with_batch_config(batches.build())
            .build();
        let mut resource = Resource::builder();
        if let Some(name) = self.service_name.filter(|_| !self.settings.named) {
            resource = resource.with_service_name(name);
        }
        let provider = SdkTracerProvider::builder()
            .with_span_processor(Bounded::new(processor, self.settings.queue, Arc::clone(&counts)))
            .with_resource(resource.build())
            .build();
        span::switch_on();
        let provider = Some(provider);
        Ok(OtlpExport { provider, counts })
    }
}

/// Why spans are not sent.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum OtlpError {
    /// No address of a receiver.
    #[error(
        "`{endpoint}` is no address of an OTLP receiver: write one such as `http://localhost:4318`, by \
         `Otlp::endpoint` or `OTEL_EXPORTER_OTLP_ENDPOINT`"
    )]
    Endpoint {
        /// What was given.
        endpoint: String,
    },
    /// An address that would need encryption.
    #[error(
        "`{endpoint}` asks for TLS, which is not spoken here: send to a collector beside the service, such as \
         `http://localhost:4318`, and let it encrypt"
    )]
    Tls {
        /// What was given.
        endpoint: String,
    },
    /// Another protocol.
    #[error(
        "`{variable}` is `{protocol}`, and only `http/protobuf` is spoken here: remove the variable, and give the \
         receiver's port for HTTP, which mostly is 4318"
    )]
    Protocol {
        /// The variable.
        variable: &'static str,
        /// What it says.
        protocol: String,
    },
    /// A variable that is no number, or too large a one.
    #[error(
        "`{variable}` is `{value}`: write a whole number up to {most}, such as `{example}`, or remove it"
    )]
    Number {
        /// The variable.
        variable: &'static str,
        /// What it says.
        value: String,
        /// What it could say at most.
        most: u64,
        /// What it could say.
        example: u64,
    },
    /// A variable that is none of its values.
    #[error("`{variable}` is `{value}`: write {known}, or remove it")]
    Word {
        /// The variable.
        variable: &'static str,
        /// What it says.
        value: String,
        /// What it could say.
        known: &'static str,
    },
    /// What else the environment says does not fit.
    #[error("spans cannot be sent as the variables `OTEL_EXPORTER_OTLP_…` say: {reason}")]
    Exporter {
        /// What the exporter says.
        reason: String,
    },
}

/// Spans on their way. It ends with [`OtlpExport::shutdown`]; dropped without it, it blocks for at most five seconds to send what is left.
#[derive(Debug)]
#[must_use = "spans are sent as long as this is there"]
pub struct OtlpExport {
    /// None where nothing is to be sent.
    provider: Option<SdkTracerProvider>,
    counts: Arc<Counts>,
}

impl OtlpExport {
    /// The layer that takes the spans, those at level info and above; nothing where the environment says that none are sent. Filters of
    /// the subscriber that stand before it hold for it, too.
    #[must_use]
    pub fn layer<S>(&self) -> Option<impl Layer<S> + Send + Sync + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let tracer = self.provider.as_ref()?.tracer(env!("CARGO_PKG_NAME"));
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            // The status of an operation's span says what its answer was, whatever else was logged meanwhile.
            .with_error_events_to_status(false)
            .with_tracked_inactivity(false)
            .with_location(false)
            .with_threads(false);
        Some(layer.with_filter(LevelFilter::INFO))
    }

    /// What has become of the spans so far.
    #[must_use]
    pub fn counts(&self) -> OtlpCounts {
        self.counts.read()
    }

    /// Sends what is left, for at most as long as is said, and ends; tells what became of all spans. What still waits then is lost.
    pub async fn shutdown(mut self, within: Duration) -> OtlpCounts {
        if let Some(provider) = self.provider.take() {
            let ended = tokio::task::spawn_blocking(move || {
                // What it says of a failure stands in the counts, too.
                let _ = provider.shutdown_with_timeout(within);
            });
            let _ = ended.await;
        }
        let counts = self.counts.read();
        if counts.lost() > 0 {
            let OtlpCounts { sent, .. } = counts;
            tracing::warn!(
                sent,
                lost = counts.lost(),
                "spans did not reach the OTLP receiver"
            );
        }
        counts
    }
}

impl Drop for OtlpExport {
    fn drop(&mut self) {
        if let Some(provider) = self.provider.take() {
            let _ = provider.shutdown_with_timeout(PARTING);
        }
    }
}
