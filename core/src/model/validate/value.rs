//! One value against its field: type, limits, membership, normal form.

use serde_json::{Map, Number, Value};

use crate::{
    error::FieldError,
    model::{
        Field, FieldType, Id, Time,
        format::{FormatError, date, email, id_no, name, phone, plate, uscc, vin},
    },
};

/// Whole numbers that JavaScript and spreadsheets keep exactly: ±2⁵³.
const MAX_WHOLE: i64 = 1 << 53;
const MAX_TEXT_CHARS: usize = 500;
const MAX_LONG_TEXT_CHARS: usize = 20_000;
const MAX_URL_CHARS: usize = 2_000;
const MAX_REFS: usize = 1_000;
/// A `json` field is for settings and forms, not for files.
const MAX_JSON_BYTES: usize = 64 << 10;

/// The value that a patch leaves in a field: JSON objects are merged level by level unless the field is `whole`, everything
/// else is replaced.
pub(super) fn merged(field: &Field, old: &Value, given: &Value) -> Value {
    if field.r#type == FieldType::Json && !field.whole { merge(old, given) } else { given.clone() }
}

/// RFC 7396, the whole of it.
fn merge(old: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut merged = old.as_object().cloned().unwrap_or_else(Map::new);
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(key);
        } else {
            let old = merged.get(key).unwrap_or(&Value::Null);
            let value = merge(old, value);
            merged.insert(key.clone(), value);
        }
    }
    Value::Object(merged)
}

/// The normal form of a value; `None` when it says nothing: `null`, an empty text or list.
///
/// A text field called `name` holds a name and has its normal form; the number of a document other than an identity card
/// (`id_type`) is any short text.
pub(super) fn normal(
    name: &str,
    field: &Field,
    value: &Value,
    id_type: Option<&str>,
) -> Result<Option<Value>, FieldError> {
    let value = match value {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::Array(items) if items.is_empty() && field.r#type != FieldType::Json => return Ok(None),
        value => value,
    };
    let text = || value.as_str().ok_or_else(|| wrong_type(name, value, "a text"));
    let formatted = |result: Result<String, FormatError>| {
        result.map(Value::String).map_err(|error| FieldError::field(name, error.code, error.message))
    };
    use FieldType as T;
    match field.r#type {
        T::Text if name == "name" => formatted(name::normalize(text()?)).and_then(|value| fits(name, field, value)),
        T::Text => line(name, field, text()?),
        T::LongText => lines(name, field, text()?),
        T::Int | T::Money => whole(name, field, value),
        T::Decimal => decimal(name, field, value),
        T::Bool => value.as_bool().map(Value::Bool).ok_or_else(|| wrong_type(name, value, "true or false")),
        T::Date => formatted(date::normalize(text()?)),
        T::Datetime => moment(name, text()?),
        T::Enum => member(name, field, value),
        T::EnumList => list(name, value, usize::MAX, |item| member(name, field, item)),
        T::Ref | T::File => reference(name, field, value),
        T::RefList => list(name, value, MAX_REFS, |item| reference(name, field, item)),
        T::Phone => formatted(phone::normalize(text()?)),
        T::Email => formatted(email::normalize(text()?)),
        T::Plate => formatted(plate::normalize(text()?)),
        T::Vin => formatted(vin::normalize(text()?)),
        T::Uscc => formatted(uscc::normalize(text()?)),
        T::IdNo if id_type.is_some_and(|id_type| id_type != "id_card") => document(name, text()?),
        T::IdNo => formatted(id_no::normalize(text()?)),
        T::Url => url(name, text()?),
        T::Json => json(name, value),
    }
    .map(Some)
}

fn line(name: &str, field: &Field, text: &str) -> Result<Value, FieldError> {
    let line: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    fits(name, field, Value::String(line))
}

fn lines(name: &str, field: &Field, text: &str) -> Result<Value, FieldError> {
    let lines: String =
        text.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    fits(name, field, Value::String(lines.trim_end().to_owned()))
}

/// A text within the field's length.
fn fits(name: &str, field: &Field, value: Value) -> Result<Value, FieldError> {
    let default = if field.r#type == FieldType::LongText { MAX_LONG_TEXT_CHARS } else { MAX_TEXT_CHARS };
    let max = field.max.and_then(|max| usize::try_from(max).ok()).unwrap_or(default);
    let n_chars = value.as_str().map_or(0, |text| text.chars().count());
    if n_chars > max {
        let message = format!("{name} has {n_chars} characters: shorten it to {max}");
        return Err(FieldError::field(name, "too_long", message));
    }
    Ok(value)
}

