//! Previews: what a write would come to is shown first, and applying it does exactly that or says what has drifted.
//!
//! A preview is kept in memory for a quarter of an hour. Applying it rehearses the same wish again with the same inputs (the moment,
//! and the seed that ids derive from), compares command by command and event by event, and compares the wish's own events once more inside
//! the commit. What others commit between the second rehearsal and the delivery of an event may still change what a reaction does.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Value, json};

use super::{App, Judged};
use crate::{
    Error, ErrorKind, Result,
    bus::{Rehearsal, Wished},
    commands::{Ctx, Ids, Run},
    error::FieldError,
    model::{Actor, Command, Event, Fault, Id, Time, digest},
    store::{Tx, erasure::Values, tables},
};

/// How long a preview may be applied. Its moment decides due times, so it must not grow old.
const KEPT_MS: i64 = 15 * 60_000;
/// Previews kept at once; the oldest goes when there is one more.
const MAX_KEPT: usize = 256;
/// Differences told at most.
const MAX_TOLD: usize = 50;

/// How a write was asked for. `asked` is a digest of the request, so that a preview is applied to what it has shown.
#[derive(Clone, Debug, Default)]
pub enum How {
    /// At once.
    #[default]
    Now,
    /// To be shown alone.
    Tried {
        /// The request.
        asked: String,
    },
    /// As a preview has shown it.
    Shown {
        /// The request.
        asked: String,
        /// The preview.
        preview: Id,
    },
}

/// A write that may be shown before it is done.
pub struct Wish<T> {
    commands: Vec<Command>,
    work: Doing<T>,
}

type Doing<T> = Arc<dyn Fn(&mut Tx<'_>, &Ctx) -> Result<T> + Send + Sync>;

/// What became of a wish.
pub enum Outcome<A> {
    /// It was done.
    Done(A),
    /// It was shown.
    Shown(Box<Preview>),
}

/// What a write would come to.
#[derive(Debug)]
pub struct Preview {
    /// Its name, for applying it.
    pub id: Id,
    /// Of everything in it: two previews of the same effect agree.
    pub digest: String,
    /// What would be asked for, done and refused.
    pub rehearsal: Rehearsal,
    /// The messages among it, with what would stop them.
    pub messages: Vec<Judged>,
}

impl<T: 'static> Wish<T> {
    /// From a command, under the name and body by which it is shown.
    pub fn of<R: Run<Done = T> + Clone + Send + Sync + 'static>(shown: Command, command: R) -> Wish<T> {
        Wish::new(vec![shown], move |tx, ctx| command.clone().run(tx, ctx))
    }

    /// From whatever may be run again and again.
    pub fn new(
        commands: Vec<Command>,
        work: impl Fn(&mut Tx<'_>, &Ctx) -> Result<T> + Send + Sync + 'static,
    ) -> Wish<T> {
        Wish { commands, work: Arc::new(work) }
    }
}

/// Previews that may still be applied.
#[derive(Debug, Default)]
pub(super) struct Previews(Mutex<VecDeque<(Id, Arc<Kept>)>>);

#[derive(Debug)]
struct Kept {
    actor: String,
    asked: String,
    now: Time,
    seed: Id,
    at_seq: i64,
    lines: Vec<Line>,
}

/// One command, event or fault of a preview: where it stands, and what of it must be the same when it is applied.
#[derive(Clone, Debug, PartialEq)]
struct Line {
    place: String,
    says: Value,
}

impl App {
    /// As [`App::ctx`], at the moment and with the ids of the preview that is being applied, if one is.
    ///
    /// # Errors
    /// As [`App::ctx`]; `preview.unknown`, `preview.mismatch`.
    pub fn ctx_for(&self, actor: &Actor, org: Option<Id>, how: &How) -> Result<Ctx> {
        let ctx = self.ctx(actor, org)?;
        match how {
            How::Now | How::Tried { .. } => Ok(ctx),
            How::Shown { asked, preview } => {
                let kept = self.previews.find(preview, &ctx.actor.label(), asked, ctx.now)?;
                Ok(Ctx { now: kept.now, ids: Ids::seeded(kept.seed.clone(), kept.now), ..ctx })
            }
        }
    }

