//! A read-only snapshot of the store.

use std::{borrow::Cow, sync::Arc};

use rusqlite::{Connection, params_from_iter};
use serde_json::Value;

use super::{
    KindTree, Kinds, Shared,
    cursor::Order,
    derived,
    eyes::Eyes,
    filter_sql::{Clause, column},
    merged_refs, rows, schema, search, segments, tables,
};
use crate::{
    Error, Result,
    model::{
        Actor, Id, Kind, Page, Query, Record, Scope, Time,
        filter::{Context, Filter},
        kind::Private,
        org::OrgTree,
        rights::{Book, Rights, Verb},
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
    /// What whoever asks may see of what is in scope, and for what.
    rights: Rights,
    verb: Verb,
    /// The organisations above the one it looks from.
    above: Vec<Id>,
    /// As they hold where it looks from.
    kinds: Arc<Kinds>,
    tree: Arc<KindTree>,
    shared: Arc<Shared>,
    /// Whether a rehearsal is laid over it: then its connection serves nobody else, and indexes of words do not know all.
    is_overlaid: bool,
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

pub(crate) fn no_kind(name: &str) -> Error {
    Error::not_found("kind", format!("there is no kind {name:?}; GET /api/v1/kinds lists them"))
}

impl View {
    pub(super) fn begin(connection: Connection, scope: Scope, shared: Arc<Shared>) -> Result<View> {
        connection.execute_batch("begin").map_err(Error::internal)?;
        // The first read takes the snapshot.
        let at_seq = tables::event::last(&connection)?;
        let asker = Asker { me: None, now: Time::from_millis(0) };
        let tree = shared.kinds.load_full();
        let kinds = tree.base().clone();
        Ok(View {
            connection: Some(connection),
            scope,
            at_seq,
            asker,
            rights: Rights::all(),
            verb: Verb::Read,
            above: Vec::new(),
            kinds,
            tree,
            shared,
            is_overlaid: false,
        })
    }

    pub(super) fn overlaid(mut self) -> View {
        self.is_overlaid = true;
        self
    }

    /// The same view for an actor at a moment: with their rights, from where they work, `$me` and `$now` in filters.
    #[must_use]
    pub fn asked_by(mut self, actor: &Actor, now: Time) -> View {
        self.rights = self.shared.rights(actor);
        self.asker = Asker { me: actor.person().cloned(), now };
        match actor {
            Actor::User { org, .. } => self.at(org),
            Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => self,
        }
    }

    /// The same view for the server or a plugin at a moment: what it reads is held to its scope and its own grants. `$me` in filters is
    /// whom it works for.
    #[must_use]
    pub fn for_server(mut self, me: Option<Id>, now: Time) -> View {
        self.asker = Asker { me, now };
        self
    }

    /// The same view for doing something else than reading: the records are those it is allowed for.
    #[must_use]
    pub fn to(mut self, verb: Verb) -> View {
        self.verb = verb;
        self
    }

    /// What whoever asks may do.
    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    pub(super) fn verb(&self) -> Verb {
        self.verb
    }

    pub(super) fn eyes(&self) -> Eyes<'_, View> {
        Eyes::new(self, &self.rights, self.asker.now)
    }

    /// The same view from one organisation: kinds are as they hold there. Without it they are as their plugins wrote them.
    #[must_use]
    pub fn at(mut self, org: &Id) -> View {
        self.kinds = self.tree.at(org).clone();
        self.above = self.tree.orgs().upwards(org).skip(1).cloned().collect();
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

    pub(super) fn watches(&self) -> Arc<derived::Watches> {
        self.shared.watches.load_full()
    }

    /// The roles as last committed.
    pub fn roles(&self) -> Arc<Book> {
        self.shared.known.book()
    }

    /// The organisation tree with calendars.
    pub fn orgs(&self) -> Arc<OrgTree> {
        self.shared.orgs.load_full()
    }

    pub(super) fn raw(&self) -> &Connection {
        self.connection.as_ref().expect("a view has its connection until it is dropped")
    }

    pub(super) fn raw_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a view has its connection until it is dropped")
    }

    /// A kind by name.
    ///
    /// # Errors
    /// `kind.not_found`.
    pub fn kind(&self, name: &str) -> Result<Arc<Kind>> {
        self.kinds().get(name).cloned().ok_or_else(|| no_kind(name))
    }

    /// The kinds as they hold in each organisation.
    pub fn kind_tree(&self) -> &KindTree {
        &self.tree
    }

    /// A record's kind as it holds in the record's organisation, which may be below the one that looks.
    ///
    /// # Errors
    /// `kind.not_found`.
    pub fn kind_of(&self, record: &Record) -> Result<Arc<Kind>> {
        self.tree.kind(&record.kind, &record.org).cloned().ok_or_else(|| no_kind(&record.kind))
    }

    /// Records by id, in the order asked; `None` where there is none in scope.
    ///
    /// # Errors
    /// `kind.not_found`, or internal.
    pub fn get(&self, kind: &str, ids: &[Id]) -> Result<Vec<Option<Record>>> {
        ids.iter().map(|id| self.found(kind, id)).collect()
    }

    /// One record.
    ///
    /// # Errors
    /// `record.not_found`, `kind.not_found`, or internal.
    pub fn one(&self, kind: &str, id: &Id) -> Result<Record> {
        self.found(kind, id)?
            .ok_or_else(|| Error::not_found("record", format!("there is no {kind} {id} in your organisations")))
    }

    /// A record that may be seen: in scope, and of what is private one's own.
    pub(super) fn found(&self, kind: &str, id: &Id) -> Result<Option<Record>> {
        match self.kinds.get(kind).and_then(|kind| kind.private.as_ref()) {
            None => {
                let definition = self.kind(kind)?;
                self.eyes().found(&definition, id, self.verb, &self.scope_of(&definition))
            }
            Some(private) => {
                let found = tables::record::get(self, kind, id, &Scope::All)?;
                Ok(found.filter(|record| self.may_see(private, record)))
            }
        }
    }

    /// Whether a record that is there may be done so to.
    ///
    /// # Errors
    /// Internal.
    pub fn may(&self, verb: Verb, record: &Record) -> Result<bool> {
        let kind = self.kind_of(record)?;
        let scope = if verb == Verb::Read { self.scope_of(&kind) } else { Cow::Borrowed(&self.scope) };
        self.eyes().holds(&kind, verb, &scope, record)
    }

    /// Whether these eyes may see a record, of which they may hold an old state.
    ///
    /// # Errors
    /// Internal.
    pub fn sees(&self, record: &Record) -> Result<bool> {
        let Some(kind) = self.kinds.get(&record.kind) else { return Ok(self.scope.holds(&record.org)) };
        match &kind.private {
            None => self.eyes().would_hold(kind, self.verb, &self.scope_of(kind), record),
            Some(private) => Ok(self.may_see(private, record)),
        }
    }

    /// What is private is its owner's alone; what is shared is seen in its organisation, above and below.
    fn may_see(&self, private: &Private, record: &Record) -> bool {
        let is_inside = self.scope.holds(&record.org);
        let is_own = self.asker.me.as_ref().is_some_and(|me| private.is_owner(&record.data, me));
        let is_shared = private.is_shared(&record.data) && (is_inside || self.above.contains(&record.org));
        (is_inside && (is_own || self.sees_all())) || is_shared
    }

    /// Whose records of a kind are looked at: of one that is handed down those above too.
    fn scope_of(&self, kind: &Kind) -> Cow<'_, Scope> {
        match &self.scope {
            Scope::Orgs(orgs) if kind.handed_down && self.verb == Verb::Read => {
                Cow::Owned(Scope::Orgs(Arc::new(orgs.iter().chain(&self.above).cloned().collect())))
            }
            scope => Cow::Borrowed(scope),
        }
    }

    /// The server's own questions, asked for nobody.
    fn sees_all(&self) -> bool {
        self.scope == Scope::All && self.asker.me.is_none()
    }

    /// As [`View::may_see`], in SQL; every list begins with it.
    pub(super) fn scope_clause(&self, kind: &Kind, clause: &mut Clause) -> Result<()> {
        let Some(private) = kind.private.as_ref().filter(|_| !self.sees_all()) else {
            return self.eyes().clause(kind, self.verb, &self.scope_of(kind), clause);
        };
        let me = self.asker.me.as_ref().map_or(rusqlite::types::Value::Null, |me| me.to_string().into());
        clause.text("((").scope(&self.scope).text(" and ").text(&column(kind, &private.owner)).text(" = ").value(me);
        clause.text(") or (").text(&column(kind, &private.shared)).text(" = 1 and (").scope(&self.scope);
        let above = self.above.iter().cloned().collect();
        clause.text(" or ").scope(&Scope::Orgs(Arc::new(above))).text(")))");
        Ok(())
    }

    /// As [`View::scope_clause`], for lists in order.
    fn list_clause(&self, kind: &Kind, filter: &Filter, clause: &mut Clause) -> Result<()> {
        let whole = self.eyes().whole(kind, self.verb, &self.scope_of(kind)).filter(|_| kind.private.is_none());
        match whole {
            Some(scope) => drop(clause.list_scope(&scope, self.shared.orgs.load().len(), kind, filter)),
            None => self.scope_clause(kind, clause)?,
        }
        Ok(())
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
        order.fields().try_for_each(|name| self.eyes().check_field(&kind, self.verb, name))?;
        let mut matching = Clause::default();
        self.matching(&kind, query, &mut matching)?;
        let count = query.count.then(|| self.count(&kind, &matching)).transpose()?;
        let clause = page_clause(&kind, &order, matching, query.cursor.as_deref(), limit)?;
        let mut items = self.records(&kind, &clause)?;
        let has_more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| has_more).map(|last| order.cursor(last));
        self.eyes().show_all(self.verb, &mut items)?;
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
        self.explain(&clause.sql, &clause.parameters)
    }

    /// How SQLite goes about a query, for tests.
    #[cfg(test)]
    pub(super) fn explain(&self, sql: &str, parameters: &[rusqlite::types::Value]) -> String {
        let mut statement = self.raw().prepare(&format!("explain query plan {sql}")).expect("a statement");
        let rows = statement.query_map(params_from_iter(parameters), |row| row.get::<_, String>(3)).expect("a plan");
        rows.map(|row| row.expect("a step")).collect::<Vec<_>>().join("; ")
    }

    fn matching(&self, kind: &Kind, query: &Query, clause: &mut Clause) -> Result<()> {
        let filter = self.filter(kind, &query.filter)?;
        self.list_clause(kind, &filter, clause)?;
        clause.text(" and ").filter(kind, &filter);
        if let Some(words) = query.search.as_deref().map(str::trim).filter(|words| !words.is_empty()) {
            clause.text(" and ");
            let columns = self.eyes().searchable(kind, self.verb)?;
            search::clause(kind, words, columns, clause, !self.is_overlaid);
        }
        Ok(())
    }

    pub(super) fn filter(&self, kind: &Kind, filter: &Value) -> Result<Filter> {
        let kinds = |name: &str| self.kinds().get(name).cloned();
        let context = Context { me: self.asker.me.as_ref(), now: self.asker.now, kinds: &kinds };
        let filter = Filter::parse(kind, filter, &context)?;
        let orgs = self.shared.orgs.load();
        let rules = segments::Rules::new(self, &orgs, &context);
        let filter = rules.within(&self.scope).stand_in(kind, filter)?;
        merged_refs::widen(self, self.eyes().checked(kind, self.verb, filter)?)
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
        let mut found: Vec<Record> = found.collect::<Result<_, _>>().map_err(Error::internal)?;
        derived::mark_pending(self, kind, &mut found)?;
        Ok(found)
    }
}

impl Drop for View {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // A read that panicked has left its watch behind; the next reader must not be held to it.
            let is_free = connection.progress_handler(0, None::<fn() -> bool>).is_ok();
            // A connection that cannot end its read is closed instead of being lent again.
            if is_free && !self.is_overlaid && connection.execute_batch("rollback").is_ok() {
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
