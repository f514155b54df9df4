//! Settings of an organisation: limits, the rota, what counts. The defaults are those of settings.json.

use serde::Deserialize;

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// From leaving to the completed register.
    pub complete_limit: String,
    /// Who is on the rota.
    pub staff_roles: Vec<String>,
    /// Who decides, first found.
    pub manager_roles: Vec<String>,
    /// Seen within so many days: again.
    pub again_days: i64,
    /// Where the halves of the day meet, `13:00`.
    pub noon: String,
    /// The least share of the groups counted at the door that is taken down, in percent.
    pub least_rate: i64,
    /// Whether a lead is made when somebody is filed.
    pub make_leads: bool,
    /// Nobody noted that they left: after so long they have.
    pub forgotten: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::testing;

    #[test]
    fn the_schema_gives_every_setting_a_default() {
        let settings = Settings::deserialize(testing::defaults(include_str!("../settings.json"))).unwrap();
        assert_eq!((settings.complete_limit.as_str(), settings.least_rate), ("30m", 90));
        assert_eq!((settings.noon.as_str(), settings.make_leads), ("13:00", true));
    }
}
