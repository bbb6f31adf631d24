//! The contract `engine-images`: what images there are, what one of them is, and taking one away.

use versioned_runtime::versioned;

/// The images of one host.
#[versioned(
    contract = "engine-images",
    versions(
        v40("40.0.0", released = "2019-07-22", deprecated = "2025-11-10", successor = v52),
        v41("41.0.0", released = "2020-12-08", deprecated = "2025-11-10", successor = v52),
        v42("42.0.0", released = "2023-02-01", deprecated = "2025-11-10", successor = v52),
        v43("43.0.0", released = "2023-05-16", deprecated = "2025-11-10", successor = v52),
        v44("44.0.0", released = "2024-01-19"),
        v45("45.0.0", released = "2024-03-20"),
        v46("46.0.0", released = "2024-06-24"),
        v47("47.0.0", released = "2024-08-27"),
        v48("48.0.0", released = "2025-02-19"),
        v49("49.0.0", released = "2025-04-17"),
        v50("50.0.0", released = "2025-05-28"),
        v51("51.0.0", released = "2025-06-24"),
        v52("52.0.0", released = "2025-11-10"),
    ),
    compatibility = "backward"
)]
pub mod images {
    use std::collections::BTreeMap;

    use versioned_runtime::prelude::*;

    use crate::errors::EngineError;
    use crate::filters::{self, FiltersError};
    use crate::shapes::images::{
        BuilderNotes, BuilderNotesIfAny, ConfigOfContainers, Defaults, DefaultsIfAny, DeletedImage,
        Descriptor, FormerConfig, ManifestSummary, Notes, NotesIfAny,
    };

