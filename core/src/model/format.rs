//! Formats (under construction on another branch).
pub mod phone;
