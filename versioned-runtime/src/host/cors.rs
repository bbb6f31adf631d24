//! What a layer for cross-origin requests has to let through, so that browsers can name versions and read what they got.

use std::collections::BTreeSet;

use http::Method;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, IF_MATCH,
    IF_NONE_MATCH, LINK, RETRY_AFTER,
};
use versioned_core::contract::{Place, SecurityScheme};
use versioned_core::schema::{Link, Shape};

use super::{Expose, RunningHost};
use crate::observed::Observer;
use crate::resolve::Source;
use crate::route::UserKey;
use crate::trace::{TRACEPARENT, TRACESTATE};

/// The headers and methods of cross-origin requests (the CORS protocol of the Fetch standard).
///
/// Preflights name no version, so they are never resolved: answer them by a layer around the router. This says what it has to allow;
/// which origins may ask is the application's own decision.
///
/// ```
/// # use versioned_runtime::Host;
/// # fn layered() -> Result<(), versioned_runtime::HostError> {
/// let host = Host::new().start()?;
/// let cors = host.cors_headers();
/// let layer = tower_http::cors::CorsLayer::new()
///     .allow_origin(["https://app.example".parse().expect("an origin")])
///     .allow_methods(cors.methods)
///     .allow_headers(cors.allow)
///     .expose_headers(cors.expose);
/// let app: axum::Router = host.router().layer(layer);
/// # Ok(())
/// # }
/// # layered().expect("a host without contracts");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorsHeaders {
    /// What clients may send (`Access-Control-Allow-Headers`): where versions are named, the user keys, the facts and the scores that
    /// tables look for in headers, the trace context, and what operations read.
    pub allow: Vec<HeaderName>,
    /// What scripts may read (`Access-Control-Expose-Headers`): what every answer may say, and what operations declare.
    pub expose: Vec<HeaderName>,
    /// The methods of all operations (`Access-Control-Allow-Methods`).
    pub methods: Vec<Method>,
}

impl RunningHost {
    /// What a layer for cross-origin requests has to let through. User keys, facts and scores are those of the tables in force now.
    #[must_use]
    pub fn cors_headers(&self) -> CorsHeaders {
        let mut allow: BTreeSet<String> = [CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH, TRACEPARENT, TRACESTATE]
            .iter()
            .map(|name| name.as_str().to_owned())
            .collect();
        let (mut methods, mut answered) = (BTreeSet::new(), BTreeSet::new());
        let snapshot = self.snapshot();
        for (index, hosted) in self.0.contracts.iter().enumerate() {
            if hosted.sources.reads(Source::Header) {
                allow.insert(hosted.version_header.as_str().to_owned());
            }
            // Browsers let it pass by itself only while it has no quotes, which ranges need.
            if hosted.sources.reads(Source::Accept) {
                allow.insert(ACCEPT.as_str().to_owned());
            }
            allow.extend(hosted.pin.as_ref().map(|pin| pin.header_name().to_owned()));
            if let Some(table) = snapshot.table(index) {
                let user_type = hosted.observer.as_ref().and_then(Observer::user_type_place);
                let places = table.user_key().into_iter().chain(user_type);
                let places = places.chain(table.places().flatten());
                allow.extend(places.filter_map(|place| match place {
                    UserKey::Header(name) => Some(name.to_ascii_lowercase()),
                    UserKey::Cookie(_) | UserKey::Query(_) => None,
                }));
            }
            for operation in hosted.contracts.iter().flat_map(|contract| contract.operations) {
                methods.insert(operation.method);
                let parameters = operation.parameters.iter();
                let headers = parameters.filter(|parameter| matches!(parameter.place, Place::Header));
                allow.extend(headers.map(|header| header.wire.to_ascii_lowercase()));
                let said = operation.responses.iter().filter_map(|response| response.headers);
                said.for_each(|headers| names_of(headers, &mut answered));
                let needed = operation.marks.security.iter().flat_map(|together| *together);
                allow.extend(needed.map(|requirement| match requirement.scheme {
                    SecurityScheme::Basic | SecurityScheme::Bearer => AUTHORIZATION.as_str().to_owned(),
                    SecurityScheme::ApiKey { header } => header.to_owned(),
                }));
            }
        }
        let own = ["api-version", "deprecation", "sunset"].map(HeaderName::from_static);
        let standard = [ALLOW, ETAG, LINK, RETRY_AFTER, ACCEPT_ENCODING, CACHE_CONTROL];
        let mut expose: Vec<HeaderName> = own.into_iter().chain(standard).collect();
        if self.0.settings.expose != Expose::Never {
            expose.extend(["api-serving-version", "api-epoch"].map(HeaderName::from_static));
        }
        for name in answered.iter().filter_map(|name| HeaderName::try_from(name).ok()) {
            if !expose.contains(&name) {
                expose.push(name);
            }
        }
        CorsHeaders {
            allow: allow.iter().filter_map(|name| name.parse().ok()).collect(),
            expose,
            methods: methods
                .into_iter()
                .filter_map(|method| method.as_str().parse().ok())
                .collect(),
        }
    }
}

/// The names of the headers that are members of a struct.
fn names_of(headers: Link, names: &mut BTreeSet<String>) {
    match &headers.get().shape {
        Shape::Transparent(inner) => names_of(*inner, names),
        Shape::Struct { fields, .. } => {
            let written = fields.iter().filter(|field| field.presence.is_written());
            names.extend(written.map(|field| field.wire.to_ascii_lowercase()));
        }
        _ => {}
    }
}
