//! What a transaction has yet to tell the search index: told once for all its units.
//!
//! A savepoint has FTS5 write what it holds in memory to pages, as a part of the index that is merged with others later. Told
//! unit by unit, each of a shared transaction would write a part of its own.

use rusqlite::{Connection, OptionalExtension};

use crate::model::Id;

/// What is to be told of a record.
#[derive(Debug)]
pub(in crate::store) enum Pending {
    /// It holds these tokens now, and no others.
    Put { kind: String, id: Id, org: Id, tokens: String, digest: i64 },
    /// It is there no more, or nothing of it is searched.
    Remove { kind: String, id: Id },
}

/// A record's place in the index, and the digest of the tokens it has there.
type Known = Option<(i64, Option<i64>)>;

impl Pending {
    /// Tell the index.
    pub(in crate::store) fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        match self {
            Pending::Put { kind, id, org, tokens, digest } => {
                let known = known(connection, kind, id)?;
                // The same tokens are left alone.
                if matches!(known, Some((_, Some(had))) if had == *digest) {
                    return Ok(());
                }
                let rowid = row(connection, known, (kind, id, org, *digest))?;
                connection
                    .prepare_cached("insert into search_gram (rowid, grams) values (?1, ?2)")?
                    .execute((rowid, tokens))
                    .map(drop)
            }
            Pending::Remove { kind, id } => {
                let known = known(connection, kind, id)?;
                let Some((rowid, _)) = known else { return Ok(()) };
                forget(connection, known)?;
                connection.prepare_cached("delete from search_row where rowid = ?1")?.execute([rowid]).map(drop)
            }
        }
    }
}

fn known(connection: &Connection, kind: &str, id: &Id) -> rusqlite::Result<Known> {
    connection
        .prepare_cached("select rowid, digest from search_row where kind = ?1 and id = ?2")?
        .query_row((kind, id), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Take the tokens out that a record has in the index.
fn forget(connection: &Connection, known: Known) -> rusqlite::Result<()> {
    match known {
        Some((rowid, Some(_))) => {
            connection.prepare_cached("delete from search_gram where rowid = ?1")?.execute([rowid]).map(drop)
        }
        _ => Ok(()),
    }
}

/// The row of a record whose tokens change, without any for the moment.
fn row(connection: &Connection, known: Known, row: (&String, &Id, &Id, i64)) -> rusqlite::Result<i64> {
    let (kind, id, org, digest) = row;
    if let Some((rowid, _)) = known {
        forget(connection, known)?;
        connection
            .prepare_cached("update search_row set org = ?2, digest = ?3 where rowid = ?1")?
            .execute((rowid, org, digest))?;
        return Ok(rowid);
    }
    // Not `returning`: that opens a statement journal, which has FTS5 write a part of the index like a savepoint does.
    connection
        .prepare_cached("insert into search_row (kind, id, org, digest) values (?1, ?2, ?3, ?4)")?
        .execute((kind, id, org, digest))?;
    Ok(connection.last_insert_rowid())
}
