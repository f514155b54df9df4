//! `customer.erase`.

mod archive;
mod gather;
mod order;
mod report;

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::identity;
use crate::{
    Error, Result,
    commands::{
        Ctx, Run,
        record::{Restore, write},
        rights,
    },
    error::FieldError,
    model::{Data, FieldType, Id, Kind, Record, Scope, rights::Power},
    store::{
        Tx,
        erasure::{self, Forgotten, GONE, Values},
        tables::{self, erasure::Erasure, revision::Said},
    },
};

pub use gather::Subject;
pub use order::Order;
pub use report::Report;

/// Erase a person: the customer and all that refers to it is made anonymous, in every place where something of it stands, and what the law
/// retains of an owner is locked away. Numbers stay right, for the records stay; names, numbers, words and files do not come back.
///
/// Causes `customer.erased` and no other event. Refuses (`erase.open`, naming each) while records stand in the way, an open complaint say;
/// `customer.erased` for one who was erased already; `import.busy` while an import of the organisation may bring the person back.
#[derive(Clone, Debug)]
pub struct Erase {
    /// The customer.
    pub id: Id,
    /// The request it answers.
    pub request: Option<Id>,
    /// What brought it about.
    pub cause: Cause,
}

/// What brings an erasure about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody asked for it; what stands in the way keeps it from being done.
    Asked,
    /// It was done before, and a backup from before that has been put back.
    Repeated,
}

/// What erasing came to.
#[derive(Clone, Debug)]
pub struct Erased {
    /// The anonymous customer.
    pub record: Record,
    /// What went and what stays.
    pub report: Report,
    /// What is left to be done outside of the store's tables.
    pub left: Left,
}

/// What the commit cannot do by itself.
#[derive(Clone, Debug)]
pub struct Left {
    /// A line for the ledger.
    pub ledger: Erasure,
    /// The kinds of the records: files of exports may hold them.
    pub kinds: BTreeSet<String>,
    /// Files that hung on the records.
    pub digests: Vec<String>,
    /// What the person was known by, to see whether anything still shows it.
    pub values: Values,
}

/// May this actor erase customers?
///
/// # Errors
/// `denied`, naming the roles that may.
pub fn to_erase(ctx: &Ctx) -> Result<()> {
    rights::to(ctx, Power::Erase, "erase a customer")
}

