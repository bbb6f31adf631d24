//! Placeholder: openapi.
