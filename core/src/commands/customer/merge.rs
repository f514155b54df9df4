//! `customer.merge`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::join::{Joining, join};
use crate::{
    Error, Result,
    commands::{
        Ctx, Run, customer,
        record::{note::Note, write},
        rights,
    },
    error::FieldError,
    model::{
        Data, Id, Kind, Record,
        rights::Verb,
        survivorship::{self, Choice, Class, Side, Standing, Standings},
    },
    store::{Tx, tables},
};

/// Make two customers of an organisation one. The values that survive are chosen field by field (domain C01), unless the
/// person chooses; those that do not are kept with the merge. Everything that refers to the other goes on to lead here.
///
/// Causes `customer.merged`, and `review.merged` for reviews of the two. Refuses the same customer twice (`merge.same`),
/// customers of two organisations (`merge.org`), a choice of what is not there, roles that do not decide this.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// The one that stays.
    pub id: Id,
    /// The one that is given up.
    pub other: Id,
    /// Whose value survives, where the person knows better.
    #[serde(default)]
    pub choose: BTreeMap<String, Choice>,
    /// Why, for the history.
    #[serde(default)]
    pub why: Option<String>,
}

/// What merging came to.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The one that stays.
    pub record: Record,
    /// The merge.
    pub merge: Id,
    /// Of the fields in which the two differed, the values that stay.
    pub kept: Data,
    /// The values that do not.
    pub lost: Data,
    /// How many records come along, by kind.
    pub comes_along: BTreeMap<String, u64>,
}

impl Run for Merge {
    type Done = Merged;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Merged> {
        customer::may_decide(ctx, tx, "customer.merge")?;
        let note = note(self.why)?;
        let this = write::current(tx, ctx, "customer", &self.id, None)?;
        let other =
            write::current(tx, ctx, "customer", &self.other, None).map_err(|error| error_at(error, "/other"))?;
        if this.id == other.id {
            let message = format!("{} and {} are one customer already", self.id, self.other);
            return Err(Error::conflict("merge.same", message));
        }
        if this.org != other.org {
            let message = "the two belong to different organisations: only customers of one organisation can be merged";
            return Err(Error::conflict("merge.org", message));
        }
        let kind = tx.kind_in("customer", &this.org)?;
        for record in [&this, &other] {
            rights::to_do(tx, ctx, Verb::Change, &kind, record)?;
            rights::to_know(tx, ctx, &kind, record)?;
        }
        let (this, other) = (kind.written(this), kind.written(other));
        check_choice(&kind, &this, &other, &self.choose)?;
        let comes_along = tables::record::referring(tx, "customer", &other.id, &other.org)?;
        let (this_standings, other_standings) = (standings(tx, &kind, &this)?, standings(tx, &kind, &other)?);
        let settled = survivorship::settle(
            Side { data: &this.data, standings: &this_standings },
            Side { data: &other.data, standings: &other_standings },
            &self.choose,
        );
        let (kept, lost) = (settled.kept.clone(), settled.lost.clone());
        let joining = Joining {
            this,
            this_standings,
            other,
            other_standings,
            settled,
            note,
            is_automatic: false,
            is_named: true,
        };
        let (record, merge) = join(tx, ctx, &kind, joining)?;
        Ok(Merged { record, merge: merge.id, kept, lost, comes_along })
    }
}

impl Merged {
    /// As it is told.
    pub fn told(&self) -> Value {
        json!({
            "merge": self.merge, "id": self.record.id, "rev": self.record.rev,
            "kept": self.kept, "lost": self.lost, "comes_along": self.comes_along,
        })
    }
}

/// Where a customer's fields stand, proofs that other records bring included.
pub(super) fn standings(tx: &Tx<'_>, kind: &Kind, customer: &Record) -> Result<Standings> {
    let mut standings = tables::standing::of(tx, kind, customer)?;
    let family = tables::alias::family(tx, "customer", &customer.id)?;
    for lent in tables::lent::to(tx, &customer.org, &family)? {
        let Some(at) = lent.verified_at.filter(|_| customer.data.get(&lent.field) == Some(&lent.value)) else {
            continue;
        };
        let proved = Standing(Class::Verified, at);
        let place = standings.entry(lent.field).or_insert(proved);
        *place = proved.max(*place);
    }
    Ok(standings)
}

fn check_choice(kind: &Kind, this: &Record, other: &Record, choose: &BTreeMap<String, Choice>) -> Result<()> {
    let wrong = |(name, choice): (&String, &Choice)| {
        let chosen = match choice {
            Choice::This => this,
            Choice::Other => other,
        };
        let message = if kind.fields.get(name).is_none() {
            format!("{name:?} is no field of customer")
        } else if chosen.field(name).is_null() {
            format!("the chosen customer has no {name}: leave it out, or choose the other")
        } else {
            return None;
        };
        let pointer = format!("/choose/{}", name.replace('~', "~0").replace('/', "~1"));
        Some(FieldError { pointer, code: "choose.invalid".into(), message })
    };
    let errors: Vec<FieldError> = choose.iter().filter_map(wrong).collect();
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(errors)) }
}

/// A reason as it is kept with the revision.
pub(in crate::commands) fn note(why: Option<String>) -> Result<Note> {
    Note::new(Default::default(), why, Default::default())
}

fn error_at(mut error: Error, pointer: &str) -> Error {
    let place = FieldError { pointer: pointer.into(), code: error.code.clone(), message: error.message.clone() };
    error.errors.push(place);
    error
}
