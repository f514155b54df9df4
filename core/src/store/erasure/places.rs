//! The places where something of a person may stand, table by table. A table that is in neither list fails a test.

use rusqlite::{params_from_iter, types::Value as Sql};
use serde_json::{Map, Value, json};

use super::{Forget, Forgotten};
use crate::{
    Error, Result,
    model::Id,
    store::{Tx, rows::Json, schema, tables},
};

/// A table and how it forgets.
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// Let go of what it holds of a person.
    pub forget: fn(&mut Tx<'_>, &Forget) -> Result<()>,
}

/// Tables that may hold personal values. Those of kinds, `k_…`, are rewritten record by record by the command itself; here they are
/// gone through for what stands beside the body.
pub const PLACES: &[Place] = &[
    Place { table: "k_", forget: derived },
    Place { table: "k_saved_view", forget: saved_views },
    Place { table: "event", forget: events },
    Place { table: "revision", forget: revisions },
    Place { table: "merge", forget: merges },
    Place { table: "membership", forget: memberships },
    Place { table: "receipt", forget: receipts },
    Place { table: "receipt_use", forget: receipt_uses },
    Place { table: "computed", forget: computed },
    Place { table: "parked", forget: |tx, forget| quoted(tx, forget, "parked", "fault", &["subscription", "seq"]) },
    Place { table: "timer", forget: |tx, forget| quoted(tx, forget, "timer", "data", &["owner", "org", "key"]) },
    Place { table: "idempotency", forget: answers },
    Place { table: "job", forget: jobs },
    Place { table: "job_piece", forget: job_files },
    // What the piece by piece kept files took the place of; a server of before may have left one.
    Place { table: "job_file", forget: |tx, _| run(tx, "delete from job_file", []) },
    Place { table: "export", forget: |tx, forget| quoted(tx, forget, "export", "body", &["id"]) },
    Place { table: "attachment", forget: attachments },
    Place { table: "outbox", forget: |tx, forget| of_messages(tx, forget, "delete from outbox where message = ?1") },
    Place { table: "caught", forget: |tx, forget| of_messages(tx, forget, "delete from caught where key = ?1") },
    Place { table: "segment", forget: segments },
    Place { table: "segment_member", forget: segment_members },
    Place { table: "script_draft", forget: |tx, forget| examples(tx, forget, "script_draft") },
    Place { table: "script_version", forget: |tx, forget| examples(tx, forget, "script_version") },
    // The words of a record go with its row; what the index's segments still hold is merged away afterwards, see `wipe`.
    Place { table: "search_row", forget: |_, _| Ok(()) },
    Place { table: "search_gram", forget: |_, _| Ok(()) },
    // Written by the erasure itself and let go of when its time has come.
    Place { table: "archive", forget: |_, _| Ok(()) },
];

/// Tables that hold nothing personal of a customer, each with the reason.
pub const CLEAN: &[(&str, &str)] = &[
    ("account_link", "staff alone"),
    ("alias", "ids alone"),
    ("audit", "ids, codes and digests; sealed, so nothing personal may ever come in"),
    ("audit_root", "digests and signatures"),
    ("backfill", "fields and ids"),
    ("counter", "numbers"),
    ("erasure", "ids and moments"),
    ("hold", "ids of jobs"),
    ("job_range", "numbers of events"),
    ("kind", "what kinds are"),
    ("kind_custom", "what organisations make of kinds"),
    ("lane", "cursors"),
    ("page_key", "a key of the server's own"),
    ("page_spent", "digests of links, and moments"),
    ("plugin", "packages"),
    ("plugin_declined", "names and versions of plugins"),
    ("plugin_off", "plugins and organisations"),
    ("plugin_version", "packages"),
    ("recovery", "staff alone"),
    ("refinery_schema_history", "migrations"),
    ("reveal", "staff, moments and numbers"),
    ("revoked", "keys and digests of packages"),
    ("script_current", "names of scripts; faults name places in a script, not values"),
    ("script_sent", "numbers"),
    ("search_todo", "ids"),
    ("secret", "staff alone"),
    ("session", "staff alone"),
    ("setting", "settings of plugins"),
    ("totp", "staff alone"),
    ("webhook", "addresses of other systems, kinds of events, and staff"),
    ("webhook_delivery", "ids, moments and statuses; the body is made of the event whenever it goes out"),
];

