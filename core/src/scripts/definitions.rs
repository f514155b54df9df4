//! What a script can see and call, for the editor and for people: `marque.d.rhai`, made of the functions, the points and the kinds.

mod functions;

use std::{collections::BTreeMap, fmt::Write, sync::Arc};

use serde_json::{Map, Value, json};

use crate::{
    catalogue::{Catalogue, ear},
    model::{Field, FieldType, Kind},
};

pub use functions::{FUNCTIONS, Function};

/// What may happen to every record of a kind.
const EVENTS: [&str; 8] =
    ["created", "changed", "removed", "restored", "derived", "attached", "detached", "asked_after"];
/// What the core tells besides: of its own kinds, and of what is no record.
const CORE: [&str; 22] = [
    "customer.merged",
    "customer.unmerged",
    "customer.erased",
    "consent.granted",
    "consent.refused",
    "consent.withdrawn",
    "message.queued",
    "message.sent",
    "message.suppressed",
    "message.postponed",
    "message.failed",
    "message.cancelled",
    "review.merged",
    "review.parted",
    "request.received",
    "request.answered",
    "request.overdue",
    "data_request.lapsed",
    "contact.settled",
    "segment.entered",
    "segment.left",
    "kind.changed",
];

/// Kinds by name, as they hold in an organisation.
pub type Kinds = BTreeMap<String, Arc<Kind>>;

