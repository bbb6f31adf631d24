//! Fixtures live in `fixtures/`; the test that runs them in `tests/`.
