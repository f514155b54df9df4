//! Webhooks: made, changed, given another secret, paused, tried, and what failed is told again.

use serde_json::{Value, json};

use super::{Ctx, Run, rights};
use crate::{
    Error, ErrorKind, Result,
    error::FieldError,
    model::{Data, EventDraft, Id, Time, rights::Power},
    store::{
        Tx,
        tables::{
            audit::{self, Entry},
            webhook::{self, Delivery, Fate, State, Webhook},
        },
    },
};

const MAX_NAME_CHARS: usize = 100;
const MAX_URL_CHARS: usize = 500;
const MAX_EVENTS: usize = 50;
/// Subscriptions of one organisation: each is asked about every event.
const MAX_WEBHOOKS: usize = 20;
/// An old secret signs beside the new one for so long.
const OVERLAP_MS: i64 = 24 * 3_600_000;

/// Make one. Its events are those from now on.
///
/// Causes `webhook.created`. Refuses whoever may not shape the house, an empty name, no kind of event, too many of them. That the server
/// may call there is asked before.
#[derive(Clone, Debug)]
pub struct Create {
    /// What people call it.
    pub name: String,
    /// Where events go.
    pub url: String,
    /// Kinds of events.
    pub events: Vec<String>,
    /// What must be quoted in them.
    pub filter: Data,
    /// Its secret, sealed.
    pub secret: String,
    /// Its id, which the secret is sealed for.
    pub id: Id,
}

/// Change one. Whoever changes it makes it theirs: from now on it hears with their eyes, so that nobody is told what they may not see.
///
/// Causes `webhook.changed`.
#[derive(Clone, Debug, Default)]
pub struct Patch {
    /// Its new name.
    pub name: Option<String>,
    /// Where events go from now on.
    pub url: Option<String>,
    /// Its new kinds of events.
    pub events: Option<Vec<String>>,
    /// What must be quoted from now on.
    pub filter: Option<Data>,
    /// Paused or going.
    pub state: Option<State>,
}

/// See [`Patch`].
#[derive(Clone, Debug)]
pub struct Change {
    /// Which.
    pub id: Id,
    /// The revision it must still be at.
    pub if_rev: Option<u32>,
    /// What.
    pub patch: Patch,
}

/// Give it another secret; the old one signs too for a day. Causes `webhook.rotated`.
#[derive(Clone, Debug)]
pub struct Rotate {
    /// Which.
    pub id: Id,
    /// The new one, sealed.
    pub secret: String,
}

/// Take it away with all it was told. Causes `webhook.removed`.
#[derive(Clone, Debug)]
pub struct Remove {
    /// Which.
    pub id: Id,
}

/// Tell it something made up, to see whether it arrives.
#[derive(Clone, Debug)]
pub struct Try {
    /// Which.
    pub id: Id,
}

/// Tell again what was not taken: one delivery, or all that have failed.
#[derive(Clone, Debug)]
pub struct Retry {
    /// Which.
    pub id: Id,
    /// Which delivery; all that have failed, if none is named.
    pub delivery: Option<Id>,
}

/// The server's own: stop one that has failed for too long, or whose owner is gone. Causes `webhook.disabled`.
#[derive(Clone, Debug)]
pub struct Disable {
    /// Which.
    pub id: Id,
    /// Why: `failing`, `gone` or `owner`.
    pub why: &'static str,
}

impl Run for Create {
    type Done = Webhook;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Webhook> {
        let owner = may_keep(ctx)?;
        rights::in_org(ctx, &ctx.org)?;
        let n_there = webhook::list(tx, &crate::model::Scope::one(ctx.org.clone()))?.len();
        if n_there >= MAX_WEBHOOKS {
            let message = format!("{n_there} webhooks are there already; remove one that nobody needs first");
            return Err(Error::conflict("webhook.too_many", message));
        }
        let webhook = Webhook {
            id: self.id,
            org: ctx.org.clone(),
            owner,
            name: self.name,
            url: self.url,
            events: self.events,
            filter: self.filter,
            secret: self.secret,
            old_secret: None,
            old_until: None,
            state: State::Active,
            why: None,
            seen: tx.last_seq(),
            failing_since: None,
            rev: 1,
            created_at: ctx.now,
            updated_at: ctx.now,
        };
        check(&webhook)?;
        webhook::put(tx, &webhook)?;
        raise(tx, ctx, &webhook, "created")?;
        Ok(webhook)
    }
}

