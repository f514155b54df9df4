//! How the answers of several owners become one: field by field, nearest first.

use std::{cmp::Ordering, collections::BTreeMap};

use serde_json::{Map, Value};

use crate::{catalogue::plugin::Combine, model::Time};

/// Words that say why, in a point's output. They follow the answers that won, whoever gave them.
pub(super) const REASONS: &str = "reasons";

/// What is needed to compare answers.
pub(super) struct Combiner<'a> {
    /// How, output field by output field; the others are the nearest owner's.
    pub how: &'a BTreeMap<String, Combine>,
    /// The point's output schema, for the order of enumerations.
    pub schema: &'a Value,
    /// The moment a span ends, counted from the decision in the organisation's calendar. Two spans compare by that:
    /// whether 8 business hours are longer than a day depends on when one asks.
    pub ends: &'a dyn Fn(&str) -> Option<Time>,
}

impl Combiner<'_> {
    /// One answer of several, nearest owner first.
    pub fn combine(&self, outputs: &[&Map<String, Value>]) -> Map<String, Value> {
        let Some((nearest, _)) = outputs.split_first() else {
            return Map::new();
        };
        let mut combined = (*nearest).clone();
        let mut winners = vec![0];
        for (field, how) in self.how {
            let best = outputs
                .iter()
                .enumerate()
                .filter_map(|(index, output)| {
                    Some((index, output.get(field.as_str()).filter(|value| !value.is_null())?))
                })
                .reduce(|near, far| if self.wins(field, *how, far.1, near.1) { far } else { near });
            if let Some((index, value)) = best {
                combined.insert(field.clone(), value.clone());
                winners.push(index);
            }
        }
        winners.sort_unstable();
        winners.dedup();
        if combined.contains_key(REASONS) && !self.how.contains_key(REASONS) {
            combined.insert(REASONS.into(), reasons(winners.iter().map(|index| outputs[*index])).into());
        }
        combined
    }

    /// Whether the answer from further up replaces the nearer one. On a tie, and where there is no order, the nearer stays.
    fn wins(&self, field: &str, how: Combine, far: &Value, near: &Value) -> bool {
        match how {
            Combine::Replace => false,
            Combine::Max => self.compare(field, far, near) == Some(Ordering::Greater),
            Combine::Min => self.compare(field, far, near) == Some(Ordering::Less),
        }
    }

    fn compare(&self, field: &str, a: &Value, b: &Value) -> Option<Ordering> {
        let schema = &self.schema["properties"][field];
        if let Some(values) = schema["enum"].as_array() {
            let rank = |value| values.iter().position(|known| known == value);
            return rank(a)?.partial_cmp(&rank(b)?);
        }
        match (a, b) {
            (Value::String(a), Value::String(b)) if schema["format"] == "span" => {
                (self.ends)(a)?.partial_cmp(&(self.ends)(b)?)
            }
            (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
                (Some(a), Some(b)) => a.partial_cmp(&b),
                _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
            },
            (Value::Bool(a), Value::Bool(b)) => a.partial_cmp(b),
            _ => None,
        }
    }
}

/// The reasons of some answers, each once.
pub(super) fn reasons<'a>(outputs: impl Iterator<Item = &'a Map<String, Value>>) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for reason in outputs.filter_map(|output| output.get(REASONS)?.as_array()).flatten().filter_map(Value::as_str) {
        if !reasons.iter().any(|known| known == reason) {
            reasons.push(reason.to_owned());
        }
    }
    reasons
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Combines answers of a point like `complaint.level`; spans end after as many minutes as their number says.
    fn combined(outputs: &[Value]) -> Value {
        let how =
            [("level", Combine::Max), ("response", Combine::Min), ("fund", Combine::Max), ("strict", Combine::Max)];
        let schema = json!({ "properties": {
            "level": { "type": "string", "enum": ["general", "important", "urgent"] },
            "response": { "type": "string", "format": "span" },
            "fund": { "type": "number" },
        }});
        let combiner = Combiner {
            how: &how.into_iter().map(|(field, how)| (field.to_owned(), how)).collect(),
            schema: &schema,
            ends: &|span| span.trim_end_matches('m').parse().ok().map(Time::from_millis),
        };
        let outputs: Vec<_> = outputs.iter().map(|output| output.as_object().expect("an object")).collect();
        Value::Object(combiner.combine(&outputs))
    }

    #[test]
    fn enumerations_compare_by_their_order_in_the_schema() {
        assert_eq!(combined(&[json!({ "level": "general" }), json!({ "level": "urgent" })])["level"], "urgent");
        assert_eq!(combined(&[json!({ "level": "urgent" }), json!({ "level": "important" })])["level"], "urgent");
    }

    #[test]
    fn spans_compare_by_when_they_end() {
        assert_eq!(combined(&[json!({ "response": "90m" }), json!({ "response": "120m" })])["response"], "90m");
        assert_eq!(combined(&[json!({ "response": "120m" }), json!({ "response": "90m" })])["response"], "90m");
    }

    #[test]
    fn numbers_compare_as_numbers() {
        assert_eq!(combined(&[json!({ "fund": 9 }), json!({ "fund": 10.5 })])["fund"], 10.5);
        let huge = [json!({ "fund": 9_007_199_254_740_993_i64 }), json!({ "fund": 9_007_199_254_740_992_i64 })];
        assert_eq!(combined(&huge)["fund"], 9_007_199_254_740_993_i64);
    }

    #[test]
    fn truth_is_greater_than_falsehood() {
        assert_eq!(combined(&[json!({ "strict": false }), json!({ "strict": true })])["strict"], true);
    }

    #[test]
    fn a_missing_answer_gives_way_to_one_that_is_there() {
        assert_eq!(combined(&[json!({}), json!({ "response": "90m" })])["response"], "90m");
        assert_eq!(combined(&[json!({ "response": "90m" }), json!({ "response": null })])["response"], "90m");
    }

    #[test]
    fn fields_without_a_rule_are_the_nearest_owners() {
        assert_eq!(
            combined(&[json!({ "note": "ours" }), json!({ "note": "theirs", "more": 1 })]),
            json!({ "note": "ours" })
        );
    }

    #[test]
    fn reasons_follow_the_answers_that_won() {
        let dealer = json!({ "level": "general", "response": "30m", "reasons": ["regular customer"] });
        let builtin = json!({ "level": "urgent", "response": "90m", "reasons": ["smoke", "regular customer"] });
        assert_eq!(combined(&[dealer.clone(), builtin])["reasons"], json!(["regular customer", "smoke"]));
        let lenient = json!({ "level": "general", "response": "90m", "reasons": ["nothing special"] });
        assert_eq!(combined(&[dealer, lenient])["reasons"], json!(["regular customer"]));
    }

    #[test]
    fn what_has_no_order_stays_the_nearest_owners() {
        assert_eq!(combined(&[json!({ "level": "odd" }), json!({ "level": "urgent" })])["level"], "odd");
        assert_eq!(combined(&[json!({ "fund": "much" }), json!({ "fund": 3 })])["fund"], "much");
    }
}
