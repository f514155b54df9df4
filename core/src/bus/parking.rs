//! Parked deliveries: put aside, waited behind, tried again or dropped by a person.

use std::sync::PoisonError;

use super::{
    Bus, Outcome, Shared, Staged, Subscription, Verdict,
    dispatch::{self, answer},
    lanes::{Call, Lanes},
    lock,
};
use crate::{
    Error, ErrorKind, Result,
    commands::{Run, staged::Effects},
    model::{Event, Fault, Id, Scope, Time},
    store::tables::{self, parked::Parked},
};

/// What the subscriber said of an event, if anything.
pub(super) fn verdict<'a>(staged: &'a Staged, event: &Event) -> Option<&'a Verdict> {
    staged.verdicts.iter().find(|verdict| verdict.seq == event.seq)
}

/// A delivery the guest itself asked to park.
pub(super) fn by_verdict(event: &Event, staged: &Staged, now: Time) -> Parked {
    let note = verdict(staged, event)
        .and_then(|verdict| verdict.note.clone())
        .unwrap_or_else(|| "the plugin parked it".into());
    parked(event, Fault::guest("parked", note, false), 1, now, true)
}

/// The row of a delivery that is put aside.
pub(super) fn parked(event: &Event, fault: Fault, attempts: u32, now: Time, is_head: bool) -> Parked {
    Parked {
        job: None,
        seq: event.seq,
        subject: event.subject.clone(),
        org: event.org.clone(),
        fault,
        attempts,
        parked_at: now,
        is_head,
    }
}

/// After a commit: subjects that the guest parked hold their later events back from now on.
pub(super) fn note_parked(subscription: &Subscription, events: &[Event], staged: &Staged) {
    let is_parked = |event: &&Event| verdict(staged, event).is_some_and(|verdict| verdict.outcome == Outcome::Park);
    let subjects = events.iter().filter(is_parked).filter_map(|event| event.subject.clone());
    subscription.parked.write().unwrap_or_else(PoisonError::into_inner).extend(subjects);
}

/// Put a delivery aside with its fault; the lane goes on.
pub(super) fn park(
    shared: &Shared,
    subscription: &Subscription,
    lanes: &mut Lanes,
    event: &Event,
    fault: &Fault,
    attempts: u32,
) -> Result<()> {
    let name = subscription.subscriber.name().to_owned();
    let (lane, from) = lanes.cursor(event);
    let row = parked(event, fault.clone(), attempts, shared.clock.now(), true);
    let to = event.seq;
    shared.store.commit_blocking(move |tx| {
        tables::lane::advance(tx, &name, lane, from, to)?;
        tables::parked::insert(tx, &name, &row)
    })?;
    subscription.parked.write().unwrap_or_else(PoisonError::into_inner).extend(event.subject.clone());
    lanes.pass(event);
    Ok(())
}

/// Whether an event has to wait behind a parked one of its subject.
pub(super) fn is_behind(subscription: &Subscription, event: &Event) -> bool {
    let parked = subscription.parked.read().unwrap_or_else(PoisonError::into_inner);
    event.kind != "timer.fired" && event.subject.as_ref().is_some_and(|subject| parked.contains(subject))
}

/// Events whose subject has a parked delivery are put behind it; the others stay in the call. A timer never waits.
pub(super) fn wait_behind(shared: &Shared, subscription: &Subscription, lanes: &mut Lanes, call: Call) -> Result<Call> {
    let (behind, events): (Vec<Event>, Vec<Event>) =
        call.events.into_iter().partition(|event| is_behind(subscription, event));
    let mut stays = events;
    for event in behind {
        let name = subscription.subscriber.name().to_owned();
        let (lane, from) = lanes.cursor(&event);
        let (now, copy) = (shared.clock.now(), event.clone());
        // The parked one may have been taken up since: the transaction decides.
        let waits = shared.store.commit_blocking(move |tx| {
            let head = match &copy.subject {
                Some(subject) => tables::parked::of_subject(tx, &name, subject)?,
                None => None,
            };
            let Some(head) = head else { return Ok(false) };
            tables::lane::advance(tx, &name, lane, from, copy.seq)?;
            // Behind what is only set aside nothing has failed either.
            let row = Parked { job: head.job, ..parked(&copy, head.fault, 0, now, false) };
            tables::parked::insert(tx, &name, &row)?;
            Ok(true)
        })?;
        if waits {
            lanes.pass(&event);
        } else {
            forget(subscription, event.subject.as_ref());
            stays.push(event);
        }
    }
    stays.sort_by_key(|event| event.seq);
    Ok(Call { events: stays, ..call })
}

