//! Events of an import that are set aside: held until somebody lets them go, then delivered at a measured pace.
//!
//! See docs/decisions/0002-held-events-are-parked.md.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    Shared, Subscription, dispatch,
    lanes::{Call, Lanes},
    lock, parking,
};
use crate::{
    Result,
    model::{Actor, Blame, Event, Fault, Id, Scope},
    store::tables::{
        self,
        hold::{Range, State},
        parked::Parked,
    },
};

/// How often some are let go.
const TICK: Duration = Duration::from_millis(100);
const TICKS_PER_SECOND: u32 = 10;
/// How often is looked when there was nothing.
const IDLE: Duration = Duration::from_secs(1);
/// Dropped in one commit.
const DROPPED_AT_ONCE: u32 = 500;

/// Which of the events that were read are set aside. The server's own subscriptions keep what is derived up to date and hear all.
pub(super) fn ranges<'a>(subscription: &Subscription, held: &'a [Range]) -> &'a [Range] {
    if held.is_empty() || subscription.subscriber.actor() == Actor::System { &[] } else { held }
}

/// Put the held events of a call aside, all in one commit; the others stay in it.
pub(super) fn set_aside(shared: &Shared, subscription: &Subscription, lanes: &mut Lanes, call: Call) -> Result<Call> {
    let (held, stays): (Vec<Event>, Vec<Event>) =
        call.events.into_iter().partition(|event| lanes.held(event).is_some());
    let call = Call { events: stays, ..call };
    if held.is_empty() {
        return Ok(call);
    }
    let now = shared.clock.now();
    let rows: Vec<(u8, i64, Parked)> = held
        .iter()
        .map(|event| {
            let (lane, from) = lanes.cursor(event);
            let fault = Fault::guest("held", "its import is held", true);
            let row = parking::parked(event, fault, 0, now, true);
            (lane, from, Parked { job: lanes.held(event).cloned(), ..row })
        })
        .collect();
    let name = subscription.subscriber.name().to_owned();
    shared.store.commit_blocking(move |tx| {
        rows.iter().try_for_each(|(lane, from, row)| {
            tables::lane::advance(tx, &name, *lane, *from, row.seq)?;
            let state = row.job.as_ref().map(|job| tables::hold::state(tx, job)).transpose()?.flatten();
            // Whether it was discarded meanwhile is known here alone.
            if state == Some(State::Discarded) { Ok(()) } else { tables::parked::insert(tx, &name, row) }
        })
    })?;
    let subjects = held.iter().filter_map(|event| event.subject.clone());
    // A subject too many does no harm: the transaction that would put an event behind it looks again.
    subscription.parked.write().unwrap_or_else(PoisonError::into_inner).extend(subjects);
    held.iter().for_each(|event| lanes.pass(event));
    Ok(call)
}

/// Start the thread that lets deliveries go.
pub(super) fn start(shared: &Arc<Shared>) {
    let shared = shared.clone();
    thread::Builder::new()
        .name("bus-paced".into())
        .spawn(move || {
            let mut resting = HashMap::new();
            while !shared.is_stopping.load(Ordering::SeqCst) {
                let has_worked = pace(&shared, &mut resting).unwrap_or_else(|error| {
                    tracing::error!(%error, "held deliveries are held up");
                    false
                });
                pause(&shared, if has_worked { TICK } else { IDLE });
            }
        })
        .expect("a thread can be started while the process starts");
}

/// Wait, but not when the server stops. What rings otherwise is none of its business.
fn pause(shared: &Shared, length: Duration) {
    let is_running = |_: &mut u64| !shared.is_stopping.load(Ordering::SeqCst);
    drop(shared.rung.wait_timeout_while(lock(&shared.bell), length, is_running));
}

/// One tick: some deliveries of each subscription and job.
fn pace(shared: &Shared, resting: &mut HashMap<String, Instant>) -> Result<bool> {
    let work = tables::hold::work(&shared.store.view(Scope::All)?)?;
    let now = Instant::now();
    resting.retain(|_, until| *until > now);
    let mut has_worked = false;
    for (name, job, state) in work {
        let Some(subscription) = shared.subscription(&name).filter(|_| !resting.contains_key(&name)) else { continue };
        has_worked = true;
        let _one_at_a_time = lock(&subscription.draining);
        if state == State::Discarded {
            discard(shared, &subscription, &job)?;
        } else if let Some(length) = let_go(shared, &subscription, &job)? {
            resting.insert(name, now + length);
        }
    }
    Ok(has_worked)
}

/// Deliver some in order; answers how long to rest after one that failed and is to be tried again.
fn let_go(shared: &Shared, subscription: &Subscription, job: &Id) -> Result<Option<Duration>> {
    let limit = (shared.config.paced_per_second / TICKS_PER_SECOND).max(1);
    let name = subscription.subscriber.name();
    let rows = tables::parked::first_of_job(&shared.store.view(Scope::All)?, name, job, limit)?;
    for row in rows {
        if shared.is_stopping.load(Ordering::SeqCst) || !subscription.is_active.load(Ordering::SeqCst) {
            break;
        }
        match parking::deliver(shared, subscription, row.seq)? {
            Ok(()) => parking::drain(shared, subscription, row.subject.as_ref())?,
            Err(fault) => {
                if let Some(length) = failed(shared, subscription, row, fault)? {
                    return Ok(Some(length));
                }
            }
        }
    }
    Ok(None)
}

/// Try again later, or park it as any other delivery that failed for good.
fn failed(shared: &Shared, subscription: &Subscription, row: Parked, fault: Fault) -> Result<Option<Duration>> {
    let name = subscription.subscriber.name().to_owned();
    tracing::warn!(subscription = name, event.seq = row.seq, fault.code, fault.message, "a held delivery failed");
    let counts = fault.blame == Blame::Guest;
    let attempts = row.attempts + u32::from(counts);
    let is_over = counts && (!fault.retry || attempts >= shared.config.tries);
    let job = if is_over { None } else { row.job.clone() };
    let failed = Parked { fault, job, attempts: u32::from(counts), parked_at: shared.clock.now(), ..row };
    shared.store.commit_blocking(move |tx| tables::parked::insert(tx, &name, &failed))?;
    Ok((!is_over).then(|| dispatch::pause(shared, attempts.max(1))))
}

/// Drop some, then deliver what waited behind them.
fn discard(shared: &Shared, subscription: &Subscription, job: &Id) -> Result<()> {
    let name = subscription.subscriber.name().to_owned();
    let rows = tables::parked::of_job(&shared.store.view(Scope::All)?, &name, job, DROPPED_AT_ONCE)?;
    let seqs: Vec<i64> = rows.iter().map(|row| row.seq).collect();
    shared.store.commit_blocking(move |tx| seqs.iter().try_for_each(|seq| tables::parked::delete(tx, &name, *seq)))?;
    rows.iter().try_for_each(|row| parking::drain(shared, subscription, row.subject.as_ref()))
}
