//! The values a population is ranked by, read in one go.

use rusqlite::{params_from_iter, types::ValueRef};
use serde_json::{Value, json};

use super::{
    View,
    filter_sql::{Clause, column},
    schema,
};
use crate::{
    Error, Result,
    model::rank::{Key, Ranked, Ranking, columns},
};

impl View {
    /// Every record of a kind that meets the filter, with what [`rank`](crate::model::rank::rank) compares it by.
    ///
    /// # Errors
    /// `kind.not_found`, `filter.invalid`, or internal.
    pub fn ranked(&self, kind: &str, filter: &Value, within: &[String], rankings: &[Ranking]) -> Result<Vec<Ranked>> {
        let kind = self.kind(kind)?;
        let filter = self.filter(&kind, filter)?;
        let fields = within.iter().map(String::as_str).chain(columns(rankings));
        let mut clause = Clause::default();
        clause.text("select id");
        for name in fields {
            clause.text(", ").text(&column(&kind, name));
        }
        clause.text(&format!(" from {} where ", schema::table(&kind.kind)));
        self.scope_clause(&kind, &mut clause)?;
        clause.text(" and ").filter(&kind, &filter);
        let mut statement = self.raw().prepare(&clause.sql).map_err(Error::internal)?;
        let n_columns = statement.column_count();
        let read = |row: &rusqlite::Row<'_>| {
            let group = (1..=within.len()).map(|n| Ok(plain(key(row.get_ref(n)?)))).collect::<rusqlite::Result<_>>()?;
            let keys =
                (within.len() + 1..n_columns).map(|n| Ok(key(row.get_ref(n)?))).collect::<rusqlite::Result<_>>()?;
            Ok(Ranked { id: row.get(0)?, group, keys })
        };
        let found = statement.query_map(params_from_iter(&clause.parameters), read).map_err(Error::internal)?;
        found.collect::<Result<_, _>>().map_err(Error::internal)
    }
}

fn key(value: ValueRef<'_>) -> Key {
    match value {
        ValueRef::Null | ValueRef::Blob(_) => Key::None,
        ValueRef::Integer(whole) => Key::Number(whole as f64),
        ValueRef::Real(real) => Key::Number(real),
        ValueRef::Text(text) => Key::Text(String::from_utf8_lossy(text).into()),
    }
}

fn plain(key: Key) -> Value {
    match key {
        Key::None => Value::Null,
        Key::Number(number) => json!(number),
        Key::Text(text) => json!(text),
    }
}
