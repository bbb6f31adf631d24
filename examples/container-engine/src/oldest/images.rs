//! Images, as 40.0.0 tells of them.

use serde_json::json;

use super::Oldest;
use crate::errors::EngineError;
use crate::filters;
use crate::images::v40::{ImageConfig, ImageInspect, ImageQuery, ImageSummary, Images};
use crate::machine::{Image, ImageChoice, NEVER};
use crate::shapes::images::{ConfigOfContainers, DeletedImage, FormerConfig};

impl Images for Oldest {
    async fn list_images(&self, which: ImageQuery) -> Result<Vec<ImageSummary>, EngineError> {
        self.journal.note(|| json!({ "which": which }));
        let mut filters =
            filters::read(which.filters.as_deref()).map_err(|error| EngineError::bad(&error))?;
        if let Some(name) = which.filter {
            filters.entry("reference".to_owned()).or_default().push(name);
        }
        let images = self.machine.images(&filters);
        Ok(images.into_iter().map(|(image, _)| summary(image)).collect())
    }

    async fn inspect_image(&self, name: String) -> Result<ImageInspect, EngineError> {
        self.journal.note(|| json!({ "name": name }));
        let image = self.machine.image(ImageChoice {
            name: &name,
            platform: None,
        })?;
        Ok(ImageInspect {
            id: image.id,
            repo_tags: image.tags,
            repo_digests: image.digests,
            builder: image.builder.or_empty(),
            notes: image.notes.or_empty(),
            created: image.created.map_or_else(|| NEVER.to_owned(), |(_, text)| text),
            container: String::new(),
            container_config: FormerConfig::default(),
            config: ImageConfig {
                defaults: image.defaults.or_empty(),
                of_containers: ConfigOfContainers::default(),
            },
            architecture: image.architecture,
            os: "linux".to_owned(),
            size: image.size,
            virtual_size: image.size,
        })
    }

    async fn remove_image(
        &self,
        name: String,
        force: Option<bool>,
        noprune: Option<bool>,
    ) -> Result<Vec<DeletedImage>, EngineError> {
        self.journal
            .note(|| json!({ "name": name, "force": force, "noprune": noprune }));
        self.machine.remove_image(&name, force.unwrap_or_default(), &[])
    }
}

fn summary(image: Image) -> ImageSummary {
    let or_placeholder = |names: Vec<String>, placeholder: &str| {
        if names.is_empty() {
            vec![placeholder.to_owned()]
        } else {
            names
        }
    };
    ImageSummary {
        id: image.id,
        parent_id: image.builder.parent.unwrap_or_default(),
        repo_tags: or_placeholder(image.tags, "<none>:<none>"),
        repo_digests: or_placeholder(image.digests, "<none>@<none>"),
        created: image.created.map_or(0, |(seconds, _)| seconds),
        size: image.size,
        shared_size: -1,
        virtual_size: image.size,
        labels: image.defaults.labels,
        containers: -1,
    }
}
