//! A read-only snapshot of the store.

use std::sync::Arc;

use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};

use super::{
    Kinds, Shared,
    cursor::Order,
    filter_sql::{Clause, column},
    rows, schema, search, segments, tables,
};
use crate::{
    Error, Result,
    model::{
        Aggregate, Data, FieldType, Id, Kind, Page, Query, Record, Scope, Time,
        filter::{Context, Filter},
        org::OrgTree,
    },
};

/// A read-only snapshot that knows the last event in it, filtered by a [`Scope`]. `Send`, not `Sync`.
#[derive(Debug)]
pub struct View {
    /// `None` only while the view is being dropped.
    connection: Option<Connection>,
    scope: Scope,
    at_seq: i64,
    asker: Asker,
    kinds: Arc<Kinds>,
    shared: Arc<Shared>,
}

/// What `$me` and `$now` stand for in this view's filters.
#[derive(Clone, Debug)]
struct Asker {
    me: Option<Id>,
    now: Time,
}

/// Rows of a page unless the query says otherwise, and at most.
const DEFAULT_LIMIT: u32 = 25;
const MAX_LIMIT: u32 = 500;
/// Groups an aggregate may answer.
const MAX_GROUPS: u32 = 10_000;

pub(crate) fn no_kind(name: &str) -> Error {
    Error::not_found("kind", format!("there is no kind {name:?}; GET /api/v1/kinds lists them"))
}

impl View {
    pub(super) fn begin(connection: Connection, scope: Scope, shared: Arc<Shared>) -> Result<View> {
        connection.execute_batch("begin").map_err(Error::internal)?;
        // The first read takes the snapshot.
        let at_seq = tables::event::last(&connection)?;
        let asker = Asker { me: None, now: Time::from_millis(0) };
        let kinds = shared.kinds.load_full();
        Ok(View { connection: Some(connection), scope, at_seq, asker, kinds, shared })
    }

    /// The same view for a person at a moment: `$me` and `$now` in filters.
    #[must_use]
    pub fn asked_by(mut self, me: Option<Id>, now: Time) -> View {
        self.asker = Asker { me, now };
        self
    }

    /// The number of the last event in the snapshot.
    pub fn at_seq(&self) -> i64 {
        self.at_seq
    }

    /// What `$now` stands for.
    pub(super) fn now(&self) -> Time {
        self.asker.now
    }

    /// What it may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The kinds.
    pub fn kinds(&self) -> &Kinds {
        &self.kinds
    }

    /// The organisation tree with calendars.
    pub fn orgs(&self) -> Arc<OrgTree> {
        self.shared.orgs.load_full()
    }

    pub(super) fn raw(&self) -> &Connection {
        self.connection.as_ref().expect("a view has its connection until it is dropped")
    }

    /// A kind by name.
    ///
    /// # Errors
    /// `kind.not_found`.
    pub fn kind(&self, name: &str) -> Result<Arc<Kind>> {
        self.kinds().get(name).cloned().ok_or_else(|| no_kind(name))
    }

    /// Records by id, in the order asked; `None` where there is none in scope.
    ///
    /// # Errors
    /// `kind.not_found`, or internal.
    pub fn get(&self, kind: &str, ids: &[Id]) -> Result<Vec<Option<Record>>> {
        ids.iter().map(|id| tables::record::get(self, kind, id, &self.scope)).collect()
    }

    /// One record.
    ///
    /// # Errors
    /// `record.not_found`, `kind.not_found`, or internal.
    pub fn one(&self, kind: &str, id: &Id) -> Result<Record> {
        tables::record::get(self, kind, id, &self.scope)?
            .ok_or_else(|| Error::not_found("record", format!("there is no {kind} {id} in your organisations")))
    }

