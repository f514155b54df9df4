//! Texts of this plugin, for what is stored in words: tasks' titles, messages to customers.

use marque_sdk::Value;

const CHINESE: &str = include_str!("../texts/zh-CN.json");
const ENGLISH: &str = include_str!("../texts/en.json");

/// The text of a key in a language; Chinese unless English is asked for.
pub fn text(locale: &str, key: &str) -> String {
    let source = if locale.starts_with("en") { ENGLISH } else { CHINESE };
    let texts: Value = serde_json::from_str(source).unwrap_or_default();
    texts.get(key).and_then(Value::as_str).unwrap_or(key).to_owned()
}

/// What is to be done and for whom: `首次联系：王磊`.
pub fn title(locale: &str, step: &str, who: &str) -> String {
    let what = text(locale, &format!("step.{step}"));
    match (who, locale.starts_with("en")) {
        ("", _) => what,
        (who, true) => format!("{what}: {who}"),
        (who, false) => format!("{what}：{who}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{lead::patch, task};

    #[test]
    fn every_step_has_a_title_in_both_languages() {
        for step in task::STEPS.iter().chain(&task::ALARMS) {
            for locale in ["zh-CN", "en"] {
                assert_ne!(text(locale, &format!("step.{step}")), format!("step.{step}"));
            }
        }
        assert_eq!(title("zh-CN", "leads.first_contact", "王磊"), "首次联系：王磊");
        assert_eq!(title("en", "leads.first_contact", ""), "First contact");
    }

    #[test]
    fn both_languages_have_the_same_keys() {
        let keys = |source: &str| -> BTreeSet<String> {
            patch(serde_json::from_str(source).unwrap()).keys().cloned().collect()
        };
        assert_eq!(keys(CHINESE), keys(ENGLISH));
    }
}