    /// Do a wish, show it, or do it as it was shown; `seal` runs in the commit, never in a rehearsal. A wish that could not even be
    /// worked out is shown as a fault.
    ///
    /// # Errors
    /// The wish's own; `preview.drifted` naming every difference, and then nothing is done.
    pub async fn carry_out<T: Send + 'static, A: Send + 'static>(
        &self,
        ctx: Ctx,
        how: How,
        wish: Result<Wish<T>>,
        seal: impl FnOnce(&mut Tx<'_>, &Ctx, T) -> Result<A> + Send + 'static,
    ) -> Result<Outcome<A>> {
        match how {
            How::Now => {
                let work = wish?.work;
                let done = self.commit(ctx, move |tx, ctx| {
                    let done = work(tx, ctx)?;
                    seal(tx, ctx, done)
                });
                done.await.map(Outcome::Done)
            }
            How::Tried { asked } => {
                let rehearsal = self.rehearse(&ctx, wish.as_ref(), None).await?;
                let rehearsal = refused(rehearsal, wish.err())?;
                let messages = self.judge(&ctx, &rehearsal).await?;
                let mut preview = self.previews.keep(&ctx, asked, rehearsal);
                self.narrow(&ctx.actor, &mut preview.rehearsal);
                Ok(Outcome::Shown(Box::new(Preview { messages, ..preview })))
            }
            How::Shown { asked, preview } => {
                let kept = self.previews.find(&preview, &ctx.actor.label(), &asked, self.clock.now())?;
                self.apply(ctx, &kept, wish, seal).await.inspect(|_| self.previews.forget(&preview)).map(Outcome::Done)
            }
        }
    }

    /// What a preview shows of others' doing is no more than its asker sees of such records anywhere.
    fn narrow(&self, actor: &Actor, rehearsal: &mut Rehearsal) {
        let rights = self.store.rights(actor);
        if rights.compiled().is_none() {
            return;
        }
        let kinds = self.store.kinds();
        for wished in &mut rehearsal.commands {
            let kind = wished.command.body.get("kind").and_then(Value::as_str).and_then(|kind| kinds.get(kind));
            if let (Some(kind), Some(data)) = (kind, wished.command.body.get_mut("data").and_then(Value::as_object_mut))
            {
                rights.strip(kind, data);
            }
        }
        for event in &mut rehearsal.events {
            let Some(kind) = event.record.as_ref().and_then(|record| kinds.get(&record.kind)) else { continue };
            for part in ["quoted", "old"] {
                if let Some(data) = event.data.get_mut(part).and_then(Value::as_object_mut) {
                    rights.strip(kind, data);
                }
            }
        }
    }

    async fn apply<T: Send + 'static, A: Send + 'static>(
        &self,
        ctx: Ctx,
        kept: &Arc<Kept>,
        wish: Result<Wish<T>>,
        seal: impl FnOnce(&mut Tx<'_>, &Ctx, T) -> Result<A> + Send + 'static,
    ) -> Result<A> {
        let rehearsal = self.rehearse(&ctx, wish.as_ref(), Some(kept.at_seq)).await?;
        let wish = match wish {
            Ok(wish) => wish,
            Err(error) => {
                let now = Rehearsal { refused: Some(error), ..Rehearsal::default() };
                compare(&kept.lines, &lines(&now))?;
                return Err(now.refused.unwrap_or_else(|| Error::internal("a refusal without its reason")));
            }
        };
        compare(&kept.lines, &lines(&rehearsal))?;
        let own: Vec<Event> = rehearsal.events.into_iter().take(rehearsal.n_own).collect();
        let is_refused = rehearsal.refused.is_some();
        let ctx = Ctx { done_at: self.clock.now(), ..ctx }.again();
        let done = self.commit(ctx, move |tx, ctx| {
            let before = tx.last_seq();
            let done = (wish.work)(tx, ctx)?;
            if is_refused {
                return Err(drifted(vec![difference("/faults/0", "by now it would not be refused")]));
            }
            // Between the rehearsal and this moment others may have committed.
            compare_own(&own, &tables::event::after(tx, before, Rehearsal::MAX_EVENTS)?)?;
            seal(tx, ctx, done)
        });
        done.await
    }

    async fn rehearse<T: Send + 'static>(
        &self,
        ctx: &Ctx,
        wish: Result<&Wish<T>, &Error>,
        base: Option<i64>,
    ) -> Result<Rehearsal> {
        let Ok(wish) = wish else {
            return Ok(Rehearsal { at_seq: *self.store.head().borrow(), ..Rehearsal::default() });
        };
        let doing = wish.work.clone();
        let work = move |tx: &mut Tx<'_>, ctx: &Ctx| doing(tx, ctx).map(drop);
        self.bus.rehearse(ctx.clone(), wish.commands.clone(), Arc::new(work), base).await
    }
}

/// A wish that could not be worked out is a fault of its preview, unless it is our own failure.
fn refused(rehearsal: Rehearsal, error: Option<Error>) -> Result<Rehearsal> {
    match error {
        Some(error) if matches!(error.kind, ErrorKind::Internal | ErrorKind::Unavailable) => Err(error),
        Some(error) => Ok(Rehearsal { refused: Some(error), ..rehearsal }),
        None => Ok(rehearsal),
    }
}

impl Previews {
    fn kept(&self) -> MutexGuard<'_, VecDeque<(Id, Arc<Kept>)>> {
        // A panic cannot leave a list half-changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, ctx: &Ctx, asked: String, rehearsal: Rehearsal) -> Preview {
        let lines = lines(&rehearsal);
        let digest =
            digest::hex(lines.iter().map(|line| json!([line.place, line.says])).collect::<Value>().to_string());
        let id = Id::fresh(ctx.now);
        let (actor, now, seed) = (ctx.actor.label(), ctx.now, ctx.ids.seed().clone());
        let kept = Kept { actor, asked, now, seed, at_seq: rehearsal.at_seq, lines };
        let mut all = self.kept();
        all.push_back((id.clone(), Arc::new(kept)));
        if all.len() > MAX_KEPT {
            all.pop_front();
        }
        Preview { id, digest, rehearsal, messages: Vec::new() }
    }

