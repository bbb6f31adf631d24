//! Images, as 52.0.0 tells of them.

use serde_json::json;

use super::Newest;
use crate::errors::EngineError;
use crate::filters;
use crate::images::v52::{ImageConfig, ImageInspect, ImageQuery, ImageSummary, Images};
use crate::machine::{Image, ImageChoice};
use crate::shapes::images::DeletedImage;

impl Images for Newest {
    async fn list_images(&self, which: ImageQuery) -> Result<Vec<ImageSummary>, EngineError> {
        self.journal.note(|| json!({ "which": which }));
        let filters = filters::read(which.filters.as_deref()).map_err(|error| EngineError::bad(&error))?;
        let told = |(image, containers)| summary(image, containers, &which);
        Ok(self.machine.images(&filters).into_iter().map(told).collect())
    }

    async fn inspect_image(
        &self,
        name: String,
        manifests: Option<bool>,
        platform: Option<String>,
    ) -> Result<ImageInspect, EngineError> {
        self.journal
            .note(|| json!({ "name": name, "manifests": manifests, "platform": platform }));
        let manifests = manifests.unwrap_or_default();
        if manifests && platform.is_some() {
            return Err(EngineError::bad(
                "ask for `manifests` or for a `platform`, not for both",
            ));
        }
        let image = self.machine.image(ImageChoice {
            name: &name,
            platform: platform.as_deref(),
        })?;
        Ok(ImageInspect {
            id: image.id,
            repo_tags: image.tags,
            repo_digests: image.digests,
            builder: image.builder,
            notes: image.notes,
            created: image.created.map(|(_, text)| text),
            config: ImageConfig {
                defaults: image.defaults,
            },
            architecture: image.architecture,
            os: "linux".to_owned(),
            size: image.size,
            descriptor: Some(image.descriptor),
            manifests: manifests.then_some(image.manifests),
        })
    }

    async fn remove_image(
        &self,
        name: String,
        force: Option<bool>,
        noprune: Option<bool>,
        platforms: Vec<String>,
    ) -> Result<Vec<DeletedImage>, EngineError> {
        self.journal
            .note(|| json!({ "name": name, "force": force, "noprune": noprune, "platforms": platforms }));
        // Layers below an image are not kept apart here: there is nothing to prune.
        self.machine
            .remove_image(&name, force.unwrap_or_default(), &platforms)
    }
}

fn summary(image: Image, containers: i64, which: &ImageQuery) -> ImageSummary {
    let counted = which.shared_size.unwrap_or_default();
    ImageSummary {
        id: image.id,
        parent_id: image.builder.parent.unwrap_or_default(),
        repo_tags: image.tags,
        repo_digests: image.digests,
        created: image.created.map_or(0, |(seconds, _)| seconds),
        size: image.size,
        shared_size: if counted { image.shared } else { -1 },
        labels: image.defaults.labels,
        containers,
        manifests: which.manifests.unwrap_or_default().then_some(image.manifests),
        descriptor: Some(image.descriptor),
    }
}
