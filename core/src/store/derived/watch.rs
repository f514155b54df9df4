//! Which roll-ups look at which kind, and what one record adds to one of them.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
};

use rusqlite::Connection;
use serde_json::Value;

use crate::{
    Result,
    model::{
        FieldType, Id, Record, Scope,
        filter::Filter,
        kind::{Fields, Fold, Rollup},
        validate,
    },
    store::{KindTree, Kinds, schema},
};

/// The roll-ups of all kinds, by the kind they look at.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    by_child: HashMap<String, Vec<Watch>>,
}

/// One roll-up.
#[derive(Debug)]
pub(in crate::store) struct Watch {
    /// The kind that has it.
    pub kind: String,
    /// Its field.
    pub field: String,
    /// The type of its value.
    pub r#type: FieldType,
    pub rollup: Rollup,
    /// Whose records have it.
    scope: Scope,
    filter: Filter,
    /// For enumerations: the values in their order.
    ranks: Vec<String>,
}

/// What a record adds to a roll-up.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::store) struct Part {
    /// The record it refers to.
    pub parent: Id,
    pub org: Id,
    /// `Null` for a count.
    pub value: Value,
    /// When it was made, and its id: what `latest` goes by.
    pub made: (i64, Id),
}

impl Watches {
    /// Those of all kinds and organisations. One whose child is not there counts nothing.
    pub fn of(tree: &KindTree) -> Watches {
        let mut watches = Watches::default();
        for kind in tree.base().values() {
            watches.add(&kind.kind, &kind.fields, Scope::All, tree.base());
            for (org, custom) in tree.customs(&kind.kind) {
                watches.add(&kind.kind, &custom.fields, tree.orgs().scope(org), tree.at(org));
            }
        }
        watches
    }

    fn add(&mut self, kind: &str, fields: &Fields, scope: Scope, kinds: &Kinds) {
        for (name, field, rollup) in fields.rollups().filter(|(_, field, _)| !field.retired) {
            let Some(child) = kinds.get(&rollup.kind) else { continue };
            match validate::rollup_filter(child, rollup) {
                Ok(filter) => self.by_child.entry(child.kind.clone()).or_default().push(Watch {
                    kind: kind.to_owned(),
                    field: name.to_owned(),
                    r#type: field.r#type,
                    rollup: rollup.clone(),
                    scope: scope.clone(),
                    filter,
                    ranks: field.values.iter().map(|value| value.value.clone()).collect(),
                }),
                Err(error) => tracing::warn!(%error, kind, field = name, "a roll-up does not fit its child any more"),
            }
        }
    }

    /// Those that look at a kind.
    pub(super) fn at(&self, child: &str) -> Option<&[Watch]> {
        self.by_child.get(child).map(Vec::as_slice)
    }

    /// Those of one kind, by the kind they look at.
    pub(in crate::store) fn of_kind(&self, kind: &str) -> BTreeMap<&str, Vec<&Watch>> {
        let mut found: BTreeMap<&str, Vec<&Watch>> = BTreeMap::new();
        for (child, watches) in &self.by_child {
            for watch in watches.iter().filter(|watch| watch.kind == kind) {
                found.entry(child).or_default().push(watch);
            }
        }
        found
    }

    /// Those that a record's kind has where the record belongs.
    pub(in crate::store) fn on<'a>(&'a self, record: &'a Record) -> impl Iterator<Item = &'a Watch> {
        let watches = self.by_child.values().flatten();
        watches.filter(move |watch| watch.kind == record.kind && watch.scope.holds(&record.org))
    }

    /// Make the indexes they walk.
    pub fn index(&self, connection: &Connection) -> Result<()> {
        for watch in self.by_child.values().flatten().filter(|watch| watch.is_walked()) {
            let Some(name) = watch.rollup.field.as_deref() else { continue };
            schema::index_rollup(connection, &watch.rollup.kind, &watch.rollup.via, name)?;
        }
        Ok(())
    }
}

impl Watch {
    /// Whether its value stands at one end of an index.
    pub fn is_walked(&self) -> bool {
        matches!(self.rollup.fold, Fold::Min | Fold::Max) && self.r#type != FieldType::Enum
    }

    /// What a record adds; nothing when the filter does not hold, when it refers to nothing, or has no value.
    pub fn part(&self, child: &Record) -> Option<Part> {
        let parent = child.text(&self.rollup.via)?.parse().ok()?;
        let value = match &self.rollup.field {
            Some(field) => child.data.get(field).filter(|value| !value.is_null())?.clone(),
            None => Value::Null,
        };
        if !self.scope.holds(&child.org) || !self.filter.holds(&child.data) {
            return None;
        }
        let made = (child.created_at.millis(), child.id.clone());
        Some(Part { parent, org: child.org.clone(), value, made })
    }

    /// Which of two values is greater: by the order of `values` for an enumeration.
    pub fn order(&self, a: &Value, b: &Value) -> Ordering {
        let rank = |value: &Value| self.ranks.iter().position(|known| value.as_str() == Some(known));
        match (a, b) {
            _ if self.r#type == FieldType::Enum => rank(a).cmp(&rank(b)),
            (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
            },
            (a, b) => a.as_str().cmp(&b.as_str()),
        }
    }

    /// The one of two values that a `min` or `max` keeps.
    pub fn keeps(&self, kept: &Value, other: &Value) -> bool {
        let ordering = self.order(kept, other);
        if self.rollup.fold == Fold::Min { ordering.is_le() } else { ordering.is_ge() }
    }

    /// The field it looks at as SQL.
    pub fn column(&self) -> Option<String> {
        self.rollup.field.as_deref().map(schema::field)
    }

    /// The ref it goes by as SQL.
    pub fn via(&self) -> String {
        schema::field(&self.rollup.via)
    }
}
