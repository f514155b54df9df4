//! After an erasure: the search index, the log of the store and the unused parts of its file are cleaned of what was taken out of the tables.

use std::time::Duration;

use rusqlite::Connection;

use super::remnants;
use crate::{
    Error, Result,
    store::{Store, Tx},
};

/// Pages of the search index put together in one commit.
const PAGES: u32 = 200;
/// How long the writer waits for readers of the log to end.
const PATIENCE: Duration = Duration::from_millis(100);

impl Store {
    /// Put the search index together anew, a little at a time, so that it holds no words of records that are gone.
    ///
    /// # Errors
    /// As [`Store::commit`].
    pub async fn wipe_words(&self) -> Result<()> {
        // Each commit leaves room for the people who work.
        while self.commit(merge_some).await? {}
        Ok(())
    }

    /// Bring the log into the file and cut it off; `false` while somebody reads from it.
    ///
    /// # Errors
    /// `store.busy`, or internal.
    pub async fn cut_log(&self) -> Result<bool> {
        let cut = |connection: &Connection| {
            // Whoever waits to write waits for this, so it gives up soon and is tried again.
            connection.busy_timeout(PATIENCE)?;
            let is_busy = connection.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get::<_, bool>(0));
            connection.busy_timeout(super::super::open::BUSY)?;
            Ok(!is_busy?)
        };
        self.alone(cut).await
    }

    /// Whether unused parts of the file show one of these values. Reads all of it: call it where blocking is allowed.
    ///
    /// # Errors
    /// Internal.
    pub fn shows(&self, values: &[String]) -> Result<bool> {
        remnants::are_left(&self.shared.path, values).map_err(Error::internal)
    }

    /// Write the whole file anew, without its unused parts. Nothing else is written meanwhile.
    ///
    /// # Errors
    /// `store.busy`, or internal.
    pub async fn write_anew(&self) -> Result<()> {
        self.alone(|connection| connection.execute_batch("vacuum")).await
    }

    async fn alone<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.committer.alone(work)?.await.map_err(Error::internal)?.map_err(Error::internal)
    }
}

/// One step of what `optimize` does at once; `false` when nothing is left to put together.
fn merge_some(tx: &mut Tx<'_>) -> Result<bool> {
    let changes = |tx: &Tx<'_>| -> rusqlite::Result<i64> {
        tx.connection.query_row("select total_changes()", [], |row| row.get(0))
    };
    let step = || -> rusqlite::Result<bool> {
        let before = changes(tx)?;
        let sql = format!("insert into search_gram (search_gram, rank) values ('merge', -{PAGES})");
        tx.connection.execute(&sql, [])?;
        Ok(changes(tx)? - before >= 2)
    };
    step().map_err(Error::internal)
}
