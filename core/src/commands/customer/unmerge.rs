//! `customer.unmerge`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{identity, join::tell};
use crate::{
    Error, Result,
    commands::{
        Ctx, Run, customer,
        record::{note::Note, write},
        review, segment,
    },
    model::{
        Data, Id, Kind, Record,
        merge::{Conflict, Merge},
        survivorship::{Source, Standings},
    },
    store::{
        Tx,
        tables::{self, record::Made},
    },
};

/// How long a merge can be taken back.
pub const UNDO_DAYS: i64 = 90;

/// Take a merge back: both customers are there again with their own timelines. What the merge had changed goes back, but
/// for fields that were edited since: those stay as they are and are told as conflicts. Records made since stay where they are.
///
/// Causes `customer.unmerged` for both, `customer.created` instead for one that a create was answered without. Refuses
/// what was undone already (`merge.undone`), after 90 days (`merge.too_late`), before a later merge of the same customer
/// (`merge.order`), values that somebody else has by now (`record.unique`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unmerge {
    /// The one that stayed.
    pub id: Id,
    /// The merge.
    pub merge: Id,
    /// Why, for the history.
    #[serde(default)]
    pub why: Option<String>,
}

/// What taking it back came to.
#[derive(Clone, Debug)]
pub struct Parted {
    /// The one that stayed, as it is now.
    pub record: Record,
    /// The one that is there again.
    pub restored: Record,
    /// Edits that stay.
    pub conflicts: Vec<Conflict>,
    /// Records made since the merge, which stay with the one that stayed.
    pub made: Vec<Made>,
}

impl Run for Unmerge {
    type Done = Parted;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Parted> {
        customer::may_decide(ctx, tx, "customer.unmerge")?;
        let note = customer::note(self.why.clone())?;
        let this = write::current(tx, ctx, "customer", &self.id, None)?;
        let kind = tx.kind_in("customer", &this.org)?;
        let merge = self.of(tx, ctx, &this)?;
        check_unique(tx, &kind, &merge)?;
        tables::alias::release(tx, "customer", &merge.lost, &merge.body.carried)?;
        let (record, conflicts) = put_back(tx, ctx, &kind, &this, &merge, &note)?;
        let restored = restore(tx, ctx, &kind, &merge, &note)?;
        identity::rejoin(tx, ctx, &restored, merge.body.identity.as_ref())?;
        review::parted(tx, ctx, &merge.body.reviews)?;
        segment::give_back(tx, ctx, &merge.body.lists, &restored.id, &record.id)?;
        let made = tables::record::made_since(tx, "customer", &this.id, &this.org, merge.at, merge.seq)?;
        let body = crate::model::merge::Body { conflicts: conflicts.clone(), ..merge.body };
        tables::merge::put(tx, &Merge { undone_at: Some(ctx.done_at), body, ..merge })?;
        Ok(Parted { record, restored, conflicts, made })
    }
}

impl Unmerge {
    /// The merge, if it can be taken back now.
    fn of(&self, tx: &Tx<'_>, ctx: &Ctx, this: &Record) -> Result<Merge> {
        let merge = tables::merge::get(tx, &self.merge, &ctx.scope)?;
        let family = tables::alias::family(tx, "customer", &this.id)?;
        let missing = || Error::not_found("merge", format!("customer {} has no merge {}", self.id, self.merge));
        let merge = merge.filter(|merge| family.contains(&merge.kept)).ok_or_else(missing)?;
        if let Some(at) = merge.undone_at {
            return Err(Error::conflict("merge.undone", format!("merge {} was taken back already, at {at}", merge.id)));
        }
        let first = |later: &Merge| {
            let message = format!("take back the later merge {} of {} first, then this one", later.id, later.at);
            Error::conflict("merge.order", message)
        };
        if let Some(later) = tables::merge::that_lost(tx, &merge.kept)? {
            return Err(first(&later));
        }
        if let Some(later) = tables::merge::newest_into(tx, &merge.kept)?.filter(|newest| newest.id != merge.id) {
            return Err(first(&later));
        }
        if ctx.now > merge.undo_until {
            let message =
                format!("a merge can be taken back for {UNDO_DAYS} days, this one until {}", merge.undo_until);
            return Err(Error::conflict("merge.too_late", message));
        }
        Ok(merge)
    }
}

