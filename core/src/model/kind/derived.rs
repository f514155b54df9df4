//! Fields the server keeps itself: roll-ups over other records, and values a script computes.
//!
//! In a kind's file such a field is `{"type":"rollup","as":"int","rollup":{…}}` or `{"type":"computed","as":"enum","script":"…"}`.
//! In memory its `type` is what `as` says, so that filters, orders, exports and screens treat it like any other field of
//! that type, and [`Field::derived`] says where the value comes from.

use std::sync::Arc;

use serde::{Deserialize, Serialize, de, ser};
use serde_json::{Map, Value, json};

use super::{Field, FieldType, Fields, Kind};
use crate::model::Record;

/// Where a derived field's value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Derived {
    /// From the records that refer to this one; changes in the same commit as they do.
    Rollup(Rollup),
    /// From this record, by a script; follows the record within moments.
    Computed {
        /// `computed/<kind>.<field>`.
        script: String,
    },
}

/// One number, date or text over all records of a kind that refer to a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollup {
    /// The kind whose records are looked at, the child.
    pub kind: String,
    /// The child's ref field that names the record.
    pub via: String,
    /// Which children count; absent: all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Value>,
    /// What is made of them.
    #[serde(rename = "fn")]
    pub fold: Fold,
    /// The child's field that is looked at; none for `count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// What a roll-up makes of the children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// How many there are.
    Count,
    /// The sum of a field; 0 when there is no value.
    Sum,
    /// The least value of a field; enumerations go by the order of `values`.
    Min,
    /// The greatest, likewise.
    Max,
    /// The value of the child that was made last, of those that have one.
    Latest,
}

/// Types a derived value may have.
const TYPES: [FieldType; 7] = [
    FieldType::Int,
    FieldType::Decimal,
    FieldType::Money,
    FieldType::Date,
    FieldType::Datetime,
    FieldType::Text,
    FieldType::Enum,
];

impl Field {
    /// The roll-up it is, if it is one.
    pub fn rollup(&self) -> Option<&Rollup> {
        match &self.derived {
            Some(Derived::Rollup(rollup)) => Some(rollup),
            _ => None,
        }
    }

    /// The script that computes it, if one does.
    pub fn script(&self) -> Option<&str> {
        match &self.derived {
            Some(Derived::Computed { script }) => Some(script),
            _ => None,
        }
    }
}

impl Fields {
    /// The fields a script computes, with its name.
    pub fn computed(&self) -> impl Iterator<Item = (&str, &Field, &str)> {
        self.iter().filter_map(|(name, field)| Some((name, field, field.script()?)))
    }

    /// The fields that roll other records up.
    pub fn rollups(&self) -> impl Iterator<Item = (&str, &Field, &Rollup)> {
        self.iter().filter_map(|(name, field)| Some((name, field, field.rollup()?)))
    }

    /// Whether any field is kept by the server itself.
    pub fn has_derived(&self) -> bool {
        self.iter().any(|(_, field)| field.derived.is_some())
    }
}

impl Kind {
    /// A record as it was written, without what is derived: nobody's to merge or to keep.
    pub fn written(&self, mut record: Record) -> Record {
        record.data.retain(|name, _| self.fields.get(name).is_none_or(|field| field.derived.is_none()));
        record
    }
}

/// The field that a script computes, in whichever of these kinds.
pub fn computed_by<'a>(kinds: impl Iterator<Item = &'a Arc<Kind>>, script: &str) -> Option<(&'a Arc<Kind>, &'a str)> {
    let mut found = kinds.filter_map(|kind| {
        let (name, _, _) = kind.fields.computed().find(|(_, _, known)| *known == script)?;
        Some((kind, name))
    });
    found.next()
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
        let mut written = Map::deserialize(deserializer)?;
        let derived = take(&mut written).map_err(de::Error::custom)?;
        let mut field = Field::deserialize(Value::Object(written)).map_err(de::Error::custom)?;
        if derived.is_some() && !TYPES.contains(&field.r#type) {
            return Err(de::Error::custom("`as` is one of int, decimal, money, date, datetime, text, enum"));
        }
        // Nobody else writes it, so forms leave it out and imports do not offer it.
        field.readonly |= derived.is_some();
        field.derived = derived;
        Ok(field)
    }
}

