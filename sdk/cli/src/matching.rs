//! What was expected against what came: `"*"` is anything, `"$name"` anything that is the same everywhere.

use std::collections::BTreeMap;

use serde_json::Value;

/// What the names stand for, once they have been met.
#[derive(Debug, Default)]
pub struct Names(BTreeMap<String, Value>);

impl Names {
    /// The first place where both differ, in words.
    pub fn difference(&mut self, at: &str, expected: &Value, found: &Value) -> Option<String> {
        match (expected, found) {
            (Value::String(any), _) if any == "*" => None,
            (Value::String(name), _) if is_name(name) => self.same(at, name, found),
            (Value::Object(left), Value::Object(right)) => {
                let missing =
                    left.keys().find(|key| !right.contains_key(*key)).map(|key| format!("{at}/{key}: is missing"));
                let extra = || {
                    right.keys().find(|key| !left.contains_key(*key)).map(|key| format!("{at}/{key}: was not expected"))
                };
                missing.or_else(extra).or_else(|| {
                    left.iter().find_map(|(key, value)| self.difference(&format!("{at}/{key}"), value, &right[key]))
                })
            }
            (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
                let mut pairs = left.iter().zip(right).enumerate();
                pairs.find_map(|(n, (left, right))| self.difference(&format!("{at}/{n}"), left, right))
            }
            (Value::Array(left), Value::Array(right)) => {
                Some(format!("{at}: {} were expected, {} came", left.len(), right.len()))
            }
            _ if expected == found => None,
            _ => Some(format!("{at}: {expected} was expected, {found} came")),
        }
    }

    fn same(&mut self, at: &str, name: &str, found: &Value) -> Option<String> {
        let before = self.0.entry(name.to_owned()).or_insert_with(|| found.clone());
        (before != found).then(|| format!("{at}: {name} was {before} before, now it is {found}"))
    }
}

fn is_name(text: &str) -> bool {
    let name = text.strip_prefix('$').unwrap_or_default();
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn difference(expected: Value, found: Value) -> Option<String> {
        Names::default().difference("", &expected, &found)
    }

    #[test]
    fn stars_match_anything_and_names_the_same_thing() {
        let found = json!([{ "id": "a1", "n": 1 }, { "case": "a1" }]);
        assert_eq!(difference(json!([{ "id": "$case", "n": "*" }, { "case": "$case" }]), found.clone()), None);
        let wrong = difference(json!([{ "id": "$case", "n": "$case" }, "*"]), found).unwrap();
        assert_eq!(wrong, "/0/n: $case was \"a1\" before, now it is 1");
    }

    #[test]
    fn the_first_difference_is_named_by_its_place() {
        assert_eq!(difference(json!({ "a": [1, 2] }), json!({ "a": [1, 3] })).unwrap(), "/a/1: 2 was expected, 3 came");
        assert_eq!(difference(json!({ "a": [] }), json!({ "a": [1] })).unwrap(), "/a: 0 were expected, 1 came");
        assert_eq!(difference(json!({}), json!({ "b": 1 })).unwrap(), "/b: was not expected");
        assert_eq!(difference(json!({ "b": 1 }), json!({})).unwrap(), "/b: is missing");
    }
}
