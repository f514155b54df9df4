//! Settings of an organisation: how long warranties run. The defaults are those of settings.json.

use serde::Deserialize;

/// See settings.json, which describes each for the people who set it, and refuses less than the law gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The repair-free period.
    pub warranty_months: i64,
    /// Or so far, whichever comes first.
    pub warranty_km: i64,
    /// How long the sanbao rights hold.
    pub sanbao_months: i64,
    /// Or so far, whichever comes first.
    pub sanbao_km: i64,
    /// How long before the end of a warranty it is told of.
    pub warn_days: i64,
}

#[cfg(test)]
pub mod unit {
    use super::*;
    use marque_sdk::{Value, testing};

    const SCHEMA: &str = include_str!("../settings.json");

    /// The defaults as the host fills them in.
    pub fn defaults() -> Value {
        testing::defaults(SCHEMA)
    }

    #[test]
    fn the_defaults_are_what_the_law_gives_and_less_is_refused() {
        let settings = Settings::deserialize(defaults()).unwrap();
        assert_eq!((settings.warranty_months, settings.warranty_km), (36, 60_000));
        assert_eq!((settings.sanbao_months, settings.sanbao_km), (24, 50_000));
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        for name in ["warranty_months", "warranty_km", "sanbao_months", "sanbao_km"] {
            let property = &schema["properties"][name];
            assert_eq!(property["minimum"], property["default"], "{name}");
        }
    }
}
