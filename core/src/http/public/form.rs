//! What goes out with a form and comes back with it.
//!
//! That it is ours, how old it is, where its visitor was, and a key by which a form that is sent twice is known again.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    model::{Time, random},
    outbound::Links,
};

/// A person takes longer to read what is asked. A program that fills in every form it finds does not.
const READ_MS: i64 = 2_000;
/// A form is good for a day: well below the three days for which answers are known again.
const GOOD_MS: i64 = 24 * 3_600_000;

/// The field the seal is in.
pub const SEAL: &str = "_form";
/// A field that people do not see.
pub const HONEY: &str = "_url";
/// The button that was pressed.
pub const BUTTON: &str = "_do";

/// A form that is out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Form {
    /// Known again by this.
    #[serde(rename = "k")]
    pub key: String,
    /// When it was drawn.
    #[serde(rename = "t")]
    drawn_at: Time,
    /// For which page, record and organisation.
    #[serde(rename = "p")]
    place: String,
    /// What the plugin wants back.
    #[serde(rename = "c", default, skip_serializing_if = "Value::is_null")]
    pub carry: Value,
}

/// How a form looks that has come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// Sent before anybody can have read it.
    TooYoung,
    /// As it should be.
    Right,
    /// So old that it could be sent twice without being known again.
    TooOld,
}

impl Form {
    /// A new one.
    pub fn new(place: &str, carry: Value, now: Time) -> Form {
        let key = BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<12>());
        Form { key, drawn_at: now, place: place.to_owned(), carry }
    }

    /// As it stands in the page.
    pub fn sealed(&self, links: &Links) -> String {
        links.sealed(&serde_json::json!(self).to_string())
    }

    /// The form of a seal that is ours and of this place.
    pub fn open(links: &Links, place: &str, seal: &str) -> Option<Form> {
        let form: Form = serde_json::from_str(&links.unsealed(seal)?).ok()?;
        (form.place == place).then_some(form)
    }

    /// How old it is.
    pub fn age(&self, now: Time) -> Age {
        match now - self.drawn_at {
            age if age < READ_MS => Age::TooYoung,
            age if age > GOOD_MS => Age::TooOld,
            _ => Age::Right,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_neither_younger_than_reading_nor_older_than_a_day() {
        let at = |ms: i64| Time::from_millis(1_773_367_200_000 + ms);
        let form = Form::new("complaints/complain", Value::Null, at(0));
        let ages = [1_999, 2_000, GOOD_MS, GOOD_MS + 1].map(|ms| form.age(at(ms)));
        assert_eq!(ages, [Age::TooYoung, Age::Right, Age::Right, Age::TooOld]);
        assert_ne!(form.key, Form::new("complaints/complain", Value::Null, at(0)).key);
    }
}
