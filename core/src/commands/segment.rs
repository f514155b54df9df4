//! Segments: make, change and remove them, and keep who is in them.

mod members;

use serde_json::{Value, json};

use super::{Ctx, Run, rights};
use crate::{
    Error, ErrorKind, Result,
    error::FieldError,
    model::{
        EventDraft, Id,
        filter::{Context, changes_by_itself},
        rights::{Power, Verb},
    },
    store::{
        Tx, segments,
        tables::{
            segment::{self, Segment, UNFILLED},
            timer::{self, Timer},
        },
    },
};

pub use members::{Fill, Keep, List, Mark, Move};
pub(in crate::commands) use members::{give_back, hand_over};

/// Owner of the timers that look at segments again, and name of the subscription that hears them.
pub const KEEPER: &str = "segments";
const MAX_NAME_CHARS: usize = 100;

/// Make a segment; whoever meets its filter now is taken in in the background.
///
/// Causes `segment.created`. Refuses an empty name, a filter that does not fit the kind, an organisation out of reach.
#[derive(Clone, Debug)]
pub struct Create {
    /// What people call it.
    pub name: String,
    /// The kind of the records in it.
    pub kind: String,
    /// What they meet; `null` for a static one that begins empty.
    pub filter: Value,
    /// Whether it stays as it is now, but for what people add and take away.
    pub is_static: bool,
}

/// Change a segment. A new filter fills it anew.
///
/// Causes `segment.changed`. Refuses as [`Create`] does, and a revision that has moved on.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which.
    pub id: Id,
    /// The revision it must still be at.
    pub if_rev: Option<u32>,
    /// Its new name.
    pub name: Option<String>,
    /// Its new filter.
    pub filter: Option<Value>,
}

/// Take a segment away. Causes `segment.removed`. Refuses one that another segment speaks of.
#[derive(Clone, Debug)]
pub struct Remove {
    /// Which.
    pub id: Id,
    /// The revision it must still be at.
    pub if_rev: Option<u32>,
}

impl Run for Create {
    type Done = Segment;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Segment> {
        rights::in_org(ctx, &ctx.org)?;
        let has_filter = !self.filter.is_null();
        let segment = Segment {
            id: Id::fresh(ctx.now),
            name: named(&self.name)?,
            kind: self.kind,
            is_daily: !self.is_static && changes_by_itself(&self.filter),
            filter: if has_filter { self.filter } else { json!({}) },
            org: ctx.org.clone(),
            owner: ctx.actor.person().cloned(),
            is_static: self.is_static,
            n: 0,
            counted_at: ctx.now,
            rev: 1,
            created_at: ctx.now,
            updated_at: ctx.now,
            filled_to: (has_filter || !self.is_static).then(|| UNFILLED.to_owned()),
        };
        check(tx, ctx, &segment)?;
        write(tx, ctx, &segment, "created")?;
        Ok(segment)
    }
}

impl Run for Change {
    type Done = Segment;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Segment> {
        let old = current(tx, ctx, &self.id, self.if_rev)?;
        let mut segment = Segment { rev: old.rev + 1, updated_at: ctx.now, ..old.clone() };
        if let Some(name) = &self.name {
            segment.name = named(name)?;
        }
        if let Some(filter) = self.filter.filter(|filter| *filter != old.filter) {
            if segment.is_static {
                return Err(Error::conflict(
                    "segment.static",
                    format!(
                        "segment {} is a list that was frozen: add and take away records, or make another segment",
                        old.id
                    ),
                ));
            }
            segment.is_daily = changes_by_itself(&filter);
            segment.filter = filter;
            check(tx, ctx, &segment)?;
            segment::clear(tx, &segment.id)?;
            (segment.n, segment.counted_at, segment.filled_to) = (0, ctx.now, Some(UNFILLED.into()));
        }
        write(tx, ctx, &segment, "changed")?;
        Ok(segment)
    }
}

impl Run for Remove {
    type Done = ();

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        let segment = current(tx, ctx, &self.id, self.if_rev)?;
        let word = format!("\"{}\"", segment.id);
        let all = segment::list(tx, &crate::model::Scope::All, Some(&segment.kind), None, u32::MAX)?;
        if let Some(other) = all.iter().find(|other| other.id != segment.id && other.filter.to_string().contains(&word))
        {
            let message =
                format!("segment {} cannot be removed: segment {} ({}) speaks of it", segment.id, other.id, other.name);
            return Err(Error::conflict("segment.in_use", message));
        }
        segment::delete(tx, &segment.id)?;
        timer::cancel(tx, KEEPER, &segment.org, segment.id.as_str())?;
        raise(tx, ctx, &segment, "removed")
    }
}

