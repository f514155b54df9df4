//! Settings of an organisation. The defaults are those of settings.json, which describes each for the people who set it.

use serde::Deserialize;

/// See settings.json.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How long a slot of the appointment book is.
    pub slot_minutes: i64,
    /// How many cars a slot takes.
    pub slot_capacity: i64,
    /// How many days ahead the public page offers.
    pub bookable_days: i64,
    /// From a request to its confirmation.
    pub confirm: String,
    /// From a request to the word to the service manager.
    pub confirm_manager: String,
    /// From a request to the word to the general manager.
    pub confirm_gm: String,
    /// From a request to the word to headquarters.
    pub confirm_hq: String,
    /// Hours before the slot at which the customer is reminded.
    pub remind_hours: i64,
    /// Minutes after the slot at which a customer has not come.
    pub no_show_minutes: i64,
    /// From taking the car in to its inspection.
    pub inspect_within: String,
    /// From an estimate to the customer's answer.
    pub answer_within: String,
    /// From the end of the work to the check.
    pub check_within: String,
    /// From ready to handed back.
    pub hand_back: String,
    /// How far the bill may go beyond what was approved, in percent.
    pub over_percent: i64,
    /// Discount of a line that an advisor may give, in percent.
    pub discount_percent: i64,
    /// Days of a warranty repair after which a loaner is offered.
    pub repair_days: i64,
    /// Days within which the same symptom is a come-back.
    pub comeback_days: i64,
    /// And kilometres.
    pub comeback_km: i64,
    /// Price of an hour, in fen.
    pub labour_rate: i64,
    /// Hours a technician works a day.
    pub technician_hours: i64,
    /// Jobs of a sort that make full experience.
    pub experience_full: i64,
    /// First-fix rate of somebody without history, in percent.
    pub first_fix_unknown: i64,
    /// Days of history that count.
    pub history_days: i64,
    /// Who repairs.
    pub technician_roles: Vec<String>,
    /// Who looks after customers, the first found.
    pub advisor_roles: Vec<String>,
    /// Who decides, the first found.
    pub manager_roles: Vec<String>,
    /// Who checks the work of others.
    pub checker_roles: Vec<String>,
    /// Whether customers are written to.
    pub writes_to_customers: bool,
    /// What they are told.
    pub text_acknowledged: String,
    pub text_confirmed: String,
    pub text_reminder: String,
    pub text_estimate: String,
    pub text_ready: String,
    pub text_loaner: String,
    pub text_recall: String,
}
