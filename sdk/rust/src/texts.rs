//! A plugin's texts that are stored, such as a task's title: the same files that the console shows.

use serde_json::Value;

/// Brings `text(locale, key)`: a text of `texts/` in a language, Chinese unless English is asked for.
///
/// ```text
/// marque_sdk::texts!(pub);
/// let title = text(&call.locale, "title.call_back");
/// ```
#[macro_export]
macro_rules! texts {
    ($($visibility:tt)*) => {
        /// The text of a key in a language; Chinese unless English is asked for.
        $($visibility)* fn text(locale: &str, key: &str) -> String {
            let source = if locale.starts_with("en") {
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/texts/en.json"))
            } else {
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/texts/zh-CN.json"))
            };
            $crate::texts::find(source, key)
        }
    };
}

/// The text of a key in a file of texts, or the key where it has none.
#[must_use]
pub fn find(source: &str, key: &str) -> String {
    let texts: Value = serde_json::from_str(source).unwrap_or_default();
    texts.get(key).and_then(Value::as_str).unwrap_or(key).to_owned()
}

/// What is to be done and for whom, as the language writes it: `首次联系：王磊`.
#[must_use]
pub fn title(locale: &str, what: &str, who: &str) -> String {
    match (who, locale.starts_with("en")) {
        ("", _) => what.to_owned(),
        (who, true) => format!("{what}: {who}"),
        (who, false) => format!("{what}：{who}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_whom_it_is_for() {
        assert_eq!(title("zh-CN", "首次联系", "王磊"), "首次联系：王磊");
        assert_eq!(title("en", "First contact", "Wang Lei"), "First contact: Wang Lei");
        assert_eq!(title("en", "First contact", ""), "First contact");
    }

    #[test]
    fn a_text_that_there_is_not_shows_its_key() {
        assert_eq!(find(r#"{"a.b":"text"}"#, "a.b"), "text");
        assert_eq!(find(r#"{"a.b":"text"}"#, "a.c"), "a.c");
        assert_eq!(find("no texts", "a.b"), "a.b");
    }
}
