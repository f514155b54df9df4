//! `DIGESTS`: one line a file, `<sha256 in hex>  <name>`, by name.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// The file's name in the package.
pub const FILE: &str = "DIGESTS";

/// The text for these files.
pub fn write(files: &BTreeMap<String, Vec<u8>>) -> String {
    files.iter().map(|(name, content)| format!("{}  {name}\n", hex(&Sha256::digest(content)))).collect()
}

/// Holds every file against the text, both ways.
pub fn verify(text: &str, files: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    let mut listed = BTreeMap::new();
    for line in text.lines() {
        let (digest, name) =
            line.split_once("  ").ok_or_else(|| Error::Garbage { what: format!("DIGESTS: {line:?}") })?;
        listed.insert(name, digest);
    }
    for (name, content) in files {
        match listed.remove(name.as_str()) {
            None => return Err(Error::Unlisted { file: name.clone() }),
            Some(digest) if digest != hex(&Sha256::digest(content)) => {
                return Err(Error::Digest { file: name.clone() });
            }
            Some(_) => {}
        }
    }
    match listed.into_keys().next() {
        Some(name) => Err(Error::Missing { file: name.to_owned() }),
        None => Ok(()),
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Back from lower-case hex of exactly `N` bytes.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let is_hex = text.len() == 2 * N && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hex {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
