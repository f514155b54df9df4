//! One round of the post: ask of everything that is due whether it may go, hand over what may, write down what became of it.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{
    Ask, Parcel, Person, Shared, Undelivered,
    compose::{self, Parts},
    gate::{self, Standing},
};
use crate::{
    Result,
    commands::{
        Ctx, Run,
        message::{Conclude, Outcome},
    },
    model::{
        Id, Record, Scope, Time,
        contact::{Channel, Purpose, Reason},
    },
    store::{
        View,
        tables::{self, outbox::Waiting},
    },
};

/// Messages in one round: their commit keeps the writer for some tens of milliseconds.
const ROUND: u32 = 200;
/// Waits before the gateway is tried again; after the last one the message has failed.
const PAUSES_MS: [i64; 5] = [60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000, 6 * 3_600_000];

/// What is to become of a message that is due.
pub(super) enum Planned {
    /// It may go.
    Go { parcel: Parcel, consent: Option<Id>, waiting: Waiting },
    /// It may not, or not yet.
    Stay(Waiting, Outcome),
}

/// One round; answers how many messages it was about.
pub(super) async fn round(shared: &Arc<Shared>) -> Result<usize> {
    let now = shared.clock.now();
    let work = shared.clone();
    let concluded = tokio::task::spawn_blocking(move || {
        let planned = plan(&work, now)?;
        Ok(hand_over(&work, planned, now))
    });
    let concluded: Vec<Conclude> = concluded.await.map_err(crate::Error::internal)??;
    if concluded.is_empty() {
        return Ok(0);
    }
    if shared.pause_ms > 0 {
        tokio::time::sleep(Duration::from_millis(shared.pause_ms)).await;
    }
    let n_messages = concluded.len();
    let ctx = Ctx::system(Id::hq(), now, shared.catalogue.load_full());
    shared
        .store
        .commit(move |tx| {
            for conclude in concluded {
                let (message, depth) = (conclude.message.clone(), conclude.depth);
                // One that cannot be written down must not hold up the others; it stays and is told of.
                if let Err(error) = tx.attempt(|tx| conclude.run(tx, &ctx)) {
                    tracing::error!(%error, message.id = %message, "what became of a message could not be written down");
                    let later = Waiting { message, due_at: now.plus_millis(PAUSES_MS[1]), attempts: 0, depth };
                    tables::outbox::put(tx, &later)?;
                }
            }
            Ok(())
        })
        .await?;
    Ok(n_messages)
}

fn plan(shared: &Shared, now: Time) -> Result<Vec<Planned>> {
    let view = shared.store.view(Scope::All)?;
    let mut seen = BTreeSet::new();
    let mut planned = Vec::new();
    for waiting in tables::outbox::due(&view, now, ROUND)? {
        let Some(message) = tables::record::get(&view, "message", &waiting.message, &Scope::All)? else {
            planned.push(Planned::Stay(waiting, Outcome::Failed("no_address")));
            continue;
        };
        // What one round sends is not yet seen by its own counts, so of one person's marketing it takes one.
        if message.text("purpose") == Some("marketing") && !seen.insert(person_of(&view, &message)?) {
            continue;
        }
        planned.push(one(shared, &view, &message, waiting, now)?);
    }
    Ok(planned)
}

/// Whom the caps are counted for.
fn person_of(view: &View, message: &Record) -> Result<Option<Id>> {
    let Some(customer) = message.text("customer").and_then(|id| id.parse::<Id>().ok()) else { return Ok(None) };
    let customer = tables::alias::resolve(view, "customer", &customer)?;
    Ok(Some(tables::membership::identity(view, &customer)?.unwrap_or(customer)))
}

/// What a message that is due may be.
fn one(shared: &Shared, view: &View, message: &Record, waiting: Waiting, now: Time) -> Result<Planned> {
    Ok(match judged(shared, view, message, waiting, now)? {
        Planned::Go { parcel, waiting, .. } if shared.transport.is_printed(parcel.channel) => {
            Planned::Stay(waiting, Outcome::Printing)
        }
        planned => planned,
    })
}

