//! Cases: `cases/*.json`, one case a file or a list of them.

use std::{fs, path::Path};

use marque::model::{Id, Time};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Given, when, then.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The fact it states.
    pub name: String,
    /// The time of the call.
    #[serde(default = "usual_now")]
    pub now: Time,
    /// The calling organisation; it is made where `given` does not hold it.
    #[serde(default = "usual_org")]
    pub org: Id,
    /// What the organisation has set; the rest is the schema's defaults.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// Records that are there before.
    #[serde(default)]
    pub given: Vec<Given>,
    /// What happens.
    pub when: When,
    /// What must come of it.
    pub then: Then,
}

/// A record that is there before. It need not be one that could be made by commands just so.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: Id,
    /// Its organisation; the calling one unless said.
    pub org: Option<Id>,
    /// Its revision, 1 unless said.
    pub rev: Option<u32>,
    /// Its fields.
    pub data: Map<String, Value>,
}

/// What happens.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum When {
    /// A person asks for something.
    Action(Asked),
    /// Somebody who is not known opens a public page, or fills it in.
    Page(Visited),
    /// The plugin hears an event.
    Event(Heard),
}

/// An action.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// `raise`.
    pub action: String,
    /// The kind it stands on.
    pub kind: String,
    /// The record it is done to.
    pub target: Option<Id>,
    /// Its input.
    #[serde(default = "nothing")]
    pub input: Value,
    /// Who asks.
    #[serde(default)]
    pub actor: Person,
}

/// A visit to a public page.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visited {
    /// `complain`.
    pub page: String,
    /// The record of the link.
    pub target: Option<Id>,
    /// What the page drawn before gave along.
    #[serde(default)]
    pub carry: Value,
    /// `ref` and `about` of the address.
    #[serde(default)]
    pub query: Map<String, Value>,
    /// What is filled in, by the names of the fields; the page is only opened unless said.
    pub values: Option<Map<String, Value>>,
    /// The button that is pressed.
    pub button: Option<String>,
}

/// An event.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heard {
    /// As the plugin hears it.
    pub event: HeardEvent,
}

/// An event as the plugin hears it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeardEvent {
    /// `timer.fired`.
    pub kind: String,
    /// What it is about.
    pub subject: Option<Id>,
    /// When it was committed; just now unless said.
    pub at: Option<Time>,
    /// Who caused it, `user:u1`; the server unless said.
    pub actor: Option<String>,
    /// Its data, the record it speaks of included.
    #[serde(default = "nothing")]
    pub data: Value,
}

/// Who asks.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// Their id.
    pub id: Id,
    /// Their name.
    pub name: String,
    /// Their organisation; the calling one unless said.
    pub org: Option<Id>,
    /// Role codes.
    pub roles: Vec<String>,
}

impl Default for Person {
    fn default() -> Person {
        Person { id: id("u1"), name: "测试".into(), org: None, roles: Vec::new() }
    }
}

/// What must come of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Then {
    /// Exactly these commands, in this order; none unless said.
    #[serde(default)]
    pub commands: Vec<Value>,
    /// What an action answers; anything unless said.
    pub reply: Option<Value>,
    /// How it fails, in place of both.
    pub fault: Option<Fault>,
}

/// How it fails.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Its code.
    pub code: String,
}

/// The cases of a folder with the files they are in, and every file that does not read, with why.
pub fn read(folder: &Path) -> (Vec<(String, Case)>, Vec<String>) {
    let (mut cases, mut wrong) = (Vec::new(), Vec::new());
    let Ok(entries) = fs::read_dir(folder.join("cases")) else { return (cases, wrong) };
    let mut files: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    for file in files {
        let name = format!("cases/{}", file.file_name().unwrap_or_default().to_string_lossy());
        match fs::read_to_string(&file).map_err(|error| error.to_string()).and_then(|text| parse(&text)) {
            Ok(found) => cases.extend(found.into_iter().map(|case| (name.clone(), case))),
            Err(cause) => wrong.push(format!("{name}: {cause}")),
        }
    }
    (cases, wrong)
}

/// One case or a list. Each is read by itself, so that the message names the case.
fn parse(text: &str) -> Result<Vec<Case>, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let values = match value {
        Value::Array(values) => values,
        one => vec![one],
    };
    values.into_iter().map(one).collect()
}

fn one(value: Value) -> Result<Case, String> {
    let name = value.get("name").and_then(Value::as_str).unwrap_or("a case without a name").to_owned();
    // Told apart here: the message of an untagged enum does not say which field is wrong.
    let when = value.get("when").cloned().unwrap_or(Value::Null);
    let checked = if when.get("event").is_some() {
        serde_json::from_value::<Heard>(when).map(drop)
    } else if when.get("page").is_some() {
        serde_json::from_value::<Visited>(when).map(drop)
    } else {
        serde_json::from_value::<Asked>(when).map(drop)
    };
    checked.map_err(|error| format!("{name}: when: {error}"))?;
    serde_json::from_value(value).map_err(|error| format!("{name}: {error}"))
}

fn usual_now() -> Time {
    // 2026-03-13 10:00 in Shanghai, a Friday.
    Time::from_millis(1_773_367_200_000)
}

fn usual_org() -> Id {
    id("d1")
}

fn nothing() -> Value {
    json!({})
}

fn id(text: &str) -> Id {
    text.parse().expect("the text is an id")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_one_case_or_a_list() {
        let case = r#"{ "name": "n", "when": { "event": { "kind": "customer.created" } }, "then": {} }"#;
        assert_eq!(parse(case).unwrap().len(), 1);
        let both = parse(&format!("[{case}, {case}]")).unwrap();
        assert_eq!((both.len(), both[1].org.as_str()), (2, "d1"));
        assert_eq!(both[0].now.to_string(), "2026-03-13T02:00:00.000Z");
    }

    #[test]
    fn a_wrong_case_is_named_with_what_is_wrong() {
        let wrong = parse(r#"{ "name": "late", "when": { "action": "send" }, "then": {} }"#).unwrap_err();
        assert_eq!(wrong, "late: when: missing field `kind`");
        let wrong = parse(r#"{ "name": "late", "when": { "page": "p", "value": {} }, "then": {} }"#).unwrap_err();
        assert!(wrong.starts_with("late: when: unknown field `value`"), "{wrong}");
        let wrong =
            parse(r#"{ "name": "late", "when": { "event": { "kind": "x" } }, "then": {}, "gives": [] }"#).unwrap_err();
        assert!(wrong.starts_with("late: unknown field `gives`"), "{wrong}");
    }
}
