//! The only write door: typed commands, checked against kind, state and rights, run inside one unit.

pub mod action;
pub mod consent;
pub mod contact;
pub mod ctx;
pub mod customer;
pub mod derived;
pub mod event;
pub mod ids;
pub mod kind;
pub mod message;
pub mod noted;
mod org;
pub mod page;
pub mod plugin;
pub mod record;
pub mod request;
pub mod review;
pub mod rights;
pub mod script;
pub mod segment;
pub mod session;
pub mod staged;
mod team;
pub mod template;
pub mod timer;
pub mod totp;
pub mod user;
pub mod webhook;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{Error, Result, model::Command, store::Tx};

pub use ctx::Ctx;
pub use ids::Ids;

/// Something that can be asked for.
pub trait Run {
    /// What it comes to.
    type Done;

    /// Do it inside a unit: check everything first, then write.
    ///
    /// # Errors
    /// Each command says which.
    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Self::Done>;
}

/// Run a command as it travels, one of those that guests and API clients may name.
///
/// # Errors
/// `command.not_found`, `command.invalid` for a wrong body, or the command's own.
pub fn apply(tx: &mut Tx<'_>, ctx: &Ctx, command: &Command) -> Result<Value> {
    match command.name.as_str() {
        "record.create" => {
            let created = body::<record::Create>(command)?.run(tx, ctx)?;
            Ok(json!({ "kind": created.record.kind, "id": created.record.id, "rev": created.record.rev }))
        }
        "record.change" => done(body::<record::Change>(command)?.run(tx, ctx)?),
        "record.move" => done(body::<record::Move>(command)?.run(tx, ctx)?),
        "record.remove" => body::<record::Remove>(command)?.run(tx, ctx).map(|()| Value::Null),
        "record.undo" => done(body::<record::Undo>(command)?.run(tx, ctx)?.record),
        "record.restore" => done(body::<record::Restore>(command)?.run(tx, ctx)?),
        "record.rank" => body::<record::Rank>(command)?.run(tx, ctx).map(|job| json!({ "job": job })),
        "record.touch" => body::<record::Touch>(command)?.run(tx, ctx).map(|()| Value::Null),
        "kind.field_add" => body::<kind::FieldAdd>(command)?.run(tx, ctx),
        "kind.field_change" => body::<kind::FieldChange>(command)?.run(tx, ctx),
        "kind.field_retire" => body::<kind::FieldRetire>(command)?.run(tx, ctx),
        "kind.label" => body::<kind::Label>(command)?.run(tx, ctx).map(|labels| json!(labels)),
        "segment.mark" => body::<segment::Mark>(command)?.run(tx, ctx).map(|()| Value::Null),
        "segment.keep" => body::<segment::Keep>(command)?.run(tx, ctx).map(|()| Value::Null),
        "customer.merge" => body::<customer::Merge>(command)?.run(tx, ctx).map(|merged| merged.told()),
        "customer.unmerge" => body::<customer::Unmerge>(command)?.run(tx, ctx).map(|parted| parted.told()),
        "review.merge" => body::<review::Merge>(command)?.run(tx, ctx).map(|merged| merged.told()),
        "review.dismiss" => done(body::<review::Dismiss>(command)?.run(tx, ctx)?),
        "consent.give" => done(body::<consent::Give>(command)?.run(tx, ctx)?),
        "consent.withdraw" => done(body::<consent::Withdraw>(command)?.run(tx, ctx)?),
        "contact.settle" => body::<contact::Settle>(command)?.run(tx, ctx).map(|limits| json!(limits)),
        "message.send" => done(body::<message::Send>(command)?.run(tx, ctx)?),
        "message.cancel" => done(body::<message::Cancel>(command)?.run(tx, ctx)?),
        "timer.set" => body::<timer::Set>(command)?.run(tx, ctx).map(|()| Value::Null),
        "timer.cancel" => body::<timer::Cancel>(command)?.run(tx, ctx).map(|()| Value::Null),
        "derived.put" => body::<derived::Put>(command)?.run(tx, ctx).map(|()| Value::Null),
        "event.raise" => body::<event::Raise>(command)?.run(tx, ctx).map(|seq| json!({ "seq": seq })),
        other => Err(Error::not_found("command", format!("there is no command {other:?}; see docs/PLUGINS.md"))),
    }
}

fn done(record: crate::model::Record) -> Result<Value> {
    Ok(json!({ "kind": record.kind, "id": record.id, "rev": record.rev }))
}

fn body<T: DeserializeOwned>(command: &Command) -> Result<T> {
    T::deserialize(&command.body)
        .map_err(|error| Error::invalid("command", format!("the body of {} is wrong: {error}", command.name)))
}
