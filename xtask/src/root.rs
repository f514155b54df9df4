//! Where the repository is.

use std::path::PathBuf;

/// The repository's root: of the checkout `cargo xtask` was called in, even if this program was built for another one and
/// its target folder copied.
pub fn root() -> PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(here).parent().expect("xtask is a folder of the repository").to_owned()
}
