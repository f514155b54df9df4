//! Texts of this plugin, for what is stored in words: tasks' titles, why somebody receives.

marque_sdk::texts!(pub);

/// What is to be done and for whom.
pub fn title(locale: &str, step: &str, who: &str) -> String {
    marque_sdk::texts::title(locale, &text(locale, &format!("step.{step}")), who)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_title_in_both_languages() {
        for step in ["showroom.complete", "showroom.short", "leads.first_contact"] {
            for locale in ["zh-CN", "en"] {
                assert_ne!(text(locale, &format!("step.{step}")), format!("step.{step}"));
            }
        }
    }
}
