//! Settings of an organisation; settings.json describes each for the people who set it.

use marque_sdk::Value;
use serde::Deserialize;

/// See settings.json.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How customers are reminded, kind by kind.
    reminders: Vec<Way>,
    /// Kinds that count as marketing besides those that always do.
    pub marketing: Vec<String>,
    /// What is due within so many days of each other is said in one call.
    pub bundle_days: i64,
    /// A reminder nobody acted on lapses after so many days.
    pub lapse_days: i64,
    /// From the delivery to the first service.
    pub first_months: i64,
    /// The same by distance.
    pub first_km: i64,
    /// From one service to the next.
    pub service_months: i64,
    /// The same by distance.
    pub service_km: i64,
    /// What the model is driven a day where nobody knows better.
    pub model_km_day: i64,
    /// Two readings closer together than this say little about use.
    pub reading_days: i64,
    /// Inspections, in months after the delivery.
    pub inspection_months: Vec<i64>,
    /// Kinds of work orders that are services.
    pub service_jobs: Vec<String>,
    /// Calls are made from this minute of the day.
    pub call_from: i64,
    /// Until this one.
    pub call_to: i64,
    /// Attempts before a customer counts as not reached.
    pub tries: i64,
    /// In so many parts of the day.
    pub try_parts: i64,
    /// Within so many days in a row.
    pub try_days: i64,
    /// From this score down somebody looks into it.
    pub alert_score: i64,
    /// After this somebody is told that no complaint was opened.
    pub alert_within: String,
    /// By which channel messages go.
    pub channel: String,
    /// Who asked for an appointment on the page is called within this.
    pub booked_within: String,
    /// Share of a caller's month that is inspected, in percent.
    pub check_percent: i64,
    /// At least so many.
    pub check_least: i64,
}

/// How customers are reminded of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// `regular_service`.
    pub kind: String,
    /// Days before (negative) and after the day it is due.
    pub touches: Vec<i64>,
    /// `call`, `message` or `both`.
    pub way: String,
    /// Who calls, first found.
    pub roles: Vec<String>,
}

const SCHEMA: &str = include_str!("../settings.json");

impl Settings {
    /// The way of a kind. One that a dealer has left out of the list keeps the way it comes with.
    pub fn way(&self, kind: &str) -> Way {
        let find = |ways: &[Way]| ways.iter().find(|way| way.kind == kind).cloned();
        find(&self.reminders).or_else(|| find(&shipped())).unwrap_or_else(|| Way {
            kind: kind.into(),
            touches: vec![0],
            way: "call".into(),
            roles: vec!["crm_officer".into()],
        })
    }
}

fn shipped() -> Vec<Way> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    Vec::<Way>::deserialize(&schema["properties"]["reminders"]["default"]).unwrap_or_default()
}

#[cfg(test)]
pub mod unit {
    use super::*;
    use marque_sdk::{json, testing};

    /// The defaults as the host fills them in.
    pub fn defaults() -> Settings {
        Settings::deserialize(testing::defaults(SCHEMA)).unwrap()
    }

    #[test]
    fn a_kind_left_out_keeps_the_way_it_comes_with() {
        let mut settings = testing::defaults(SCHEMA);
        settings["reminders"] = json!([{ "kind": "renewal", "touches": [-40], "way": "message", "roles": ["gm"] }]);
        let settings = Settings::deserialize(settings).unwrap();
        assert_eq!(settings.way("renewal").touches, [-40]);
        assert_eq!(settings.way("regular_service").touches, [-14, -3, 15]);
        assert_eq!(defaults().way("renewal").touches, [-90, -60, -30, -7]);
    }
}
