//! Rehearsals: what a wish would come to with the reactions it causes at first level, worked out and taken back.
//!
//! The wish is run by the writer, read and taken back. Whoever hears of its events is then called on a snapshot with the outcome laid
//! over it, and what they stage is run after the wish in another round. What hears of their events is counted, not called.

use std::sync::Arc;

use super::{Bus, Delivery, Outcome, Shared, Staged, Subscription, parking};
use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, Run, staged::Effects},
    model::{Command, Event, Fault},
    store::{Overlay, Tx, tables},
};

/// Subscribers called in one rehearsal at most; further deliveries are counted like those of deeper levels.
const MAX_CALLS: u64 = 64;
/// Fresh rounds when others commit between a round and the snapshot it is laid over. After that it is laid over a newer one.
const TRIES: u32 = 3;

/// What is rehearsed: run any number of times, each time taken back.
pub type Work = Arc<dyn Fn(&mut Tx<'_>, &Ctx) -> Result<()> + Send + Sync>;

/// What a wish would come to.
#[derive(Debug, Default)]
pub struct Rehearsal {
    /// The last event before it.
    pub at_seq: i64,
    /// The wish's own commands, then those of reactions.
    pub commands: Vec<Wished>,
    /// The wish's own events, then those of reactions.
    pub events: Vec<Event>,
    /// How many of the events are the wish's own.
    pub n_own: usize,
    /// Why the core refuses the wish.
    pub refused: Option<Error>,
    /// Reactions that would come to nothing: whose, and why.
    pub faults: Vec<(String, Fault)>,
    /// Deliveries that would follow from the reactions; they were not run.
    pub n_deeper: u64,
}

/// A command and which subscriber asks for it; nobody for the wish's own.
#[derive(Clone, Debug)]
pub struct Wished {
    /// The subscriber's name.
    pub by: Option<String>,
    /// What it asks for.
    pub command: Command,
}

/// What one subscriber staged in answer to an event of the wish.
#[derive(Clone)]
struct Reaction {
    by: String,
    ctx: Ctx,
    effects: Effects,
}

/// One round: the wish and all reactions known so far, run and taken back.
struct Round {
    at_seq: i64,
    n_own: usize,
    events: Vec<Event>,
    refused: Option<Error>,
    faults: Vec<(String, Fault)>,
    overlay: Overlay,
}

impl Rehearsal {
    /// Events told of a rehearsal at most.
    pub const MAX_EVENTS: u32 = 1_000;
}

impl Bus {
    /// Rehearse a wish. `base` is the number its first event is told to subscribers to come after, so that a second rehearsal of the same
    /// wish calls them with the very numbers of the first, from which ids derive; the present one when there was none.
    ///
    /// # Errors
    /// What keeps the server from trying; what the core refuses stands in the rehearsal.
    pub async fn rehearse(&self, ctx: Ctx, commands: Vec<Command>, work: Work, base: Option<i64>) -> Result<Rehearsal> {
        let shared = self.shared.clone();
        let ctx = Ctx { done_at: ctx.now, ..ctx };
        let play = move || Play { shared: &shared, ctx, work, base, reactions: Vec::new() }.run(commands);
        tokio::task::spawn_blocking(play).await.map_err(Error::internal)?
    }
}

struct Play<'a> {
    shared: &'a Shared,
    ctx: Ctx,
    work: Work,
    base: Option<i64>,
    reactions: Vec<Reaction>,
}

