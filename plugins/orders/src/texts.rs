//! Texts of this plugin, for what is stored in words, for messages and for the customer's page.

use marque_sdk::{Value, page::both};

marque_sdk::texts!(pub);

/// What is to be done and for whom: `签约：王磊`.
pub fn title(locale: &str, step: &str, who: &str) -> String {
    marque_sdk::texts::title(locale, &text(locale, &format!("step.{step}")), who)
}

/// A text in both languages, for the customer's page.
pub fn words(key: &str) -> Value {
    both(&text("zh-CN", key), &text("en", key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task;

    #[test]
    fn every_step_has_a_title_in_both_languages() {
        let steps = task::STEPS.iter().map(|(_, step)| step).chain(&task::BESIDE);
        for step in steps {
            for locale in ["zh-CN", "en"] {
                assert_ne!(text(locale, &format!("step.{step}")), format!("step.{step}"));
            }
        }
    }

    #[test]
    fn every_state_has_its_news_and_its_name_for_the_customer() {
        for state in task::STEPS.iter().map(|(state, _)| *state).chain(["delivered", "cancelled", "closed", "returned"])
        {
            assert_ne!(text("zh-CN", &format!("state.{state}")), format!("state.{state}"));
        }
        for state in crate::news::TOLD {
            assert_ne!(text("zh-CN", &format!("news.{state}")), format!("news.{state}"));
        }
    }
}
