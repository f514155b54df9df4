//! Texts for people, in each language the console speaks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A label in one or more languages: `{"zh-CN":"投诉","en":"Complaint"}`, or plain text that serves for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// The same in every language.
    Plain(String),
    /// By language tag.
    Localized(BTreeMap<String, String>),
}

impl Text {
    /// The text in `locale`, else in English, else in any language.
    pub fn get(&self, locale: &str) -> &str {
        match self {
            Text::Plain(text) => text,
            Text::Localized(texts) => texts
                .get(locale)
                .or_else(|| texts.get("en"))
                .or_else(|| texts.values().next())
                .map_or("", String::as_str),
        }
    }
}

impl Default for Text {
    fn default() -> Text {
        Text::Plain(String::new())
    }
}
