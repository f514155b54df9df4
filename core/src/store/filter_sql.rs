//! Filters and scopes as SQL. No name and no operator ever comes from the request as text: steps are checked against the kind.

use rusqlite::types::Value as Sql;

use super::{rows, schema, tables::alias::MERGED};
use crate::model::{
    FieldType, Kind, Scope,
    filter::{Filter, Held, Op, Operand, SYSTEM, Step},
};

/// SQL text with its parameters, built left to right.
#[derive(Debug, Default)]
pub(super) struct Clause {
    pub sql: String,
    pub parameters: Vec<Sql>,
}

impl Clause {
    pub(super) fn text(&mut self, sql: &str) -> &mut Clause {
        self.sql.push_str(sql);
        self
    }

    pub(super) fn value(&mut self, value: Sql) -> &mut Clause {
        self.sql.push('?');
        self.parameters.push(value);
        self
    }

    fn list(&mut self, values: impl IntoIterator<Item = Sql>) -> &mut Clause {
        self.text("(");
        for (n, value) in values.into_iter().enumerate() {
            self.text(if n > 0 { ", " } else { "" }).value(value);
        }
        self.text(")")
    }

    /// `org = ?` or `org in (…)`; always something, so that no query goes without a scope.
    pub(super) fn scope(&mut self, scope: &Scope) -> &mut Clause {
        match scope {
            Scope::All => self.text("1"),
            Scope::Orgs(orgs) if orgs.len() == 1 => {
                let only = orgs.iter().map(|org| Sql::Text(org.to_string())).next();
                self.text("org = ").value(only.unwrap_or(Sql::Null))
            }
            Scope::Orgs(orgs) => self.text("org in ").list(orgs.iter().map(|org| Sql::Text(org.to_string()))),
        }
    }

    /// The scope of a list. Over many organisations SQLite would read and sort all that match rather than walk an index
    /// in order, so the organisation is kept out of its choice unless a value that few records share is asked for.
    pub(super) fn list_scope(&mut self, scope: &Scope, n_orgs: usize, kind: &Kind, filter: &Filter) -> &mut Clause {
        match scope {
            Scope::Orgs(orgs) if orgs.len() > 1 && !names_a_few(kind, filter) => {
                if orgs.len() >= n_orgs {
                    return self.text("1");
                }
                self.text("+org in ").list(orgs.iter().map(|org| Sql::Text(org.to_string())))
            }
            scope => self.scope(scope),
        }
    }

    /// The scope of a walk in the order of ids. Over many organisations the organisation is kept out of SQLite's choice: every page would
    /// read and sort all that is left.
    pub(super) fn walk_scope(&mut self, scope: &Scope) -> &mut Clause {
        match scope {
            Scope::Orgs(orgs) if orgs.len() > 1 => self.text("+").scope(scope),
            scope => self.scope(scope),
        }
    }

    pub(super) fn filter(&mut self, kind: &Kind, filter: &Filter) -> &mut Clause {
        match filter {
            Filter::All(filters) => self.group(kind, filters, " and ", "1"),
            Filter::Any(filters) => self.group(kind, filters, " or ", "0"),
            Filter::Not(filter) => {
                self.text("not ifnull((").filter(kind, filter);
                self.text("), 0)")
            }
            Filter::Segment(id) => {
                self.text("id in (select id from segment_member where segment = ").value(Sql::Text(id.to_string()));
                self.text(")")
            }
            Filter::Held(held) => self.held(kind, held),
            Filter::Test { path, op, operands } => self.path(path, *op, operands),
        }
    }

    /// The columns of the other table get names of their own, so that `id` and `org` are those of the record outside; SQLite takes such a
    /// table apart again and finds its index. What has been merged is referred to by former ids too.
    fn held(&mut self, kind: &Kind, held: &Held) -> &mut Clause {
        let (table, via) = (schema::table(&held.kind), schema::field(&held.via));
        let former = "held_by in (select id union all select was from (select id as was, into_id as now_id from alias where kind = 'customer') where now_id = id)";
        let Some((by, to, is)) = &held.newest else {
            self.text(&format!("exists (select 1 from (select {via} as held_by from {table} where "));
            self.scope(&held.scope).text(" and ").filter(kind, &held.among);
            return self.text(&format!(") where {former})"));
        };
        let (by, to) = (schema::field(by), schema::field(to));
        self.text("ifnull((select is_met from (select (").filter(kind, is);
        self.text(&format!(
            ") as is_met, {via} as held_by, {to} as held_for, {by} as held_at, created_at as held_since from {table} where "
        ));
        self.scope(&held.scope).text(" and ").filter(kind, &held.among);
        self.text(&format!(") where {former} and held_for = org order by held_at desc, held_since desc limit 1), 0)"))
    }

    fn group(&mut self, kind: &Kind, filters: &[Filter], glue: &str, empty: &str) -> &mut Clause {
        if filters.is_empty() {
            return self.text(empty);
        }
        self.text("(");
        for (n, filter) in filters.iter().enumerate() {
            self.text(if n > 0 { glue } else { "" }).filter(kind, filter);
        }
        self.text(")")
    }

