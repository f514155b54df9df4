//! Where the bytes of a file are: read from the beginning as often as asked, in pieces.

use std::{
    fmt,
    io::{self, Cursor, Read},
};

use crate::{Error, Result};

/// A file's bytes.
pub trait Content: fmt::Debug + Send + Sync {
    /// From the beginning.
    fn reader(&self) -> Box<dyn Read + Send + '_>;

    /// How many there are.
    fn n_bytes(&self) -> u64;
}

impl Content for Vec<u8> {
    fn reader(&self) -> Box<dyn Read + Send + '_> {
        Box::new(Cursor::new(self.as_slice()))
    }

    fn n_bytes(&self) -> u64 {
        self.len() as u64
    }
}

/// The beginning of a file, at most this much.
pub(super) fn head(content: &dyn Content, n_bytes: usize) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    content.reader().take(n_bytes as u64).read_to_end(&mut head).map_err(failed)?;
    Ok(head)
}

/// The whole of it, for what cannot be read in pieces.
pub(super) fn whole(content: &dyn Content) -> Result<Vec<u8>> {
    let mut whole = Vec::with_capacity(content.n_bytes() as usize);
    content.reader().read_to_end(&mut whole).map_err(failed)?;
    Ok(whole)
}

/// A failed read: our own error where one lies underneath.
pub(super) fn failed(error: io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(own) => own,
        Err(error) => Error::internal(error),
    }
}
