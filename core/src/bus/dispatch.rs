//! The workers: read ahead, call subscribers, commit what they staged together with the cursor.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, TryLockError, atomic::Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    Delivery, Outcome, Shared, Staged, Subscription, background, holding,
    lanes::{Call, Lanes},
    lock, parking,
};
use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, Run, staged::Effects},
    model::{Actor, Blame, Event, Fault, Id, Scope},
    store::{Tx, tables},
};

/// Looked at this often even if nobody rang: a safety net, not the way events are found.
const IDLE: Duration = Duration::from_secs(1);
/// Pause after a failure that is nobody's event.
const HELD_UP: Duration = Duration::from_millis(50);
/// Cursors of quiet lanes are moved up this often at most.
const SWEEP: Duration = Duration::from_secs(1);
/// Revisions that moved on are tried again at once this often, then after a pause.
const QUICK_TRIES: u32 = 3;

pub(super) fn start(shared: &Arc<Shared>, n_workers: usize) {
    for n in 0..n_workers {
        let shared = shared.clone();
        thread::Builder::new()
            .name(format!("bus-{n}"))
            .spawn(move || {
                background::step_back();
                work(&shared);
            })
            .expect("a thread can be started while the process starts");
    }
    let weak = Arc::downgrade(shared);
    let mut head = shared.store.head();
    tokio::spawn(async move {
        while head.changed().await.is_ok() {
            let Some(shared) = weak.upgrade() else { return };
            shared.ring();
        }
    });
}

fn work(shared: &Shared) {
    while !shared.is_stopping.load(Ordering::SeqCst) {
        let heard = *lock(&shared.bell);
        let mut wake: Option<Instant> = None;
        let mut has_worked = false;
        for subscription in shared.all() {
            if let Some(until) = lock(&subscription.breaker).rests(Instant::now()) {
                wake = wake.into_iter().chain([until]).min();
                continue;
            }
            for group in &subscription.groups {
                let mut lanes = match group.try_lock() {
                    Ok(lanes) => lanes,
                    Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                    // Another worker is at it.
                    Err(TryLockError::WouldBlock) => continue,
                };
                if !subscription.is_active.load(Ordering::SeqCst) {
                    continue;
                }
                has_worked |= step_safely(shared, &subscription, &mut lanes);
                wake = wake.into_iter().chain(lanes.next_wake()).min();
            }
        }
        if !has_worked {
            wait(shared, heard, wake);
        }
    }
}

fn wait(shared: &Shared, heard: u64, wake: Option<Instant>) {
    let bell = lock(&shared.bell);
    if *bell == heard {
        let pause = wake
            .map_or(IDLE, |wake| wake.saturating_duration_since(Instant::now()).clamp(Duration::from_millis(1), IDLE));
        drop(shared.rung.wait_timeout(bell, pause));
    }
}

/// A panic stops one step, never the worker; the lanes are read again from the store.
fn step_safely(shared: &Shared, subscription: &Subscription, lanes: &mut Lanes) -> bool {
    let outcome = catch_unwind(AssertUnwindSafe(|| step(shared, subscription, lanes)));
    match outcome {
        Ok(Ok(has_worked)) => has_worked,
        Ok(Err(error)) => {
            tracing::error!(%error, subscription = subscription.subscriber.name(), "deliveries are held up");
            // Not at once again: what holds this up, a full disk say, holds the others up too.
            drop(shared.rung.wait_timeout(lock(&shared.bell), HELD_UP));
            reload(shared, subscription, lanes);
            false
        }
        Err(_) => {
            tracing::error!(subscription = subscription.subscriber.name(), "a delivery panicked");
            reload(shared, subscription, lanes);
            false
        }
    }
}

/// Forget what was read ahead and stand where the store says.
fn reload(shared: &Shared, subscription: &Subscription, lanes: &mut Lanes) {
    let since = lanes.cursors.values().copied().min().unwrap_or_default();
    let name = subscription.subscriber.name();
    let stored = shared.store.view(Scope::All).and_then(|view| tables::lane::cursors(&view, name, since));
    if let Ok(stored) = stored {
        let own = lanes
            .cursors
            .iter()
            .map(|(lane, cursor)| (*lane, stored.get(lane).copied().unwrap_or(*cursor).max(*cursor)));
        *lanes = Lanes::new(own.collect());
    }
}

