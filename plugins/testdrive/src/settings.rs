//! Settings of an organisation: limits, slots, who takes test drives. The defaults are those of settings.json.

use serde::Deserialize;

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// From the wish to the answer.
    pub confirm_limit: String,
    /// How long a drive is.
    pub drive_minutes: i64,
    /// How long a car rests between two.
    pub turnaround_minutes: i64,
    /// So many minutes before it begins the customer is reminded.
    pub reminder_minutes: Vec<i64>,
    /// Unconfirmed so many minutes before: the manager is told.
    pub manager_alert_minutes: i64,
    /// Unconfirmed so many minutes before: headquarters is told.
    pub hq_alert_minutes: i64,
    /// So many minutes after the slot has begun nobody is expected any more.
    pub no_show_minutes: i64,
    /// From a drive to the word after it.
    pub follow_up: String,
    /// From not coming to being called.
    pub recall: String,
    /// Least age of who drives.
    pub age_min: i64,
    /// Months a licence has been held.
    pub licence_months: i64,
    /// Days ahead that can be booked online.
    pub page_days: i64,
    /// Times of the day that can be booked online.
    pub page_times: Vec<String>,
    /// Who takes test drives.
    pub staff_roles: Vec<String>,
    /// Who decides, first found.
    pub manager_roles: Vec<String>,
    /// Whether customers are written to.
    pub tell_customers: bool,
    /// Whether customers are asked for their opinion.
    pub ask_feedback: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::testing;

    #[test]
    fn the_schema_gives_every_setting_a_default() {
        let settings = Settings::deserialize(testing::defaults(include_str!("../settings.json"))).unwrap();
        assert_eq!((settings.confirm_limit.as_str(), settings.turnaround_minutes), ("2bh", 15));
        assert_eq!(settings.reminder_minutes, [1440, 120]);
        assert_eq!((settings.manager_alert_minutes, settings.hq_alert_minutes), (1440, 240));
    }
}
