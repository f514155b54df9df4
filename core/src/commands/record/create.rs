//! `record.create`.

use serde::Deserialize;
use serde_json::json;

use super::write::{self, Receipts};
use crate::{
    Error, Result,
    commands::{
        Ctx, Run,
        customer::{self, Hints},
        rights,
    },
    error::FieldError,
    model::{Data, Id, Kind, Record, matching::Verdict, survivorship::Class, validate},
    store::{Tx, tables},
};

/// Make a record. A customer is matched first (domain C01): one that is known already is merged with what was sent, not made again.
///
/// Causes `<kind>.created`; `customer.merged` for a known customer; `review.created` for one that is perhaps known. Refuses what the kind does not allow, a closed kind, an organisation out of reach, a taken unique value.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The kind.
    pub kind: String,
    /// The id, if the caller has given one out already.
    #[serde(default)]
    pub id: Option<Id>,
    /// The organisation it shall belong to, if not the caller's.
    #[serde(default)]
    pub org: Option<Id>,
    /// Its fields.
    pub data: Data,
    /// Receipts of the decisions in it, by field.
    #[serde(default)]
    pub receipts: Receipts,
    /// Of a customer: what else it is known by, to be matched and not kept.
    #[serde(default, rename = "match")]
    pub hints: Hints,
}

/// What creating came to.
#[derive(Clone, Debug)]
pub struct Created {
    /// The record: the new one, or the known one.
    pub record: Record,
    /// See [`Outcome`].
    pub outcome: Outcome,
}

/// Whether there is a record more than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is.
    New,
    /// It was known: what was sent was merged into it.
    Known,
    /// There is, and it may be the same as another: a person decides.
    Review,
}

impl Run for Create {
    type Done = Created;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Created> {
        let kind = tx.kind(&self.kind)?;
        let writer = rights::to_write(ctx, "record.create", &kind)?;
        self.hints.only_for_customers(&kind.kind)?;
        let org = self.org.clone().unwrap_or_else(|| ctx.org.clone());
        rights::in_org(ctx, &org)?;
        let mut data = validate::create(&kind, &self.data, writer)?;
        begin_state(&kind, &mut data)?;
        if kind.kind == "customer" {
            return self.customer(tx, ctx, &kind, org, data);
        }
        let record = self.fresh(tx, ctx, &kind, org, data)?;
        Ok(Created { record, outcome: Outcome::New })
    }
}

impl Create {
    fn fresh(self, tx: &mut Tx<'_>, ctx: &Ctx, kind: &Kind, org: Id, mut data: Data) -> Result<Record> {
        if let Some(number) = &kind.number {
            let n = tables::counter::next(tx, &format!("{}:{org}", kind.kind))?;
            data.insert(
                number.field.clone(),
                json!(format!("{}{n:0width$}", number.prefix, width = number.digits.into())),
            );
        }
        check_org_fields(kind, &data)?;
        let names: Vec<String> = data.keys().cloned().collect();
        write::settle_refs(tx, kind, &mut data, &names)?;
        let id = self.id.unwrap_or_else(|| Id::fresh(ctx.now));
        let record =
            Record { id, kind: kind.kind.clone(), rev: 1, org, created_at: ctx.now, updated_at: ctx.now, data };
        write::check_across(tx, ctx, kind, &record, &names)?;
        write::insert(tx, ctx, kind, &record, &self.receipts)?;
        Ok(record)
    }

    /// Matching is within the organisation, so that no dealer learns of another's customers.
    fn customer(self, tx: &mut Tx<'_>, ctx: &Ctx, kind: &Kind, org: Id, data: Data) -> Result<Created> {
        let facts = self.hints.added_to(&data)?;
        match customer::best_match(tx, &org, &facts)? {
            Some(best) if best.verdict == Verdict::Known => {
                let newcomer = customer::Newcomer {
                    id: self.id.clone(),
                    standings: customer::given_standings(ctx, &data, &self.data, Class::of(&ctx.actor)),
                    data,
                };
                let record = customer::absorb(tx, ctx, kind, best.customer, newcomer, &self.receipts)?;
                Ok(Created { record, outcome: Outcome::Known })
            }
            Some(best) => {
                let record = self.fresh(tx, ctx, kind, org, data)?;
                customer::ask_for_review(tx, ctx, &record, &best.customer, &best.score)?;
                Ok(Created { record, outcome: Outcome::Review })
            }
            None => Ok(Created { record: self.fresh(tx, ctx, kind, org, data)?, outcome: Outcome::New }),
        }
    }
}

/// A new record stands at the beginning of its states, whatever was asked.
fn begin_state(kind: &Kind, data: &mut Data) -> Result<()> {
    let Some(states) = &kind.states else { return Ok(()) };
    match data.get(&states.field).and_then(|state| state.as_str()) {
        Some(state) if state != states.initial => Err(Error::fields(vec![FieldError::field(
            &states.field,
            "state.initial",
            format!("a new {} begins as {:?}, not {state:?}", kind.kind, states.initial),
        )])),
        _ => {
            data.insert(states.field.clone(), json!(states.initial));
            Ok(())
        }
    }
}

/// Opening hours, holidays and time zone decide due times, so a wrong one is refused at once.
pub(super) fn check_org_fields(kind: &Kind, data: &Data) -> Result<()> {
    if kind.kind == "org" {
        crate::model::org::calendar(data)?;
    }
    Ok(())
}
