//! The value of a roll-up: one step on when a record joins or leaves, or from the beginning.

use serde_json::{Value, json};

use super::{
    Side,
    watch::{Part, Watch},
};
use crate::{
    Error, Result,
    model::{FieldType, Id, Record, kind::Fold},
    store::{Tx, rows, schema},
};

/// One record has changed: `left` is what it added before, `joined` what it adds now.
pub(super) fn step(
    tx: &Tx<'_>,
    watch: &Watch,
    parent: &Record,
    side: &mut Side,
    left: Option<Part>,
    joined: Option<Part>,
) -> Result<()> {
    let now = side.values.get(&watch.field).cloned().unwrap_or(Value::Null);
    let value = match watch.rollup.fold {
        Fold::Count => json!(now.as_i64().unwrap_or(0) + i64::from(joined.is_some()) - i64::from(left.is_some())),
        // Differences of fractions would drift away from the sum.
        Fold::Sum if watch.r#type == FieldType::Decimal => return recount(tx, watch, parent, side),
        Fold::Sum => {
            let whole = |part: &Option<Part>| part.as_ref().and_then(|part| part.value.as_i64()).unwrap_or(0);
            json!(now.as_i64().unwrap_or(0).saturating_add(whole(&joined)).saturating_sub(whole(&left)))
        }
        Fold::Min | Fold::Max => {
            let has_left = left.is_some_and(|left| left.value == now);
            match joined {
                // Not worse than the one that left, so nothing else can be better.
                Some(joined) if now.is_null() || watch.keeps(&joined.value, &now) => joined.value,
                _ if has_left => return recount(tx, watch, parent, side),
                _ => now,
            }
        }
        Fold::Latest => {
            let last = side.book.latest.get(&watch.field).cloned();
            let has_left = left.as_ref().is_some_and(|left| Some(&left.made) == last.as_ref());
            match joined {
                Some(joined) if last.as_ref().is_none_or(|last| joined.made >= *last) => {
                    side.book.latest.insert(watch.field.clone(), joined.made);
                    joined.value
                }
                _ if has_left => return recount(tx, watch, parent, side),
                _ => now,
            }
        }
    };
    put(side, watch, value);
    Ok(())
}

/// What the parts of one record come to together.
#[derive(Clone, Debug, Default)]
pub(in crate::store) struct Tally {
    n_parts: i64,
    whole: i64,
    fraction: f64,
    /// The least, the greatest or the latest.
    best: Option<Part>,
}

impl Tally {
    /// One more.
    pub(in crate::store) fn add(&mut self, watch: &Watch, part: Part) {
        self.n_parts += 1;
        match part.value.as_i64() {
            Some(value) => self.whole = self.whole.saturating_add(value),
            None => self.fraction += part.value.as_f64().unwrap_or(0.0),
        }
        let is_better = self.best.as_ref().is_none_or(|best| match watch.rollup.fold {
            Fold::Latest => part.made > best.made,
            _ => !watch.keeps(&best.value, &part.value),
        });
        if is_better {
            self.best = Some(part);
        }
    }

    /// The roll-up's value.
    pub(in crate::store) fn value(&self, watch: &Watch) -> Value {
        match watch.rollup.fold {
            Fold::Count => json!(self.n_parts),
            Fold::Sum if watch.r#type == FieldType::Decimal => json!(self.whole as f64 + self.fraction),
            Fold::Sum => json!(self.whole),
            Fold::Latest | Fold::Min | Fold::Max => self.best.as_ref().map_or(Value::Null, |best| best.value.clone()),
        }
    }
}

/// From all records that refer to `parent` in its organisation, or to one that was merged into it.
pub(super) fn recount(tx: &Tx<'_>, watch: &Watch, parent: &Record, side: &mut Side) -> Result<()> {
    let mut tally = Tally::default();
    for id in ids(tx, parent)? {
        each(tx, watch, parent, &id, &mut |part| tally.add(watch, part))?;
    }
    let value = tally.value(watch);
    if watch.rollup.fold == Fold::Latest {
        match tally.best {
            Some(best) => _ = side.book.latest.insert(watch.field.clone(), best.made),
            None => _ = side.book.latest.remove(&watch.field),
        }
    }
    put(side, watch, value);
    Ok(())
}

fn put(side: &mut Side, watch: &Watch, value: Value) {
    match value {
        Value::Null => _ = side.values.remove(&watch.field),
        value => _ = side.values.insert(watch.field.clone(), value),
    }
}

/// The ids that stand for a record: its own, and those of records merged into it.
fn ids(tx: &Tx<'_>, parent: &Record) -> Result<Vec<Id>> {
    let mut statement = tx
        .connection
        .prepare_cached("select id from alias where kind = ?1 and into_id = ?2 order by id")
        .map_err(Error::internal)?;
    let merged = statement.query_map((&parent.kind, &parent.id), |row| row.get(0)).map_err(Error::internal)?;
    std::iter::once(Ok(parent.id.clone())).chain(merged).collect::<Result<_, _>>().map_err(Error::internal)
}

/// The parts of the records that refer to one id. Where the value stands at one end of an index, the first is all there is
/// to see.
fn each(tx: &Tx<'_>, watch: &Watch, parent: &Record, id: &Id, told: &mut dyn FnMut(Part)) -> Result<()> {
    let child = &watch.rollup.kind;
    let mut sql =
        format!("select {} from {} where org = ?1 and {} = ?2", rows::RECORD, schema::table(child), watch.via());
    if let Some(column) = watch.column() {
        sql += &format!(" and {column} is not null");
        sql += &match watch.rollup.fold {
            Fold::Min if watch.is_walked() => format!(" order by {column}"),
            Fold::Max if watch.is_walked() => format!(" order by {column} desc"),
            Fold::Latest => " order by created_at desc, id desc".to_owned(),
            _ => String::new(),
        };
    }
    let is_first_enough = watch.is_walked() || watch.rollup.fold == Fold::Latest;
    let mut statement = tx.connection.prepare_cached(&sql).map_err(Error::internal)?;
    let mut found = statement.query((&parent.org, id)).map_err(Error::internal)?;
    while let Some(row) = found.next().map_err(Error::internal)? {
        let child = rows::record(child, row).map_err(Error::internal)?;
        let Some(part) = watch.part(&child) else { continue };
        told(part);
        if is_first_enough {
            break;
        }
    }
    Ok(())
}
