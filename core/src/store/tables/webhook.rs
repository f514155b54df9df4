//! Subscriptions of others to events, and what became of each thing they were told.

use rusqlite::{Row, types::Type};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Reader;
use crate::{
    Error, Result,
    model::{Data, Event, Id, Scope, Time},
    store::{Tx, rows::Json},
};

/// A subscription.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Its id.
    pub id: Id,
    /// Whose: events of this organisation and below, as far as the owner hears them.
    pub org: Id,
    /// Who made it, and with whose eyes it hears.
    pub owner: Id,
    /// What people call it.
    pub name: String,
    /// Where events go.
    pub url: String,
    /// Kinds of events; one that ends in `*` is the beginning of several.
    pub events: Vec<String>,
    /// What must be quoted in an event, by field.
    pub filter: Data,
    /// Signs what goes out, sealed.
    pub secret: String,
    /// Signs too until `old_until`, sealed.
    pub old_secret: Option<String>,
    /// Until when.
    pub old_until: Option<Time>,
    /// Whether it is told anything.
    pub state: State,
    /// Why it is not.
    pub why: Option<String>,
    /// The last event looked at.
    pub seen: i64,
    /// Since when nothing has been taken.
    pub failing_since: Option<Time>,
    /// Rises with every change by a person.
    pub rev: u32,
    /// When it was made.
    pub created_at: Time,
    /// When it was changed.
    pub updated_at: Time,
}

/// Whether a subscription is told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is.
    Active,
    /// A person has stopped it; what happens meanwhile waits.
    Paused,
    /// It has failed for too long.
    Disabled,
}

/// One event for one subscription.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Delivery {
    /// Its id, by which whoever takes it knows it again.
    pub id: Id,
    /// Of which subscription.
    pub webhook: Id,
    /// The event's number; none for a trial.
    pub seq: Option<i64>,
    /// The event's kind.
    pub kind: String,
    /// What the event is about.
    pub subject: Option<Id>,
    /// When it came to be told.
    pub made_at: Time,
    /// When it is tried.
    pub due_at: Time,
    /// How often it was.
    pub attempts: u32,
    /// What became of it.
    pub state: Fate,
    /// When it was tried last.
    pub tried_at: Option<Time>,
    /// What was answered.
    pub status: Option<u16>,
    /// Why it was not taken.
    pub fault: Option<String>,
    /// How long that took.
    pub took_ms: Option<i64>,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is tried, or tried again.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was not, and is not tried again by itself.
    Failed,
}

impl Webhook {
    /// Whether an event is one of those it was made for, whoever may hear it.
    pub fn wants(&self, event: &Event) -> bool {
        let is_named = |pattern: &String| match pattern.strip_suffix('*') {
            Some(prefix) => event.kind.starts_with(prefix),
            None => event.kind == *pattern,
        };
        // What tells of the subscriptions themselves would never end.
        let is_own = event.kind.starts_with("webhook.");
        let quoted =
            |field: &String| event.data.get("quoted").and_then(|quoted| quoted.get(field)).unwrap_or(&Value::Null);
        !is_own && self.events.iter().any(is_named) && self.filter.iter().all(|(field, wanted)| quoted(field) == wanted)
    }
}

const COLUMNS: &str = "id, org, owner, name, url, events, filter, secret, old_secret, old_until, state, why, seen, failing_since, rev, created_at, updated_at";

fn select(reader: &impl Reader, clause: &str, parameters: impl rusqlite::Params) -> Result<Vec<Webhook>> {
    let read = |row: &Row<'_>| {
        Ok(Webhook {
            id: row.get(0)?,
            org: row.get(1)?,
            owner: row.get(2)?,
            name: row.get(3)?,
            url: row.get(4)?,
            events: row.get::<_, Json<Vec<String>>>(5)?.0,
            filter: row.get::<_, Json<Data>>(6)?.0,
            secret: row.get(7)?,
            old_secret: row.get(8)?,
            old_until: row.get(9)?,
            state: word(row, 10)?,
            why: row.get(11)?,
            seen: row.get(12)?,
            failing_since: row.get(13)?,
            rev: row.get(14)?,
            created_at: row.get(15)?,
            updated_at: row.get(16)?,
        })
    };
    let sql = format!("select {COLUMNS} from webhook where {clause}");
    let mut statement = reader.connection().0.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement.query_map(parameters, read).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// A word of ours in a column.
