//! Settings of an organisation: levels, limits, who gets leads. The defaults are those of settings.json.

use serde::{Deserialize, Serialize};

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Levels of intent, the hottest first.
    pub levels: Vec<Level>,
    /// From the lead to its first contact.
    pub first_contact: String,
    /// From the lead to the word to the manager.
    pub alert: String,
    /// From the lead to taking it back.
    pub reclaim: String,
    /// From the lead to the word to headquarters.
    pub hq_alarm: String,
    /// How long somebody from whom a lead was taken may not have it back.
    pub bar: String,
    /// How often a lead is given to somebody else by itself.
    pub most_reassigned: i64,
    /// From an attempt that nobody answered to the next.
    pub next_try: String,
    /// From the first contact to the decision whether the lead is valid.
    pub valid: String,
    /// Days in which a new enquiry is linked to one that has ended.
    pub link_days: i64,
    /// Who gets leads.
    pub routed_roles: Vec<String>,
    /// Who decides, first found.
    pub manager_roles: Vec<String>,
    /// Whether customers are told that their enquiry has come.
    pub acknowledge: bool,
    /// What they are told.
    pub acknowledgement: String,
    /// Leads somebody may take from the pool in a day.
    pub claims_a_day: i64,
    /// Attempts after which a customer is out of reach.
    pub attempts_lost: i64,
    /// On so many different days.
    pub days_lost: i64,
    /// In so many parts of the day.
    pub parts_lost: i64,
    /// Days until a customer out of reach is tried again.
    pub retry_days: i64,
    /// Attempts before a defeat is asked for.
    pub defeat_attempts: i64,
    /// On so many different days.
    pub defeat_days: i64,
    /// From asking for a defeat to its decision.
    pub defeat_review: String,
    /// The longest a lead is frozen.
    pub freeze_days: i64,
    /// Times a level may be kept past its window before it drops.
    pub most_extensions: i64,
    /// From receiving a colleague's guest to telling the colleague.
    pub notify: String,
    /// From a dispute to its decision.
    pub dispute: String,
    /// Days between two words to a customer who has ordered.
    pub progress_days: i64,
    /// Price promises above this need a manager, in fen.
    pub promise_limit: i64,
    /// Days an inbound message is kept as it came.
    pub raw_days: i64,
    /// Share of answers given too late above which a dealer gets no lead, in percent.
    pub breach_share: i64,
    /// So many cars are a big deal.
    pub big_deal_cars: i64,
    /// So much money is one, in fen.
    pub big_deal_amount: i64,
    /// From a big deal to the decision who works it.
    pub big_deal_decide: String,
}

/// A level of intent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// `H`.
    pub code: String,
    /// The customer buys within so many days.
    pub window_days: i64,
    /// So many days at most lie between two effective contacts.
    pub max_gap_days: i64,
    /// The owner is protected for so many days after an effective contact.
    pub protection_days: i64,
}

impl Settings {
    /// A level by its code.
    pub fn level(&self, code: &str) -> Option<&Level> {
        self.levels.iter().find(|level| level.code == code)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use marque_sdk::{Value, testing};

    /// The defaults as the host fills them in.
    pub fn defaults() -> Value {
        testing::defaults(include_str!("../settings.json"))
    }

    #[test]
    fn the_schema_gives_every_setting_a_default() {
        let settings = Settings::deserialize(defaults()).unwrap();
        let days: Vec<(&str, i64, i64, i64)> = settings
            .levels
            .iter()
            .map(|level| (level.code.as_str(), level.window_days, level.max_gap_days, level.protection_days))
            .collect();
        assert_eq!(days, [("H", 7, 2, 3), ("A", 15, 5, 7), ("B", 30, 10, 15), ("C", 90, 30, 30)]);
        assert_eq!(
            [&settings.first_contact, &settings.alert, &settings.reclaim, &settings.hq_alarm],
            ["30bm", "60bm", "240bm", "24h"]
        );
    }
}