fn run(tx: &Tx<'_>, sql: &str, parameters: impl rusqlite::Params) -> Result<()> {
    tx.connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(parameters))
        .map(drop)
        .map_err(Error::internal)
}

fn each_record(tx: &Tx<'_>, forget: &Forget, sql: &str) -> Result<()> {
    forget.records.iter().try_for_each(|record| run(tx, sql, (&record.kind, &record.id)))
}

/// What was to be sent to the person, and what went out: each row is one message's.
fn of_messages(tx: &mut Tx<'_>, forget: &Forget, sql: &str) -> Result<()> {
    let messages = forget.records.iter().filter(|record| record.kind == "message");
    messages.into_iter().try_for_each(|message| run(tx, sql, [&message.id]))
}

/// Rows of a table with a JSON text in which something may be quoted.
fn quoted(tx: &mut Tx<'_>, forget: &Forget, table: &str, column: &str, keys: &[&str]) -> Result<()> {
    scrub_where(tx, forget, table, column, keys, "1", Vec::new())
}

fn scrub_where(
    tx: &Tx<'_>,
    forget: &Forget,
    table: &str,
    column: &str,
    keys: &[&str],
    clause: &str,
    parameters: Vec<Sql>,
) -> Result<()> {
    let sql = format!("select {column}, {} from {table} where {clause}", keys.join(", "));
    let tests: Vec<String> = keys.iter().enumerate().map(|(n, key)| format!("{key} = ?{}", n + 2)).collect();
    let update = format!("update {table} set {column} = ?1 where {}", tests.join(" and "));
    let mut statement = tx.connection.prepare(&sql).map_err(Error::internal)?;
    let mut rows = statement.query(params_from_iter(parameters)).map_err(Error::internal)?;
    let mut changed: Vec<Vec<Sql>> = Vec::new();
    while let Some(row) = rows.next().map_err(Error::internal)? {
        let is_quoting = |text: &str| forget.values.are_in(text);
        let text =
            row.get_ref(0).and_then(|text| text.as_str_or_null().map_err(Into::into)).map_err(Error::internal)?;
        let Some(text) = text.filter(|text| is_quoting(text)) else { continue };
        let mut value: Value = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
        if !forget.values.scrub(&mut value) {
            continue;
        }
        let mut parameters = vec![Sql::Text(value.to_string())];
        for n in 0..keys.len() {
            parameters.push(row.get(n + 1).map_err(Error::internal)?);
        }
        changed.push(parameters);
    }
    drop(rows);
    changed.into_iter().try_for_each(|parameters| run(tx, &update, params_from_iter(parameters)))
}

/// Derived values of the customer say what it was like: counts stay, words go. Those of other records go where they quote.
fn derived(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    for Forgotten { kind, id, .. } in &forget.records {
        let table = schema::table(kind);
        let found: Option<Json<Map<String, Value>>> = match tx.known(kind) {
            false => None,
            true => optional(tx, &format!("select derived from {table} where id = ?1"), [id])?,
        };
        let Some(Json(mut side)) = found else { continue };
        let before = side.clone();
        if kind == "customer" {
            side.retain(|name, value| name == "$" || value.is_number());
        } else {
            side.retain(|_, value| !value.as_str().is_some_and(|text| forget.values.are_in(text)));
        }
        if side != before {
            run(tx, &format!("update {table} set derived = ?2 where id = ?1"), (id, Json(&side)))?;
        }
    }
    Ok(())
}