fn word<T: serde::de::DeserializeOwned>(row: &Row<'_>, n: usize) -> rusqlite::Result<T> {
    let text: String = row.get(n)?;
    serde_json::from_value(Value::String(text))
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(n, Type::Text, Box::new(error)))
}

fn as_word(value: &impl Serialize) -> Result<String> {
    let value = serde_json::to_value(value).map_err(Error::internal)?;
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// One.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, id: &Id) -> Result<Option<Webhook>> {
    Ok(select(reader, "id = ?1", [id])?.pop())
}

/// Those of a scope, the newest first.
///
/// # Errors
/// Internal.
pub fn list(reader: &impl Reader, scope: &Scope) -> Result<Vec<Webhook>> {
    let all = select(reader, "1 order by id desc", [])?;
    Ok(all.into_iter().filter(|webhook| scope.holds(&webhook.org)).collect())
}

/// Write one, new or changed.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, webhook: &Webhook) -> Result<()> {
    let state = as_word(&webhook.state)?;
    tx.connection
        .prepare_cached(&format!(
            "insert or replace into webhook ({COLUMNS}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
        ))
        .and_then(|mut statement| {
            statement.execute(rusqlite::params![
                webhook.id,
                webhook.org,
                webhook.owner,
                webhook.name,
                webhook.url,
                Json(&webhook.events),
                Json(&webhook.filter),
                webhook.secret,
                webhook.old_secret,
                webhook.old_until,
                state,
                webhook.why,
                webhook.seen,
                webhook.failing_since,
                webhook.rev,
                webhook.created_at,
                webhook.updated_at,
            ])
        })
        .map_err(Error::internal)?;
    tx.touched_timer();
    Ok(())
}

/// Note how far one has looked. A person's change of it meanwhile is left as it is.
///
/// # Errors
/// Internal.
pub fn set_seen(tx: &mut Tx<'_>, id: &Id, seen: i64) -> Result<()> {
    run(tx, "update webhook set seen = ?2 where id = ?1 and seen < ?2", (id, seen))
}

/// Note since when nothing has been taken; none when something was.
///
/// # Errors
/// Internal.
pub fn set_failing(tx: &mut Tx<'_>, id: &Id, since: Option<Time>) -> Result<()> {
    run(tx, "update webhook set failing_since = ?2 where id = ?1", (id, since))
}

/// Take one away with all it was told.
///
/// # Errors
/// Internal.
pub fn delete(tx: &mut Tx<'_>, id: &Id) -> Result<()> {
    run(tx, "delete from webhook_delivery where webhook = ?1", [id])?;
    run(tx, "delete from webhook where id = ?1", [id])
}

fn run(tx: &Tx<'_>, sql: &str, parameters: impl rusqlite::Params) -> Result<()> {
    tx.connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(parameters))
        .map(drop)
        .map_err(Error::internal)
}

const OF_DELIVERY: &str =
    "id, webhook, seq, kind, subject, made_at, due_at, attempts, state, tried_at, status, fault, took_ms";

fn deliveries(reader: &impl Reader, clause: &str, parameters: impl rusqlite::Params) -> Result<Vec<Delivery>> {
    let read = |row: &Row<'_>| {
        Ok(Delivery {
            id: row.get(0)?,
            webhook: row.get(1)?,
            seq: row.get(2)?,
            kind: row.get(3)?,
            subject: row.get(4)?,
            made_at: row.get(5)?,
            due_at: row.get(6)?,
            attempts: row.get(7)?,
            state: word(row, 8)?,
            tried_at: row.get(9)?,
            status: row.get(10)?,
            fault: row.get(11)?,
            took_ms: row.get(12)?,
        })
    };
    let sql = format!("select {OF_DELIVERY} from webhook_delivery as own where {clause}");
    let mut statement = reader.connection().0.prepare_cached(&sql).map_err(Error::internal)?;
    let rows = statement.query_map(parameters, read).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}

