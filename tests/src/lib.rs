//! End-to-end tests live in `tests/`; what they share is in `tests/support`.
