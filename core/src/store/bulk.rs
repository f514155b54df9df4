//! Filling a store with very many records at once: the same commits and the same durability, arranged for throughput.

use rusqlite::{Connection, OptionalExtension};

use super::Store;
use crate::{Error, Result};

/// Pages of the WAL before they are brought into the file. Pages of indexes are written again and again while a store is
/// filled; the later they are brought over, the fewer times each is. 200 MiB of disk for the time being.
const LATE_CHECKPOINT: u32 = 50_000;
/// Kibibytes of pages kept in memory, so that the indexes of a million records stay there.
const LARGE_CACHE: i32 = 512 * 1024;

/// How many parts of the search index are merged at a time, FTS5's own default. It is kept in the file.
const AUTOMERGE: i64 = 4;

/// What a bulk that was cut off has left behind.
pub(super) fn mend(connection: &Connection) -> rusqlite::Result<()> {
    let kept: Option<i64> = connection
        .query_row("select v from search_gram_config where k = 'automerge'", [], |row| row.get(0))
        .optional()?;
    match kept {
        Some(kept) if kept != AUTOMERGE => connection.execute_batch(&automerge(AUTOMERGE)),
        _ => Ok(()),
    }
}

fn automerge(n_parts: i64) -> String {
    format!("insert into search_gram (search_gram, rank) values ('automerge', {n_parts});")
}

impl Store {
    /// From here on the writer is arranged for throughput, until [`Store::end_bulk`] or a restart.
    ///
    /// # Errors
    /// Internal.
    pub async fn begin_bulk(&self) -> Result<()> {
        // Parts of the search index are merged once they are many, and all of them at the end: not again and again.
        let sql = format!(
            "pragma wal_autocheckpoint = {LATE_CHECKPOINT}; pragma cache_size = -{LARGE_CACHE};
             {}",
            automerge(0)
        );
        self.arrange(sql).await
    }

    /// Back to the everyday arrangement; what was left for the end is done now.
    ///
    /// # Errors
    /// Internal.
    pub async fn end_bulk(&self) -> Result<()> {
        let sql = format!(
            "{} insert into search_gram (search_gram) values ('optimize'); {}",
            automerge(AUTOMERGE),
            super::open::WRITER_SIZES
        );
        self.arrange(sql).await
    }

    async fn arrange(&self, sql: String) -> Result<()> {
        let run = move |connection: &Connection| connection.execute_batch(&sql).map_err(Error::internal);
        self.commit(move |tx| run(tx.connection)).await
    }
}
