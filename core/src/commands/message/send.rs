//! `message.send`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::wording::{self, Wording};
use crate::{
    Error, Result,
    commands::{
        Ctx, Run,
        ctx::MAX_DEPTH,
        page::{self, Linked},
        record::{note::Note, write},
        rights, script,
    },
    error::FieldError,
    model::{
        Actor, Data, Id, Record, Time,
        contact::{Channel, Purpose},
        page::Link,
        rights::Power,
        validate::{self, Writer},
    },
    store::{
        Tx,
        tables::outbox::{self, Waiting},
    },
};

/// A message due sooner than this is a reaction and counts as one.
const REACTION_MS: i64 = 1_000;
/// The longest title a message is listed under.
const SUMMARY_CHARS: usize = 60;

/// Queue a message to a customer. Whether it may be sent is asked when it is due, not now.
///
/// Causes `message.queued`. Refuses a purpose nobody is contacted for, an e-mail without a subject, a sender who is not the customer's
/// organisation or above it, a template nobody has, that is for another purpose or lacks a value, where there is no text to send instead.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// The id, if the caller has given one out already.
    #[serde(default)]
    pub id: Option<Id>,
    /// To whom.
    pub customer: Id,
    /// What for: `serve` or `marketing`.
    pub purpose: Purpose,
    /// By which way.
    pub channel: Channel,
    /// What an e-mail or letter is headed with.
    #[serde(default)]
    pub subject: Option<String>,
    /// The text; of a template, what is sent where no organisation has one of that name.
    #[serde(default)]
    pub body: Option<String>,
    /// The name of the template it is made from. The customer's organisation or the nearest above says what that is.
    #[serde(default)]
    pub template: Option<String>,
    /// What stands in the gaps of the template, by name.
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
    /// When to send it, if not now.
    #[serde(default)]
    pub due_at: Option<Time>,
    /// After this it is not worth sending.
    #[serde(default)]
    pub until: Option<Time>,
    /// In whose name; the customer's organisation unless said.
    #[serde(default)]
    pub sender: Option<Id>,
    /// The campaign it belongs to.
    #[serde(default)]
    pub campaign: Option<String>,
    /// Links to public pages of the plugin that sends it: `{name}` in the text becomes the address when it goes out.
    #[serde(default)]
    pub links: BTreeMap<String, Link>,
}

impl Run for Send {
    type Done = Record;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        may_send(ctx)?;
        script::count_message(tx, ctx)?;
        let customer = write::current(tx, ctx, "customer", &self.customer, None)?;
        let sender = self.sender.clone().unwrap_or_else(|| customer.org.clone());
        let wording = wording::of(tx, ctx, &self, &customer, &sender)?;
        self.check(ctx, &customer, &sender, &wording)?;
        let links = self.linked(tx, ctx, &wording)?;
        let due_at = self.due_at.unwrap_or(ctx.now).max(ctx.now);
        let heading = wording.subject.as_deref().filter(|subject| !subject.trim().is_empty()).unwrap_or(&wording.body);
        let summary: String =
            heading.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SUMMARY_CHARS).collect();
        let said = json!({
            "customer": customer.id, "summary": summary, "purpose": self.purpose, "channel": self.channel, "sender": sender,
            "template": self.template, "template_version": wording.version, "campaign": self.campaign, "subject": wording.subject,
            "body": wording.body,
            "due_at": due_at, "until": self.until, "state": "queued",
            "links": (!links.is_empty()).then_some(links),
        });
        let mut data: Data = said.as_object().cloned().unwrap_or_default();
        data.retain(|_, value| *value != Value::Null);
        let note = Note::default();
        let kind = tx.kind_in("message", &customer.org)?;
        let data = validate::create(&kind, &data, note.terms(ctx, &customer.org, Writer::Owner))?;
        let id = self.id.unwrap_or_else(|| ctx.ids.next());
        let record = Record::new(&kind.kind, id, customer.org, ctx.done_at, data);
        write::insert_as(tx, ctx, &kind, &record, "queued", &note)?;
        // As a timer: what is sent at once is a reaction, what is sent later begins a new chain.
        let depth = if due_at - ctx.now < REACTION_MS { ctx.depth.saturating_add(1).min(MAX_DEPTH) } else { 0 };
        outbox::put(tx, &Waiting { message: record.id.clone(), due_at, attempts: 0, depth })?;
        Ok(record)
    }
}

impl Send {
    /// Whose pages the links lead to. A person has none.
    fn linked(&self, tx: &Tx<'_>, ctx: &Ctx, wording: &Wording) -> Result<BTreeMap<String, Linked>> {
        if self.links.is_empty() {
            return Ok(BTreeMap::new());
        }
        let Actor::Plugin { name: plugin, .. } = &ctx.actor else {
            return Err(Error::invalid(
                "links",
                "links lead to pages of the plugin that sends the message: leave them out",
            ));
        };
        let linked = |(name, link): (&String, &Link)| {
            if !wording.body.contains(&format!("{{{name}}}")) {
                let message = format!("the text has no {{{name}}} for the link {name:?} to stand in");
                return Err(Error::invalid("links", message));
            }
            Ok((name.clone(), page::link(tx, ctx, plugin, link)?))
        };
        self.links.iter().map(linked).collect()
    }

    fn check(&self, ctx: &Ctx, customer: &Record, sender: &Id, wording: &Wording) -> Result<()> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message: String| {
            errors.push(FieldError { pointer: format!("/data/{field}"), code: format!("{field}.invalid"), message });
        };
        if !self.purpose.is_contact() {
            let purpose = self.purpose.as_str();
            wrong("purpose", format!("purpose {purpose:?} is none to contact anybody for: use serve or marketing"));
        }
        if self.channel == Channel::Email && wording.subject.as_deref().is_none_or(|subject| subject.trim().is_empty())
        {
            wrong("subject", "subject is missing: an e-mail needs one".into());
        }
        let is_above = ctx.catalogue.orgs.upwards(&customer.org).any(|org| org == sender) || *sender == customer.org;
        if !is_above || !ctx.scope.holds(sender) {
            wrong(
                "sender",
                format!(
                    "sender {sender} cannot speak to this customer: use your organisation, if it is the customer's or above it"
                ),
            );
        }
        let due_at = self.due_at.unwrap_or(ctx.now);
        if let Some(until) = self.until
            && until < due_at
        {
            wrong("until", format!("until {until} lies before due_at {due_at}"));
        }
        if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
    }
}

pub(super) fn may_send(ctx: &Ctx) -> Result<()> {
    match &ctx.actor {
        Actor::System => Ok(()),
        Actor::Plugin { name, .. } => rights::has_grant(ctx, name, "message.send"),
        Actor::Script { name, asks, .. } if !asks.iter().any(|ask| ask == "message.send") => Err(Error::denied(
            format!("the script {name} has no grant \"message.send\": name it in `asks` and publish it"),
        )),
        Actor::Script { .. } => Ok(()),
        Actor::User { .. } => rights::to(ctx, Power::Send, "send messages"),
    }
}