/// Write a delivery. An event that a subscription has been told of already is not told again.
///
/// # Errors
/// Internal.
pub fn put_delivery(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<()> {
    let state = as_word(&delivery.state)?;
    tx.connection
        .prepare_cached(&format!(
            "insert into webhook_delivery ({OF_DELIVERY}) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             on conflict (id) do update set due_at = ?7, attempts = ?8, state = ?9, tried_at = ?10, status = ?11, fault = ?12, took_ms = ?13
             on conflict do nothing"
        ))
        .and_then(|mut statement| {
            statement.execute(rusqlite::params![
                delivery.id,
                delivery.webhook,
                delivery.seq,
                delivery.kind,
                delivery.subject,
                delivery.made_at,
                delivery.due_at,
                delivery.attempts,
                state,
                delivery.tried_at,
                delivery.status,
                delivery.fault,
                delivery.took_ms,
            ])
        })
        .map_err(Error::internal)?;
    tx.touched_timer();
    Ok(())
}

/// One delivery.
///
/// # Errors
/// Internal.
pub fn delivery(reader: &impl Reader, id: &Id) -> Result<Option<Delivery>> {
    Ok(deliveries(reader, "id = ?1", [id])?.pop())
}

/// Deliveries of a subscription below an id, the newest first.
///
/// # Errors
/// Internal.
pub fn log(
    reader: &impl Reader,
    webhook: &Id,
    state: Option<Fate>,
    before: Option<&str>,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let state = state.map(|state| as_word(&state)).transpose()?;
    deliveries(
        reader,
        "webhook = ?1 and (?2 is null or state = ?2) and id < ?3 order by id desc limit ?4",
        (webhook, state, before.unwrap_or("~"), limit),
    )
}

/// Deliveries of a subscription to be tried now, the oldest event first: of each subject the first that waits, no other.
///
/// # Errors
/// Internal.
pub fn due(reader: &impl Reader, webhook: &Id, now: Time, limit: u32) -> Result<Vec<Delivery>> {
    deliveries(
        reader,
        "webhook = ?1 and state = 'waiting' and due_at <= ?2 and not exists (
             select 1 from webhook_delivery as other where other.webhook = own.webhook and other.subject = own.subject
             and other.state = 'waiting' and other.seq < own.seq)
         order by seq limit ?3",
        (webhook, now, limit),
    )
}

/// When the next delivery of a subscription is due. One that waits for an earlier one of its subject is not.
///
/// # Errors
/// Internal.
pub fn next_due(reader: &impl Reader, webhook: &Id) -> Result<Option<Time>> {
    reader
        .connection()
        .0
        .prepare_cached(
            "select min(due_at) from webhook_delivery as own where webhook = ?1 and state = 'waiting' and not exists (
                 select 1 from webhook_delivery as other where other.webhook = own.webhook and other.subject = own.subject
                 and other.state = 'waiting' and other.seq < own.seq)",
        )
        .and_then(|mut statement| statement.query_row([webhook], |row| row.get(0)))
        .map_err(Error::internal)
}

/// How many wait and how many have failed.
///
/// # Errors
/// Internal.
pub fn counts(reader: &impl Reader, webhook: &Id) -> Result<(i64, i64)> {
    reader
        .connection()
        .0
        .prepare_cached(
            "select ifnull(sum(state = 'waiting'), 0), ifnull(sum(state = 'failed'), 0) from webhook_delivery where webhook = ?1",
        )
        .and_then(|mut statement| statement.query_row([webhook], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(Error::internal)
}

/// Let go of what was told before a moment and waits no more.
///
/// # Errors
/// Internal.
pub fn forget_before(tx: &mut Tx<'_>, before: Time) -> Result<()> {
    run(tx, "delete from webhook_delivery where made_at < ?1 and state <> 'waiting'", [before])
}
