//! Placeholder: codes.
