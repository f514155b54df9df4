//! Settings of an organisation: rates, thresholds, limits, who calls. The defaults are those of settings.json.

use marque_sdk::Data;
use serde::{Deserialize, Serialize};

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Discount rate in percent.
    pub discount_pct: f64,
    /// Years a car stays with us.
    pub horizon_years: i64,
    /// Age at which a car is replaced.
    pub replacement_years: i64,
    /// Current value is high from here, in fen.
    pub cv_threshold: i64,
    /// Growth potential is high from here, in fen.
    pub gp_threshold: i64,
    /// Chances and profits where nobody has judged.
    pub growth: Vec<Growth>,
    /// Of a hundred so many are with us a year later.
    pub retention_pct: i64,
    /// `years` or `endless`.
    pub clv_form: String,
    /// Value in all is high from here, in fen.
    pub high_value: i64,
    /// Risk is high from here.
    pub risk_threshold: i64,
    /// Months after which a customer is warned of.
    pub warning_months: i64,
    /// Months after which a customer is dormant.
    pub dormant_months: i64,
    /// Months after which a customer is lost.
    pub lost_months: i64,
    /// Months between two services.
    pub service_months: i64,
    /// Days a customer counts as won back.
    pub won_back_days: i64,
    /// Points of risk by signal.
    pub risk_weights: Data,
    /// ABC: share of profit before, in percent.
    pub abc_high: i64,
    /// The next cut.
    pub abc_major: i64,
    /// The last cut.
    pub abc_medium: i64,
    /// Most to be spent on winning somebody back, in percent of the lifetime value.
    pub spend_cap_pct: i64,
    /// The manager calls within.
    pub manager_call: String,
    /// The others are called within.
    pub cause_call: String,
    /// From the beginning of winning back to its result.
    pub result: String,
    /// From a call nobody answered to the next.
    pub retry: String,
    /// Calls until it is given up.
    pub tries: i64,
    /// Sent to those of low value who are leaving; empty for nothing.
    pub automatic_message: String,
    /// By which channel.
    pub channel: String,
    /// Who calls as manager, first found.
    pub manager_roles: Vec<String>,
    /// Who calls for the cause, first found.
    pub officer_roles: Vec<String>,
    /// `brand`, `region` or `kind`.
    pub peer_by: String,
    /// Types of customers graded; none for all.
    pub graded_types: Vec<String>,
    /// Whether a quarter is graded by itself.
    pub run_by_itself: bool,
    /// From the freeze to the last appeal.
    pub appeal: String,
    /// From an appeal to its decision.
    pub decide: String,
    /// Commission on a policy we sold, in percent of the premium.
    pub commission_pct: i64,
    /// A file is worked out again after so many days at the latest.
    pub refresh_days: i64,
}

/// One source of growth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Growth {
    /// `additional`, `cross` or `referral`.
    pub kind: String,
    /// In percent.
    pub chance: i64,
    /// In fen.
    pub profit: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::testing;

    #[test]
    fn the_schema_gives_every_setting_a_default() {
        let settings = Settings::deserialize(testing::defaults(include_str!("../settings.json"))).unwrap();
        assert_eq!((settings.warning_months, settings.dormant_months, settings.lost_months), (6, 9, 12));
        assert_eq!((settings.abc_high, settings.abc_major, settings.abc_medium), (50, 80, 95));
        assert_eq!(settings.risk_weights["complaint"], 25);
        assert_eq!(settings.growth.len(), 3);
    }
}
