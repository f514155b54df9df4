//! Texts of this plugin, for what is stored in words: tasks' titles, messages to customers.

marque_sdk::texts!(pub);

/// What is to be done and for whom: `首次联系：王磊`.
pub fn title(locale: &str, step: &str, who: &str) -> String {
    marque_sdk::texts::title(locale, &text(locale, &format!("step.{step}")), who)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task;

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
}
