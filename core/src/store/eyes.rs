//! Whose eyes look: rights as SQL, the one place where filters are checked against them, and the one where records leave the store.

mod conditions;

use std::{collections::BTreeSet, sync::Arc};

use serde_json::Value;

use conditions::{is_local, with_system};

use super::{
    filter_sql::{Clause, column},
    schema,
    tables::{self, Reader},
};
use crate::{
    Error, ErrorKind, Result,
    error::FieldError,
    model::{
        Id, Kind, Record, Scope, Time,
        filter::{Filter, Op, Operand, Step},
        rights::{self, KindRights, Level, Levels, On, Rights, Row, Verb},
    },
};

/// Kinds whose titles everybody knows: a dealer's records name people and organisations above it.
const KNOWN_TO_ALL: [&str; 2] = ["user", "org"];

/// A person's rights at a moment, on what a reader sees.
#[derive(Debug)]
pub struct Eyes<'a, R: Reader> {
    reader: &'a R,
    rights: &'a Rights,
    now: Time,
}

/// The rows of a kind that allow something, each with its condition.
struct Judge<'a>(Vec<(&'a Row, Option<Filter>)>);

/// A field that may not be asked for by these eyes.
fn masked(kind: &Kind, path: &str) -> Error {
    let message = format!(
        "{path} of {} is not shown to you in full, so it cannot be filtered, ordered, grouped, measured or taken out by; leave it out",
        kind.kind
    );
    Error {
        errors: vec![FieldError::field(path, "field.masked", message.clone())],
        ..Error::new(ErrorKind::Invalid, "field.masked", message)
    }
}

