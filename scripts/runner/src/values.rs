//! JSON in, JSON out. A whole number stays one: money never becomes a float on the way.

use rhai::{Array, Dynamic, Map};
use serde_json::{Number, Value};

use crate::{exports::marque::runner::scripts::Problem, limits, problem};

/// From JSON text.
pub fn read(text: &str) -> Result<Dynamic, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    to_script(value, 0)
}

fn to_script(value: Value, depth: usize) -> Result<Dynamic, String> {
    if depth > limits::VALUE_DEPTH {
        return Err(format!("nested more than {} deep", limits::VALUE_DEPTH));
    }
    Ok(match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(flag) => flag.into(),
        Value::Number(number) => number_to_script(&number)?,
        Value::String(text) => text.into(),
        Value::Array(items) => {
            let items = items.into_iter().map(|item| to_script(item, depth + 1));
            Dynamic::from_array(items.collect::<Result<Array, String>>()?)
        }
        Value::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| Ok((key.into(), to_script(value, depth + 1)?)));
            Dynamic::from_map(entries.collect::<Result<Map, String>>()?)
        }
    })
}

fn number_to_script(number: &Number) -> Result<Dynamic, String> {
    if let Some(whole) = number.as_i64() {
        return Ok(Dynamic::from_int(whole));
    }
    if number.is_u64() {
        return Err(format!("{number} is too great for a whole number"));
    }
    number.as_f64().map(Dynamic::from_float).ok_or_else(|| format!("{number} is no number a script can hold"))
}

/// To JSON text.
pub fn write(value: Dynamic) -> Result<String, Problem> {
    let json = to_json(&value, 0);
    if json.is_err() {
        // Freeing a value that is nested too deep could exhaust the stack; the instance is dropped as a whole soon.
        std::mem::forget(value);
    }
    let text = json?.to_string();
    if text.len() > limits::ANSWER_BYTES {
        let message = format!("the answer has {} bytes: at most {} are taken", text.len(), limits::ANSWER_BYTES);
        return Err(problem::anywhere(problem::LIMIT, message));
    }
    Ok(text)
}

fn to_json(value: &Dynamic, depth: usize) -> Result<Value, Problem> {
    if depth > limits::VALUE_DEPTH {
        let message = format!("the answer is nested more than {} deep", limits::VALUE_DEPTH);
        return Err(problem::anywhere(problem::LIMIT, message));
    }
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(Value::Bool(flag));
    }
    if let Ok(whole) = value.as_int() {
        return Ok(Value::from(whole));
    }
    if let Ok(number) = value.as_float() {
        let message = || format!("the answer holds {number}, which is no number");
        return Number::from_f64(number).map(Value::Number).ok_or_else(|| problem::anywhere(problem::TYPE, message()));
    }
    if let Ok(character) = value.as_char() {
        return Ok(Value::String(character.into()));
    }
    if let Ok(text) = value.as_immutable_string_ref() {
        return Ok(Value::String(text.as_str().into()));
    }
    if let Ok(items) = value.as_array_ref() {
        return items.iter().map(|item| to_json(item, depth + 1)).collect();
    }
    if let Ok(entries) = value.as_map_ref() {
        let entries = entries.iter().map(|(key, value)| Ok((key.to_string(), to_json(value, depth + 1)?)));
        return entries.collect::<Result<_, Problem>>().map(Value::Object);
    }
    Err(problem::anywhere(problem::TYPE, format!("the answer holds a {}, which is no data", value.type_name())))
}
