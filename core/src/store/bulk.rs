//! Filling a store with very many records at once: the same commits and the same durability, arranged for throughput.

use rusqlite::{Connection, OptionalExtension};

use super::{Store, schema};
use crate::{Error, Result, model::matching};

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
    while give_index(connection)? {}
    match kept {
        Some(kept) if kept != AUTOMERGE => connection.execute_batch(&automerge(AUTOMERGE)),
        _ => Ok(()),
    }
}

fn automerge(n_parts: i64) -> String {
    format!("insert into search_gram (search_gram, rank) values ('automerge', {n_parts});")
}

/// Kinds whose indexes wait for the end.
const KINDS: [&str; 2] = ["customer", "identity"];

/// Take away the indexes that lists alone read, and note how each was made. Those by which a newcomer is matched are read with
/// every row. An entry in each of thirty trees is most of the work of a row; sorted and written at once it is a tenth of that.
fn take_indexes(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("create table if not exists waiting_index (sql text not null) strict")?;
    let is_matched = |sql: &str| matching::LOOKUPS.concat().iter().any(|name| sql.contains(&schema::field(name)));
    let mut statement = connection.prepare(
        "select name, sql from sqlite_master where type = 'index' and tbl_name = ?1 and sql like 'create index%'",
    )?;
    for kind in KINDS {
        let all = statement.query_map([format!("k_{kind}")], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let all: Vec<(String, String)> = all.collect::<rusqlite::Result<_>>()?;
        for (name, sql) in all.iter().filter(|(_, sql)| !is_matched(sql)) {
            connection.execute("insert into waiting_index (sql) values (?1)", [sql])?;
            connection.execute_batch(&format!("drop index \"{name}\""))?;
        }
    }
    Ok(())
}

/// Make the next of the indexes that were taken away; whether there was one. Each is a commit of its own, so that the journal need
/// not hold them all. The start of the server may have made some of them already.
fn give_index(connection: &Connection) -> rusqlite::Result<bool> {
    if !connection.table_exists(None, "waiting_index")? {
        return Ok(false);
    }
    let next = connection
        .query_row("select rowid, sql from waiting_index limit 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((row, sql)): Option<(i64, String)> = next else {
        connection.execute_batch("drop table waiting_index")?;
        return Ok(false);
    };
    connection.execute_batch(&sql.replacen("CREATE INDEX", "create index if not exists", 1))?;
    connection.execute("delete from waiting_index where rowid = ?1", [row])?;
    Ok(true)
}

impl Store {
    /// From here on the writer is arranged for throughput, until [`Store::end_bulk`] or a restart. Lists of customers are slow
    /// meanwhile.
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
        self.arrange(move |connection| connection.execute_batch(&sql).and_then(|()| take_indexes(connection))).await
    }

    /// Back to the everyday arrangement; what was left for the end is done now. A bulk that is cut off is mended by the next start.
    ///
    /// # Errors
    /// Internal.
    pub async fn end_bulk(&self) -> Result<()> {
        let sql = format!(
            "{} insert into search_gram (search_gram) values ('optimize'); {}",
            automerge(AUTOMERGE),
            super::open::WRITER_SIZES
        );
        while self.arrange(give_index).await? {}
        self.arrange(move |connection| connection.execute_batch(&sql)).await
    }

    async fn arrange<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        self.commit(move |tx| run(tx.connection).map_err(Error::internal)).await
    }
}
