//! Jobs whose events are set aside instead of being delivered, and which events those are.

use rusqlite::OptionalExtension;

use super::Reader;
use crate::{Error, Result, model::Id, store::Tx};

/// What shall become of the deliveries set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// They wait for a person.
    Held,
    /// They are let go at a measured pace.
    Going,
    /// They are dropped.
    Discarded,
}

impl State {
    /// `held`, `going`, `discarded`.
    pub fn name(self) -> &'static str {
        match self {
            State::Held => "held",
            State::Going => "going",
            State::Discarded => "discarded",
        }
    }

    fn named(name: &str) -> State {
        match name {
            "going" => State::Going,
            "discarded" => State::Discarded,
            _ => State::Held,
        }
    }
}

/// Events of one job that are set aside: first and last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
    /// Whose they are.
    pub job: Id,
}

/// Say what shall become of a job's deliveries.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, job: &Id, state: State) -> Result<()> {
    tx.connection
        .prepare_cached("insert into hold (job, state) values (?1, ?2) on conflict do update set state = ?2")
        .and_then(|mut statement| statement.execute((job, state.name())))
        .map(drop)
        .map_err(Error::internal)
}

/// What shall become of a job's deliveries; none when they are delivered as any others.
///
/// # Errors
/// Internal.
pub fn state(reader: &impl Reader, job: &Id) -> Result<Option<State>> {
    reader
        .connection()
        .0
        .prepare_cached("select state from hold where job = ?1")
        .and_then(|mut statement| statement.query_row([job], |row| row.get::<_, String>(0)).optional())
        .map(|name| name.map(|name| State::named(&name)))
        .map_err(Error::internal)
}

/// Which events between two are set aside. There are few holds, so they are asked one by one.
///
/// # Errors
/// Internal.
pub fn ranges(reader: &impl Reader, first: i64, last: i64) -> Result<Vec<Range>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select r.first_seq, r.last_seq, r.job from hold h cross join job_range r on r.job = h.job
             where r.first_seq <= ?2 and r.last_seq >= ?1",
        )
        .map_err(Error::internal)?;
    let rows = statement
        .query_map((first, last), |row| Ok(Range { first: row.get(0)?, last: row.get(1)?, job: row.get(2)? }))
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Subscriptions and jobs with deliveries that shall go or be dropped.
///
/// # Errors
/// Internal.
pub fn work(reader: &impl Reader) -> Result<Vec<(String, Id, State)>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select distinct p.subscription, h.job, h.state from hold h cross join parked p on p.job = h.job
             where h.state <> 'held' and p.is_head",
        )
        .map_err(Error::internal)?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, State::named(&row.get::<_, String>(2)?))))
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// How many deliveries of a job are set aside.
///
/// # Errors
/// Internal.
pub fn n_waiting(reader: &impl Reader, job: &Id) -> Result<u32> {
    reader
        .connection()
        .0
        .prepare_cached("select count(*) from parked where job = ?1 and is_head")
        .and_then(|mut statement| statement.query_row([job], |row| row.get(0)))
        .map_err(Error::internal)
}
