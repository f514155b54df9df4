//! Questions to a filled store: one statement, its rows passed on as they are.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::IntoResponse,
};
use rusqlite::{Connection, OpenFlags, types::ValueRef};

use crate::{Outcome, scenarios::questions};

/// Connections to the store.
pub struct Reads {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Reads {
    pub fn new(path: PathBuf) -> Reads {
        Reads { path, idle: Mutex::default() }
    }

    fn answer(&self, n: usize, word: &str) -> Outcome<String> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(&self.path, flags)?;
                connection.execute_batch("pragma cache_size = -16384")?;
                connection
            }
        };
        let questions = questions()?;
        let question = questions.get(n).ok_or("no such question")?;
        let text = rows(&connection, &question.bare, word)?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(text)
    }
}

fn rows(connection: &Connection, sql: &str, word: &str) -> Outcome<String> {
    let mut statement = connection.prepare_cached(sql)?;
    if statement.parameter_count() > 0 {
        statement.raw_bind_parameter(1, word)?;
    }
    let n_columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut text = String::from("{\"items\":[");
    let mut is_first = true;
    while let Some(row) = rows.next()? {
        text.push_str(if is_first { "[" } else { ",[" });
        is_first = false;
        for column in 0..n_columns {
            if column > 0 {
                text.push(',');
            }
            match row.get_ref(column)? {
                // A body is JSON already.
                ValueRef::Text(body) if body.starts_with(b"{") => text.push_str(std::str::from_utf8(body)?),
                ValueRef::Text(plain) => text.push_str(&serde_json::to_string(std::str::from_utf8(plain)?)?),
                ValueRef::Integer(whole) => text.push_str(&whole.to_string()),
                ValueRef::Real(real) => text.push_str(&real.to_string()),
                ValueRef::Null | ValueRef::Blob(_) => text.push_str("null"),
            }
        }
        text.push(']');
    }
    text.push_str("]}");
    Ok(text)
}

/// `GET /ask/{n}?word=`.
pub async fn ask(
    State(reads): State<Arc<Reads>>,
    Path(n): Path<usize>,
    Query(asked): Query<HashMap<String, String>>,
) -> impl IntoResponse {
    let work = move || reads.answer(n, asked.get("word").map_or("", String::as_str)).map_err(|error| error.to_string());
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(text)) => (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], text),
        Ok(Err(error)) => (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain")], error),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain")], error.to_string()),
    }
}
