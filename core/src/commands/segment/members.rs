//! Who is in a segment: what the server keeps by itself, and what people add to a list.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{current, wake_at, wake_at_midnight};
use crate::{
    Error, Result,
    commands::{Ctx, Run},
    model::{Actor, EventDraft, Id, RecordRef, merge::Listed},
    store::{
        Tx,
        tables::{
            record,
            segment::{self, Segment},
        },
    },
};

/// A record that comes in or goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The segment.
    pub segment: Id,
    /// The record.
    pub id: Id,
    /// Whether it is in from now on.
    pub is_member: bool,
    /// The revision at which that was found out, if it may have moved on since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_rev: Option<u32>,
}

/// Keep who is in segments: what the subscriber has found out. The server's own.
///
/// Causes `segment.entered` and `segment.left`, the record being their subject.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// Who comes in and who goes.
    pub moves: Vec<Move>,
}

/// Take what a day has changed into a segment. The server's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// The segment.
    pub segment: Id,
    /// Who comes in and who goes.
    pub moves: Vec<Move>,
    /// Whether there is more of that to come at once.
    pub has_more: bool,
}

/// Take some more records into a new segment; nobody is told of each. The server's own.
#[derive(Clone, Debug)]
pub struct Fill {
    /// The segment as it was when the records were looked at.
    pub segment: Segment,
    /// The records, with the revision they had.
    pub records: Vec<(Id, u32)>,
    /// Where to go on; `None` when that was all.
    pub to: Option<String>,
}

/// Add records to a static segment and take others away.
///
/// Causes `segment.entered` and `segment.left`. Refuses a segment that is kept by its filter, and records that are not there.
#[derive(Clone, Debug)]
pub struct List {
    /// The segment.
    pub segment: Id,
    /// Who comes in.
    pub add: Vec<Id>,
    /// Who goes.
    pub remove: Vec<Id>,
}

impl Run for Mark {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        by_the_server(ctx, "segment.mark")?;
        for one in &self.moves {
            // Gone, or about to be filled anew: then nothing needs to be kept.
            if let Some(segment) = segment::get(tx, &one.segment)? {
                apply(tx, ctx, &segment, one)?;
            }
        }
        Ok(())
    }
}

impl Run for Keep {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        by_the_server(ctx, "segment.keep")?;
        let Some(segment) = segment::get(tx, &self.segment)? else { return Ok(()) };
        for one in &self.moves {
            apply(tx, ctx, &segment, one)?;
        }
        match (segment.is_daily, self.has_more) {
            (true, true) => wake_at(tx, &segment, ctx.now),
            (true, false) => wake_at_midnight(tx, ctx, &segment),
            (false, _) => Ok(()),
        }
    }
}

impl Run for Fill {
    /// Whether it went on: otherwise a record or the segment has changed meanwhile, and the same stretch is looked at again.
    type Done = bool;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<bool> {
        by_the_server(ctx, "segment.fill")?;
        let now = segment::get(tx, &self.segment.id)?;
        if now.is_none_or(|now| now.rev != self.segment.rev || now.filled_to != self.segment.filled_to) {
            return Ok(false);
        }
        let (mut n_more, mut has_moved_on) = (0, false);
        for (id, rev) in &self.records {
            let place = segment::place_of(tx, &self.segment.kind, id)?;
            if place.is_some_and(|(_, now)| now == *rev) {
                n_more += i64::from(segment::mark(tx, &self.segment.id, id, true)?);
            } else {
                has_moved_on = true;
            }
        }
        segment::counted(tx, &self.segment.id, n_more, ctx.now)?;
        if !has_moved_on {
            segment::filled(tx, &self.segment.id, self.to.as_deref())?;
        }
        Ok(!has_moved_on)
    }
}

