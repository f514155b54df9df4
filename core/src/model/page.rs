//! Public pages as plugins describe them: what is to be drawn, as data.

mod answers;

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Id, Kind, Record, Text, Time,
    kind::{self, FieldType},
};
use crate::{Error, Result};

pub use answers::{Wrong, read};

/// More than this nobody fills in at once; a questionnaire has sections.
const MAX_FIELDS: usize = 40;
const MAX_CHOICES: usize = 60;
/// What goes with the form and comes back as it was.
const MAX_CARRY_BYTES: usize = 2_048;

/// A page. Texts are plain or by language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Page {
    /// What stands on top.
    pub title: Text,
    /// What it is for; lines are paragraphs.
    pub intro: Text,
    /// Where one is in a questionnaire of several pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// What there is to know: a number, a state.
    pub facts: Vec<Fact>,
    /// What is asked.
    pub fields: Vec<Field>,
    /// How to go on; one that says "send" unless said.
    pub buttons: Vec<Button>,
    /// What the plugin wants back with the answers: where one is. The visitor sees it and cannot change it.
    pub carry: Value,
    /// Whether nothing is left to do: the closing words.
    pub done: bool,
    /// With the answers of this page a link that holds once is spent.
    pub spent: bool,
    /// Other pages of the same plugin.
    pub links: Vec<Link>,
}

/// Step `n` of `of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From 1.
    pub n: u32,
    /// How many.
    pub of: u32,
}

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// What it is.
    pub label: Text,
    /// What it says.
    #[serde(default)]
    pub value: Text,
    /// Or the field of the record that was made or changed, as committed: the number it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// A way on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// What the plugin is told.
    pub name: String,
    /// What it says.
    pub label: Text,
    /// Whether it goes on with what is there, complete or not: back, or later.
    #[serde(default)]
    pub skip: bool,
}

/// A way to a page of the same plugin, about one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// What it says.
    #[serde(default)]
    pub label: Text,
    /// The page, as plugin.toml names it.
    pub page: String,
    /// The record it is about.
    pub record: Id,
    /// Until when it holds; for good unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
    /// Whether it holds until it is answered, and no longer.
    #[serde(default)]
    pub once: bool,
}

/// What sort of field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Words between fields, nothing to fill in.
    Heading,
    /// The same, smaller.
    Note,
    /// A line.
    Text,
    /// Several lines.
    LongText,
    /// A telephone number; told in its normal form.
    Phone,
    /// A mail address.
    Email,
    /// A day, `2026-03-13`.
    Date,
    /// A whole number.
    Number,
    /// One of `options`.
    Choice,
    /// Some of `options`.
    Choices,
    /// A number from `min` to `max`, one step each.
    Scale,
    /// Of each of `rows` one of `options`, or a number from `min` to `max`.
    Matrix,
    /// A box to tick.
    Consent,
    /// Not drawn.
    Hidden,
}

/// One of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What the plugin is told.
    pub value: String,
    /// What it says.
    pub label: Text,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// `a-z 0-9 _`; what its answer is called.
    #[serde(default)]
    pub name: String,
    /// What sort.
    pub r#type: Sort,
    /// The question.
    #[serde(default)]
    pub label: Text,
    /// What helps to answer it.
    #[serde(default)]
    pub help: Text,
    /// Whether it must be answered; of a matrix, every row.
    #[serde(default)]
    pub required: bool,
    /// The answer so far.
    #[serde(default)]
    pub value: Value,
    /// Of numbers, scales and days the least.
    #[serde(default)]
    pub min: Value,
    /// Of numbers, scales and days the most; of texts the length; of several choices how many.
    #[serde(default)]
    pub max: Value,
    /// What there is to choose from.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// The questions of a matrix.
    #[serde(default)]
    pub rows: Vec<Choice>,
    /// What the lower end of a scale means.
    #[serde(default)]
    pub low: Text,
    /// What the upper end means.
    #[serde(default)]
    pub high: Text,
    /// Offered beside a scale or in each row for whoever cannot say; told as `"none"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<Text>,
    /// Whether choices are drawn as a list that opens; long ones are.
    #[serde(default)]
    pub list: bool,
}

impl Sort {
    /// Whether there is something to fill in.
    pub fn is_asked(self) -> bool {
        !matches!(self, Sort::Heading | Sort::Note)
    }
}

impl Field {
    /// The ends of a scale, or of the scale in each row; none where words are chosen.
    pub fn scale(&self) -> Option<(i64, i64)> {
        match self.r#type {
            Sort::Scale => Some((self.min.as_i64().unwrap_or(0), self.max.as_i64().unwrap_or(10))),
            Sort::Matrix if self.options.is_empty() => {
                Some((self.min.as_i64().unwrap_or(1), self.max.as_i64().unwrap_or(10)))
            }
            _ => None,
        }
    }

    /// How many characters it takes.
    pub fn max_chars(&self) -> usize {
        let usual = match self.r#type {
            Sort::LongText => 2_000,
            _ => 200,
        };
        self.max.as_u64().and_then(|max| usize::try_from(max).ok()).unwrap_or(usual)
    }
}

impl Page {
    /// Read what a plugin has answered.
    ///
    /// # Errors
    /// `page.wrong`, naming what is wrong with it: the plugin's mistake, not the visitor's.
    pub fn of(answer: &Value) -> Result<Page> {
        let page = Page::deserialize(answer).map_err(|error| wrong(error.to_string()))?;
        page.check()?;
        Ok(page)
    }

