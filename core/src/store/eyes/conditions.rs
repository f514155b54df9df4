//! What rows of rights ask of a record beyond where it is: of one that is there in SQL, of one that is not by its data.

use rusqlite::params_from_iter;
use serde_json::Value;

use super::Eyes;
use crate::{
    Error, ErrorKind, Result,
    model::{
        Data, Id, Kind, Record, Scope,
        filter::{Context, Filter, Held, Operand},
        rights::{Holder, Row},
    },
    store::{
        filter_sql::Clause,
        tables::{self, Reader},
    },
};

impl<R: Reader> Eyes<'_, R> {
    /// What a row asks of a record beyond where it is.
    pub(super) fn condition(&self, kind: &Kind, row: &Row) -> Result<Option<Filter>> {
        let mut all = Vec::new();
        if let Some(condition) = &row.condition {
            all.push(self.granted(kind, condition)?);
        }
        if let Some(holders) = &row.holders {
            let any = holders.iter().map(|holder| self.held(holder, &row.scope));
            all.push(Filter::Any(any.collect::<Result<_>>()?));
        }
        Ok(if all.len() > 1 { Some(Filter::All(all)) } else { all.pop() })
    }

    fn held(&self, holder: &Holder, scope: &Scope) -> Result<Filter> {
        // A plugin that has gone holds nothing.
        let Some(kind) = self.reader.kind_tree().base().get(&holder.kind).cloned() else {
            return Ok(Filter::Any(Vec::new()));
        };
        let newest = match &holder.newest {
            Some(newest) => Some((newest.by.clone(), newest.to.clone(), self.granted(&kind, &newest.is)?)),
            None => None,
        };
        let among = self.granted(&kind, &holder.when)?;
        let (kind, via, scope) = (holder.kind.clone(), holder.via.clone(), scope.clone());
        Ok(Filter::Held(Box::new(Held { kind, via, scope, among, newest })))
    }

    /// A filter that a grant says.
    fn granted(&self, kind: &Kind, condition: &Value) -> Result<Filter> {
        let (me, org) = match self.rights.compiled() {
            Some(compiled) => (Some(&compiled.person), Some(&compiled.org)),
            None => (None, None),
        };
        let tree = self.reader.kind_tree();
        let kinds = |name: &str| match org {
            Some(org) => tree.kind(name, org).cloned(),
            None => tree.base().get(name).cloned(),
        };
        let context = Context { me, now: self.now, kinds: &kinds };
        match Filter::parse(kind, condition, &context) {
            Ok(filter) => Ok(filter),
            // A grant that speaks of a field which is gone grants nothing.
            Err(error) if error.kind == ErrorKind::Invalid => {
                tracing::warn!(kind = kind.kind, %error, "a grant's condition does not fit its kind and lets nothing through");
                Ok(Filter::Any(Vec::new()))
            }
            Err(error) => Err(error),
        }
    }

    /// Whether data meets a condition, following refs to what they lead to now; none where that cannot be said, and then not even a
    /// `not` lets it through.
    pub(super) fn meets(&self, kind: &Kind, condition: &Filter, data: &Data) -> Result<Option<bool>> {
        let each = |filters: &[Filter]| {
            filters.iter().map(|filter| self.meets(kind, filter, data)).collect::<Result<Vec<_>>>()
        };
        Ok(match condition {
            Filter::All(filters) => {
                let met = each(filters)?;
                if met.contains(&Some(false)) { Some(false) } else { met.iter().all(Option::is_some).then_some(true) }
            }
            Filter::Any(filters) => {
                let met = each(filters)?;
                if met.contains(&Some(true)) { Some(true) } else { met.iter().all(Option::is_some).then_some(false) }
            }
            Filter::Not(filter) => self.meets(kind, filter, data)?.map(|is_met| !is_met),
            Filter::Test { path, .. } if path.len() == 1 => Some(condition.holds(data)),
            Filter::Test { path, op, operands } => {
                let [first, rest @ ..] = path.as_slice() else { return Ok(None) };
                let has_field = operands.iter().any(|operand| matches!(operand, Operand::Field(_)));
                let id = data.get(&first.field).and_then(Value::as_str).and_then(|id| id.parse::<Id>().ok());
                let (Some(id), Some(next), false) = (id, rest.first(), has_field || first.is_list) else {
                    return Ok(None);
                };
                let Some(there) = tables::record::get(self.reader, &next.kind, &id, &Scope::All)? else {
                    return Ok(None);
                };
                let test = Filter::Test { path: rest.to_vec(), op: *op, operands: operands.clone() };
                self.meets(kind, &test, &with_system(&there))?
            }
            Filter::Held(_) => {
                let place = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                let mut clause = Clause::default();
                clause.text("select (").filter(kind, condition);
                clause.text(") from (select ").value(place("id").into()).text(" as id, ").value(place("org").into());
                clause.text(" as org)");
                Some(self.asked(&clause)?)
            }
            Filter::Segment(_) => None,
        })
    }

    pub(super) fn asked(&self, clause: &Clause) -> Result<bool> {
        let mut statement = self.reader.connection().0.prepare_cached(&clause.sql).map_err(Error::internal)?;
        statement.query_row(params_from_iter(&clause.parameters), |row| row.get(0)).map_err(Error::internal)
    }
}

/// A record's data with what every record has, for conditions that speak of it.
pub(super) fn with_system(record: &Record) -> Data {
    let mut data = record.data.clone();
    data.insert("id".into(), Value::String(record.id.to_string()));
    data.insert("org".into(), Value::String(record.org.to_string()));
    data.insert("rev".into(), record.rev.into());
    data.insert("created_at".into(), Value::String(record.created_at.to_string()));
    data.insert("updated_at".into(), Value::String(record.updated_at.to_string()));
    data
}

/// Whether a condition speaks of the record alone. Of what it refers to nothing is known here, and not even a `not` may let it through.
pub(super) fn is_local(filter: &Filter) -> bool {
    match filter {
        Filter::All(filters) | Filter::Any(filters) => filters.iter().all(is_local),
        Filter::Not(filter) => is_local(filter),
        Filter::Test { path, .. } => path.len() == 1 && path.iter().all(|step| !step.is_derived),
        Filter::Segment(_) | Filter::Held(_) => false,
    }
}
