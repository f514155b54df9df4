//! Values that are well-formed and yet perhaps wrong: refused unless somebody answers for them, and values out of their time.

use jiff::{ToSpan, civil::Date};
use serde_json::Value;

use crate::{
    error::FieldError,
    model::{
        Data, Field, FieldType, Kind,
        format::{plate, uscc, vin},
    },
};

/// The fields among `data` whose values are doubtful. What was said for them is kept with the revision.
pub fn doubtful<'a>(kind: &'a Kind, data: &'a Data) -> impl Iterator<Item = &'a str> {
    data.iter().filter_map(|(name, value)| {
        let field = kind.fields.get(name)?;
        of(name, field, value).map(|_| name.as_str())
    })
}

/// What is odd about a value in normal form, `uscc.doubtful`.
pub(super) fn of(name: &str, field: &Field, value: &Value) -> Option<FieldError> {
    let text = value.as_str()?;
    let (code, warning) = match field.r#type {
        FieldType::Uscc => ("uscc.doubtful", uscc::warning(text)?),
        FieldType::Vin => ("vin.doubtful", vin::warning(text)?),
        FieldType::Plate => ("plate.doubtful", plate::warning(text)?),
        _ => return None,
    };
    let message = format!("{warning}; if it is right all the same, send the reason in overrides as {{{name:?}:\"…\"}}");
    Some(FieldError::field(name, code, message))
}

/// A field or value out of use: what is stored stays, nothing new is written.
pub(super) fn out_of_use(name: &str, field: &Field, old: Option<&Value>, new: &Value) -> Option<FieldError> {
    if field.retired {
        let message = format!("{name} is out of use: leave it out");
        return Some(FieldError::field(name, "field.retired", message));
    }
    let retired = |text: &str| field.values.iter().any(|value| value.retired && value.value == text);
    let had = |text: &str| match old {
        Some(Value::Array(items)) => items.iter().any(|item| item == text),
        Some(one) => one == text,
        None => false,
    };
    let items = new.as_array().map_or(std::slice::from_ref(new), Vec::as_slice);
    let wrong = items.iter().filter_map(Value::as_str).find(|text| retired(text) && !had(text))?;
    let message = format!("{wrong:?} is a value of {name} that is out of use: choose another");
    Some(FieldError::field(name, "value.retired", message))
}

/// Why a day cannot be: it has not come yet where it must lie in the past, or is longer ago than anything it could mean.
pub(super) fn out_of_time(name: &str, field: &Field, value: &Value, today: Date) -> Option<FieldError> {
    let day: Date = value.as_str()?.parse().ok()?;
    if field.past && day > today {
        let message = format!("{name} is {day}, which is still to come: write a day up to {today}");
        return Some(FieldError::field(name, "date.future", message));
    }
    let years = field.max_years?;
    let earliest = today.checked_sub(i32::from(years).years()).ok()?;
    let message = || format!("{name} is {day}, more than {years} years ago: write a day from {earliest} on");
    (day < earliest).then(|| FieldError::field(name, "date.too_old", message()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(definition: Value) -> Field {
        serde_json::from_value(definition).expect("a field")
    }

    #[test]
    fn what_may_be_right_all_the_same_is_doubtful() {
        let code = |r#type: &str, value: &str| {
            let field = field(json!({ "type": r#type, "label": "X" }));
            of("x", &field, &json!(value)).map(|error| error.code)
        };
        assert_eq!(code("uscc", "91350100M000100Y43"), None);
        assert_eq!(code("uscc", "91350100M000100Y44").as_deref(), Some("uscc.doubtful"));
        assert_eq!(code("vin", "1M8GDM9AXKP042788"), None);
        assert_eq!(code("vin", "WVWZZZ1JZXW000001").as_deref(), Some("vin.doubtful"));
        assert_eq!(code("plate", "鄂A12345"), None);
        assert_eq!(code("plate", "WJ鄂1234X").as_deref(), Some("plate.doubtful"));
        assert_eq!(code("text", "WJ鄂1234X"), None);
    }

    #[test]
    fn a_birth_date_is_held_to_what_a_life_can_be() {
        let today = "2026-03-13".parse().expect("a day");
        let birth = field(json!({ "type": "date", "label": "Birth date", "past": true, "max_years": 120 }));
        let code = |day: &str| out_of_time("birth_date", &birth, &json!(day), today).map(|error| error.code);
        assert_eq!(code("2026-03-13"), None);
        assert_eq!(code("2026-03-14").as_deref(), Some("date.future"));
        assert_eq!(code("1906-03-13"), None);
        assert_eq!(code("1906-03-12").as_deref(), Some("date.too_old"));
        let any = field(json!({ "type": "date", "label": "Due" }));
        assert!(out_of_time("due", &any, &json!("2999-01-01"), today).is_none());
    }
}