impl Serialize for Field {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(derived) = &self.derived else { return Field::serialize(self, serializer) };
        let mut written = Field::serialize(self, serde_json::value::Serializer).map_err(ser::Error::custom)?;
        let r#as = written["type"].take();
        let (r#type, key, source) = match derived {
            Derived::Rollup(rollup) => ("rollup", "rollup", json!(rollup)),
            Derived::Computed { script } => ("computed", "script", json!(script)),
        };
        written["type"] = json!(r#type);
        written["as"] = r#as;
        written[key] = source;
        written.serialize(serializer)
    }
}

/// Take what is said of a derived field out of its text, and put the type it is treated as in the place of its own.
fn take(written: &mut Map<String, Value>) -> Result<Option<Derived>, String> {
    let r#type = written.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !matches!(r#type.as_str(), "rollup" | "computed") {
        return Ok(None);
    }
    let r#as = written.remove("as").ok_or_else(|| format!("a {} field needs `as`, the type of its value", r#type))?;
    written.insert("type".into(), r#as);
    if r#type == "rollup" {
        let rollup = written.remove("rollup").ok_or("a rollup field needs `rollup`: what is rolled up, and how")?;
        let rollup = Rollup::deserialize(rollup).map_err(|error| format!("rollup: {error}"))?;
        return Ok(Some(Derived::Rollup(rollup)));
    }
    let script = written.remove("script").ok_or("a computed field needs `script`: computed/<kind>.<field>")?;
    let script = script.as_str().ok_or("`script` is a text: computed/<kind>.<field>")?.to_owned();
    Ok(Some(Derived::Computed { script }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(written: Value) -> Field {
        serde_json::from_value(written).expect("a field")
    }

    #[test]
    fn a_derived_field_is_treated_as_its_type_and_written_as_it_was_read() {
        let rollup = json!({
            "type": "rollup", "label": "Spent", "indexed": true, "readonly": true, "as": "money",
            "rollup": { "kind": "garage.job", "via": "client", "filter": { "is_paid": true }, "fn": "sum", "field": "amount" },
        });
        let spent = field(rollup.clone());
        assert_eq!((spent.r#type, spent.readonly), (FieldType::Money, true));
        assert_eq!(spent.rollup().map(|rollup| rollup.fold), Some(Fold::Sum));
        assert_eq!(json!(spent), rollup);
        let computed = json!({ "type": "computed", "label": "Score", "readonly": true, "as": "int", "script": "computed/x.score" });
        let score = field(computed.clone());
        assert_eq!(score.script(), Some("computed/x.score"));
        assert_eq!(json!(score), computed);
    }

    #[test]
    fn what_is_missing_or_misspelt_is_named() {
        for (written, word) in [
            (json!({ "type": "rollup", "label": "N" }), "needs `as`"),
            (json!({ "type": "rollup", "label": "N", "as": "int" }), "needs `rollup`"),
            (json!({ "type": "computed", "label": "N", "as": "int" }), "needs `script`"),
            (json!({ "type": "computed", "label": "N", "as": "json", "script": "computed/x.n" }), "`as` is one of"),
            (json!({ "type": "int", "label": "N", "as": "int" }), "unknown field `as`"),
            (
                json!({ "type": "rollup", "label": "N", "as": "int", "rollup": { "kind": "x", "via": "y", "fn": "avg" } }),
                "unknown variant `avg`",
            ),
        ] {
            let error = serde_json::from_value::<Field>(written).expect_err("refused").to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
