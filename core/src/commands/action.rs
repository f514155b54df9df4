//! Actions: what a person asks a plugin to do, checked before the plugin is asked.

use std::sync::Arc;

use serde_json::Value;

use super::{Ctx, rights};
use crate::{
    Error, Result,
    catalogue::{Plugin, PluginState, manifest::Action},
    error::FieldError,
    model::{Id, Record, rights::Verb},
    store::View,
};

/// An action that may be run.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The plugin that answers.
    pub plugin: Arc<Plugin>,
    /// The record it is done to.
    pub target: Option<Record>,
}

/// Check that the action exists, that the person may, that the record stands right and that the input fits the schema.
///
/// # Errors
/// `action.not_found`, `plugin.disabled`, `denied`, `record.not_found`, `state.refused`, `invalid` with every wrong place.
pub fn check(ctx: &Ctx, view: &View, kind: &str, name: &str, target: Option<&Id>, input: &Value) -> Result<Checked> {
    let (plugin, action) = find(ctx, kind, name)?;
    at_work(ctx, plugin)?;
    if !rights::has_role(&ctx.actor, &action.roles) {
        return Err(Error::denied(format!("{name:?} takes one of the roles {}", action.roles.join(", "))));
    }
    let target = match (action.target, target) {
        (true, Some(id)) => Some(view.one(kind, id)?),
        (false, None) => None,
        (true, None) => {
            return Err(Error::invalid(
                "action",
                format!("{name:?} is done to one {kind}: POST …/{{id}}/actions/{name}"),
            ));
        }
        (false, Some(_)) => {
            return Err(Error::invalid(
                "action",
                format!("{name:?} is done to no single {kind}: POST /records/{kind}/actions/{name}"),
            ));
        }
    };
    if let Some(record) = &target {
        check_state(view, kind, name, action, record)?;
    }
    may_act(view, kind, name, target.as_ref())?;
    check_input(&action.input, input)?;
    Ok(Checked { plugin: plugin.clone(), target })
}

/// Check that a plugin is at work, here too.
///
/// # Errors
/// `plugin.disabled`, `plugin.off_here`.
pub fn at_work(ctx: &Ctx, plugin: &Plugin) -> Result<()> {
    let name = &plugin.manifest.name;
    if plugin.state != PluginState::Enabled {
        let message = format!("the plugin {name:?} is not at work; an administrator can enable it");
        return Err(Error::conflict("plugin.disabled", message));
    }
    if ctx.catalogue.is_off(name, &ctx.org) {
        return Err(Error::conflict("plugin.off_here", format!("your organisation does without the plugin {name:?}")));
    }
    Ok(())
}

/// The right to act; the action that makes records of its kind takes the right to make them.
fn may_act(view: &View, kind: &str, name: &str, target: Option<&Record>) -> Result<()> {
    let definition = view.kind(kind)?;
    let makes = target.is_none() && definition.create_action.as_deref() == Some(name);
    let verb = if makes { Verb::Create } else { Verb::Act };
    let may = match target {
        Some(record) => view.may(verb, record)?,
        None => view.rights().allows(&definition, verb),
    };
    if may {
        return Ok(());
    }
    Err(Error::denied(format!("your roles do not let you {} this {kind}; ask who keeps the roles", verb.name())))
}

fn find<'a>(ctx: &'a Ctx, kind: &str, name: &str) -> Result<(&'a Arc<Plugin>, &'a Action)> {
    let owner = ctx.catalogue.kinds.get(kind).and_then(|entry| entry.plugin.as_ref());
    let plugin = owner.and_then(|owner| ctx.catalogue.plugins.get(owner));
    plugin
        .and_then(|plugin| {
            let action =
                plugin.manifest.owns.actions.iter().find(|action| action.kind == kind && action.name == name)?;
            Some((plugin, action))
        })
        .ok_or_else(|| {
            Error::not_found("action", format!("{kind} has no action {name:?}; GET /api/v1/kinds/{kind} lists them"))
        })
}

fn check_state(view: &View, kind: &str, name: &str, action: &Action, record: &Record) -> Result<()> {
    let kind = view.kind(kind)?;
    let state = kind.states.as_ref().and_then(|states| record.text(&states.field)).unwrap_or_default();
    if action.states.is_empty() || action.states.iter().any(|known| known == state) {
        return Ok(());
    }
    let message =
        format!("{name:?} is not possible while the state is {state:?}; it is in {}", action.states.join(" or "));
    Err(Error::conflict("state.refused", message))
}

/// Check a value against a JSON Schema; every wrong place is told.
///
/// # Errors
/// `invalid` with pointers into the value.
pub fn check_input(schema: &Value, input: &Value) -> Result<()> {
    if schema.is_null() {
        return Ok(());
    }
    let validator =
        jsonschema::validator_for(&without_texts(schema)).map_err(|error| Error::internal(error.to_string()))?;
    let errors: Vec<FieldError> = validator
        .iter_errors(input)
        .map(|error| FieldError {
            pointer: error.instance_path().to_string(),
            code: "schema".into(),
            message: error.to_string(),
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

/// The schema without its words for people. They come in several languages, and JSON Schema knows plain titles only.
fn without_texts(schema: &Value) -> Value {
    let Value::Object(keywords) = schema else { return schema.clone() };
    let inside = |name: &str, value: &Value| match (name, value) {
        // A property may be called `title`; it is a schema, not a text.
        ("properties", Value::Object(properties)) => {
            Value::Object(properties.iter().map(|(name, property)| (name.clone(), without_texts(property))).collect())
        }
        ("items", value) => without_texts(value),
        (_, value) => value.clone(),
    };
    let kept = keywords.iter().filter(|(name, _)| !matches!(name.as_str(), "title" | "description"));
    Value::Object(kept.map(|(name, value)| (name.clone(), inside(name, value))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn titles_may_be_texts_in_several_languages() {
        let title = json!({ "zh-CN": "要做什么", "en": "What to do" });
        let schema = json!({
            "type": "object",
            "required": ["title"],
            "properties": {
                "title": { "type": "string", "minLength": 1, "title": title },
                "list": { "type": "array", "items": { "type": "integer", "title": title } },
            },
        });
        assert!(check_input(&schema, &json!({ "title": "回电", "list": [1] })).is_ok());
        let wrong = check_input(&schema, &json!({ "title": "", "list": ["a"] })).expect_err("two wrong places");
        assert_eq!(wrong.errors.iter().map(|error| error.pointer.as_str()).collect::<Vec<_>>(), ["/list/0", "/title"]);
    }
}
