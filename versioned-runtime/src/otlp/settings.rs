//! What the environment says of the export, read without touching it: the names are those of the OpenTelemetry specification.

use http::Uri;

use super::OtlpError;

/// The path of traces at a receiver.
const TRACES: &str = "/v1/traces";

/// The most spans that may wait: room for all of them is made when the export begins.
pub(super) const MOST_SPANS: u64 = 1_000_000;
/// The most of what takes no room.
const MOST: u64 = u32::MAX as u64;

/// The variables that are one of several words, with these.
const WORDS: [(&str, &str); 4] = [
    ("OTEL_TRACES_EXPORTER", "`otlp` or `none`"),
    (
        "OTEL_TRACES_SAMPLER",
        "`always_on`, `always_off`, `traceidratio`, `parentbased_always_on`, `parentbased_always_off` or `parentbased_traceidratio`",
    ),
    ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "`gzip` or `none`"),
    ("OTEL_EXPORTER_OTLP_COMPRESSION", "`gzip` or `none`"),
];

/// What is known of the export before it begins. Headers, compression, the time-out and the sampler are read by the exporter itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settings {
    /// The whole address that spans are sent to.
    pub(super) endpoint: String,
    /// How many spans may wait.
    pub(super) queue: usize,
    /// Whether the environment names the service.
    pub(super) named: bool,
    /// Whether nothing is to be sent.
    pub(super) disabled: bool,
}

impl Settings {
    /// Reads them, and the first mistake in them.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> (Self, Option<OtlpError>) {
        // Empty is as good as not there (as the specification says of all of them).
        let said = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let endpoint = said("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
            .or_else(|| Some(traces_of(&said("OTEL_EXPORTER_OTLP_ENDPOINT")?)));
        let is = |name: &str, what: &str| said(name).is_some_and(|value| value.eq_ignore_ascii_case(what));
        let attributes = said("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
        let mut attributes = attributes.split(',');
        let mut mistake = None;
        let mut number = |name: &'static str, most: u64, example: u64| {
            let value = said(name)?;
            let read = value.trim().parse::<u64>().ok().filter(|read| *read <= most);
            if read.is_none() {
                mistake.get_or_insert(OtlpError::Number {
                    variable: name,
                    value,
                    most,
                    example,
                });
            }
            read
        };
        let queue = number("OTEL_BSP_MAX_QUEUE_SIZE", MOST_SPANS, 2048);
        number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", MOST_SPANS, 512);
        number("OTEL_BSP_SCHEDULE_DELAY", MOST, 5000);
        number("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", MOST, 10_000);
        number("OTEL_EXPORTER_OTLP_TIMEOUT", MOST, 10_000);
        for name in [
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ] {
            let other = said(name).filter(|protocol| protocol != "http/protobuf");
            if let Some(protocol) = other {
                mistake.get_or_insert(OtlpError::Protocol {
                    variable: name,
                    protocol,
                });
            }
        }
        for (name, known) in WORDS {
            // The exporter compares them as they stand.
            let is_known = |value: &String| known.contains(&format!("`{value}`"));
            if let Some(value) = said(name).filter(|value| !is_known(value)) {
                mistake.get_or_insert(OtlpError::Word {
                    variable: name,
                    value,
                    known,
                });
            }
        }
        let ratio = "OTEL_TRACES_SAMPLER_ARG";
        let is_ratio = |value: &String| {
            value
                .parse::<f64>()
                .is_ok_and(|ratio| (0.0..=1.0).contains(&ratio))
        };
        if let Some(value) = said(ratio).filter(|value| !is_ratio(value)) {
            mistake.get_or_insert(OtlpError::Word {
                variable: ratio,
                value,
                known: "a number from 0 to 1, such as `0.1`",
            });
        }
        let settings = Self {
            endpoint: endpoint.unwrap_or_else(|| traces_of("http://localhost:4318")),
            queue: queue.map_or(2048, |spans| usize::try_from(spans).unwrap_or(usize::MAX).max(1)),
            named: said("OTEL_SERVICE_NAME").is_some()
                || attributes.any(|pair| pair.trim_start().starts_with("service.name=")),
            disabled: is("OTEL_SDK_DISABLED", "true") || is("OTEL_TRACES_EXPORTER", "none"),
        };
        let mistake = mistake.filter(|_| !settings.disabled);
        (settings, mistake)
    }
}

/// Where a receiver takes traces.
pub(super) fn traces_of(address: &str) -> String {
    format!("{}{TRACES}", address.trim().trim_end_matches('/'))
}

/// Refuses what spans cannot be sent to.
pub(super) fn check_endpoint(endpoint: &str) -> Result<(), OtlpError> {
    let address = endpoint.strip_suffix(TRACES).unwrap_or(endpoint).to_owned();
    match endpoint.parse::<Uri>() {
        Ok(uri) if uri.scheme_str() == Some("http") && is_receiver(&uri) => Ok(()),
        Ok(uri) if uri.scheme_str() == Some("https") => Err(OtlpError::Tls { endpoint: address }),
        _ => Err(OtlpError::Endpoint { endpoint: address }),
    }
}

