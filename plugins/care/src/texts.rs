//! Texts of this plugin, for what is stored in words: tasks' titles, what to say, messages to customers.

use marque_sdk::{Value, page::both};

marque_sdk::texts!(pub);

/// A text of texts/ in both languages.
pub fn words(key: &str) -> Value {
    both(&text("zh-CN", key), &text("en", key))
}

/// A text with `{name}` filled in.
pub fn filled(locale: &str, key: &str, with: &[(&str, &str)]) -> String {
    with.iter().fold(text(locale, key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}
