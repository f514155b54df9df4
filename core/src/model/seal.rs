//! Sealing of what must be kept and may not be read from the store's file alone: AES-256-GCM under a key kept beside it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::{Error, Result};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// A key that seals and opens.
pub struct SealKey(LessSafeKey);

impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(..)")
    }
}

impl SealKey {
    /// With a key of random bytes.
    pub fn new(key: &[u8; KEY_BYTES]) -> SealKey {
        // The algorithm takes keys of exactly this length.
        SealKey(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("a key of 32 bytes")))
    }

    /// Seal some bytes for one purpose and place; elsewhere they cannot be opened.
    ///
    /// # Errors
    /// Internal.
    pub fn seal(&self, bytes: &[u8], place: &str) -> Result<String> {
        let nonce: [u8; NONCE_LEN] = super::random::bytes();
        let mut sealed = bytes.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut sealed)
            .map_err(|_| Error::internal("a value could not be sealed"))?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// What was sealed for a place.
    ///
    /// # Errors
    /// Internal, when it was sealed with another key or for another place, or was changed.
    pub fn open(&self, sealed: &str, place: &str) -> Result<Vec<u8>> {
        let broken =
            || Error::internal(format!("a sealed value for {place} cannot be opened with the key of this folder"));
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).map_err(|_| broken())?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>().ok_or_else(broken)?;
        let mut rest = rest.to_vec();
        let opened = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut rest)
            .map_err(|_| broken())?;
        Ok(opened.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_at_the_same_place_alone() {
        let seal = SealKey::new(&[1; KEY_BYTES]);
        let sealed = seal.seal(b"secret", "totp:u1").unwrap();
        assert_eq!(seal.open(&sealed, "totp:u1").unwrap(), b"secret");
        assert_ne!(seal.seal(b"secret", "totp:u1").unwrap(), sealed, "each has a nonce of its own");
        assert!(seal.open(&sealed, "totp:u2").is_err());
        assert!(SealKey::new(&[2; KEY_BYTES]).open(&sealed, "totp:u1").is_err());
        let mut bytes = sealed.into_bytes();
        bytes[20] ^= 1;
        assert!(seal.open(&String::from_utf8_lossy(&bytes), "totp:u1").is_err());
        assert!(seal.open("", "totp:u1").is_err());
    }
}