fn optional<T: rusqlite::types::FromSql>(
    tx: &Tx<'_>,
    sql: &str,
    parameters: impl rusqlite::Params,
) -> Result<Option<T>> {
    use rusqlite::OptionalExtension;
    tx.connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row(parameters, |row| row.get::<_, Option<T>>(0)).optional())
        .map(Option::flatten)
        .map_err(Error::internal)
}

/// A view may ask for somebody by name. It is its owner's, so it stays, without the name.
fn saved_views(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    quoted(tx, forget, "\"k_saved_view\"", "data", &["id"])?;
    let of = |kind: &str| vec![Sql::Text(kind.into())];
    scrub_where(tx, forget, "revision", "changes", &["kind", "id", "rev"], "kind = ?1", of("saved_view"))
}

/// Events of the customer quote nothing any more; those of other records what stays of them.
fn events(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    for id in &forget.family {
        scrub_where(tx, forget, "event", "data", &["seq"], "subject = ?1", vec![Sql::Text(id.to_string())])?;
    }
    for record in &forget.records {
        let mut changed: Vec<(i64, Value)> = Vec::new();
        let mut statement = tx
            .connection
            .prepare_cached("select seq, data from event where record_kind = ?1 and record_id = ?2")
            .map_err(Error::internal)?;
        let rows = statement
            .query_map((&record.kind, &record.id), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Json<Value>>(1)?.0)))
            .map_err(Error::internal)?;
        for row in rows {
            let (seq, mut data) = row.map_err(Error::internal)?;
            let before = data.clone();
            if let Some(quoted) = data.get_mut("quoted").and_then(Value::as_object_mut) {
                quoted.retain(|name, _| record.keeps(name));
            }
            forget.values.scrub(&mut data);
            if data != before {
                changed.push((seq, data));
            }
        }
        drop(statement);
        for (seq, data) in changed {
            run(tx, "update event set data = ?2 where seq = ?1", (seq, Json(data)))?;
        }
    }
    Ok(())
}

fn revisions(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    forget.records.iter().try_for_each(|record| tables::revision::forget(tx, record, &forget.values, forget.at))
}

/// What it takes to take a merge back is the other customer as it was: with it goes the undo.
fn merges(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    let sql = "delete from merge where kept = ?1 or lost = ?1";
    forget.family.iter().try_for_each(|id| run(tx, sql, [id]))
}

fn memberships(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    forget.family.iter().try_for_each(|id| tables::membership::delete(tx, id))
}

/// Receipts that decided something of these records, and those that were given the customer or quote it.
fn receipts(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    let used =
        "delete from receipt where id in (select receipt from receipt_use where kind = ?1 and receipt_use.id = ?2)";
    each_record(tx, forget, used)?;
    let sql = "select id, body from receipt where org in (select value from json_each(?1)) and at >= ?2";
    let mut quoting: Vec<String> = Vec::new();
    {
        let mut statement = tx.connection.prepare_cached(sql).map_err(Error::internal)?;
        let mut rows = statement.query((Json(&forget.orgs), forget.since)).map_err(Error::internal)?;
        while let Some(row) = rows.next().map_err(Error::internal)? {
            let body = row.get_ref(1).and_then(|body| body.as_str().map_err(Into::into)).map_err(Error::internal)?;
            if forget.family.iter().any(|id| body.contains(id.as_str())) || forget.values.are_in(body) {
                quoting.push(row.get(0).map_err(Error::internal)?);
            }
        }
    }
    quoting.iter().try_for_each(|id| run(tx, "delete from receipt where id = ?1", [id]))
}

fn receipt_uses(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    each_record(tx, forget, "delete from receipt_use where kind = ?1 and id = ?2")?;
    run(
        tx,
        "delete from receipt_use where not exists (select 1 from receipt where receipt.id = receipt_use.receipt)",
        [],
    )
}

fn computed(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    each_record(tx, forget, "delete from computed where kind = ?1 and id = ?2")
}

