//! Back-fills under way: which derived field of a kind, whose records, and how far it has come.
//!
//! Records are taken in the order of their ids; what comes after is behind.

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Record, org::OrgTree},
    store::Tx,
};

/// One field's part of a job.
#[derive(Clone, Debug)]
pub struct Backfill {
    /// The kind.
    pub kind: String,
    /// The field.
    pub field: String,
    /// Records of this organisation and those below it.
    pub org: Id,
    /// The last record that is done; empty before the first.
    pub after: String,
    /// The job.
    pub job: Id,
}

/// A back-fill with the organisations it covers.
#[derive(Debug)]
pub struct Pending {
    /// The field.
    pub field: String,
    after: String,
    scope: crate::model::Scope,
}

impl Pending {
    /// Whether it has not come to this record yet.
    pub fn awaits(&self, record: &Record) -> bool {
        record.id.as_str() > self.after.as_str() && self.scope.holds(&record.org)
    }
}

/// Write down that a back-fill has begun or gone on.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, backfill: &Backfill) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into backfill (kind, field, org, after, job) values (?1, ?2, ?3, ?4, ?5)
             on conflict do update set after = ?4, job = ?5",
        )
        .and_then(|mut statement| {
            statement.execute((&backfill.kind, &backfill.field, &backfill.org, &backfill.after, &backfill.job))
        })
        .map_err(Error::internal)?;
    tx.touched_work();
    Ok(())
}

/// Move everything a job fills on.
///
/// # Errors
/// Internal.
pub fn advance(tx: &mut Tx<'_>, job: &Id, after: &str) -> Result<()> {
    tx.connection
        .prepare_cached("update backfill set after = ?2 where job = ?1")
        .and_then(|mut statement| statement.execute((job, after)))
        .map(drop)
        .map_err(Error::internal)
}

/// Nothing waits for a job any more.
///
/// # Errors
/// Internal.
pub fn end(tx: &mut Tx<'_>, job: &Id) -> Result<()> {
    tx.connection.execute("delete from backfill where job = ?1", [job]).map(drop).map_err(Error::internal)
}

/// The fields a job has still to fill. One that a later job has taken over is not among them.
///
/// # Errors
/// Internal.
pub fn of_job(reader: &impl Reader, job: &Id) -> Result<Vec<Backfill>> {
    select(reader, "job = ?1", job.as_str())
}

/// What waits on records of a kind.
///
/// # Errors
/// Internal.
pub(in crate::store) fn of_kind(reader: &impl Reader, kind: &str) -> Result<Vec<Pending>> {
    let found = select(reader, "kind = ?1", kind)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let orgs: OrgTree = super::org::load(reader.connection().0)?;
    let pending = |found: Backfill| Pending { scope: orgs.scope(&found.org), field: found.field, after: found.after };
    Ok(found.into_iter().map(pending).collect())
}

fn select(reader: &impl Reader, clause: &str, parameter: &str) -> Result<Vec<Backfill>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(&format!("select kind, field, org, after, job from backfill where {clause}"))
        .map_err(Error::internal)?;
    let rows = statement
        .query_map([parameter], |row| {
            let (kind, field, org) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(Backfill { kind, field, org, after: row.get(3)?, job: row.get(4)? })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}
