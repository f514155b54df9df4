//! Compiled components on disk, so that a start does not compile again. Private to this server.
//!
//! Loading compiled code runs it unchecked: whoever could write such a file could run code in the server. So every file
//! carries an HMAC over what it claims to be and its bytes, made with a key that only this server has; a file that does
//! not answer to it is thrown away and compiled again. Compiled code is never accepted from outside.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const MAC_BYTES: usize = 32;

/// A directory of compiled components.
#[derive(Debug)]
pub(super) struct Cache {
    dir: PathBuf,
    key: [u8; 32],
}

impl Cache {
    /// The cache in `dir`, which is made, with its key, if it is not there.
    pub fn open(dir: &Path) -> std::io::Result<Cache> {
        private_dir(dir)?;
        // Beside the folder and not in it: whoever is given the folder to keep is not given what seals it.
        let file = dir.with_extension("key");
        let _ = fs::remove_file(dir.join("key"));
        let key = match read_key(&file) {
            Some(key) => key,
            None => {
                let key = crate::model::random::bytes();
                write_private(&file, &[&key])?;
                key
            }
        };
        Ok(Cache { dir: dir.to_owned(), key })
    }

    /// What was stored for a name, if it is wholly ours. Anything else is removed.
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.path(name);
        let mut bytes = fs::read(&path).ok()?;
        let is_ours = bytes.len() > MAC_BYTES && {
            let (body, mac) = bytes.split_at(bytes.len() - MAC_BYTES);
            bool::from(self.mac(name, body).ct_eq(mac))
        };
        if !is_ours {
            tracing::warn!(file = %path.display(), "a compiled component does not carry this server's seal; it is compiled again");
            self.remove(name);
            return None;
        }
        bytes.truncate(bytes.len() - MAC_BYTES);
        Some(bytes)
    }

    /// Keep `body` under a name. A cache that cannot be written costs time at the next start and nothing else.
    pub fn put(&self, name: &str, body: &[u8]) {
        if let Err(error) = write_private(&self.path(name), &[body, &self.mac(name, body)]) {
            tracing::warn!(%error, "a compiled component could not be kept");
        }
    }

    /// Forget a name.
    pub fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.path(name));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name).with_extension("cwasm")
    }

    fn mac(&self, name: &str, body: &[u8]) -> [u8; MAC_BYTES] {
        hmac(&self.key, &[&(name.len() as u64).to_be_bytes(), name.as_bytes(), body])
    }
}

/// HMAC-SHA-256 (RFC 2104) with a key no longer than a block.
fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; MAC_BYTES] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let mut inner = Sha256::new_with_prefix(pad(0x36));
    parts.iter().for_each(|part| inner.update(part));
    let mut outer = Sha256::new_with_prefix(pad(0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

/// The key, unless others may read or write it: then it is no secret any more and a new one is made.
fn read_key(file: &Path) -> Option<[u8; 32]> {
    let key = fs::read(file).ok()?.try_into().ok()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if fs::metadata(file).ok()?.permissions().mode() & 0o077 != 0 {
            tracing::warn!(file = %file.display(), "the key of the compile cache was open to others; it is replaced");
            return None;
        }
    }
    Some(key)
}

fn private_dir(dir: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Whole or not at all: written beside, flushed, renamed. The number keeps two writers of one process apart.
fn write_private(path: &Path, parts: &[&[u8]]) -> std::io::Result<()> {
    static COUNTER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let n = COUNTER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{n}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(&beside) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_file(&beside)?;
            options.open(&beside)?
        }
        opened => opened?,
    };
    parts.iter().try_for_each(|part| file.write_all(part))?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hmac_is_that_of_rfc_4231() {
        let mac = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(mac[..8], [0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e]);
    }

    #[test]
    fn what_was_put_is_got_after_a_restart() {
        let dir = tempfile::tempdir().expect("a directory");
        let dir = dir.path().join("compiled");
        Cache::open(&dir).expect("a cache").put("a", b"code");
        assert_eq!(Cache::open(&dir).expect("a cache").get("a").as_deref(), Some(&b"code"[..]));
        assert!(
            !dir.join("key").exists() && dir.with_extension("key").exists(),
            "the key is not kept with what it seals"
        );
    }

    #[test]
    fn a_changed_or_renamed_or_cut_file_is_thrown_away() {
        let dir = tempfile::tempdir().expect("a directory");
        let cache = Cache::open(&dir.path().join("compiled")).expect("a cache");
        cache.put("a", b"code");
        fs::copy(cache.path("a"), cache.path("b")).expect("a copy");
        assert_eq!(cache.get("b"), None, "another name");
        assert!(!cache.path("b").exists());

        let mut bytes = fs::read(cache.path("a")).expect("the file");
        bytes[0] ^= 1;
        fs::write(cache.path("a"), &bytes).expect("written");
        assert_eq!(cache.get("a"), None, "another byte");

        fs::write(cache.path("c"), b"short").expect("written");
        assert_eq!(cache.get("c"), None, "cut short");
    }

    #[test]
    fn a_file_sealed_by_another_server_is_thrown_away() {
        let (ours, theirs) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let open = |dir: &tempfile::TempDir| Cache::open(&dir.path().join("compiled")).expect("a cache");
        let (here, there) = (open(&ours), open(&theirs));
        there.put("a", b"code");
        fs::copy(there.path("a"), here.path("a")).expect("a copy");
        assert_eq!(here.get("a"), None);
    }
}