    /// A path over refs is a chain of `ref in (select id from … where …)`; refs to what may have been merged hold former ids too.
    fn path(&mut self, path: &[Step], op: Op, operands: &[Operand]) -> &mut Clause {
        let depth = path.len().saturating_sub(1);
        if depth > 0 && matches!(op, Op::Ne | Op::Nin) {
            // Who refers to nothing is not equal to anything either.
            let positive = if op == Op::Ne { Op::Eq } else { Op::In };
            self.text("not ifnull(").path_to(path, positive, operands);
            return self.text(", 0)");
        }
        if depth > 0 && op == Op::Empty {
            return self.text("not ifnull(").path_to(path, Op::Filled, operands).text(", 0)");
        }
        self.path_to(path, op, operands)
    }

    fn path_to(&mut self, path: &[Step], op: Op, operands: &[Operand]) -> &mut Clause {
        let mut ends: Vec<String> = Vec::new();
        for (n, (step, next)) in path.iter().zip(path.iter().skip(1)).enumerate() {
            let (column, table) = (step_column(step), schema::table(&next.kind));
            if MERGED.contains(&next.kind.as_str()) {
                let former = format!(
                    ") select id from met_{n} union all select alias.id from alias where alias.kind = '{}' and alias.into_id in met_{n})",
                    next.kind
                );
                self.text(&format!("{column} in (with met_{n} as (select id from {table} where "));
                ends.push(former);
            } else {
                self.text(&format!("{column} in (select id from {table} where "));
                ends.push(")".into());
            }
        }
        if let Some(last) = path.last() {
            self.test(&step_column(last), last.is_list, op, operands);
        }
        ends.iter().rev().for_each(|end| _ = self.text(end));
        self
    }

    fn test(&mut self, column: &str, is_list: bool, op: Op, operands: &[Operand]) -> &mut Clause {
        if is_list && !matches!(op, Op::Empty | Op::Filled) {
            // A list field holds the value when one of its elements meets the test.
            let negated = matches!(op, Op::Ne | Op::Nin);
            let op = match op {
                Op::Ne => Op::Eq,
                Op::Nin => Op::In,
                other => other,
            };
            self.text(if negated { "not " } else { "" })
                .text("exists (select 1 from json_each(")
                .text(column)
                .text(") where ");
            self.compare("value", op, operands);
            return self.text(")");
        }
        self.compare(column, op, operands)
    }

    fn compare(&mut self, column: &str, op: Op, operands: &[Operand]) -> &mut Clause {
        let infix = match op {
            Op::Eq => " = ",
            Op::Lt => " < ",
            Op::Lte => " <= ",
            Op::Gt => " > ",
            Op::Gte => " >= ",
            Op::Ne => " is not ",
            Op::Empty => return self.text(column).text(" is null"),
            Op::Filled => return self.text(column).text(" is not null"),
            Op::In => return self.text(column).text(" in ").operands(operands),
            Op::Nin => {
                self.text("not ifnull(").text(column).text(" in ").operands(operands);
                return self.text(", 0)");
            }
            Op::Between => {
                self.text(column).text(" between ").operand(&operands[0]);
                return self.text(" and ").operand(&operands[1]);
            }
            Op::Contains => {
                self.text("instr(fold(").text(column).text("), fold(").operand(&operands[0]);
                return self.text(")) > 0");
            }
            Op::Starts => {
                self.text("instr(fold(").text(column).text("), fold(").operand(&operands[0]);
                return self.text(")) = 1");
            }
        };
        self.text(column).text(infix).operand(&operands[0])
    }

    fn operands(&mut self, operands: &[Operand]) -> &mut Clause {
        self.text("(");
        for (n, operand) in operands.iter().enumerate() {
            self.text(if n > 0 { ", " } else { "" }).operand(operand);
        }
        self.text(")")
    }

    fn operand(&mut self, operand: &Operand) -> &mut Clause {
        match operand {
            Operand::Value(value) => self.value(rows::scalar(value)),
            // Checked to be a field of the kind when the filter was read.
            Operand::Field(step) => self.text(&step_column(step)),
        }
    }
}

fn step_column(step: &Step) -> String {
    match step.field.as_str() {
        name if SYSTEM.contains(&name) => name.to_owned(),
        name if step.is_derived => schema::derived_field(name),
        name => schema::field(name),
    }
}

/// A field as a column: every record's own, one of the body, or one beside it.
pub(super) fn column(kind: &Kind, name: &str) -> String {
    if SYSTEM.contains(&name) { name.to_owned() } else { schema::column(kind, name) }
}

/// Whether all that meets the filter has a value of a field that is indexed within organisations alone.
fn names_a_few(kind: &Kind, filter: &Filter) -> bool {
    match filter {
        Filter::All(filters) => filters.iter().any(|filter| names_a_few(kind, filter)),
        Filter::Test { path, op: Op::Eq | Op::In, .. } if path.len() == 1 => {
            let field = kind.fields.get(&path[0].field).filter(|field| field.indexed || field.unique.is_some());
            field.is_some_and(|field| {
                !schema::is_listed_everywhere(kind, &path[0].field, field) && field.r#type != FieldType::Ref
            })
        }
        _ => false,
    }
}
