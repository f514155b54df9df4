//! What somebody has filled in, read by the description of the page it was filled in on.

use serde_json::{Map, Value, json};

use super::{Field, Page, Sort};
use crate::model::format::{FormatError, date, email, phone};

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// There is none.
    Missing,
    /// It is none of those that are offered.
    NoChoice,
    /// It is longer than so many characters.
    TooLong(usize),
    /// More than so many are chosen.
    TooMany(usize),
    /// It is no telephone number.
    NoPhone,
    /// It is no mail address.
    NoEmail,
    /// It is no day.
    NoDate,
    /// It is no whole number.
    NoNumber,
    /// It lies outside what `min` and `max` of the field say.
    OutOfRange,
}

/// The answers by the names of their fields, and what is wrong with which. What the page does not ask for is passed over.
pub fn read(page: &Page, pairs: &[(String, String)]) -> (Map<String, Value>, Vec<(String, Wrong)>) {
    let (mut answers, mut wrongs) = (Map::new(), Vec::new());
    for field in page.fields.iter().filter(|field| field.r#type.is_asked()) {
        match answer(field, pairs) {
            Ok(Value::Null) if field.required => wrongs.push((field.name.clone(), Wrong::Missing)),
            Ok(Value::Null) => {}
            Ok(value) => {
                if field.required && is_incomplete(field, &value) {
                    wrongs.push((field.name.clone(), Wrong::Missing));
                }
                answers.insert(field.name.clone(), value);
            }
            Err(wrong) => wrongs.push((field.name.clone(), wrong)),
        }
    }
    (answers, wrongs)
}

/// A matrix with rows left out, a box that must be ticked and is not.
fn is_incomplete(field: &Field, value: &Value) -> bool {
    match value {
        Value::Object(rows) => rows.len() < field.rows.len(),
        Value::Bool(is_ticked) => !is_ticked,
        _ => false,
    }
}

fn answer(field: &Field, pairs: &[(String, String)]) -> Result<Value, Wrong> {
    let given = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.trim());
    let text = given(&field.name).unwrap_or_default();
    match field.r#type {
        Sort::Consent => return Ok(json!(!text.is_empty())),
        Sort::Choices => return choices(field, pairs),
        Sort::Matrix => {
            let rows = field.rows.iter().filter_map(|row| {
                let text = given(&format!("{}.{}", field.name, row.value)).filter(|text| !text.is_empty())?;
                Some(one(field, text).map(|value| (row.value.clone(), value)))
            });
            let rows = rows.collect::<Result<Map<_, _>, _>>()?;
            return Ok(if rows.is_empty() { Value::Null } else { Value::Object(rows) });
        }
        _ if text.is_empty() => return Ok(Value::Null),
        _ => {}
    }
    if text.chars().count() > field.max_chars() && matches!(field.r#type, Sort::Text | Sort::LongText | Sort::Hidden) {
        return Err(Wrong::TooLong(field.max_chars()));
    }
    let normal = |normal: Result<String, FormatError>, wrong| normal.map(Value::from).map_err(|_| wrong);
    match field.r#type {
        // What a browser sends has carriage returns; what a record keeps has none.
        Sort::Text | Sort::LongText | Sort::Hidden => Ok(text.replace("\r\n", "\n").into()),
        Sort::Phone => normal(phone::normalize(text), Wrong::NoPhone),
        Sort::Email => normal(email::normalize(text), Wrong::NoEmail),
        Sort::Date => {
            let day = date::normalize(text).map_err(|_| Wrong::NoDate)?;
            let is_before = field.min.as_str().is_some_and(|min| day.as_str() < min);
            let is_after = field.max.as_str().is_some_and(|max| day.as_str() > max);
            if is_before || is_after { Err(Wrong::OutOfRange) } else { Ok(day.into()) }
        }
        Sort::Number => {
            let number: i64 = text.parse().map_err(|_| Wrong::NoNumber)?;
            let is_below = field.min.as_i64().is_some_and(|min| number < min);
            let is_above = field.max.as_i64().is_some_and(|max| number > max);
            if is_below || is_above { Err(Wrong::OutOfRange) } else { Ok(number.into()) }
        }
        _ => one(field, text),
    }
}

