//! Settings of an organisation: limits, benefits, the tax table, how long a quote holds. The defaults are those of settings.json.

use marque_sdk::Date;
use serde::Deserialize;

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What each role may give without asking.
    pub limits: Vec<Limit>,
    /// What customers of a grade or tier may be given on top.
    pub benefits: Vec<Benefit>,
    /// For whoever trades a car in, in fen.
    pub replacement_subsidy: i64,
    /// From issue to expiry.
    pub valid_for: String,
    /// From asking to the decision.
    pub approve_within: String,
    /// From a replaced quote to its consultant's having seen it.
    pub told_within: String,
    /// The purchase tax by day and energy.
    pub taxes: Vec<Tax>,
    /// Terms of cancellation.
    pub cancellation: String,
    /// Whom to complain to.
    pub complaints: String,
    /// What the customer is sent.
    pub message: String,
}

/// What a role may give.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// `consultant`, `sales_mgr` or `gm`.
    pub role: String,
    /// In fen.
    pub amount: i64,
}

/// A published benefit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Benefit {
    /// `grade` or `tier`.
    pub of: String,
    /// Which one.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// Hundredths of a percent of the list price.
    pub basis_points: i64,
}

/// A row of the tax table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// From this day.
    pub from: Date,
    /// For these energies; all where there are none.
    pub energies: Vec<String>,
    /// The rate in basis points.
    pub rate: i64,
    /// Value added tax in basis points, which is taken out first.
    pub vat: i64,
    /// The rate without the relief.
    #[serde(default)]
    pub full_rate: Option<i64>,
    /// The most the relief may save, in fen.
    #[serde(default)]
    pub relief: Option<i64>,
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use marque_sdk::testing;

    /// The defaults as the host fills them in.
    pub fn defaults() -> Settings {
        Settings::deserialize(testing::defaults(include_str!("../settings.json"))).unwrap()
    }

    #[test]
    fn the_schema_gives_every_setting_a_default() {
        let settings = defaults();
        let limits: Vec<(&str, i64)> =
            settings.limits.iter().map(|limit| (limit.role.as_str(), limit.amount)).collect();
        assert_eq!(limits, [("consultant", 300_000), ("sales_mgr", 800_000), ("gm", 1_500_000)]);
        assert_eq!(settings.valid_for, "7d");
    }
}
