//! `record.attach` and `record.detach`.

use serde_json::{Map, json};

use super::write;
use crate::{
    Error, Result,
    commands::{Ctx, Run, rights},
    model::{Id, Kind, Record, rights::Verb},
    store::{
        Tx,
        tables::{self, attachment::Attachment},
    },
};

/// Hang a file on a record. The caller has looked at the file and put it where files lie.
///
/// Causes `<kind>.attached`; the record's revision stands, for none of its fields changes. Whoever may see a record may add a file to it, to
/// one of a closed kind too; of people and organisations only those who keep them.
#[derive(Clone, Debug)]
pub struct Attach {
    /// The kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// Safe to be a file's name.
    pub name: String,
    /// What its content is.
    pub r#type: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 in hex.
    pub digest: String,
}

/// Take a file off its record. Its bytes go with the last record they hang on.
///
/// Causes `<kind>.detached`. Refuses (`attachment.in_use`) one that a field holds.
#[derive(Clone, Debug)]
pub struct Detach {
    /// The attachment.
    pub attachment: Id,
}

impl Run for Attach {
    type Done = Attachment;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Attachment> {
        let kind = tx.kind(&self.kind)?;
        rights::to_attach(ctx, &kind)?;
        let record = write::current(tx, ctx, &self.kind, &self.id, None)?;
        rights::to_do(tx, ctx, Verb::Attach, &kind, &record)?;
        let attachment = Attachment {
            id: ctx.ids.next(),
            kind: record.kind.clone(),
            record: record.id.clone(),
            org: record.org.clone(),
            name: self.name,
            r#type: self.r#type,
            size: self.size,
            digest: self.digest,
            at: ctx.done_at,
            actor: ctx.actor.trace(),
            detached_at: None,
        };
        tables::attachment::insert(tx, &attachment)?;
        tell(tx, ctx, &kind, &record, "attached", &attachment)?;
        Ok(attachment)
    }
}

impl Run for Detach {
    type Done = Attachment;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Attachment> {
        let attachment = live(tx, ctx, &self.attachment)?;
        let kind = tx.kind(&attachment.kind)?;
        rights::to_attach(ctx, &kind)?;
        let record = write::current(tx, ctx, &attachment.kind, &attachment.record, None)?;
        rights::to_do(tx, ctx, Verb::Attach, &kind, &record)?;
        if let Some((other, field)) = tables::attachment::holder(tx, &attachment.id)? {
            let message = format!("{:?} stands in {field} of a {other}; take it out there first", attachment.name);
            return Err(Error::conflict("attachment.in_use", message));
        }
        tables::attachment::detach(tx, &attachment.id, ctx.done_at)?;
        tell(tx, ctx, &kind, &record, "detached", &attachment)?;
        Ok(attachment)
    }
}

fn live(tx: &Tx<'_>, ctx: &Ctx, id: &Id) -> Result<Attachment> {
    let found = tables::attachment::get(tx, id, &ctx.scope)?;
    found
        .filter(|attachment| attachment.detached_at.is_none())
        .ok_or_else(|| Error::not_found("attachment", format!("there is no attachment {id} in your organisations")))
}

/// A file's name may be somebody's, so it is not told.
fn tell(tx: &mut Tx<'_>, ctx: &Ctx, kind: &Kind, record: &Record, verb: &str, file: &Attachment) -> Result<()> {
    let mut draft = write::event(kind, record, verb, &[]);
    draft.data = json!({ "attachment": file.id, "type": file.r#type, "size": file.size });
    let seq = ctx.raise(tx, &draft)?;
    let detail = json!({ "seq": seq, "attachment": file.id });
    tables::audit::append_write(tx, &ctx.origin(), record, verb, &Map::new(), detail)
}
