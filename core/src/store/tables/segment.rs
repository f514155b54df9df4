//! Segments and who is in them.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde_json::Value;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Scope, Time},
    store::{Segments, Tx, rows::Json, schema},
};

/// A filter with a name, or a list of ids.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Segment {
    /// Its id.
    pub id: Id,
    /// What people call it.
    pub name: String,
    /// The kind of the records in it.
    pub kind: String,
    /// What they meet; of a static one, what they met when it was made.
    pub filter: Value,
    /// Whose it is: records of this organisation and those below can be in it.
    pub org: Id,
    /// Who made it.
    pub owner: Option<Id>,
    /// Whether it is a list of ids, changed by people alone.
    pub is_static: bool,
    /// How many are in it.
    pub n: i64,
    /// When that last changed.
    pub counted_at: Time,
    /// Rises with every change of the segment itself.
    pub rev: u32,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Where the first fill stands; none when it is done.
    #[serde(rename = "is_filling", serialize_with = "is_some")]
    pub filled_to: Option<String>,
    /// Whether it changes although no record does, see [`changes_by_itself`](crate::model::filter::changes_by_itself).
    #[serde(skip)]
    pub is_daily: bool,
}

fn is_some<S: serde::Serializer>(place: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(place.is_some())
}

/// The beginning of a fill: beyond every id.
pub const UNFILLED: &str = "~";

const COLUMNS: &str =
    "id, name, kind, filter, org, owner, is_static, n, counted_at, rev, created_at, updated_at, filled_to, is_daily";

fn select(connection: &Connection, clause: &str, parameters: impl rusqlite::Params) -> Result<Vec<Segment>> {
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Segment {
            id: row.get(0)?,
            name: row.get(1)?,
            kind: row.get(2)?,
            filter: row.get::<_, Json<Value>>(3)?.0,
            org: row.get(4)?,
            owner: row.get(5)?,
            is_static: row.get(6)?,
            n: row.get(7)?,
            counted_at: row.get(8)?,
            rev: row.get(9)?,
            created_at: row.get(10)?,
            updated_at: row.get(11)?,
            filled_to: row.get(12)?,
            is_daily: row.get(13)?,
        })
    };
    let sql = format!("select {COLUMNS} from segment where {clause}");
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement.query_map(parameters, read).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// All of them, by the kind they hold.
pub(in crate::store) fn load(connection: &Connection) -> Result<Segments> {
    let mut found = Segments::new();
    for segment in select(connection, "1 order by id", [])? {
        found.entry(segment.kind.clone()).or_default().push(segment);
    }
    Ok(found)
}

/// One, in whatever organisation.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, id: &Id) -> Result<Option<Segment>> {
    Ok(select(reader.connection().0, "id = ?1", [id])?.pop())
}

/// Those that hold records of a kind.
///
/// # Errors
/// Internal.
pub fn of_kind(reader: &impl Reader, kind: &str) -> Result<Vec<Segment>> {
    select(reader.connection().0, "kind = ?1 order by id", [kind])
}

/// Those a scope may see below an id, the newest first.
///
/// # Errors
/// Internal.
pub fn list(
    reader: &impl Reader,
    scope: &Scope,
    kind: Option<&str>,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Segment>> {
    let all = select(
        reader.connection().0,
        "(?1 is null or kind = ?1) and id < ?2 order by id desc",
        (kind, before.unwrap_or(UNFILLED)),
    )?;
    Ok(all.into_iter().filter(|segment| scope.holds(&segment.org)).take(limit as usize).collect())
}

/// One that is still to be filled, if any is.
///
/// # Errors
/// Internal.
pub fn unfilled(reader: &impl Reader) -> Result<Option<Segment>> {
    Ok(select(reader.connection().0, "filled_to is not null order by id limit 1", [])?.pop())
}

/// Write a segment, new or changed. Its members are seen to by others.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, segment: &Segment) -> Result<()> {
    let Segment {
        id,
        name,
        kind,
        org,
        owner,
        is_static,
        n,
        counted_at,
        rev,
        created_at,
        updated_at,
        filled_to,
        is_daily,
        ..
    } = segment;
    tx.connection
        .prepare_cached(&format!(
            "insert or replace into segment ({COLUMNS}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
        ))
        .and_then(|mut statement| {
            statement.execute(rusqlite::params![
                id, name, kind, Json(&segment.filter), org, owner, is_static, n, counted_at, rev, created_at, updated_at, filled_to, is_daily
            ])
        })
        .map_err(Error::internal)?;
    tx.touched_segment();
    Ok(())
}

/// Take a segment away, members and all.
///
/// # Errors
/// Internal.
pub fn delete(tx: &mut Tx<'_>, id: &Id) -> Result<()> {
    clear(tx, id)?;
    tx.connection.execute("delete from segment where id = ?1", [id]).map_err(Error::internal)?;
    tx.touched_segment();
    Ok(())
}

/// Let all members go.
///
/// # Errors
/// Internal.
pub fn clear(tx: &mut Tx<'_>, id: &Id) -> Result<()> {
    tx.connection.execute("delete from segment_member where segment = ?1", [id]).map(drop).map_err(Error::internal)
}

/// Take a record in or let it go; answers whether that changed anything.
///
/// # Errors
/// Internal.
pub fn mark(tx: &mut Tx<'_>, segment: &Id, id: &Id, is_member: bool) -> Result<bool> {
    let sql = if is_member {
        "insert or ignore into segment_member (segment, id) values (?1, ?2)"
    } else {
        "delete from segment_member where segment = ?1 and id = ?2"
    };
    tx.connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute((segment, id)))
        .map(|n_rows| n_rows > 0)
        .map_err(Error::internal)
}

/// Count what [`mark`] has changed.
///
/// # Errors
/// Internal.
pub fn counted(tx: &mut Tx<'_>, segment: &Id, more: i64, now: Time) -> Result<()> {
    tx.connection
        .prepare_cached("update segment set n = n + ?2, counted_at = ?3 where id = ?1")
        .and_then(|mut statement| statement.execute((segment, more, now)))
        .map(drop)
        .map_err(Error::internal)
}

/// Where a fill stands now.
///
/// # Errors
/// Internal.
pub fn filled(tx: &mut Tx<'_>, segment: &Id, to: Option<&str>) -> Result<()> {
    tx.connection.execute("update segment set filled_to = ?2 where id = ?1", (segment, to)).map_err(Error::internal)?;
    tx.touched_segment();
    Ok(())
}

/// The segments a record is in.
///
/// # Errors
/// Internal.
pub fn of_record(reader: &impl Reader, id: &Id) -> Result<Vec<Id>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select segment from segment_member where id = ?1 order by segment")
        .map_err(Error::internal)?;
    let rows = statement.query_map([id], |row| row.get(0)).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// The organisation and revision of a record, if it is there.
///
/// # Errors
/// Internal.
pub fn place_of(reader: &impl Reader, kind: &str, id: &Id) -> Result<Option<(Id, u32)>> {
    if !reader.known_kinds().contains_key(kind) {
        return Ok(None);
    }
    reader
        .connection()
        .0
        .prepare_cached(&format!("select org, rev from {} where id = ?1", schema::table(kind)))
        .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(Error::internal)
}
