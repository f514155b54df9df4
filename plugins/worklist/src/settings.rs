//! Settings of an organisation: which business is watched, and who is alarmed. The defaults are those of settings.json.

use marque_sdk::Value;
use serde::Deserialize;

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Business that must not be left alone.
    watched: Vec<Watched>,
    /// Who is alarmed, first found.
    pub alarm_roles: Vec<String>,
    /// How long an alarm may wait.
    pub alarm_span: String,
}

/// A kind that is watched.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// The kind.
    pub kind: String,
    /// Its open states.
    pub states: Vec<String>,
    /// The field that holds its state.
    #[serde(default = "state")]
    pub state_field: String,
    /// The field that names its owner.
    #[serde(default = "owner")]
    pub owner: String,
    /// The field that names its customer.
    #[serde(default = "customer")]
    pub subject: String,
}

fn state() -> String {
    "state".into()
}

fn owner() -> String {
    "owner".into()
}

fn customer() -> String {
    "customer".into()
}

/// The schema of these settings: what it watches by default is watched in any case.
const SCHEMA: &str = include_str!("../settings.json");

impl Settings {
    /// Everything that is watched. What is watched by default stays as it is: a dealer may watch more, not less.
    pub fn watched(&self) -> Vec<Watched> {
        let always = always();
        let is_own = |watched: &&Watched| always.iter().all(|kept| kept.kind != watched.kind);
        let mut watched: Vec<Watched> = self.watched.iter().filter(is_own).cloned().collect();
        watched.extend(always);
        watched
    }
}

fn always() -> Vec<Watched> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    Vec::<Watched>::deserialize(&schema["properties"]["watched"]["default"]).unwrap_or_default()
}

#[cfg(test)]
pub mod unit {
    use super::*;
    use marque_sdk::{json, testing};

    /// The defaults as the host fills them in.
    pub fn defaults() -> Value {
        testing::defaults(SCHEMA)
    }

    #[test]
    fn complaints_and_leads_are_watched_by_default() {
        let settings = Settings::deserialize(defaults()).unwrap();
        assert_eq!(settings.watched, settings.watched());
    }

    #[test]
    fn a_dealer_may_watch_more_and_not_less() {
        let mut settings = defaults();
        settings["watched"] = json!([{ "kind": "sales.deal", "states": ["open"] }, { "kind": "complaints.case", "states": ["received"] }]);
        let watched = Settings::deserialize(settings).unwrap().watched();
        assert_eq!(
            watched.iter().map(|watched| watched.kind.as_str()).collect::<Vec<_>>(),
            ["sales.deal", "complaints.case", "leads.lead", "testdrive.drive"]
        );
        assert_eq!(watched[1..], always());
        assert_eq!(watched[0].owner, "owner");
    }

    #[test]
    fn the_open_states_are_those_of_the_kind() {
        for (watched, file) in always().iter().zip([
            include_str!("../../complaints/records/complaints.case.json"),
            include_str!("../../leads/records/leads.lead.json"),
            include_str!("../../testdrive/records/testdrive.drive.json"),
        ]) {
            let kind: Value = serde_json::from_str(file).unwrap();
            assert_eq!((&kind["kind"], &kind["states"]["open"]), (&json!(watched.kind), &json!(watched.states)));
        }
    }
}
