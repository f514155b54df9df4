//! Past events delivered once more into a dry run: nothing of it is committed, no cursor moves.

use std::sync::Arc;

use super::{Bus, Delivery, Shared, Subscriber, dispatch};
use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, Ids, Run, staged::Effects},
    model::{Command, Event, Fault, Id, Scope, Time},
    store::{View, tables},
};

/// Events read at a time.
const PAGE: u32 = 500;
/// Events looked at in one replay; whoever wants others says from where.
const MAX_LOOKED_AT: usize = 200_000;
/// Pairs of snapshots taken at most until nothing was written between the two of one; the first one does, nearly always.
const TRIES: u32 = 1_000;
const RETRY_S: u32 = 10;

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// Those with greater numbers; `None`: the last ones that fit.
    pub after: Option<i64>,
    /// Those from this moment on.
    pub since: Option<Time>,
    /// Those of this name.
    pub kind: Option<String>,
    /// Those of this subject.
    pub subject: Option<Id>,
    /// How many at most.
    pub limit: u32,
}

impl Past {
    /// The most events of one replay.
    pub const MAX: u32 = 500;

    fn holds(&self, event: &Event) -> bool {
        self.since.is_none_or(|since| event.at >= since)
            && self.kind.as_ref().is_none_or(|kind| *kind == event.kind)
            && self.subject.as_ref().is_none_or(|subject| event.subject.as_ref() == Some(subject))
    }
}

/// What an event came to.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The event.
    pub event: Event,
    /// What was asked for, or why nothing was.
    pub outcome: Result<Vec<Command>, Fault>,
    /// What the core would say to it.
    pub refused: Option<Fault>,
}

impl Replayed {
    /// Whether another came to the same. Faults are the same by their codes: their words may hold addresses.
    pub fn same_as(&self, other: &Replayed) -> bool {
        match (&self.outcome, &other.outcome) {
            (Ok(these), Ok(those)) => these == those,
            (Err(this), Err(that)) => this.code == that.code,
            _ => false,
        }
    }
}

impl Bus {
    /// Deliver past events to a plugin at work once more, one by one, each on the store as it is now, and take everything back.
    ///
    /// # Errors
    /// `plugin.not_found` when it is not at work.
    pub async fn replay(&self, name: &str, past: Past) -> Result<Vec<Replayed>> {
        let subscriber = self
            .shared
            .subscription(name)
            .map(|subscription| subscription.subscriber.clone())
            .ok_or_else(|| Error::not_found("plugin", format!("no plugin {name:?} is at work")))?;
        let shared = self.shared.clone();
        let run = move || {
            let events = chosen(&shared, subscriber.as_ref(), &past)?;
            events.into_iter().map(|event| tried(&shared, subscriber.as_ref(), event)).collect()
        };
        tokio::task::spawn_blocking(run).await.map_err(Error::internal)?
    }

    /// Deliver past events to two versions, at the same moment on the same state, and do nothing of what they ask for. What either of them
    /// hears is delivered to both that hear it.
    ///
    /// # Errors
    /// Internal.
    pub async fn compare(
        &self,
        before: Arc<dyn Subscriber>,
        after: Arc<dyn Subscriber>,
        past: Past,
    ) -> Result<(Vec<Replayed>, Vec<Replayed>)> {
        let shared = self.shared.clone();
        let run = move || {
            let both = Both(before.as_ref(), after.as_ref());
            let (mut old, mut new) = (Vec::new(), Vec::new());
            for event in chosen_by(&shared, &|event| both.wants(event), &past)? {
                let now = shared.clock.now();
                let (one, other) = same(&shared, &event.org)?;
                old.push(told(before.as_ref(), event.clone(), one, now));
                new.push(told(after.as_ref(), event, other, now));
            }
            Ok((old, new))
        };
        tokio::task::spawn_blocking(run).await.map_err(Error::internal)?
    }
}

struct Both<'a>(&'a dyn Subscriber, &'a dyn Subscriber);

