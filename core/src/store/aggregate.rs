//! Groups and measures: what is counted, summed and compared in SQLite, so that nobody reads rows to add them up.

use rusqlite::params_from_iter;
use serde_json::Value;

use super::{
    View,
    filter_sql::{Clause, column},
    rows, schema, tables,
};
use crate::{
    Error, Result,
    model::{Aggregate, Data, FieldType, Kind},
};

/// Groups an aggregate may answer.
const MAX_GROUPS: u32 = 10_000;

impl View {
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
            self.eyes().check_field(&kind, self.verb(), name)?;
            columns.push(group_column(&kind, name));
        }
        for (name, measure) in &aggregate.measures {
            columns.push(measure_sql(&kind, measure)?);
            if let Some(field) = measured(measure) {
                self.eyes().check_field(&kind, self.verb(), field)?;
            }
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
        self.scope_clause(&kind, &mut clause)?;
        clause.text(" and ").filter(&kind, &filter);
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
                    .map(|(n, name)| Ok(((*name).to_owned(), rows::json_value(row.get(n)?))))
                    .collect::<Result<Data, _>>()
            })
            .map_err(Error::internal)?;
        found.collect::<Result<_, _>>().map_err(Error::internal)
    }
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
    let column = column(kind, name);
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
            format!(
                "{measure} is not a measure; use {{\"count\":true}} or {{\"sum\":\"field\"}}, min, max, avg, distinct"
            ),
        )
    };
    let (name, field) = measure.as_object().and_then(|object| object.iter().next()).ok_or_else(wrong)?;
    match (name.as_str(), field) {
        ("count", Value::Bool(true)) => Ok("count(*)".into()),
        ("distinct", Value::String(field)) => {
            known_field(kind, field)?;
            Ok(format!("count(distinct {})", group_column(kind, field)))
        }
        ("sum" | "min" | "max" | "avg", Value::String(field)) => {
            known_field(kind, field)?;
            Ok(format!("{name}({})", column(kind, field)))
        }
        _ => Err(wrong()),
    }
}

/// The field that a measure is of.
fn measured(measure: &Value) -> Option<&str> {
    measure.as_object()?.values().next()?.as_str()
}
