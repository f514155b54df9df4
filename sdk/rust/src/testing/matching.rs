//! Filters, orders and measures over the stand-in's records.

use std::{cmp::Ordering, collections::BTreeMap};

use jiff::{Span, Timestamp};

use super::calendar;
use crate::{Fault, Result, Value, json};

/// What operands of filters refer to.
pub struct Context<'a> {
    pub now: Timestamp,
    pub me: Option<&'a Value>,
}

/// Whether a record meets a filter.
pub fn holds(filter: &Value, record: &Value, context: &Context<'_>) -> Result<bool> {
    let Value::Object(conditions) = filter else {
        return if filter.is_null() { Ok(true) } else { Err(wrong(filter)) };
    };
    for (key, condition) in conditions {
        let is_met = match key.as_str() {
            "and" => all(condition, record, context)?,
            "or" => any(condition, record, context)?,
            "not" => !holds(condition, record, context)?,
            field => meets(value_of(record, field), condition, record, context)?,
        };
        if !is_met {
            return Ok(false);
        }
    }
    Ok(true)
}

fn all(parts: &Value, record: &Value, context: &Context<'_>) -> Result<bool> {
    for part in parts.as_array().ok_or_else(|| wrong(parts))? {
        if !holds(part, record, context)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn any(parts: &Value, record: &Value, context: &Context<'_>) -> Result<bool> {
    for part in parts.as_array().ok_or_else(|| wrong(parts))? {
        if holds(part, record, context)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn meets(value: &Value, condition: &Value, record: &Value, context: &Context<'_>) -> Result<bool> {
    let operators = match condition.as_object() {
        Some(operators) if !operators.keys().any(|key| key.starts_with('$')) => operators,
        _ => return Ok(*value == operand(condition, record, context)?),
    };
    for (operator, wanted) in operators {
        let wanted = operand(wanted, record, context)?;
        let compared = compare(value, &wanted);
        let has_both = !value.is_null() && !wanted.is_null();
        let list = |wanted: &Value| wanted.as_array().cloned().ok_or_else(|| wrong(wanted));
        let text = (value.as_str(), wanted.as_str());
        let is_met = match operator.as_str() {
            "eq" => *value == wanted,
            "ne" => *value != wanted,
            "in" => list(&wanted)?.contains(value),
            "nin" => !list(&wanted)?.contains(value),
            "lt" => has_both && compared == Ordering::Less,
            "lte" => has_both && compared != Ordering::Greater,
            "gt" => has_both && compared == Ordering::Greater,
            "gte" => has_both && compared != Ordering::Less,
            "between" => match list(&wanted)?.as_slice() {
                [low, high] => !value.is_null() && compare(low, value).is_le() && compare(value, high).is_le(),
                _ => return Err(wrong(&wanted)),
            },
            "contains" => match (value.as_array(), text) {
                (Some(values), _) => values.contains(&wanted),
                (None, (Some(value), Some(part))) => value.contains(part),
                _ => false,
            },
            "starts" => matches!(text, (Some(value), Some(start)) if value.starts_with(start)),
            "empty" => value.is_null() == (wanted == true),
            other => return Err(Fault::new("invalid", format!("there is no operator {other:?}"))),
        };
        if !is_met {
            return Ok(false);
        }
    }
    Ok(true)
}

fn operand(value: &Value, record: &Value, context: &Context<'_>) -> Result<Value> {
    match value.as_object().and_then(|object| object.iter().next()) {
        Some((key, _)) if key == "$me" => Ok(context.me.cloned().unwrap_or(Value::Null)),
        Some((key, field)) if key == "$field" => Ok(value_of(record, field.as_str().unwrap_or_default()).clone()),
        Some((key, span)) if key == "$now" => {
            let moved = shift(span.as_str().unwrap_or_default()).ok_or_else(|| wrong(value))?;
            let moved = context.now.to_zoned(jiff::tz::TimeZone::UTC).checked_add(moved).map_err(|_| wrong(value))?;
            Ok(json!(calendar::text(moved.timestamp())))
        }
        _ => Ok(value.clone()),
    }
}

/// `-90d` or `+2h` as a span; only the units that need no calendar.
fn shift(text: &str) -> Option<Span> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let n: i64 = text[..unit].parse().ok()?;
    match &text[unit..] {
        "m" => Span::new().try_minutes(n).ok(),
        "h" => Span::new().try_hours(n).ok(),
        "d" => Span::new().try_hours(n.checked_mul(24)?).ok(),
        _ => None,
    }
}

/// A field of a record, or one of its own columns.
fn value_of<'a>(record: &'a Value, field: &str) -> &'a Value {
    match field {
        "id" | "org" | "rev" | "created_at" | "updated_at" => &record[field],
        _ => &record["data"][field],
    }
}

fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal)
        }
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        _ => Ordering::Equal,
    }
}

/// Puts records in order: `-created_at,name`, the id last.
pub fn sort(records: &mut [Value], order: &str) {
    records.sort_by(|left, right| {
        let keys = order.split(',').filter(|key| !key.is_empty()).chain(["id"]);
        keys.map(|key| match key.strip_prefix('-') {
            Some(field) => compare(value_of(right, field), value_of(left, field)),
            None => compare(value_of(left, key), value_of(right, key)),
        })
        .find(|ordering| ordering.is_ne())
        .unwrap_or(Ordering::Equal)
    });
}

