//! What a message says: the words it came with, or those of the template it names, filled.

use serde_json::Value;

use super::Send;
use crate::{
    Error, Result,
    commands::{
        Ctx,
        template::{self, Filling},
    },
    error::FieldError,
    model::{Data, Id, Record, template::MAX_VALUE},
    store::Tx,
};

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wording {
    /// What it is headed with.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// The template and its revision, where one was filled.
    pub version: Option<String>,
}

/// The words of the template that holds for the customer's organisation, else those that came along.
pub(super) fn of(tx: &Tx<'_>, ctx: &Ctx, send: &Send, customer: &Record, sender: &Id) -> Result<Wording> {
    let own = |body: &String| Wording { subject: send.subject.clone(), body: body.clone(), version: None };
    let Some(name) = send.template.as_deref().filter(|name| !name.is_empty()) else {
        let missing = || wrong("body", "body.missing", "body is missing: write the text, or name a template".into());
        return send.body.as_ref().map(own).ok_or_else(missing);
    };
    let Some(found) = template::find(tx, &ctx.catalogue.orgs, &customer.org, name, send.channel)? else {
        let channel = send.channel.as_str();
        let message = format!(
            "there is no template {name:?} in use for {channel}: put one to use, or send a body to be used instead"
        );
        return send.body.as_ref().map(own).ok_or_else(|| wrong("template", "template.not_found", message));
    };
    match filled(tx, ctx, send, customer, sender, &found) {
        Ok(wording) => Ok(wording),
        // A plugin's own words are right by themselves: a template that does not fit them must not keep the customer waiting.
        Err(error) => match &send.body {
            Some(body) => {
                tracing::warn!(template = name, template.id = %found.id, %error, "a template does not fit what it is used for");
                Ok(own(body))
            }
            None => Err(error),
        },
    }
}

fn filled(tx: &Tx<'_>, ctx: &Ctx, send: &Send, customer: &Record, sender: &Id, found: &Record) -> Result<Wording> {
    let purpose = found.text("purpose").unwrap_or_default();
    if purpose != send.purpose.as_str() {
        let message = format!("the template is for {purpose:?}: send it for that purpose, or make another template");
        return Err(wrong("purpose", "template.purpose", message));
    }
    let mut filling = Filling::new(tx, &ctx.catalogue.orgs, customer, sender, ctx.now)?;
    filling.kept = send.links.keys().cloned().collect();
    give(&mut filling, &found.data, &send.values)?;
    let written = filling.fill(&found.data);
    let mut body = written.body.text;
    for gap in send.links.keys().map(|link| format!("{{{link}}}")) {
        // What the message is sent for must not be lost because somebody has left it out.
        if !body.contains(&gap) {
            body = format!("{body} {gap}");
        }
    }
    let subject = Some(written.subject.text).filter(|subject| !subject.trim().is_empty());
    let version = Some(format!("{}@{}", found.id, found.rev));
    Ok(Wording { subject: subject.or_else(|| send.subject.clone()), body, version })
}

/// Put what the sender gives into the gaps that the template declares.
pub(in crate::commands) fn give(
    filling: &mut Filling,
    template: &Data,
    values: &std::collections::BTreeMap<String, Value>,
) -> Result<()> {
    let mut errors = Vec::new();
    let mut refuse = |name: &str, code: &str, message: String| {
        errors.push(FieldError { pointer: format!("/data/values/{name}"), code: code.into(), message });
    };
    for name in template::declared(template).unwrap_or_default() {
        if filling.kept.contains(&name) {
            continue;
        }
        let text = match values.get(&name) {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        match text {
            Some(text) if text.chars().count() <= MAX_VALUE => drop(filling.values.insert(name, text)),
            Some(_) => refuse(&name, "value.invalid", format!("{name} is longer than {MAX_VALUE} characters")),
            None => {
                refuse(&name, "value.missing", format!("the template has {{{name}}}: give a text or number for it"))
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

fn wrong(field: &str, code: &str, message: String) -> Error {
    Error::fields(vec![FieldError { pointer: format!("/data/{field}"), code: code.into(), message }])
}
