//! What a person is known by, looked for in texts that quote it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::model::Data;

/// What stands where a value was.
pub const GONE: &str = "—";
/// Longer texts are nobody's name or number.
const LONGEST_CHARS: usize = 80;

/// Names, numbers and addresses of one person, as they may be written.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeSet<String>);

impl Values {
    /// One more, if it is long enough to be told from other words.
    pub fn add(&mut self, text: &str) {
        let text = text.trim();
        let n_chars = text.chars().count();
        // Two Chinese characters are a name; two letters are in every other word.
        let shortest = if text.is_ascii() { 5 } else { 2 };
        if text == GONE || !(shortest..=LONGEST_CHARS).contains(&n_chars) {
            return;
        }
        self.0.insert(text.to_owned());
        if let Some(number) = text.strip_prefix("+86").filter(|rest| rest.len() == 11 && rest.is_ascii()) {
            let (head, middle, tail) = (&number[..3], &number[3..7], &number[7..]);
            self.0.insert(number.to_owned());
            self.0.extend([" ", "-"].map(|joint| [head, middle, tail].join(joint)));
        }
    }

    /// The texts among these fields.
    pub fn add_fields(&mut self, data: &Data, is_wanted: impl Fn(&str) -> bool) {
        let texts = data.iter().filter(|(name, _)| is_wanted(name)).filter_map(|(_, value)| value.as_str());
        texts.for_each(|text| self.add(text));
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Those that nobody else has: numbers and addresses rather than names.
    pub fn telling(&self) -> impl Iterator<Item = &str> {
        self.iter().filter(|text| text.len() >= 8 && text.is_ascii())
    }

    /// Whether a text quotes one of them, in whatever case.
    pub fn are_in(&self, text: &str) -> bool {
        self.0.iter().any(|value| text.contains(value)) || {
            let text = text.to_lowercase();
            self.0.iter().any(|value| text.contains(&value.to_lowercase()))
        }
    }

    /// A text, or [`GONE`] where it quotes one of them.
    pub fn without(&self, text: &str) -> String {
        if self.are_in(text) { GONE.into() } else { text.to_owned() }
    }

    /// Whether a value quotes one of them anywhere.
    pub fn quoted_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.are_in(text),
            Value::Array(items) => items.iter().any(|item| self.quoted_in(item)),
            Value::Object(fields) => fields.iter().any(|(name, value)| self.are_in(name) || self.quoted_in(value)),
            _ => false,
        }
    }

    /// Put [`GONE`] in place of every string that quotes one; whether any did.
    pub fn scrub(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) if self.are_in(text) => {
                *text = GONE.into();
                true
            }
            // Every one of them, not up to the first that quotes.
            Value::Array(items) => items.iter_mut().filter_map(|item| self.scrub(item).then_some(())).count() > 0,
            Value::Object(fields) => self.scrub_fields(fields),
            _ => false,
        }
    }

    fn scrub_fields(&self, fields: &mut Data) -> bool {
        let telling: Vec<String> = fields.keys().filter(|name| self.are_in(name)).cloned().collect();
        for name in &telling {
            fields.remove(name);
        }
        fields.values_mut().fold(!telling.is_empty(), |found, value| self.scrub(value) || found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values(texts: &[&str]) -> Values {
        let mut values = Values::default();
        texts.iter().for_each(|text| values.add(text));
        values
    }

    #[test]
    fn a_telephone_is_found_however_it_is_written() {
        let values = values(&["+8613800001234", "Wang@Example.com", "司马相如", "李", "Al"]);
        for text in
            ["ask +8613800001234", "13800001234", "138 0000 1234", "138-0000-1234", "to wang@example.com", "找司马相如"]
        {
            assert!(values.are_in(text), "{text}");
        }
        assert!(!values.are_in("李 also 13800001235"));
        assert_eq!(values.telling().count(), 5, "a name may be anybody's");
    }

    #[test]
    fn a_quoting_string_goes_as_a_whole_wherever_it_stands() {
        let values = values(&["司马相如"]);
        let mut value = json!({ "a": ["找司马相如谈", 1, { "b": "x" }], "司马相如": 2, "c": null });
        assert!(values.scrub(&mut value));
        assert_eq!(value, json!({ "a": [GONE, 1, { "b": "x" }], "c": null }));
        assert!(!values.scrub(&mut value));
    }
}
