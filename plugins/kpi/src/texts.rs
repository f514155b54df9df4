//! Texts that are stored, such as a task's title: the same files that the console shows.

marque_sdk::texts!(pub);

/// A text with its gaps filled in: `{shown}`.
pub fn filled(locale: &str, key: &str, gaps: &[(&str, &str)]) -> String {
    gaps.iter().fold(text(locale, key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}
