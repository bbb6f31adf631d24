//! The text of a page: Prometheus text 0.0.4 and `OpenMetrics` 1.0, which differ in little.

use std::fmt::{Display, Write as _};

/// What a family is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A family of series.
#[derive(Debug)]
pub(super) struct Family {
    /// As its samples are called; that of a counter ends in `_total`.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) labels: &'static [&'static str],
    pub(super) help: &'static str,
}

const REQUEST: &[&str] = &["contract", "operation", "kind", "resolved", "serving"];

pub(super) const REQUESTS: Family = Family {
    name: "versioned_requests_total",
    kind: Kind::Counter,
    labels: &["contract", "operation", "kind", "resolved", "serving", "status"],
    help: "Requests that were answered, by class of status.",
};
pub(super) const DURATION: Family = Family {
    name: "versioned_request_duration_seconds",
    kind: Kind::Histogram,
    labels: REQUEST,
    help: "Time from the head of a request to the head of its answer.",
};
pub(super) const EPOCH: Family = Family {
    name: "versioned_routing_epoch",
    kind: Kind::Gauge,
    labels: &["contract"],
    help: "Number of the routing table in force.",
};
pub(super) const INTENDED: Family = Family {
    name: "versioned_share_intended_ratio",
    kind: Kind::Gauge,
    labels: &["contract", "implementation"],
    help: "Part of the users that the routing table gives to an implementation.",
};
pub(super) const OBSERVED: Family = Family {
    name: "versioned_share_observed_ratio",
    kind: Kind::Gauge,
    labels: &["contract", "implementation"],
    help: "Part of the requests of the epoch in force that an implementation was given.",
};
pub(super) const IN_FLIGHT: Family = Family {
    name: "versioned_requests_in_flight",
    kind: Kind::Gauge,
    labels: &["contract", "epoch"],
    help: "Requests whose answer has not ended, by the epoch that decided them.",
};
pub(super) const DEPRECATED: Family = Family {
    name: "versioned_deprecated_requests_total",
    kind: Kind::Counter,
    labels: &["contract", "resolved", "operation", "client"],
    help: "Calls of deprecated versions and operations by clients, hashed, that call most.",
};
pub(super) const OVERFLOW: Family = Family {
    name: "versioned_deprecated_requests_overflow_total",
    kind: Kind::Counter,
    labels: &["contract", "resolved"],
    help: "Calls of deprecated versions and operations by clients that are told no more.",
};
pub(super) const REFUSALS: Family = Family {
    name: "versioned_refusals_total",
    kind: Kind::Counter,
    labels: &[],
    help: "Requests that were refused before an implementation was called.",
};
pub(super) const PANICS: Family = Family {
    name: "versioned_handler_panics_total",
    kind: Kind::Counter,
    labels: &[],
    help: "Handlers that panicked.",
};
pub(super) const TIMEOUTS: Family = Family {
    name: "versioned_handler_timeouts_total",
    kind: Kind::Counter,
    labels: &[],
    help: "Handlers that did not answer in time.",
};
pub(super) const FLIPS: Family = Family {
    name: "versioned_routing_tables_total",
    kind: Kind::Counter,
    labels: &[],
    help: "Routing tables that were put in force since the start.",
};
pub(super) const DYES: Family = Family {
    name: "versioned_dyes_refused_total",
    kind: Kind::Counter,
    labels: &["reason"],
    help: "Dyes that came in and were not believed.",
};

pub(super) const HOOKS: Family = Family {
    name: "versioned_hook_failures_total",
    kind: Kind::Counter,
    labels: &["hook"],
    help: "Hooks that failed, or did not answer in time.",
};

/// All of them, in the order of the page.
#[cfg(test)]
pub(super) const FAMILIES: [&Family; 14] = [
    &REQUESTS,
    &DURATION,
    &EPOCH,
    &INTENDED,
    &OBSERVED,
    &IN_FLIGHT,
    &DEPRECATED,
    &OVERFLOW,
    &REFUSALS,
    &PANICS,
    &TIMEOUTS,
    &FLIPS,
    &DYES,
    &HOOKS,
];

/// In which of the two formats a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Prometheus,
    OpenMetrics,
}

impl Format {
    /// What a client takes: `OpenMetrics` only if it names it, and does not want the other one more.
    pub(super) fn accepted(accept: &str) -> Self {
        let quality = |essence: &str| {
            let ranges = accept.split(',').filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                parts.next().filter(|found| found.eq_ignore_ascii_case(essence))?;
                let quality = parts.find_map(|part| part.strip_prefix("q="));
                Some(quality.map_or(1.0, |quality| quality.parse().unwrap_or(0.0)))
            });
            ranges.fold(0.0_f64, f64::max)
        };
        let open = quality("application/openmetrics-text");
        if open > 0.0 && open >= quality("text/plain") {
            Self::OpenMetrics
        } else {
            Self::Prometheus
        }
    }

    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// A page that is being written.
