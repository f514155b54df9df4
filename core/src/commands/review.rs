//! Reviews: pairs of customers that may be the same, decided by a person.

mod dismiss;
mod merge;

use serde_json::json;

use crate::{
    Error, Result,
    commands::{
        Ctx,
        record::{note::Note, write},
    },
    model::{Id, Record, Scope},
    store::{Tx, tables},
};

pub use dismiss::Dismiss;
pub use merge::Merge;

/// The review, if it still waits to be decided.
pub(in crate::commands) fn open(tx: &Tx<'_>, ctx: &Ctx, id: &Id) -> Result<Record> {
    let review = write::current(tx, ctx, "review", id, None)?;
    match review.text("state") {
        Some("open") => Ok(review),
        state => {
            let state = state.unwrap_or_default();
            Err(Error::conflict("state.refused", format!("this review is decided already: its state is {state:?}")))
        }
    }
}

/// Open reviews whose two customers are one by now are answered. Their ids, to be able to take the answer back.
pub(in crate::commands) fn answered(tx: &mut Tx<'_>, ctx: &Ctx, customer: &Record) -> Result<Vec<Id>> {
    let family = tables::alias::family(tx, "customer", &customer.id)?;
    let reviews = tables::review::open_within(tx, &family)?;
    for review in &reviews {
        decide(tx, ctx, review, "same", "merged", None)?;
    }
    Ok(reviews.into_iter().map(|review| review.id).collect())
}

/// The merge that answered these reviews was taken back: the two are different, and nobody need be asked again.
pub(in crate::commands) fn parted(tx: &mut Tx<'_>, ctx: &Ctx, reviews: &[Id]) -> Result<()> {
    for id in reviews {
        if let Some(review) = tables::record::get(tx, "review", id, &Scope::All)? {
            decide(tx, ctx, &review, "different", "parted", None)?;
        }
    }
    Ok(())
}

/// Reviews are closed to people's own writes, so the core moves them, in the name of who decided.
fn decide(tx: &mut Tx<'_>, ctx: &Ctx, review: &Record, state: &str, event: &str, why: Option<&str>) -> Result<Record> {
    let kind = tx.kind_in("review", &review.org)?;
    let mut data = review.data.clone();
    data.insert("state".into(), json!(state));
    if let Some(why) = why {
        data.insert("why".into(), json!(why));
    }
    // Whoever decides has taken it on.
    if let Some(person) = ctx.actor.person() {
        data.insert("owner".into(), json!(person));
    }
    write::update(tx, ctx, &kind, review, data, event, &Note::default())
}
