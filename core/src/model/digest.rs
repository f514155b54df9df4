//! SHA-256 as hex, for versions and receipts.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// SHA-256 of some bytes in lower-case hex.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    Sha256::digest(bytes.as_ref()).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