impl Run for List {
    type Done = Segment;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Segment> {
        let segment = current(tx, ctx, &self.segment, None)?;
        if !segment.is_static {
            let message = format!("segment {} is kept by its filter: change that, or make a static one", segment.id);
            return Err(Error::conflict("segment.dynamic", message));
        }
        for id in &self.add {
            if record::get(tx, &segment.kind, id, &ctx.scope)?.is_none_or(|record| record.id != *id) {
                return Err(Error::not_found(
                    "record",
                    format!("there is no {} {id} in your organisations", segment.kind),
                ));
            }
        }
        let moves = self.add.iter().map(|id| (id, true)).chain(self.remove.iter().map(|id| (id, false)));
        for (id, is_member) in moves {
            move_in(tx, ctx, &segment, id, is_member)?;
        }
        segment::get(tx, &segment.id)?.ok_or_else(|| Error::internal("the segment is gone inside its own unit"))
    }
}

/// Lists that people made have `kept` in place of `lost` from now on.
pub(in crate::commands) fn hand_over(tx: &mut Tx<'_>, ctx: &Ctx, lost: &Id, kept: &Id) -> Result<Vec<Listed>> {
    let has_kept = segment::of_record(tx, kept)?;
    let mut lists = Vec::new();
    for id in segment::of_record(tx, lost)? {
        let Some(segment) = segment::get(tx, &id)?.filter(|segment| segment.is_static) else { continue };
        move_in(tx, ctx, &segment, lost, false)?;
        move_in(tx, ctx, &segment, kept, true)?;
        lists.push(Listed { had_both: has_kept.contains(&id), segment: id });
    }
    Ok(lists)
}

/// What [`hand_over`] did is taken back, but for lists that somebody has since taken `kept` from.
pub(in crate::commands) fn give_back(tx: &mut Tx<'_>, ctx: &Ctx, lists: &[Listed], lost: &Id, kept: &Id) -> Result<()> {
    let has_kept = segment::of_record(tx, kept)?;
    for Listed { segment, had_both } in lists.iter().filter(|list| has_kept.contains(&list.segment)) {
        let Some(segment) = segment::get(tx, segment)? else { continue };
        move_in(tx, ctx, &segment, lost, true)?;
        if !had_both {
            move_in(tx, ctx, &segment, kept, false)?;
        }
    }
    Ok(())
}

fn move_in(tx: &mut Tx<'_>, ctx: &Ctx, segment: &Segment, id: &Id, is_member: bool) -> Result<()> {
    let one = Move { segment: segment.id.clone(), id: id.clone(), is_member, at_rev: None };
    apply(tx, ctx, segment, &one)
}

fn apply(tx: &mut Tx<'_>, ctx: &Ctx, segment: &Segment, one: &Move) -> Result<()> {
    let place = segment::place_of(tx, &segment.kind, &one.id)?;
    let rev = place.as_ref().map_or(0, |(_, rev)| *rev);
    // It has changed since: the event that tells of it is still to come, and decides.
    if one.at_rev.is_some_and(|at_rev| at_rev != rev) || (one.is_member && place.is_none()) {
        return Ok(());
    }
    if !segment::mark(tx, &segment.id, &one.id, one.is_member)? {
        return Ok(());
    }
    segment::counted(tx, &segment.id, if one.is_member { 1 } else { -1 }, ctx.now)?;
    // While a segment is filled for the first time, who was in it all along does not enter.
    if segment.filled_to.is_some() {
        return Ok(());
    }
    let verb = if one.is_member { "entered" } else { "left" };
    let draft = EventDraft {
        kind: format!("segment.{verb}"),
        org: place.map_or_else(|| segment.org.clone(), |(org, _)| org),
        subject: Some(one.id.clone()),
        record: Some(RecordRef { kind: segment.kind.clone(), id: one.id.clone(), rev }),
        data: json!({ "segment": segment.id }),
    };
    ctx.raise(tx, &draft).map(drop)
}

fn by_the_server(ctx: &Ctx, command: &str) -> Result<()> {
    match &ctx.actor {
        Actor::System => Ok(()),
        other => Err(Error::denied(format!("{command} is the server's own, not for {}", other.label()))),
    }
}