    fn find(&self, preview: &Id, actor: &str, asked: &str, now: Time) -> Result<Arc<Kept>> {
        let found = self.kept().iter().find(|(id, _)| id == preview).map(|(_, kept)| kept.clone());
        let holds = |kept: &Arc<Kept>| kept.actor == actor && (0..=KEPT_MS).contains(&(now - kept.now));
        let kept = found.filter(holds).ok_or_else(|| {
            let message = format!(
                "there is no preview {preview} to apply: one holds for {} minutes, once, and ends with the server; ask with dry_run=true again",
                KEPT_MS / 60_000
            );
            Error::conflict("preview.unknown", message)
        })?;
        if kept.asked == asked {
            return Ok(kept);
        }
        let message = format!(
            "the preview {preview} has shown another request; send the same one, or ask with dry_run=true again"
        );
        Err(Error::conflict("preview.mismatch", message))
    }

    /// Let go of all that quote somebody.
    pub(super) fn forget_quoting(&self, values: &Values) {
        self.kept().retain(|(_, kept)| !kept.lines.iter().any(|line| values.quoted_in(&line.says)));
    }

    fn forget(&self, preview: &Id) {
        self.kept().retain(|(id, _)| id != preview);
    }
}

/// Numbers and moments are given out anew by the real thing; everything else must be the same.
fn lines(rehearsal: &Rehearsal) -> Vec<Line> {
    let command = |(n, Wished { by, command }): (usize, &Wished)| Line {
        place: format!("/commands/{n}"),
        says: json!([command.name, command.body, by]),
    };
    let commands = rehearsal.commands.iter().enumerate().map(command);
    let refused = rehearsal.refused.iter().map(|error| json!([error.code, error.errors]));
    let faults = rehearsal.faults.iter().map(|(by, Fault { code, .. })| json!([code, by]));
    let faults = refused.chain(faults).enumerate();
    let faults = faults.map(|(n, says)| Line { place: format!("/faults/{n}"), says });
    commands.chain(rehearsal.events.iter().enumerate().map(event_line)).chain(faults).collect()
}

