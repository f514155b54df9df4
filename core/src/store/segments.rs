//! Segments in filters: the rule of a segment stands in for its name, and who is in it is worked out.

use rusqlite::{params_from_iter, types::Value as Sql};
use serde_json::json;

use super::{
    View,
    filter_sql::Clause,
    schema,
    tables::{
        Reader,
        segment::{self, Segment},
    },
};
use crate::{
    Error, Result,
    model::{
        Id, Kind, Scope,
        filter::{Context, Filter, Op, Operand, Step},
        org::OrgTree,
    },
};

/// Segments may speak of segments this deep: each is one more condition on every record.
const MAX_DEPTH: usize = 4;

/// What is needed to put the rules of segments in the place of their names.
pub(crate) struct Rules<'a, R: Reader> {
    reader: &'a R,
    orgs: &'a OrgTree,
    context: &'a Context<'a>,
    scope: Scope,
    /// The segments whose rules are being put in place, the outermost first.
    inside: Vec<Id>,
}

impl<'a, R: Reader> Rules<'a, R> {
    pub(crate) fn new(reader: &'a R, orgs: &'a OrgTree, context: &'a Context<'a>) -> Rules<'a, R> {
        Rules { reader, orgs, context, scope: Scope::All, inside: Vec::new() }
    }

    /// Only segments of these organisations and of those above them may be named.
    pub(crate) fn within(mut self, scope: &Scope) -> Rules<'a, R> {
        self.scope = scope.clone();
        self
    }

    /// The filter with the rule of each segment in its place; a list of ids stays as it is.
    ///
    /// # Errors
    /// `filter.invalid` for a segment that is not there, holds another kind, or speaks of itself.
    pub(crate) fn stand_in(&self, kind: &Kind, filter: Filter) -> Result<Filter> {
        let each = |filters: Vec<Filter>| {
            filters.into_iter().map(|filter| self.stand_in(kind, filter)).collect::<Result<Vec<_>>>()
        };
        match filter {
            Filter::All(filters) => Ok(Filter::All(each(filters)?)),
            Filter::Any(filters) => Ok(Filter::Any(each(filters)?)),
            Filter::Not(filter) => Ok(Filter::Not(Box::new(self.stand_in(kind, *filter)?))),
            Filter::Segment(id) => self.rule(kind, &id),
            kept @ (Filter::Test { .. } | Filter::Held(_)) => Ok(kept),
        }
    }

    fn rule(&self, kind: &Kind, id: &Id) -> Result<Filter> {
        let wrong = |message: String| Error::invalid("filter", message);
        let found = segment::get(self.reader, id)?.filter(|segment| self.may_name(segment));
        let segment =
            found.ok_or_else(|| wrong(format!("$segment: there is no segment {id} in your organisations")))?;
        if segment.kind != kind.kind {
            let message = format!("$segment: {id} holds records of {}, not of {}", segment.kind, kind.kind);
            return Err(wrong(message));
        }
        if self.inside.contains(id) {
            return Err(wrong(format!("$segment: {id} speaks of itself, in a circle")));
        }
        if self.inside.len() > MAX_DEPTH {
            return Err(wrong(format!("$segment: {id} lies more than {MAX_DEPTH} segments deep")));
        }
        if segment.is_static {
            return Ok(Filter::Segment(segment.id));
        }
        self.rule_of(kind, &segment)
    }

    /// What a segment's members meet: its filter, in its organisation and below.
    pub(crate) fn rule_of(&self, kind: &Kind, segment: &Segment) -> Result<Filter> {
        // A segment speaks of fields as they hold in its own organisation, whoever asks.
        let kinds = |name: &str| self.reader.kind_tree().kind(name, &segment.org).cloned();
        let context = Context { me: self.context.me, now: self.context.now, kinds: &kinds };
        let held = kinds(&segment.kind);
        let own = Filter::parse(held.as_deref().unwrap_or(kind), &segment.filter, &context)?;
        let inside = self.inside.iter().chain([&segment.id]).cloned().collect();
        let deeper = Rules { inside, scope: self.scope.clone(), ..*self };
        let own = deeper.stand_in(kind, own)?;
        Ok(match self.orgs.scope(&segment.org) {
            Scope::Orgs(orgs) if orgs.len() < self.orgs.len() => {
                let path =
                    vec![Step { kind: kind.kind.clone(), field: "org".into(), is_list: false, is_derived: false }];
                let operands = orgs.iter().map(|org| Operand::Value(json!(org))).collect();
                Filter::All(vec![Filter::Test { path, op: Op::In, operands }, own])
            }
            _ => own,
        })
    }

    fn may_name(&self, segment: &Segment) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Orgs(orgs) => {
                let is_above = |org: &Id| self.orgs.upwards(org).any(|above| *above == segment.org);
                orgs.contains(&segment.org) || orgs.first().is_some_and(is_above)
            }
        }
    }
}

