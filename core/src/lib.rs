//! Marque: a small core that owns customer records and a durable event bus; every feature is a plugin.
//!
//! The rooms, who may use whom and the words are in `docs/ARCHITECTURE.md`; `tests/tidy` holds the house to them.

pub mod app;
pub mod bus;
pub mod catalogue;
pub mod clock;
pub mod commands;
pub mod config;
pub mod demo;
pub mod error;
pub mod exports;
pub mod host;
pub mod http;
pub mod imports;
pub mod model;
pub mod outbound;
pub mod scripts;
pub mod store;

pub use error::{Error, ErrorKind, Result};
