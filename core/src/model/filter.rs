//! Filters: one JSON shape everywhere, typed and checked against the kind.
//!
//! `{"city":"武汉"}` means equals; `{"due":{"lt":{"$now":"-1d"}}}`; `{"or":[…]}`, `{"and":[…]}`, `{"not":{…}}`; paths over refs
//! (`owner.org`); operands `{"$me":true}`, `{"$now":"-90d"}`, `{"$field":"due"}`; `{"$segment":"<id>"}` means whoever is in it.

mod parse;

use serde_json::Value;

use crate::{
    Result,
    model::{Data, FieldType, Id, Kind, Scope, Time, kind::Fields},
};

/// A checked filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    /// All of them hold; an empty list always does.
    All(Vec<Filter>),
    /// At least one holds.
    Any(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// The record is in a segment. Where records are looked up, its rule stands in its place.
    Segment(Id),
    /// Another record that refers to it lets it be seen. Grants alone say so, no filter that somebody sends.
    Held(Box<Held>),
    /// A field compares with operands.
    Test {
        /// The field, through refs: all but the last are ref fields.
        path: Vec<Step>,
        /// How.
        op: Op,
        /// With what, as JSON scalars.
        operands: Vec<Operand>,
    },
}

/// Which records of another kind let one be seen that they refer to.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Their kind.
    pub kind: String,
    /// Their ref field.
    pub via: String,
    /// Where they are.
    pub scope: Scope,
    /// Those that count.
    pub among: Filter,
    /// Where the newest of them decides: the moment field it is the newest by, the ref field that names the organisation of the record,
    /// and what it must be.
    pub newest: Option<(String, String, Filter)>,
}

/// A field on the way: of a kind, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The kind it belongs to.
    pub kind: String,
    /// Its name; `id`, `org`, `rev`, `created_at`, `updated_at` are every record's own.
    pub field: String,
    /// Whether the server derives its value.
    pub is_derived: bool,
    /// Whether it holds a list, which meets a test when one of its elements does.
    pub is_list: bool,
}

/// How a field compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Equal; for lists: contains it.
    Eq,
    /// Not equal, or empty.
    Ne,
    /// One of.
    In,
    /// None of.
    Nin,
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// From the first to the second operand, both included.
    Between,
    /// Holds the text, whatever its case.
    Contains,
    /// Begins with the text.
    Starts,
    /// Has no value (`true`) or one (`false`).
    Empty,
    /// Has a value; the end of a path over refs is asked so.
    Filled,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// A JSON scalar in the field's stored form; milliseconds for `created_at` and `updated_at`.
    Value(Value),
    /// Another field of the same record.
    Field(Step),
}

/// What `$me` and `$now` stand for, and where kinds are looked up.
pub struct Context<'a> {
    /// The person asking.
    pub me: Option<&'a Id>,
    /// The time of the request.
    pub now: Time,
    /// Kinds by name, for paths over refs.
    pub kinds: &'a dyn Fn(&str) -> Option<std::sync::Arc<Kind>>,
}

/// Fields every record has, beside those of its kind.
pub const SYSTEM: [&str; 5] = ["id", "org", "rev", "created_at", "updated_at"];

impl Filter {
    /// Read and check a filter. `null` and `{}` let everything through.
    ///
    /// # Errors
    /// `filter.invalid`, naming the wrong field, operator or operand.
    pub fn parse(kind: &Kind, filter: &Value, context: &Context<'_>) -> Result<Filter> {
        match filter {
            Value::Null => Ok(Filter::All(Vec::new())),
            Value::Object(tests) => parse::object(kind, tests, context),
            other => Err(parse::wrong(format!("{other} is not a filter: write an object like {{\"city\":\"武汉\"}}"))),
        }
    }

