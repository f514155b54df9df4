//! The event log.

use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use super::Reader;
use crate::{
    Error, Result,
    model::{Event, EventDraft, Id, RecordRef, Scope, Time},
    store::{Tx, rows::Json},
};

const COLUMNS: &str = "seq, kind, at, org, subject, actor, cause, depth, record_kind, record_id, record_rev, data";

/// Who, when and why, for every event of a command.
#[derive(Clone, Debug)]
pub struct Origin {
    /// When.
    pub at: Time,
    /// [`Actor::label`](crate::model::Actor::label).
    pub actor: String,
    /// The event that was being answered.
    pub cause: Option<i64>,
    /// See [`Event::depth`].
    pub depth: u8,
    /// Where the values come from, as a revision keeps it; `None` when the actor says it.
    pub source: Option<String>,
}

/// Append an event; it is given the next number.
///
/// # Errors
/// Internal.
pub fn append(tx: &mut Tx<'_>, origin: &Origin, draft: &EventDraft) -> Result<i64> {
    let seq = tx.next_seq();
    if may_bear_on_people(draft) {
        tx.touched_people();
    }
    let (kind, id, rev) = match &draft.record {
        Some(record) => (Some(&record.kind), Some(&record.id), Some(record.rev)),
        None => (None, None, None),
    };
    tx.connection
        .prepare_cached(
            "insert into event (seq, kind, at, org, subject, actor, cause, depth, record_kind, record_id, record_rev, data)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )
        .and_then(|mut statement| {
            statement.execute((
                seq, &draft.kind, origin.at, &draft.org, &draft.subject, &origin.actor, origin.cause, origin.depth, kind, id, rev,
                Json(&draft.data),
            ))
        })
        .map_err(Error::internal)?;
    Ok(seq)
}

/// Whether an event may change who somebody is or what they may do. Of what customers and plugins' records go through none does, and that is
/// nearly all that happens; whatever is not known to be harmless counts.
fn may_bear_on_people(draft: &EventDraft) -> bool {
    const HARMLESS: [&str; 6] = ["customer", "identity", "review", "consent", "message", "saved_view"];
    match &draft.record {
        Some(record) => !record.kind.contains('.') && !HARMLESS.contains(&record.kind.as_str()),
        None => !matches!(draft.kind.as_str(), "timer.fired" | "job.due"),
    }
}

/// The number of the last event.
pub(in crate::store) fn last(connection: &Connection) -> Result<i64> {
    connection
        .prepare_cached("select ifnull(max(seq), 0) from event")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(Error::internal)
}

/// Events after `seq` in order, whatever their organisation; for the bus.
///
/// # Errors
/// Internal.
pub fn after(reader: &impl Reader, seq: i64, limit: u32) -> Result<Vec<Event>> {
    select(reader, "seq > ?1 order by seq limit ?2", (seq, limit))
}

/// The number of the last event before a moment; 0 when there was none.
///
/// # Errors
/// Internal.
pub fn last_before(reader: &impl Reader, at: Time) -> Result<i64> {
    let connection = reader.connection().0;
    let last = |sql: &str, seq: i64| -> Result<Option<i64>> {
        let mut statement = connection.prepare_cached(sql).map_err(Error::internal)?;
        statement.query_row((seq,), |row| row.get(0)).optional().map_err(Error::internal)
    };
    // Numbers rise with time, but for a clock that was set back by a moment; halving needs no index by time.
    let (mut below, mut above) = (0, last("select ifnull(max(seq), 0) + 1 from event where ?1 = 0", 0)?.unwrap_or(1));
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        let when = last("select at from event where seq >= ?1 order by seq limit 1", middle)?;
        if when.is_some_and(|when| when < at.millis()) { below = middle } else { above = middle }
    }
    Ok(below)
}

/// Events from `first` to `last`, the newest first, at most `limit`.
///
/// # Errors
/// Internal.
pub fn within(reader: &impl Reader, first: i64, last: i64, limit: u32) -> Result<Vec<Event>> {
    select(reader, "seq between ?1 and ?3 order by seq desc limit ?2", (first, limit, last))
}

/// One event.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, seq: i64) -> Result<Option<Event>> {
    Ok(select(reader, "seq = ?1 limit ?2", (seq, 1))?.pop())
}

/// The last event that speaks of a record.
///
/// # Errors
/// Internal.
pub fn last_of_record(reader: &impl Reader, kind: &str, id: &Id) -> Result<Option<Event>> {
    Ok(select(reader, "record_kind = ?1 and record_id = ?2 order by seq desc limit 1", (kind, id))?.pop())
}

/// The last of a record's beginnings and ends up to a moment: `created`, `removed` or `restored`.
///
/// # Errors
/// Internal.
pub fn standing_at(reader: &impl Reader, kind: &str, id: &Id, at: Time) -> Result<Option<Event>> {
    let names = ["created", "removed", "restored"].map(|verb| format!("{kind}.{verb}"));
    let [created, removed, restored] = &names;
    let clause = "record_kind = ?1 and record_id = ?2 and at <= ?3 and kind in (?4, ?5, ?6) order by seq desc limit 1";
    Ok(select(reader, clause, (kind, id, at, created, removed, restored))?.pop())
}

