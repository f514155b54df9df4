//! The file of a job as it lies in the store: read piece by piece.

use std::{
    fmt,
    io::{self, Read},
};

use crate::{
    Error, Result,
    imports::read::Content,
    model::{Id, Scope},
    store::{Store, tables},
};

/// A file in the store.
pub(super) struct StoredFile {
    store: Store,
    job: Id,
    n_bytes: u64,
}

impl StoredFile {
    pub(super) fn new(store: Store, job: Id) -> Result<StoredFile> {
        let n_bytes = tables::job::file_bytes(&store.view(Scope::All)?, &job)?;
        let n_bytes = n_bytes.ok_or_else(|| Error::internal("the file of a running import is gone"))?;
        Ok(StoredFile { store, job, n_bytes })
    }
}

impl fmt::Debug for StoredFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredFile").field("job", &self.job).finish_non_exhaustive()
    }
}

impl Content for StoredFile {
    fn reader(&self) -> Box<dyn Read + Send + '_> {
        Box::new(Pieces { file: self, next: 0, piece: Vec::new(), at: 0 })
    }

    fn n_bytes(&self) -> u64 {
        self.n_bytes
    }
}

/// One reading, with the piece at hand.
struct Pieces<'a> {
    file: &'a StoredFile,
    next: u32,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.piece.len() {
            // A snapshot a piece: a long one would keep the store from tidying up.
            let view = self.file.store.view(Scope::All).map_err(io::Error::other)?;
            let piece = tables::job::file_piece(&view, &self.file.job, self.next).map_err(io::Error::other)?;
            let Some(piece) = piece else { return Ok(0) };
            (self.piece, self.at, self.next) = (piece, 0, self.next + 1);
        }
        let n = into.len().min(self.piece.len() - self.at);
        into[..n].copy_from_slice(&self.piece[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}
