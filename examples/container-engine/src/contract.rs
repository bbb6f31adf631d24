//! The contract `container-engine`: images and the making of containers, from 1.40 to 1.44 of the engine.

use versioned_runtime::versioned;

/// Images and containers of one host.
#[versioned(
    contract = "container-engine",
    versions(
        v40 = "40.0.0",
        v41 = "41.0.0",
        v42 = "42.0.0",
        v43 = "43.0.0",
        v44 = "44.0.0"
    ),
    compatibility = "backward"
)]
pub mod container_engine {
    use std::collections::BTreeMap;

    use versioned_runtime::prelude::*;

    /// One image in a list of images.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct ImageSummary {
        /// The digest by which the image is known.
        pub id: String,
        /// The names under which it can be asked for.
        pub repo_tags: Vec<String>,
        /// When it was made, in seconds since 1970.
        pub created: i64,
        /// What it takes on disk, in bytes.
        pub size: i64,
        /// The same as `Size`.
        #[version(until = v44, downgrade = virtual_size)]
        pub virtual_size: i64,
    }

    /// Which images are listed.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub struct ImageQuery {
        /// Whether those between the layers are listed, too.
        pub all: Option<bool>,
        /// One name, in place of `filters`.
        #[version(until = v41, lossy(reason = "an engine without the parameter lists the images of every name"))]
        pub filter: Option<String>,
        /// Whether what is shared with other images is counted.
        #[version(since = v42, lossy(reason = "an engine without the parameter does not count"))]
        pub shared_size: Option<bool>,
    }

    /// What a container may use of its host.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct HostConfig {
        /// The most memory, in bytes.
        pub memory: Option<i64>,
        /// The most memory of the kernel, in bytes.
        #[version(until = v42, lossy(reason = "later engines ignore the limit"))]
        pub kernel_memory: Option<i64>,
        /// What the runtime is told besides.
        #[version(since = v43, lossy(reason = "earlier engines pass nothing on"))]
        pub annotations: Option<BTreeMap<String, String>>,
    }

    /// The container that is to be made.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct CreateRequest {
        /// The image that it starts from.
        pub image: String,
        /// What may be used of the host.
        pub host_config: Option<HostConfig>,
    }

    /// The container that was made.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct CreateResponse {
        /// Its id.
        pub id: String,
        /// What the caller should know.
        pub warnings: Vec<String>,
    }

    /// Why an operation failed.
    #[derive(Debug, OperationError)]
    pub enum EngineError {
        /// There is no such image.
        #[problem(status = 404, detail = "no such image: {image}")]
        NoSuchImage {
            /// The image that was named.
            image: String,
        },
        /// Whatever else.
        #[problem(other)]
        Other(Problem),
    }

    /// What clients ask of the engine.
    pub trait Engine {
        /// Lists images.
        #[get("/images/json")]
        async fn list_images(&self, #[query] which: ImageQuery) -> Result<Vec<ImageSummary>, EngineError>;

        /// Makes a container.
        #[post("/containers/create", status = 201)]
        async fn create_container(&self, container: CreateRequest) -> Result<CreateResponse, EngineError>;
    }

    fn virtual_size(image: &v44::ImageSummary) -> i64 {
        image.size
    }
}
