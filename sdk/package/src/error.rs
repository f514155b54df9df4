//! Why a package is refused: always with the file it is about.

use std::{io, path::PathBuf};

use crate::limits;

/// Why a package cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no gzipped tar.
    #[error("not a plugin package: {what}")]
    Garbage {
        /// What the reader stumbled over.
        what: String,
    },
    /// A file is there twice, upper and lower case being the same.
    #[error("{file}: is in the package twice")]
    Duplicate {
        /// The name.
        file: String,
    },
    /// A name that leads out of the package, or that some system could not store.
    #[error(
        "{file}: not a name for a file in a package: use letters, digits, '.', '_', '-' and '/', nothing absolute, no '..'"
    )]
    Name {
        /// The name.
        file: String,
    },
    /// A link, a folder or a device.
    #[error("{file}: only plain files may be in a package, this is a {what}")]
    NotAFile {
        /// The name.
        file: String,
        /// What it is instead.
        what: &'static str,
    },
    /// `DIGESTS` lists another content.
    #[error("{file}: its content is not what DIGESTS says")]
    Digest {
        /// The name.
        file: String,
    },
    /// `DIGESTS` or the manifest promises a file that is not there.
    #[error("{file}: is missing from the package")]
    Missing {
        /// The name.
        file: String,
    },
    /// A file that `DIGESTS` does not list.
    #[error("{file}: is in the package but not in DIGESTS")]
    Unlisted {
        /// The name.
        file: String,
    },
    /// More than a server wants to read.
    #[error("{file}: too large: {what}")]
    TooLarge {
        /// The file at which it was noticed.
        file: String,
        /// Which limit.
        what: &'static str,
    },
    /// `SIGNATURE` does not fit `DIGESTS`.
    #[error("SIGNATURE: {what}")]
    Signature {
        /// Why.
        what: &'static str,
    },
    /// Same files, but not packed the one way there is.
    #[error("{file}: not packed the canonical way; pack the folder again with `marque-cli pack`")]
    NotCanonical {
        /// Where it begins to differ.
        file: String,
    },
    /// The manifest does not name the plugin.
    #[error("plugin.toml: {what}")]
    Manifest {
        /// What is wrong.
        what: String,
    },
    /// A key file does not read.
    #[error("{what}")]
    Key {
        /// What is wrong.
        what: &'static str,
    },
    /// The file system said no.
    #[error("{}: {cause}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What it said.
        cause: io::Error,
    },
}

impl Error {
    /// For `map_err` on file operations.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Error {
        let path = path.into();
        move |cause| Error::Io { path, cause }
    }

    pub(crate) fn archive_too_large() -> Error {
        const { assert!(limits::ARCHIVE_BYTES == 32 << 20) };
        Error::TooLarge { file: "the package".into(), what: "a package has at most 32 MiB" }
    }

    pub(crate) fn unpacked_too_large(file: &str) -> Error {
        const { assert!(limits::UNPACKED_BYTES == 64 << 20) };
        Error::TooLarge { file: file.into(), what: "a package has at most 64 MiB when unpacked" }
    }

    pub(crate) fn too_many_files(file: &str) -> Error {
        const { assert!(limits::FILES == 2000) };
        Error::TooLarge { file: file.into(), what: "a package has at most 2000 files" }
    }
}
