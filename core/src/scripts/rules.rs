//! Which rules stand at a decision point, nearest owner first.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    catalogue::{Catalogue, Plugin, Point, Script, ScriptName},
    host::DecideCall,
    model::{Id, digest},
};

/// A script that may answer.
pub(super) struct Rule<'a> {
    /// `decision/complaint.level`.
    pub name: String,
    /// The organisation's id, or the plugin's name for the built-in rule.
    pub owner: String,
    /// The organisation; none for the built-in rule.
    pub org: Option<Id>,
    /// 0 for the built-in rule.
    pub version: u32,
    /// SHA-256 of the source, hex.
    pub digest: Cow<'a, str>,
    /// Rhai.
    pub source: &'a str,
    /// What it reads as `PARAMETERS`.
    pub parameters: &'a Value,
}

impl Rule<'_> {
    pub fn is_builtin(&self) -> bool {
        self.org.is_none()
    }
}

/// The script that computes a field of a record: the nearest owner's, else the one that ships with the plugin.
pub(super) fn computed<'a>(catalogue: &'a Catalogue, name: &str, org: &Id, subject: &str) -> Option<Rule<'a>> {
    if let Some(script) = catalogue.script_for(name, org, subject) {
        return Some(published(name, script));
    }
    let (plugin, source) = catalogue.plugins.values().find_map(|plugin| Some((plugin, plugin.computed.get(name)?)))?;
    Some(Rule {
        name: name.to_owned(),
        owner: plugin.manifest.name.clone(),
        org: None,
        version: 0,
        digest: digest::hex(source.as_bytes()).into(),
        source,
        parameters: &Value::Null,
    })
}

fn published<'a>(name: &str, script: &'a Script) -> Rule<'a> {
    Rule {
        name: name.to_owned(),
        owner: script.org.to_string(),
        org: Some(script.org.clone()),
        version: script.version,
        digest: script.digest.as_str().into(),
        source: &script.source,
        parameters: &script.parameters,
    }
}

/// The published scripts from the asking organisation up to the maker, then the rule that ships with the plugin.
pub(super) fn chain<'a>(
    catalogue: &'a Catalogue,
    call: &DecideCall<'_>,
    plugin: &'a Plugin,
    point: &'a Point,
) -> Vec<Rule<'a>> {
    let name = ScriptName::Decision(call.point.to_owned()).to_string();
    let builtin = Rule {
        owner: plugin.manifest.name.clone(),
        org: None,
        version: 0,
        digest: digest::hex(point.source.as_bytes()).into(),
        source: &point.source,
        parameters: &Value::Null,
        name: name.clone(),
    };
    let subject = subject(call.input);
    let dealers = catalogue.orgs.upwards(call.org).filter_map(|org| catalogue.own_script(&name, org, &subject));
    dealers.map(|script| published(&name, script)).chain([builtin]).collect()
}

/// What a decision is about, so that the same matter is decided by the same version while one is on trial: whom the input names, else
/// everything in it but the time.
fn subject(input: &Value) -> String {
    let named = ["customer", "subject", "record", "id"].iter().find_map(|name| input.get(name)?.as_str());
    named.map_or_else(
        || {
            let mut rest = input.clone();
            if let Some(rest) = rest.as_object_mut() {
                rest.remove("now");
            }
            rest.to_string()
        },
        str::to_owned,
    )
}