/// Records to take in or to let go, with the revision they were looked at.
pub type Moves = Vec<(Id, u32)>;

impl View {
    /// Whether a record is in a segment's rule just now.
    ///
    /// # Errors
    /// The rule's own, when it does not fit the kind any more; internal.
    pub fn meets(&self, segment: &Segment, id: &Id) -> Result<bool> {
        let mut clause = Clause::default();
        let kind = self.kind(&segment.kind)?;
        clause.text(&format!("select 1 from {} where id = ", schema::table(&kind.kind)));
        clause.value(Sql::Text(id.to_string())).text(" and ");
        self.rule_clause(&kind, segment, &mut clause)?;
        let mut statement = self.raw().prepare_cached(&clause.sql).map_err(Error::internal)?;
        statement.exists(params_from_iter(&clause.parameters)).map_err(Error::internal)
    }

    /// How many records meet a segment's rule just now.
    ///
    /// # Errors
    /// As [`View::meets`].
    pub fn recount(&self, segment: &Segment) -> Result<u64> {
        let mut clause = Clause::default();
        let kind = self.kind(&segment.kind)?;
        if segment.is_static && segment.filled_to.is_none() {
            clause
                .text("select count(*) from segment_member where segment = ")
                .value(Sql::Text(segment.id.to_string()));
        } else {
            clause.text(&format!("select count(*) from {} where ", schema::table(&kind.kind)));
            self.rule_clause(&kind, segment, &mut clause)?;
        }
        let mut statement = self.raw().prepare_cached(&clause.sql).map_err(Error::internal)?;
        let n: i64 =
            statement.query_row(params_from_iter(&clause.parameters), |row| row.get(0)).map_err(Error::internal)?;
        Ok(n.max(0) as u64)
    }

    /// The next records of a first fill, going down the ids, and where to go on; `None` at the end.
    ///
    /// # Errors
    /// As [`View::meets`].
    pub fn to_fill(&self, segment: &Segment, limit: u32) -> Result<(Moves, Option<String>)> {
        let kind = self.kind(&segment.kind)?;
        let table = schema::table(&kind.kind);
        let from = segment.filled_to.clone().unwrap_or_default();
        let lowest =
            format!("select min(id), count(*) from (select id from {table} where id < ?1 order by id desc limit ?2)");
        let (to, n): (Option<String>, u32) = self
            .raw()
            .query_row(&lowest, (&from, limit), |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(Error::internal)?;
        let Some(to) = to else { return Ok((Moves::new(), None)) };
        let mut clause = Clause::default();
        clause.text(&format!("select id, rev from {table} where id < ")).value(Sql::Text(from));
        clause.text(" and id >= ").value(Sql::Text(to.clone())).text(" and ");
        self.rule_clause(&kind, segment, &mut clause)?;
        Ok((self.moves(&clause)?, (n == limit).then_some(to)))
    }

    /// Who meets the rule and is not in the segment, and who is in it and does not meet it: at most `limit` of each.
    ///
    /// # Errors
    /// As [`View::meets`].
    pub fn drift(&self, segment: &Segment, limit: u32) -> Result<(Moves, Moves)> {
        let kind = self.kind(&segment.kind)?;
        let table = schema::table(&kind.kind);
        let id = || Sql::Text(segment.id.to_string());
        let mut enter = Clause::default();
        enter.text(&format!("select id, rev from {table} where "));
        self.rule_clause(&kind, segment, &mut enter)?;
        enter.text(" and id not in (select id from segment_member where segment = ").value(id());
        enter.text(&format!(") limit {limit}"));
        let mut leave = Clause::default();
        leave.text(&format!("select member.id, ifnull(now.rev, 0) from segment_member member left join {table} now on now.id = member.id where member.segment = "));
        leave.value(id()).text(&format!(" and not exists (select 1 from {table} where id = member.id and "));
        self.rule_clause(&kind, segment, &mut leave)?;
        leave.text(&format!(") limit {limit}"));
        Ok((self.moves(&enter)?, self.moves(&leave)?))
    }

    fn moves(&self, clause: &Clause) -> Result<Moves> {
        let mut statement = self.raw().prepare_cached(&clause.sql).map_err(Error::internal)?;
        let rows = statement
            .query_map(params_from_iter(&clause.parameters), |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(Error::internal)?;
        rows.collect::<Result<_, _>>().map_err(Error::internal)
    }

    fn rule_clause(&self, kind: &Kind, segment: &Segment, clause: &mut Clause) -> Result<()> {
        let kinds = |name: &str| self.kinds().get(name).cloned();
        let orgs = self.orgs();
        let context = Context { me: None, now: self.now(), kinds: &kinds };
        let rule = Rules::new(self, &orgs, &context).rule_of(kind, segment)?;
        let held = self.kind_tree().kind(&segment.kind, &segment.org).cloned();
        clause.text("ifnull((").filter(held.as_deref().unwrap_or(kind), &rule).text("), 0)");
        Ok(())
    }
}
