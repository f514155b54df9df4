//! Whether the store's file is sound, page by page: what SQLite itself has to say of it.

use std::path::Path;

use super::{Store, open};
use crate::{Error, Result};

/// Findings told at most; one page may be behind hundreds.
const MAX_FINDINGS: u32 = 100;

impl Store {
    /// Everything that is wrong with a store's file: damaged pages, indexes that do not agree with their tables, rows that refer to none.
    /// Reads all of it, beside a server that has it open or without one.
    ///
    /// # Errors
    /// Internal, when the file is so damaged that it cannot be looked through.
    pub fn check_of(folder: &Path) -> Result<Vec<String>> {
        let connection = open::reader(&folder.join("marque.db"))?;
        let mut found = Vec::new();
        let mut pages =
            connection.prepare(&format!("pragma integrity_check({MAX_FINDINGS})")).map_err(Error::internal)?;
        for line in pages.query_map([], |row| row.get::<_, String>(0)).map_err(Error::internal)? {
            found.push(line.map_err(Error::internal)?);
        }
        found.retain(|line| line != "ok");
        let mut references = connection.prepare("pragma foreign_key_check").map_err(Error::internal)?;
        let told = |row: &rusqlite::Row<'_>| {
            Ok(format!("a row of {} refers to none of {}", row.get::<_, String>(0)?, row.get::<_, String>(2)?))
        };
        for line in references.query_map([], told).map_err(Error::internal)? {
            found.push(line.map_err(Error::internal)?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Seek, SeekFrom, Write},
    };

    use crate::store::{Store, StoreConfig};

    #[test]
    fn a_sound_file_has_nothing_wrong_and_a_damaged_page_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(Store::open(folder.path(), &StoreConfig::default()).expect("a store"));
        assert_eq!(Store::check_of(folder.path()).expect("it can be looked through"), [""; 0]);
        let path = folder.path().join("marque.db");
        let connection = rusqlite::Connection::open(&path).expect("the file");
        connection.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).expect("all of it is in the file");
        let root: u32 = connection
            .query_row("select rootpage from sqlite_schema where name = 'event_subject'", [], |row| row.get(0))
            .expect("an index");
        let page_size: u32 = connection.query_row("pragma page_size", [], |row| row.get(0)).expect("a size");
        drop(connection);
        let mut file = fs::OpenOptions::new().read(true).write(true).open(&path).expect("the file");
        file.seek(SeekFrom::Start(u64::from((root - 1) * page_size))).expect("there");
        file.write_all(&[0x55; 16]).expect("written");
        drop(file);
        let found = Store::check_of(folder.path());
        assert!(found.is_err() || found.as_ref().is_ok_and(|found| !found.is_empty()), "{found:?}");
    }
}
