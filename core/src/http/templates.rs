//! Templates of messages: which hold for whom, how one reads for a real customer, and one sent to oneself.

use axum::{Json as Answer, extract::State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Shared,
    auth::Signed,
    messages::masked,
    params::{self, Input, Params},
    route::{Param, Route},
};
use crate::{
    Error, Result,
    commands::{
        noted::note,
        template::{self, Filling, KIND},
    },
    error::FieldError,
    model::{
        Data, Id, Record, Scope,
        contact::Channel,
        org::OrgTree,
        rights::{Power, Verb},
        template::FIELDS,
    },
    outbound::Notice,
    store::{View, tables},
};

const LIST: [Param; 2] = [
    Param::new("channel", "string", "only what can be sent by this channel"),
    Param::new("purpose", "string", "serve or marketing"),
];

/// The routes of this file. Templates are records of kind `template`.
pub fn routes() -> Vec<Route> {
    let text = || json!({ "type": "string" });
    let values = || json!({ "type": "object", "description": "what stands in the gaps that the template declares" });
    let draft = || json!({ "type": "object", "description": "fields of a template that is not kept yet" });
    let filled =
        || json!({ "type": "object", "properties": { "text": text(), "empty": { "type": "array", "items": text() } } });
    let written =
        json!({ "type": "object", "properties": { "language": text(), "subject": filled(), "body": filled() } });
    let item = json!({
        "type": "object",
        "properties": {
            "id": text(), "name": text(), "label": text(), "purpose": text(), "state": text(), "org": text(), "org_name": text(),
            "channels": { "type": "array", "items": text() }, "values": { "type": "array", "items": text() }, "rev": { "type": "integer" },
            "is_inherited": { "type": "boolean" }, "is_overridden": { "type": "boolean" }, "data": { "type": "object" },
        },
    });
    let fields = json!({ "type": "array", "items": { "type": "object", "properties": { "name": text(), "label": { "type": "object" } } } });
    vec![
        Route::get("/api/v1/templates", list)
            .says("templates of one's organisation and of those above it, with what each may quote")
            .query(&LIST)
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": item }, "next": { "type": "null" }, "fields": fields } })),
        Route::post("/api/v1/templates/preview", preview)
            .says("how a template, kept or not, reads for a customer in each language")
            .takes(json!({
                "type": "object", "additionalProperties": false,
                "properties": { "id": text(), "draft": draft(), "customer": text(), "values": values() },
            }))
            .answers(200, json!({ "type": "object", "properties": { "items": { "type": "array", "items": written }, "language": text(), "faults": { "type": "array", "items": { "$ref": "#/components/schemas/FieldError" } } } }))
            .keeps_nothing(),
        Route::post("/api/v1/templates/test", test)
            .says("send a template to one's own telephone or mailbox, as it reads for a customer")
            .takes(json!({
                "type": "object", "required": ["channel"], "additionalProperties": false,
                "properties": { "id": text(), "draft": draft(), "customer": text(), "values": values(), "channel": { "enum": Channel::ALL }, "language": { "enum": ["zh", "en"] } },
            }))
            .answers(200, json!({ "type": "object", "properties": { "state": text(), "address": text() } }))
            .costs(20)
            .keeps_nothing(),
    ]
}

#[derive(Debug, Deserialize)]
struct Asked {
    channel: Option<String>,
    purpose: Option<String>,
}

/// Whoever sends messages chooses among templates, and whoever may see the kind looks after them.
fn may_see(view: &View, http: &Shared, signed: &Signed) -> Result<()> {
    let kind = view.kind(KIND)?;
    let ctx = http.app.ctx(&signed.actor, None)?;
    if view.rights().allows(&kind, Verb::Read)
        || crate::commands::rights::to(&ctx, Power::Send, "see templates").is_ok()
    {
        return Ok(());
    }
    Err(Error::denied(
        "you may not see templates of messages; that takes the right to read the kind template or to send messages",
    ))
}

