//! Segments follow their records: a subscriber looks at every changed record, and at a segment when its day begins.

use std::sync::Arc;

use serde_json::json;

use super::App;
use crate::{
    Result,
    bus::{Answer, Delivery, Outcome, Staged, Subscribe, Subscriber, Verdict},
    commands::{
        Ctx, Run,
        segment::{Fill, KEEPER, Move},
    },
    model::{Actor, Command, Event, Fault, Id, RecordRef},
    store::{
        Store, View,
        tables::{
            self,
            segment::{self, Segment},
        },
    },
};

/// Records looked at in one step of a first fill.
const STRETCH: u32 = 2_000;
/// Who comes in and who goes in one commit of a daily look.
const DAILY: u32 = 2_000;

/// Hears of records that segments hold, and of days that begin.
struct Keeper {
    store: Store,
}

impl App {
    /// Set the keeper of segments to work, from where it stood.
    pub(super) fn keep_segments(&self) -> Result<()> {
        let subscriber = Arc::new(Keeper { store: self.store.clone() });
        self.bus.subscribe(Subscribe { subscriber, responder: None, since: 0 })
    }

    /// Take one more stretch of records into a new segment; `false` when no segment waits for it.
    pub(super) async fn fill_segment(self: &Arc<App>) -> Result<bool> {
        let app = self.clone();
        let looked = move || -> Result<Option<Fill>> {
            let view = app.store.view(crate::model::Scope::All)?.for_server(None, app.clock.now());
            let Some(segment) = segment::unfilled(&view)? else { return Ok(None) };
            let (records, to) = match view.to_fill(&segment, STRETCH) {
                Ok(found) => found,
                // Its kind is gone, or a field its filter names: nobody is in it until that is mended.
                Err(error) => {
                    tracing::warn!(%error, segment.id = segment.id.as_str(), "a segment cannot be filled");
                    (Vec::new(), None)
                }
            };
            Ok(Some(Fill { segment, records, to }))
        };
        let fill = tokio::task::spawn_blocking(looked).await.map_err(crate::Error::internal)??;
        let Some(fill) = fill else { return Ok(false) };
        let ctx = Ctx::system(fill.segment.org.clone(), self.clock.now(), self.catalogue());
        self.store.commit(move |tx| fill.run(tx, &ctx)).await?;
        Ok(true)
    }
}

impl Subscriber for Keeper {
    fn name(&self) -> &str {
        KEEPER
    }

    fn actor(&self) -> Actor {
        Actor::System
    }

    fn wants(&self, event: &Event) -> bool {
        match &event.record {
            // What segments themselves cause changes no record.
            Some(record) => !event.kind.starts_with("segment.") && self.store.segments().contains_key(&record.kind),
            None => event.kind == "timer.fired" && event.data["plugin"] == KEEPER,
        }
    }

    fn handle(&self, delivery: Delivery) -> Answer<Staged> {
        let mut staged = Staged::default();
        for event in &delivery.events {
            match look(&delivery.view, event) {
                Ok(commands) => staged.commands.extend(commands),
                // A rule that does not fit its kind any more keeps nobody waiting.
                Err(error) if error.kind != crate::ErrorKind::Internal => {
                    staged.verdicts.push(Verdict { seq: event.seq, outcome: Outcome::Skip, note: Some(error.message) })
                }
                Err(error) => {
                    return Answer {
                        result: Err(Fault::host(error.to_string())),
                        logs: Vec::new(),
                        usage: Default::default(),
                    };
                }
            }
        }
        Answer { result: Ok(staged), logs: Vec::new(), usage: Default::default() }
    }
}

fn look(view: &View, event: &Event) -> Result<Option<Command>> {
    let Some(record) = &event.record else { return day(view, event) };
    let mut moves = changed(view, event, record)?;
    if let Some(other) = given_up(event, record) {
        moves.extend(changed(view, event, &other)?);
    }
    Ok((!moves.is_empty()).then(|| Command::new("segment.mark", json!({ "moves": moves }))))
}

/// The record that a merge has put away.
fn given_up(event: &Event, record: &RecordRef) -> Option<RecordRef> {
    let is_merge = event.kind.strip_prefix(record.kind.as_str()) == Some(".merged");
    let id = event.data.get("other").filter(|_| is_merge)?.as_str()?.parse().ok()?;
    Some(RecordRef { kind: record.kind.clone(), id, rev: 0 })
}

/// In which segments the record is now.
fn changed(view: &View, event: &Event, record: &RecordRef) -> Result<Vec<Move>> {
    let was_in = segment::of_record(view, &record.id)?;
    let place = segment::place_of(view, &record.kind, &record.id)?;
    let mut moves = Vec::new();
    for segment in segment::of_kind(view, &record.kind)? {
        let is_in = was_in.contains(&segment.id);
        let is_member = match &place {
            None => false,
            // A list is changed by people alone, and ends with the record.
            Some(_) if segment.is_static => is_in,
            Some((org, _)) => {
                may_concern(&segment, event) && reaches(view, &segment, org) && view.meets(&segment, &record.id)?
                    || !may_concern(&segment, event) && is_in
            }
        };
        if is_member != is_in {
            moves.push(Move { segment: segment.id, id: record.id.clone(), is_member, at_rev: None });
        }
    }
    Ok(moves)
}

/// What was made before the segment is taken in by the first fill.
fn may_concern(segment: &Segment, event: &Event) -> bool {
    event.at >= segment.created_at
}

fn reaches(view: &View, segment: &Segment, org: &Id) -> bool {
    *org == segment.org || view.orgs().upwards(org).any(|above| *above == segment.org)
}

/// A day begins: time has taken some in and others out.
fn day(view: &View, event: &Event) -> Result<Option<Command>> {
    let id: Option<Id> = event.data["key"].as_str().and_then(|id| id.parse().ok());
    let segment = match id {
        Some(id) => tables::segment::get(view, &id)?,
        None => None,
    };
    let Some(segment) = segment.filter(|segment| segment.is_daily) else { return Ok(None) };
    let (enter, leave) = view.drift(&segment, DAILY)?;
    let has_more = enter.len().max(leave.len()) >= DAILY as usize;
    let moved =
        |(id, rev): (Id, u32), is_member| Move { segment: segment.id.clone(), id, is_member, at_rev: Some(rev) };
    let moves: Vec<Move> =
        enter.into_iter().map(|one| moved(one, true)).chain(leave.into_iter().map(|one| moved(one, false))).collect();
    Ok(Some(Command::new("segment.keep", json!({ "segment": segment.id, "moves": moves, "has_more": has_more }))))
}
