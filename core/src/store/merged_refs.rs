//! Filters over refs when what they name has been merged: whichever of its ids is asked for, all of them are meant.

use serde_json::Value;

use super::tables::{
    Reader,
    alias::{self, MERGED},
};
use crate::{
    Result,
    model::{
        FieldType, Id,
        filter::{Filter, Op, Operand, Step},
    },
};

/// The filter with every id of a merged record replaced by all the ids it goes by.
pub(super) fn widen(reader: &impl Reader, filter: Filter) -> Result<Filter> {
    let all =
        |filters: Vec<Filter>| filters.into_iter().map(|filter| widen(reader, filter)).collect::<Result<Vec<_>>>();
    Ok(match filter {
        Filter::All(filters) => Filter::All(all(filters)?),
        Filter::Any(filters) => Filter::Any(all(filters)?),
        Filter::Not(filter) => Filter::Not(Box::new(widen(reader, *filter)?)),
        kept @ (Filter::Segment(_) | Filter::Held(_)) => kept,
        Filter::Test { path, op, operands } => match (merged_kind(reader, &path), listed(op)) {
            (Some(kind), Some(wide)) => {
                let operands_wide = widened(reader, &kind, &operands)?;
                // What has one id is asked for as it was.
                if operands_wide.len() == operands.len() {
                    Filter::Test { path, op, operands }
                } else {
                    Filter::Test { path, op: wide, operands: operands_wide }
                }
            }
            _ => Filter::Test { path, op, operands },
        },
    })
}

/// The kind whose ids the last step of a path holds, if its records can be merged.
fn merged_kind(reader: &impl Reader, path: &[Step]) -> Option<String> {
    let last = path.last()?;
    if last.field == "id" {
        return MERGED.contains(&last.kind.as_str()).then(|| last.kind.clone());
    }
    let field = reader.known_kinds().get(&last.kind)?.fields.get(&last.field)?;
    let is_ref = matches!(field.r#type, FieldType::Ref | FieldType::RefList);
    field.to.clone().filter(|to| is_ref && MERGED.contains(&to.as_str()))
}

/// The test for several values that means the same as one for one.
fn listed(op: Op) -> Option<Op> {
    match op {
        Op::Eq | Op::In => Some(Op::In),
        Op::Ne | Op::Nin => Some(Op::Nin),
        _ => None,
    }
}

fn widened(reader: &impl Reader, kind: &str, operands: &[Operand]) -> Result<Vec<Operand>> {
    let mut wide: Vec<Operand> = Vec::new();
    for operand in operands {
        let id = match operand {
            Operand::Value(Value::String(id)) => id.parse::<Id>().ok(),
            _ => None,
        };
        let Some(id) = id else {
            wide.push(operand.clone());
            continue;
        };
        wide.extend(
            alias::family(reader, kind, &id)?.into_iter().map(|id| Operand::Value(Value::String(id.to_string()))),
        );
    }
    Ok(wide)
}
