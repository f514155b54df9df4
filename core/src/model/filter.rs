//! Filters: one JSON shape everywhere, typed and checked against the kind.
//!
//! `{"city":"武汉"}` means equals; `{"due":{"lt":{"$now":"-1d"}}}`; `{"or":[…]}`, `{"and":[…]}`, `{"not":{…}}`; paths over refs
//! (`owner.org`); operands `{"$me":true}`, `{"$now":"-90d"}`, `{"$field":"due"}`; `{"$segment":"<id>"}` means whoever is in it.

use serde_json::{Map, Value, json};

use crate::{
    Error, Result,
    model::{Data, FieldType, Id, Kind, Time, kind::Fields},
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
            Value::Object(tests) => parse_object(kind, tests, context),
            other => Err(wrong(format!("{other} is not a filter: write an object like {{\"city\":\"武汉\"}}"))),
        }
    }

    /// Whether a record with this data meets the filter. Paths over refs and segments are not followed here and do not hold.
    pub fn holds(&self, data: &Data) -> bool {
        match self {
            Filter::All(filters) => filters.iter().all(|filter| filter.holds(data)),
            Filter::Any(filters) => filters.iter().any(|filter| filter.holds(data)),
            Filter::Not(filter) => !filter.holds(data),
            Filter::Segment(_) => false,
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
            Filter::Segment(_) => {}
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

fn wrong(message: impl Into<String>) -> Error {
    Error::invalid("filter", message)
}

fn parse_object(kind: &Kind, tests: &Map<String, Value>, context: &Context<'_>) -> Result<Filter> {
    let filters = tests
        .iter()
        .map(|(name, value)| match name.as_str() {
            "and" => Ok(Filter::All(parse_list(kind, name, value, context)?)),
            "or" => Ok(Filter::Any(parse_list(kind, name, value, context)?)),
            "not" => Ok(Filter::Not(Box::new(Filter::parse(kind, value, context)?))),
            "$segment" => parse_segment(value).map(Filter::Segment),
            path => parse_tests(kind, path, value, context),
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(match <[Filter; 1]>::try_from(filters) {
        Ok([only]) => only,
        Err(filters) => Filter::All(filters),
    })
}

fn parse_segment(value: &Value) -> Result<Id> {
    let id = value.as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| wrong(format!("$segment needs the id of a segment, not {value}")))
}

fn parse_list(kind: &Kind, name: &str, value: &Value, context: &Context<'_>) -> Result<Vec<Filter>> {
    let list = value.as_array().ok_or_else(|| wrong(format!("{name:?} needs a list of filters, not {value}")))?;
    list.iter().map(|filter| Filter::parse(kind, filter, context)).collect()
}

fn parse_tests(kind: &Kind, path: &str, value: &Value, context: &Context<'_>) -> Result<Filter> {
    let (steps, last) = steps(kind, path, context)?;
    let test = |op, operands: Vec<Operand>| Filter::Test { path: steps.clone(), op, operands };
    let operand = |value: &Value| match value.get("$field") {
        Some(other) => other_field(kind, path, &last, other),
        None => operand(path, &last, value, context),
    };
    let Value::Object(operators) = value else {
        return Ok(if value.is_null() { test(Op::Empty, Vec::new()) } else { test(Op::Eq, vec![operand(value)?]) });
    };
    if operators.keys().any(|key| key.starts_with('$')) {
        return Ok(test(Op::Eq, vec![operand(value)?]));
    }
    let filters = operators
        .iter()
        .map(|(name, value)| {
            let list = || {
                let values =
                    value.as_array().ok_or_else(|| wrong(format!("{path}: {name:?} needs a list, not {value}")))?;
                values.iter().map(operand).collect::<Result<Vec<_>>>()
            };
            let one = |op| Ok(test(op, vec![operand(value)?]));
            fits(path, &last, name)?;
            match name.as_str() {
                "eq" if value.is_null() => Ok(test(Op::Empty, Vec::new())),
                "ne" if value.is_null() => Ok(Filter::Not(Box::new(test(Op::Empty, Vec::new())))),
                "eq" => one(Op::Eq),
                "ne" => one(Op::Ne),
                "lt" => one(Op::Lt),
                "lte" => one(Op::Lte),
                "gt" => one(Op::Gt),
                "gte" => one(Op::Gte),
                "in" => Ok(test(Op::In, list()?)),
                "nin" => Ok(test(Op::Nin, list()?)),
                "between" => match list()? {
                    pair if pair.len() == 2 => Ok(test(Op::Between, pair)),
                    other => Err(wrong(format!("{path}: \"between\" needs two values, not {}", other.len()))),
                },
                "contains" | "starts" => {
                    let text =
                        value.as_str().ok_or_else(|| wrong(format!("{path}: {name:?} needs a text, not {value}")))?;
                    let op = if name == "contains" { Op::Contains } else { Op::Starts };
                    Ok(test(op, vec![Operand::Value(json!(as_stored(&last, op, text)))]))
                }
                "empty" => match value.as_bool() {
                    Some(true) => Ok(test(Op::Empty, Vec::new())),
                    Some(false) => Ok(Filter::Not(Box::new(test(Op::Empty, Vec::new())))),
                    None => Err(wrong(format!("{path}: \"empty\" needs true or false, not {value}"))),
                },
                other => Err(wrong(format!(
                    "{path}: {other:?} is not an operator; use eq ne in nin lt lte gt gte between contains starts empty"
                ))),
            }
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Filter::All(filters))
}

/// Mobiles are stored with the country code that nobody types.
fn as_stored(typed: &Typed, op: Op, text: &str) -> String {
    let is_mobile = op == Op::Starts && matches!(typed, Typed::Field(FieldType::Phone, _)) && text.starts_with('1');
    if is_mobile { format!("+86{text}") } else { text.to_owned() }
}

/// An operator that says nothing of this type is refused rather than never met.
fn fits(path: &str, typed: &Typed, operator: &str) -> Result<()> {
    use FieldType::{Bool, Decimal, EnumList, Int, Json, Money, RefList};
    let is_of_text = matches!(operator, "contains" | "starts");
    let is_of_order = matches!(operator, "lt" | "lte" | "gt" | "gte" | "between");
    let hint = match typed {
        Typed::Moment | Typed::Whole | Typed::Field(Int | Decimal | Money, _) if is_of_text => {
            "it is no text; use eq, in or between"
        }
        Typed::Field(Bool, _) if is_of_text || is_of_order => "it is true or false; use eq",
        Typed::Field(EnumList | RefList, _) if is_of_text || is_of_order => {
            "it is a list; use eq for one it holds, or in"
        }
        Typed::Field(Json, _) if operator != "empty" => "it may hold anything; use empty",
        _ => return Ok(()),
    };
    Err(wrong(format!("{path}: {operator:?} says nothing of it: {hint}")))
}

/// The steps of a path, and the type its last field has.
fn steps(kind: &Kind, path: &str, context: &Context<'_>) -> Result<(Vec<Step>, Typed)> {
    let mut steps = Vec::new();
    let mut kind = std::borrow::Cow::Borrowed(kind);
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let known = kind.fields.get(name);
        let is_derived = known.is_some_and(|field| field.derived.is_some());
        let is_list = known.is_some_and(|field| matches!(field.r#type, FieldType::EnumList | FieldType::RefList));
        steps.push(Step { kind: kind.kind.clone(), field: name.to_owned(), is_derived, is_list });
        let is_last = names.peek().is_none();
        if SYSTEM.contains(&name) && is_last {
            return Ok((steps, Typed::system(name)));
        }
        let target = if name == "org" {
            Some("org".to_owned())
        } else {
            kind.fields.get(name).and_then(|field| field.to.clone())
        };
        if is_last {
            let field = kind.fields.get(name).ok_or_else(|| no_field(&kind, name))?;
            return Ok((
                steps,
                Typed::Field(field.r#type, field.values.iter().map(|value| value.value.clone()).collect()),
            ));
        }
        let target = target.ok_or_else(|| match kind.fields.get(name) {
            Some(_) => wrong(format!("{path}: {name:?} refers to no other kind, so nothing can follow it")),
            None => no_field(&kind, name),
        })?;
        let next =
            (context.kinds)(&target).ok_or_else(|| wrong(format!("{path}: the kind {target:?} is not installed")))?;
        kind = std::borrow::Cow::Owned((*next).clone());
    }
    Err(wrong("a field's name is empty"))
}

fn no_field(kind: &Kind, name: &str) -> Error {
    let known: Vec<&str> = kind.fields.iter().map(|(name, _)| name).collect();
    wrong(format!("{} has no field {name:?}; it has {}", kind.kind, known.join(" ")))
}

enum Typed {
    Moment,
    Whole,
    Word,
    Field(FieldType, Vec<String>),
}

impl Typed {
    fn system(name: &str) -> Typed {
        match name {
            "created_at" | "updated_at" => Typed::Moment,
            "rev" => Typed::Whole,
            _ => Typed::Word,
        }
    }
}

fn operand(path: &str, typed: &Typed, value: &Value, context: &Context<'_>) -> Result<Operand> {
    if let Value::Object(special) = value {
        return match special.iter().next() {
            Some((name, _)) if name == "$me" => match context.me {
                Some(me) => Ok(Operand::Value(json!(me))),
                None => Err(wrong(format!("{path}: there is no person behind this request for $me"))),
            },
            Some((name, span)) if name == "$now" => moment(path, typed, span, context.now),
            _ => Err(wrong(format!("{path}: {value} is not an operand; use a value, $me, $now or $field"))),
        };
    }
    typed_value(path, typed, value).map(Operand::Value)
}

/// Another field of the same record, of the same type: so not at the end of a path over refs, where the record is another.
fn other_field(kind: &Kind, path: &str, typed: &Typed, other: &Value) -> Result<Operand> {
    let name = other.as_str().ok_or_else(|| wrong(format!("{path}: $field needs the name of a field, not {other}")))?;
    if path.contains('.') {
        return Err(wrong(format!("{path}: $field compares fields of one record; use it without a path over refs")));
    }
    let field = kind.fields.get(name).ok_or_else(|| no_field(kind, name))?;
    match typed {
        Typed::Field(own, _) if *own == field.r#type => {
            let is_derived = field.derived.is_some();
            let is_list = matches!(field.r#type, FieldType::EnumList | FieldType::RefList);
            Ok(Operand::Field(Step { kind: kind.kind.clone(), field: name.to_owned(), is_derived, is_list }))
        }
        _ => Err(wrong(format!("{path}: it cannot be compared with {name:?}, which holds something else"))),
    }
}

fn moment(path: &str, typed: &Typed, span: &Value, now: Time) -> Result<Operand> {
    let text = span.as_str().unwrap_or("");
    let millis = offset_millis(text)
        .ok_or_else(|| wrong(format!("{path}: $now needs an offset like \"-90d\", \"+2h\" or \"0d\", not {span}")))?;
    let at = now.plus_millis(millis);
    Ok(Operand::Value(match typed {
        Typed::Moment => json!(at.millis()),
        Typed::Field(FieldType::Date, _) => json!(at.to_string()[..10]),
        _ => json!(at),
    }))
}

fn offset_millis(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, unit) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
    let unit_ms: i64 = match unit {
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(unit_ms)?.checked_mul(sign)
}

/// A value in the form the field is stored in.
fn typed_value(path: &str, typed: &Typed, value: &Value) -> Result<Value> {
    let needs = |what: &str| wrong(format!("{path} is compared with {what}, not {value}"));
    match typed {
        Typed::Moment => {
            let at: Time = value
                .as_str()
                .ok_or_else(|| needs("a moment"))?
                .parse()
                .map_err(|_| needs("a moment like 2026-03-13T10:00:00+08:00"))?;
            Ok(json!(at.millis()))
        }
        Typed::Whole => value.as_i64().map(Value::from).ok_or_else(|| needs("a whole number")),
        Typed::Word => value.as_str().map(Value::from).ok_or_else(|| needs("a text")),
        Typed::Field(field_type, values) => match field_type {
            FieldType::Int | FieldType::Money | FieldType::Decimal => {
                value.is_number().then(|| value.clone()).ok_or_else(|| needs("a number"))
            }
            FieldType::Bool => value.is_boolean().then(|| value.clone()).ok_or_else(|| needs("true or false")),
            FieldType::Datetime => {
                let at: Time = value
                    .as_str()
                    .ok_or_else(|| needs("a moment"))?
                    .parse()
                    .map_err(|_| needs("a moment like 2026-03-13T10:00:00+08:00"))?;
                Ok(json!(at))
            }
            FieldType::Enum | FieldType::EnumList => {
                let word = value.as_str().ok_or_else(|| needs("a text"))?;
                if values.iter().any(|known| known == word) {
                    Ok(value.clone())
                } else {
                    Err(wrong(format!("{path}: {word:?} is not one of {}", values.join(" "))))
                }
            }
            FieldType::Phone => {
                let text = value.as_str().ok_or_else(|| needs("a text"))?;
                Ok(json!(crate::model::format::phone::normalize(text).unwrap_or_else(|_| text.to_owned())))
            }
            FieldType::Email => value.as_str().map(|text| json!(text.to_lowercase())).ok_or_else(|| needs("a text")),
            _ => value.as_str().map(Value::from).ok_or_else(|| needs("a text")),
        },
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