/// A segment this actor may change, at the revision it knows.
fn current(tx: &Tx<'_>, ctx: &Ctx, id: &Id, if_rev: Option<u32>) -> Result<Segment> {
    let found = segment::get(tx, id)?.filter(|segment| ctx.scope.holds(&segment.org));
    let segment =
        found.ok_or_else(|| Error::not_found("segment", format!("there is no segment {id} in your organisations")))?;
    let is_own = segment.owner.as_ref().is_some_and(|owner| ctx.actor.person() == Some(owner));
    if !is_own {
        rights::to(ctx, Power::KeepSegments, &format!("change segment {id}, which is another person's"))?;
    }
    match if_rev {
        Some(rev) if rev != segment.rev => Err(Error::new(
            ErrorKind::Stale,
            "segment.stale",
            format!("segment {id} is at revision {} by now, not {rev}; read it again", segment.rev),
        )),
        _ => Ok(segment),
    }
}

fn named(name: &str) -> Result<String> {
    let name = name.trim();
    match name.chars().count() {
        1..=MAX_NAME_CHARS => Ok(name.to_owned()),
        n => Err(wrong("name", "name.invalid", format!("name has {n} characters: use 1 to {MAX_NAME_CHARS}"))),
    }
}

fn wrong(field: &str, code: &str, message: String) -> Error {
    Error::fields(vec![FieldError { pointer: format!("/{field}"), code: code.into(), message }])
}

/// The filter fits the kind, and what it speaks of is there. It is asked for nobody, so `$me` means nothing in it.
fn check(tx: &Tx<'_>, ctx: &Ctx, segment: &Segment) -> Result<()> {
    let kind = tx.kind(&segment.kind).map_err(|error| wrong("kind", &error.code, error.message.clone()))?;
    let kinds = |name: &str| tx.kinds().get(name).cloned();
    let context = Context { me: None, now: ctx.now, kinds: &kinds };
    let orgs = &ctx.catalogue.orgs;
    let rules = segments::Rules::new(tx, orgs, &context).within(&ctx.scope);
    let rule = rules.rule_of(&kind, segment);
    let rights = tx.rights(&ctx.actor);
    let checked = rule.and_then(|rule| tx.eyes(&rights, ctx.now).checked(&kind, Verb::Read, rule));
    checked.map(drop).map_err(|error| match error.code.as_str() {
        "field.masked" => error,
        _ => wrong("filter", &error.code, error.message.clone()),
    })
}

fn write(tx: &mut Tx<'_>, ctx: &Ctx, segment: &Segment, verb: &str) -> Result<()> {
    segment::put(tx, segment)?;
    if segment.is_daily {
        wake_at_midnight(tx, ctx, segment)?;
    } else {
        timer::cancel(tx, KEEPER, &segment.org, segment.id.as_str())?;
    }
    raise(tx, ctx, segment, verb)
}

fn raise(tx: &mut Tx<'_>, ctx: &Ctx, segment: &Segment, verb: &str) -> Result<()> {
    let draft = EventDraft {
        kind: format!("segment.{verb}"),
        org: segment.org.clone(),
        subject: Some(segment.id.clone()),
        record: None,
        data: json!({ "segment": segment.id, "kind": segment.kind, "rev": segment.rev, "is_static": segment.is_static }),
    };
    ctx.raise(tx, &draft).map(drop)
}

/// Look at the segment again when the next day begins where it belongs.
pub(super) fn wake_at_midnight(tx: &mut Tx<'_>, ctx: &Ctx, segment: &Segment) -> Result<()> {
    let calendar = ctx.catalogue.orgs.calendar(&segment.org);
    let today = calendar.local(ctx.now).date();
    let next = today.tomorrow().ok().and_then(|day| calendar.instant(day.at(0, 0, 0, 0)));
    wake_at(tx, segment, next.unwrap_or_else(|| ctx.now.plus_millis(86_400_000)))
}

/// Look at the segment again at a moment.
pub(super) fn wake_at(tx: &mut Tx<'_>, segment: &Segment, due_at: crate::model::Time) -> Result<()> {
    timer::set(
        tx,
        &Timer {
            owner: KEEPER.into(),
            org: segment.org.clone(),
            key: segment.id.to_string(),
            due_at,
            subject: Some(segment.id.clone()),
            data: Value::Null,
            depth: 0,
        },
    )
}
