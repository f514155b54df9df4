//! Settings of an organisation: limits and who is responsible. The defaults are those of settings.json.

use serde::Deserialize;

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// From leaving to the hand-over that nobody has to ask for.
    pub auto_after: String,
    /// `even` or `rule`.
    pub rule: String,
    /// Who is responsible, first found.
    pub manager_roles: Vec<String>,
    /// Whether customers are told who looks after them now.
    pub tell_customers: bool,
    /// By when.
    pub tell_within: String,
    /// By when successors accept.
    pub accept_within: String,
    /// Away for longer than so many days takes a deputy.
    pub deputy_days: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use marque_sdk::testing;

    #[test]
    fn the_schema_gives_every_setting_a_default() {
        let settings = Settings::deserialize(testing::defaults(include_str!("../settings.json"))).unwrap();
        assert_eq!((settings.auto_after.as_str(), settings.tell_within.as_str()), ("24h", "2wd"));
        assert_eq!((settings.rule.as_str(), settings.deputy_days), ("even", 1));
    }
}