/// One row for each group.
pub fn aggregate(records: &[Value], query: &Value) -> Result<Vec<Value>> {
    let fields: Vec<&str> = query["group"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut groups: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    if fields.is_empty() {
        groups.insert(String::new(), Vec::new());
    }
    for record in records {
        let key = fields.iter().map(|field| value_of(record, field).to_string()).collect::<Vec<_>>().join("\u{1f}");
        groups.entry(key).or_default().push(record);
    }
    groups.into_values().map(|group| row(&group, &fields, &query["measures"])).collect()
}

fn row(group: &[&Value], fields: &[&str], measures: &Value) -> Result<Value> {
    let mut row = json!({});
    for field in fields {
        row[field] = group.first().map_or(Value::Null, |record| value_of(record, field).clone());
    }
    for (name, measure) in measures.as_object().into_iter().flatten() {
        let (what, field) =
            measure.as_object().and_then(|measure| measure.iter().next()).ok_or_else(|| wrong(measure))?;
        let field = field.as_str().unwrap_or_default();
        let mut values: Vec<&Value> =
            group.iter().map(|record| value_of(record, field)).filter(|value| !value.is_null()).collect();
        values.sort_by(|left, right| compare(left, right));
        row[name] = match what.as_str() {
            "count" => json!(group.len()),
            "min" => values.first().map_or(Value::Null, |&value| value.clone()),
            "max" => values.last().map_or(Value::Null, |&value| value.clone()),
            "sum" => sum(&values),
            "avg" if values.is_empty() => Value::Null,
            "avg" => json!(sum(&values).as_f64().unwrap_or_default() / values.len() as f64),
            other => return Err(Fault::new("invalid", format!("there is no measure {other:?}"))),
        };
    }
    Ok(row)
}

fn sum(values: &[&Value]) -> Value {
    match values.iter().map(|value| value.as_i64()).sum::<Option<i64>>() {
        Some(whole) => json!(whole),
        None => json!(values.iter().filter_map(|value| value.as_f64()).sum::<f64>()),
    }
}

fn wrong(part: &Value) -> Fault {
    Fault::new("invalid", format!("not a filter: {part}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, data: Value) -> Value {
        json!({ "id": id, "org": "d1", "rev": 1, "data": data })
    }

    fn is_met(filter: Value) -> bool {
        let case =
            record("x1", json!({ "level": "important", "due": "2026-03-13T01:00:00.000Z", "n": 3, "tags": ["vip"] }));
        let now = calendar::moment("2026-03-13T02:00:00Z").unwrap();
        holds(&filter, &case, &Context { now, me: Some(&json!("u1")) }).unwrap()
    }

    #[test]
    fn each_operator_holds_where_it_should_and_nowhere_else() {
        for filter in [
            json!({}),
            json!({ "level": "important", "n": 3 }),
            json!({ "n": { "gt": 2, "lte": 3, "ne": 4 } }),
            json!({ "n": { "between": [3, 9] } }),
            json!({ "level": { "in": ["general", "important"], "starts": "imp", "contains": "port" } }),
            json!({ "tags": { "contains": "vip" } }),
            json!({ "owner": { "empty": true } }),
            json!({ "due": { "lt": { "$now": "0d" }, "gt": { "$now": "-2h" } } }),
            json!({ "or": [{ "n": 4 }, { "level": { "nin": ["general"] } }] }),
            json!({ "and": [{ "n": 3 }, { "not": { "org": "d2" } }] }),
            json!({ "n": { "$field": "n" } }),
        ] {
            assert!(is_met(filter.clone()), "{filter}");
            assert!(!is_met(json!({ "not": filter })), "not {filter}");
        }
        assert!(!is_met(json!({ "owner": { "lt": 5 } })), "nothing is less than something");
        assert!(!is_met(json!({ "owner": { "$me": true } })));
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        let (case, context) = (record("x1", json!({})), Context { now: Timestamp::UNIX_EPOCH, me: None });
        for filter in
            [json!([]), json!({ "and": {} }), json!({ "n": { "near": 3 } }), json!({ "n": { "$now": "soon" } })]
        {
            assert!(holds(&filter, &case, &context).is_err(), "{filter}");
        }
    }

    #[test]
    fn records_are_ordered_by_several_keys_and_the_id_last() {
        let mut records: Vec<Value> =
            [("b", 1), ("c", 2), ("a", 1)].map(|(id, n)| record(id, json!({ "n": n }))).into();
        sort(&mut records, "-n");
        assert_eq!(records.iter().map(|record| record["id"].as_str().unwrap()).collect::<String>(), "cab");
    }

    #[test]
    fn measures_are_taken_group_by_group() {
        let records = [("a", "x", 10), ("b", "x", 20), ("c", "y", 5)];
        let records = records.map(|(id, owner, n)| record(id, json!({ "owner": owner, "n": n })));
        let measures =
            json!({ "all": { "count": true }, "sum": { "sum": "n" }, "avg": { "avg": "n" }, "max": { "max": "n" } });
        let rows = aggregate(&records, &json!({ "group": ["owner"], "measures": measures })).unwrap();
        assert_eq!(rows[0], json!({ "owner": "x", "all": 2, "sum": 30, "avg": 15.0, "max": 20 }));
        assert_eq!(aggregate(&[], &json!({ "measures": { "n": { "count": true } } })).unwrap(), [json!({ "n": 0 })]);
    }
}
