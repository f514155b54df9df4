//! Deliveries that failed for good, and the later events of the same subject that wait behind them.

use serde::Serialize;

use super::Reader;
use crate::{
    Error, Result,
    model::{Fault, Id, Time},
    store::{Tx, rows::Json},
};

/// A parked delivery.
#[derive(Clone, Debug, Serialize)]
pub struct Parked {
    /// The event.
    pub seq: i64,
    /// Its subject.
    pub subject: Option<Id>,
    /// Its organisation.
    pub org: Id,
    /// Why; for one that waits, the fault of the one it waits for.
    pub fault: Fault,
    /// How often it was tried.
    pub attempts: u32,
    /// Since when.
    pub parked_at: Time,
    /// The one that failed, not one that waits behind it.
    pub is_head: bool,
    /// Set aside for this job, or waiting behind such a one: nothing has failed.
    #[serde(skip)]
    pub job: Option<Id>,
}

/// Put a delivery aside.
///
/// # Errors
/// Internal.
pub fn insert(tx: &mut Tx<'_>, subscription: &str, parked: &Parked) -> Result<()> {
    tx.connection
        .prepare_cached(
            "insert into parked (subscription, seq, subject, org, fault, attempts, parked_at, is_head, job) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             on conflict do update set fault = ?5, attempts = attempts + ?6, parked_at = ?7, is_head = ?8, job = ?9",
        )
        .and_then(|mut statement| {
            statement.execute((
                subscription, parked.seq, &parked.subject, &parked.org, Json(&parked.fault), parked.attempts, parked.parked_at, parked.is_head, &parked.job,
            ))
        })
        .map(drop)
        .map_err(Error::internal)
}

/// The first parked delivery of a subject, which later ones wait behind.
///
/// # Errors
/// Internal.
pub fn of_subject(reader: &impl Reader, subscription: &str, subject: &Id) -> Result<Option<Parked>> {
    Ok(select(reader, "subscription = ?1 and subject = ?2 order by seq limit 1", (subscription, subject))?.pop())
}

/// One parked delivery; what is set aside for a job is not.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, subscription: &str, seq: i64) -> Result<Option<Parked>> {
    Ok(select(reader, "subscription = ?1 and seq = ?2 and job is null", (subscription, seq))?.pop())
}

/// Every subject that has something parked or set aside.
///
/// # Errors
/// Internal.
pub fn subjects(reader: &impl Reader, subscription: &str) -> Result<Vec<Id>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached("select distinct subject from parked where subscription = ?1 and subject is not null")
        .map_err(Error::internal)?;
    let rows = statement.query_map([subscription], |row| row.get(0)).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Deliveries set aside for a job that are the first of their subject, in order.
///
/// # Errors
/// Internal.
pub fn first_of_job(reader: &impl Reader, subscription: &str, job: &Id, limit: u32) -> Result<Vec<Parked>> {
    let clause = "subscription = ?1 and job = ?2 and is_head and not exists (
            select 1 from parked before where before.subscription = ?1 and before.subject = parked.subject and before.seq < parked.seq
        ) order by seq limit ?3";
    select(reader, clause, (subscription, job, limit))
}

/// Deliveries set aside for a job, in order.
///
/// # Errors
/// Internal.
pub fn of_job(reader: &impl Reader, subscription: &str, job: &Id, limit: u32) -> Result<Vec<Parked>> {
    select(reader, "subscription = ?1 and job = ?2 and is_head order by seq limit ?3", (subscription, job, limit))
}

/// Parked deliveries after `seq`, in order. What is set aside for a job is not among them.
///
/// # Errors
/// Internal.
pub fn list(reader: &impl Reader, subscription: &str, seq: i64, limit: u32) -> Result<Vec<Parked>> {
    select(reader, "subscription = ?1 and seq > ?2 and job is null order by seq limit ?3", (subscription, seq, limit))
}

/// How many deliveries of a subscription are parked, those aside that are set aside for a job.
///
/// # Errors
/// Internal.
pub fn count(reader: &impl Reader, subscription: &str) -> Result<u32> {
    reader
        .connection()
        .0
        .prepare_cached("select count(*) from parked where subscription = ?1 and job is null")
        .and_then(|mut statement| statement.query_row([subscription], |row| row.get(0)))
        .map_err(Error::internal)
}

/// Take a parked delivery away: it was handled at last, or a person dropped it.
///
/// # Errors
/// `parked.not_found`.
pub fn delete(tx: &mut Tx<'_>, subscription: &str, seq: i64) -> Result<()> {
    let n_rows = tx
        .connection
        .execute("delete from parked where subscription = ?1 and seq = ?2", (subscription, seq))
        .map_err(Error::internal)?;
    if n_rows == 0 {
        return Err(Error::not_found("parked", format!("event {seq} is not parked for {subscription}")));
    }
    Ok(())
}

fn select(reader: &impl Reader, clause: &str, parameters: impl rusqlite::Params) -> Result<Vec<Parked>> {
    let sql = format!("select seq, subject, org, fault, attempts, parked_at, is_head, job from parked where {clause}");
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement
        .query_map(parameters, |row| {
            let Json(fault) = row.get(3)?;
            Ok(Parked {
                seq: row.get(0)?,
                subject: row.get(1)?,
                org: row.get(2)?,
                fault,
                attempts: row.get(4)?,
                parked_at: row.get(5)?,
                is_head: row.get(6)?,
                job: row.get(7)?,
            })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}
