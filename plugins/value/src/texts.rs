//! Texts of this plugin that are stored: titles of tasks, names of runs and models.

marque_sdk::texts!(pub);

/// What is to be done and for whom: `挽回致电：王磊`.
pub fn title(locale: &str, step: &str, who: &str) -> String {
    marque_sdk::texts::title(locale, &text(locale, &format!("step.{step}")), who)
}
