//! Rows as they are written for one customer: record, revision, event and audit, many in one transaction that is on the disk when it is answered.

use std::{
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};

use axum::{
    body::Bytes,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use rusqlite::Connection;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::Outcome;

/// The writer's connection is arranged as the server's.
const PRAGMAS: &str = "
    pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on; pragma foreign_keys = on; pragma mmap_size = 0;
    pragma wal_autocheckpoint = 4000; pragma journal_size_limit = 67108864; pragma cache_size = -65536;";
const TABLES: &str = "
    create table record (id text primary key, rev integer not null, org text not null, created_at integer not null,
        updated_at integer not null, data text not null) strict;
    create index by_created on record (created_at, id);
    create table revision (id text not null, rev integer not null, at integer not null, seq integer not null, actor text not null,
        changes text not null, primary key (id, rev)) strict, without rowid;
    create table event (seq integer primary key, kind text not null, at integer not null, org text not null, subject text not null,
        actor text not null, data text not null) strict;
    create table audit (seq integer primary key, at integer not null, actor text not null, org text not null, what text not null,
        detail text not null) strict;
    create virtual table words using fts5 (text, tokenize = 'trigram', detail = none, content = '');";
/// Transactions of an import.
const CHUNK: usize = 500;
/// As the server's.
const GROUP: usize = 256;

struct Unit {
    body: String,
    done: oneshot::Sender<Result<String, String>>,
}

/// The door to the one thread that writes.
#[derive(Clone)]
pub struct Writer {
    queue: SyncSender<Unit>,
}

impl Writer {
    pub fn start(file: &Path) -> Outcome<Writer> {
        let connection = open(file)?;
        let (queue, units) = sync_channel(1_024);
        thread::Builder::new().name("writer".into()).spawn(move || work(&connection, &units))?;
        Ok(Writer { queue })
    }
}

fn open(file: &Path) -> Outcome<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(PRAGMAS)?;
    connection.execute_batch(TABLES)?;
    Ok(connection)
}

fn work(connection: &Connection, units: &Receiver<Unit>) {
    let mut n = 0;
    while let Ok(first) = units.recv() {
        let batch: Vec<Unit> =
            std::iter::once(first).chain(std::iter::from_fn(|| units.try_recv().ok())).take(GROUP).collect();
        let written = transaction(connection, &batch, &mut n).map_err(|error| error.to_string());
        match written {
            Ok(answers) => batch.into_iter().zip(answers).for_each(|(unit, answer)| drop(unit.done.send(Ok(answer)))),
            Err(error) => {
                drop(connection.execute_batch("rollback"));
                batch.into_iter().for_each(|unit| drop(unit.done.send(Err(error.clone()))));
            }
        }
    }
}

fn transaction(connection: &Connection, batch: &[Unit], n: &mut i64) -> Outcome<Vec<String>> {
    connection.execute_batch("begin immediate")?;
    let mut answers = Vec::with_capacity(batch.len());
    for unit in batch {
        *n += 1;
        answers.push(insert(connection, *n, &unit.body)?);
    }
    connection.execute_batch("commit")?;
    Ok(answers)
}

/// The four rows of one customer.
fn insert(connection: &Connection, n: i64, body: &str) -> Outcome<String> {
    let sent: Value = serde_json::from_str(body)?;
    let (data, org) = (sent["data"].to_string(), sent["org"].as_str().unwrap_or("hq"));
    let (id, at) = (format!("{n:032x}"), 1_773_367_200_000 + n);
    connection.prepare_cached("insert into record values (?1, 1, ?2, ?3, ?3, ?4)")?.execute((&id, org, at, &data))?;
    connection
        .prepare_cached("insert into revision values (?1, 1, ?2, ?3, 'user:admin', ?4)")?
        .execute((&id, at, n, &data))?;
    connection
        .prepare_cached("insert into event values (?1, 'customer.created', ?2, ?3, ?4, 'user:admin', ?5)")?
        .execute((n, at, org, &id, "{\"changed\":[],\"quoted\":{}}"))?;
    connection
        .prepare_cached("insert into audit values (?1, ?2, 'user:admin', ?3, 'customer.created', ?4)")?
        .execute((n, at, org, "{}"))?;
    Ok(format!("{{\"id\":\"{id}\",\"rev\":1,\"data\":{data}}}"))
}

/// `POST /create`.
pub async fn create(State(writer): State<Writer>, body: Bytes) -> impl IntoResponse {
    let (done, answer) = oneshot::channel();
    let unit = Unit { body: String::from_utf8_lossy(&body).into_owned(), done };
    let is_queued = writer.queue.try_send(unit).is_ok();
    match answer.await {
        Ok(Ok(text)) if is_queued => (StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], text),
        Ok(Err(error)) => (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, "text/plain")], error),
        _ => (StatusCode::SERVICE_UNAVAILABLE, [(header::CONTENT_TYPE, "text/plain")], "busy".into()),
    }
}

/// A file of rows, each split, written with its four rows and put into an index of words; how long that took.
pub fn import(file: &Path, text: &str) -> Outcome<Duration> {
    let connection = open(file)?;
    let rows: Vec<&str> = text.lines().skip(1).collect();
    let begin = Instant::now();
    let mut n = 0;
    for chunk in rows.chunks(CHUNK) {
        connection.execute_batch("begin immediate")?;
        for row in chunk {
            let cells: Vec<&str> = row.split(',').collect();
            let [name, phone, city, r#type] = cells[..] else {
                return Err(format!("a row of other cells: {row}").into());
            };
            let body = serde_json::json!({ "org": "d1", "data": { "name": name, "phone": phone, "city": city, "type": r#type } });
            n += 1;
            insert(&connection, n, &body.to_string())?;
            connection
                .prepare_cached("insert into words (rowid, text) values (?1, ?2)")?
                .execute((n, format!("{name} {phone}")))?;
        }
        connection.execute_batch("commit")?;
    }
    Ok(begin.elapsed())
}
