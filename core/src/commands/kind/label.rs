//! `kind.label`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Changed, Own, wrong};
use crate::{
    Error, Result,
    commands::{Ctx, Run},
    error::FieldError,
    model::{Id, Kind, custom::Labels},
    store::Tx,
};

/// Put an organisation's texts in place of a kind's, by merge patch: `null` brings the text above back.
///
/// Causes `kind.changed`, and nothing when nothing differs. Refuses texts of fields or values that there are not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The kind.
    pub kind: String,
    /// Whose texts they are.
    pub org: Id,
    /// A merge patch of `{"label","plural","fields":{"<name>":{"label","help","values":{"<value>":{"label"}}}}}`.
    pub labels: Value,
}

impl Run for Label {
    /// The organisation's texts.
    type Done = Labels;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Labels> {
        let mut own = Own::read(tx, ctx, &self.kind, &self.org)?;
        let before = json!(own.custom.labels);
        let after = patched(&before, &self.labels);
        let labels: Labels = serde_json::from_value(after.clone()).map_err(|error| {
            let message = format!("labels are {{\"label\",\"plural\",\"fields\":{{name:{{\"label\",\"help\",\"values\":{{value:{{\"label\"}}}}}}}}}}: {error}");
            wrong("", "labels.invalid", message)
        })?;
        // Texts of what has gone since may stay; new ones must name something.
        let named: Labels = serde_json::from_value(patched(&Value::Null, &self.labels)).unwrap_or_default();
        let kind = tx.kind_in(&self.kind, &self.org)?;
        check(&kind, &named)?;
        if before == after {
            return Ok(labels);
        }
        own.custom.labels = labels.clone();
        own.write(tx, ctx, Changed { change: "labelled", field: None, before, after })?;
        Ok(labels)
    }
}

/// RFC 7396; objects that become empty go too.
fn patched(old: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut new = old.as_object().cloned().unwrap_or_default();
    for (name, value) in patch {
        let value = patched(new.get(name).unwrap_or(&Value::Null), value);
        if value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty) {
            new.remove(name);
        } else {
            new.insert(name.clone(), value);
        }
    }
    Value::Object(new)
}

fn check(kind: &Kind, labels: &Labels) -> Result<()> {
    let mut errors = Vec::new();
    for (name, texts) in &labels.fields {
        let Some(field) = kind.fields.get(name) else {
            let message = format!("{} has no field {name:?}", kind.kind);
            errors.push(FieldError { pointer: format!("/fields/{name}"), code: "unknown_field".into(), message });
            continue;
        };
        for value in texts.values.keys().filter(|value| !field.values.iter().any(|known| known.value == **value)) {
            let pointer = format!("/fields/{name}/values/{value}");
            let message = format!("{name} has no value {value:?}");
            errors.push(FieldError { pointer, code: "not_in_list".into(), message });
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_taken_back_leaves_nothing_behind() {
        let old = json!({ "label": "A", "fields": { "name": { "label": "B" } } });
        assert_eq!(patched(&old, &json!({ "fields": { "name": { "label": null } } })), json!({ "label": "A" }));
        assert_eq!(patched(&old, &json!({ "label": { "zh-CN": "甲" } }))["label"], json!({ "zh-CN": "甲" }));
    }
}