    /// One image in a list of images.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct ImageSummary {
        /// The digest by which the image is known.
        pub id: String,
        /// The image that it was made from on this host; empty if there is none.
        pub parent_id: String,
        /// The names under which it can be asked for.
        #[version(changed(v43, from = Vec<String>, upgrade = no_placeholder, downgrade = placeholder_tag))]
        #[version(lossy(reason = "a list of one placeholder and an empty list say the same"))]
        pub repo_tags: Vec<String>,
        /// The digests under which it can be asked for.
        #[version(changed(v43, from = Vec<String>, upgrade = no_placeholder, downgrade = placeholder_digest))]
        #[version(lossy(reason = "a list of one placeholder and an empty list say the same"))]
        pub repo_digests: Vec<String>,
        /// When it was made, in seconds since 1970.
        pub created: i64,
        /// What it takes on disk, in bytes.
        pub size: i64,
        /// What it shares with others of that, in bytes; -1 where it was not counted.
        pub shared_size: i64,
        /// The same as `Size`.
        #[version(until = v44, downgrade = virtual_size, lossy(reason = "it says what `Size` says"))]
        #[version(deprecated(since = v43, on = "2023-05-16", sunset = "2024-01-19", successor = size))]
        pub virtual_size: i64,
        /// What it was labelled with.
        pub labels: Option<BTreeMap<String, String>>,
        /// How many containers use it; before 51.0.0 always -1.
        #[version(changed(v51, from = i64, upgrade = same_count, downgrade = never_counted))]
        #[version(lossy(reason = "before 51.0.0 nobody counts"))]
        pub containers: i64,
        /// Its manifests, where they were asked for; experimental.
        #[version(since = v47)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub manifests: Option<Vec<ManifestSummary>>,
        /// What its name points at, where the store keeps images of several platforms; experimental.
        #[version(since = v48)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub descriptor: Option<Descriptor>,
    }

    /// Which images are listed, and what is told of them.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    pub struct ImageQuery {
        /// Whether those between the layers are listed, too.
        pub all: Option<bool>,
        /// One name: the filter `reference` under its former key.
        #[version(until = v41, downgrade = no_filter, lossy(reason = "it becomes the filter `reference`"))]
        pub filter: Option<String>,
        /// Names of filters and their values, as a JSON object in a text.
        #[version(until = v41, downgrade = same_filters)]
        pub filters: Option<String>,
        /// Names of filters and their values, as a JSON object in a text.
        #[version(since = v41, try_upgrade = folded_filters)]
        pub filters: Option<String>,
        /// Whether digests are told; they always are.
        pub digests: Option<bool>,
        /// Whether what is shared with other images is counted.
        #[version(since = v42, lossy(reason = "an engine without the parameter does not count"))]
        pub shared_size: Option<bool>,
        /// Whether manifests are told.
        #[version(since = v47, lossy(reason = "an engine without the parameter tells of none"))]
        pub manifests: Option<bool>,
    }

    /// One image.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct ImageInspect {
        /// The digest by which the image is known.
        pub id: String,
        /// The names under which it can be asked for.
        pub repo_tags: Vec<String>,
        /// The digests under which it can be asked for.
        pub repo_digests: Vec<String>,
        /// What only the former builder notes.
        #[version(changed(v52, from = BuilderNotes, upgrade = BuilderNotes::if_any, downgrade = BuilderNotesIfAny::or_empty))]
        #[version(deprecated(since = v51, on = "2025-06-24", note = "Only the former builder sets it."))]
        #[version(lossy(reason = "what is empty and what is left out say the same"))]
        #[serde(flatten)]
        pub builder: BuilderNotesIfAny,
        /// What was noted when it was made.
        #[version(changed(v52, from = Notes, upgrade = Notes::if_any, downgrade = NotesIfAny::or_empty))]
        #[version(lossy(reason = "what is empty and what is left out say the same"))]
        #[serde(flatten)]
        pub notes: NotesIfAny,
        /// When it was made; the first moment of the year 1 where that is not known.
        #[version(until = v44, downgrade = made_at)]
        pub created: String,
        /// When it was made, where that is known.
        #[version(since = v44, upgrade = made_at_if_known)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub created: Option<String>,
        /// The container that it was made from.
        #[version(until = v45, default, lossy(reason = "later engines do not know it"))]
        #[version(deprecated(since = v44, on = "2024-01-19", sunset = "2024-03-20", successor = config))]
        pub container: String,
        /// How the container was set up that it was made from.
        #[version(until = v45, default, lossy(reason = "later engines do not know it"))]
        #[version(deprecated(since = v44, on = "2024-01-19", sunset = "2024-03-20", successor = config))]
        pub container_config: FormerConfig,
        /// How containers of it are set up.
        pub config: ImageConfig,
        /// What it runs on, such as `amd64`.
        pub architecture: String,
        /// What it runs on, such as `linux`.
        pub os: String,
        /// What it takes on disk, in bytes.
        pub size: i64,
        /// The same as `Size`.
        #[version(until = v44, downgrade = inspected_virtual_size, lossy(reason = "it says what `Size` says"))]
        #[version(deprecated(since = v43, on = "2023-05-16", sunset = "2024-01-19", successor = size))]
        pub virtual_size: i64,
        /// What its name points at, where the store keeps images of several platforms; experimental.
        #[version(since = v48)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub descriptor: Option<Descriptor>,
        /// Its manifests, where they were asked for; experimental.
        #[version(since = v48)]
        #[serde(skip_serializing_if = "Option::is_none")]
        pub manifests: Option<Vec<ManifestSummary>>,
    }

    /// How containers of an image are set up, unless they say otherwise.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    pub struct ImageConfig {
        /// What the image says of its containers; from 52.0.0 on nothing is written that is not set.
        #[version(changed(v52, from = Defaults, upgrade = Defaults::if_any, downgrade = DefaultsIfAny::or_empty))]
        #[version(lossy(reason = "what is empty and what is left out say the same"))]
        #[serde(flatten)]
        pub defaults: DefaultsIfAny,
        /// What stood here although it says something of containers only, and is never set.
        #[version(until = v50, default, lossy(reason = "none of it is ever set"))]
        #[version(deprecated(since = v46, on = "2024-06-24", sunset = "2025-05-28"))]
        #[serde(flatten)]
        pub of_containers: ConfigOfContainers,
    }

    /// What clients ask of images.
    #[tags("Image")]
    pub trait Images {
        /// Lists images.
        #[get("/images/json")]
        async fn list_images(&self, #[query] which: ImageQuery) -> Result<Vec<ImageSummary>, EngineError>;

        /// Tells everything of one image.
        #[get("/images/{name}/json")]
        async fn inspect_image(
            &self,
            name: String,
            #[version(since = v48, lossy(reason = "an engine without the parameter tells of no manifests"))]
            #[query]
            manifests: Option<bool>,
            #[version(since = v49)]
            #[query]
            platform: Option<String>,
        ) -> Result<ImageInspect, EngineError>;

        /// Takes an image away: its name, and, with the last name, what is stored.
        #[delete("/images/{name}")]
        async fn remove_image(
            &self,
            name: String,
            #[query] force: Option<bool>,
            #[query] noprune: Option<bool>,
            #[version(since = v50, default)]
            #[query]
            platforms: Vec<String>,
        ) -> Result<Vec<DeletedImage>, EngineError>;
    }

    const NO_TAG: &str = "<none>:<none>";
    const NO_DIGEST: &str = "<none>@<none>";
    const FIRST_MOMENT: &str = "0001-01-01T00:00:00Z";

    fn no_placeholder(mut names: Vec<String>) -> Vec<String> {
        names.retain(|name| name != NO_TAG && name != NO_DIGEST);
        names
    }

    fn placeholder_tag(names: Vec<String>) -> Vec<String> {
        or_placeholder(names, NO_TAG)
    }

    fn placeholder_digest(names: Vec<String>) -> Vec<String> {
        or_placeholder(names, NO_DIGEST)
    }

    fn or_placeholder(mut names: Vec<String>, placeholder: &str) -> Vec<String> {
        if names.is_empty() {
            names.push(placeholder.to_owned());
        }
        names
    }

    fn virtual_size(image: &v44::ImageSummary) -> i64 {
        image.size
    }

    fn inspected_virtual_size(image: &v44::ImageInspect) -> i64 {
        image.size
    }

    fn same_count(containers: i64) -> i64 {
        containers
    }

    fn never_counted(_: i64) -> i64 {
        -1
    }

    fn no_filter(_: &v41::ImageQuery) -> Option<String> {
        None
    }

    fn same_filters(query: &v41::ImageQuery) -> Option<String> {
        query.filters.clone()
    }

    fn folded_filters(query: &v40::ImageQuery) -> Result<Option<String>, FiltersError> {
        let Some(name) = &query.filter else {
            return Ok(query.filters.clone());
        };
        filters::with(query.filters.as_deref(), "reference", name).map(Some)
    }

    fn made_at(image: &v44::ImageInspect) -> String {
        image.created.clone().unwrap_or_else(|| FIRST_MOMENT.to_owned())
    }

    fn made_at_if_known(image: &v43::ImageInspect) -> Option<String> {
        Some(image.created.clone()).filter(|moment| moment != FIRST_MOMENT)
    }
}
