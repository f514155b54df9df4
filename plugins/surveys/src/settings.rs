//! Settings of an organisation; settings.json describes each for the people who set it.

use serde::Deserialize;

/// See settings.json.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Complete pilot answers before a questionnaire is published.
    pub pilot_answers: u64,
    /// Nobody is surveyed twice within so many days.
    pub blackout_days: i64,
    /// Precision of samples, in tenths of a percent.
    pub margin_permille: u64,
    /// After this an invitation is repeated once.
    pub reminder: String,
    /// After this it is over.
    pub expiry: String,
    /// By which channel invitations go.
    pub channel: String,
    /// So many calls without answer are enough.
    pub call_tries: i64,
    /// From this score down somebody looks into it.
    pub alert_score: u64,
    /// From this recommendation down.
    pub alert_nps: u64,
    /// After this somebody is told that no complaint was opened.
    pub alert_within: String,
    /// Share of a caller's answers that are inspected, in percent.
    pub inspect_percent: u64,
    /// The same of new callers.
    pub inspect_new_percent: u64,
    /// At least so many.
    pub inspect_least: u64,
    /// New are callers of fewer days.
    pub new_caller_days: i64,
    /// Discrepancies above this share double the sample, in percent.
    pub discrepancy_percent: u64,
    /// Fewer answers are a small base.
    pub small_base: u64,
    /// Fewer answers say nothing about a person.
    pub least_of_person: u64,
    /// Fewer answers say nothing about colleagues.
    pub least_of_employees: u64,
    /// Under this share of 9 and 10 something is weak, in percent.
    pub weak_percent: u64,
    /// Losing so many points of the share is weak too.
    pub falling_points: u64,
    /// An action plan's owner is reminded so long before it is due.
    pub plan_reminder_days: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_fills_every_setting() {
        let defaults = marque_sdk::testing::defaults(include_str!("../settings.json"));
        let settings: Settings = serde_json::from_value(defaults).unwrap();
        assert_eq!((settings.blackout_days, settings.least_of_person, settings.pilot_answers), (90, 10, 10));
    }
}
