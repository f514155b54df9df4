//! Inputs and outputs of points against their JSON Schemas, compiled once for each installed plugin.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock, Weak},
};

use jsonschema::Validator;
use serde_json::Value;

use crate::{
    catalogue::{Plugin, Point},
    model::calendar::Span,
};

/// At most this many wrong places are named.
const MAX_ERRORS: usize = 5;

/// Compiled schemas by point.
#[derive(Default)]
pub(super) struct Schemas {
    known: RwLock<HashMap<String, Known>>,
}

struct Known {
    /// The plugin they were compiled from; another one of the same name is another plugin.
    plugin: Weak<Plugin>,
    schemas: Arc<PointSchemas>,
}

/// The two schemas of a point.
pub(super) struct PointSchemas {
    input: Validator,
    output: Validator,
}

impl Schemas {
    /// The schemas of a point of a plugin.
    ///
    /// # Errors
    /// When a schema is none.
    pub fn of(&self, plugin: &Arc<Plugin>, name: &str, point: &Point) -> Result<Arc<PointSchemas>, String> {
        let plugin = Arc::downgrade(plugin);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(name).filter(|known| known.plugin.ptr_eq(&plugin)) {
            return Ok(known.schemas.clone());
        }
        drop(known);
        let schemas = Arc::new(PointSchemas {
            input: compile("input", &point.input)?,
            output: compile("output", &point.output)?,
        });
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(name.to_owned(), Known { plugin, schemas: schemas.clone() });
        Ok(schemas)
    }
}

impl PointSchemas {
    /// What is wrong with an input, if anything.
    pub fn input(&self, value: &Value) -> Result<(), String> {
        explain(&self.input, value)
    }

    /// What is wrong with an output, if anything. An output is an object whatever its schema says: fields combine one by one.
    pub fn output(&self, value: &Value) -> Result<(), String> {
        if !value.is_object() {
            return Err("the answer is not a map".into());
        }
        explain(&self.output, value)
    }
}

fn compile(side: &str, schema: &Value) -> Result<Validator, String> {
    jsonschema::options()
        .with_format("span", |text| text.parse::<Span>().is_ok())
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| format!("the {side} schema is wrong: {}", error.masked()))
}

/// Values stay out of the text: an input may hold personal data, and the text goes to logs and receipts.
fn explain(validator: &Validator, value: &Value) -> Result<(), String> {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .take(MAX_ERRORS)
        .map(|error| match error.instance_path().as_str() {
            "" => error.masked_with("it").to_string(),
            path => format!("{path}: {}", error.masked_with("it")),
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("; ")) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_error_names_the_place_and_not_the_value() {
        let schema = compile("input", &json!({ "properties": { "phone": { "type": "integer" } } })).expect("a schema");
        let error = explain(&schema, &json!({ "phone": "13800001234" })).expect_err("wrong");
        assert!(error.contains("/phone") && !error.contains("13800001234"), "{error}");
    }

    #[test]
    fn a_schema_cannot_reach_out() {
        let error = compile("input", &json!({ "$ref": "file:///etc/passwd" })).map(drop).expect_err("refused");
        assert!(error.starts_with("the input schema is wrong"), "{error}");
    }

    #[test]
    fn an_output_is_an_object() {
        let schemas = PointSchemas {
            input: compile("input", &json!({})).expect("a schema"),
            output: compile("output", &json!({})).expect("a schema"),
        };
        assert!(schemas.output(&json!({})).is_ok());
        assert!(schemas.output(&json!("high")).is_err());
    }
}