/// A host, its port or none, and a path: no query, which the path of traces would be written behind.
fn is_receiver(uri: &Uri) -> bool {
    let Some(authority) = uri.authority().filter(|authority| !authority.host().is_empty()) else {
        return false;
    };
    let behind_host = authority
        .as_str()
        .rsplit_once('@')
        .map_or(authority.as_str(), |(_, rest)| rest);
    let has_port = behind_host.len() > authority.host().len();
    uri.query().is_none() && (!has_port || authority.port_u16().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> (Settings, Option<String>) {
        let find = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let (settings, mistake) = Settings::read(find);
        (settings, mistake.map(|mistake| mistake.to_string()))
    }

    #[track_caller]
    fn check(variables: &[(&str, &str)], endpoint: &str, queue: usize) {
        let (settings, mistake) = read(variables);
        assert_eq!(mistake, None);
        assert_eq!((settings.endpoint.as_str(), settings.queue), (endpoint, queue));
        assert!(check_endpoint(&settings.endpoint).is_ok(), "{endpoint}");
    }

    #[test]
    fn where_spans_go() {
        const GENERAL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        check(&[], "http://localhost:4318/v1/traces", 2048);
        check(&[(GENERAL, " ")], "http://localhost:4318/v1/traces", 2048);
        check(
            &[(GENERAL, "http://collector:1/base/")],
            "http://collector:1/base/v1/traces",
            2048,
        );
        check(
            &[(GENERAL, "http://a:1"), (TRACES, "http://b:2/as/is")],
            "http://b:2/as/is",
            2048,
        );
        check(
            &[("OTEL_BSP_MAX_QUEUE_SIZE", "7")],
            "http://localhost:4318/v1/traces",
            7,
        );
        check(
            &[("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")],
            "http://localhost:4318/v1/traces",
            2048,
        );
    }

    #[test]
    fn who_sends_and_whether() {
        let named = |variables: &[(&str, &str)]| read(variables).0.named;
        assert!(!named(&[]));
        assert!(named(&[("OTEL_SERVICE_NAME", "a")]));
        assert!(named(&[("OTEL_RESOURCE_ATTRIBUTES", "zone=1, service.name=a")]));
        assert!(!named(&[("OTEL_RESOURCE_ATTRIBUTES", "zone=service.name")]));
        let disabled = |variables: &[(&str, &str)]| read(variables).0.disabled;
        assert!(!disabled(&[
            ("OTEL_SDK_DISABLED", "false"),
            ("OTEL_TRACES_EXPORTER", "otlp")
        ]));
        assert!(disabled(&[("OTEL_SDK_DISABLED", "TRUE")]));
        assert!(disabled(&[("OTEL_TRACES_EXPORTER", "none")]));
        let (_, mistake) = read(&[("OTEL_SDK_DISABLED", "true"), ("OTEL_BSP_MAX_QUEUE_SIZE", "x")]);
        assert_eq!(mistake, None, "what is not used cannot be wrong");
    }

    #[test]
    fn mistakes_say_what_to_write() {
        let mistake = |variables: &[(&str, &str)]| read(variables).1.unwrap_or_default();
        assert_eq!(
            mistake(&[("OTEL_BSP_MAX_QUEUE_SIZE", "many")]),
            "`OTEL_BSP_MAX_QUEUE_SIZE` is `many`: write a whole number up to 1000000, such as `2048`, or remove it"
        );
        for size in ["10000000000", "18446744073709551615", "18446744073709551616"] {
            let told = mistake(&[("OTEL_BSP_MAX_QUEUE_SIZE", size)]);
            assert!(told.contains("up to 1000000"), "{told}");
        }
        assert_eq!(
            mistake(&[("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd")]),
            "`OTEL_EXPORTER_OTLP_COMPRESSION` is `zstd`: write `gzip` or `none`, or remove it"
        );
        for (name, value) in [
            ("OTEL_TRACES_SAMPLER", "nonsense"),
            ("OTEL_TRACES_EXPORTER", "console"),
        ] {
            let told = mistake(&[(name, value)]);
            assert!(told.starts_with(&format!("`{name}` is `{value}`")), "{told}");
        }
        assert_eq!(
            mistake(&[("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")]),
            ""
        );
        assert!(!mistake(&[("OTEL_TRACES_SAMPLER", "ALWAYS_OFF")]).is_empty());
        assert!(mistake(&[("OTEL_TRACES_SAMPLER_ARG", "10%")]).contains("a number from 0 to 1"));
        assert_eq!(mistake(&[("OTEL_TRACES_SAMPLER_ARG", "0.25")]), "");
        assert_eq!(
            mistake(&[("OTEL_EXPORTER_OTLP_TIMEOUT", "10s")]),
            "`OTEL_EXPORTER_OTLP_TIMEOUT` is `10s`: write a whole number up to 4294967295, such as `10000`, or remove it"
        );
        assert_eq!(
            mistake(&[("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]),
            "`OTEL_EXPORTER_OTLP_PROTOCOL` is `grpc`, and only `http/protobuf` is spoken here: remove the variable, and give the \
             receiver's port for HTTP, which mostly is 4318"
        );
    }

    #[test]
    fn addresses_that_spans_cannot_be_sent_to() {
        let refused = |address: &str| {
            let refused = check_endpoint(&traces_of(address)).expect_err(address);
            refused.to_string()
        };
        for address in [
            "localhost:4318",
            "",
            "grpc://a:1",
            "http://a b",
            "http:///x",
            "http://h:1?x=1",
            "http://a:99999",
        ] {
            let told = refused(address);
            assert!(told.contains(&format!("`{address}` is no address")), "{told}");
        }
        let told = refused("https://collector");
        assert!(told.starts_with("`https://collector` asks for TLS"), "{told}");
    }
}