    /// Whether a record with this data meets the filter. Paths over refs, segments and other records are not followed here and do
    /// not hold.
    pub fn holds(&self, data: &Data) -> bool {
        match self {
            Filter::All(filters) => filters.iter().all(|filter| filter.holds(data)),
            Filter::Any(filters) => filters.iter().any(|filter| filter.holds(data)),
            Filter::Not(filter) => !filter.holds(data),
            Filter::Segment(_) | Filter::Held(_) => false,
            Filter::Test { path, op, operands } => match path.as_slice() {
                [step] => test(data.get(&step.field).unwrap_or(&Value::Null), *op, &resolve(operands, data)),
                _ => false,
            },
        }
    }

    /// Every test in it: its path and what the field is compared with.
    pub fn each_test(&self, told: &mut dyn FnMut(&[Step], &[Operand])) {
        match self {
            Filter::All(filters) | Filter::Any(filters) => filters.iter().for_each(|filter| filter.each_test(told)),
            Filter::Not(filter) => filter.each_test(told),
            Filter::Test { path, operands, .. } => told(path, operands),
            Filter::Segment(_) | Filter::Held(_) => {}
        }
    }
}

/// Whether a filter's answer can change although the record does not: by time, by records referred to, by another segment.
pub fn changes_by_itself(filter: &Value) -> bool {
    match filter {
        Value::Object(tests) => tests.iter().any(|(name, value)| {
            matches!(name.as_str(), "$now" | "$segment") || name.contains('.') || changes_by_itself(value)
        }),
        Value::Array(filters) => filters.iter().any(changes_by_itself),
        _ => false,
    }
}

fn resolve(operands: &[Operand], data: &Data) -> Vec<Value> {
    let value = |operand: &Operand| match operand {
        Operand::Value(value) => value.clone(),
        Operand::Field(step) => data.get(&step.field).cloned().unwrap_or(Value::Null),
    };
    operands.iter().map(value).collect()
}

fn test(value: &Value, op: Op, operands: &[Value]) -> bool {
    if let Value::Array(values) = value {
        // A list meets a test when one of its elements does.
        return match op {
            Op::Empty => false,
            Op::Filled => true,
            Op::Ne => !values.iter().any(|value| test(value, Op::Eq, operands)),
            Op::Nin => !values.iter().any(|value| test(value, Op::In, operands)),
            op => values.iter().any(|value| test(value, op, operands)),
        };
    }
    // No value equals nothing, not even another field without one.
    let equals = |operand: &Value| {
        !value.is_null() && (value == operand || (value.is_number() && value.as_f64() == operand.as_f64()))
    };
    let compare = |operand: &Value| order(value, operand);
    let text = |operand: Option<&Value>| operand.and_then(Value::as_str).map(str::to_lowercase).unwrap_or_default();
    match op {
        Op::Empty => value.is_null(),
        Op::Filled => !value.is_null(),
        Op::Eq => operands.iter().all(equals),
        Op::Ne => !operands.iter().any(|operand| equals(operand) || (value.is_null() && operand.is_null())),
        Op::In => operands.iter().any(equals),
        Op::Nin => !operands.iter().any(equals),
        Op::Lt => compare(&operands[0]).is_some_and(|ordering| ordering.is_lt()),
        Op::Lte => compare(&operands[0]).is_some_and(|ordering| ordering.is_le()),
        Op::Gt => compare(&operands[0]).is_some_and(|ordering| ordering.is_gt()),
        Op::Gte => compare(&operands[0]).is_some_and(|ordering| ordering.is_ge()),
        Op::Between => {
            compare(&operands[0]).is_some_and(|ordering| ordering.is_ge())
                && compare(&operands[1]).is_some_and(|ordering| ordering.is_le())
        }
        Op::Contains => value.as_str().is_some_and(|value| value.to_lowercase().contains(&text(operands.first()))),
        Op::Starts => value.as_str().is_some_and(|value| value.to_lowercase().starts_with(&text(operands.first()))),
    }
}