/// What a list of events is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct Narrow {
    /// Only this kind, or this prefix when it ends in `*`.
    pub kind: Option<String>,
    /// Only this subject.
    pub subject: Option<Id>,
}

impl Narrow {
    /// Whether an event is inside.
    pub fn holds(&self, event: &Event) -> bool {
        let is_kind = match self.kind.as_deref() {
            None => true,
            Some(kind) => match kind.strip_suffix('*') {
                Some(prefix) => event.kind.starts_with(prefix),
                None => event.kind == kind,
            },
        };
        is_kind && self.subject.as_ref().is_none_or(|subject| event.subject.as_ref() == Some(subject))
    }
}

/// Events after `seq` that a scope may see, with the number to go on after. Reads at most 10 000 rows a call.
///
/// # Errors
/// Internal.
pub fn list(reader: &impl Reader, scope: &Scope, narrow: &Narrow, seq: i64, limit: u32) -> Result<(Vec<Event>, i64)> {
    let mut found = Vec::new();
    let mut at = seq;
    for _ in 0..20 {
        let page = match &narrow.subject {
            Some(subject) => select(reader, "subject = ?3 and seq > ?1 order by seq limit ?2", (at, 500, subject))?,
            None => after(reader, at, 500)?,
        };
        let is_last = page.len() < 500;
        for event in page {
            at = event.seq;
            if scope.holds(&event.org) && narrow.holds(&event) {
                found.push(event);
                if found.len() as u32 == limit {
                    return Ok((found, at));
                }
            }
        }
        if is_last {
            break;
        }
    }
    Ok((found, at))
}

/// Events about a record before `seq`, newest first: those whose subject it is and those that speak of it, by any of the
/// ids it goes by.
///
/// # Errors
/// Internal.
pub fn about(reader: &impl Reader, scope: &Scope, kind: &str, id: &Id, before: i64, limit: u32) -> Result<Vec<Event>> {
    const PAGE: u32 = 500;
    let family = super::alias::family(reader, kind, id)?;
    let mut found = Vec::new();
    let mut before = before;
    loop {
        let page = page_about(reader, kind, &family, before, PAGE.min(limit))?;
        let Some(last) = page.last() else { return Ok(found) };
        before = last.seq;
        found.extend(page.into_iter().filter(|event| scope.holds(&event.org)));
        if found.len() >= limit as usize {
            found.truncate(limit as usize);
            return Ok(found);
        }
    }
}

/// Ids whose ranges are asked for one by one; SQLite takes no more than 500 parts in one question.
const MAX_HALVES: usize = 64;

fn page_about(reader: &impl Reader, kind: &str, family: &[Id], before: i64, limit: u32) -> Result<Vec<Event>> {
    // Each half of each id is one range of an index; together and by `or` SQLite would read the whole log.
    let half = |test: &str| {
        format!("select seq from (select seq from event where {test} and seq < ?1 order by seq desc limit ?2)")
    };
    if family.len() > MAX_HALVES {
        let any = "in (select value from json_each(?4))";
        let halves = [half(&format!("subject {any}")), half(&format!("record_kind = ?3 and record_id {any}"))];
        let clause = format!("seq in ({}) order by seq desc limit ?2", halves.join(" union "));
        return select(reader, &clause, (before, limit, kind, Json(family)));
    }
    let halves = (0..family.len()).flat_map(|n| {
        let id = n + 4;
        [half(&format!("subject = ?{id}")), half(&format!("record_kind = ?3 and record_id = ?{id}"))]
    });
    let halves: Vec<String> = halves.collect();
    let clause = format!("seq in ({}) order by seq desc limit ?2", halves.join(" union "));
    let mut parameters: Vec<&dyn rusqlite::ToSql> = vec![&before, &limit, &kind];
    parameters.extend(family.iter().map(|id| id as &dyn rusqlite::ToSql));
    select(reader, &clause, parameters.as_slice())
}

fn select(reader: &impl Reader, clause: &str, parameters: impl rusqlite::Params) -> Result<Vec<Event>> {
    let sql = format!("select {COLUMNS} from event where {clause}");
    let connection = reader.connection().0;
    let mut statement = connection.prepare_cached(&sql).map_err(Error::internal)?;
    let events = statement.query_map(parameters, read).map_err(Error::internal)?;
    events.collect::<Result<_, _>>().map_err(Error::internal)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Event> {
    let record = match (row.get(8)?, row.get(9)?, row.get(10)?) {
        (Some(kind), Some(id), Some(rev)) => Some(RecordRef { kind, id, rev }),
        _ => None,
    };
    let Json(data): Json<Value> = row.get(11)?;
    Ok(Event {
        seq: row.get(0)?,
        kind: row.get(1)?,
        at: row.get(2)?,
        org: row.get(3)?,
        subject: row.get(4)?,
        actor: row.get(5)?,
        cause: row.get(6)?,
        depth: row.get(7)?,
        record,
        data,
    })
}