/// One round: `false` when there was nothing to do.
fn step(shared: &Shared, subscription: &Subscription, lanes: &mut Lanes) -> Result<bool> {
    read_ahead(shared, subscription, lanes)?;
    let calls = lanes.next_calls(shared.config.batch, Instant::now());
    if calls.is_empty() {
        return sweep(shared, subscription, lanes);
    }
    let mut answered = Vec::new();
    for call in calls {
        let call = holding::set_aside(shared, subscription, lanes, call)?;
        let call = parking::wait_behind(shared, subscription, lanes, call)?;
        if call.events.is_empty() {
            continue;
        }
        match answer(shared, subscription, &call)? {
            Ok(staged) => answered.push((call, staged)),
            Err(fault) => failed(shared, subscription, lanes, &call, &fault)?,
        }
    }
    commit(shared, subscription, lanes, answered)?;
    Ok(true)
}

fn read_ahead(shared: &Shared, subscription: &Subscription, lanes: &mut Lanes) -> Result<()> {
    let head = *shared.store.head().borrow();
    while lanes.has_room() && lanes.scanned < head {
        let Some(portion) = shared.ahead.after(&shared.store, lanes.scanned)? else { break };
        let held = holding::ranges(subscription, &portion.held);
        for event in portion.after(lanes.scanned) {
            if !subscription.subscriber.wants(event) {
                lanes.pass_over(event);
                continue;
            }
            if let Some(range) = held.iter().find(|range| (range.first..=range.last).contains(&event.seq)) {
                lanes.hold(event.seq, range.job.clone());
            }
            lanes.read(event.clone());
        }
    }
    Ok(())
}

/// Move quiet lanes up to what was scanned, so that a restart does not read everything again. Not for every event: one
/// commit a second at most.
fn sweep(shared: &Shared, subscription: &Subscription, lanes: &mut Lanes) -> Result<bool> {
    if !lanes.may_sweep() || lanes.swept.elapsed() < SWEEP {
        return Ok(false);
    }
    let name = subscription.subscriber.name().to_owned();
    let (cursors, to) = (lanes.cursors.clone(), lanes.scanned);
    shared.store.commit_blocking(move |tx| {
        let mut behind = cursors.iter().filter(|(_, from)| **from < to);
        behind.try_for_each(|(lane, from)| tables::lane::advance(tx, &name, *lane, *from, to))
    })?;
    lanes.cursors.values_mut().for_each(|cursor| *cursor = (*cursor).max(to));
    lanes.swept = Instant::now();
    Ok(false)
}

/// Call the subscriber on a fresh snapshot.
pub(super) fn answer(shared: &Shared, subscription: &Subscription, call: &Call) -> Result<Result<Staged, Fault>> {
    let view = shared.store.view(shared.scope(&call.org))?.for_server(None, shared.clock.now()).at(&call.org);
    let delivery = Delivery {
        org: call.org.clone(),
        events: call.events.clone(),
        view,
        now: shared.clock.now(),
        attempt: call.attempt,
    };
    let answer = subscription.subscriber.handle(delivery);
    subscription.watch.called(answer.usage);
    shared.logs.keep(subscription.subscriber.name(), answer.logs);
    Ok(answer.result)
}

/// Halve a call that failed; let a single event rest, or park it when it has been tried often enough.
fn failed(shared: &Shared, subscription: &Subscription, lanes: &mut Lanes, call: &Call, fault: &Fault) -> Result<()> {
    subscription.watch.failed(fault);
    let [event] = call.events.as_slice() else {
        lanes.halve(&call.events);
        return Ok(());
    };
    let name = subscription.subscriber.name();
    let rests = lock(&subscription.breaker).failed(event.seq, fault, &shared.config, Instant::now());
    if let Some(length) = rests {
        tracing::warn!(subscription = name, seconds = length.as_secs(), "it fails again and again: its events wait");
    }
    tracing::warn!(subscription = name, event.seq, fault.code, blame = ?fault.blame, fault.message, "a delivery failed");
    // What is the server's own fault does not count against the guest.
    let counts = fault.blame == Blame::Guest;
    let tries = lanes.rest(event, pause(shared, call.attempt), counts);
    if counts && (!fault.retry || tries >= shared.config.tries) {
        parking::park(shared, subscription, lanes, event, fault, tries)?;
        subscription.subscriber.parked(event, fault);
    }
    Ok(())
}

/// Exponential with full jitter, so that a crowd of retries does not come back as a crowd.
pub(super) fn pause(shared: &Shared, attempt: u32) -> Duration {
    let ceiling = shared
        .config
        .backoff_ms
        .saturating_mul(1 << attempt.saturating_sub(1).min(20))
        .min(shared.config.max_backoff_ms);
    Duration::from_millis(rand::random_range(ceiling / 2..=ceiling.max(1)))
}

/// What one call came to inside the shared commit: how many events it has raised.
type Committed = Result<u32>;

