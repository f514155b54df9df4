//! Settings of an organisation: the dictionary of preferences. The defaults are those of settings.json.

use serde::Deserialize;

/// See settings.json, which describes each for the people who set it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What may be noted of a customer.
    pub tags: Vec<Tag>,
    /// How long what was only inferred is believed.
    pub inferred_months: u32,
}

/// A word of the dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tag {
    /// As stored.
    pub tag: String,
    /// As people say it.
    pub label: String,
}

impl Settings {
    /// The tag with this code or label.
    pub fn tag(&self, word: &str) -> Option<&Tag> {
        let word = word.trim();
        self.tags.iter().find(|known| known.tag == word || known.label == word)
    }
}

#[cfg(test)]
pub mod unit {
    use super::*;
    use marque_sdk::{Value, testing};

    /// The defaults as the host fills them in.
    pub fn defaults() -> Value {
        testing::defaults(include_str!("../settings.json"))
    }

    #[test]
    fn a_tag_is_found_by_its_code_and_by_its_label() {
        let settings = Settings::deserialize(defaults()).unwrap();
        assert_eq!(settings.tag("camping"), settings.tag(" 露营自驾 "));
        assert!(settings.tag("camping").is_some() && settings.tag("flying").is_none());
        assert_eq!(settings.inferred_months, 12);
    }
}
