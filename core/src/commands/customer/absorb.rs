//! A create that is answered with a customer who is known: merged by itself, and remembered so that it can be undone.

use serde_json::Value;

use super::{
    join::{Joining, join},
    merge,
};
use crate::{
    Result,
    commands::{
        Ctx,
        record::write::{self, Receipts},
    },
    model::{
        Data, Id, Kind, Record,
        survivorship::{self, Class, Side, Standing, Standings},
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
}

/// Where the fields of a create stand: what was `sent` in the class of who sends it, what was filled in beneath all others.
pub(in crate::commands) fn given_standings(ctx: &Ctx, data: &Data, sent: &Data, class: Class) -> Standings {
    use crate::model::survivorship::Source;
    let class = if let Source::Class(class) = ctx.source { class } else { class };
    let is_sent = |name: &String| sent.get(name).is_some_and(|value: &Value| !value.is_null());
    data.keys()
        .map(|name| (name.clone(), Standing(if is_sent(name) { class } else { Class::Assumed }, ctx.now)))
        .collect()
}

/// Merge what was sent into the customer it is.
pub(in crate::commands) fn absorb(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    known: Record,
    newcomer: Newcomer,
    receipts: &Receipts,
) -> Result<Record> {
    let this_standings = merge::standings(tx, kind, &known)?;
    let settled = survivorship::settle(
        Side { data: &known.data, standings: &this_standings },
        Side { data: &newcomer.data, standings: &newcomer.standings },
        &Default::default(),
    );
    let names = write::changed_fields(&known.data, &settled.data);
    let is_named = newcomer.id.is_some();
    let n = tables::merge::count_into(tx, &known.id)?;
    let other = Record {
        // One that nobody has given is a function of what is known, so that a dry run tells the very id.
        id: newcomer.id.unwrap_or_else(|| Id::derived(known.created_at, &["absorbed", known.id.as_str()], n)),
        kind: kind.kind.clone(),
        rev: 0,
        org: known.org.clone(),
        created_at: ctx.now,
        updated_at: ctx.now,
        data: newcomer.data,
    };
    write::check_across(tx, ctx, kind, &Record { data: settled.data.clone(), ..known.clone() }, &names)?;
    let joining = Joining {
        this: known,
        this_standings,
        other,
        other_standings: newcomer.standings,
        settled,
        why: None,
        is_automatic: true,
        is_named,
    };
    let (record, _) = join(tx, ctx, kind, joining)?;
    for (field, receipt) in receipts {
        tables::receipt::link(tx, &record.kind, &record.id, record.rev, field, receipt)?;
    }
    Ok(record)
}
