//! Which rules stand at a decision point, nearest owner first.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    catalogue::{Catalogue, Plugin, Point, ScriptName},
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
    let published =
        catalogue.orgs.upwards(call.org).filter_map(|org| catalogue.scripts.get(&(name.clone(), org.clone())));
    published
        .map(|script| Rule {
            name: name.clone(),
            owner: script.org.to_string(),
            org: Some(script.org.clone()),
            version: script.version,
            digest: script.digest.as_str().into(),
            source: &script.source,
            parameters: &script.parameters,
        })
        .chain([builtin])
        .collect()
}
