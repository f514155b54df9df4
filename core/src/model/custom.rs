//! What an organisation makes of a kind for itself and those below it: fields, values of enumerations, labels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{
    Kind, Text,
    kind::{EnumValue, Fields},
};

/// What names of organisations' own fields begin with, so that no plugin's field ever takes one of them.
pub const PREFIX: &str = "x_";

/// What one organisation has added to a kind.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Custom {
    /// Fields of its own, in the order they were added; retired ones stay for the values that are stored.
    pub fields: Fields,
    /// Values added to enumerations that others have declared extensible, by field.
    pub values: BTreeMap<String, Vec<EnumValue>>,
    /// Texts in place of others'.
    pub labels: Labels,
}

/// Texts in place of those of a kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Labels {
    /// What people call one of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// What people call many of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plural: Option<Text>,
    /// Texts of fields.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldLabels>,
}

/// Texts in place of those of a field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldLabels {
    /// What people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Text>,
    /// Explains it under the input.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Texts of its values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, ValueLabel>,
}

/// A text in place of that of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueLabel {
    /// What people read.
    pub label: Text,
}

impl Custom {
    /// The kind as it holds in this organisation; `above` is how it holds above.
    ///
    /// What a plugin's upgrade has brought meanwhile goes before what was added here under the same name.
    pub fn applied(&self, above: &Kind) -> Kind {
        let mut kind = above.clone();
        for (name, field) in self.fields.iter() {
            match kind.fields.get_mut(name) {
                Some(known) => *known = field.clone(),
                None => kind.fields.0.push((name.to_owned(), field.clone())),
            }
        }
        for (name, added) in &self.values {
            let Some(field) = kind.fields.get_mut(name) else { continue };
            for value in added {
                match field.values.iter_mut().find(|known| known.value == value.value) {
                    Some(known) if known.custom => *known = value.clone(),
                    Some(_) => {}
                    None => field.values.push(value.clone()),
                }
            }
        }
        self.labels.put_on(&mut kind);
        kind
    }

    /// Whether nothing is left of it.
    pub fn is_empty(&self) -> bool {
        self.fields.0.is_empty() && self.values.is_empty() && self.labels == Labels::default()
    }
}

impl Labels {
    fn put_on(&self, kind: &mut Kind) {
        put(&mut kind.label, self.label.as_ref());
        if let Some(plural) = &self.plural {
            kind.plural = Some(kind.plural.as_ref().map_or_else(|| plural.clone(), |under| under.overlaid(plural)));
        }
        for (name, texts) in &self.fields {
            let Some(field) = kind.fields.get_mut(name) else { continue };
            put(&mut field.label, texts.label.as_ref());
            if let Some(help) = &texts.help {
                field.help = Some(field.help.as_ref().map_or_else(|| help.clone(), |under| under.overlaid(help)));
            }
            for (value, text) in &texts.values {
                if let Some(known) = field.values.iter_mut().find(|known| known.value == *value) {
                    put(&mut known.label, Some(&text.label));
                }
            }
        }
    }
}

fn put(text: &mut Text, over: Option<&Text>) {
    if let Some(over) = over {
        *text = text.overlaid(over);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn kind() -> Kind {
        serde_json::from_value(json!({
            "kind": "thing", "label": { "zh-CN": "东西", "en": "Thing" }, "title": "name",
            "fields": {
                "name": { "type": "text", "label": "Name" },
                "level": { "type": "enum", "label": "Level", "extensible": true, "values": [{ "value": "low", "label": "Low" }] }
            }
        }))
        .expect("a kind")
    }

    fn custom(body: Value) -> Custom {
        serde_json::from_value(body).expect("a customisation")
    }

    #[test]
    fn fields_values_and_labels_lie_over_the_kind() {
        let custom = custom(json!({
            "fields": { "x_size": { "type": "int", "label": "Size", "custom": true } },
            "values": { "level": [{ "value": "vip", "label": "VIP", "custom": true }] },
            "labels": {
                "label": { "zh-CN": "物件" },
                "fields": { "name": { "label": "Title" }, "level": { "values": { "low": { "label": "Lowest" } } } }
            }
        }));
        let kind = custom.applied(&kind());
        let names: Vec<&str> = kind.fields.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["level", "name", "x_size"], "a JSON value forgets the order of its keys");
        assert_eq!((kind.label.get("zh-CN"), kind.label.get("en")), ("物件", "Thing"));
        assert_eq!(kind.fields.get("name").map(|field| field.label.get("en")), Some("Title"));
        let level = kind.fields.get("level").expect("the level");
        let values: Vec<(&str, &str)> =
            level.values.iter().map(|value| (value.value.as_str(), value.label.get("en"))).collect();
        assert_eq!(values, [("low", "Lowest"), ("vip", "VIP")]);
    }

    #[test]
    fn an_upgrade_that_brings_a_value_goes_before_the_one_that_was_added() {
        let custom = custom(json!({ "values": { "level": [{ "value": "low", "label": "Ours", "custom": true }] } }));
        let kind = custom.applied(&kind());
        let level = kind.fields.get("level").expect("the level");
        assert_eq!((level.values.len(), level.values[0].label.get("en")), (1, "Low"));
    }

    #[test]
    fn what_names_a_field_that_is_gone_does_no_harm() {
        let custom = custom(json!({
            "values": { "gone": [{ "value": "a", "label": "A" }] }, "labels": { "fields": { "gone": { "label": "Gone" } } }
        }));
        assert_eq!(custom.applied(&kind()).fields.iter().count(), 2);
    }
}