fn order(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// The names of fields that a list of orders may use: indexed ones and every record's own.
pub fn may_order_by(fields: &Fields, name: &str) -> bool {
    let is_indexed = |field: &crate::model::Field| field.indexed || field.unique.is_some();
    let has_order = |r#type| !matches!(r#type, FieldType::EnumList | FieldType::RefList | FieldType::Json);
    matches!(name, "created_at" | "updated_at" | "id")
        || fields.get(name).is_some_and(|field| is_indexed(field) && has_order(field.r#type) && !field.retired)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kind() -> Kind {
        serde_json::from_value(json!({
            "kind": "x.case", "label": "Case", "title": "name",
            "fields": {
                "name": {"type": "text", "label": "Name"},
                "level": {"type": "enum", "label": "Level", "values": [{"value": "low", "label": "l"}, {"value": "high", "label": "h"}]},
                "n": {"type": "int", "label": "N"},
                "due": {"type": "datetime", "label": "Due"},
                "met": {"type": "datetime", "label": "Met"}
            }
        }))
        .expect("a kind")
    }

    fn parse(filter: Value) -> Result<Filter> {
        let now = "2026-03-13T02:00:00Z".parse()?;
        Filter::parse(&kind(), &filter, &Context { me: None, now, kinds: &|_| None })
    }

    fn holds(filter: Value, data: Value) -> bool {
        parse(filter).expect("a filter").holds(data.as_object().expect("an object"))
    }

    #[test]
    fn values_and_operators_hold_as_written() {
        assert!(holds(json!({"name": "a"}), json!({"name": "a"})));
        assert!(!holds(json!({"name": "a"}), json!({"name": "b"})));
        assert!(holds(json!({"n": {"gte": 3, "lt": 5}}), json!({"n": 4})));
        assert!(!holds(json!({"n": {"gte": 3, "lt": 5}}), json!({"n": 5})));
        assert!(holds(json!({"level": {"in": ["low", "high"]}}), json!({"level": "high"})));
        assert!(holds(json!({"n": {"ne": 1}}), json!({})), "no value is not equal to one");
        assert!(!holds(json!({"n": {"lt": 1}}), json!({})), "no value is not less");
        assert!(holds(json!({"or": [{"n": 1}, {"not": {"name": {"contains": "B"}}}]}), json!({"n": 2, "name": "xyz"})));
        assert!(holds(
            json!({"due": {"lt": {"$field": "met"}}}),
            json!({"due": "2026-01-01T00:00:00.000Z", "met": "2026-01-02T00:00:00.000Z"})
        ));
        assert!(holds(json!({"due": {"lt": {"$now": "-1d"}}}), json!({"due": "2026-03-12T01:59:59.000Z"})));
        assert!(holds(json!({"met": {"empty": true}}), json!({})));
        assert!(holds(json!({}), json!({})));
    }

    #[test]
    fn a_wrong_filter_is_told_what_is_wrong() {
        for (filter, word) in [
            (json!({"colour": 1}), "colour"),
            (json!({"n": {"above": 1}}), "above"),
            (json!({"level": "middle"}), "middle"),
            (json!({"n": "three"}), "number"),
            (json!({"n": {"between": [1]}}), "two values"),
            (json!({"name.x": 1}), "refers to no other kind"),
            (json!({"due": {"lt": {"$now": "yesterday"}}}), "offset"),
            (json!({"due": {"lt": {"$field": "mett"}}}), "mett"),
            (json!({"due": {"lt": {"$field": "n"}}}), "something else"),
            (json!({"due": {"lt": {"$field": 3}}}), "name of a field"),
            (json!({"due": {"lt": {"$field": "met') or 1=1 --"}}}), "has no field"),
            (json!([1]), "not a filter"),
        ] {
            let error = parse(filter.clone()).expect_err("refused");
            assert_eq!(error.code, "filter.invalid");
            assert!(error.message.contains(word), "{filter}: {}", error.message);
        }
    }
}