pub(super) struct Page {
    text: String,
    format: Format,
}

impl Page {
    pub(super) fn new(format: Format) -> Self {
        Self {
            text: String::new(),
            format,
        }
    }

    /// The head of a family; its samples follow.
    pub(super) fn family(&mut self, family: &Family) {
        let name = match self.format {
            Format::Prometheus => family.name,
            // A counter is named without what its samples end in.
            Format::OpenMetrics => family.name.strip_suffix("_total").unwrap_or(family.name),
        };
        self.line(format_args!("# HELP {name} {}", family.help));
        self.line(format_args!("# TYPE {name} {}", family.kind.as_str()));
        let unit = ["seconds", "ratio"].into_iter().find(|unit| name.ends_with(unit));
        if let (Format::OpenMetrics, Some(unit)) = (self.format, unit) {
            self.line(format_args!("# UNIT {name} {unit}"));
        }
    }

    /// A sample; `end` is what its name has after that of the family. A label without a value is left out.
    pub(super) fn sample<'a>(
        &mut self,
        family: &Family,
        end: &str,
        values: impl IntoIterator<Item = &'a str>,
        more: Option<(&'a str, &'a str)>,
        value: impl Display,
    ) {
        self.text.push_str(family.name);
        self.text.push_str(end);
        let labels = family.labels.iter().copied().zip(values).chain(more);
        let mut open = '{';
        for (name, value) in labels.filter(|(_, value)| !value.is_empty()) {
            self.text.push(open);
            self.text.push_str(name);
            self.text.push_str("=\"");
            for character in value.chars() {
                match character {
                    '\\' => self.text.push_str("\\\\"),
                    '"' => self.text.push_str("\\\""),
                    '\n' => self.text.push_str("\\n"),
                    other => self.text.push(other),
                }
            }
            self.text.push('"');
            open = ',';
        }
        if open == ',' {
            self.text.push('}');
        }
        self.line(format_args!(" {value}"));
    }

    pub(super) fn finish(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.text.push_str("# EOF\n");
        }
        self.text
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // A text takes whatever is written.
        let _ = self.text.write_fmt(line);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_formats() {
        let write = |format| {
            let mut page = Page::new(format);
            page.family(&DEPRECATED);
            page.sample(&DEPRECATED, "", ["a\"b\\", "1.0.0", ""], None, 3);
            page.family(&OBSERVED);
            page.sample(&OBSERVED, "", ["", ""], None, 0.5);
            page.finish()
        };
        let help = DEPRECATED.help;
        let (gauge, series) = (
            OBSERVED.help,
            "versioned_deprecated_requests_total{contract=\"a\\\"b\\\\\",resolved=\"1.0.0\"} 3",
        );
        assert_eq!(
            write(Format::Prometheus),
            format!(
                "# HELP versioned_deprecated_requests_total {help}\n# TYPE versioned_deprecated_requests_total counter\n{series}\n\
                 # HELP versioned_share_observed_ratio {gauge}\n# TYPE versioned_share_observed_ratio gauge\nversioned_share_observed_ratio 0.5\n"
            )
        );
        assert_eq!(
            write(Format::OpenMetrics),
            format!(
                "# HELP versioned_deprecated_requests {help}\n# TYPE versioned_deprecated_requests counter\n{series}\n\
                 # HELP versioned_share_observed_ratio {gauge}\n# TYPE versioned_share_observed_ratio gauge\n\
                 # UNIT versioned_share_observed_ratio ratio\nversioned_share_observed_ratio 0.5\n# EOF\n"
            )
        );
    }

    #[track_caller]
    fn check(accept: &str, expected: Format) {
        assert_eq!(Format::accepted(accept), expected, "{accept}");
    }

    #[test]
    fn formats_are_negotiated() {
        check("", Format::Prometheus);
        check("*/*", Format::Prometheus);
        check("text/plain", Format::Prometheus);
        check("application/openmetrics-text; version=1.0.0", Format::OpenMetrics);
        check(
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            Format::OpenMetrics,
        );
        check(
            "application/openmetrics-text;q=0.3, text/plain;q=0.5",
            Format::Prometheus,
        );
        check("application/openmetrics-text;q=0", Format::Prometheus);
    }

    #[test]
    fn the_documentation_has_every_family_with_its_labels() {
        let page = include_str!("../../../docs/metrics.md");
        for family in FAMILIES {
            let labels: Vec<String> = family.labels.iter().map(|label| format!("`{label}`")).collect();
            let row = format!(
                "| `{}` | {} | {} | {} |",
                family.name,
                family.kind.as_str(),
                labels.join(", "),
                family.help
            );
            assert!(page.contains(&row), "docs/metrics.md has no row\n{row}");
        }
        let documented = page.matches("\n| `versioned_").count();
        assert_eq!(documented, FAMILIES.len(), "docs/metrics.md has a row too many");
    }
}
