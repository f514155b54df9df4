//! Two customers become one: the part that a person's merge and the automatic one have in common.

use serde_json::{Map, Value, json};

use super::{identity, unmerge::UNDO_DAYS};
use crate::{
    Result,
    commands::{
        Ctx,
        record::{note::Note, write},
        review, segment,
    },
    model::{
        Id, Kind, Record,
        merge::{Body, Merge},
        survivorship::{Settled, Source, Standings},
    },
    store::{Tx, tables},
};

const DAY_MS: i64 = 86_400_000;

/// What is to be joined.
pub(super) struct Joining {
    /// The one that stays.
    pub this: Record,
    /// Where its fields stand.
    pub this_standings: Standings,
    /// The one that is given up; at revision 0 when it has not become a record.
    pub other: Record,
    /// Where its fields stand.
    pub other_standings: Standings,
    /// What they are together.
    pub settled: Settled,
    /// Why, in the person's words, and what else was said of it.
    pub note: Note,
    /// Whether the points alone decided.
    pub is_automatic: bool,
    /// Whether somebody knows the other by its id, so that the id has to lead somewhere.
    pub is_named: bool,
}

/// Write it: the one that is given up leaves its table, its id leads to the one that stays, and everything is kept that
/// it takes to undo this. Causes `customer.merged`, and `review.merged` for reviews that are answered by it.
pub(super) fn join(tx: &mut Tx<'_>, ctx: &Ctx, kind: &Kind, joining: Joining) -> Result<(Record, Merge)> {
    let Joining { this, this_standings, other, other_standings, settled, note, is_automatic, is_named } = joining;
    let identity = match other.rev {
        0 => None,
        _ => {
            tables::record::delete(tx, &other)?;
            let detail = json!({ "into": this.id });
            tables::audit::append_write(tx, &ctx.origin(), &other, "merged", &Map::new(), detail)?;
            identity::leave(tx, ctx, &other.id)?
        }
    };
    let carried = match is_named {
        true => tables::alias::point(tx, &kind.kind, &other.id, &this.id)?,
        false => Vec::new(),
    };
    let id = merge_id(tx, &this, &other.id)?;
    let (record, seq) = write_joined(tx, ctx, kind, &this, settled.clone(), &id, &other.id, is_automatic, &note)?;
    identity::settle(tx, ctx, &record)?;
    let reviews = review::answered(tx, ctx, &record)?;
    let lists = segment::hand_over(tx, ctx, &other.id, &record.id)?;
    let merge = Merge {
        id,
        org: record.org.clone(),
        kept: record.id.clone(),
        lost: other.id.clone(),
        at: ctx.done_at,
        seq,
        undo_until: ctx.done_at.plus_millis(UNDO_DAYS * DAY_MS),
        undone_at: None,
        body: Body {
            actor: ctx.actor.trace(),
            why: note.why,
            is_automatic,
            before: this.data,
            after: record.data.clone(),
            before_standings: this_standings,
            other,
            other_standings,
            lost: settled.lost,
            carried,
            reviews,
            identity,
            lists,
            conflicts: Vec::new(),
        },
    };
    tables::merge::put(tx, &merge)?;
    Ok((record, merge))
}

/// The one that stays, as it is now, and the number of the event that tells of it. A merge that says nothing new is an event alone.
#[expect(clippy::too_many_arguments, reason = "row, revision and event of one write stand in one place")]
fn write_joined(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    this: &Record,
    settled: Settled,
    merge: &Id,
    other: &Id,
    is_automatic: bool,
    note: &Note,
) -> Result<(Record, i64)> {
    let names = write::changed_fields(&this.data, &settled.data);
    let is_news = !names.is_empty() || !settled.lost.is_empty();
    let record = match is_news {
        true => Record { rev: this.rev + 1, updated_at: ctx.done_at, data: settled.data, ..this.clone() },
        false => this.clone(),
    };
    if is_news {
        tables::record::update(tx, kind, &record)?;
    }
    let mut event = write::event(kind, &record, "merged", &names);
    tell(&mut event.data, merge, other, is_automatic);
    let seq = ctx.raise(tx, &event)?;
    if is_news {
        let standings = |name: &String| Some((name.clone(), *settled.standings.get(name)?));
        let source = Source::Fields(names.iter().filter_map(standings).collect());
        let told = write::Told { verb: "merged", seq };
        write::revise(tx, &Ctx { source, ..ctx.clone() }, kind, &record, &this.data, &names, told, note)?;
    } else {
        let detail = json!({ "seq": seq, "other": other });
        tables::audit::append_write(tx, &ctx.origin(), &record, "merged", &Map::new(), detail)?;
    }
    Ok((record, seq))
}

/// A function of what is merged, so that a dry run tells the very id. A merge that was taken back and is made again is another.
fn merge_id(tx: &Tx<'_>, this: &Record, other: &Id) -> Result<Id> {
    let n = tables::merge::count_into(tx, &this.id)?;
    Ok(Id::derived(this.created_at, &["merge", this.id.as_str(), other.as_str()], n))
}

/// What the event of a merge or its undo says beyond what every event of a record does.
pub(super) fn tell(data: &mut Value, merge: &Id, other: &Id, is_automatic: bool) {
    data["merge"] = json!(merge);
    data["other"] = json!(other);
    data["is_automatic"] = json!(is_automatic);
}
