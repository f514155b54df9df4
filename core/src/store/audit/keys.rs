//! The secrets of the audit log: what values are digested with, and what roots are signed with. In a file, never in the store.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use ed25519_dalek::SigningKey;

use crate::{
    Error, Result,
    model::{digest, random},
};

/// Name of the file in the store's folder, unless it is kept elsewhere.
const FILE: &str = "audit.key";
const BYTES: usize = 32;

/// The two keys.
#[derive(Clone)]
pub struct Keys {
    digest: [u8; BYTES],
    pub(super) signing: SigningKey,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    /// Where they lie.
    pub fn path(folder: &Path, elsewhere: Option<&Path>) -> PathBuf {
        elsewhere.map_or_else(|| folder.join(FILE), Path::to_owned)
    }

    /// Read them; `None` when there are none.
    ///
    /// # Errors
    /// `audit_key.invalid`; internal when the file cannot be read.
    pub fn read(path: &Path) -> Result<Option<Keys>> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::internal(error)),
        };
        let parts: Vec<Option<[u8; BYTES]>> = text.split_whitespace().map(digest::bytes).collect();
        match parts[..] {
            [Some(digest), Some(seed)] => Ok(Some(Keys { digest, signing: SigningKey::from_bytes(&seed) })),
            _ => {
                let message = format!("{} is no key of the audit log: put the right one back", path.display());
                Err(Error::invalid("audit_key", message))
            }
        }
    }

    /// Read them, or make them where there are none, for their owner's eyes alone.
    pub(in crate::store) fn open(path: &Path) -> Result<Keys> {
        if let Some(keys) = Keys::read(path)? {
            return Ok(keys);
        }
        let bytes: [[u8; BYTES]; 2] = [random::bytes(), random::bytes()];
        let mut file = private(path).map_err(Error::internal)?;
        for part in bytes {
            writeln!(file, "{}", digest::text(part)).map_err(Error::internal)?;
        }
        file.sync_all().map_err(Error::internal)?;
        let [digest, seed] = bytes;
        Ok(Keys { digest, signing: SigningKey::from_bytes(&seed) })
    }

    /// What others check signatures with, in hex.
    pub fn public(&self) -> String {
        digest::text(self.signing.verifying_key().to_bytes())
    }

    /// A digest that nobody without the key can try values against.
    pub fn digest(&self, bytes: &[u8]) -> String {
        let mut text = digest::keyed(&self.digest, bytes);
        // Half of it tells values apart as well, and the log is kept for ever.
        text.truncate(32);
        text
    }
}

#[cfg(unix)]
fn private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> std::io::Result<File> {
    File::options().write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = Keys::path(folder.path(), None);
        assert!(Keys::read(&path).unwrap().is_none());
        let made = Keys::open(&path).unwrap();
        let again = Keys::open(&path).unwrap();
        assert_eq!((made.public(), made.digest(b"x")), (again.public(), again.digest(b"x")));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "not a key").unwrap();
        assert_eq!(Keys::read(&path).unwrap_err().code, "audit_key.invalid");
    }

    #[test]
    fn another_key_digests_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["a", "b"].map(|name| Keys::open(&folder.path().join(name)).unwrap());
        assert_ne!(one.digest(b"+8613800001234"), other.digest(b"+8613800001234"));
    }
}
