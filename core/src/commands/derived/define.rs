//! Definitions of derived fields: what has to be filled when one appears or its script changes.

use std::{collections::BTreeSet, sync::Arc};

use super::backfill::{Task, What};
use crate::{
    Error, Result,
    commands::{Ctx, Run},
    model::{
        Field, Id, Kind,
        job::Job,
        kind::{Derived, derived::computed_by},
        validate,
    },
    store::{
        Tx,
        tables::{self, backfill::Backfill},
    },
};

/// Fill derived fields of all records of a kind in an organisation and those below it, as a job. One that is at the same
/// fields already begins anew. Answers the job, or nothing when there is no record.
#[derive(Clone, Debug)]
pub struct Recompute {
    /// The kind.
    pub kind: String,
    /// Roll-ups, or computed fields.
    pub what: What,
    /// The fields.
    pub fields: Vec<String>,
    /// Whose records.
    pub org: Id,
    /// Whether the catalogue has to be read anew for it: a script, or a plugin that brings one.
    pub awaits_catalogue: bool,
}

impl Run for Recompute {
    type Done = Option<Id>;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Option<Id>> {
        let scope = tables::record::scope(tx, &self.org)?;
        let total = tables::record::count_in(tx, &self.kind, &scope)?;
        if total == 0 {
            return Ok(None);
        }
        // The caller tells of the change in an event that comes next.
        let at_seq = if self.awaits_catalogue { tx.last_seq() + 1 } else { 0 };
        let (kind, what, fields) = (self.kind, self.what, self.fields);
        let task = Task { kind, what, fields, after: String::new(), at_seq, rate: None };
        let detail = serde_json::to_value(&task).map_err(Error::internal)?;
        let begun = Job::begun(ctx.ids.next(), super::backfill::JOB, self.org, &ctx.actor, ctx.now, detail);
        let job = Job { total: u32::try_from(total).unwrap_or(u32::MAX), ..begun };
        tables::job::put(tx, &job)?;
        for field in &task.fields {
            let (kind, field, org) = (task.kind.clone(), field.clone(), job.org.clone());
            tables::backfill::put(tx, &Backfill { kind, field, org, after: String::new(), job: job.id.clone() })?;
        }
        Ok(Some(job.id))
    }
}

/// Kinds have been installed. Every roll-up is checked against the kind it looks at, and what is new is filled.
///
/// # Errors
/// `kind.invalid`, when a roll-up of any kind does not fit the kinds there are now.
pub fn defined(tx: &mut Tx<'_>, ctx: &Ctx, before: &[Option<Arc<Kind>>], kinds: &[Arc<Kind>]) -> Result<()> {
    for kind in tx.kinds().values() {
        validate::rollups(kind, &|name| tx.kinds().get(name).cloned())?;
    }
    for (before, kind) in before.iter().zip(kinds) {
        if kind.fields.computed().next().is_some() {
            tables::lane::begin(tx, super::TIMERS)?;
        }
        for (what, fields) in [
            (What::Rollup, fresh(before.as_deref(), kind, true)),
            (What::Computed, fresh(before.as_deref(), kind, false)),
        ] {
            if !fields.is_empty() {
                let kind = kind.kind.clone();
                Recompute { kind, what, fields, org: Id::hq(), awaits_catalogue: true }.run(tx, ctx)?;
            }
        }
    }
    Ok(())
}

/// Another script is in force for an organisation: what it computes is made anew. A script of another role changes no field.
///
/// # Errors
/// Internal.
pub fn ruled(tx: &mut Tx<'_>, ctx: &Ctx, script: &str, org: &Id) -> Result<()> {
    let computed = computed_by(tx.kind_tree().at(org).values(), script);
    let Some((kind, field)) = computed.map(|(kind, field)| (kind.kind.clone(), field.to_owned())) else {
        return Ok(());
    };
    let (what, fields, org) = (What::Computed, vec![field], org.clone());
    Recompute { kind, what, fields, org, awaits_catalogue: true }.run(tx, ctx).map(drop)
}

/// An organisation has a field of its own, or has taken one into use again. One that is derived is filled.
///
/// # Errors
/// Internal.
pub fn added(tx: &mut Tx<'_>, ctx: &Ctx, kind: &str, org: &Id, name: &str, field: &Field) -> Result<()> {
    let what = match &field.derived {
        None => return Ok(()),
        Some(Derived::Rollup(_)) => What::Rollup,
        Some(Derived::Computed { .. }) => What::Computed,
    };
    if what == What::Computed {
        tables::lane::begin(tx, super::TIMERS)?;
    }
    let (kind, fields, org) = (kind.to_owned(), vec![name.to_owned()], org.clone());
    Recompute { kind, what, fields, org, awaits_catalogue: false }.run(tx, ctx).map(drop)
}

/// Derived fields that were not there before, or not like this.
fn fresh(before: Option<&Kind>, kind: &Kind, is_rollup: bool) -> Vec<String> {
    let known: BTreeSet<&str> = before
        .into_iter()
        .flat_map(|before| before.fields.iter())
        .filter(|(name, field)| {
            let now = kind.fields.get(name);
            now.is_some_and(|now| now.derived == field.derived && now.r#type == field.r#type)
        })
        .map(|(name, _)| name)
        .collect();
    let names = kind.fields.iter().filter(|(_, field)| match is_rollup {
        true => field.rollup().is_some(),
        false => field.script().is_some(),
    });
    names.map(|(name, _)| name).filter(|name| !known.contains(name)).map(str::to_owned).collect()
}
