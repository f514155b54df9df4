//! Rights on single records: which are there for an actor, what may be done to them, and which of their fields may be written.

use serde_json::json;

use crate::{
    Error, ErrorKind, Result,
    commands::Ctx,
    error::FieldError,
    model::{
        Actor, Data, Id, Kind, Record, Scope,
        kind::WrittenBy,
        rights::{Level, Levels, On, Rights, Verb, compile},
    },
    store::{Tx, tables},
};

/// Who stands behind an actor where answers are concerned: a plugin's answer goes to the person it acts for.
fn behind(actor: &Actor) -> &Actor {
    match actor {
        Actor::Plugin { on_behalf: Some(person), .. } => person,
        other => other,
    }
}

/// The record, if it is there for this actor: in scope, and for a person among those their roles let them see.
///
/// # Errors
/// Internal.
pub fn seen(tx: &Tx<'_>, ctx: &Ctx, kind: &str, id: &Id) -> Result<Option<Record>> {
    let rights = tx.rights(&ctx.actor);
    let is_judged = rights.compiled().is_some();
    let within = if is_judged { &Scope::All } else { &ctx.scope };
    let Some(record) = tables::record::get(tx, kind, id, within)? else { return Ok(None) };
    let definition = tx.kind_in(kind, &record.org)?;
    if let (Some(private), Some(me)) = (&definition.private, ctx.actor.person())
        && !private.is_owner(&record.data, me)
        && !private.is_shared(&record.data)
    {
        return Ok(None);
    }
    if !is_judged {
        return Ok(Some(record));
    }
    let is_seen = tx.eyes(&rights, ctx.now).holds(&definition, Verb::Read, &ctx.scope, &record)?;
    Ok(Some(record).filter(|_| is_seen))
}

/// As [`seen`], and what is handed down from above: it can be referred to, and not written.
///
/// # Errors
/// Internal.
pub fn to_refer(tx: &Tx<'_>, ctx: &Ctx, kind: &str, id: &Id) -> Result<Option<Record>> {
    let found = seen(tx, ctx, kind, id)?;
    let is_judged = tx.rights(&ctx.actor).compiled().is_some();
    if found.is_some() || is_judged || !tx.kind(kind)?.handed_down {
        return Ok(found);
    }
    tables::record::get(tx, kind, id, &tx.kind_tree().orgs().above(&ctx.org))
}

/// As [`seen`] of a record that was removed, as it was at the end.
///
/// # Errors
/// Internal.
pub fn was_seen(tx: &Tx<'_>, ctx: &Ctx, record: &Record) -> Result<bool> {
    let rights = tx.rights(&ctx.actor);
    let kind = tx.kind_in(&record.kind, &record.org)?;
    tx.eyes(&rights, ctx.now).would_hold(&kind, Verb::Remove, &ctx.scope, record)
}

/// May it do this to records of the kind at all? A plugin that acts for somebody does nothing to other plugins' and the core's
/// records that the person could not.
///
/// # Errors
/// `denied`.
pub fn to_kind(tx: &Tx<'_>, ctx: &Ctx, verb: Verb, kind: &Kind) -> Result<()> {
    let person = match &ctx.actor {
        Actor::Plugin { name, .. } if kind.kind.starts_with(&format!("{name}.")) => return Ok(()),
        actor => behind(actor),
    };
    if tx.rights(person).allows(kind, verb) { Ok(()) } else { Err(refused(verb, kind)) }
}

fn refused(verb: Verb, kind: &Kind) -> Error {
    Error::denied(format!("your roles do not let you {} this {}; ask who keeps the roles", verb.name(), kind.kind))
}

/// Whether somebody learns, by the whole of a value of this field, that a colleague's record is there: who works with such records and is
/// told of the field at all. To who is not, a number leads to nobody; a person's own and people's are nobody's to find so.
pub fn may_learn(rights: &Rights, kind: &Kind, name: &str) -> bool {
    kind.private.is_none() && kind.kind != "user" && is_told(rights, kind, name)
}

/// What they learn of it: nothing but what lets somebody recognise whom they have in front of them, and of that no more than their roles
/// tell of such records anywhere.
pub fn learned(rights: &Rights, kind: &Kind, name: &str) -> Levels {
    let title = if is_told(rights, kind, &kind.title) { Level::Masked } else { Level::Hidden };
    let shown = [("*", Level::Hidden), (kind.title.as_str(), title), (name, Level::Masked)];
    Levels(shown.into_iter().map(|(name, level)| (name.to_owned(), level)).collect())
}

/// How good a customer it is, told beside it where their roles do not hide that.
pub fn learned_level<'a>(rights: &Rights, kind: &Kind, record: &'a Record) -> Option<&'a str> {
    ["level", "grade"].iter().find_map(|name| record.text(name).filter(|_| is_told(rights, kind, name)))
}

fn is_told(rights: &Rights, kind: &Kind, name: &str) -> bool {
    match rights.on(kind) {
        On::All => true,
        On::Some(on) => on.allows(Verb::Read) && on.levels_of(kind, Verb::Read, name).1 > Level::Hidden,
    }
}

/// May it do this to the record, which it sees?
///
/// # Errors
/// `denied`.
pub fn to_do(tx: &Tx<'_>, ctx: &Ctx, verb: Verb, kind: &Kind, record: &Record) -> Result<()> {
    to_kind(tx, ctx, verb, kind)?;
    let rights = tx.rights(&ctx.actor);
    if rights.compiled().is_none() || tx.eyes(&rights, ctx.now).holds(kind, verb, &ctx.scope, record)? {
        Ok(())
    } else {
        Err(refused(verb, kind))
    }
}

