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

impl Text {
    /// This text with another in its place, language by language; what the other does not say stays.
    #[must_use]
    pub fn overlaid(&self, over: &Text) -> Text {
        match (self, over) {
            (_, Text::Plain(_)) => over.clone(),
            (Text::Plain(under), Text::Localized(over)) => {
                let mut texts = over.clone();
                texts.entry("en".into()).or_insert_with(|| under.clone());
                Text::Localized(texts)
            }
            (Text::Localized(under), Text::Localized(over)) => {
                Text::Localized(under.iter().chain(over).map(|(tag, text)| (tag.clone(), text.clone())).collect())
            }
        }
    }
}

impl Default for Text {
    fn default() -> Text {
        Text::Plain(String::new())
    }
}
