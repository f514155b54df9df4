//! What a computed field's script answers: a value, or `#{ value, reasons, next_at }`.

use serde_json::{Map, Value};

use crate::model::{Field, Time, validate};

/// Reasons kept of an answer, and the length of each.
const MAX_REASONS: usize = 20;
const MAX_REASON_CHARS: usize = 300;

/// An answer that fits its field.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// In normal form; `None` for no value.
    pub value: Option<Value>,
    /// Why, in the script's words.
    pub reasons: Vec<String>,
    /// When it wants to be asked again.
    pub next_at: Option<Time>,
}

impl Answered {
    /// Read an answer, or say what is wrong with it. Values stay out of the text: it goes to logs and events.
    pub fn read(name: &str, field: &Field, said: Value) -> Result<Answered, String> {
        let mut said = match said {
            Value::Object(said) => said,
            plain => Map::from_iter([("value".to_owned(), plain)]),
        };
        let value = said.remove("value").ok_or("the answer is a map without `value`")?;
        let reasons = reasons(said.remove("reasons").unwrap_or(Value::Null))?;
        let next_at = match said.remove("next_at").unwrap_or(Value::Null) {
            Value::Null => None,
            Value::String(text) => {
                Some(text.parse::<Time>().map_err(|_| "next_at is no moment like add_days(NOW, 1)")?)
            }
            _ => return Err("next_at is no moment like add_days(NOW, 1)".into()),
        };
        if let Some(unknown) = said.keys().next() {
            let shown: String = unknown.chars().take(40).collect();
            return Err(format!("the answer has {shown:?}; a map holds value, reasons and next_at"));
        }
        let value = validate::computed(name, field, &value)
            .map_err(|wrong| format!("the answer does not fit the field ({})", wrong.code))?;
        Ok(Answered { value, reasons, next_at })
    }
}

fn reasons(said: Value) -> Result<Vec<String>, String> {
    let said = match said {
        Value::Null => Vec::new(),
        Value::Array(said) => said,
        one => vec![one],
    };
    let text = |reason: &Value| {
        let text = reason.as_str().ok_or("reasons are texts")?;
        Ok(text.chars().take(MAX_REASON_CHARS).collect())
    };
    said.iter().take(MAX_REASONS).map(text).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(said: Value) -> Result<Answered, String> {
        let field =
            json!({ "type": "computed", "label": "Score", "as": "int", "max": 100, "script": "computed/x.score" });
        Answered::read("score", &serde_json::from_value(field).expect("a field"), said)
    }

    #[test]
    fn a_plain_value_and_a_map_are_answers() {
        assert_eq!(read(json!(7)).expect("fits").value, Some(json!(7)));
        assert_eq!(read(json!(null)).expect("fits").value, None);
        let full =
            read(json!({ "value": 8, "reasons": ["often"], "next_at": "2026-03-14T00:00:00+08:00" })).expect("fits");
        assert_eq!((full.value, full.reasons), (Some(json!(8)), vec!["often".to_owned()]));
        assert_eq!(full.next_at.map(|at| at.to_string()).as_deref(), Some("2026-03-13T16:00:00.000Z"));
    }

    #[test]
    fn what_does_not_fit_is_told_without_the_value() {
        for (said, word) in [
            (json!("secret"), "does not fit the field (wrong_type)"),
            (json!(7.5), "does not fit"),
            (json!(101), "too_large"),
            (json!({ "reasons": [] }), "without `value`"),
            (json!({ "value": 1, "nextat": null }), "nextat"),
            (json!({ "value": 1, "next_at": "soon" }), "next_at"),
            (json!({ "value": 1, "reasons": [1] }), "reasons"),
        ] {
            let wrong = read(said).expect_err("refused");
            assert!(wrong.contains(word) && !wrong.contains("secret"), "{wrong}");
        }
    }
}
