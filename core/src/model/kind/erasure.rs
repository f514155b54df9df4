//! What becomes of a kind's records when the customer they refer to is erased: what is kept, what stands in the way, what the law retains.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Field, FieldType, Kind};

/// How records that refer to an erased customer are made anonymous. Without it everything personal and every free text goes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Erasure {
    /// The ref fields that make a record one of the customer's; none named: all that refer to customers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<String>,
    /// Fields that stay although they are personal or free text: the number of a car is the car's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
    /// Nothing but these stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<Vec<String>>,
    /// Choices that become others, by field: what waits to be done for the person is called off.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub becomes: BTreeMap<String, BTreeMap<String, String>>,
    /// Ref fields to records of several people, a household say: what they hold of this customer goes, the rest stays.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
}

/// What must be kept of a customer's records for some years, under lock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retains {
    /// How long.
    pub years: u16,
    /// The date or moment it counts from.
    pub from: String,
    /// What is kept; `vehicle.vin` is a field of the record that `vehicle` refers to.
    pub fields: Vec<String>,
    /// A filter: only records that meet it are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Value>,
}

impl Kind {
    /// The fields that stay when the customer a record refers to is erased.
    pub fn kept_on_erasure(&self) -> BTreeSet<String> {
        let rule = self.erasure.clone().unwrap_or_default();
        if let Some(only) = rule.only {
            return only.into_iter().collect();
        }
        let is_number = |name: &str| self.number.as_ref().is_some_and(|number| number.field == name);
        let stays =
            |name: &str, field: &Field| is_number(name) || rule.keep.iter().any(|kept| kept == name) || is_plain(field);
        self.fields.iter().filter(|(name, field)| stays(name, field)).map(|(name, _)| name.to_owned()).collect()
    }

    /// What a choice becomes when the customer a record refers to is erased.
    pub fn becomes_on_erasure(&self, field: &str, choice: &str) -> Option<&str> {
        self.erasure.as_ref()?.becomes.get(field)?.get(choice).map(String::as_str)
    }

    /// Whether a ref field makes a record one of the customer's it names.
    pub fn is_erased_by(&self, field: &str) -> bool {
        self.erasure.as_ref().is_none_or(|rule| rule.by.is_empty() || rule.by.iter().any(|by| by == field))
    }
}

/// Says nothing about a person by itself: a choice, a number, a day, a link.
fn is_plain(field: &Field) -> bool {
    use FieldType::{Bool, Date, Datetime, Decimal, Enum, EnumList, Int, Money, Ref, RefList};
    !field.personal
        && matches!(field.r#type, Bool | Date | Datetime | Decimal | Enum | EnumList | Int | Money | Ref | RefList)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(rule: &str) -> Kind {
        let text = format!(
            r#"{{"kind":"x.y","label":{{"zh-CN":"一","en":"One"}},"title":"number","number":{{"field":"number","prefix":"N","digits":3}},{rule}
            "fields":{{"number":{{"type":"text","label":{{"zh-CN":"一","en":"One"}}}},"state":{{"type":"int","label":{{"zh-CN":"一","en":"One"}}}},
            "note":{{"type":"long_text","label":{{"zh-CN":"一","en":"One"}}}},"vin":{{"type":"vin","personal":true,"label":{{"zh-CN":"一","en":"One"}}}},
            "birth":{{"type":"date","personal":true,"label":{{"zh-CN":"一","en":"One"}}}}}}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn kept(rule: &str) -> Vec<String> {
        kind(rule).kept_on_erasure().into_iter().collect()
    }

    #[test]
    fn what_is_personal_and_what_is_free_text_goes_unless_the_kind_says_otherwise() {
        assert_eq!(kept(""), ["number", "state"]);
        assert_eq!(kept(r#""erasure":{"keep":["vin"]},"#), ["number", "state", "vin"]);
        assert_eq!(kept(r#""erasure":{"only":["state"]},"#), ["state"]);
        let calling_off = kind(r#""erasure":{"becomes":{"state":{"queued":"cancelled"}}},"#);
        assert_eq!(calling_off.becomes_on_erasure("state", "queued"), Some("cancelled"));
        assert_eq!(calling_off.becomes_on_erasure("state", "sent"), None);
        assert!(kind("").is_erased_by("customer") && !kind(r#""erasure":{"by":["a"]},"#).is_erased_by("b"));
    }
}
