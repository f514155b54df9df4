//! Where exported files lie until they are fetched: a folder beside the store, each file named by its export, for a week.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::{Error, Result, model::Id};

/// The folder.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
}

/// A file that is being written. Unless it is put up it goes with its value.
#[derive(Debug)]
pub(super) struct Draft {
    file: Option<File>,
    path: PathBuf,
    put_at: PathBuf,
}

impl Shelf {
    pub(super) fn new(folder: PathBuf) -> Shelf {
        Shelf { folder }
    }

    /// Begin a file.
    pub(super) fn begin(&self, id: &Id) -> Result<Draft> {
        self.make_folder().map_err(Error::internal)?;
        let path = self.folder.join(format!("{id}.part"));
        let file = private(&path).map_err(Error::internal)?;
        Ok(Draft { file: Some(file), path, put_at: self.folder.join(id.as_str()) })
    }

    /// A file that is there.
    pub(super) fn open(&self, id: &Id) -> Result<Option<File>> {
        match File::open(self.folder.join(id.as_str())) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    }

    /// Take a file away; one that is gone already is as good.
    pub(super) fn remove(&self, id: &Id) -> Result<()> {
        match fs::remove_file(self.folder.join(id.as_str())) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::internal(error)),
            _ => Ok(()),
        }
    }

    /// Take away what nobody knows of: half a file of a server that died, a file whose export is not ready.
    pub(super) fn clear(&self, is_known: impl Fn(&str) -> bool) -> Result<()> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Error::internal(error)),
        };
        for entry in entries {
            let entry = entry.map_err(Error::internal)?;
            if !entry.file_name().to_str().is_some_and(&is_known) {
                fs::remove_file(entry.path()).map_err(Error::internal)?;
            }
        }
        Ok(())
    }

    #[cfg(unix)]
    fn make_folder(&self) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)
    }

    #[cfg(not(unix))]
    fn make_folder(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)
    }
}

impl Draft {
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let file = self.file.as_mut().ok_or_else(|| Error::internal("a file that was put up is written to"))?;
        file.write_all(bytes).map_err(Error::internal)
    }

    /// It is whole: from now on it can be opened, after a power cut too.
    pub(super) fn put_up(mut self) -> Result<()> {
        let file = self.file.take().ok_or_else(|| Error::internal("a file is put up twice"))?;
        file.sync_all().map_err(Error::internal)?;
        fs::rename(&self.path, &self.put_at).map_err(Error::internal)?;
        let folder = self.put_at.parent().map(File::open).transpose().map_err(Error::internal)?;
        folder.map_or(Ok(()), |folder| folder.sync_all()).map_err(Error::internal)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // The next start clears away what cannot be removed now.
            drop(fs::remove_file(&self.path));
        }
    }
}

#[cfg(unix)]
fn private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options().write(true).create(true).truncate(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn private(path: &Path) -> io::Result<File> {
    File::create(path)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_file_is_there_when_it_is_whole_and_no_sooner() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(folder.path().join("exports"));
        let id: Id = "a".parse().unwrap();
        let mut draft = shelf.begin(&id).unwrap();
        draft.write(b"half").unwrap();
        assert!(shelf.open(&id).unwrap().is_none());
        drop(draft);
        let left = fs::read_dir(folder.path().join("exports")).unwrap().count();
        assert_eq!(left, 0, "what was given up is gone");
        let mut draft = shelf.begin(&id).unwrap();
        draft.write(b"whole").unwrap();
        draft.put_up().unwrap();
        let mut text = String::new();
        shelf.open(&id).unwrap().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "whole");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&shelf.folder), mode(&shelf.folder.join("a"))), (0o700, 0o600));
        }
        shelf.clear(|name| name == "a").unwrap();
        assert!(shelf.open(&id).unwrap().is_some());
        shelf.remove(&id).unwrap();
        shelf.remove(&id).unwrap();
        assert!(shelf.open(&id).unwrap().is_none());
    }
}
