//! Reading a filter: every field, operator and operand checked against the kind.

use serde_json::{Map, Value, json};

use super::{Context, Filter, Op, Operand, SYSTEM, Step};
use crate::{
    Error, Result,
    model::{FieldType, Id, Kind, Time},
};

pub(super) fn wrong(message: impl Into<String>) -> Error {
    Error::invalid("filter", message)
}

pub(super) fn object(kind: &Kind, tests: &Map<String, Value>, context: &Context<'_>) -> Result<Filter> {
    let filters = tests
        .iter()
        .map(|(name, value)| match name.as_str() {
            "and" => Ok(Filter::All(list_of(kind, name, value, context)?)),
            "or" => Ok(Filter::Any(list_of(kind, name, value, context)?)),
            "not" => Ok(Filter::Not(Box::new(Filter::parse(kind, value, context)?))),
            "$segment" => segment(value).map(Filter::Segment),
            path => tests_of(kind, path, value, context),
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(match <[Filter; 1]>::try_from(filters) {
        Ok([only]) => only,
        Err(filters) => Filter::All(filters),
    })
}

fn segment(value: &Value) -> Result<Id> {
    let id = value.as_str().and_then(|id| id.parse().ok());
    id.ok_or_else(|| wrong(format!("$segment needs the id of a segment, not {value}")))
}

fn list_of(kind: &Kind, name: &str, value: &Value, context: &Context<'_>) -> Result<Vec<Filter>> {
    let list = value.as_array().ok_or_else(|| wrong(format!("{name:?} needs a list of filters, not {value}")))?;
    list.iter().map(|filter| Filter::parse(kind, filter, context)).collect()
}

fn tests_of(kind: &Kind, path: &str, value: &Value, context: &Context<'_>) -> Result<Filter> {
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
    let filters = operators.iter().map(|(name, value)| {
        fits(path, &last, name)?;
        let (op, operands) = match name.as_str() {
            "eq" | "ne" if value.is_null() => (Op::Empty, Vec::new()),
            "empty" if value.is_boolean() => (Op::Empty, Vec::new()),
            "empty" => return Err(wrong(format!("{path}: \"empty\" needs true or false, not {value}"))),
            name => {
                let op = operator(path, name)?;
                (op, operands_of(path, name, op, value, &last, operand)?)
            }
        };
        let is_turned = op == Op::Empty && (name == "ne" || value == &Value::Bool(false));
        Ok(if is_turned { Filter::Not(Box::new(test(op, operands))) } else { test(op, operands) })
    });
    filters.collect::<Result<Vec<_>>>().map(Filter::All)
}

fn operator(path: &str, name: &str) -> Result<Op> {
    Ok(match name {
        "eq" => Op::Eq,
        "ne" => Op::Ne,
        "lt" => Op::Lt,
        "lte" => Op::Lte,
        "gt" => Op::Gt,
        "gte" => Op::Gte,
        "in" => Op::In,
        "nin" => Op::Nin,
        "between" => Op::Between,
        "contains" => Op::Contains,
        "starts" => Op::Starts,
        other => {
            return Err(wrong(format!(
                "{path}: {other:?} is not an operator; use eq ne in nin lt lte gt gte between contains starts empty"
            )));
        }
    })
}

fn operands_of(
    path: &str,
    name: &str,
    op: Op,
    value: &Value,
    typed: &Typed,
    operand: impl Fn(&Value) -> Result<Operand>,
) -> Result<Vec<Operand>> {
    match op {
        Op::In | Op::Nin | Op::Between => {
            let values =
                value.as_array().ok_or_else(|| wrong(format!("{path}: {name:?} needs a list, not {value}")))?;
            if op == Op::Between && values.len() != 2 {
                return Err(wrong(format!("{path}: \"between\" needs two values, not {}", values.len())));
            }
            values.iter().map(operand).collect()
        }
        Op::Contains | Op::Starts => {
            let text = value.as_str().ok_or_else(|| wrong(format!("{path}: {name:?} needs a text, not {value}")))?;
            Ok(vec![Operand::Value(json!(as_stored(typed, op, text)))])
        }
        _ => Ok(vec![operand(value)?]),
    }
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
