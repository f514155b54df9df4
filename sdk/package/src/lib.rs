//! The .mpk archive.
