//! What an erasure takes, what it leaves, and what stands in its way: told before it is done.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{archive, gather::Subject};
use crate::{
    Error, Result,
    commands::Ctx,
    error::FieldError,
    model::{
        Id, Time,
        filter::{Context, Filter},
    },
    store::{Tx, tables},
};

/// Told to whoever is about to erase.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// What is made anonymous, records by kind.
    pub goes: BTreeMap<String, u64>,
    /// Files that are destroyed.
    pub files: u64,
    /// Merges that can no longer be taken back.
    pub merges: u64,
    /// Fields of the customer that stay, for the numbers to stay right.
    pub stays: Vec<String>,
    /// What is locked away, if anything is.
    pub archive: Option<Locked>,
    /// Records that stand in the way.
    pub blocks: Vec<Block>,
}

/// What is locked away.
#[derive(Clone, Debug, Serialize)]
pub struct Locked {
    /// Records whose acts are kept.
    pub n_items: u64,
    /// Until when.
    pub until: Time,
}

/// A record that stands in the way.
#[derive(Clone, Debug, Serialize)]
pub struct Block {
    /// Its kind.
    pub kind: String,
    /// It.
    pub id: Id,
    /// What it is called.
    pub title: Value,
}

impl Report {
    pub(super) fn of(tx: &Tx<'_>, ctx: &Ctx, subject: &Subject) -> Result<Report> {
        let kind = tx.kind_in("customer", &subject.customer.org)?;
        let mut report = Report {
            goes: BTreeMap::from([("customer".into(), 1)]),
            files: 0,
            merges: tables::merge::into(tx, &subject.family, i64::MAX, u32::MAX)?.len() as u64,
            stays: kind.kept_on_erasure().into_iter().filter(|name| subject.customer.data.contains_key(name)).collect(),
            archive: None,
            blocks: Vec::new(),
        };
        for record in subject.all().filter(|record| record.kept.is_some()) {
            report.files += tables::attachment::digests(tx, &record.kind, &record.id)?.len() as u64;
        }
        for record in &subject.others {
            if subject.forgotten(record).kept.is_some() {
                *report.goes.entry(record.kind.clone()).or_default() += 1;
            }
            let kind = tx.kind_in(&record.kind, &record.org)?;
            let Some(open) = &kind.blocks_erasure else { continue };
            let kinds = |name: &str| tx.kinds().get(name).cloned();
            let open = Filter::parse(&kind, open, &Context { me: None, now: ctx.now, kinds: &kinds })?;
            if open.holds(&record.data) {
                let title = record.field(&kind.title).clone();
                report.blocks.push(Block { kind: record.kind.clone(), id: record.id.clone(), title });
            }
        }
        let kept = archive::kept(tx, ctx, subject)?;
        let n_items = kept.len() as u64;
        report.archive = kept.iter().map(|kept| kept.until).max().map(|until| Locked { n_items, until });
        Ok(report)
    }

    /// # Errors
    /// `erase.open`, naming each record that stands in the way.
    pub(super) fn refusal(&self) -> Result<()> {
        if self.blocks.is_empty() {
            return Ok(());
        }
        let told = |block: &Block| {
            let title = block.title.as_str().unwrap_or(block.id.as_str());
            format!("{} {title}", block.kind)
        };
        let names: Vec<String> = self.blocks.iter().map(told).collect();
        let place = |(n, name): (usize, &String)| FieldError {
            pointer: format!("/blocks/{n}"),
            code: "erase.open".into(),
            message: format!("{name} is still open"),
        };
        let message = format!("the customer cannot be erased yet: close {} first", names.join(", "));
        let errors = names.iter().enumerate().map(place).collect();
        Err(Error { errors, ..Error::conflict("erase.open", message) })
    }
}
