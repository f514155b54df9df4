//! The text of a cell as the JSON of its field's type, as people write numbers, choices and times in lists.

use jiff::tz::TimeZone;
use serde_json::{Number, Value};
use unicode_normalization::UnicodeNormalization;

use crate::model::{
    Field, FieldType, Text, Time,
    format::{date, spreadsheet},
};

/// What people write where there is nothing to write.
const NOTHING: [&str; 16] =
    ["无", "没有", "暂无", "未知", "不详", "空", "-", "--", "—", "——", "/", "n/a", "na", "null", "none", "#n/a"];
const YES: [&str; 10] = ["是", "有", "对", "√", "✓", "y", "yes", "true", "1", "on"];
const NO: [&str; 9] = ["否", "无", "没有", "×", "n", "no", "false", "0", "off"];
/// Choices of the usual fields by other words: field, value, words.
const CHOICES: [(&str, &str, &[&str]); 3] = [
    ("gender", "male", &["男", "男性", "先生", "m", "男士"]),
    ("gender", "female", &["女", "女性", "女士", "小姐", "f"]),
    ("gender", "other", &["其他", "保密"]),
];

/// The value of a spreadsheet's cell; none when it says nothing. What cannot be read stays a text, for the field's own
/// check to refuse.
pub(super) fn value(field: &Field, text: &str, zone: &TimeZone) -> Option<Value> {
    written(field, spreadsheet::unguard(text), zone)
}

/// The value a file says in JSON: what has a type keeps it, texts are read as people write them.
pub(super) fn json(field: &Field, value: &Value, zone: &TimeZone) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::String(text) if field.r#type != FieldType::Json => written(field, text, zone),
        other => Some(other.clone()),
    }
}

fn written(field: &Field, text: &str, zone: &TimeZone) -> Option<Value> {
    use FieldType as T;
    let trimmed = text.trim();
    let plain: String = trimmed.nfkc().flat_map(char::to_lowercase).collect();
    let is_nothing = plain.is_empty()
        || (NOTHING.contains(&plain.as_str()) && !matches!(field.r#type, T::Text | T::LongText | T::Bool));
    if is_nothing {
        return None;
    }
    let read = match field.r#type {
        T::Int => {
            digits(&plain).parse::<f64>().ok().filter(|n| n.fract() == 0.0 && n.abs() < 1e18).map(|n| (n as i64).into())
        }
        T::Decimal => digits(&plain).parse().ok().and_then(Number::from_f64).map(Value::Number),
        T::Money => fen(&plain).map(Value::from),
        T::Bool if YES.contains(&plain.as_str()) => Some(Value::Bool(true)),
        T::Bool if NO.contains(&plain.as_str()) => Some(Value::Bool(false)),
        T::Datetime => moment(trimmed, zone),
        T::Enum => choice(field, &plain),
        T::EnumList => Some(
            parts(trimmed).map(|part| choice(field, &part.to_lowercase()).unwrap_or_else(|| part.into())).collect(),
        ),
        T::RefList => Some(parts(trimmed).map(Value::from).collect()),
        T::Json => serde_json::from_str(trimmed).ok(),
        // What a note begins with may be meant.
        T::LongText => Some(Value::String(text.to_owned())),
        _ => None,
    };
    Some(read.unwrap_or_else(|| Value::String(trimmed.to_owned())))
}

/// The labels people may write for a field's choices.
pub(super) fn labels(field: &Field) -> String {
    field.values.iter().map(|value| value.label.get("zh-CN")).collect::<Vec<_>>().join("、")
}

/// Without thousands separators.
fn digits(plain: &str) -> String {
    plain.chars().filter(|c| !matches!(c, ',' | ' ' | '\'')).collect()
}

/// Yuan as people write them, `¥149,999.00`, `149999元`, `14.98万`, into whole fen.
fn fen(plain: &str) -> Option<i64> {
    let text = digits(plain);
    let text = text.trim_start_matches(['¥', '￥']).trim_start_matches("rmb").trim_start_matches("cny");
    let text = text.strip_suffix('元').unwrap_or(text);
    let (text, shift) = text.strip_suffix('万').map_or((text, 2), |wan| (wan, 6));
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_number = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    if !is_number || fraction.len() > shift || whole.len() > 12 {
        return None;
    }
    format!("{whole}{fraction:0<shift$}").parse::<i64>().ok().map(|fen| sign * fen)
}

/// A moment with a zone, or a local date and time.
fn moment(text: &str, zone: &TimeZone) -> Option<Value> {
    if let Ok(time) = text.parse::<Time>() {
        return Some(time.to_string().into());
    }
    let local = date::parse(text).ok()?;
    let instant = zone.to_ambiguous_timestamp(local).compatible().ok()?;
    Some(Time::from(instant).to_string().into())
}

/// A choice by its value, its label in any language, or another usual word.
fn choice(field: &Field, plain: &str) -> Option<Value> {
    let is_called = |label: &Text| match label {
        Text::Plain(label) => label.to_lowercase() == plain,
        Text::Localized(labels) => labels.values().any(|label| label.to_lowercase() == plain),
    };
    let by_label = field.values.iter().find(|known| known.value.to_lowercase() == plain || is_called(&known.label));
    let known = by_label.or_else(|| {
        let usual = CHOICES.iter().find(|(_, value, words)| {
            words.contains(&plain) && field.values.iter().any(|known| known.value == *value)
        })?;
        field.values.iter().find(|known| known.value == usual.1)
    })?;
    Some(known.value.clone().into())
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split([',', '，', '、', ';', '；', '|', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
}