/// One unit for all calls of the round: cursor and effects of each in a savepoint of its own, so one conflict does not
/// sink the others.
fn commit(
    shared: &Shared,
    subscription: &Subscription,
    lanes: &mut Lanes,
    answered: Vec<(Call, Staged)>,
) -> Result<()> {
    if answered.is_empty() {
        return Ok(());
    }
    let parts: Vec<Part> =
        answered.iter().map(|(call, staged)| Part::new(shared, subscription, lanes, call, staged)).collect();
    let outcomes: Vec<Committed> = shared
        .store
        .commit_blocking(move |tx| Ok(parts.into_iter().map(|part| tx.attempt(|tx| part.run(tx))).collect()))?;
    for ((call, staged), outcome) in answered.into_iter().zip(outcomes) {
        match outcome {
            Ok(n_raised) => {
                subscription.watch.handled(call.events.len());
                note_success(shared, subscription, &call, n_raised);
                parking::note_parked(subscription, &call.events, &staged);
                call.events.iter().for_each(|event| lanes.pass(event));
            }
            Err(error) if error.code == "lane.moved" => return Err(error),
            Err(error) if is_conflict(&error) && call.attempt <= QUICK_TRIES => {
                // A revision moved on between snapshot and commit: a fresh snapshot decides anew, at once.
                for event in &call.events {
                    lanes.rest(event, Duration::ZERO, true);
                }
            }
            Err(error) => failed(shared, subscription, lanes, &call, &fault(&error))?,
        }
    }
    Ok(())
}

fn is_conflict(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Stale | ErrorKind::Unavailable)
}

/// What a guest staged and the core refused is the guest's fault, but for what the disk or we ourselves failed at.
pub(super) fn fault(error: &Error) -> Fault {
    match error.kind {
        ErrorKind::Internal | ErrorKind::Unavailable => Fault::host(error.to_string()),
        ErrorKind::Stale => Fault::guest(error.code.clone(), error.to_string(), true),
        _ => Fault::guest(error.code.clone(), error.to_string(), false),
    }
}

/// One call's part of the commit.
struct Part {
    subscription: String,
    ctx: Ctx,
    /// Lane, from, to.
    moves: Vec<(u8, i64, i64)>,
    parked: Vec<tables::parked::Parked>,
    effects: Effects,
}

impl Part {
    fn new(shared: &Shared, subscription: &Subscription, lanes: &Lanes, call: &Call, staged: &Staged) -> Part {
        let moves = call.events.iter().map(|event| {
            let (lane, from) = lanes.cursor(event);
            (lane, from, event.seq)
        });
        let parks =
            |event: &&Event| parking::verdict(staged, event).is_some_and(|verdict| verdict.outcome == Outcome::Park);
        let ctx = shared.ctx(subscription.subscriber.actor(), &call.org, &call.events);
        Part {
            subscription: subscription.subscriber.name().to_owned(),
            moves: moves.collect(),
            parked: call.events.iter().filter(parks).map(|event| parking::by_verdict(event, staged, ctx.now)).collect(),
            effects: Effects { commands: staged.commands.clone(), receipts: staged.receipts.clone() },
            ctx,
        }
    }

    fn run(self, tx: &mut Tx<'_>) -> Result<u32> {
        let before = tx.last_seq();
        for (lane, from, to) in self.moves {
            tables::lane::advance(tx, &self.subscription, lane, from, to)?;
        }
        for parked in &self.parked {
            tables::parked::insert(tx, &self.subscription, parked)?;
        }
        self.effects.run(tx, &self.ctx)?;
        Ok(u32::try_from(tx.last_seq() - before).unwrap_or(u32::MAX))
    }
}

fn note_success(shared: &Shared, subscription: &Subscription, call: &Call, n_raised: u32) {
    let depth = call.events.iter().map(|event| event.depth).max().unwrap_or_default().saturating_add(1);
    let mut breaker = lock(&subscription.breaker);
    breaker.worked();
    // The server's own subscriptions keep up with whatever there is.
    if subscription.subscriber.actor() != Actor::System
        && breaker.raised(n_raised, depth, &shared.config, Instant::now()).is_some()
    {
        let name = subscription.subscriber.name();
        tracing::warn!(subscription = name, depth, "it answers its own answers too often: its events wait a minute");
    }
}

/// The group that serves an event.
pub(super) fn group<'a>(subscription: &'a Subscription, event: &Event) -> &'a Mutex<Lanes> {
    let n = usize::from(super::lanes::lane(event)) % subscription.groups.len();
    &subscription.groups[n]
}

/// The group that serves a subject's events.
pub(super) fn group_of_subject<'a>(subscription: &'a Subscription, subject: &Id) -> &'a Mutex<Lanes> {
    let n = usize::from(super::lanes::lane_of_subject(subject)) % subscription.groups.len();
    &subscription.groups[n]
}

/// As whom a subscription's commands are checked.
pub(super) fn actor(subscription: &Subscription) -> Actor {
    subscription.subscriber.actor()
}
