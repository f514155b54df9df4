//! Builds guests: finds a compiler for wasm, runs cargo once for all of them, makes components of what comes out.
//!
//! ```no_run
//! use marque_build::{Guest, Toolchain, build};
//! # fn main() -> Result<(), marque_build::Error> {
//! let guest = Guest::at("plugins/complaints".as_ref())?.expect("the folder holds a guest crate");
//! build::compile("Cargo.toml".as_ref(), "target/guest".as_ref(), &Toolchain::find()?, &[&guest])?;
//! let module = build::module_path("target/guest".as_ref(), &guest);
//! marque_build::component::refresh(&module, "target/plugins/complaints.wasm".as_ref())?;
//! # Ok(())
//! # }
//! ```

pub mod build;
pub mod component;
mod error;
mod guest;
mod toolchain;

pub use error::Error;
pub use guest::Guest;
pub use toolchain::{Debian, Found, Toolchain};

/// Shorthand used throughout.
pub type Result<T, E = Error> = std::result::Result<T, E>;
