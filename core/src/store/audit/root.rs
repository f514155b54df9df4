//! A root: what the chain was at some row, signed, so that it can be kept where nobody of this machine reaches.

use ed25519_dalek::{Signature, Signer, VerifyingKey};
use serde::{Deserialize, Serialize};

use super::{Chain, Keys};
use crate::{
    Error, Result,
    model::{Time, digest},
};

/// As it stands in the store, in a witness file a line each, and in `GET /api/v1/audit/roots`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Root {
    /// How many rows there were; the number of the last.
    pub count: i64,
    /// The seal of that row.
    pub chain: String,
    /// When it was signed.
    pub at: Time,
    /// The public key to check with, in hex.
    pub key: String,
    /// Ed25519 of the rest, in hex.
    pub signature: String,
}

impl Root {
    /// Sign where the chain stands; `None` for an empty log.
    pub(in crate::store) fn sign(keys: &Keys, chain: &Chain, at: Time) -> Option<Root> {
        let seal = chain.seal.as_deref()?;
        let signature = keys.signing.sign(&told(chain.count, seal, at));
        Some(Root {
            count: chain.count,
            chain: seal.to_owned(),
            at,
            key: keys.public(),
            signature: digest::text(signature.to_bytes()),
        })
    }

    /// Whether whoever has the key has signed just this.
    pub fn is_signed(&self) -> bool {
        let key = digest::bytes(&self.key).and_then(|key| VerifyingKey::from_bytes(&key).ok());
        let signature = digest::bytes(&self.signature).map(|bytes| Signature::from_bytes(&bytes));
        match (key, signature) {
            (Some(key), Some(signature)) => {
                key.verify_strict(&told(self.count, &self.chain, self.at), &signature).is_ok()
            }
            _ => false,
        }
    }

    /// Roots from a file, one a line.
    ///
    /// # Errors
    /// `root.invalid`, naming the line.
    pub fn read_all(text: &str) -> Result<Vec<Root>> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let read = |(n, line): (usize, &str)| {
            serde_json::from_str(line)
                .map_err(|error| Error::invalid("root", format!("line {} is no root: {error}", n + 1)))
        };
        lines.map(read).collect()
    }

    /// As a line of such a file.
    ///
    /// # Errors
    /// Internal.
    pub fn line(&self) -> Result<String> {
        serde_json::to_string(self).map(|text| format!("{text}\n")).map_err(Error::internal)
    }
}

fn told(count: i64, seal: &str, at: Time) -> Vec<u8> {
    format!("marque audit root\n{count}\n{seal}\n{at}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_signed_cannot_be_said_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::open(&folder.path().join("key")).unwrap();
        let chain = Chain { count: 3, seal: Some("abc".into()) };
        let root = Root::sign(&keys, &chain, Time::from_millis(7)).unwrap();
        assert!(root.is_signed());
        for other in [
            Root { count: 2, ..root.clone() },
            Root { chain: "abd".into(), ..root.clone() },
            Root { at: Time::from_millis(8), ..root.clone() },
            Root { key: "00".repeat(32), ..root.clone() },
            Root { key: "x".into(), ..root.clone() },
            Root { signature: "00".repeat(64), ..root.clone() },
        ] {
            assert!(!other.is_signed(), "{other:?}");
        }
        assert_eq!(Root::read_all(&root.line().unwrap()).unwrap(), [root]);
        assert_eq!(Root::read_all("{}").unwrap_err().code, "root.invalid");
        assert_eq!(Root::sign(&keys, &Chain::default(), Time::from_millis(7)), None);
    }
}
