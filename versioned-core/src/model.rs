//! Placeholder: model.
