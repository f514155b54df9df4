//! What can go wrong between a guest's source and its component.

use std::{io, path::PathBuf};

/// Why a guest could not be built. The text is for the person at the keyboard.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No compiler can make WebAssembly here.
    #[error(
        "no Rust compiler on this machine can build plugins (target wasm32-unknown-unknown); do one of these:\n  \
         with rustup:   rustup target add wasm32-unknown-unknown\n  \
         with Debian:   apt-get install rustc-web cargo-web rust-web-src lld{}",
        missing_line(.missing)
    )]
    NoCompiler {
        /// What the Debian way lacks.
        missing: Vec<&'static str>,
    },
    /// The compiler said no; it has written why to the terminal.
    #[error("cargo could not build the plugins: {what}")]
    Compile {
        /// The exit status.
        what: String,
    },
    /// The module is no component of ours.
    #[error("{path}: not a Marque guest: {cause}")]
    Component {
        /// The core module.
        path: PathBuf,
        /// What the encoder says.
        cause: String,
    },
    /// A manifest does not read.
    #[error("{path}: {cause}")]
    Manifest {
        /// The `Cargo.toml`.
        path: PathBuf,
        /// What the parser says.
        cause: Box<toml::de::Error>,
    },
    /// The file system said no.
    #[error("{path}: {cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What it said.
        cause: io::Error,
    },
}

fn missing_line(missing: &[&str]) -> String {
    if missing.is_empty() { String::new() } else { format!("   (missing here: {})", missing.join(", ")) }
}

impl Error {
    /// For `map_err` on file operations.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |cause| Error::File { path, cause }
    }
}
