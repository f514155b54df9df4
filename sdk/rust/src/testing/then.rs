//! What must have come of it.

use super::stand_in::StandIn;
use crate::{Fault, Outcome, Result, Value, Verdict, json};

/// What a call came to. Each check panics with what was there instead.
#[derive(Debug)]
pub struct Then {
    staged: Vec<Value>,
    logs: Vec<(u8, String)>,
    decisions: Vec<(String, Value)>,
    result: Result<(Value, Vec<Verdict>)>,
}

impl Then {
    pub(super) fn new(stand_in: StandIn, result: Result<(Value, Vec<Verdict>)>) -> Then {
        Then { staged: stand_in.staged, logs: stand_in.logs, decisions: stand_in.decisions, result }
    }

    /// Exactly these commands were staged, in this order; `"*"` stands for any value.
    #[track_caller]
    pub fn then_commands(self, expected: Value) -> Then {
        self.succeeded();
        let staged = Value::Array(self.staged.clone());
        if let Some(difference) = difference("", &expected, &staged) {
            panic!("{difference}\nstaged:   {staged:#}\nexpected: {expected:#}");
        }
        self
    }

    /// Nothing was staged.
    #[track_caller]
    pub fn then_nothing(self) -> Then {
        self.then_commands(json!([]))
    }

    /// The action answered this; `"*"` stands for any value.
    #[track_caller]
    pub fn then_reply(self, expected: Value) -> Then {
        let (reply, _) = self.succeeded();
        if let Some(difference) = difference("", &expected, reply) {
            panic!("{difference}\nreply:    {reply:#}\nexpected: {expected:#}");
        }
        self
    }

    /// The first event, or each of several, came to this.
    #[track_caller]
    pub fn then_outcome(self, expected: Outcome) -> Then {
        let (_, verdicts) = self.succeeded();
        for verdict in verdicts {
            assert_eq!(verdict.outcome, expected, "event {}: {:?}", verdict.seq, verdict.note);
        }
        self
    }

    /// It failed with this code. What was staged is dropped by the server.
    #[track_caller]
    pub fn then_fault(self, code: &str) -> Then {
        match &self.result {
            Err(fault) if fault.code == code => self,
            Err(fault) => panic!("expected a fault {code:?}, got {fault}"),
            Ok(_) => panic!("expected a fault {code:?}, but it succeeded and staged {:#}", Value::Array(self.staged)),
        }
    }

    /// The fault, for a closer look.
    pub fn fault(&self) -> Option<&Fault> {
        self.result.as_ref().err()
    }

    /// The staged commands as JSON, for a closer look.
    pub fn commands(&self) -> &[Value] {
        &self.staged
    }

    /// The log lines with their levels, 1 debug to 4 error.
    pub fn logs(&self) -> &[(u8, String)] {
        &self.logs
    }

    /// The decision points that were asked, with their inputs.
    pub fn decisions(&self) -> &[(String, Value)] {
        &self.decisions
    }

    #[track_caller]
    fn succeeded(&self) -> &(Value, Vec<Verdict>) {
        match &self.result {
            Ok(result) => result,
            Err(fault) => panic!("expected it to succeed, got {fault}; details: {:?}", fault.details),
        }
    }
}

/// The first place where both differ.
fn difference(pointer: &str, expected: &Value, found: &Value) -> Option<String> {
    match (expected, found) {
        (Value::String(any), _) if any == "*" => None,
        (Value::Object(left), Value::Object(right)) => {
            let missing = left.keys().find(|key| !right.contains_key(*key)).map(|key| (key, "is missing"));
            let extra = right.keys().find(|key| !left.contains_key(*key)).map(|key| (key, "was not expected"));
            match missing.or(extra) {
                Some((key, what)) => Some(format!("{pointer}/{key}: {what}")),
                None => {
                    left.iter().find_map(|(key, value)| difference(&format!("{pointer}/{key}"), value, &right[key]))
                }
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(n, (left, right))| difference(&format!("{pointer}/{n}"), left, right))
        }
        (Value::Array(left), Value::Array(right)) => {
            Some(format!("{pointer}: expected {} entries, found {}", left.len(), right.len()))
        }
        _ if expected == found => None,
        _ => Some(format!("{pointer}: expected {expected}, found {found}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_place() {
        let found = json!([{ "a": { "b": 1, "c": "x" } }]);
        assert_eq!(difference("", &json!([{ "a": { "b": 1, "c": "*" } }]), &found), None);
        assert_eq!(difference("", &json!([{ "a": "*" }]), &found), None);
        let at = |expected: Value| difference("", &expected, &found).unwrap();
        assert_eq!(at(json!([{ "a": { "b": 2, "c": "x" } }])), "/0/a/b: expected 2, found 1");
        assert_eq!(at(json!([{ "a": { "b": 1 } }])), "/0/a/c: was not expected");
        assert_eq!(at(json!([{ "a": { "b": 1, "c": "x", "d": null } }])), "/0/a/d: is missing");
        assert_eq!(at(json!([])), ": expected 0 entries, found 1");
    }
}
