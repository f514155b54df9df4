//! Exports, kept for good.

use super::Reader;
use crate::{
    Error, Result,
    model::{
        Id,
        export::{Export, ExportState},
    },
    store::{Tx, rows::Json},
};

/// Write an export, new or ended.
///
/// # Errors
/// Internal.
pub fn put(tx: &mut Tx<'_>, export: &Export) -> Result<()> {
    let state = serde_json::to_value(export.state).map_err(Error::internal)?;
    tx.connection
        .prepare_cached(
            "insert into export (id, org, state, body) values (?1, ?2, ?3, ?4)
             on conflict do update set state = ?3, body = ?4",
        )
        .and_then(|mut statement| statement.execute((&export.id, &export.org, state.as_str(), Json(export))))
        .map(drop)
        .map_err(Error::internal)
}

/// An export by id.
///
/// # Errors
/// Internal.
pub fn get(reader: &impl Reader, id: &Id) -> Result<Option<Export>> {
    Ok(select(reader, "id = ?1", [id])?.pop())
}

/// Exports that somebody may see, before `before`, the newest first.
///
/// # Errors
/// Internal.
pub fn list(
    reader: &impl Reader,
    is_seen: impl Fn(&Export) -> bool,
    before: Option<&Id>,
    limit: u32,
) -> Result<Vec<Export>> {
    const PAGE: u32 = 500;
    let mut found = Vec::new();
    let mut before = before.cloned();
    loop {
        // Ids begin with the time, so they are in order of it.
        let page = select(reader, "(?1 is null or id < ?1) order by id desc limit ?2", (&before, PAGE))?;
        let is_last = page.len() < PAGE as usize;
        before = page.last().map(|last| last.id.clone());
        found.extend(page.into_iter().filter(&is_seen));
        if is_last || found.len() >= limit as usize {
            found.truncate(limit as usize);
            return Ok(found);
        }
    }
}

/// Exports in some state, the oldest first.
///
/// # Errors
/// Internal.
pub fn in_state(reader: &impl Reader, state: ExportState) -> Result<Vec<Export>> {
    let state = serde_json::to_value(state).map_err(Error::internal)?;
    select(reader, "state = ?1 order by id", [state.as_str()])
}

fn select(reader: &impl Reader, clause: &str, parameters: impl rusqlite::Params) -> Result<Vec<Export>> {
    let connection = reader.connection().0;
    let mut statement =
        connection.prepare_cached(&format!("select body from export where {clause}")).map_err(Error::internal)?;
    let rows = statement.query_map(parameters, |row| Ok(row.get::<_, Json<Export>>(0)?.0)).map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}