/// What a message may be as things stand, whoever takes it.
pub(super) fn judged(shared: &Shared, view: &View, message: &Record, waiting: Waiting, now: Time) -> Result<Planned> {
    let stay = |outcome: Outcome| Ok(Planned::Stay(waiting.clone(), outcome));
    let word = |name: &str| message.field(name).clone();
    let purpose: Option<Purpose> = serde_json::from_value(word("purpose")).ok();
    let channel: Option<Channel> = serde_json::from_value(word("channel")).ok();
    let customer = message.text("customer").and_then(|id| id.parse::<Id>().ok());
    let (Some(purpose), Some(channel), Some(customer)) = (purpose, channel, customer) else {
        return stay(Outcome::Failed("no_address"));
    };
    let orgs = view.orgs();
    let Some(person) = Person::read(view, &orgs, &customer, now, Some(&message.id))? else {
        return stay(Outcome::Suppressed(Reason::NoAddress));
    };
    let until: Option<Time> = message.text("until").and_then(|until| until.parse().ok());
    if until.is_some_and(|until| until < now) {
        return stay(Outcome::Failed("too_late"));
    }
    let sender: Option<Id> = message.text("sender").and_then(|id| id.parse().ok());
    let facts = person.facts(&Ask { purpose, channel: Some(channel), sender: sender.clone() });
    let verdict = gate::may(&facts);
    if let Some(reason) = verdict.reason {
        return match verdict.retry_at.filter(|_| reason == Reason::QuietHours) {
            Some(retry_at) if until.is_none_or(|until| retry_at <= until) => {
                stay(Outcome::Postponed { until: retry_at })
            }
            _ => stay(Outcome::Suppressed(reason)),
        };
    }
    let Some(address) = facts.ways.usable else { return stay(Outcome::Failed("no_address")) };
    let sender = sender.as_ref().and_then(|sender| orgs.get(sender)).map_or("", |org| org.name.as_str());
    let parts = Parts { message, customer: &person.customer, channel, address, sender, at: now };
    let consent = match facts.consent {
        Standing::Granted(consent) if purpose != Purpose::Serve => Some(consent),
        _ => None,
    };
    Ok(Planned::Go { parcel: compose::parcel(parts, &shared.links), consent, waiting })
}

/// Hand over what may go, and say of everything what became of it.
fn hand_over(shared: &Shared, planned: Vec<Planned>, now: Time) -> Vec<Conclude> {
    let conclude = |waiting: &Waiting, outcome: Outcome| Conclude {
        message: waiting.message.clone(),
        checked_at: now,
        depth: waiting.depth,
        outcome,
    };
    let mut concluded = Vec::with_capacity(planned.len());
    let (mut parcels, mut going) = (Vec::new(), Vec::new());
    for planned in planned {
        match planned {
            Planned::Stay(waiting, outcome) => concluded.push(conclude(&waiting, outcome)),
            Planned::Go { parcel, consent, waiting } => {
                going.push((waiting, consent));
                parcels.push(parcel);
            }
        }
    }
    if parcels.is_empty() {
        return concluded;
    }
    let answers = shared.transport.send(&parcels);
    for ((waiting, consent), answer) in going.into_iter().zip(answers) {
        let outcome = match answer {
            Ok(()) => Outcome::Sent { consent },
            Err(Undelivered::Refused) => Outcome::Failed("refused"),
            Err(Undelivered::NoGateway) => Outcome::Failed("no_gateway"),
            Err(Undelivered::Unreachable) => match PAUSES_MS.get(waiting.attempts as usize) {
                Some(pause) => Outcome::Again { at: now.plus_millis(*pause), attempts: waiting.attempts + 1 },
                None => Outcome::Failed("unreachable"),
            },
        };
        concluded.push(conclude(&waiting, outcome));
    }
    concluded
}