impl Erase {
    /// A removed customer comes back for as long as it takes to erase it: what its revisions hold is the person's too.
    ///
    /// # Errors
    /// `denied`, `record.not_found`.
    pub fn revive(&self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<()> {
        to_erase(ctx)?;
        match tables::record::get(tx, "customer", &self.id, &ctx.scope)? {
            Some(_) => Ok(()),
            None => Restore { kind: "customer".into(), id: self.id.clone(), why: None }.run(tx, ctx).map(drop),
        }
    }

    /// What would go, stay, and stand in the way.
    ///
    /// # Errors
    /// `denied`, `record.not_found`, `customer.erased`.
    pub fn survey(&self, tx: &Tx<'_>, ctx: &Ctx) -> Result<(Subject, Report)> {
        to_erase(ctx)?;
        let customer = write::current(tx, ctx, "customer", &self.id, None)?;
        rights::in_org(ctx, &customer.org)?;
        let subject = Subject::of(tx, customer)?;
        let report = Report::of(tx, ctx, &subject)?;
        Ok((subject, report))
    }
}

impl Run for Erase {
    type Done = Erased;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Erased> {
        self.revive(tx, ctx)?;
        let (subject, report) = self.survey(tx, ctx)?;
        if self.cause == Cause::Asked {
            report.refusal()?;
            no_import_under_way(tx, &subject.customer.org)?;
        }
        let mut digests = Vec::new();
        for record in subject.all().filter(|record| record.kept.is_some()) {
            digests.extend(tables::attachment::digests(tx, &record.kind, &record.id)?);
        }
        if let Some(archived) = archive::of(tx, ctx, &subject)? {
            tables::archive::insert(tx, &archived)?;
        }
        let (record, seq) = anonymise(tx, ctx, &subject, self.request.as_ref())?;
        let ledger = Erasure {
            customer: record.id.clone(),
            org: record.org.clone(),
            ids: subject.family.clone(),
            at: ctx.done_at,
            actor: ctx.actor.trace(),
            seq,
        };
        tables::erasure::put(tx, &ledger)?;
        let kinds = subject.all().map(|record| record.kind).collect();
        Ok(Erased { record, report, left: Left { ledger, kinds, digests, values: subject.values } })
    }
}

/// A file on its way in would make the person again.
fn no_import_under_way(tx: &Tx<'_>, org: &Id) -> Result<()> {
    let running = tables::job::running(tx)?;
    match running.iter().find(|job| job.kind == "import" && &job.org == org) {
        None => Ok(()),
        Some(job) => {
            let message =
                format!("the import {} is under way and may hold this customer: erase when it has ended", job.id);
            Err(Error::conflict("erase.import", message))
        }
    }
}

/// Rewrite the records, then every place that quotes them.
fn anonymise(tx: &mut Tx<'_>, ctx: &Ctx, subject: &Subject, request: Option<&Id>) -> Result<(Record, i64)> {
    let customer = &subject.customer;
    let kind = tx.kind_in("customer", &customer.org)?;
    identity::leave(tx, ctx, &customer.id)?;
    let of_customer = subject.forgotten(customer);
    let mut data = bare(&kind, customer, &of_customer, subject);
    data.insert("erased_at".into(), json!(ctx.done_at));
    let record = Record { rev: customer.rev + 1, updated_at: ctx.done_at, data, ..kind.written(customer.clone()) };
    tables::record::update(tx, &kind, &record)?;
    let mut event = write::event(&kind, &record, "erased", &[]);
    event.data =
        json!({ "changed": write::changed_fields(&customer.data, &record.data), "quoted": {}, "request": request });
    let seq = ctx.raise(tx, &event)?;
    let mut rewritten = vec![record.clone()];
    for old in &subject.others {
        let kind = tx.kind_in(&old.kind, &old.org)?;
        let data = bare(&kind, old, &subject.forgotten(old), subject);
        if data != kind.written(old.clone()).data {
            let new = Record { rev: old.rev + 1, updated_at: ctx.done_at, data, ..kind.written(old.clone()) };
            tables::record::update(tx, &kind, &new)?;
            rewritten.push(new);
        }
    }
    // Derived values that follow from forgetting are nobody's news: an event would quote what they were.
    drop(tx.take_noted());
    let forget = subject.forget(tx, ctx.done_at);
    erasure::forget(tx, &forget)?;
    for record in &rewritten {
        revise(tx, ctx, record, seq)?;
    }
    let record = tables::record::get(tx, "customer", &record.id, &Scope::All)?.unwrap_or(record);
    Ok((record, seq))
}

/// What stays of a record. What must be there and may not stay is a dash.
fn bare(kind: &Kind, record: &Record, forgotten: &Forgotten, subject: &Subject) -> Data {
    let is_derived = |name: &str| kind.fields.get(name).is_some_and(|field| field.derived.is_some());
    let stays = |name: &String, value: &Value| forgotten.keeps(name) && !subject.values.quoted_in(value);
    let kept = record.data.iter().filter(|(name, value)| !is_derived(name) && stays(name, value));
    let mut data: Data = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    for (name, value) in &mut data {
        let becomes = value.as_str().filter(|_| forgotten.kept.is_some());
        if let Some(other) = becomes.and_then(|choice| kind.becomes_on_erasure(name, choice)) {
            *value = json!(other);
        }
    }
    for (name, field) in kind.fields.iter().filter(|(_, field)| field.required) {
        let is_text = matches!(field.r#type, FieldType::Text | FieldType::LongText);
        if data.contains_key(name) || !record.data.contains_key(name) {
            continue;
        }
        let placeholder = match (is_text, field.unique, field.r#type) {
            (true, None, _) => json!(GONE),
            (true, Some(_), _) => json!(record.id),
            (false, _, FieldType::Json) => json!({}),
            // A required choice, day or number is never taken out; of the rest none stays valid without a value of its own.
            (false, ..) => continue,
        };
        data.insert(name.to_owned(), placeholder);
    }
    data
}

/// A last revision that holds what stays, so that the record can be told as of any later moment.
fn revise(tx: &mut Tx<'_>, ctx: &Ctx, record: &Record, seq: i64) -> Result<()> {
    let past =
        tables::revision::past(tx, &record.kind, &record.id, u32::MAX)?.map(|past| past.data).unwrap_or_default();
    let names = write::changed_fields(&past, &record.data);
    let changes: Map<String, Value> =
        names.into_iter().map(|name| (name.clone(), json!([past.get(&name), record.data.get(&name)]))).collect();
    let origin = ctx.origin();
    tables::revision::insert(tx, &origin, &record.kind, &record.id, record.rev, seq, &changes, &Said::default())
}

/// Where the file of records would bring an erased customer back, or refer to it anew.
///
/// # Errors
/// `customer.erased`.
pub(in crate::commands) fn not_erased(record: &Record) -> Result<()> {
    match record.text("erased_at").filter(|_| record.kind == "customer") {
        None => Ok(()),
        Some(at) => {
            let message = format!(
                "this customer was erased on {}: nothing of it can be changed or brought back",
                &at[..10.min(at.len())]
            );
            let place = FieldError::field("erased_at", "customer.erased", message.clone());
            Err(Error { errors: vec![place], ..Error::conflict("customer.erased", message) })
        }
    }
}