impl<'a, R: Reader> Eyes<'a, R> {
    pub(super) fn new(reader: &'a R, rights: &'a Rights, now: Time) -> Eyes<'a, R> {
        Eyes { reader, rights, now }
    }

    /// The rights on a kind, where not everything in scope is seen.
    fn on(&self, kind: &Kind) -> Option<&'a KindRights> {
        match self.rights.on(kind) {
            On::All => None,
            On::Some(rights) => Some(rights),
        }
    }

    /// The test that a record is one of these rows; with none nothing is.
    fn rows_clause<'r>(&self, kind: &Kind, rows: impl Iterator<Item = &'r Row>, clause: &mut Clause) -> Result<()> {
        clause.text("(");
        let mut n_rows = 0;
        for row in rows {
            clause.text(if n_rows > 0 { " or (" } else { "(" }).scope(&row.scope);
            if let Some(condition) = self.condition(kind, row)? {
                clause.text(" and ").filter(kind, &condition);
            }
            clause.text(")");
            n_rows += 1;
        }
        clause.text(if n_rows > 0 { ")" } else { "0)" });
        Ok(())
    }

    /// The scope of a list where everything in one scope is allowed: then the query is as if there were no rights.
    pub(super) fn whole(&self, kind: &Kind, verb: Verb, scope: &Scope) -> Option<Scope> {
        let Some(rights) = self.on(kind) else { return Some(scope.clone()) };
        let mut rows = rights.of(verb);
        match (rows.next(), rows.next()) {
            (Some(row), None) if row.is_for_all() => Some(row.scope.clone()),
            _ => None,
        }
    }

    /// Only records that may be done so to.
    pub(super) fn clause(&self, kind: &Kind, verb: Verb, scope: &Scope, clause: &mut Clause) -> Result<()> {
        match self.on(kind) {
            None => drop(clause.scope(scope)),
            Some(rights) => self.rows_clause(kind, rights.of(verb), clause)?,
        }
        Ok(())
    }

    /// Whether a record that is there may be done so to.
    pub(crate) fn holds(&self, kind: &Kind, verb: Verb, scope: &Scope, record: &Record) -> Result<bool> {
        let Some(rights) = self.on(kind) else { return Ok(scope.holds(&record.org)) };
        self.any(kind, rights.of(verb), record)
    }

    fn any<'r>(&self, kind: &Kind, rows: impl Iterator<Item = &'r Row>, record: &Record) -> Result<bool> {
        let near: Vec<&Row> = rows.filter(|row| row.scope.holds(&record.org)).collect();
        if near.is_empty() || near.iter().any(|row| row.is_for_all()) {
            return Ok(!near.is_empty());
        }
        let mut clause = Clause::default();
        clause.text(&format!("select exists (select 1 from {} where id = ", schema::table(&kind.kind)));
        clause.value(record.id.to_string().into()).text(" and ");
        self.rows_clause(kind, near.into_iter(), &mut clause)?;
        clause.text(")");
        self.asked(&clause)
    }

    /// As [`Eyes::holds`] of a record that is not there: as it was or as it shall be. Refs lead to what is there now.
    pub(crate) fn would_hold(&self, kind: &Kind, verb: Verb, scope: &Scope, record: &Record) -> Result<bool> {
        let Some(rights) = self.on(kind) else { return Ok(scope.holds(&record.org)) };
        for row in rights.of(verb).filter(|row| row.scope.holds(&record.org)) {
            match self.condition(kind, row)? {
                None => return Ok(true),
                Some(condition) if self.meets(kind, &condition, &with_system(record))? == Some(true) => return Ok(true),
                Some(_) => {}
            }
        }
        Ok(false)
    }

    /// How much is seen of each field of a record that is there, by the rows that hold for it.
    pub(crate) fn levels(&self, kind: &Kind, verb: Verb, record: &Record) -> Result<Levels> {
        match self.judge(kind, verb)? {
            None => Ok(Levels::default()),
            Some(judge) => self.judged(&judge, kind, record),
        }
    }

    /// The rows of a kind with their conditions read, for many records of it.
    fn judge(&self, kind: &Kind, verb: Verb) -> Result<Option<Judge<'a>>> {
        let Some(rights) = self.on(kind) else { return Ok(None) };
        let rows = rights.of(verb).map(|row| Ok((row, self.condition(kind, row)?)));
        Ok(Some(Judge(rows.collect::<Result<_>>()?)))
    }

    /// What a condition says of the record alone is decided here: a question to the store for each record of a page and each row was
    /// what lists of those with two rows spent their time on.
    fn judged(&self, Judge(rows): &Judge<'a>, kind: &Kind, record: &Record) -> Result<Levels> {
        let near: Vec<_> = rows.iter().filter(|(row, _)| row.scope.holds(&record.org)).collect();
        let is_one = near.windows(2).all(|pair| pair[0].0.levels == pair[1].0.levels);
        if let Some((row, _)) = near.first().filter(|_| is_one) {
            return Ok(row.levels.clone());
        }
        let data = std::cell::LazyCell::new(|| with_system(record));
        let mut held = Vec::new();
        for (row, condition) in near {
            let is_held = match condition {
                None => true,
                Some(condition) if is_local(condition) => condition.holds(&data),
                Some(_) => self.any(kind, std::iter::once(*row), record)?,
            };
            if is_held {
                held.push(&row.levels);
            }
        }
        Ok(rights::united(kind, held.into_iter()))
    }

    /// The fields of a record that these eyes may be shown with a purpose: those that are plain, and masked ones where a row that holds
    /// for the record says so.
    pub(crate) fn revealed(&self, kind: &Kind, record: &Record) -> Result<BTreeSet<String>> {
        let levels = self.levels(kind, Verb::Read, record)?;
        let mut revealing = Vec::new();
        for row in self.on(kind).into_iter().flat_map(|rights| rights.of(Verb::Read)).filter(|row| row.reveal) {
            if self.any(kind, std::iter::once(row), record)? {
                revealing.push(&row.levels);
            }
        }
        // By the rows that reveal alone: what another row masks is that row's.
        let revealed = (!revealing.is_empty()).then(|| rights::united(kind, revealing.into_iter()));
        let may = |name: &str| revealed.as_ref().is_some_and(|levels| levels.of(kind, name) >= Level::Masked);
        Ok(kind
            .fields
            .iter()
            .map(|(name, _)| name)
            .filter(|name| {
                levels.of(kind, name) == Level::Plain || (levels.of(kind, name) == Level::Masked && may(name))
            })
            .map(str::to_owned)
            .collect())
    }

    /// As [`Eyes::levels`] of a record as it was: by the rows that held for it then.
    pub(crate) fn past_levels(&self, kind: &Kind, record: &Record) -> Result<Levels> {
        let Some(rights) = self.on(kind) else { return Ok(Levels::default()) };
        let mut held = Vec::new();
        for row in rights.of(Verb::Read).filter(|row| row.scope.holds(&record.org)) {
            let is_held = match self.condition(kind, row)? {
                None => true,
                Some(condition) => self.meets(kind, &condition, &with_system(record))? == Some(true),
            };
            if is_held {
                held.push(&row.levels);
            }
        }
        Ok(rights::united(kind, held.into_iter()))
    }

    /// The one door out of the store: what these eyes are not shown is taken out of the record.
    pub(crate) fn show(&self, verb: Verb, record: &mut Record) -> Result<()> {
        let tree = self.reader.kind_tree();
        let Some(kind) = tree.kind(&record.kind, &record.org).cloned() else { return Ok(()) };
        if self.on(&kind).is_none_or(|rights| rights.is_plain(verb) && rights.allows(verb)) {
            return Ok(());
        }
        let levels = self.levels(&kind, verb, record)?;
        rights::cover(&kind, &levels, record);
        Ok(())
    }

    /// The same for a page: what each kind's rows say is read once.
    pub(super) fn show_all(&self, verb: Verb, records: &mut [Record]) -> Result<()> {
        let tree = self.reader.kind_tree();
        let mut judges: Vec<(Arc<Kind>, Option<Judge<'a>>)> = Vec::new();
        for record in records {
            let Some(kind) = tree.kind(&record.kind, &record.org) else { continue };
            let at = match judges.iter().position(|(known, _)| Arc::ptr_eq(known, kind)) {
                Some(at) => at,
                None => {
                    let is_all = self.on(kind).is_none_or(|rights| rights.is_plain(verb) && rights.allows(verb));
                    judges.push((kind.clone(), if is_all { None } else { self.judge(kind, verb)? }));
                    judges.len() - 1
                }
            };
            if let (kind, Some(judge)) = &judges[at] {
                let levels = self.judged(judge, kind, record)?;
                rights::cover(kind, &levels, record);
            }
        }
        Ok(())
    }

    /// A field that is asked for must be plain in every record these eyes see.
    pub(crate) fn check_field(&self, kind: &Kind, verb: Verb, name: &str) -> Result<()> {
        match self.on(kind) {
            Some(rights) if rights.levels_of(kind, verb, name).0 < Level::Plain => Err(masked(kind, name)),
            _ => Ok(()),
        }
    }

    /// A field that is taken out must be plain in some record at least; in the others it is left out.
    pub(crate) fn check_taken(&self, kind: &Kind, verb: Verb, name: &str) -> Result<()> {
        match self.on(kind) {
            Some(rights) if rights.levels_of(kind, verb, name).1 < Level::Plain => Err(masked(kind, name)),
            _ => Ok(()),
        }
    }

    /// The one place where a filter is checked: every field it names must be plain, here and at the end of paths, and a path leads
    /// through records that may be seen alone.
    pub(crate) fn checked(&self, kind: &Kind, verb: Verb, filter: Filter) -> Result<Filter> {
        if self.rights.compiled().is_none() {
            return Ok(filter);
        }
        let all = |filters: Vec<Filter>| {
            filters.into_iter().map(|filter| self.checked(kind, verb, filter)).collect::<Result<Vec<_>>>()
        };
        Ok(match filter {
            Filter::All(filters) => Filter::All(all(filters)?),
            Filter::Any(filters) => Filter::Any(all(filters)?),
            Filter::Not(filter) => Filter::Not(Box::new(self.checked(kind, verb, *filter)?)),
            kept @ (Filter::Segment(_) | Filter::Held(_)) => kept,
            Filter::Test { path, op, operands } => {
                for operand in &operands {
                    if let Operand::Field(step) = operand {
                        self.check_field(kind, verb, &step.field)?;
                    }
                }
                self.check_path(verb, &path)?;
                let mut guards = self.guards(&path)?;
                let test = Filter::Test { path, op, operands };
                if guards.is_empty() {
                    test
                } else {
                    guards.push(test);
                    Filter::All(guards)
                }
            }
        })
    }

    fn check_path(&self, verb: Verb, path: &[Step]) -> Result<()> {
        let whole = || path.iter().map(|step| step.field.as_str()).collect::<Vec<_>>().join(".");
        for (n, step) in path.iter().enumerate() {
            let Some(kind) = self.known(&step.kind) else { continue };
            let Some(rights) = self.on(&kind) else { continue };
            let verb = if n == 0 { verb } else { Verb::Read };
            let is_closed = n > 0 && !rights.allows(Verb::Read) && !KNOWN_TO_ALL.contains(&step.kind.as_str());
            if is_closed || rights.levels_of(&kind, verb, &step.field).0 < Level::Plain {
                return Err(masked(&kind, &whole()));
            }
        }
        Ok(())
    }

    fn known(&self, kind: &str) -> Option<std::sync::Arc<Kind>> {
        let tree = self.reader.kind_tree();
        match self.rights.compiled() {
            Some(compiled) => tree.kind(kind, &compiled.org).cloned(),
            None => tree.base().get(kind).cloned(),
        }
    }

    /// That what a path leads through may be seen, as filters on where it begins.
    fn guards(&self, path: &[Step]) -> Result<Vec<Filter>> {
        let mut guards = Vec::new();
        for n in 1..path.len() {
            let name = path[n].kind.as_str();
            let Some(kind) = self.known(name).filter(|_| !KNOWN_TO_ALL.contains(&name)) else { continue };
            let Some(rights) = self.on(&kind) else { continue };
            let rows: Vec<&Row> = rights.of(Verb::Read).collect();
            if rows.iter().any(|row| row.is_for_all() && self.is_whole(&row.scope)) {
                continue;
            }
            let mut any = Vec::new();
            for row in rows {
                let mut all = vec![within(&kind, &row.scope)];
                all.extend(self.condition(&kind, row)?);
                any.push(Filter::All(all));
            }
            guards.push(prefixed(Filter::Any(any), &path[..n]));
        }
        Ok(guards)
    }

    fn is_whole(&self, scope: &Scope) -> bool {
        let own = self.rights.compiled().map(|compiled| &compiled.scope);
        match (own, scope) {
            (_, Scope::All) | (None, _) => true,
            (Some(Scope::Orgs(own)), Scope::Orgs(orgs)) => orgs.is_superset(own),
            (Some(Scope::All), Scope::Orgs(_)) => false,
        }
    }

    /// The searchable fields as columns: whole where the field is plain in every record, for the rows where it is plain else.
    pub(super) fn searchable(&self, kind: &Kind, verb: Verb) -> Result<Vec<Clause>> {
        let mut columns = Vec::new();
        for (name, _) in kind.fields.iter().filter(|(_, field)| field.searchable) {
            let mut clause = Clause::default();
            let column = column(kind, name);
            match self.on(kind).map(|rights| (rights, rights.levels_of(kind, verb, name))) {
                None | Some((_, (Level::Plain, _))) => drop(clause.text(&column)),
                Some((rights, (_, Level::Plain))) => {
                    let plain = rights.of(verb).filter(|row| row.levels.of(kind, name) == Level::Plain);
                    clause.text("case when ");
                    self.rows_clause(kind, plain, &mut clause)?;
                    clause.text(" then ").text(&column).text(" end");
                }
                Some(_) => continue,
            }
            columns.push(clause);
        }
        Ok(columns)
    }

    /// A record by id, through the alias of a merge, as these eyes see it.
    pub(super) fn found(&self, kind: &Kind, id: &Id, verb: Verb, scope: &Scope) -> Result<Option<Record>> {
        if self.on(kind).is_none() {
            return tables::record::get(self.reader, &kind.kind, id, scope);
        }
        let Some(mut record) = tables::record::get(self.reader, &kind.kind, id, &Scope::All)? else { return Ok(None) };
        if !self.holds(kind, verb, scope, &record)? {
            return Ok(None);
        }
        self.show(verb, &mut record)?;
        Ok(Some(record))
    }
}

fn within(kind: &Kind, scope: &Scope) -> Filter {
    match scope {
        Scope::All => Filter::All(Vec::new()),
        Scope::Orgs(orgs) => {
            let step = Step { kind: kind.kind.clone(), field: "org".into(), is_derived: false, is_list: false };
            let operands = orgs.iter().map(|org| Operand::Value(Value::String(org.to_string()))).collect();
            Filter::Test { path: vec![step], op: Op::In, operands }
        }
    }
}

/// The same filter of what a path leads to.
fn prefixed(filter: Filter, steps: &[Step]) -> Filter {
    let each = |filters: Vec<Filter>| filters.into_iter().map(|filter| prefixed(filter, steps)).collect();
    match filter {
        Filter::All(filters) => Filter::All(each(filters)),
        Filter::Any(filters) => Filter::Any(each(filters)),
        Filter::Not(filter) => Filter::Not(Box::new(prefixed(*filter, steps))),
        // Who is in a list, or has a case, is asked of the record itself; through a ref nobody is.
        Filter::Segment(_) | Filter::Held(_) => Filter::Any(Vec::new()),
        Filter::Test { path, op, operands } => {
            Filter::Test { path: steps.iter().cloned().chain(path).collect(), op, operands }
        }
    }
}
