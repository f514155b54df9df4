//! Kinds as JSON Schema: what each field holds, what a new record needs, what a patch may bring.

use serde_json::{Map, Value, json};

use crate::{
    http::records::said,
    model::{Field, FieldType, Kind},
};

/// The fields of a stored record.
pub fn data(kind: &Kind) -> Value {
    let properties: Map<String, Value> =
        kind.fields.iter().map(|(name, field)| (name.to_owned(), schema(field))).collect();
    json!({ "type": "object", "title": kind.label.get("en"), "properties": properties, "additionalProperties": false })
}

/// A record of the kind.
pub fn item(kind: &Kind) -> Value {
    json!({
        "allOf": [
            { "$ref": "#/components/schemas/Item" },
            { "type": "object", "properties": { "kind": { "const": kind.kind }, "data": reference(kind) } },
        ],
    })
}

/// A page of records of the kind.
pub fn page(kind: &Kind) -> Value {
    let item = json!({ "$ref": format!("#/components/schemas/{}.item", kind.kind) });
    json!({
        "type": "object",
        "properties": {
            "items": { "type": "array", "items": item },
            "next": { "type": ["string", "null"] },
            "count": { "type": "integer" },
            "refs": { "$ref": "#/components/schemas/Refs" },
        },
    })
}

/// The body of a create.
pub fn create(kind: &Kind) -> Value {
    let required: Vec<&str> =
        kind.fields.iter().filter(|(name, field)| is_asked(kind, name, field)).map(|(name, _)| name).collect();
    let mut properties = said();
    properties.insert("data".into(), json!({ "allOf": [reference(kind)], "required": required }));
    properties.insert("org".into(), json!({ "type": "string" }));
    json!({ "type": "object", "required": ["data"], "additionalProperties": false, "properties": properties })
}

/// The body of a merge patch: any field, and `null` takes a value away.
pub fn patch(kind: &Kind) -> Value {
    let properties: Map<String, Value> = kind
        .fields
        .iter()
        .filter(|(_, field)| !field.readonly)
        .map(|(name, field)| (name.to_owned(), json!({ "anyOf": [schema(field), { "type": "null" }] })))
        .collect();
    let mut body = said();
    body.insert("data".into(), json!({ "type": "object", "properties": properties, "additionalProperties": false }));
    json!({ "type": "object", "required": ["data"], "additionalProperties": false, "properties": body })
}

fn reference(kind: &Kind) -> Value {
    json!({ "$ref": format!("#/components/schemas/{}", kind.kind) })
}

/// Whether the caller must bring the field: nothing else fills it.
fn is_asked(kind: &Kind, name: &str, field: &Field) -> bool {
    let is_numbered = kind.number.as_ref().is_some_and(|number| number.field == name);
    let is_state = kind.states.as_ref().is_some_and(|states| states.field == name);
    field.required && field.default.is_none() && !field.readonly && !is_numbered && !is_state
}

/// What one field holds.
pub fn schema(field: &Field) -> Value {
    let values: Vec<&str> = field.values.iter().map(|known| known.value.as_str()).collect();
    let of_format = |format: &str| json!({ "type": "string", "format": format });
    let mut told = match field.r#type {
        FieldType::Text => json!({ "type": "string", "maxLength": field.max.unwrap_or(500) }),
        FieldType::LongText => json!({ "type": "string", "maxLength": field.max.unwrap_or(20_000) }),
        FieldType::Int => number("integer", field),
        FieldType::Decimal => number("number", field),
        FieldType::Money => {
            let mut told = number("integer", field);
            told["description"] = json!("whole fen");
            told
        }
        FieldType::Bool => json!({ "type": "boolean" }),
        FieldType::Date => of_format("date"),
        FieldType::Datetime => of_format("date-time"),
        FieldType::Enum => json!({ "type": "string", "enum": values }),
        FieldType::EnumList => json!({ "type": "array", "items": { "enum": values }, "uniqueItems": true }),
        FieldType::File => json!({ "type": "string", "x-attachment": true }),
        FieldType::Ref => json!({ "type": "string", "x-kind": field.to }),
        FieldType::RefList => {
            json!({ "type": "array", "items": { "type": "string", "x-kind": field.to }, "uniqueItems": true })
        }
        FieldType::Phone => of_format("phone"),
        FieldType::Email => of_format("email"),
        FieldType::Plate => of_format("plate"),
        FieldType::Vin => of_format("vin"),
        FieldType::IdNo => of_format("id-no"),
        FieldType::Uscc => of_format("uscc"),
        FieldType::Url => of_format("uri"),
        FieldType::Json => json!({}),
    };
    told["title"] = json!(field.label.get("en"));
    if field.readonly {
        told["readOnly"] = json!(true);
    }
    if let Some(default) = &field.default {
        told["default"] = default.clone();
    }
    told
}

fn number(r#type: &str, field: &Field) -> Value {
    let mut told = json!({ "type": r#type });
    if let Some(min) = field.min {
        told["minimum"] = json!(min);
    }
    if let Some(max) = field.max {
        told["maximum"] = json!(max);
    }
    told
}

/// Schemas of plugins carry titles in each language; OpenAPI wants one text.
pub fn plain_titles(schema: Value) -> Value {
    match schema {
        Value::Object(map) => map
            .into_iter()
            .map(|(name, value)| {
                let is_text = matches!(name.as_str(), "title" | "description")
                    && value.is_object()
                    && value.get("type").is_none();
                let english =
                    is_text.then(|| value.get("en").or_else(|| value.as_object()?.values().next()).cloned()).flatten();
                (name, english.unwrap_or_else(|| plain_titles(value)))
            })
            .collect(),
        Value::Array(values) => values.into_iter().map(plain_titles).collect(),
        Value::Null => json!({}),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer() -> Kind {
        serde_json::from_str(include_str!("../../model/kinds/customer.json")).unwrap()
    }

    #[test]
    fn a_create_asks_for_what_nothing_else_fills() {
        assert_eq!(create(&customer())["properties"]["data"]["required"], json!(["name"]));
    }

    #[test]
    fn a_field_becomes_a_schema() {
        let told = data(&customer());
        assert_eq!(told["properties"]["name"], json!({ "type": "string", "maxLength": 100, "title": "Name" }));
        assert_eq!(told["properties"]["owner"], json!({ "type": "string", "x-kind": "user", "title": "Responsible" }));
        assert_eq!(told["properties"]["gender"]["enum"], json!(["male", "female", "other"]));
    }

    #[test]
    fn titles_are_told_in_one_language() {
        let schema =
            json!({ "properties": { "title": { "type": "string", "title": { "zh-CN": "标题", "en": "Title" } } } });
        assert_eq!(plain_titles(schema), json!({ "properties": { "title": { "type": "string", "title": "Title" } } }));
    }
}
