//! Ids: opaque text, made by the host.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, Result, model::Time};

/// An opaque id: 1 to 64 characters of `A-Z a-z 0-9 _ -`. Ids that the core makes are UUIDs, so they sort by time.
///
/// ```
/// use marque::model::Id;
/// let id: Id = "hq".parse()?;
/// assert_eq!(id.as_str(), "hq");
/// assert!("no spaces".parse::<Id>().is_err());
/// # Ok::<(), marque::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id(Box<str>);

impl Id {
    /// The longest id in characters.
    pub const MAX_CHARS: usize = 64;

    /// A fresh id for something made at `now` by a person or a machine outside (UUID version 7).
    pub fn fresh(now: Time) -> Id {
        let random: [u8; 10] = super::random::bytes();
        let bytes = uuid::Builder::from_unix_timestamp_millis(now.millis().max(0) as u64, &random);
        Id(bytes.into_uuid().to_string().into())
    }

    /// The `n`-th id of a delivery: a function of its parts, so that a repeated delivery makes the same ids (UUID version 8).
    ///
    /// The first 48 bits are the event's time, as in [`Id::fresh`], so both sort together.
    pub fn derived(now: Time, parts: &[&str], n: u32) -> Id {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.update(n.to_be_bytes());
        let digest = hash.finalize();
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes[..6].copy_from_slice(&now.millis().max(0).to_be_bytes()[2..]);
        Id(Uuid::new_v8(bytes).to_string().into())
    }

    /// The id of the `n`-th of many things made at once: as [`Id::derived`], and in the order of `n`. Where a hundred thousand rows
    /// come in together, ids in no order would have every index written to all over.
    ///
    /// After the time come 32 bits of `n`, then 42 of the parts' digest.
    pub fn numbered(now: Time, parts: &[&str], n: u32) -> Id {
        let mut bytes = Id::digest(parts);
        bytes[..6].copy_from_slice(&now.millis().max(0).to_be_bytes()[2..]);
        // Version and variant take the upper 4 bits of byte 6 and the upper 2 of byte 8.
        bytes[6] = (n >> 28) as u8;
        bytes[7] = (n >> 20) as u8;
        bytes[8] = (n >> 14) as u8 & 0x3f;
        bytes[9] = (n >> 6) as u8;
        bytes[10] = (n << 2) as u8 | bytes[10] & 0x03;
        Id(Uuid::new_v8(bytes).to_string().into())
    }

    /// The id of what is made along with this one, and sorts with it: the same first 88 bits. Of an id that is no UUID, as
    /// [`Id::derived`] from `now`.
    pub fn beside(&self, now: Time, what: &str) -> Id {
        let Ok(own) = Uuid::parse_str(&self.0) else { return Id::derived(now, &[what, &self.0], 0) };
        let mut bytes = Id::digest(&[what, &self.0]);
        bytes[..11].copy_from_slice(&own.as_bytes()[..11]);
        Id(Uuid::new_v8(bytes).to_string().into())
    }

    fn digest(parts: &[&str]) -> [u8; 16] {
        use sha2::{Digest, Sha256};
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut bytes = [0u8; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        bytes
    }

    /// The maker's organisation, made with every store.
    pub fn hq() -> Id {
        Id("hq".into())
    }

    /// The administrator made with every store.
    pub fn admin() -> Id {
        Id("admin".into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Id {
    type Err = Error;

    fn from_str(text: &str) -> Result<Id> {
        let is_valid = !text.is_empty()
            && text.len() <= Id::MAX_CHARS
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if is_valid {
            Ok(Id(text.into()))
        } else {
            Err(Error::invalid("id", format!("{text:?} is not an id: use 1 to 64 of A-Z a-z 0-9 _ -")))
        }
    }
}

impl TryFrom<String> for Id {
    type Error = Error;

    fn try_from(text: String) -> Result<Id> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> String {
        id.0.into()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_ids_sort_by_number_and_tell_their_makers_apart() {
        let now = Time::from_millis(1_700_000_000_000);
        let numbers = [0, 1, 2, 63, 64, 16_383, 16_384, 1 << 20, (1 << 28) - 1, 1 << 28, u32::MAX];
        let ids = numbers.map(|n| Id::numbered(now, &["import", "a"], n));
        assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
        assert_eq!(ids[3], Id::numbered(now, &["import", "a"], 63));
        assert_ne!(ids[3], Id::numbered(now, &["import", "b"], 63));
        assert!(ids[10] < Id::fresh(Time::from_millis(1_700_000_000_001)));
    }

    #[test]
    fn what_is_made_beside_sorts_beside() {
        let now = Time::from_millis(1_700_000_000_000);
        let ids = [1, 2, 3].map(|n| Id::numbered(now, &["import", "a"], n));
        let beside = ids.each_ref().map(|id| id.beside(now, "identity"));
        assert!(beside.is_sorted() && ids[0] != beside[0] && beside[0] < ids[1]);
        assert_eq!(beside[1], ids[1].beside(now, "identity"));
        let named: Id = "hq".parse().unwrap();
        assert_eq!(named.beside(now, "identity"), Id::derived(now, &["identity", "hq"], 0));
    }

    #[test]
    fn a_derived_id_repeats_and_differs_by_counter() {
        let now = Time::from_millis(1_773_367_200_000);
        assert_eq!(Id::derived(now, &["complaints", "7"], 0), Id::derived(now, &["complaints", "7"], 0));
        assert_ne!(Id::derived(now, &["complaints", "7"], 0), Id::derived(now, &["complaints", "7"], 1));
        assert_ne!(Id::derived(now, &["ab", "c"], 0), Id::derived(now, &["a", "bc"], 0));
    }

    #[test]
    fn ids_sort_by_time() {
        let early = Id::fresh(Time::from_millis(1_000));
        let late = Id::derived(Time::from_millis(2_000), &["x"], 0);
        assert!(early < late);
    }
}
