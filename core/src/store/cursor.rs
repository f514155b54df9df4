//! Orders and keyset cursors: a page begins where the last one ended, whatever was inserted meanwhile.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

use super::{
    filter_sql::{Clause, column},
    rows,
};
use crate::{
    Error, Result,
    model::{Kind, Record, filter::may_order_by},
};

/// The keys a list is ordered by; the id is always last, so that no two rows are equal.
#[derive(Debug)]
pub(super) struct Order {
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    field: String,
    /// As SQL.
    column: String,
    descending: bool,
}

impl Order {
    /// Read `-created_at,name`; empty means the kind's own order, newest first as a rule.
    pub(super) fn parse(kind: &Kind, text: &str) -> Result<Order> {
        let text = if text.is_empty() { kind.order.as_deref().unwrap_or("-created_at") } else { text };
        let mut keys = Vec::new();
        for part in text.split(',') {
            let (field, descending) = part.strip_prefix('-').map_or((part, false), |field| (field, true));
            if !may_order_by(&kind.fields, field) {
                let indexed =
                    kind.fields.iter().filter(|(name, _)| may_order_by(&kind.fields, name)).map(|(name, _)| name);
                let known: Vec<&str> = ["created_at", "updated_at", "id"].into_iter().chain(indexed).collect();
                let message = format!("{} cannot be ordered by {field:?}; use one of {}", kind.kind, known.join(" "));
                return Err(Error::invalid("order", message));
            }
            keys.push(Key { field: field.to_owned(), column: column(kind, field), descending });
        }
        if keys.last().is_none_or(|key| key.field != "id") {
            let descending = keys.last().is_some_and(|key| key.descending);
            keys.push(Key { field: "id".into(), column: "id".into(), descending });
        }
        Ok(Order { keys })
    }

    /// The fields it is by.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|key| key.field.as_str())
    }

    pub(super) fn clause(&self, clause: &mut Clause) {
        clause.text(" order by ");
        for (n, key) in self.keys.iter().enumerate() {
            clause.text(if n > 0 { ", " } else { "" }).text(&key.column);
            clause.text(if key.descending { " desc" } else { "" });
        }
    }

    /// Where the page after `record` begins.
    pub(super) fn cursor(&self, record: &Record) -> String {
        let value = |key: &Key| match key.field.as_str() {
            "id" => json!(record.id),
            "created_at" => json!(record.created_at.millis()),
            "updated_at" => json!(record.updated_at.millis()),
            field => record.field(field).clone(),
        };
        let values: Vec<Value> = self.keys.iter().map(value).collect();
        BASE64_URL_SAFE_NO_PAD.encode(json!(values).to_string())
    }

    /// Only what comes after the cursor.
    pub(super) fn after(&self, clause: &mut Clause, cursor: &str) -> Result<()> {
        let wrong = || Error::invalid("cursor", "the cursor is not one of this list; begin again without it");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
        let values: Vec<Value> = serde_json::from_slice(&bytes).map_err(|_| wrong())?;
        if values.len() != self.keys.len() || values.iter().any(|value| value.is_array() || value.is_object()) {
            return Err(wrong());
        }
        let is_plain = self.keys.len() == 2 && matches!(self.keys[0].field.as_str(), "created_at" | "updated_at");
        if is_plain && self.keys[0].descending == self.keys[1].descending {
            // Row values let SQLite walk the index from the very row.
            clause.text(" and (").text(&self.keys[0].field).text(", id) ");
            clause.text(if self.keys[0].descending { "< (" } else { "> (" });
            clause.value(rows::scalar(&values[0])).text(", ").value(rows::scalar(&values[1])).text(")");
            return Ok(());
        }
        clause.text(" and (");
        for (n, (key, value)) in self.keys.iter().zip(&values).enumerate() {
            clause.text(if n > 0 { " or (" } else { "(" });
            for (same, value) in self.keys.iter().zip(&values).take(n) {
                clause.text(&same.column).text(" is ").value(rows::scalar(value)).text(" and ");
            }
            beyond(clause, key, rows::scalar(value));
            clause.text(")");
        }
        clause.text(")");
        Ok(())
    }
}

/// Null stands first in SQLite's ascending order, so it is below everything.
fn beyond(clause: &mut Clause, key: &Key, value: Sql) {
    let column = key.column.as_str();
    match (key.descending, value) {
        (false, Sql::Null) => clause.text(column).text(" is not null"),
        (false, value) => clause.text(column).text(" > ").value(value),
        (true, Sql::Null) => clause.text("0"),
        (true, value) => {
            clause.text("(").text(column).text(" < ").value(value).text(" or ").text(column).text(" is null)")
        }
    };
}