fn forget(subscription: &Subscription, subject: Option<&Id>) {
    if let Some(subject) = subject {
        subscription.parked.write().unwrap_or_else(PoisonError::into_inner).remove(subject);
    }
}

impl Bus {
    /// Try a parked delivery again, and if it succeeds those that wait behind it.
    ///
    /// # Errors
    /// `parked.not_found`; the fault as `parked.failed` when it fails again, and it stays parked.
    pub async fn retry(&self, name: &str, seq: i64) -> Result<()> {
        self.take_up(name, seq, take_up).await
    }

    /// Drop a parked delivery for good, then try those that wait behind it.
    ///
    /// # Errors
    /// `parked.not_found`.
    pub async fn drop_parked(&self, name: &str, seq: i64) -> Result<()> {
        self.take_up(name, seq, |shared, subscription, seq| {
            let name = subscription.subscriber.name().to_owned();
            shared.store.commit_blocking(move |tx| tables::parked::delete(tx, &name, seq))
        })
        .await
    }

    async fn take_up(
        &self,
        name: &str,
        seq: i64,
        first: impl FnOnce(&Shared, &Subscription, i64) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let subscription = self
            .shared
            .subscription(name)
            .ok_or_else(|| Error::not_found("plugin", format!("no plugin {name:?} is at work")))?;
        let shared = self.shared.clone();
        let work = move || {
            let _one_at_a_time = lock(&subscription.draining);
            let name = subscription.subscriber.name();
            let parked = tables::parked::get(&shared.store.view(Scope::All)?, name, seq)?
                .ok_or_else(|| Error::not_found("parked", format!("event {seq} is not parked for {name}")))?;
            first(&shared, &subscription, seq)?;
            drain(&shared, &subscription, parked.subject.as_ref())
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
    }
}

/// Deliver one parked event alone, for a person who asked for it.
fn take_up(shared: &Shared, subscription: &Subscription, seq: i64) -> Result<()> {
    deliver(shared, subscription, seq)?.map_err(|fault| {
        Error::conflict("parked.failed", format!("it failed again: {} [{}]", fault.message, fault.code))
    })
}

/// Deliver one parked event alone. Taking its row away is what makes the effects happen once.
pub(super) fn deliver(shared: &Shared, subscription: &Subscription, seq: i64) -> Result<Result<(), Fault>> {
    let event = tables::event::get(&shared.store.view(Scope::All)?, seq)?
        .ok_or_else(|| Error::not_found("event", format!("there is no event {seq}")))?;
    // While the lane's lock is held no later event of the subject can overtake.
    let _lanes = lock(dispatch::group(subscription, &event));
    let call = Call { org: event.org.clone(), events: vec![event.clone()], attempt: 1 };
    let staged = match answer(shared, subscription, &call)? {
        Ok(staged) => staged,
        Err(fault) => {
            subscription.watch.failed(&fault);
            return Ok(Err(fault));
        }
    };
    if verdict(&staged, &event).is_some_and(|verdict| verdict.outcome == Outcome::Park) {
        return Ok(Err(by_verdict(&event, &staged, shared.clock.now()).fault));
    }
    let name = subscription.subscriber.name().to_owned();
    let ctx = shared.ctx(dispatch::actor(subscription), &event.org, &call.events);
    let committed = shared.store.commit_blocking(move |tx| {
        tables::parked::delete(tx, &name, seq)?;
        Effects { commands: staged.commands, receipts: staged.receipts }.run(tx, &ctx).map(drop)
    });
    match committed {
        Ok(()) => subscription.watch.handled(1),
        Err(error) if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable) => return Err(error),
        Err(error) => return Ok(Err(dispatch::fault(&error))),
    }
    Ok(Ok(()))
}

/// Take up everything that waits for a subject, in order, until one fails or none is left.
pub(super) fn drain(shared: &Shared, subscription: &Subscription, subject: Option<&Id>) -> Result<()> {
    let Some(subject) = subject else { return Ok(()) };
    let name = subscription.subscriber.name();
    let first = || tables::parked::of_subject(&shared.store.view(Scope::All)?, name, subject);
    loop {
        let Some(next) = first()? else {
            // A worker may put another one aside just now: it does so under its lanes' lock, and so is this looked at.
            let _lanes = lock(dispatch::group_of_subject(subscription, subject));
            if first()?.is_none() {
                forget(subscription, Some(subject));
                return Ok(());
            }
            continue;
        };
        if next.is_head {
            return Ok(());
        }
        if let Err(error) = take_up(shared, subscription, next.seq) {
            let fault = dispatch::fault(&error);
            let (name, row) = (name.to_owned(), Parked { fault, is_head: true, attempts: 1, job: None, ..next });
            return shared.store.commit_blocking(move |tx| tables::parked::insert(tx, &name, &row));
        }
    }
}
