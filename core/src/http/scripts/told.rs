//! A rule as the console shows it: whose is in force for an organisation, and what lies under it.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Map, Value, json};

use super::super::{locale::LOCALES, openapi};
use crate::{
    Error, Result,
    catalogue::{Plugin, Point, Script, ScriptName},
    commands::Ctx,
    model::{Field, Id, Kind, Text, kind::derived::computed_by},
    store::{
        View,
        tables::script::{self, Current},
    },
};

/// Tells rules as they hold for `ctx.org`.
pub struct Teller<'a> {
    view: &'a View,
    ctx: &'a Ctx,
    current: Vec<Current>,
}

impl<'a> Teller<'a> {
    /// Reads how all scripts fare.
    ///
    /// # Errors
    /// Internal.
    pub fn new(view: &'a View, ctx: &'a Ctx) -> Result<Teller<'a>> {
        Ok(Teller { view, ctx, current: script::current(view)? })
    }

    /// Every point that dealers may decide, every field they may compute, and every other script of the organisation or those above it.
    ///
    /// # Errors
    /// Internal.
    pub fn list(&self) -> Result<Vec<Value>> {
        let catalogue = &self.ctx.catalogue;
        let points =
            catalogue.plugins.values().flat_map(|plugin| plugin.points.keys()).map(|point| format!("decision/{point}"));
        let kinds = self.view.kind_tree().at(&self.ctx.org);
        let computed = kinds.values().flat_map(|kind| kind.fields.computed());
        let computed = computed.map(|(_, _, script)| script.to_owned());
        let owners: BTreeSet<&Id> = catalogue.orgs.upwards(&self.ctx.org).collect();
        let published =
            self.current.iter().filter(|current| owners.contains(&current.org)).map(|current| current.name.clone());
        let drafts = script::drafts(self.view, &self.ctx.org)?.into_iter();
        let names: BTreeSet<String> = points.chain(computed).chain(published).chain(drafts).collect();
        names.iter().map(|name| self.item(&name.parse()?).map(Value::Object)).collect()
    }

    /// One rule with everything an editor needs.
    ///
    /// # Errors
    /// `script.not_found`.
    pub fn one(&self, name: &ScriptName) -> Result<Value> {
        let text = name.to_string();
        let point = self.point(name);
        let computed = self.computed(&text);
        let in_force = self.in_force(&text);
        let draft = script::draft(self.view, &text, &self.ctx.org)?;
        if point.is_none() && computed.is_none() && in_force.is_none() && draft.is_none() {
            return Err(Error::not_found(
                "script",
                format!("there is no script {text:?}; GET /api/v1/scripts lists them"),
            ));
        }
        let builtin = point.map(|(_, point)| point.source.to_string()).or_else(|| self.shipped(&text));
        let source = in_force.map(|script| script.source.to_string()).or_else(|| builtin.clone());
        let version = match in_force {
            Some(script) => script::version(self.view, &text, &script.org, script.version)?,
            None => None,
        };
        let (parameters, examples, asks) = match (&draft, version) {
            (Some(draft), _) => (draft.parameters.clone(), draft.examples.clone(), json!(draft.asks)),
            (None, Some(version)) => (version.parameters, version.examples, json!(version.asks)),
            (None, None) => (json!({}), json!([]), json!([])),
        };
        let mut told = self.item(name)?;
        told.insert("source".into(), json!(source));
        told.insert("draft".into(), json!(draft));
        told.insert("builtin_source".into(), json!(builtin));
        told.insert("parameters".into(), parameters);
        told.insert("examples".into(), examples);
        told.insert("asks".into(), asks);
        let schemas = computed.map(|(kind, name, field)| (input(kind, name), openapi::field(field)));
        let help = computed.and_then(|(_, _, field)| field.help.as_ref());
        told.insert("help".into(), json!(point.map(|(_, point)| &point.help).or(help)));
        told.insert("input".into(), json!(point.map(|(_, point)| &point.input).or(schemas.as_ref().map(|it| &it.0))));
        told.insert("output".into(), json!(point.map(|(_, point)| &point.output).or(schemas.as_ref().map(|it| &it.1))));
        told.insert("combine".into(), json!(point.map(|(_, point)| &point.combine)));
        told.insert("example".into(), json!(point.map(|(_, point)| &point.example)));
        Ok(Value::Object(told))
    }

    fn item(&self, name: &ScriptName) -> Result<Map<String, Value>> {
        let text = name.to_string();
        let point = self.point(name);
        let in_force = self.in_force(&text);
        let has_draft = script::draft(self.view, &text, &self.ctx.org)?.is_some();
        let computed = self.computed(&text);
        let keeper = computed.and_then(|(kind, _, _)| self.ctx.catalogue.kinds.get(&kind.kind)?.plugin.clone());
        let brought = keeper.clone().filter(|_| self.shipped(&text).is_some());
        let (owner, version, state) = match (in_force, point) {
            (Some(script), _) => (script.org.to_string(), script.version, "published"),
            (None, Some((plugin, _))) => (plugin.manifest.name.clone(), 0, "builtin"),
            (None, None) => match brought {
                Some(plugin) => (plugin, 0, "builtin"),
                None => (self.ctx.org.to_string(), 0, "draft"),
            },
        };
        // The organisation's own script may have been taken out of force; then its fault says why another holds.
        let fares = |org: &Id| self.current.iter().find(|current| current.name == text && current.org == *org);
        let fares = fares(&self.ctx.org).or_else(|| fares(&in_force?.org));
        let mut told = Map::new();
        told.insert("name".into(), json!(text));
        let plugin = point.map(|(plugin, _)| &plugin.manifest.name);
        told.insert("plugin".into(), json!(plugin.or(keeper.as_ref())));
        let label = match (point, computed) {
            (Some((_, point)), _) => json!(point.label),
            (None, Some((kind, name, field))) => {
                told.insert("kind".into(), json!(kind.kind));
                told.insert("field".into(), json!(name));
                label(kind, field)
            }
            (None, None) => json!(Text::Plain(text.clone())),
        };
        told.insert("label".into(), label);
        told.insert("org".into(), json!(self.ctx.org));
        told.insert("owner".into(), json!(owner));
        told.insert("version".into(), json!(version));
        told.insert("state".into(), json!(state));
        told.insert("has_draft".into(), json!(has_draft));
        // A version on trial is the organisation's own, whoever's is in force.
        let own = self.current.iter().find(|current| current.name == text && current.org == self.ctx.org);
        if let Some(canary) = own.and_then(|current| current.canary) {
            told.insert("canary".into(), json!(canary));
        }
        told.insert("failures".into(), json!(fares.map_or(0, |current| current.failures)));
        if let Some((fault, at)) = fares.and_then(|current| Some((current.fault.as_ref()?, current.failed_at))) {
            told.insert("fault".into(), json!({ "code": "script.failed", "message": fault, "at": at }));
        }
        Ok(told)
    }

    /// A point of any installed plugin: what a resting one decides can still be looked at.
    fn point(&self, name: &ScriptName) -> Option<(&Arc<Plugin>, &Point)> {
        let ScriptName::Decision(point) = name else { return None };
        self.ctx.catalogue.plugins.values().find_map(|plugin| Some((plugin, plugin.points.get(point)?)))
    }

    /// The field a script computes, with its kind as it holds in the organisation.
    fn computed(&self, script: &str) -> Option<(&Kind, &str, &Field)> {
        let (kind, name) = computed_by(self.view.kind_tree().at(&self.ctx.org).values(), script)?;
        Some((kind, name, kind.fields.get(name)?))
    }

    /// The script that a plugin's computed field begins with.
    fn shipped(&self, name: &str) -> Option<String> {
        self.ctx.catalogue.plugins.values().find_map(|plugin| plugin.computed.get(name).map(ToString::to_string))
    }

    /// The nearest owner's published script.
    fn in_force(&self, name: &str) -> Option<&Arc<Script>> {
        let catalogue = &self.ctx.catalogue;
        catalogue.orgs.upwards(&self.ctx.org).find_map(|owner| catalogue.scripts.get(&(name.to_owned(), owner.clone())))
    }
}

/// `Client · Score`, in every language.
fn label(kind: &Kind, field: &Field) -> Value {
    let told = LOCALES.iter().map(|locale| {
        let text = format!("{} · {}", kind.label.get(locale), field.label.get(locale));
        ((*locale).to_owned(), json!(text))
    });
    Value::Object(told.collect())
}

/// What the script of a field may read: everything that is not personal, and what every record has.
fn input(kind: &Kind, name: &str) -> Value {
    let shown = kind.fields.iter().filter(|(other, field)| *other != name && !field.personal);
    let fields = shown.map(|(name, field)| {
        let mut schema = openapi::field(field);
        schema["title"] = json!(field.label);
        (name.to_owned(), schema)
    });
    let own = ["id", "org", "rev", "created_at", "updated_at"].map(|name| {
        let r#type = if name == "rev" { "integer" } else { "string" };
        (name.to_owned(), json!({ "type": r#type }))
    });
    json!({ "type": "object", "properties": Map::from_iter(fields.chain(own)) })
}
