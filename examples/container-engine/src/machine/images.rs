//! Images: finding them by name, listing them, taking them away.

use serde::Deserialize;

use super::{Machine, find, label_matches};
use crate::errors::EngineError;
use crate::filters::{self, Filters};
use crate::shapes::images::{
    BuilderNotesIfAny, DefaultsIfAny, DeletedImage, Descriptor, ManifestSummary, NotesIfAny,
};

/// An image as it is stored.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its digest.
    pub id: String,
    /// Its names.
    pub tags: Vec<String>,
    /// Its names by digest.
    pub digests: Vec<String>,
    /// When it was made, where that is known: in seconds since 1970, and as text.
    pub created: Option<(i64, String)>,
    /// What it takes on disk, in bytes.
    pub size: i64,
    /// What it shares of that, in bytes.
    pub shared: i64,
    /// What it says of its containers.
    pub defaults: DefaultsIfAny,
    /// What was noted when it was made.
    pub notes: NotesIfAny,
    /// What the former builder noted.
    pub builder: BuilderNotesIfAny,
    /// What it runs on, such as `amd64`.
    pub architecture: String,
    /// What its name points at.
    pub descriptor: Descriptor,
    /// Its manifests.
    pub manifests: Vec<ManifestSummary>,
}

/// Which image is asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImageChoice<'a> {
    /// A name or an id.
    pub name: &'a str,
    /// The platform that it has to be of, as JSON.
    pub platform: Option<&'a str>,
}

/// A platform, as clients write it.
#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
}

impl Image {
    /// Whether it is known by this name; without a tag, `latest` is meant.
    fn is_named(&self, name: &str) -> bool {
        let tagged = format!("{name}:latest");
        self.tags.iter().any(|tag| tag == name || *tag == tagged)
            || self.digests.iter().any(|digest| digest == name)
    }

    fn is_of(&self, platform: &str) -> Result<bool, EngineError> {
        let read: Platform = serde_json::from_str(platform).map_err(|error| {
            EngineError::bad(&format!(
                "`platform` has to be a JSON object with `os` and `architecture`: {error}"
            ))
        })?;
        Ok(read.os == "linux" && read.architecture == self.architecture)
    }

    fn passes(&self, filters: &Filters) -> bool {
        let labels = self.defaults.labels.clone().unwrap_or_default();
        filters::passes(filters, "reference", |name| {
            let of_repository = |tag: &String| tag.split(':').next() == Some(name);
            self.is_named(name) || self.tags.iter().any(of_repository)
        }) && filters::passes(filters, "dangling", |value| {
            self.tags.is_empty() == matches!(value, "true" | "1")
        }) && filters::passes(filters, "label", |label| label_matches(&labels, label))
    }
}

impl Machine {
    /// The images that pass, each with the number of containers that use it, newest first.
    #[must_use]
    pub fn images(&self, filters: &Filters) -> Vec<(Image, i64)> {
        let state = self.state();
        let used = |id: &str| {
            state
                .containers
                .values()
                .filter(|container| container.image_id == id)
                .count()
        };
        let mut found: Vec<(Image, i64)> = state
            .images
            .values()
            .filter(|image| image.passes(filters))
            .map(|image| (image.clone(), i64::try_from(used(&image.id)).unwrap_or(i64::MAX)))
            .collect();
        found
            .sort_by_key(|(image, _)| std::cmp::Reverse(image.created.as_ref().map(|(seconds, _)| *seconds)));
        found
    }

    /// One image.
    pub fn image(&self, asked: ImageChoice<'_>) -> Result<Image, EngineError> {
        let state = self.state();
        let id = find(&state.images, "image", asked.name, |image| {
            image.is_named(asked.name)
        })?;
        let image = &state.images[id];
        match asked.platform {
            Some(platform) if !image.is_of(platform)? => {
                Err(EngineError::no_such("image of this platform", asked.name))
            }
            _ => Ok(image.clone()),
        }
    }

    /// Takes a name away, and with the last one what is stored.
    pub fn remove_image(
        &self,
        name: &str,
        force: bool,
        platforms: &[String],
    ) -> Result<Vec<DeletedImage>, EngineError> {
        for platform in platforms {
            self.image(ImageChoice {
                name,
                platform: Some(platform),
            })?;
        }
        let mut state = self.state();
        let id = find(&state.images, "image", name, |image| image.is_named(name))?.to_owned();
        let user = state
            .containers
            .values()
            .find(|container| container.image_id == id);
        if let (Some(container), false) = (user, force) {
            let name = container.name.clone();
            return Err(EngineError::conflict(&format!(
                "the container {name} is of this image; take it away first"
            )));
        }
        let Some(image) = state.images.get_mut(&id) else {
            return Err(EngineError::no_such("image", name));
        };
        let by_id = !image.is_named(name);
        let (gone, left): (Vec<String>, Vec<String>) = image
            .tags
            .drain(..)
            .partition(|tag| by_id || tag == name || *tag == format!("{name}:latest"));
        image.tags = left;
        let last = image.tags.is_empty();
        let untagged = |tag| DeletedImage {
            untagged: Some(tag),
            deleted: None,
        };
        let mut told: Vec<DeletedImage> = gone.into_iter().map(untagged).collect();
        if last {
            state.images.remove(&id);
            told.push(DeletedImage {
                untagged: None,
                deleted: Some(id),
            });
        }
        Ok(told)
    }
}
