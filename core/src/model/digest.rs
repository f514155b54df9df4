//! SHA-256 as hex, for versions and receipts.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// SHA-256 of what comes piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Running(Sha256);

impl Running {
    /// The next piece; where it ends is part of the digest.
    pub fn add(&mut self, piece: &str) {
        self.0.update((piece.len() as u64).to_be_bytes());
        self.0.update(piece);
    }

    /// The digest of all pieces so far, in lower-case hex.
    pub fn hex(&self) -> String {
        text(&self.0.clone().finalize())
    }
}

/// SHA-256 of some bytes in lower-case hex.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    text(&Sha256::digest(bytes.as_ref()))
}

fn text(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