/// For completion: functions, fields by kind, and the functions by which reactions hear.
pub fn told(catalogue: &Catalogue, kinds: &Kinds) -> Value {
    let function = |function: &Function| {
        json!({
            "call": function.call, "answers": function.answers, "help": { "zh-CN": function.zh, "en": function.en },
            "example": function.example,
        })
    };
    let fields = kinds.iter().map(|(name, kind)| {
        let shown = shown(kind).map(|(field, of)| json!({ "name": field, "label": of.label, "type": of.r#type }));
        (name.clone(), json!(shown.collect::<Vec<_>>()))
    });
    json!({
        "functions": FUNCTIONS.iter().map(function).collect::<Vec<_>>(),
        "kinds": Map::from_iter(fields),
        "ears": ears(catalogue, kinds),
        "asks": asks(kinds),
        "text": text(catalogue, kinds),
    })
}

/// Fields that a script may read.
fn shown(kind: &Kind) -> impl Iterator<Item = (&str, &Field)> {
    kind.fields.iter().filter(|(_, field)| !field.personal && !field.retired)
}

/// What a reaction may be granted.
pub fn asks(kinds: &Kinds) -> Vec<String> {
    let may = |kind: &Kind, command: &str| {
        kind.is_open_to_scripts(command) && !crate::model::kind::HOUSE.contains(&kind.kind.as_str())
    };
    let commands = ["record.create", "record.change", "record.move"];
    let of_kind = |kind: &Arc<Kind>| {
        let kind = kind.clone();
        commands
            .into_iter()
            .filter(move |command| may(&kind, command) && (*command != "record.move" || kind.states.is_some()))
    };
    let of_kinds = kinds.values().flat_map(|kind| of_kind(kind).map(|command| format!("{command}:{}", kind.kind)));
    of_kinds.chain(["message.send".to_owned()]).collect()
}

/// The functions by which reactions hear, of every event that there may be, in order and each once.
pub fn ears(catalogue: &Catalogue, kinds: &Kinds) -> Vec<String> {
    let moves = |kind: &Kind| {
        let moves = kind.states.iter().flat_map(|states| states.transitions.values());
        moves.map(|it| ear(&format!("{}.{}", kind.kind, it.event))).collect::<Vec<_>>()
    };
    let of_kind = |kind: &Arc<Kind>| {
        let every = EVENTS.map(|verb| ear(&format!("{}.{verb}", kind.kind)));
        every.into_iter().chain(moves(kind))
    };
    let owned = catalogue.plugins.values().flat_map(|plugin| &plugin.manifest.owns.events).map(|event| ear(event));
    let core = CORE.into_iter().map(ear);
    let mut all: Vec<String> = kinds.values().flat_map(of_kind).chain(owned).chain(core).collect();
    all.sort();
    all.dedup();
    all
}

/// The file.
pub fn text(catalogue: &Catalogue, kinds: &Kinds) -> String {
    let mut text = String::from(HEAD);
    let mut line = |added: &str| writeln!(text, "{added}").expect("a text takes what is written to it");
    line("\n// ── 函数 Functions ──\n");
    for function in &FUNCTIONS {
        line(&format!(
            "/// {} | {}\n///     {} == {}\nfn {} -> {};",
            function.zh, function.en, function.example, function.result, function.call, function.answers
        ));
    }
    line("\n// ── 决策点 Decision points: fn decide(input) ──");
    for (name, point) in catalogue.plugins.values().flat_map(|plugin| &plugin.points) {
        line(&format!("\n/// {} | {}\n// decision/{name}", point.label.get("zh-CN"), point.label.get("en")));
        line(&format!("fn decide(input: {}) -> {};", shape(&point.input), shape(&point.output)));
    }
    line("\n// ── 计算字段 Computed fields: fn compute(record) ──");
    for (name, kind) in kinds {
        line(&format!("\n/// {} | {}", kind.label.get("zh-CN"), kind.label.get("en")));
        line(&format!("type {name} = #{{"));
        for (field, of) in shown(kind) {
            line(&format!("    {field}: {}, // {} | {}", type_of(of), of.label.get("zh-CN"), of.label.get("en")));
        }
        line(&format!("    {}\n}};", OWN.join(", ")));
    }
    line("\n// ── 反应 Reactions ──\n");
    for name in ears(catalogue, kinds) {
        line(&format!("fn {name}(event);"));
    }
    text
}

const HEAD: &str = "// marque.d.rhai: what a script can see and call. Generated; do not edit.\n\n\
/// 决定的时刻 | the moment of the decision, RFC 3339 in the dealer's time zone\nconst NOW: text;\n\
/// 参数 | the parameters of the script\nconst PARAMETERS: map;\n";
const OWN: [&str; 5] = ["id: text", "org: text", "rev: int", "created_at: time", "updated_at: time"];

fn type_of(field: &Field) -> String {
    let words = || field.values.iter().map(|value| format!("{:?}", value.value)).collect::<Vec<_>>().join(" | ");
    match field.r#type {
        FieldType::Enum => words(),
        FieldType::EnumList => format!("[{}]", words()),
        _ => json!(field.r#type).as_str().unwrap_or("any").to_owned(),
    }
}

/// A JSON Schema in a line.
fn shape(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(Value::to_string).collect::<Vec<_>>().join(" | ");
    }
    match schema["type"].as_str() {
        Some("object") => {
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let properties = schema["properties"].as_object().into_iter().flatten();
            let one = |(name, of): (&String, &Value)| {
                let mark = if required.contains(&name.as_str()) { "" } else { "?" };
                format!("{name}{mark}: {}", shape(of))
            };
            format!("#{{ {} }}", properties.map(one).collect::<Vec<_>>().join(", "))
        }
        Some("array") => format!("[{}]", shape(&schema["items"])),
        Some("string") if schema["format"].is_string() => schema["format"].as_str().unwrap_or("text").to_owned(),
        Some("string") => "text".into(),
        Some("integer") => "int".into(),
        Some("number") => "float".into(),
        Some("boolean") => "bool".into(),
        _ => "any".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_reads_as_a_shape() {
        let schema = json!({
            "type": "object", "required": ["level"],
            "properties": { "level": { "type": "string", "enum": ["a", "b"] }, "due": { "type": "string", "format": "span" }, "n": { "type": "array", "items": { "type": "integer" } } },
        });
        assert_eq!(shape(&schema), r#"#{ due?: span, level: "a" | "b", n?: [int] }"#);
        assert_eq!(shape(&json!({})), "any");
    }
}