async fn list(State(http): State<Shared>, signed: Signed, Params(asked): Params<Asked>) -> Result<Answer<Value>> {
    let (app, own, actor) = (http.clone(), signed.org(), signed.actor.clone());
    let found = http.view(&actor, move |view| {
        may_see(view, &app, &signed)?;
        let orgs = view.orgs();
        let items = holding(view, &orgs, &own)?;
        let fits = |item: &Value| {
            let channels = item["channels"].as_array().map(Vec::as_slice).unwrap_or_default();
            let by_channel = asked.channel.as_deref().filter(|channel| !channel.is_empty());
            let by_purpose = asked.purpose.as_deref().filter(|purpose| !purpose.is_empty());
            by_channel.is_none_or(|channel| channels.is_empty() || channels.iter().any(|known| known == channel))
                && by_purpose.is_none_or(|purpose| item["purpose"] == purpose)
        };
        let items: Vec<Value> = items.into_iter().filter(fits).collect();
        let field = |(name, zh, en): &(&str, &str, &str)| json!({ "name": name, "label": { "zh-CN": zh, "en": en } });
        let fields: Vec<Value> = FIELDS.iter().map(field).collect();
        Ok(json!({ "items": items, "next": null, "fields": fields }))
    });
    found.await.map(Answer)
}

/// Templates of an organisation and of all above it, the nearest first. What is nearer covers what is further with the same code.
fn holding(view: &View, orgs: &OrgTree, own: &Id) -> Result<Vec<Value>> {
    let mut items: Vec<Value> = Vec::new();
    let mut covered: Vec<(String, Vec<Value>)> = Vec::new();
    for org in orgs.upwards(own) {
        let mut here = tables::record::after(view, KIND, &Scope::one(org.clone()), "", MOST)?;
        here.sort_by(|one, other| one.text("name").cmp(&other.text("name")));
        let mut new = Vec::new();
        for template in here {
            let name = template.text("name").unwrap_or_default().to_owned();
            let channels = template.field("channels").as_array().cloned().unwrap_or_default();
            let covers = |(known, theirs): &(String, Vec<Value>)| {
                *known == name
                    && (theirs.is_empty() || (!channels.is_empty() && channels.iter().all(|one| theirs.contains(one))))
            };
            let is_inherited = org != own;
            // What an organisation above is still working on is its own affair.
            if is_inherited && template.text("state") != Some("active") {
                continue;
            }
            let is_overridden = covered.iter().any(covers);
            if template.text("state") == Some("active") {
                new.push((name, channels));
            }
            items.push(told(&template, orgs, is_inherited, is_overridden));
        }
        covered.extend(new);
    }
    Ok(items)
}

/// Templates of one organisation at most.
const MOST: u32 = 1_000;