/// Whoever asks again with the same key is told that it was done, and no more.
fn answers(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    let mut told: Vec<(String, String)> = Vec::new();
    {
        let mut statement =
            tx.connection.prepare_cached("select answer, actor, key from idempotency").map_err(Error::internal)?;
        let mut rows = statement.query([]).map_err(Error::internal)?;
        while let Some(row) = rows.next().map_err(Error::internal)? {
            let answer: Option<String> = row.get(0).map_err(Error::internal)?;
            let is_about = |answer: &str| {
                forget.records.iter().any(|record| answer.contains(record.id.as_str())) || forget.values.are_in(answer)
            };
            if answer.as_deref().is_some_and(is_about) {
                told.push((row.get(1).map_err(Error::internal)?, row.get(2).map_err(Error::internal)?));
            }
        }
    }
    let sql = "update idempotency set answer = '{\"erased\":true}' where actor = ?1 and key = ?2";
    told.iter().try_for_each(|(actor, key)| run(tx, sql, (actor, key)))
}

/// Messages of a job name values, and what an undo left alone holds them.
fn jobs(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    let ids: Vec<&str> = forget.records.iter().map(|record| record.id.as_str()).collect();
    let mut statement = tx.connection.prepare("select id, body from job").map_err(Error::internal)?;
    let mut rows = statement.query([]).map_err(Error::internal)?;
    let mut changed: Vec<(Id, Value)> = Vec::new();
    while let Some(row) = rows.next().map_err(Error::internal)? {
        let text: String = row.get(1).map_err(Error::internal)?;
        let is_about = ids.iter().any(|id| text.contains(id));
        if !is_about && !forget.values.are_in(&text) {
            continue;
        }
        let mut body: Value = serde_json::from_str(&text).map_err(Error::internal)?;
        let conflicts = body.get_mut("conflicts").and_then(Value::as_array_mut).into_iter().flatten();
        for conflict in conflicts.filter(|conflict| conflict["id"].as_str().is_some_and(|id| ids.contains(&id))) {
            (conflict["now"], conflict["before"]) = (Value::Null, Value::Null);
        }
        forget.values.scrub(&mut body);
        changed.push((row.get(0).map_err(Error::internal)?, body));
    }
    drop(rows);
    drop(statement);
    changed.iter().try_for_each(|(id, body)| run(tx, "update job set body = ?2 where id = ?1", (id, Json(body))))
}

/// Files of jobs that have ended, and copies of what we know of the person.
fn job_files(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    run(
        tx,
        "delete from job_piece where job in (select id from job where state <> 'running' and kind = 'import')",
        [],
    )?;
    let sql = "delete from job_piece where job in
        (select id from job where kind = 'personal_export' and json_extract(body, '$.detail.customer') = ?1)";
    forget.family.iter().try_for_each(|id| run(tx, sql, [id]))
}

/// The files themselves go when nothing links them any more.
fn attachments(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    let sql = "update attachment set name = '—', detached_at = ifnull(detached_at, ?3) where kind = ?1 and record = ?2";
    let of = |record: &&Forgotten| record.kept.is_some();
    forget.records.iter().filter(of).try_for_each(|record| run(tx, sql, (&record.kind, &record.id, forget.at)))
}

fn segments(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    tx.touched_segment();
    quoted(tx, forget, "segment", "filter", &["id"])
}

fn segment_members(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    forget.family.iter().try_for_each(|id| run(tx, "delete from segment_member where id = ?1", [id]))
}

/// Examples of scripts are what somebody typed in to try them. Names in them are anybody's, numbers and addresses are not.
fn examples(tx: &mut Tx<'_>, forget: &Forget, table: &str) -> Result<()> {
    let mut telling = super::Values::default();
    forget.values.telling().for_each(|value| telling.add(value));
    let forget = Forget { values: telling, ..forget.clone() };
    let keys: &[&str] = if table == "script_draft" { &["name", "org"] } else { &["name", "org", "version"] };
    quoted(tx, &forget, table, "examples", keys)?;
    quoted(tx, &forget, table, "parameters", keys)
}
