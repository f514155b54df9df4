//! The `.mpk` archive a plugin travels in: a gzipped tar that is the same bytes for the same contents, wherever it is made.
//!
//! In it: `plugin.toml`, `component.wasm` where the plugin has code, the folder's data, `DIGESTS` (a SHA-256 for each
//! file) and, where the author signed, `SIGNATURE` (Ed25519 over `DIGESTS`). [`Package::open`] refuses whatever is not
//! exactly that, so what it returns can be trusted to be what the author packed.
//!
//! ```
//! use marque_package::Package;
//! let folder = tempfile::tempdir()?;
//! std::fs::write(folder.path().join("plugin.toml"), "name = \"greeter\"\nversion = \"0.1.0\"\n")?;
//!
//! let bytes = Package::from_folder(folder.path(), None)?.pack()?;
//! let package = Package::open(&bytes)?;
//!
//! assert_eq!(package.file_name(), "greeter-0.1.0.mpk");
//! assert!(package.component().is_none());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod archive;
mod digests;
mod error;
mod folder;
mod header;
mod key;
mod name;
mod package;

pub use error::Error;
pub use header::Header;
pub use key::{Key, PublicKey};
pub use package::Package;

/// Shorthand used throughout.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a package may be at most. A dealer's server reads what strangers send it.
pub mod limits {
    /// The archive as it is sent, in bytes.
    pub const ARCHIVE_BYTES: usize = 32 << 20;
    /// Everything in it, unpacked, with the archive's own blocks, in bytes.
    pub const UNPACKED_BYTES: usize = 64 << 20;
    /// Files.
    pub const FILES: usize = 2000;
    /// A file's name, in bytes.
    pub const NAME_BYTES: usize = 100;
}
