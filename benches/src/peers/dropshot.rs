//! dropshot, with one version and with several.

use dropshot::{
    ApiDescription, ClientSpecifiesVersionInHeader, ConfigDropshot, HttpError, HttpResponseOk, HttpServer,
    Path, RequestContext, ServerBuilder, VersionPolicy, endpoint,
};
use http::HeaderName;
use schemars::JsonSchema;
use semver::Version;
use serde::Deserialize;

use super::{User, user};

/// The parameters of the path.
#[derive(Deserialize, JsonSchema)]
struct Id {
    id: u64,
}

#[endpoint { method = GET, path = "/users/{id}" }]
async fn get_user(_: RequestContext<()>, path: Path<Id>) -> Result<HttpResponseOk<User>, HttpError> {
    Ok(HttpResponseOk(user(path.into_inner().id)))
}

mod first {
    use super::{HttpError, HttpResponseOk, Id, Path, RequestContext, User, endpoint, user};

    #[endpoint { method = GET, path = "/users/{id}", versions = "1.0.0".."2.0.0" }]
    pub(super) async fn get_user(
        _: RequestContext<()>,
        path: Path<Id>,
    ) -> Result<HttpResponseOk<User>, HttpError> {
        Ok(HttpResponseOk(user(path.into_inner().id)))
    }
}

mod second {
    use super::{HttpError, HttpResponseOk, Id, Path, RequestContext, User, endpoint, user};

    #[endpoint { method = GET, path = "/users/{id}", versions = "2.0.0".. }]
    pub(super) async fn get_user(
        _: RequestContext<()>,
        path: Path<Id>,
    ) -> Result<HttpResponseOk<User>, HttpError> {
        Ok(HttpResponseOk(user(path.into_inner().id)))
    }
}

/// A running server; `versioned` for one that tells versions apart.
pub(crate) fn start(versioned: bool) -> HttpServer<()> {
    let mut api = ApiDescription::new();
    let policy = if versioned {
        api.register(first::get_user).expect("an operation");
        api.register(second::get_user).expect("an operation");
        VersionPolicy::Dynamic(Box::new(ClientSpecifiesVersionInHeader::new(
            HeaderName::from_static("x-api-version"),
            Version::new(2, 0, 0),
        )))
    } else {
        api.register(get_user).expect("an operation");
        VersionPolicy::Unversioned
    };
    let config = ConfigDropshot {
        bind_address: ([127, 0, 0, 1], 0).into(),
        ..ConfigDropshot::default()
    };
    ServerBuilder::new(api, (), slog::Logger::root(slog::Discard, slog::o!()))
        .config(config)
        .version_policy(policy)
        .start()
        .expect("a free port")
}
