//! Keys: an author signs `DIGESTS`, a server knows the author by the public key.

use std::{fmt, str::FromStr};

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::{
    Error, Result,
    digests::{hex, unhex},
};

/// The file's name in the package.
pub const FILE: &str = "SIGNATURE";

/// An author's secret. Its text is `marque-key-1 <64 hex digits>`.
#[derive(Clone)]
pub struct Key(SigningKey);

/// Who signed. Its text is 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl Key {
    /// A new secret from the operating system's randomness.
    pub fn generate() -> Key {
        let mut secret = [0; 32];
        // There is nothing sensible to sign with where the system has no randomness.
        getrandom::fill(&mut secret).expect("the operating system gives random bytes");
        Key(SigningKey::from_bytes(&secret))
    }

    /// The half that may be shown.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// What goes to the key file; keep it to yourself.
    pub fn secret_text(&self) -> String {
        format!("marque-key-1 {}\n", hex(self.0.as_bytes()))
    }

    /// The text of `SIGNATURE`.
    pub(crate) fn sign(&self, digests: &str) -> String {
        format!("ed25519 {} {}\n", self.public(), hex(&self.0.sign(digests.as_bytes()).to_bytes()))
    }
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(text: &str) -> Result<Key> {
        let secret = text.trim().strip_prefix("marque-key-1 ").and_then(unhex);
        let what = "not a key file: it holds one line, made by `marque-cli key new`";
        secret.map(|secret| Key(SigningKey::from_bytes(&secret))).ok_or(Error::Key { what })
    }
}

/// Who signed `digests`, proved.
pub(crate) fn verify(signature: &str, digests: &str) -> Result<PublicKey> {
    let mut parts = signature.trim_end_matches('\n').split(' ');
    let (Some("ed25519"), Some(key), Some(bytes), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Error::Signature { what: "it is one line, `ed25519 <public key> <signature>`" });
    };
    let bytes = unhex(bytes).ok_or(Error::Signature { what: "the signature is 128 hex digits" })?;
    let key: PublicKey = key.parse()?;
    // Strict: keys of small order would let one signature fit several messages.
    key.0
        .verify_strict(digests.as_bytes(), &Signature::from_bytes(&bytes))
        .map(|()| key)
        .map_err(|_| Error::Signature { what: "it was not made for this DIGESTS with this key" })
}

impl FromStr for PublicKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<PublicKey> {
        let key = unhex(text).and_then(|bytes| VerifyingKey::from_bytes(&bytes).ok());
        key.map(PublicKey).ok_or(Error::Signature { what: "the public key is 64 hex digits" })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl fmt::Debug for Key {
    /// Never the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key(public {})", self.public())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_file_and_hides_its_secret_in_logs() {
        let key = Key::generate();
        let again: Key = key.secret_text().parse().unwrap();
        assert_eq!(again.public(), key.public());
        assert!(!key.secret_text().contains(&key.public().to_string()));
        assert!(!format!("{key:?}").contains(&key.secret_text()[13..40]));
    }

    #[test]
    fn what_is_no_key_file_says_so() {
        assert!(matches!("marque-key-1 abc".parse::<Key>(), Err(Error::Key { .. })));
    }
}