/// One of what is offered: a step of the scale, a choice, or that one cannot say.
fn one(field: &Field, text: &str) -> Result<Value, Wrong> {
    if text == "none" && field.none.is_some() {
        return Ok("none".into());
    }
    match field.scale() {
        Some((min, max)) => {
            let number = text.parse::<i64>().ok().filter(|number| (min..=max).contains(number));
            number.map(Value::from).ok_or(Wrong::NoChoice)
        }
        None => {
            let choice = field.options.iter().find(|choice| choice.value == text);
            choice.map(|choice| choice.value.clone().into()).ok_or(Wrong::NoChoice)
        }
    }
}

fn choices(field: &Field, pairs: &[(String, String)]) -> Result<Value, Wrong> {
    let mut chosen: Vec<&str> = Vec::new();
    for (_, text) in pairs.iter().filter(|(name, text)| *name == field.name && !text.is_empty()) {
        let choice = field.options.iter().find(|choice| choice.value == *text).ok_or(Wrong::NoChoice)?;
        if !chosen.contains(&choice.value.as_str()) {
            chosen.push(&choice.value);
        }
    }
    let most = field.max.as_u64().and_then(|max| usize::try_from(max).ok());
    match most.filter(|most| chosen.len() > *most) {
        Some(most) => Err(Wrong::TooMany(most)),
        None if chosen.is_empty() => Ok(Value::Null),
        None => Ok(json!(chosen)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Page {
        let options = json!([{ "value": "a", "label": "A" }, { "value": "b", "label": "B" }]);
        let rows = json!([{ "value": "desk", "label": "D" }, { "value": "shop", "label": "S" }]);
        Page::of(&json!({ "title": "t", "fields": [
            { "type": "heading", "label": "h" },
            { "name": "name", "type": "text", "required": true, "max": 5 },
            { "name": "phone", "type": "phone" },
            { "name": "mail", "type": "email" },
            { "name": "day", "type": "date", "min": "2026-06-01", "max": "2026-06-30" },
            { "name": "km", "type": "number", "min": 0 },
            { "name": "one", "type": "choice", "options": options },
            { "name": "some", "type": "choices", "options": options, "max": 1 },
            { "name": "nps", "type": "scale", "min": 0, "max": 10, "none": "?" },
            { "name": "m", "type": "matrix", "rows": rows, "required": true },
            { "name": "yes", "type": "consent", "required": true },
        ] }))
        .unwrap()
    }

    fn pairs(text: &str) -> Vec<(String, String)> {
        let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        text.split('&').filter_map(pair).collect()
    }

    #[test]
    fn answers_come_in_their_normal_form_and_what_is_not_asked_is_passed_over() {
        let text = "name= 王磊 &phone=138 0000 1234&mail=W@Example.CN&day=2026-06-06&km=42&one=b&some=a&nps=none&m.desk=9&m.shop=10&yes=1&role=admin";
        let (answers, wrongs) = read(&page(), &pairs(text));
        assert_eq!(wrongs, []);
        assert_eq!(
            Value::Object(answers),
            json!({ "name": "王磊", "phone": "+8613800001234", "mail": "w@example.cn", "day": "2026-06-06", "km": 42,
                    "one": "b", "some": ["a"], "nps": "none", "m": { "desk": 9, "shop": 10 }, "yes": true })
        );
    }

    #[test]
    fn every_wrong_answer_is_named() {
        let text = "name=一二三四五六&phone=12&mail=x&day=2026-07-01&km=-1&one=c&some=a&some=b&nps=11&m.desk=9";
        let (answers, wrongs) = read(&page(), &pairs(text));
        let wrongs: Vec<(&str, Wrong)> = wrongs.iter().map(|(name, wrong)| (name.as_str(), *wrong)).collect();
        assert_eq!(
            wrongs,
            [
                ("name", Wrong::TooLong(5)),
                ("phone", Wrong::NoPhone),
                ("mail", Wrong::NoEmail),
                ("day", Wrong::OutOfRange),
                ("km", Wrong::OutOfRange),
                ("one", Wrong::NoChoice),
                ("some", Wrong::TooMany(1)),
                ("nps", Wrong::NoChoice),
                ("m", Wrong::Missing),
                ("yes", Wrong::Missing),
            ]
        );
        assert_eq!(answers["m"], json!({ "desk": 9 }), "what is there is kept, to be shown again");
        assert_eq!(read(&page(), &[]).1[0], ("name".to_owned(), Wrong::Missing));
    }
}