impl Play<'_> {
    fn run(mut self, commands: Vec<Command>) -> Result<Rehearsal> {
        let mut round = self.round()?;
        let mut faults = Vec::new();
        let (mut n_calls, mut n_deeper) = (0, 0);
        let n_own = if round.refused.is_some() { 0 } else { round.n_own };
        for n in 0..n_own {
            for subscription in self.shared.all() {
                let by = subscription.subscriber.name().to_owned();
                if !is_heard(&subscription, &round.events[n]) {
                    continue;
                }
                n_calls += 1;
                if n_calls > MAX_CALLS {
                    n_deeper += 1;
                    continue;
                }
                match self.react(&subscription, n, &mut round)? {
                    Ok(None) => {}
                    Ok(Some(reaction)) => {
                        self.reactions.push(reaction);
                        round = self.round()?;
                    }
                    Err(fault) => faults.push((by, fault)),
                }
            }
        }
        let heard =
            |event: &Event| self.shared.all().iter().filter(|subscription| is_heard(subscription, event)).count();
        n_deeper += round.events.iter().skip(round.n_own).map(|event| heard(event) as u64).sum::<u64>();
        faults.append(&mut round.faults);
        let own = commands.into_iter().map(|command| Wished { by: None, command });
        let theirs = self.reactions.into_iter().flat_map(|reaction| {
            let by = reaction.by;
            reaction.effects.commands.into_iter().map(move |command| Wished { by: Some(by.clone()), command })
        });
        Ok(Rehearsal {
            at_seq: round.at_seq,
            commands: own.chain(theirs).collect(),
            events: round.events,
            n_own: round.n_own,
            refused: round.refused,
            faults,
            n_deeper,
        })
    }

    fn round(&self) -> Result<Round> {
        let (ctx, work, reactions) = (self.ctx.clone(), self.work.clone(), self.reactions.clone());
        let round = self.shared.store.rehearse_blocking(move |tx| {
            let at_seq = tx.last_seq();
            let (told, overlay) = tx.traced(|tx| {
                let refused = tx.attempt(|tx| work(tx, &ctx.again())).err();
                let n_own = tx.last_seq() - at_seq;
                let faults = reactions.into_iter().filter_map(|reaction| carry_out(tx, reaction));
                let faults: Vec<(String, Fault)> = if refused.is_none() { faults.collect() } else { Vec::new() };
                Ok((refused, n_own, faults))
            })?;
            let (refused, n_own, faults) = told;
            let events = tables::event::after(tx, at_seq, Rehearsal::MAX_EVENTS)?;
            let n_own = usize::try_from(n_own).unwrap_or_default().min(events.len());
            Ok(Round { at_seq, n_own, events, refused, faults, overlay })
        })?;
        match round.refused {
            Some(error) if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable) => Err(error),
            _ => Ok(round),
        }
    }

    /// Call a subscriber with one event of the wish, on a snapshot that sees everything so far.
    fn react(
        &self,
        subscription: &Subscription,
        n: usize,
        round: &mut Round,
    ) -> Result<Result<Option<Reaction>, Fault>> {
        let org = round.events[n].org.clone();
        let scope = self.shared.scope(&org);
        let mut view = self.shared.store.view_over(scope.clone(), &round.overlay)?;
        for _ in 0..TRIES {
            if view.at_seq() == round.at_seq {
                break;
            }
            *round = self.round()?;
            view = self.shared.store.view_over(scope.clone(), &round.overlay)?;
        }
        let Some(event) = round.events.get(n).cloned() else { return Ok(Ok(None)) };
        let base = self.base.unwrap_or(round.at_seq);
        let told = Event { seq: base + 1 + n as i64, ..event.clone() };
        let delivery = Delivery {
            org: org.clone(),
            events: vec![told.clone()],
            view: view.for_server(None, self.ctx.now),
            now: self.ctx.now,
            attempt: 1,
        };
        let staged = match subscription.subscriber.handle(delivery).result {
            Ok(staged) => staged,
            Err(fault) => return Ok(Err(fault)),
        };
        if let Some(fault) = put_aside(&staged, &told) {
            return Ok(Err(fault));
        }
        Ok(Ok((!staged.commands.is_empty()).then(|| self.reaction(subscription, told, staged))))
    }

    fn reaction(&self, subscription: &Subscription, event: Event, staged: Staged) -> Reaction {
        let by = subscription.subscriber.name().to_owned();
        let org = event.org.clone();
        let ctx = Ctx {
            now: self.ctx.now,
            done_at: self.ctx.now,
            ..self.shared.ctx(subscription.subscriber.actor(), &org, &[event])
        };
        Reaction { by, ctx, effects: Effects { commands: staged.commands, receipts: staged.receipts } }
    }
}

/// What a refused reaction says; a reaction is done as a whole or not at all.
fn carry_out(tx: &mut Tx<'_>, Reaction { by, ctx, effects }: Reaction) -> Option<(String, Fault)> {
    let refused = tx.attempt(|tx| effects.run(tx, &ctx.again())).err()?;
    Some((by, super::dispatch::fault(&refused)))
}

/// Whether an event would be delivered now: wanted, and not behind a parked one.
fn is_heard(subscription: &Subscription, event: &Event) -> bool {
    subscription.subscriber.wants(event) && !parking::is_behind(subscription, event)
}

/// The subscriber's own wish to put the event aside, as a fault.
fn put_aside(staged: &Staged, event: &Event) -> Option<Fault> {
    let verdict = parking::verdict(staged, event).filter(|verdict| verdict.outcome == Outcome::Park)?;
    let note = verdict.note.clone().unwrap_or_else(|| "the plugin would put the event aside for a person".into());
    Some(Fault::guest("parked", note, false))
}
