//! A read-only snapshot of the store.

use std::sync::Arc;

use rusqlite::{Connection, params_from_iter};
use serde_json::{Value, json};

use super::{
    Kinds, Shared,
    cursor::Order,
    filter_sql::{Clause, column},
    merged_refs, rows, schema, search, tables,
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
        let mut clause = Clause::default();
        clause.text(&format!("select {} from {} where ", rows::RECORD, schema::table(&kind.kind)));
        clause.text(&matching.sql).parameters.extend(matching.parameters);
        if let Some(cursor) = &query.cursor {
            order.after(&mut clause, cursor)?;
        }
        order.clause(&mut clause);
        clause.text(&format!(" limit {}", limit + 1));
        let mut items = self.records(&kind, &clause)?;
        let has_more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| has_more).map(|last| order.cursor(last));
        Ok(Page { items, next, count })
    }

    fn matching(&self, kind: &Kind, query: &Query, clause: &mut Clause) -> Result<()> {
        let filter = self.filter(kind, &query.filter)?;
        clause.scope(&self.scope).text(" and ").filter(kind, &filter);
        if let Some(words) = query.search.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
            clause.text(" and ");
            search_clause(kind, words, clause);
        }
        Ok(())
    }

    fn filter(&self, kind: &Kind, filter: &Value) -> Result<Filter> {
        let kinds = |name: &str| self.kinds().get(name).cloned();
        let context = Context { me: self.asker.me.as_ref(), now: self.asker.now, kinds: &kinds };
        merged_refs::widen(self, Filter::parse(kind, filter, &context)?)
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
            columns.push(group_column(&kind, name));
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

    /// The search box: records of any searchable kind that hold the words, customers first, at most `limit`.
    ///
    /// # Errors
    /// Internal.
    pub fn search(&self, words: &str, limit: u32) -> Result<Vec<Record>> {
        let mut found = Vec::new();
        let mut kinds: Vec<&Arc<Kind>> = self.kinds().values().collect();
        kinds.sort_by_key(|kind| (kind.kind != "customer", kind.kind.clone()));
        for kind in kinds.into_iter().filter(|kind| kind.fields.iter().any(|(_, field)| field.searchable)) {
            let room = limit.saturating_sub(found.len() as u32);
            if room == 0 {
                break;
            }
            let query = Query { search: Some(words.to_owned()), limit: Some(room.min(MAX_LIMIT)), ..Query::default() };
            found.extend(self.find(&kind.kind, &query)?.items);
        }
        Ok(found)
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

fn search_clause(kind: &Kind, words: &str, clause: &mut Clause) {
    let normal = search::normal(words);
    let searchable = || kind.fields.iter().filter(|(_, field)| field.searchable).map(|(name, _)| schema::field(name));
    if let Some(question) = search::question(words) {
        clause
            .text("id in (select id from search_row where kind = ")
            .value(rusqlite::types::Value::Text(kind.kind.clone()));
        clause.text(" and rowid in (select rowid from search_gram where search_gram match ");
        clause.value(rusqlite::types::Value::Text(question)).text(")) and ");
    }
    clause.text("(0");
    for column in searchable() {
        // Phones are stored with their +86, so a fragment may begin anywhere.
        clause.text(&format!(" or instr(replace(replace(lower(ifnull({column}, '')), ' ', ''), '-', ''), "));
        clause.value(rusqlite::types::Value::Text(normal.clone())).text(") > 0");
    }
    clause.text(")");
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

/// A group by ref counts a merged record once, whichever of its ids is named.
fn group_column(kind: &Kind, name: &str) -> String {
    let column = column(name);
    let merged =
        kind.fields.get(name).filter(|field| field.r#type == FieldType::Ref).and_then(|field| field.to.as_deref());
    match merged.filter(|to| tables::alias::MERGED.contains(to)) {
        Some(to) => {
            format!("ifnull((select into_id from alias where kind = '{to}' and alias.id = {column}), {column})")
        }
        None => column,
    }
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
