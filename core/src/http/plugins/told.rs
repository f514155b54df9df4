//! A plugin as the console reads it.

use serde_json::{Map, Value, json};

use crate::{
    catalogue::{Plugin, manifest::Hears},
    commands::{Ctx, rights},
    http::Http,
    model::{Id, Scope},
    store::tables,
};

/// A plugin as the list shows it.
pub(super) fn summary(http: &Http, ctx: &Ctx, plugin: &Plugin) -> Map<String, Value> {
    let manifest = &plugin.manifest;
    let status = http.app.bus.status(&manifest.name);
    // One that rests has no status, but what was parked for it is still there.
    let count = || {
        http.app
            .store
            .view(Scope::All)
            .and_then(|view| tables::parked::count(&view, &manifest.name))
            .unwrap_or_default()
    };
    let parked = status.as_ref().map_or_else(count, |status| status.parked);
    let points = manifest.asks.points.iter().map(|point| format!("decide:{point}"));
    let mut told = Map::new();
    told.insert("name".into(), json!(manifest.name));
    told.insert("version".into(), json!(manifest.version));
    told.insert("state".into(), json!(plugin.state));
    told.insert("label".into(), json!(manifest.label));
    told.insert("description".into(), json!(manifest.description));
    if let Some(fault) = status.as_ref().and_then(|status| status.last_fault.as_ref()) {
        told.insert("fault".into(), json!(fault));
    }
    let status = status.unwrap_or_default();
    told.insert("lag".into(), json!(status.lag));
    told.insert("parked".into(), json!(parked));
    told.insert("calls".into(), json!(status.calls));
    told.insert("faults".into(), json!(status.faults));
    told.insert("per_minute".into(), json!(status.per_minute));
    if let Some(seconds) = status.rests_s {
        told.insert("rests_s".into(), json!(seconds));
    }
    standing(&mut told, ctx, plugin);
    told.insert("asks".into(), manifest.asks.commands.iter().cloned().chain(points).collect());
    told.insert("reads".into(), json!(manifest.reads.kinds));
    told.insert("hears".into(), manifest.hears.iter().map(heard).collect());
    told
}

/// What an administrator has said of it: which version waits is for those who may let it in, and who does without it for those above.
fn standing(told: &mut Map<String, Value>, ctx: &Ctx, plugin: &Plugin) {
    let waiting = plugin.standing.waiting.as_ref().filter(|_| rights::to_keep_plugins(ctx).is_ok());
    let off: Vec<&Id> = plugin.standing.off.iter().filter(|org| ctx.scope.holds(org)).collect();
    let standing = &plugin.standing;
    told.insert("declared".into(), json!(plugin.declared));
    told.insert("held_back".into(), json!(plugin.held_back()));
    told.insert("publisher".into(), json!(standing.publisher));
    told.insert("previous".into(), json!(standing.previous));
    told.insert("waiting".into(), json!(waiting));
    told.insert("leaving_at".into(), json!(standing.leaving_at));
    told.insert("off".into(), json!(off));
    told.insert("jobs".into(), json!(plugin.manifest.owns.jobs));
}

/// `timer.fired`, or with its filter `complaints.case.created {"level":"important"}`.
fn heard(hears: &Hears) -> Value {
    match &hears.filter {
        Some(filter) => json!(format!("{} {}", hears.event, Value::Object(filter.clone()))),
        None => json!(hears.event),
    }
}