fn told(template: &Record, orgs: &OrgTree, is_inherited: bool, is_overridden: bool) -> Value {
    let org_name = orgs.get(&template.org).map(|org| org.name.clone());
    json!({
        "id": template.id, "name": template.field("name"), "label": template.field("label"), "purpose": template.field("purpose"),
        "state": template.field("state"), "org": template.org, "org_name": org_name, "rev": template.rev,
        "channels": template.field("channels").as_array().cloned().unwrap_or_default(),
        "values": template::declared(&template.data).unwrap_or_default(),
        "is_inherited": is_inherited, "is_overridden": is_overridden, "data": template.data,
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trying {
    id: Option<Id>,
    draft: Option<Data>,
    customer: Option<Id>,
    #[serde(default)]
    values: Data,
    channel: Option<Channel>,
    language: Option<String>,
}

/// What a template reads like, and what is wrong with it.
struct Shown {
    items: Vec<template::Written>,
    language: &'static str,
    faults: Vec<FieldError>,
    sender: String,
}

/// The fields of the template that is tried: as kept, with the draft over them.
fn fields(view: &View, own: &Id, trying: &Trying) -> Result<Data> {
    let mut data = match &trying.id {
        Some(id) => {
            let found = tables::record::get(view, KIND, id, &Scope::All)?;
            let is_near = |template: &Record| {
                view.scope().holds(&template.org) || view.orgs().upwards(own).any(|org| *org == template.org)
            };
            let missing =
                || Error::not_found("template", format!("there is no template {id} in your organisations or above"));
            found.filter(is_near).ok_or_else(missing)?.data
        }
        None => Data::new(),
    };
    data.extend(trying.draft.clone().unwrap_or_default());
    data.retain(|_, value| !value.is_null());
    Ok(data)
}

fn shown(view: &View, own: &Id, trying: &Trying, at: crate::model::Time) -> Result<Shown> {
    let orgs = view.orgs();
    let data = fields(view, own, trying)?;
    let mut faults = template::faults(&data);
    // Its code is nothing that reads.
    faults.retain(|fault| fault.pointer != "/data/name" || data.contains_key("name"));
    let customer = match &trying.customer {
        // As whoever asks sees them: a name that is masked is not told here either.
        Some(id) => view.one("customer", id)?,
        None => Record::new("customer", "example".parse().map_err(Error::internal)?, own.clone(), at, Data::new()),
    };
    let mut filling = Filling::new(view, &orgs, &customer, &customer.org, at)?;
    if trying.customer.is_none() {
        filling.made_up();
    }
    for name in template::declared(&data).unwrap_or_default() {
        let value = match trying.values.get(&name) {
            Some(Value::String(text)) if !text.is_empty() => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => format!("[{name}]"),
        };
        filling.values.insert(name, value);
    }
    let has = |language: &str| {
        data.get(&format!("body_{language}")).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty())
    };
    let items =
        ["zh", "en"].into_iter().filter(|language| has(language)).map(|language| filling.fill_in(&data, language));
    let sender = orgs.get(&customer.org).map(|org| org.name.clone()).unwrap_or_default();
    Ok(Shown { items: items.collect(), language: filling.fill(&data).language, faults, sender })
}

async fn preview(State(http): State<Shared>, signed: Signed, Input(trying): Input<Trying>) -> Result<Answer<Value>> {
    let (app, own, at) = (http.clone(), signed.org(), http.app.clock.now());
    let actor = signed.actor.clone();
    let read = http.view(&actor, move |view| {
        may_see(view, &app, &signed)?;
        shown(view, &own, &trying, at)
    });
    let shown = read.await?;
    Ok(Answer(json!({ "items": shown.items, "language": shown.language, "faults": shown.faults })))
}

async fn test(State(http): State<Shared>, signed: Signed, Input(trying): Input<Trying>) -> Result<Answer<Value>> {
    let channel = trying.channel.ok_or_else(|| params::wrong_param("channel", "channel is missing"))?;
    let ctx = http.app.ctx(&signed.actor, None)?;
    let (own, at, actor, person) = (signed.org(), ctx.now, signed.actor.clone(), signed.session.user.clone());
    let template = trying.id.clone();
    let notice = http.view(&actor, move |view| {
        // Whoever may write them may try them; others read what they will send.
        let kind = view.kind(KIND)?;
        if !view.rights().allows(&kind, Verb::Change) {
            return Err(Error::denied("you may not try templates out; that takes the right to change the kind template"));
        }
        let user = tables::record::get(view, "user", &person, &Scope::All)?;
        let address = user.as_ref().and_then(|user| user.text(if channel == Channel::Email { "email" } else { "phone" }));
        let address = address.map(str::to_owned).filter(|_| matches!(channel, Channel::Email | Channel::Sms));
        let address = address.ok_or_else(|| {
            Error::conflict("template.no_address", format!("nothing can be sent to you by {}: add your telephone or e-mail address to your account, and try sms or email", channel.as_str()))
        })?;
        let shown = shown(view, &own, &trying, at)?;
        if !shown.faults.is_empty() {
            return Err(Error::fields(shown.faults));
        }
        let language = trying.language.as_deref().unwrap_or(shown.language);
        let missing = || Error::invalid("language", format!("the template has no text in {language:?}: write it first"));
        let written = shown.items.into_iter().find(|item| item.language == language).ok_or_else(missing)?;
        let mark = if language == "en" { "[Test] " } else { "【测试】" };
        let (subject, body) = (format!("{mark}{}", written.subject.text), format!("{mark}{}", written.body.text));
        Ok(Notice { channel, address, sender: shown.sender, subject, body })
    });
    let notice = notice.await?;
    let address = masked(&notice.address);
    http.app.outbound.hand(notice, ctx.now).await?;
    let told = json!({ "template": template, "channel": channel });
    http.app.commit(ctx, move |tx, ctx| note(tx, ctx, &ctx.org, "template.tested", told)).await?;
    Ok(Answer(json!({ "state": "sent", "address": address })))
}
