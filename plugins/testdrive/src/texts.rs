//! Texts of this plugin, for what is stored in words: tasks' titles, messages to customers.

marque_sdk::texts!(pub);

/// A text with its places filled in.
pub fn filled(locale: &str, key: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(text(locale, key), |text, (place, value)| text.replace(&format!("{{{place}}}"), value))
}

/// What is to be done and for whom: `确认试驾：王磊`.
pub fn title(locale: &str, step: &str, who: &str) -> String {
    marque_sdk::texts::title(locale, &text(locale, &format!("step.{step}")), who)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{notice, task};

    #[test]
    fn every_step_and_message_has_a_text_in_both_languages() {
        let steps = task::STEPS.iter().chain(&task::ASIDE).map(|step| format!("step.{step}"));
        for key in steps.chain(notice::KEYS.iter().map(|key| format!("message.{key}"))) {
            for locale in ["zh-CN", "en"] {
                assert_ne!(text(locale, &key), key);
            }
        }
    }

    #[test]
    fn places_are_filled_in() {
        let words = filled("zh-CN", "word.drive_of", &[("model", "C5")]);
        assert!(words.contains("C5") && !words.contains('{'), "{words}");
    }
}
