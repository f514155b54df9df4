//! A create that is answered with a customer who is known: merged by itself, and remembered so that it can be undone.

use super::{
    join::{Joining, join},
    merge,
};
use crate::{
    Result,
    commands::{
        Ctx,
        record::{note::Note, write},
    },
    model::{
        Data, Id, Kind, Record,
        survivorship::{self, Class, Side, Source, Standing, Standings},
    },
    store::{Tx, tables},
};

/// A customer that was to be made.
pub(in crate::commands) struct Newcomer {
    /// The id it was given by who sent it, if any; from now on one more of the known customer's.
    pub id: Option<Id>,
    /// Its fields.
    pub data: Data,
    /// Where they stand.
    pub standings: Standings,
    /// What was said of it.
    pub note: Note,
}

/// Where the fields of a create stand: what was `sent` in the class of who sends it, what was filled in beneath all others.
pub(in crate::commands) fn given_standings(ctx: &Ctx, data: &Data, sent: &Data) -> Standings {
    let class = match ctx.source {
        Source::Class(class) => class,
        Source::Actor | Source::Fields(_) => Class::of(&ctx.actor),
    };
    let is_sent = |name: &String| sent.get(name).is_some_and(|value| !value.is_null());
    let standing = |name: &String| Standing(if is_sent(name) { class } else { Class::Assumed }, ctx.done_at);
    data.keys().map(|name| (name.clone(), standing(name))).collect()
}

/// Merge what was sent into the customer it is.
pub(in crate::commands) fn absorb(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    known: Record,
    newcomer: Newcomer,
) -> Result<Record> {
    let known = kind.written(known);
    let this_standings = merge::standings(tx, kind, &known)?;
    let settled = survivorship::settle(
        Side { data: &known.data, standings: &this_standings },
        Side { data: &newcomer.data, standings: &newcomer.standings },
        &Default::default(),
    );
    let names = write::changed_fields(&known.data, &settled.data);
    let is_named = newcomer.id.is_some();
    let n = tables::merge::count_into(tx, &known.id)?;
    // One that nobody has given is a function of what is known, so that a dry run tells the very id.
    let id = newcomer.id.unwrap_or_else(|| Id::derived(known.created_at, &["absorbed", known.id.as_str()], n));
    let made = Record::new(&kind.kind, id, known.org.clone(), ctx.done_at, newcomer.data);
    let other = Record { rev: 0, ..made };
    write::check_across(tx, ctx, kind, &Record { data: settled.data.clone(), ..known.clone() }, &names)?;
    let joining = Joining {
        this: known,
        this_standings,
        other,
        other_standings: newcomer.standings,
        settled,
        note: newcomer.note,
        is_automatic: true,
        is_named,
    };
    join(tx, ctx, kind, joining).map(|(record, _)| record)
}