fn event_line((n, event): (usize, &Event)) -> Line {
    let says = json!([event.kind, event.org, event.subject, event.actor, event.record, event.data]);
    Line { place: format!("/events/{n}"), says }
}

fn compare_own(shown: &[Event], made: &[Event]) -> Result<()> {
    let lines = |events: &[Event]| events.iter().enumerate().map(event_line).collect::<Vec<Line>>();
    compare(&lines(shown), &lines(made))
}

fn at<'a>(lines: &'a [Line], place: &str) -> Option<&'a Line> {
    lines.iter().find(|line| line.place == place)
}

/// # Errors
/// `preview.drifted` with every place that differs.
fn compare(shown: &[Line], now: &[Line]) -> Result<()> {
    let mut errors: Vec<FieldError> = Vec::new();
    for line in shown {
        match at(now, &line.place) {
            Some(other) if other.says == line.says => {}
            Some(other) => {
                errors.push(difference(&line.place, &format!("shown was {}, by now it is {}", line.says, other.says)));
            }
            None => errors.push(difference(&line.place, &format!("shown was {}, by now it is not there", line.says))),
        }
    }
    let is_new = |line: &&Line| at(shown, &line.place).is_none();
    errors.extend(
        now.iter().filter(is_new).map(|line| difference(&line.place, &format!("by now there is {}", line.says))),
    );
    if errors.is_empty() { Ok(()) } else { Err(drifted(errors)) }
}

fn difference(place: &str, message: &str) -> FieldError {
    FieldError { pointer: place.into(), code: "drifted".into(), message: message.into() }
}

fn drifted(mut errors: Vec<FieldError>) -> Error {
    let message = format!("{} places differ from the preview, so nothing was done; look at a new one", errors.len());
    errors.truncate(MAX_TOLD);
    Error { errors, ..Error::conflict("preview.drifted", message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(place: &str, says: Value) -> Line {
        Line { place: place.into(), says }
    }

    #[test]
    fn every_difference_is_named_where_it_stands() {
        let shown = [line("/commands/0", json!(1)), line("/events/0", json!("a")), line("/events/1", json!("b"))];
        assert!(compare(&shown, &shown).is_ok());
        let now = [line("/commands/0", json!(1)), line("/events/0", json!("c")), line("/faults/0", json!("no"))];
        let error = compare(&shown, &now).expect_err("differences");
        let places: Vec<&str> = error.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!((error.code.as_str(), places), ("preview.drifted", vec!["/events/0", "/events/1", "/faults/0"]));
    }

    #[test]
    fn a_preview_is_for_its_asker_its_request_and_its_time() {
        let previews = Previews::default();
        let now = Time::from_millis(1_773_374_400_000);
        let ctx = Ctx::system(Id::hq(), now, Default::default());
        let shown = previews.keep(&ctx, "r".into(), Rehearsal::default());
        let code = |actor: &str, asked: &str, ms: i64| {
            previews.find(&shown.id, actor, asked, now.plus_millis(ms)).map(drop).map_err(|error| error.code)
        };
        assert_eq!(code("system", "r", KEPT_MS), Ok(()));
        assert_eq!(code("system", "r", KEPT_MS + 1), Err("preview.unknown".into()));
        assert_eq!(code("user:x", "r", 0), Err("preview.unknown".into()));
        assert_eq!(code("system", "other", 0), Err("preview.mismatch".into()));
        previews.forget(&shown.id);
        assert_eq!(code("system", "r", 0), Err("preview.unknown".into()));
    }
}
