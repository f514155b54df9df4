//! The search box: tokens of searchable fields find candidates, the record's own text decides and ranks.

mod find;
mod pending;
mod readings;
mod tokens;
mod words;

use rusqlite::{Connection, OptionalExtension, functions::FunctionFlags};

use super::{Tx, filter_sql::Clause, rows, schema};
use crate::{
    Error, Result,
    model::{Data, Id, Kind, Record},
};

pub use find::{Found, Search};
pub(super) use pending::Pending;
use words::Words;

/// A function of ours in SQL: whether the values after the first meet the words in it.
const HOLDS: &str = "holds_words";

/// Everything searchable of a record, field by field.
fn values<'a>(kind: &'a Kind, data: &'a Data) -> impl Iterator<Item = (&'a str, &'a str)> + Clone {
    let searchable = kind.fields.0.iter().filter(|(_, field)| field.searchable);
    searchable.filter_map(|(name, _)| Some((name.as_str(), data.get(name)?.as_str()?)))
}

/// Teach a connection [`HOLDS`].
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(HOLDS, -1, flags, |context| {
        let words = context
            .get_or_create_aux(0, |value| Ok::<_, rusqlite::types::FromSqlError>(Words::parse(value.as_str()?)))?;
        let Some(words) = words.as_ref() else { return Ok(false) };
        let texts: Vec<(usize, &str)> =
            (1..context.len()).filter_map(|n| Some((n, context.get_raw(n).as_str().ok()?))).collect();
        Ok(words.rank(texts.into_iter()).is_some())
    })?;
    // SQLite's own `lower` knows ASCII alone.
    let flags = flags | FunctionFlags::SQLITE_INNOCUOUS;
    connection
        .create_scalar_function("fold", 1, flags, |context| Ok(context.get_raw(0).as_str().ok().map(str::to_lowercase)))
}

/// Only records of a kind that meet the words in these columns. Where a rehearsal lies over the store the index does not know every record.
pub(super) fn clause(kind: &Kind, text: &str, columns: Vec<Clause>, clause: &mut Clause, is_indexed: bool) {
    let (Some(words), false) = (Words::parse(text), columns.is_empty()) else {
        clause.text("0");
        return;
    };
    if is_indexed {
        let question = tokens::all([tokens::quoted(&tokens::of_kind(&kind.kind)), words.question()]);
        clause
            .text("id in (select id from search_row where rowid in (select rowid from search_gram where search_gram match ")
            .value(rusqlite::types::Value::Text(question))
            .text(")) and ");
    }
    clause.text(&format!("{HOLDS}(")).value(rusqlite::types::Value::Text(text.to_owned()));
    for column in columns {
        clause.text(", ").text(&column.sql);
        clause.parameters.extend(column.parameters);
    }
    clause.text(")");
}

/// Put a record's tokens in place of those it had, when the transaction ends.
pub(super) fn put(tx: &mut Tx<'_>, kind: &Kind, record: &Record) {
    if !kind.fields.iter().any(|(_, field)| field.searchable) {
        return remove(tx, &record.kind, &record.id);
    }
    let (tokens, digest) = tokens::of(kind, record);
    let (kind, id, org) = (record.kind.clone(), record.id.clone(), record.org.clone());
    tx.unsearched.push(Pending::Put { kind, id, org, tokens, digest });
}

/// Take a record out of the search, when the transaction ends.
pub(super) fn remove(tx: &mut Tx<'_>, kind: &str, id: &Id) {
    tx.unsearched.push(Pending::Remove { kind: kind.to_owned(), id: id.clone() });
}

/// Index a kind's records anew, in the background: what was written before a field became searchable, or by an older version.
///
/// # Errors
/// Internal.
pub(super) fn again(connection: &Connection, kind: &str) -> rusqlite::Result<()> {
    connection
        .execute("insert into search_todo (kind) values (?1) on conflict do update set before = null", [kind])
        .map(drop)
}

/// How far indexing anew has come in one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The kind it is at.
    pub kind: String,
    /// Records looked at in this step.
    pub n_records: usize,
    /// Whether that was the last of the kind.
    pub is_last: bool,
}

/// Index some more of what waits for it, the newest first; `None` when nothing does.
///
/// # Errors
/// Internal.
pub fn step(tx: &mut Tx<'_>, limit: u32) -> Result<Option<Step>> {
    let next: Option<(String, Option<String>)> = tx
        .connection
        .prepare_cached("select kind, before from search_todo order by kind <> 'customer', kind limit 1")
        .and_then(|mut statement| statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .map_err(Error::internal)?;
    let Some((name, before)) = next else { return Ok(None) };
    let records = match tx.kinds().get(&name) {
        Some(_) => newest(tx.connection, &name, before.as_deref(), limit).map_err(Error::internal)?,
        None => Vec::new(),
    };
    for record in &records {
        let kind = tx.kind_in(&name, &record.org)?;
        put(tx, &kind, record);
    }
    let is_last = records.len() < limit as usize;
    let note = match records.last() {
        Some(last) if !is_last => {
            tx.connection.execute("update search_todo set before = ?2 where kind = ?1", (&name, &last.id))
        }
        _ => tx.connection.execute("delete from search_todo where kind = ?1", [&name]),
    };
    note.map_err(Error::internal)?;
    Ok(Some(Step { kind: name, n_records: records.len(), is_last }))
}

fn newest(connection: &Connection, kind: &str, before: Option<&str>, limit: u32) -> rusqlite::Result<Vec<Record>> {
    // An id has no character beyond the tilde.
    let sql = format!("select {} from {} where id < ?1 order by id desc limit ?2", rows::RECORD, schema::table(kind));
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement.query_map((before.unwrap_or("~"), limit), |row| rows::record(kind, row))?;
    found.collect()
}
