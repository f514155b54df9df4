//! Texts that are stored, such as an alarm's title: the same ones the console shows.

use marque_sdk::Value;

/// The text of a key in a language; Chinese unless English is asked for.
pub fn text(locale: &str, key: &str) -> String {
    let source =
        if locale.starts_with("en") { include_str!("../texts/en.json") } else { include_str!("../texts/zh-CN.json") };
    let texts: Value = serde_json::from_str(source).unwrap_or_default();
    texts.get(key).and_then(Value::as_str).unwrap_or(key).to_owned()
}
