//! The shapes that routes refer to by name.

use serde_json::{Map, Value, json};

/// `#/components/schemas` but for the installed kinds.
pub fn components() -> Map<String, Value> {
    let shapes = [
        (
            "FieldError",
            json!({ "type": "object", "properties": { "pointer": text(), "code": text(), "message": text() } }),
        ),
        ("Problem", problem()),
        ("Item", item()),
        ("Page", page()),
        ("Refs", refs()),
        ("Actor", actor()),
        ("Change", object(json!({ "field": text(), "old": {}, "new": {}, "masked": { "const": true } }))),
        ("TimelineEntry", timeline_entry()),
        ("Revision", revision()),
        ("Attachment", attachment()),
        ("Receipt", receipt()),
        ("Event", event()),
        ("Job", job()),
        ("Export", export()),
        ("AuditEntry", audit_entry()),
        ("AuditRoot", audit_root()),
        ("Segment", segment()),
        ("Kind", kind()),
        ("Field", field()),
        ("Text", label()),
        ("Plugin", plugin()),
        ("Parked", parked()),
        ("Script", script()),
        ("CheckReport", check_report()),
    ];
    shapes.into_iter().map(|(name, shape)| (name.to_owned(), shape)).collect()
}

fn segment() -> Value {
    object(json!({
        "id": text(), "name": text(), "kind": text(), "filter": { "type": "object" }, "org": text(), "owner": maybe("string"),
        "is_static": { "type": "boolean" }, "is_filling": { "type": "boolean" }, "n": whole(), "counted_at": text(), "rev": whole(), "created_at": text(), "updated_at": text(),
    }))
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn whole() -> Value {
    json!({ "type": "integer" })
}

fn moment() -> Value {
    json!({ "type": "string", "format": "date-time" })
}

fn maybe(r#type: &str) -> Value {
    json!({ "type": [r#type, "null"] })
}

fn named(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn list(item: Value) -> Value {
    json!({ "type": "array", "items": item })
}

fn object(properties: Value) -> Value {
    json!({ "type": "object", "properties": properties })
}

/// One text for all languages, or one a language.
fn label() -> Value {
    json!({ "anyOf": [text(), { "type": "object", "additionalProperties": text() }] })
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": { "type": text(), "title": text(), "status": whole(), "code": text(), "detail": text(), "errors": list(json!({ "$ref": "#/components/schemas/FieldError" })) },
    })
}

fn item() -> Value {
    json!({
        "type": "object",
        "required": ["id", "kind", "rev", "org", "created_at", "updated_at", "data"],
        "properties": {
            "id": text(), "kind": text(), "rev": whole(), "org": text(), "created_at": moment(), "updated_at": moment(),
            "data": { "type": "object" }, "stale": list(text()), "masked": list(text()),
            "hints": { "type": "object", "additionalProperties": text() }, "refs": named("Refs"),
            "as_of": object(json!({ "rev": whole(), "at": moment() })),
        },
    })
}

fn page() -> Value {
    object(json!({ "items": list(named("Item")), "next": maybe("string"), "count": whole(), "refs": named("Refs") }))
}

fn refs() -> Value {
    json!({ "type": "object", "additionalProperties": { "type": "object", "properties": { "kind": text(), "title": text() } } })
}

/// Who, and for whom: a plugin acts for itself or for somebody.
fn actor() -> Value {
    let person = object(json!({ "label": text(), "name": maybe("string") }));
    object(json!({ "label": text(), "name": maybe("string"), "for": person }))
}

fn timeline_entry() -> Value {
    object(json!({
        "seq": whole(), "at": moment(), "kind": text(), "org": text(), "actor": named("Actor"),
        "record": { "type": ["object", "null"], "properties": { "kind": text(), "id": text(), "rev": whole(), "title": text() } },
        "title": label(), "data": { "type": "object" }, "changes": list(named("Change")), "receipts": list(named("Receipt")), "attachment": named("Attachment"),
    }))
}

fn revision() -> Value {
    object(json!({
        "rev": whole(), "at": moment(), "seq": whole(), "actor": named("Actor"), "changes": list(named("Change")),
        "why": maybe("string"), "overrides": { "type": "object", "additionalProperties": text() },
        "undoes": maybe("integer"),
    }))
}

fn attachment() -> Value {
    object(json!({
        "id": text(), "name": text(), "type": text(), "size": whole(), "digest": text(), "at": moment(), "actor": named("Actor"),
    }))
}

fn receipt() -> Value {
    object(json!({
        "id": text(), "at": moment(), "org": text(), "point": text(), "plugin": text(), "plugin_version": text(),
        "script": text(), "script_owner": text(), "script_version": whole(), "script_digest": text(),
        "input": {}, "output": {}, "reasons": list(text()), "fallback": maybe("string"), "field": text(),
    }))
}

fn event() -> Value {
    object(json!({
        "seq": whole(), "kind": text(), "at": moment(), "org": text(), "subject": maybe("string"), "actor": text(),
        "cause": maybe("integer"), "depth": whole(),
        "record": { "type": ["object", "null"], "properties": { "kind": text(), "id": text(), "rev": whole() } },
        "data": {},
    }))
}

fn job() -> Value {
    let counts: Map<String, Value> =
        ["invalid", "repeated", "known", "review", "new"].into_iter().map(|name| (name.to_owned(), whole())).collect();
    let fault = object(json!({ "row": whole(), "field": maybe("string"), "code": text(), "message": text() }));
    object(json!({
        "id": text(), "kind": text(), "org": text(), "actor": text(), "done": whole(), "total": whole(),
        "state": { "enum": ["running", "done", "failed", "cancelled", "undone"] },
        "counts": object(Value::Object(counts)), "faults": list(fault), "detail": {},
        "undo": object(json!({ "done": whole(), "total": whole(), "removed": whole(), "restored": whole(), "kept": whole() })),
        "conflicts": list(object(json!({
            "kind": text(), "id": text(), "field": maybe("string"), "code": text(), "message": text(), "now": {}, "before": {},
            "actor": { "type": ["object", "null"] }, "at": maybe("string"),
        }))),
        "held": object(json!({ "state": { "enum": ["held", "going", "discarded"] }, "n_waiting": whole() })), "created_at": moment(), "updated_at": moment(),
    }))
}

fn export() -> Value {
    object(json!({
        "id": text(), "at": moment(), "org": text(), "actor": text(), "kind": text(), "format": { "enum": ["csv", "xlsx", "ndjson"] },
        "filter": {}, "order": text(), "q": maybe("string"), "fields": { "type": ["array", "null"], "items": text() }, "purpose": text(),
        "state": { "enum": ["waiting", "refused", "running", "done", "ready", "aborted", "failed", "expired"] }, "n_matching": whole(), "n_rows": whole(),
        "ended_at": maybe("string"), "labels": text(), "name": text(), "decided_by": text(), "decided_at": moment(), "why": text(), "expires_at": moment(),
        "rows": whole(),
    }))
}

fn audit_entry() -> Value {
    object(json!({
        "seq": whole(), "at": moment(), "actor": text(), "actor_name": maybe("string"), "for": text(), "for_name": text(), "org": maybe("string"),
        "what": text(), "text": text(), "kind": text(), "record": text(), "rev": whole(), "digest": text(), "detail": { "type": "object" },
        "address": text(), "chain": text(), "export": { "type": "object" },
    }))
}

fn audit_root() -> Value {
    object(json!({ "count": whole(), "chain": text(), "at": moment(), "key": text(), "signature": text() }))
}

fn kind() -> Value {
    let action = object(json!({
        "name": text(), "label": label(), "target": { "type": "boolean" }, "input": { "type": "object" },
        "when": object(json!({ "states": list(text()) })), "roles": list(text()), "style": text(),
    }));
    object(json!({
        "kind": text(), "label": label(), "plural": label(), "title": text(), "plugin": maybe("string"),
        "fields": { "type": "object", "additionalProperties": named("Field") }, "states": { "type": "object" },
        "actions": list(action),
    }))
}

/// A field as in a kind's file. Answers add `org`, and `custom` and `retired` where they are set.
fn field() -> Value {
    let flag = || json!({ "type": "boolean" });
    let value =
        object(json!({ "value": text(), "label": named("Text"), "tone": text(), "custom": flag(), "retired": flag() }));
    object(json!({
        "name": text(), "org": text(), "type": text(), "label": named("Text"), "help": named("Text"), "required": flag(),
        "unique": { "enum": ["org", "brand"] }, "indexed": flag(), "searchable": flag(), "personal": flag(), "readonly": flag(),
        "default": {}, "values": list(value), "to": text(), "min": whole(), "max": whole(), "past": flag(), "max_years": whole(),
        "whole": flag(), "extensible": flag(), "custom": flag(), "retired": flag(),
    }))
}

fn plugin() -> Value {
    object(json!({
        "name": text(), "version": text(), "state": { "enum": ["enabled", "disabled", "failed"] }, "label": label(), "description": label(),
        "fault": { "type": "object" }, "lag": whole(), "parked": whole(), "calls": whole(), "faults": whole(),
        "asks": list(text()), "reads": list(text()), "hears": list(text()),
        "settings_schema": { "type": ["object", "null"] }, "settings": {}, "points": list(json!({ "type": "object" })), "screens": {},
        "pages": list(object(json!({ "name": text(), "kind": text(), "label": label(), "target": { "type": "boolean" }, "url": text() }))),
    }))
}

fn parked() -> Value {
    let fault = object(json!({ "code": text(), "message": text(), "blame": { "enum": ["guest", "host"] } }));
    object(json!({
        "seq": whole(), "subject": maybe("string"), "event": named("Event"), "fault": fault, "attempts": whole(), "parked_at": moment(),
    }))
}

fn script() -> Value {
    object(json!({
        "name": text(), "plugin": maybe("string"), "label": label(), "org": text(), "owner": text(), "version": whole(),
        "state": { "enum": ["builtin", "draft", "published"] }, "has_draft": { "type": "boolean" }, "failures": whole(),
        "fault": { "type": "object" }, "source": maybe("string"), "draft": { "type": ["object", "null"] }, "builtin_source": maybe("string"),
        "parameters": { "type": "object" }, "input": {}, "output": {}, "examples": { "type": "array" },
    }))
}

fn check_report() -> Value {
    let problem = object(json!({ "code": text(), "message": text(), "line": whole(), "column": whole() }));
    let example = object(json!({ "name": text(), "ok": { "type": "boolean" }, "got": {}, "message": text() }));
    object(json!({ "ok": { "type": "boolean" }, "problems": list(problem), "examples": list(example) }))
}
