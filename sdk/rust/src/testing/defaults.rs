//! The settings of a plugin before anybody has set one.

use crate::{Map, Value};

/// What a settings schema gives where nothing is set, as the host fills it in.
///
/// ```
/// let schema = r#"{"type":"object","properties":{"answer":{"type":"string","default":"24h"}}}"#;
/// assert_eq!(marque_sdk::testing::defaults(schema)["answer"], "24h");
/// ```
pub fn defaults(schema: &str) -> Value {
    let schema: Value = serde_json::from_str(schema).unwrap_or_else(|error| panic!("settings.json: {error}"));
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let given = |(name, property): (String, Value)| (name, property["default"].clone());
    Value::Object(properties.into_iter().map(given).collect::<Map<_, _>>())
}