    /// Whether there is something to send.
    pub fn has_form(&self) -> bool {
        self.fields.iter().any(|field| field.r#type.is_asked()) || !self.buttons.is_empty()
    }

    /// With the fields of its record, where facts name one: as a person reads them, by the clock of the organisation.
    #[must_use]
    pub fn told_of(mut self, record: Option<&Record>, kind: &Kind, zone: &TimeZone) -> Page {
        for fact in &mut self.facts {
            if let Some(name) = fact.field.take() {
                let value = record.map_or(&Value::Null, |record| record.field(&name));
                fact.value = kind.fields.get(&name).map_or_else(nothing, |field| told(field, value, zone));
            }
        }
        self
    }

    fn check(&self) -> Result<()> {
        if self.fields.len() > MAX_FIELDS {
            return Err(wrong(format!("{} fields are too many for one page: at most {MAX_FIELDS}", self.fields.len())));
        }
        if self.carry.to_string().len() > MAX_CARRY_BYTES {
            return Err(wrong(format!("carry is larger than {MAX_CARRY_BYTES} bytes: keep it in a record")));
        }
        let mut names = BTreeSet::new();
        for field in self.fields.iter().filter(|field| field.r#type.is_asked()) {
            field.check()?;
            if !names.insert(&field.name) {
                return Err(wrong(format!("field {:?} is there twice", field.name)));
            }
        }
        match self.buttons.iter().find(|button| !is_name(&button.name)) {
            Some(button) => Err(wrong(format!("button {:?}: use a-z 0-9 _ for its name", button.name))),
            None => Ok(()),
        }
    }
}

impl Field {
    fn check(&self) -> Result<()> {
        let Field { name, options, rows, .. } = self;
        if !is_name(name) {
            return Err(wrong(format!("field {name:?}: use a-z 0-9 _ for its name, and begin with a letter")));
        }
        let is_chosen = matches!(self.r#type, Sort::Choice | Sort::Choices);
        if is_chosen && options.is_empty() || options.len() > MAX_CHOICES {
            return Err(wrong(format!("field {name:?}: give it 1 to {MAX_CHOICES} options")));
        }
        if self.r#type == Sort::Matrix && (rows.is_empty() || rows.iter().any(|row| !is_name(&row.value))) {
            return Err(wrong(format!("field {name:?}: give it rows whose values are of a-z 0-9 _")));
        }
        match self.scale() {
            Some((min, max)) if !(min < max && max - min <= 10) => {
                Err(wrong(format!("field {name:?}: a scale from {min} to {max} has not 2 to 11 steps")))
            }
            _ => Ok(()),
        }
    }
}

fn told(field: &kind::Field, value: &Value, zone: &TimeZone) -> Text {
    match (field.r#type, value) {
        (_, Value::Null) => nothing(),
        (FieldType::Enum, Value::String(code)) => {
            let known = field.values.iter().find(|known| known.value == *code);
            known.map_or_else(nothing, |known| known.label.clone())
        }
        (FieldType::Datetime, Value::String(text)) => text.parse::<Time>().map_or_else(
            |_| nothing(),
            |at| Text::Plain(at.timestamp().to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()),
        ),
        (_, Value::String(text)) => Text::Plain(text.clone()),
        (_, other) => Text::Plain(other.to_string()),
    }
}

fn nothing() -> Text {
    Text::Plain("—".into())
}

/// What a plugin is asked about a page: the input of its call.
pub fn asked(what: &str, carry: &Value, query: &Map<String, Value>) -> Map<String, Value> {
    let pairs = [("do", what.into()), ("carry", carry.clone()), ("query", Value::Object(query.clone()))];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Names with a leading `_` are the core's own.
fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn wrong(message: String) -> Error {
    Error::new(crate::ErrorKind::Unavailable, "page.wrong", "the plugin describes its page wrongly")
        .caused_by(message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_that_cannot_be_drawn_is_the_plugins_mistake_and_says_which() {
        let scale = json!({ "name": "q1", "type": "scale", "label": "?", "min": 0, "max": 10 });
        assert!(Page::of(&json!({ "title": "t", "fields": [scale] })).unwrap().has_form());
        assert!(!Page::of(&json!({ "title": { "zh-CN": "谢谢", "en": "Thanks" }, "done": true })).unwrap().has_form());
        for (answer, why) in [
            (json!({ "titel": "t" }), "unknown field `titel`"),
            (json!({ "fields": [scale, scale] }), "\"q1\" is there twice"),
            (json!({ "fields": [{ "name": "_x", "type": "text" }] }), "\"_x\": use a-z"),
            (json!({ "fields": [{ "name": "a", "type": "choice" }] }), "1 to 60 options"),
            (json!({ "fields": [{ "name": "a", "type": "scale", "min": 1, "max": 100 }] }), "from 1 to 100"),
            (json!({ "fields": [{ "name": "a", "type": "matrix" }] }), "give it rows"),
            (json!({ "carry": "x".repeat(3_000) }), "carry is larger"),
        ] {
            let error = Page::of(&answer).unwrap_err();
            assert_eq!(error.code, "page.wrong");
            let cause = error.cause.map(|cause| cause.to_string()).unwrap_or_default();
            assert!(cause.contains(why), "{cause} lacks {why}");
        }
    }
}