    /// A list.
    ///
    /// # Errors
    /// `filter.invalid`, `order.invalid`, `cursor.invalid`, `limit.invalid`, `kind.not_found`, or internal.
    pub fn find(&self, kind: &str, query: &Query) -> Result<Page> {
        let kind = self.kind(kind)?;
        let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
        if limit == 0 || limit > MAX_LIMIT {
            return Err(Error::invalid("limit", format!("limit {limit} is out of range: use 1 to {MAX_LIMIT}")));
        }
        let order = Order::parse(&kind, &query.order)?;
        let mut matching = Clause::default();
        self.matching(&kind, query, &mut matching)?;
        let count = query.count.then(|| self.count(&kind, &matching)).transpose()?;
        let clause = page_clause(&kind, &order, matching, query.cursor.as_deref(), limit)?;
        let mut items = self.records(&kind, &clause)?;
        let has_more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| has_more).map(|last| order.cursor(last));
        Ok(Page { items, next, count })
    }

    /// How SQLite goes about a list, for tests.
    #[cfg(test)]
    pub(super) fn plan(&self, kind: &str, query: &Query) -> String {
        let kind = self.kind(kind).expect("a kind");
        let mut matching = Clause::default();
        self.matching(&kind, query, &mut matching).expect("a filter");
        let order = Order::parse(&kind, &query.order).expect("an order");
        let clause = page_clause(&kind, &order, matching, query.cursor.as_deref(), 25).expect("a page");
        let mut statement = self.raw().prepare(&format!("explain query plan {}", clause.sql)).expect("a statement");
        let rows =
            statement.query_map(params_from_iter(&clause.parameters), |row| row.get::<_, String>(3)).expect("a plan");
        rows.map(|row| row.expect("a step")).collect::<Vec<_>>().join("; ")
    }

    fn matching(&self, kind: &Kind, query: &Query, clause: &mut Clause) -> Result<()> {
        let filter = self.filter(kind, &query.filter)?;
        let n_orgs = self.shared.orgs.load().len();
        clause.list_scope(&self.scope, n_orgs, kind, &filter).text(" and ").filter(kind, &filter);
        if let Some(words) = query.search.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
            clause.text(" and ");
            search::clause(kind, words, clause);
        }
        Ok(())
    }

    fn filter(&self, kind: &Kind, filter: &Value) -> Result<Filter> {
        let kinds = |name: &str| self.kinds().get(name).cloned();
        let context = Context { me: self.asker.me.as_ref(), now: self.asker.now, kinds: &kinds };
        let filter = Filter::parse(kind, filter, &context)?;
        segments::Rules::new(self, &self.shared.orgs.load(), &context).within(&self.scope).stand_in(kind, filter)
    }

    fn count(&self, kind: &Kind, matching: &Clause) -> Result<u64> {
        let sql = format!("select count(*) from {} where {}", schema::table(&kind.kind), matching.sql);
        self.raw()
            .prepare_cached(&sql)
            .and_then(|mut statement| {
                statement.query_row(params_from_iter(&matching.parameters), |row| row.get::<_, i64>(0))
            })
            .map(|n| n.max(0) as u64)
            .map_err(Error::internal)
    }

    fn records(&self, kind: &Kind, clause: &Clause) -> Result<Vec<Record>> {
        let mut statement = self.raw().prepare_cached(&clause.sql).map_err(Error::internal)?;
        let found = statement
            .query_map(params_from_iter(&clause.parameters), |row| rows::record(&kind.kind, row))
            .map_err(Error::internal)?;
        found.collect::<Result<_, _>>().map_err(Error::internal)
    }

    /// Groups and measures.
    ///
    /// # Errors
    /// As [`View::find`]; `aggregate.invalid` for a wrong measure.
    pub fn aggregate(&self, kind: &str, aggregate: &Aggregate) -> Result<Vec<Data>> {
        let kind = self.kind(kind)?;
        let filter = self.filter(&kind, &aggregate.filter)?;
        let mut names: Vec<&str> = aggregate.group.iter().map(String::as_str).collect();
        let mut columns = Vec::new();
        for name in &names {
            known_field(&kind, name)?;
            columns.push(column(name));
        }
        for (name, measure) in &aggregate.measures {
            columns.push(measure_sql(&kind, measure)?);
            names.push(name);
        }
        if columns.is_empty() {
            return Err(Error::invalid(
                "aggregate",
                "name a field to group by or a measure like {\"n\":{\"count\":true}}",
            ));
        }
        let mut clause = Clause::default();
        clause.text(&format!("select {} from {} where ", columns.join(", "), schema::table(&kind.kind)));
        clause.scope(&self.scope).text(" and ").filter(&kind, &filter);
        if !aggregate.group.is_empty() {
            clause.text(&format!(" group by {}", columns[..aggregate.group.len()].join(", ")));
        }
        clause.text(&format!(" limit {MAX_GROUPS}"));
        let mut statement = self.raw().prepare_cached(&clause.sql).map_err(Error::internal)?;
        let found = statement
            .query_map(params_from_iter(&clause.parameters), |row| {
                names
                    .iter()
                    .enumerate()
                    .map(|(n, name)| Ok(((*name).to_owned(), json_value(row.get(n)?))))
                    .collect::<Result<Data, _>>()
            })
            .map_err(Error::internal)?;
        found.collect::<Result<_, _>>().map_err(Error::internal)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // A connection that cannot end its read is closed instead of being lent again.
            if connection.execute_batch("rollback").is_ok() {
                self.shared.give_back(connection);
            }
        }
    }
}

fn page_clause(kind: &Kind, order: &Order, matching: Clause, cursor: Option<&str>, limit: u32) -> Result<Clause> {
    let mut clause = Clause::default();
    clause.text(&format!("select {} from {} where ", rows::RECORD, schema::table(&kind.kind)));
    clause.text(&matching.sql).parameters.extend(matching.parameters);
    if let Some(cursor) = cursor {
        order.after(&mut clause, cursor)?;
    }
    order.clause(&mut clause);
    clause.text(&format!(" limit {}", limit + 1));
    Ok(clause)
}

fn known_field(kind: &Kind, name: &str) -> Result<Option<FieldType>> {
    if crate::model::filter::SYSTEM.contains(&name) {
        return Ok(None);
    }
    kind.fields
        .get(name)
        .map(|field| Some(field.r#type))
        .ok_or_else(|| Error::invalid("aggregate", format!("{} has no field {name:?}", kind.kind)))
}

fn measure_sql(kind: &Kind, measure: &Value) -> Result<String> {
    let wrong = || {
        Error::invalid(
            "aggregate",
            format!("{measure} is not a measure; use {{\"count\":true}} or {{\"sum\":\"field\"}}, min, max, avg"),
        )
    };
    let (name, field) = measure.as_object().and_then(|object| object.iter().next()).ok_or_else(wrong)?;
    match (name.as_str(), field) {
        ("count", Value::Bool(true)) => Ok("count(*)".into()),
        ("sum" | "min" | "max" | "avg", Value::String(field)) => {
            known_field(kind, field)?;
            Ok(format!("{name}({})", column(field)))
        }
        _ => Err(wrong()),
    }
}

fn json_value(value: rusqlite::types::Value) -> Value {
    use rusqlite::types::Value as Sql;
    match value {
        Sql::Null | Sql::Blob(_) => Value::Null,
        Sql::Integer(whole) => json!(whole),
        Sql::Real(real) => json!(real),
        Sql::Text(text) => json!(text),
    }
}