impl Both<'_> {
    fn wants(&self, event: &Event) -> bool {
        self.0.wants(event) || self.1.wants(event)
    }
}

fn chosen(shared: &Shared, subscriber: &dyn Subscriber, past: &Past) -> Result<Vec<Event>> {
    chosen_by(shared, &|event| subscriber.wants(event), past)
}

/// The events meant, in order. Without a beginning they are the last ones: they are gone through backwards, page by page.
fn chosen_by(shared: &Shared, wants: &dyn Fn(&Event) -> bool, past: &Past) -> Result<Vec<Event>> {
    let limit = past.limit as usize;
    let mut chosen: Vec<Event> = Vec::new();
    let is_meant = |event: &Event| past.holds(event) && wants(event);
    let mut n_looked_at = 0;
    let head = *shared.store.head().borrow();
    let mut at = past.after.unwrap_or(head);
    while chosen.len() < limit && n_looked_at < MAX_LOOKED_AT {
        let view = shared.store.view(Scope::All)?;
        let mut page = match past.after {
            Some(_) => tables::event::after(&view, at, PAGE)?,
            None => tables::event::within(&view, 1, at, PAGE)?,
        };
        // Backwards they come the newest first.
        if past.after.is_none() {
            page.reverse();
        }
        let (Some(first), Some(last)) = (page.first(), page.last()) else { break };
        let is_over = past.after.is_none() && past.since.is_some_and(|since| first.at < since);
        at = if past.after.is_some() { last.seq } else { first.seq - 1 };
        n_looked_at += page.len();
        let meant = page.into_iter().filter(is_meant);
        if past.after.is_some() {
            chosen.extend(meant);
        } else {
            chosen = meant.chain(chosen).collect();
        }
        if is_over {
            break;
        }
    }
    match past.after {
        Some(_) => chosen.truncate(limit),
        None => drop(chosen.drain(..chosen.len().saturating_sub(limit))),
    }
    Ok(chosen)
}

/// One delivery, with what the core says to what is asked for.
fn tried(shared: &Shared, subscriber: &dyn Subscriber, event: Event) -> Result<Replayed> {
    let now = shared.clock.now();
    let view = shared.store.view(shared.scope(&event.org))?;
    let mut replayed = told(subscriber, event, view, now);
    if let Ok(commands) = &replayed.outcome {
        let ctx = shared.ctx(subscriber.actor(), &replayed.event.org, std::slice::from_ref(&replayed.event));
        // What the delivery itself has made is there already: this is another.
        let ctx = Ctx { ids: Ids::fresh(now), ..ctx };
        let effects = Effects { commands: commands.clone(), receipts: Vec::new() };
        let outcome = shared.store.rehearse_blocking(move |tx| Ok(tx.attempt(|tx| effects.run(tx, &ctx)).err()))?;
        replayed.refused = outcome.as_ref().map(dispatch::fault);
    }
    Ok(replayed)
}

/// Two snapshots of the same state, so that two versions differ by themselves alone.
fn same(shared: &Shared, org: &Id) -> Result<(View, View)> {
    for _ in 0..TRIES {
        let (one, other) = (shared.store.view(shared.scope(org))?, shared.store.view(shared.scope(org))?);
        if one.at_seq() == other.at_seq() {
            return Ok((one, other));
        }
    }
    let message = "so much is written just now that two versions cannot be held against each other; try again later";
    Err(Error::new(ErrorKind::Unavailable, "busy", message).retry_after(RETRY_S))
}

fn told(subscriber: &dyn Subscriber, event: Event, view: View, now: Time) -> Replayed {
    if !subscriber.wants(&event) {
        return Replayed { event, outcome: Ok(Vec::new()), refused: None };
    }
    let org = event.org.clone();
    let view = view.for_server(None, now).at(&org);
    let delivery = Delivery { org, events: vec![event.clone()], view, now, attempt: 1 };
    let outcome = subscriber.handle(delivery).result.map(|staged| staged.commands);
    Replayed { event, outcome, refused: None }
}
