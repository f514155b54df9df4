//! `record.create`.

use serde::Deserialize;
use serde_json::json;

use super::{
    note::{Note, Receipts},
    private, write,
};
use crate::{
    Error, Result,
    commands::{
        Ctx, Run,
        customer::{self, Hints},
        org, request, rights,
    },
    error::FieldError,
    model::{
        Actor, Data, Id, Kind, Record,
        matching::Verdict,
        rights::{Verb, book},
        validate::{self, Overrides},
    },
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
    /// Why it is done; kept with the revision.
    #[serde(default)]
    pub why: Option<String>,
    /// Field → why its doubtful value is right all the same; kept with the revision.
    #[serde(default)]
    pub overrides: Overrides,
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

impl Create {
    /// A record of a kind in the caller's organisation, with nothing said of it.
    pub fn new(kind: impl Into<String>, data: Data) -> Create {
        Create {
            kind: kind.into(),
            id: None,
            org: None,
            data,
            receipts: Receipts::new(),
            why: None,
            overrides: Overrides::new(),
            hints: Hints::default(),
        }
    }
}

impl Run for Create {
    type Done = Created;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Created> {
        let kind = tx.kind(&self.kind)?;
        let writer = rights::to_write(ctx, "record.create", &kind)?;
        self.hints.only_for_customers(&kind.kind)?;
        let (org, home) = self.home(tx, ctx)?;
        let kind = tx.kind_in(&self.kind, &home)?;
        let note = Note::new(self.receipts, self.why, self.overrides)?;
        let mut data = validate::create(&kind, &self.data, note.terms(ctx, &home, writer))?;
        rights::to_make(tx, ctx, &kind, &home, &mut data, &self.data)?;
        begin_state(&kind, &mut data)?;
        private::begin(ctx, &kind, &mut data);
        let new = Fresh { kind: &kind, id: self.id, org, data, note };
        if kind.kind == "customer" {
            return new.customer(tx, ctx, &self.data, &self.hints);
        }
        Ok(Created { record: new.insert(tx, ctx)?, outcome: Outcome::New })
    }
}

impl Create {
    /// The organisation the record is to belong to, and the one whose kinds it is checked by. A new organisation belongs to itself.
    fn home(&self, tx: &Tx<'_>, ctx: &Ctx) -> Result<(Option<Id>, Id)> {
        if self.kind == "org" {
            return Ok((None, org::place(tx, ctx, &self.data)?));
        }
        let org = self.org.clone().unwrap_or_else(|| ctx.org.clone());
        rights::in_org(ctx, &org)?;
        Ok((Some(org.clone()), org))
    }
}

/// A checked record that is not yet there.
struct Fresh<'a> {
    kind: &'a Kind,
    id: Option<Id>,
    /// `None`: itself.
    org: Option<Id>,
    data: Data,
    note: Note,
}

impl Fresh<'_> {
    fn insert(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Record> {
        let Fresh { kind, id, org, mut data, note } = self;
        let id = id.unwrap_or_else(|| ctx.ids.next());
        let org = org.unwrap_or_else(|| id.clone());
        if let Some(number) = &kind.number {
            let n = tables::counter::next(tx, &format!("{}:{org}", kind.kind))?;
            data.insert(
                number.field.clone(),
                json!(format!("{}{n:0width$}", number.prefix, width = number.digits.into())),
            );
        }
        check_org_fields(tx, ctx, kind, &org, &data)?;
        request::begin(ctx, kind, &org, &mut data)?;
        private::check(tx, ctx, kind, &org, &data)?;
        let names: Vec<String> = data.keys().cloned().collect();
        write::settle_refs(tx, kind, &mut data, &names)?;
        let record = Record::new(&kind.kind, id, org, ctx.done_at, data);
        write::check_across(tx, ctx, kind, &record, &names)?;
        write::insert(tx, ctx, kind, &record, &note)?;
        request::received(tx, ctx, &record)?;
        write::as_kept(tx, kind, record)
    }

    /// Matching is within the organisation, so that no dealer learns of another's customers.
    fn customer(self, tx: &mut Tx<'_>, ctx: &Ctx, sent: &Data, hints: &Hints) -> Result<Created> {
        let org = self.org.clone().unwrap_or_else(|| ctx.org.clone());
        customer::no_child(ctx, &org, &self.data)?;
        let facts = hints.added_to(&self.data)?;
        match customer::best_match(tx, &org, &facts)? {
            // Who may not change the known one does not write into it either: then a person decides.
            Some(best)
                if best.verdict == Verdict::Known
                    && rights::to_do(tx, ctx, Verb::Change, self.kind, &best.customer).is_ok()
                    && rights::to_fields(tx, ctx, self.kind, &best.customer, sent.keys()).is_ok() =>
            {
                let standings = customer::given_standings(ctx, &self.data, sent);
                let newcomer = customer::Newcomer { id: self.id, data: self.data, standings, note: self.note };
                let record = customer::absorb(tx, ctx, self.kind, best.customer, newcomer)?;
                Ok(Created { record, outcome: Outcome::Known })
            }
            Some(best) => {
                let record = self.insert(tx, ctx)?;
                customer::ask_for_review(tx, ctx, &record, &best.customer, &best.score)?;
                Ok(Created { record, outcome: Outcome::Review })
            }
            None => Ok(Created { record: self.insert(tx, ctx)?, outcome: Outcome::New }),
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

/// Opening hours, holidays and time zone decide due times, and grants who sees what, so wrong ones are refused at once.
pub(super) fn check_org_fields(tx: &Tx<'_>, ctx: &Ctx, kind: &Kind, org: &Id, data: &Data) -> Result<()> {
    match kind.kind.as_str() {
        "org" => crate::model::org::calendar(data).map(drop),
        // What ships may speak of kinds whose plugin is not there yet.
        "role" if ctx.actor != Actor::System => {
            let own = |name: &str| tx.kind_in(name, org).ok();
            book::check(&tx.roles(), &book::Kinds { base: tx.kinds(), own: &own }, data)
        }
        _ => Ok(()),
    }
}