impl Parted {
    /// As it is told.
    pub fn told(&self) -> Value {
        json!({
            "id": self.record.id, "rev": self.record.rev, "restored": self.restored.id,
            "conflicts": self.conflicts, "made": self.made,
        })
    }
}

/// What the merge gave the one that stayed goes back, where nobody has touched it.
fn put_back(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    this: &Record,
    merge: &Merge,
    note: &Note,
) -> Result<(Record, Vec<Conflict>)> {
    let body = &merge.body;
    let (mut data, mut conflicts, mut standings) = (this.data.clone(), Vec::new(), Standings::new());
    for name in write::changed_fields(&body.before, &body.after) {
        let before = body.before.get(&name);
        if this.data.get(&name) != body.after.get(&name) {
            if this.data.get(&name) != before {
                let or_null = |value: Option<&Value>| value.cloned().unwrap_or_default();
                let (now, before) = (or_null(this.data.get(&name)), or_null(before));
                conflicts.push(Conflict { field: name, now, before });
            }
            continue;
        }
        match before {
            Some(value) => data.insert(name.clone(), value.clone()),
            None => data.remove(&name),
        };
        if let Some(standing) = body.before_standings.get(&name) {
            standings.insert(name, *standing);
        }
    }
    let names = write::changed_fields(&this.data, &data);
    let record = Record { rev: this.rev + 1, updated_at: ctx.done_at, data, ..this.clone() };
    tables::record::update(tx, kind, &record)?;
    let mut event = write::event(kind, &record, "unmerged", &names);
    tell(&mut event.data, &merge.id, &merge.lost, body.is_automatic);
    let seq = ctx.raise(tx, &event)?;
    write::revise(
        tx,
        &Ctx { source: Source::Fields(standings), ..ctx.clone() },
        kind,
        &record,
        &this.data,
        &names,
        write::Told { verb: "unmerged", seq },
        note,
    )?;
    Ok((record, conflicts))
}

/// The one that was given up, one revision on; the first one for what never was a record.
fn restore(tx: &mut Tx<'_>, ctx: &Ctx, kind: &Kind, merge: &Merge, note: &Note) -> Result<Record> {
    let other = &merge.body.other;
    let record = Record { rev: other.rev + 1, updated_at: ctx.done_at, ..other.clone() };
    tables::record::insert(tx, kind, &record)?;
    let is_new = other.rev == 0;
    let names: Vec<String> = if is_new { record.data.keys().cloned().collect() } else { Vec::new() };
    let mut event = write::event(kind, &record, if is_new { "created" } else { "unmerged" }, &names);
    tell(&mut event.data, &merge.id, &merge.kept, merge.body.is_automatic);
    let seq = ctx.raise(tx, &event)?;
    let (before, standings) = match is_new {
        true => (Data::new(), merge.body.other_standings.clone()),
        false => (record.data.clone(), Standings::new()),
    };
    write::revise(
        tx,
        &Ctx { source: Source::Fields(standings), ..ctx.clone() },
        kind,
        &record,
        &before,
        &names,
        write::Told { verb: "unmerged", seq },
        note,
    )?;
    Ok(record)
}

/// A value that must be unique may have been given to somebody else since.
fn check_unique(tx: &Tx<'_>, kind: &Kind, merge: &Merge) -> Result<()> {
    use crate::model::kind::Reach;
    for (name, field) in kind.fields.iter() {
        let (Some(reach), Some(value)) = (field.unique, merge.body.other.data.get(name)) else { continue };
        let org = (reach == Reach::Org).then_some(&merge.org);
        let holder = tables::record::holder(tx, &kind.kind, name, value, org, &merge.lost)?;
        if holder.is_some_and(|holder| holder != merge.kept) {
            let message =
                format!("another customer has the {name} {value} by now, which must be unique: change it there first");
            return Err(Error::conflict("record.unique", message));
        }
    }
    Ok(())
}
