//! Texts that are stored or sent, such as a task's title: the same ones the console shows.

use marque_sdk::Value;

const CHINESE: &str = include_str!("../texts/zh-CN.json");
const ENGLISH: &str = include_str!("../texts/en.json");

/// The text of a key in a language; Chinese unless English is asked for.
pub fn text(locale: &str, key: &str) -> String {
    let source = if locale.starts_with("en") { ENGLISH } else { CHINESE };
    let texts: Value = serde_json::from_str(source).unwrap_or_default();
    texts.get(key).and_then(Value::as_str).unwrap_or(key).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn both_languages_have_the_same_keys() {
        let keys = |source: &str| -> BTreeSet<String> {
            let texts: Value = serde_json::from_str(source).unwrap();
            texts.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(keys(CHINESE), keys(ENGLISH));
    }

    #[test]
    fn every_lint_rule_has_a_sentence() {
        for rule in [
            "leading", "two_topics", "direction", "dont_know", "sensitive_last", "randomise", "too_many", "too_long",
            "intro_purpose", "intro_length", "intro_secret", "reward", "empty", "code", "language", "options", "show_if",
            "factor", "factor_unasked",
        ] {
            for locale in ["zh-CN", "en"] {
                assert_ne!(text(locale, &format!("lint.{rule}")), format!("lint.{rule}"));
            }
        }
    }
}
