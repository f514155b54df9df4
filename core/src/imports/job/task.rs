//! What a job was asked and found, as it is kept with the job and read again after a restart.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    super::{mapping, read::Format, saved::SavedMapping},
    Automations, Delivery, Mapping, Request, Rule, Table,
};
use crate::{
    Error, Result,
    catalogue::Catalogue,
    commands::Ctx,
    model::{
        Actor, Id, Kind, Scope, Time, digest,
        job::RowFault,
        kind::Reach,
        org::OrgTree,
        survivorship::{Class, Source},
    },
};

/// Whether an import writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Only the job, with what would come of it.
    Preview,
    /// Everything.
    Apply,
}

/// The job's `detail`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Task {
    /// See [`Mode`].
    pub mode: Mode,
    /// The kind.
    pub kind: String,
    /// What the file was called.
    pub filename: Option<String>,
    /// SHA-256 of the file.
    pub digest: String,
    /// Its make.
    pub format: Format,
    /// Of text files.
    pub encoding: Option<String>,
    /// The columns' names in order.
    pub headers: Vec<String>,
    /// The field of each.
    pub mapping: Map<String, Value>,
    /// The field by which rows are known, if one was named.
    pub key: Option<String>,
    /// In whose name it is written.
    pub actor: Actor,
    /// When its events are delivered.
    #[serde(default)]
    pub delivery: Delivery,
    #[serde(flatten)]
    pub automations: Automations,
    /// Values of usable rows that were left out, or that stay as they are stored; the first of them.
    pub notices: Vec<RowFault>,
    /// How many there are.
    pub n_notices: u32,
}

impl Task {
    /// Everything is checked here that can be without reading all rows, so that a wrong file is refused at once.
    pub(super) fn new(
        kind: &Kind,
        ctx: &Ctx,
        mut request: Request,
        saved: Option<SavedMapping>,
    ) -> Result<(Task, Arc<Vec<u8>>)> {
        if let (Some(saved), None) = (&saved, &request.key) {
            request.key.clone_from(&saved.key);
        }
        if let Some(key) = &request.key {
            check_key(kind, key)?;
        }
        let digest = digest::hex(&request.bytes);
        let bytes = Arc::new(request.bytes);
        let table = Table::of(bytes.clone())?;
        let given = saved.map_or(request.mapping, |saved| saved.for_headers(&table.headers));
        let mapping = Mapping::of(kind, &table, &given)?;
        if let Some(key) = request.key.as_ref().filter(|key| !mapping.has(key)) {
            return Err(Error::invalid("key", format!("no column goes into the key {key:?}: map one to it")));
        }
        if mapping.has(mapping::ORG) {
            check_key_of_several(kind, request.key.as_deref())?;
        }
        if !table.headers.iter().enumerate().any(|(column, _)| mapping.field(column).is_some()) {
            let message = format!("no column is understood: map some of {} to fields", table.headers.join(", "));
            return Err(Error::invalid("mapping", message));
        }
        let Value::Object(mapping) = serde_json::to_value(&mapping).map_err(Error::internal)? else {
            return Err(Error::internal("a mapping is written as an object"));
        };
        let task = Task {
            mode: request.mode,
            kind: kind.kind.clone(),
            filename: request.filename.map(|name| name.chars().take(200).collect()),
            digest,
            format: table.format,
            encoding: table.encoding.map(str::to_owned),
            headers: table.headers,
            mapping,
            key: request.key,
            actor: ctx.actor.clone(),
            delivery: request.delivery,
            automations: Automations::default(),
            notices: Vec::new(),
            n_notices: 0,
        };
        Ok((task, bytes))
    }

    /// When rows are the same.
    pub(super) fn rule(&self, kind: &Kind) -> Rule {
        Rule::of(kind, self.key.as_deref())
    }

    /// The organisations it may see and write in.
    pub(super) fn scope(&self, orgs: &OrgTree) -> Scope {
        match &self.actor {
            Actor::User { org, .. } => orgs.scope(org),
            Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => Scope::All,
        }
    }

    /// The context its commands run in.
    pub(super) fn ctx(&self, org: &Id, now: Time, catalogue: Arc<Catalogue>) -> Ctx {
        let scope = self.scope(&catalogue.orgs);
        let source = Source::Class(Class::Imported);
        Ctx { source, ..Ctx::new(self.actor.clone(), org.clone(), scope, now, catalogue) }
    }
}

/// Rows of several organisations are known by what is one in the brand, or two dealers' would be taken for the same.
fn check_key_of_several(kind: &Kind, key: Option<&str>) -> Result<()> {
    let is_one = |key: &str| kind.fields.get(key).is_some_and(|field| field.unique == Some(Reach::Brand));
    match key.filter(|key| !is_one(key)) {
        Some(key) => Err(Error::invalid(
            "key",
            format!("{key} may be the same in two organisations: leave the key or the column org out"),
        )),
        None => Ok(()),
    }
}

/// A key is looked up for every row, so it must have an index.
fn check_key(kind: &Kind, key: &str) -> Result<()> {
    let keys = || {
        let indexed = kind.fields.iter().filter(|(_, field)| field.indexed || field.unique.is_some());
        indexed.map(|(name, _)| name).collect::<Vec<_>>().join(", ")
    };
    match kind.fields.get(key) {
        Some(field) if field.indexed || field.unique.is_some() => Ok(()),
        Some(_) => Err(Error::invalid(
            "key",
            format!("{key} has no index, so rows cannot be known by it: use one of {}", keys()),
        )),
        None => Err(Error::invalid("key", format!("{key:?} is no field of {}: use one of {}", kind.kind, keys()))),
    }
}
