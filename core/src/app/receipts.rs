//! Receipts held against what they say: the decision is made again, from what was kept of it.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::App;
use crate::{
    Error, Result,
    model::{Blame, Field, Id, Kind, Receipt},
    scripts::{again::Kept, compute},
    store::{View, tables},
};

/// What came of making a decision again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Again {
    /// Whether it came to the same; none where it cannot be made again.
    pub is_same: Option<bool>,
    /// What it came to.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub output: Value,
    /// Why it cannot be made again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Again {
    fn not(why: impl Into<String>) -> Again {
        Again { is_same: None, output: Value::Null, why: Some(why.into()) }
    }
}

impl App {
    /// Make the decision of a receipt again. It runs scripts: not for the threads that serve requests.
    ///
    /// # Errors
    /// Internal.
    pub fn make_again(&self, view: &View, receipt: &Receipt) -> Result<Again> {
        if receipt.fallback.is_some() && receipt.point.starts_with("computed/") {
            return Ok(Again::not("its script failed and the value of before stayed"));
        }
        let mut rules = Vec::new();
        let own = (receipt.script_owner.as_str(), receipt.script_version, receipt.script_digest.as_str());
        let above = receipt.combined.iter();
        let above = above.map(|rule| (rule.script_owner.as_str(), rule.script_version, rule.script_digest.as_str()));
        for (owner, version, digest) in std::iter::once(own).chain(above) {
            match self.rule_of(view, receipt, owner, version, digest)? {
                Some(rule) => rules.push(rule),
                None => return Ok(Again::not(format!("the rule of {owner} as it was then is not installed any more"))),
            }
        }
        let (input, field) = match self.input_of(view, receipt)? {
            Ok(found) => found,
            Err(why) => return Ok(Again::not(why)),
        };
        match self.scripts.again(receipt, &rules, &input, field.as_ref()) {
            Ok(output) => Ok(Again { is_same: Some(output == receipt.output), output, why: None }),
            Err(fault) if fault.blame == Blame::Host => Err(Error::internal(fault.message)),
            Err(fault) => Ok(Again { is_same: Some(false), output: Value::Null, why: Some(fault.message) }),
        }
    }

    /// A published version, or a plugin's rule if it is still what it was.
    fn rule_of(&self, view: &View, receipt: &Receipt, owner: &str, version: u32, digest: &str) -> Result<Option<Kept>> {
        if version > 0 {
            let owner: Id = owner.parse()?;
            let kept = tables::script::version(view, &receipt.script, &owner, version)?;
            return Ok(kept
                .filter(|kept| kept.digest == digest)
                .map(|kept| Kept { source: kept.source, parameters: kept.parameters }));
        }
        let catalogue = self.catalogue();
        let source: Option<Arc<str>> = catalogue.plugins.get(owner).and_then(|plugin| {
            let point = plugin.points.get(&receipt.point).map(|point| point.source.clone());
            point.or_else(|| plugin.computed.get(&receipt.script).cloned())
        });
        let kept = source.filter(|source| crate::model::digest::hex(source.as_bytes()) == digest);
        Ok(kept.map(|source| Kept { source: source.to_string(), parameters: json!({}) }))
    }

    /// What the rules were given: as it stands in the receipt, or put together from the record's revisions and what was derived.
    fn input_of(&self, view: &View, receipt: &Receipt) -> Result<std::result::Result<(Value, Option<Field>), String>> {
        let Some((kind, name)) = computed(receipt) else { return Ok(Ok((receipt.input.clone(), None))) };
        let (record, rev) = quoted(receipt).ok_or_else(|| Error::internal("a receipt quotes no record"))?;
        let Some(now) = view.get(kind, &[record])?.into_iter().flatten().next() else {
            return Ok(Err("the record is not there any more".into()));
        };
        if kind == "customer" && now.rev != rev {
            return Ok(Err("the customer has been changed since; the value is about to be made anew".into()));
        }
        let definition = view.kind_of(&now)?;
        let was = if now.rev == rev { now } else { view.as_of(now, rev)? };
        let mut input: Map<String, Value> = compute::input(&definition, &was);
        // What was derived has no revisions: the receipt itself says what it was.
        input.retain(|name, _| !is_derived(&definition, name));
        input.extend(receipt.input["derived"].as_object().cloned().unwrap_or_default());
        Ok(Ok((Value::Object(input), definition.fields.get(name).cloned())))
    }
}

fn is_derived(kind: &Kind, name: &str) -> bool {
    kind.fields.get(name).is_some_and(|field| field.derived.is_some())
}

/// Of a computed field: its kind and name.
fn computed(receipt: &Receipt) -> Option<(&str, &str)> {
    receipt.point.strip_prefix("computed/")?.rsplit_once('.')
}

fn quoted(receipt: &Receipt) -> Option<(Id, u32)> {
    let (id, rev) = receipt.input["record"].as_str()?.rsplit_once('@')?;
    Some((id.parse().ok()?, rev.parse().ok()?))
}