impl Run for Change {
    type Done = Webhook;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Webhook> {
        let owner = may_keep(ctx)?;
        let old = current(tx, ctx, &self.id)?;
        if let Some(rev) = self.if_rev.filter(|rev| *rev != old.rev) {
            let message = format!("webhook {} is at revision {} by now, not {rev}; read it again", old.id, old.rev);
            return Err(Error::new(ErrorKind::Stale, "webhook.stale", message));
        }
        let Patch { name, url, events, filter, state } = self.patch;
        let is_resumed = state == Some(State::Active) && old.state != State::Active;
        let state = match state {
            Some(State::Disabled) => {
                return Err(Error::invalid(
                    "state",
                    "a webhook is paused by a person; disabled it is by the server alone",
                ));
            }
            Some(state) => state,
            None => old.state,
        };
        let webhook = Webhook {
            owner,
            name: name.unwrap_or(old.name),
            url: url.unwrap_or(old.url),
            events: events.unwrap_or(old.events),
            filter: filter.unwrap_or(old.filter),
            state,
            why: old.why.filter(|_| state == State::Disabled),
            failing_since: old.failing_since.filter(|_| !is_resumed),
            rev: old.rev + 1,
            updated_at: ctx.now,
            ..old
        };
        check(&webhook)?;
        webhook::put(tx, &webhook)?;
        raise(tx, ctx, &webhook, "changed")?;
        Ok(webhook)
    }
}

impl Run for Rotate {
    type Done = Webhook;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Webhook> {
        may_keep(ctx)?;
        let old = current(tx, ctx, &self.id)?;
        let webhook = Webhook {
            old_secret: Some(old.secret.clone()),
            old_until: Some(ctx.now.plus_millis(OVERLAP_MS)),
            secret: self.secret,
            rev: old.rev + 1,
            updated_at: ctx.now,
            ..old
        };
        webhook::put(tx, &webhook)?;
        raise(tx, ctx, &webhook, "rotated")?;
        Ok(webhook)
    }
}

impl Run for Remove {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        may_keep(ctx)?;
        let webhook = current(tx, ctx, &self.id)?;
        webhook::delete(tx, &webhook.id)?;
        raise(tx, ctx, &webhook, "removed")
    }
}

impl Run for Try {
    type Done = Delivery;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Delivery> {
        may_keep(ctx)?;
        let webhook = going(current(tx, ctx, &self.id)?)?;
        let delivery = waiting(ctx.ids.next(), &webhook.id, None, "webhook.test", None, ctx.now);
        webhook::put_delivery(tx, &delivery)?;
        Ok(delivery)
    }
}

impl Run for Retry {
    type Done = usize;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<usize> {
        may_keep(ctx)?;
        let webhook = going(current(tx, ctx, &self.id)?)?;
        let found = match &self.delivery {
            Some(id) => {
                let missing = || Error::not_found("delivery", format!("webhook {} has no delivery {id}", webhook.id));
                vec![webhook::delivery(tx, id)?.filter(|one| one.webhook == webhook.id).ok_or_else(missing)?]
            }
            None => webhook::log(tx, &webhook.id, Some(Fate::Failed), None, MOST_AGAIN)?,
        };
        let n_found = found.len();
        for delivery in found {
            let again = Delivery { state: Fate::Waiting, due_at: ctx.now, attempts: 0, ..delivery };
            webhook::put_delivery(tx, &again)?;
        }
        audit::append(
            tx,
            &Entry::new(
                ctx.now,
                &ctx.actor,
                webhook.org.clone(),
                "webhook.retried",
                json!({ "webhook": webhook.id, "n": n_found }),
            ),
        )?;
        Ok(n_found)
    }
}

/// Deliveries told again at once.
const MOST_AGAIN: u32 = 1_000;