fn whole(name: &str, field: &Field, value: &Value) -> Result<Value, FieldError> {
    // Some senders write 3 as 3.0.
    let number = value.as_i64().or_else(|| value.as_f64().filter(|n| n.fract() == 0.0).map(|n| n as i64));
    let unit = if field.r#type == FieldType::Money { "an amount in whole fen" } else { "a whole number" };
    let number = number.ok_or_else(|| wrong_type(name, value, unit))?;
    let min = field.min.unwrap_or(-MAX_WHOLE).max(-MAX_WHOLE);
    let max = field.max.unwrap_or(MAX_WHOLE).min(MAX_WHOLE);
    if number < min {
        return Err(too_small(name, value, min));
    }
    if number > max {
        return Err(too_large(name, value, max));
    }
    Ok(Value::from(number))
}

fn decimal(name: &str, field: &Field, value: &Value) -> Result<Value, FieldError> {
    let number = value.as_f64().filter(|n| n.is_finite()).ok_or_else(|| wrong_type(name, value, "a number"))?;
    if let Some(min) = field.min.filter(|min| number < *min as f64) {
        return Err(too_small(name, value, min));
    }
    if let Some(max) = field.max.filter(|max| number > *max as f64) {
        return Err(too_large(name, value, max));
    }
    Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
}

fn too_small(name: &str, value: &Value, min: i64) -> FieldError {
    FieldError::field(name, "too_small", format!("{name} is {value}: it must be at least {min}"))
}

fn too_large(name: &str, value: &Value, max: i64) -> FieldError {
    FieldError::field(name, "too_large", format!("{name} is {value}: it must be at most {max}"))
}

fn moment(name: &str, text: &str) -> Result<Value, FieldError> {
    text.trim()
        .parse::<Time>()
        .map(|time| Value::String(time.to_string()))
        .map_err(|error| FieldError::field(name, "datetime.invalid", format!("{name}: {}", error.message)))
}

fn member(name: &str, field: &Field, value: &Value) -> Result<Value, FieldError> {
    let text = value.as_str().ok_or_else(|| wrong_type(name, value, "one of its values"))?;
    if field.values.iter().any(|known| known.value == text) {
        return Ok(value.clone());
    }
    let known: Vec<&str> = field.values.iter().map(|known| known.value.as_str()).collect();
    let message = format!("{name} is {}: it must be one of {}", shown(value), known.join(", "));
    Err(FieldError::field(name, "not_in_list", message))
}

fn reference(name: &str, field: &Field, value: &Value) -> Result<Value, FieldError> {
    let to = field.to.as_deref().unwrap_or("record");
    let is_id = value.as_str().is_some_and(|text| text.parse::<Id>().is_ok());
    let message = || format!("{name} is {}: it must be the id of a {to}", shown(value));
    if is_id { Ok(value.clone()) } else { Err(FieldError::field(name, "ref.invalid", message())) }
}

/// A list with each item once, in the order given.
fn list(
    name: &str,
    value: &Value,
    max: usize,
    item: impl Fn(&Value) -> Result<Value, FieldError>,
) -> Result<Value, FieldError> {
    let items = value.as_array().ok_or_else(|| wrong_type(name, value, "a list"))?;
    if items.len() > max {
        let message = format!("{name} has {} items: it can hold {max}", items.len());
        return Err(FieldError::field(name, "too_long", message));
    }
    let mut checked = Vec::with_capacity(items.len());
    for value in items {
        let value = item(value)?;
        if !checked.contains(&value) {
            checked.push(value);
        }
    }
    Ok(Value::Array(checked))
}

/// The number of a passport or permit: letters and digits.
fn document(name: &str, text: &str) -> Result<Value, FieldError> {
    let number: String = text.trim().to_uppercase();
    let is_number =
        (4..=32).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b"-/() ".contains(&b));
    let message = || format!("{name} is not a document number: write its 4 to 32 letters and digits");
    if is_number { Ok(Value::String(number)) } else { Err(FieldError::field(name, "id_no.invalid", message())) }
}

fn url(name: &str, text: &str) -> Result<Value, FieldError> {
    let url = text.trim();
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let is_url = rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['))
        && url.chars().count() <= MAX_URL_CHARS
        && !url.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'));
    let shown: String = url.chars().take(60).collect();
    let message = || format!("{name} is {shown:?}: write an address that begins with https:// or http://");
    if is_url { Ok(Value::String(url.to_owned())) } else { Err(FieldError::field(name, "url.invalid", message())) }
}

fn json(name: &str, value: &Value) -> Result<Value, FieldError> {
    let n_bytes = value.to_string().len();
    if n_bytes > MAX_JSON_BYTES {
        let message = format!("{name} is {n_bytes} bytes of JSON: it can hold {MAX_JSON_BYTES}");
        return Err(FieldError::field(name, "too_long", message));
    }
    Ok(value.clone())
}

fn wrong_type(name: &str, value: &Value, expected: &str) -> FieldError {
    FieldError::field(name, "wrong_type", format!("{name} is {}: it must be {expected}", shown(value)))
}

/// A value as it is quoted in a message.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 60 { text.chars().take(60).chain(['…']).collect() } else { text }
}
