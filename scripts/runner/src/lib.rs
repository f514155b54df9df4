//! Runs Rhai.
