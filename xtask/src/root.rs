//! Where the repository is.

use std::path::PathBuf;

/// The repository's root, from which this program was built.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the repository").to_owned()
}