impl Run for Disable {
    /// The one that was stopped, if it was going.
    type Done = Option<Webhook>;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Option<Webhook>> {
        let Some(webhook) = webhook::get(tx, &self.id)?.filter(|webhook| webhook.state == State::Active) else {
            return Ok(None);
        };
        let webhook = Webhook { state: State::Disabled, why: Some(self.why.into()), updated_at: ctx.now, ..webhook };
        webhook::put(tx, &webhook)?;
        raise(tx, ctx, &webhook, "disabled")?;
        Ok(Some(webhook))
    }
}

/// A delivery that has not been tried.
pub fn waiting(id: Id, webhook: &Id, seq: Option<i64>, kind: &str, subject: Option<Id>, now: Time) -> Delivery {
    Delivery {
        id,
        webhook: webhook.clone(),
        seq,
        kind: kind.into(),
        subject,
        made_at: now,
        due_at: now,
        attempts: 0,
        state: Fate::Waiting,
        tried_at: None,
        status: None,
        fault: None,
        took_ms: None,
    }
}

/// Who keeps webhooks: whoever shapes the house, themselves and no program for them.
fn may_keep(ctx: &Ctx) -> Result<Id> {
    rights::to(ctx, Power::Shape, "keep webhooks")?;
    ctx.actor.person().cloned().ok_or_else(|| Error::denied("webhooks are kept by people"))
}

fn current(tx: &Tx<'_>, ctx: &Ctx, id: &Id) -> Result<Webhook> {
    let found = webhook::get(tx, id)?.filter(|webhook| ctx.scope.holds(&webhook.org));
    found.ok_or_else(|| Error::not_found("webhook", format!("there is no webhook {id} in your organisations")))
}

fn going(webhook: Webhook) -> Result<Webhook> {
    if webhook.state == State::Active {
        return Ok(webhook);
    }
    Err(Error::conflict(
        "webhook.not_active",
        "the webhook is not active, so nothing is told: set its state to active first",
    ))
}

fn check(webhook: &Webhook) -> Result<()> {
    let mut errors = Vec::new();
    let mut wrong = |field: &str, message: String| {
        errors.push(FieldError { pointer: format!("/{field}"), code: format!("{field}.invalid"), message });
    };
    let n_chars = webhook.name.trim().chars().count();
    if !(1..=MAX_NAME_CHARS).contains(&n_chars) {
        wrong("name", format!("name has {n_chars} characters: use 1 to {MAX_NAME_CHARS}"));
    }
    if webhook.url.chars().count() > MAX_URL_CHARS {
        wrong("url", format!("url is longer than {MAX_URL_CHARS} characters"));
    }
    if webhook.events.is_empty() || webhook.events.len() > MAX_EVENTS {
        wrong(
            "events",
            format!(
                "events are {}: name 1 to {MAX_EVENTS} kinds, like customer.created or complaints.*",
                webhook.events.len()
            ),
        );
    }
    let is_kind = |kind: &str| {
        let name = kind.strip_suffix('*').unwrap_or(kind);
        let is_char = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        !kind.is_empty() && kind.len() <= 100 && name.chars().all(is_char)
    };
    if let Some(kind) = webhook.events.iter().find(|kind| !is_kind(kind)) {
        wrong(
            "events",
            format!("{kind:?} is no kind of event: write it like customer.created, or complaints.* for all of them"),
        );
    }
    if webhook.filter.len() > MAX_EVENTS || webhook.filter.values().any(|value| value.is_object() || value.is_array()) {
        wrong(
            "filter",
            "filter holds fields and the one value each must be quoted with, like {\"state\":\"closed\"}".into(),
        );
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

fn raise(tx: &mut Tx<'_>, ctx: &Ctx, webhook: &Webhook, verb: &str) -> Result<()> {
    let told: Value =
        json!({ "webhook": webhook.id, "owner": webhook.owner, "state": webhook.state, "why": webhook.why });
    let kind = format!("webhook.{verb}");
    audit::append(tx, &Entry::new(ctx.now, &ctx.actor, webhook.org.clone(), &kind, told.clone()))?;
    let draft =
        EventDraft { kind, org: webhook.org.clone(), subject: Some(webhook.id.clone()), record: None, data: told };
    ctx.raise(tx, &draft).map(drop)
}
