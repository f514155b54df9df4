//! Texts of this plugin, for what is stored in words and for the customer's page.

use marque_sdk::{Value, page::both};

marque_sdk::texts!(pub);

/// What is to be done and for whom: `审批报价：王磊`.
pub fn title(locale: &str, step: &str, who: &str) -> String {
    marque_sdk::texts::title(locale, &text(locale, &format!("step.{step}")), who)
}

/// A text in both languages, for the customer's page.
pub fn words(key: &str) -> Value {
    both(&text("zh-CN", key), &text("en", key))
}

/// The same with something of the dealer's own after it.
pub fn words_with(key: &str, said: &str) -> Value {
    both(&format!("{}：{said}", text("zh-CN", key)), &format!("{}: {said}", text("en", key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_title_in_both_languages() {
        for step in crate::task::STEPS {
            for locale in ["zh-CN", "en"] {
                assert_ne!(text(locale, &format!("step.{step}")), format!("step.{step}"));
            }
        }
        assert_eq!(title("zh-CN", "quotes.approve", "王磊"), "审批报价：王磊");
    }
}
