//! Which files hang on which records. The files themselves lie in [`Blobs`](crate::store::Blobs).

use std::collections::HashSet;

use rusqlite::{OptionalExtension, Row};

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Scope, Time},
    store::{Tx, schema},
};

/// A file on a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its own id.
    pub id: Id,
    /// The record's kind.
    pub kind: String,
    /// The record.
    pub record: Id,
    /// The organisation it belongs to.
    pub org: Id,
    /// Made safe to be a file's name.
    pub name: String,
    /// What its content is, `application/pdf`.
    pub r#type: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 in hex.
    pub digest: String,
    /// When it was added.
    pub at: Time,
    /// Who added it.
    pub actor: String,
    /// When it was taken off again.
    pub detached_at: Option<Time>,
}

const COLUMNS: &str = "id, kind, record, org, name, type, size, digest, at, actor, detached_at";

fn read(row: &Row<'_>) -> rusqlite::Result<Attachment> {
    Ok(Attachment {
        id: row.get(0)?,
        kind: row.get(1)?,
        record: row.get(2)?,
        org: row.get(3)?,
        name: row.get(4)?,
        r#type: row.get(5)?,
        size: row.get::<_, i64>(6)?.max(0) as u64,
        digest: row.get(7)?,
        at: row.get(8)?,
        actor: row.get(9)?,
        detached_at: row.get(10)?,
    })
}

/// One, taken off or not; `None` where there is none in `scope`.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, id: &Id, scope: &Scope) -> Result<Option<Attachment>> {
    let found = reader
        .connection()
        .0
        .prepare_cached(&format!("select {COLUMNS} from attachment where id = ?1"))
        .and_then(|mut statement| statement.query_row([id], read).optional())
        .map_err(Error::internal)?;
    Ok(found.filter(|attachment| scope.holds(&attachment.org)))
}

/// Those of a record and of the records merged into it, the newest first; after the one called `after`.
///
/// # Errors
/// Internal.
pub fn list(reader: &impl Reader, kind: &str, record: &Id, after: Option<&Id>, limit: u32) -> Result<Vec<Attachment>> {
    let sql = format!(
        "select {COLUMNS} from attachment where detached_at is null and kind = ?1
            and record in (select ?2 union select id from alias where kind = ?1 and into_id = ?2)
            and (?3 is null or (at, id) < (select at, id from attachment where id = ?3))
         order by at desc, id desc limit ?4"
    );
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement.query_map((kind, record, after, limit), read).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// The digests of all files that hang on something.
///
/// # Errors
/// Internal.
pub(in crate::store) fn linked(connection: &rusqlite::Connection) -> Result<HashSet<String>> {
    let mut statement = connection
        .prepare("select distinct digest from attachment where detached_at is null")
        .map_err(Error::internal)?;
    let rows = statement.query_map([], |row| row.get(0)).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// The digests of all files that hang on a record, or did.
///
/// # Errors
/// Internal.
pub fn digests(reader: &impl Reader, kind: &str, record: &Id) -> Result<Vec<String>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select digest from attachment where kind = ?1 and record = ?2")
        .map_err(Error::internal)?;
    let rows = statement.query_map((kind, record), |row| row.get(0)).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Whether a file hangs on anything.
///
/// # Errors
/// Internal.
pub fn is_linked(reader: &impl Reader, digest: &str) -> Result<bool> {
    reader
        .connection()
        .0
        .prepare_cached("select exists (select 1 from attachment where digest = ?1 and detached_at is null)")
        .and_then(|mut statement| statement.query_row([digest], |row| row.get(0)))
        .map_err(Error::internal)
}

/// A kind and field that holds an attachment, if any does.
///
/// # Errors
/// Internal.
pub fn holder(tx: &Tx<'_>, id: &Id) -> Result<Option<(String, String)>> {
    for (kind, field) in tx.kind_tree().files() {
        let sql = format!("select exists (select 1 from {} where {} = ?1)", schema::table(kind), schema::field(field));
        let is_held: bool = tx
            .connection
            .prepare_cached(&sql)
            .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
            .map_err(Error::internal)?;
        if is_held {
            return Ok(Some((kind.to_owned(), field.to_owned())));
        }
    }
    Ok(None)
}

/// Hang a file on a record.
///
/// # Errors
/// Internal.
pub fn insert(tx: &mut Tx<'_>, attachment: &Attachment) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into attachment (id, kind, record, org, name, type, size, digest, at, actor)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .and_then(|mut statement| {
            statement.execute((
                &attachment.id,
                &attachment.kind,
                &attachment.record,
                &attachment.org,
                &attachment.name,
                &attachment.r#type,
                attachment.size as i64,
                &attachment.digest,
                attachment.at,
                &attachment.actor,
            ))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// Take a file off its record.
///
/// # Errors
/// Internal.
pub fn detach(tx: &mut Tx<'_>, id: &Id, at: Time) -> Result<()> {
    tx.connection
        .prepare_cached("update attachment set detached_at = ?2 where id = ?1")
        .and_then(|mut statement| statement.execute((id, at)))
        .map(drop)
        .map_err(Error::internal)
}
