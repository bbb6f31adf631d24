//! Where clients say the version they want: which places are read, in which order, and under which names.

use http::header::{ACCEPT, HeaderName};

use super::HostError;
use crate::resolve::{Source, Vendor};
use crate::trace::TRACEPARENT;

/// Where clients say the version they want. What they say in several places must all hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    order: Vec<Source>,
    /// The same, by one bit each: each request asks.
    read: u8,
    pub(crate) header: String,
    pub(crate) query: String,
    pub(crate) vendor: Vendor,
}

impl Default for Sources {
    /// The URL prefix, the header `X-API-Version`, `Accept` (its parameter `version`, and media types such as
    /// `application/vnd.acme.v2+json`), and the query key `api-version`.
    fn default() -> Self {
        let sources = Self {
            order: Vec::new(),
            read: 0,
            header: "x-api-version".to_owned(),
            query: "api-version".to_owned(),
            vendor: Vendor::Any,
        };
        sources.only([Source::Prefix, Source::Header, Source::Accept, Source::Query])
    }
}

impl Sources {
    /// Only these places, read in this order: where two of them disagree, the one that is read first is named first. A place that
    /// is not read means nothing: the paths of a contract without [`Source::Prefix`] have no prefix. A client pin is not one of
    /// them: it is asked where all of them are silent.
    #[must_use]
    pub fn only(mut self, order: impl IntoIterator<Item = Source>) -> Self {
        self.order.clear();
        self.read = 0;
        for source in order {
            if source != Source::ClientPin && !self.reads(source) {
                self.order.push(source);
                self.read |= 1 << source as u8;
            }
        }
        self
    }

    /// Another header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>) -> Self {
        self.header = name.into();
        self
    }

    /// Another query key.
    #[must_use]
    pub fn query(mut self, key: impl Into<String>) -> Self {
        self.query = key.into();
        self
    }

    /// Whose media types name versions in `Accept`, such as `acme` in `application/vnd.acme.v2+json`: those of others name none.
    #[must_use]
    pub fn vendor(mut self, name: impl Into<String>) -> Self {
        self.vendor = Vendor::Named(name.into());
        self
    }

    /// No vendor's media types: in `Accept`, only the parameter `version` names a version.
    #[must_use]
    pub fn no_vendor(mut self) -> Self {
        self.vendor = Vendor::Off;
        self
    }

    /// Refuses names that nothing in a request can have: such a place would never be read, without a word.
    pub(crate) fn check(&self) -> Result<(), HostError> {
        let name = &self.header;
        let header = HeaderName::from_bytes(name.as_bytes());
        let header = header.map_err(|_| HostError::HeaderName { name: name.clone() })?;
        // They say something else to everybody; the version that `Accept` may name has a source of its own.
        if [ACCEPT, TRACEPARENT].contains(&header) {
            return Err(HostError::HeaderTaken { name: name.clone() });
        }
        if self.query.is_empty() || self.query.chars().any(char::is_control) {
            let key = self.query.clone();
            return Err(HostError::QueryKey { key });
        }
        // The names of media types (RFC 6838 section 4.2), without `+`, which begins a suffix.
        let known = |c: char| c.is_ascii_alphanumeric() || "-_.!#$&^".contains(c);
        match &self.vendor {
            Vendor::Named(vendor) if vendor.is_empty() || !vendor.chars().all(known) => {
                Err(HostError::Vendor {
                    vendor: vendor.clone(),
                })
            }
            _ => Ok(()),
        }
    }

    /// The places that are read, in their order.
    pub(crate) fn order(&self) -> &[Source] {
        &self.order
    }

    /// Whether a place is read.
    pub(crate) fn reads(&self, source: Source) -> bool {
        self.read >> source as u8 & 1 != 0
    }

    /// What a source is called in answers.
    pub(crate) fn name(&self, source: Source) -> String {
        match source {
            Source::Prefix => "URL prefix".to_owned(),
            Source::Header => format!("header `{}`", self.header),
            Source::Accept => "version in `Accept`".to_owned(),
            Source::Query => format!("query parameter `{}`", self.query),
            Source::ClientPin => "client pin".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Option<&str>) {
        let refused = Sources::default().header(header).check().err();
        let told = refused.map(|error| error.to_string());
        assert_eq!(told.is_some(), expected.is_some(), "{header}: {told:?}");
        assert!(
            told.unwrap_or_default().contains(expected.unwrap_or_default()),
            "{header}"
        );
    }

    #[test]
    fn a_version_has_a_header_of_its_own() {
        check("X-API-Version", None);
        check("API-Version", None);
        check("Accept", Some("`Accept` says something else already"));
        check("TraceParent", Some("name the version in one of its own"));
        check("X API", Some("is not the name of a header"));
    }
}
