//! Settings of an organisation: limits, amounts, thresholds. The defaults are those of settings.json.

use serde::Deserialize;

use crate::level::Level;

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    response_general: String,
    response_escalated: String,
    response_important: String,
    response_important_urgent: String,
    analysis_general: String,
    analysis_escalated: String,
    analysis_important: String,
    analysis_important_urgent: String,
    execution_general: String,
    execution_escalated: String,
    execution_important: String,
    execution_important_urgent: String,
    /// After the analysis.
    pub decision: String,
    /// After execution.
    pub verify: String,
    /// After closing.
    pub archive: String,
    /// A dealer's own limit for the legal notice; the law's holds where it is shorter.
    pub legal: String,
    /// The first word to somebody who posted in public: that it was seen.
    pub first_answer: String,
    /// Contact with somebody who posted in public.
    pub contact: String,
    /// The public answer.
    pub answer: String,
    /// The abuse check of a post on our own page.
    pub forum_check: String,
    /// So long after the answer a post is settled when its author says nothing more.
    pub forum_silence: String,
    /// Share of a limit after which its owner is reminded.
    pub warn_percent: i64,
    /// What a handler may approve, in fen.
    pub approve_advisor: i64,
    /// What a manager may approve.
    pub approve_manager: i64,
    /// What the general manager may approve.
    pub approve_gm: i64,
    /// From the n-th complaint on one matter it is escalated.
    pub repeat_threshold: u64,
    /// So many calls without answer close a case.
    pub verify_tries: i64,
    /// Whether a manager closes after a good answer.
    pub manager_closes: bool,
    /// Sanbao runs so many years, and …
    pub sanbao_years: i64,
    /// … so many kilometres, whichever ends first; the law's least, or what the maker promises beyond.
    pub sanbao_km: i64,
    /// Whether the customer is asked by message too, with a link that holds once.
    pub asks_by_message: bool,
}

impl Settings {
    /// From receipt to acceptance.
    pub fn response(&self, level: Level) -> &str {
        match level {
            Level::General => &self.response_general,
            Level::Escalated => &self.response_escalated,
            Level::Important => &self.response_important,
            Level::ImportantUrgent => &self.response_important_urgent,
        }
    }

    /// From the start of the clock to the end of the analysis.
    pub fn analysis(&self, level: Level) -> &str {
        match level {
            Level::General => &self.analysis_general,
            Level::Escalated => &self.analysis_escalated,
            Level::Important => &self.analysis_important,
            Level::ImportantUrgent => &self.analysis_important_urgent,
        }
    }

    /// From the start of the clock to the end of execution.
    pub fn execution(&self, level: Level) -> &str {
        match level {
            Level::General => &self.execution_general,
            Level::Escalated => &self.execution_escalated,
            Level::Important => &self.execution_important,
            Level::ImportantUrgent => &self.execution_important_urgent,
        }
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

    /// The same as a struct.
    pub fn settings() -> Settings {
        Settings::deserialize(defaults()).unwrap()
    }

    #[test]
    fn the_schema_gives_every_setting_a_default() {
        let settings = settings();
        assert_eq!(settings.response(Level::General), "24h");
        assert_eq!(settings.response(Level::ImportantUrgent), "4h");
        assert_eq!(settings.analysis(Level::Escalated), "2d");
        assert_eq!(settings.execution(Level::Important), "15d");
        assert_eq!(
            (settings.approve_advisor, settings.approve_manager, settings.approve_gm),
            (50_000, 300_000, 2_000_000)
        );
    }
}
