//! Files that hang on records: in a folder beside the store, named by what is in them, on the disk before a row tells of them.
//!
//! A file comes in under a name of its own and is put in its place when it is whole. Placing it and writing the row happen under one lock,
//! and so do removing the row's last fellow and the file; what a crash leaves between the two is swept out at the next start.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{ErrorKind as Io, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, MutexGuard};

use crate::{Error, ErrorKind, Result, model::Id, model::Time};

/// Enough of a file's beginning to tell what it is.
const HEAD_BYTES: usize = 8 << 10;
/// Locks, one for all files whose digest begins alike: two uploads of different files seldom wait for each other.
const N_GATES: usize = 64;

/// The folder of files.
#[derive(Debug)]
pub struct Blobs {
    folder: PathBuf,
    gates: Vec<Mutex<()>>,
}

/// A file that is coming in. It is gone again when this is dropped before [`Blobs::place`].
#[derive(Debug)]
pub struct Incoming {
    file: File,
    path: Cleared,
    hash: Sha256,
    size: u64,
    head: Vec<u8>,
}

/// A file that came in whole and is on the disk, but not in its place yet.
#[derive(Debug)]
pub struct Received {
    path: Cleared,
    /// SHA-256 in hex.
    pub digest: String,
    /// In bytes.
    pub size: u64,
    /// Its beginning.
    pub head: Vec<u8>,
}

/// A path that is cleared when nobody needs it any more.
#[derive(Debug)]
struct Cleared(PathBuf);

impl Drop for Cleared {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0)
            && error.kind() != Io::NotFound
        {
            tracing::warn!(%error, "a file that nobody needs could not be removed; the next start does it");
        }
    }
}

fn refused(error: std::io::Error) -> Error {
    let message = "the disk refused the file; nothing was kept";
    Error::new(ErrorKind::Unavailable, "store.refused", message).caused_by(error)
}

impl Blobs {
    pub(super) fn open(data: &Path) -> Result<Blobs> {
        let folder = data.join("blobs");
        fs::create_dir_all(folder.join("incoming")).map_err(refused)?;
        Ok(Blobs { folder, gates: (0..N_GATES).map(|_| Mutex::new(())).collect() })
    }

    /// Remove what came in half and what no row links. Nothing else may be at work yet.
    pub(super) fn sweep(&self, linked: &HashSet<String>) -> Result<u32> {
        let mut n_removed = 0;
        for entry in fs::read_dir(&self.folder).map_err(refused)? {
            let shelf = entry.map_err(refused)?.path();
            if !shelf.is_dir() {
                continue;
            }
            for entry in fs::read_dir(&shelf).map_err(refused)? {
                let file = entry.map_err(refused)?.path();
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if !linked.contains(&name) {
                    fs::remove_file(&file).map_err(refused)?;
                    n_removed += 1;
                }
            }
        }
        Ok(n_removed)
    }

    /// Begin to take a file in.
    ///
    /// # Errors
    /// `store.refused`.
    pub fn begin(&self, now: Time) -> Result<Incoming> {
        let path = self.folder.join("incoming").join(Id::fresh(now).as_str());
        let file = File::create_new(&path).map_err(refused)?;
        Ok(Incoming { file, path: Cleared(path), hash: Sha256::new(), size: 0, head: Vec::new() })
    }

    /// Whoever holds this decides alone whether files of this digest are there.
    pub async fn gate(&self, digest: &str) -> MutexGuard<'_, ()> {
        let n = usize::from_str_radix(digest.get(..4).unwrap_or_default(), 16).unwrap_or_default();
        self.gates[n % N_GATES].lock().await
    }

    /// Put a file in its place, safe against a crash. One that is there already holds the same.
    ///
    /// # Errors
    /// `store.refused`.
    pub fn place(&self, received: Received) -> Result<()> {
        let path = self.path(&received.digest);
        if path.exists() {
            return Ok(());
        }
        let shelf = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(shelf).map_err(refused)?;
        fs::rename(&received.path.0, &path).map_err(refused)?;
        // The names are on the disk only when their folders are.
        for folder in [shelf, self.folder.as_path()] {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(refused)?;
        }
        Ok(())
    }

    /// A file to read from.
    ///
    /// # Errors
    /// Internal, when it is not there.
    pub fn read(&self, digest: &str) -> Result<File> {
        File::open(self.path(digest)).map_err(|error| Error::internal(format!("the file {digest}: {error}")))
    }

    /// Remove a file that nobody links any more. One that cannot be removed is swept out at the next start.
    pub fn remove(&self, digest: &str) {
        drop(Cleared(self.path(digest)));
    }

    fn path(&self, digest: &str) -> PathBuf {
        self.folder.join(digest.get(..2).unwrap_or("00")).join(digest)
    }
}

impl Incoming {
    /// Take in the next piece.
    ///
    /// # Errors
    /// `store.refused`.
    pub fn write(&mut self, piece: &[u8]) -> Result<()> {
        let room = HEAD_BYTES.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..room]);
        self.hash.update(piece);
        self.size += piece.len() as u64;
        self.file.write_all(piece).map_err(refused)
    }

    /// The file is whole: bring it to the disk.
    ///
    /// # Errors
    /// `store.refused`.
    pub fn finish(self) -> Result<Received> {
        self.file.sync_all().map_err(refused)?;
        let digest = self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Received { path: self.path, digest, size: self.size, head: self.head })
    }
}

impl Received {
    /// The whole of it, to look inside.
    ///
    /// # Errors
    /// `store.refused`.
    pub fn open(&self) -> Result<File> {
        File::open(&self.path.0).map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take_in(blobs: &Blobs, text: &str) -> Received {
        let mut incoming = blobs.begin(Time::from_millis(0)).unwrap();
        text.as_bytes().chunks(3).for_each(|piece| incoming.write(piece).unwrap());
        incoming.finish().unwrap()
    }

    fn files(folder: &Path) -> usize {
        let of = |folder: PathBuf| {
            fs::read_dir(folder).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_file()).count()
        };
        fs::read_dir(folder.join("blobs")).unwrap().map(|shelf| of(shelf.unwrap().path())).sum()
    }

    #[test]
    fn the_same_file_is_kept_once_and_half_a_file_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let digest = take_in(&blobs, "contract").digest;
        assert_eq!(files(folder.path()), 0, "what is not placed is cleared");
        for _ in 0..2 {
            let received = take_in(&blobs, "contract");
            assert_eq!(
                (&received.digest, received.size, received.head.as_slice()),
                (&digest, 8, b"contract".as_slice())
            );
            blobs.place(received).unwrap();
        }
        assert_eq!(files(folder.path()), 1);
        drop(blobs.begin(Time::from_millis(0)).unwrap());
        assert_eq!(files(folder.path()), 1);
        assert_eq!(std::io::read_to_string(blobs.read(&digest).unwrap()).unwrap(), "contract");
    }

    #[test]
    fn a_start_sweeps_out_what_nobody_links() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).unwrap();
        let kept = take_in(&blobs, "kept");
        let linked = HashSet::from([kept.digest.clone()]);
        blobs.place(kept).unwrap();
        blobs.place(take_in(&blobs, "orphan")).unwrap();
        fs::write(folder.path().join("blobs/incoming/half"), "ha").unwrap();
        assert_eq!(blobs.sweep(&linked).unwrap(), 2);
        assert_eq!(files(folder.path()), 1);
    }
}
