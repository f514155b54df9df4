//! Jobs and the files they work on.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Scope, job::Job},
    store::{Tx, rows::Json},
};

/// Write a job, new or moved on.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let state = serde_json::to_value(job.state).map_err(Error::internal)?;
    tx.connection
        .prepare_cached(
            "insert into job (id, kind, org, state, created_at, updated_at, body) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             on conflict do update set state = ?4, updated_at = ?6, body = ?7",
        )
        .and_then(|mut statement| {
            statement.execute((&job.id, &job.kind, &job.org, state.as_str(), job.created_at, job.updated_at, Json(job)))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// A job by id.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, id: &Id, scope: &Scope) -> Result<Option<Job>> {
    Ok(select(reader, "id = ?1", [id])?.pop().filter(|job| scope.holds(&job.org)))
}

/// Jobs a scope may see, the newest first.
///
/// # Errors
/// Internal.
pub fn list(reader: &impl Reader, scope: &Scope, limit: u32) -> Result<Vec<Job>> {
    let jobs = select(reader, "1 order by created_at desc, id desc limit 1000", [])?;
    Ok(jobs.into_iter().filter(|job| scope.holds(&job.org)).take(limit as usize).collect())
}

/// Jobs that were running when the server stopped.
///
/// # Errors
/// Internal.
pub fn running(reader: &impl Reader) -> Result<Vec<Job>> {
    select(reader, "state = 'running' order by created_at", [])
}

/// Jobs of a kind that have ended and still keep a file.
///
/// # Errors
/// Internal.
pub fn with_file(reader: &impl Reader, kind: &str) -> Result<Vec<Job>> {
    select(reader, "kind = ?1 and state <> 'running' and exists (select 1 from job_piece where job = job.id)", [kind])
}

/// Bytes of a file that are kept together: what is read at once, and all that is held in memory of it.
const PIECE_BYTES: usize = 1 << 20;

/// Keep the file a job works on, in pieces.
///
/// # Errors
/// Internal.
pub fn put_file(tx: &mut Tx<'_>, job: &Id, bytes: &[u8]) -> Result<()> {
    (0..).zip(bytes.chunks(PIECE_BYTES)).try_for_each(|(n, piece)| put_piece(tx, job, n, piece))
}

/// Keep one piece of the file a job works on.
///
/// # Errors
/// Internal.
pub fn put_piece(tx: &mut Tx<'_>, job: &Id, n: u32, piece: &[u8]) -> Result<()> {
    tx.connection
        .prepare_cached("insert into job_piece (job, n, bytes) values (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute((job, n, piece)))
        .map(drop)
        .map_err(Error::internal)
}

/// How large the file of a job is, while it has one.
///
/// # Errors
/// Internal.
pub fn file_bytes(reader: &impl Reader, job: &Id) -> Result<Option<u64>> {
    reader
        .connection()
        .0
        .query_row("select sum(length(bytes)) from job_piece where job = ?1", [job], |row| row.get::<_, Option<i64>>(0))
        .map(|n| n.map(|n| n.max(0) as u64))
        .map_err(Error::internal)
}

/// The `n`-th piece of a job's file; none behind the last.
///
/// # Errors
/// Internal.
pub fn file_piece(reader: &impl Reader, job: &Id, n: u32) -> Result<Option<Vec<u8>>> {
    reader
        .connection()
        .0
        .prepare_cached("select bytes from job_piece where job = ?1 and n = ?2")
        .and_then(|mut statement| statement.query_row((job, n), |row| row.get(0)).optional())
        .map_err(Error::internal)
}

/// Let the file of an ended job go.
///
/// # Errors
/// Internal.
pub fn delete_file(tx: &mut Tx<'_>, job: &Id) -> Result<()> {
    tx.connection.execute("delete from job_piece where job = ?1", [job]).map(drop).map_err(Error::internal)
}

/// Note that the job has caused the events `first` to `last`, in the commit of those.
///
/// # Errors
/// Internal.
pub fn put_range(tx: &mut Tx<'_>, job: &Id, first: i64, last: i64) -> Result<()> {
    tx.connection
        .prepare_cached("insert into job_range (job, first_seq, last_seq) values (?1, ?2, ?3)")
        .and_then(|mut statement| statement.execute((job, first, last)))
        .map(drop)
        .map_err(Error::internal)
}

/// The events a job has caused: first and last of each range, in order.
///
/// # Errors
/// Internal.
pub fn ranges(reader: &impl Reader, job: &Id) -> Result<Vec<(i64, i64)>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select first_seq, last_seq from job_range where job = ?1 order by first_seq")
        .map_err(Error::internal)?;
    let rows = statement.query_map([job], |row| Ok((row.get(0)?, row.get(1)?))).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

fn select(reader: &impl Reader, clause: &str, parameters: impl rusqlite::Params) -> Result<Vec<Job>> {
    let connection = reader.connection().0;
    let mut statement =
        connection.prepare_cached(&format!("select body from job where {clause}")).map_err(Error::internal)?;
    let rows = statement.query_map(parameters, |row| Ok(row.get::<_, Json<Job>>(0)?.0)).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}