/// May it change fields of the record by hand? Of a kind that its plugin writes these are an organisation's own, and who acts on its
/// records may write them.
///
/// # Errors
/// `denied`.
pub fn to_rewrite(tx: &Tx<'_>, ctx: &Ctx, kind: &Kind, record: &Record) -> Result<()> {
    let verb = if kind.written_by == WrittenBy::Anyone { Verb::Change } else { Verb::Act };
    to_do(tx, ctx, verb, kind, record)
}

/// May it write these fields of the record? What one cannot see one cannot write: the answer would tell.
///
/// # Errors
/// `field.denied`, naming each.
pub fn to_fields<'a>(
    tx: &Tx<'_>,
    ctx: &Ctx,
    kind: &Kind,
    record: &Record,
    names: impl Iterator<Item = &'a String>,
) -> Result<()> {
    let rights = tx.rights(&ctx.actor);
    if rights.compiled().is_none() {
        return Ok(());
    }
    let levels = tx.eyes(&rights, ctx.now).levels(kind, Verb::Read, record)?;
    denied_of(names.filter(|name| levels.of(kind, name) < Level::Plain))
}

fn denied_of<'a>(names: impl Iterator<Item = &'a String>) -> Result<()> {
    let wrong = |name: &String| {
        let message = format!("{name} is not shown to you in full, so you cannot write it; leave it out");
        FieldError::field(name, "field.denied", message)
    };
    let errors: Vec<FieldError> = names.map(wrong).collect();
    match errors.first() {
        None => Ok(()),
        Some(first) => {
            let message = first.message.clone();
            Err(Error { errors, ..Error::new(ErrorKind::Denied, "field.denied", message) })
        }
    }
}

/// May it make this record? One that its maker could not see afterwards becomes the maker's own.
///
/// # Errors
/// `denied`, `field.denied`.
pub fn to_make(tx: &Tx<'_>, ctx: &Ctx, kind: &Kind, org: &Id, data: &mut Data, sent: &Data) -> Result<()> {
    to_kind(tx, ctx, Verb::Create, kind)?;
    let rights = tx.rights(&ctx.actor);
    let (Some(compiled), On::Some(on)) = (rights.compiled(), rights.on(kind)) else { return Ok(()) };
    let eyes = tx.eyes(&rights, ctx.now);
    let mut record = Record::new(&kind.kind, ctx.org.clone(), org.clone(), ctx.now, data.clone());
    let owner = compile::owner(kind).filter(|owner| !data.contains_key(*owner) && kind.fields.get(owner).is_some());
    if let Some(owner) = owner
        && !(eyes.would_hold(kind, Verb::Read, &ctx.scope, &record)?
            && eyes.would_hold(kind, Verb::Create, &ctx.scope, &record)?)
    {
        data.insert(owner.to_owned(), json!(compiled.person));
        record.data.insert(owner.to_owned(), json!(compiled.person));
    }
    if !eyes.would_hold(kind, Verb::Create, &ctx.scope, &record)? {
        return Err(refused(Verb::Create, kind));
    }
    let is_open = |name: &String| {
        let rows = on.of(Verb::Create).filter(|row| row.scope.holds(org));
        rows.map(|row| row.levels.of(kind, name)).max().unwrap_or(Level::Hidden) == Level::Plain
    };
    denied_of(sent.keys().filter(|name| !is_open(name)))
}

/// May it read every field of the record? Who puts two records together, or compares a file with what is there, learns all of both.
///
/// # Errors
/// `field.denied`, naming what is not shown.
pub fn to_know(tx: &Tx<'_>, ctx: &Ctx, kind: &Kind, record: &Record) -> Result<()> {
    let names: Vec<String> = kind.fields.iter().map(|(name, _)| name.to_owned()).collect();
    to_fields(tx, ctx, kind, record, names.iter())
}

/// May it take records of the kind out as a file?
///
/// # Errors
/// `denied`.
pub fn to_take_out(rights: &Rights, kind: &Kind) -> Result<()> {
    if rights.allows(kind, Verb::Export) { Ok(()) } else { Err(refused(Verb::Export, kind)) }
}

/// May it bring records of the kind in from a file? What a file is compared with is told, so that takes all of every record.
///
/// # Errors
/// `denied`, `field.denied`.
pub fn to_import(rights: &Rights, kind: &Kind) -> Result<()> {
    if !rights.allows(kind, Verb::Import) || !rights.allows(kind, Verb::Create) {
        return Err(refused(Verb::Import, kind));
    }
    match rights.on(kind) {
        On::All => Ok(()),
        On::Some(on) => {
            let names: Vec<String> = on.guarded(kind).map(|(name, _)| name.to_owned()).collect();
            denied_of(names.iter())
        }
    }
}

/// A record as the answer to a write may show it.
///
/// # Errors
/// Internal.
pub fn shown(tx: &Tx<'_>, ctx: &Ctx, record: &Record) -> Result<Record> {
    let rights = tx.rights(behind(&ctx.actor));
    let mut record = record.clone();
    if rights.compiled().is_some() {
        let kind = tx.kind_in(&record.kind, &record.org)?;
        let eyes = tx.eyes(&rights, ctx.now);
        if eyes.holds(&kind, Verb::Read, &ctx.scope, &record)? {
            eyes.show(Verb::Read, &mut record)?;
        } else {
            // It was done, and that is all that is told of it.
            record.data.clear();
            record.stale.clear();
        }
    }
    Ok(record)
}
