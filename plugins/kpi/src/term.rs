//! What a figure is made of: records of a kind that meet a filter, counted, summed, or their middle value.

use marque_sdk::{Fault, Result, Value};
use serde::{Deserialize, Serialize};

use crate::desk::refuse;

/// The kind of numbers that are typed in.
pub const INPUT: &str = "kpi.input";

/// One part of a numerator or denominator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Term {
    /// Which records.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The moment by which they fall into a period; none: whenever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The same of a field that holds a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// Which of them, with tokens for the period's moments.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub filter: Value,
    /// The field whose sum is taken; none: they are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum: Option<String>,
    /// The ref of which each record is counted once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distinct: Option<String>,
    /// The number field whose middle value is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spread: Option<String>,
    /// The ref to the person whose doing it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Added, or taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign: Option<i8>,
    /// Times this: 12 fields an owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<f64>,
    /// Under this name a script finds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Not the period alone but so many months up to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<i64>,
    /// The period so many months later, earlier when negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift: Option<i64>,
    /// Whether its number is typed in or imported.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub typed: bool,
    /// Whether it is an amount in fen.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub money: bool,
    /// Whether records of the organisation itself count alone, none of those below.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
}

/// A field's name can be nothing else in a filter.
fn is_field(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.".contains(&byte))
}

impl Term {
    /// Refuses what could never be counted.
    pub fn check(&self, pointer: &str) -> Result<()> {
        if !self.typed && (self.kind.is_empty() || !is_field(&self.kind)) {
            return refuse(
                "term_invalid",
                pointer,
                format!("{:?} is no kind of records: write one like leads.lead", self.kind),
            );
        }
        let fields = [&self.at, &self.on, &self.sum, &self.distinct, &self.spread, &self.by];
        if let Some(wrong) = fields.into_iter().flatten().find(|name| !is_field(name)) {
            return refuse("term_invalid", pointer, format!("{wrong:?} is no name of a field"));
        }
        if [&self.sum, &self.distinct, &self.spread].into_iter().flatten().count() > 1 {
            return refuse("term_invalid", pointer, "choose one of sum, distinct and spread");
        }
        if !(self.filter.is_null() || self.filter.is_object()) {
            return refuse("term_invalid", pointer, "a filter is an object such as {\"state\":\"done\"}");
        }
        Ok(())
    }

    /// What it adds for what was counted.
    pub fn weighed(&self, number: f64) -> f64 {
        number * f64::from(self.sign.unwrap_or(1)) * self.scale.unwrap_or(1.0)
    }

    /// The same part as numbers typed in for a figure say it.
    pub fn as_typed(&self, code: &str, side: &str) -> Term {
        let key = self.name.as_ref().map_or_else(|| code.to_owned(), |name| format!("{code}.{name}"));
        Term {
            kind: INPUT.into(),
            on: Some("day".into()),
            filter: marque_sdk::json!({ "kpi": if self.typed { key } else { code.to_owned() } }),
            sum: Some(side.into()),
            by: self.by.as_ref().map(|_| "person".into()),
            sign: if self.typed { self.sign } else { None },
            name: self.name.clone(),
            months: self.months,
            shift: self.shift,
            money: self.money,
            ..Term::default()
        }
    }
}

/// Parts as somebody wrote them.
pub fn parse(value: &Value, pointer: &str) -> Result<Vec<Term>> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let terms: Vec<Term> = serde_json::from_value(value.clone())
        .map_err(|error| Fault::at("term_invalid", pointer, format!("{pointer}: {error}")))?;
    terms.iter().enumerate().try_for_each(|(n, term)| term.check(&format!("{pointer}/{n}")))?;
    Ok(terms)
}

#[cfg(test)]
mod tests {
    use marque_sdk::json;

    use super::*;

    #[test]
    fn what_could_never_be_counted_is_refused() {
        for wrong in [
            json!([{ "kind": "" }]),
            json!([{ "kind": "leads.lead; drop" }]),
            json!([{ "kind": "a.b", "sum": "x", "distinct": "y" }]),
            json!([{ "kind": "a.b", "filter": [1] }]),
            json!([{ "kind": "a.b", "at": "when ever" }]),
            json!([{ "kind": "a.b", "colour": 1 }]),
        ] {
            assert_eq!(parse(&wrong, "/top").unwrap_err().code, "term_invalid", "{wrong}");
        }
        assert!(
            parse(&json!([{ "typed": true }, { "kind": "org", "filter": { "parent.city": "武汉" } }]), "/top").is_ok()
        );
    }

    #[test]
    fn a_part_can_be_taken_away_and_multiplied() {
        let term = Term { sign: Some(-1), scale: Some(12.0), ..Term::default() };
        assert_eq!(term.weighed(2.0).to_string(), "-24");
    }
}
