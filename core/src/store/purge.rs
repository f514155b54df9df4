//! Deleting what a plugin kept, after it was taken out: records with their revisions, words and receipts, then the kind itself.

use rusqlite::Connection;

use super::{Tx, schema};
use crate::{Error, Result};

impl Tx<'_> {
    /// Delete up to `limit` records of a kind, with everything kept of them; answers how many. No event tells of each: nobody is left to
    /// hear it.
    ///
    /// # Errors
    /// Internal.
    pub fn purge_records(&mut self, kind: &str, limit: u32) -> Result<usize> {
        let table = schema::table(kind);
        let ids: Vec<String> = self
            .connection
            .prepare_cached(&format!("select id from {table} order by id limit ?1"))
            .and_then(|mut statement| statement.query_map([limit], |row| row.get(0))?.collect())
            .map_err(Error::internal)?;
        for id in &ids {
            wipe(self.connection, &table, kind, id).map_err(Error::internal)?;
            if let Ok(id) = id.parse() {
                super::search::remove(self, kind, &id);
            }
        }
        Ok(ids.len())
    }

    /// Keep no records of a kind any more. Its revisions of records removed long ago go with it. A kind that fields of others refer to
    /// stays, without records: they would refer to nothing that is known.
    ///
    /// # Errors
    /// Internal.
    pub fn remove_kind(&mut self, kind: &str) -> Result<bool> {
        self.connection.execute("delete from revision where kind = ?1", [kind]).map_err(Error::internal)?;
        let own = kind.split('.').next().unwrap_or_default().to_owned() + ".";
        if self.kind_tree().refs_to(kind).iter().any(|(from, ..)| !from.starts_with(&own)) {
            return Ok(false);
        }
        let sql = format!("drop table if exists {}", schema::table(kind));
        self.connection.execute_batch(&sql).map_err(Error::internal)?;
        for sql in [
            "delete from kind where name = ?1",
            "delete from kind_custom where kind = ?1",
            "delete from search_todo where kind = ?1",
        ] {
            self.connection.execute(sql, [kind]).map_err(Error::internal)?;
        }
        self.kinds_changed()?;
        Ok(true)
    }
}

fn wipe(connection: &Connection, table: &str, kind: &str, id: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(&format!("delete from {table} where id = ?1"))?.execute([id])?;
    for sql in [
        "delete from receipt where id in (select receipt from receipt_use where kind = ?1 and id = ?2)",
        "delete from receipt_use where kind = ?1 and id = ?2",
        "delete from revision where kind = ?1 and id = ?2",
        "delete from computed where kind = ?1 and id = ?2",
        // The files themselves are swept out at the next start, unless other records hold them.
        "delete from attachment where kind = ?1 and record = ?2",
    ] {
        connection.prepare_cached(sql)?.execute([kind, id])?;
    }
    Ok(())
}
