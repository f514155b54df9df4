//! Records that are for one person alone unless they are shared: whose they become, who may write them, what views may say.

use serde_json::{Value, json};

use crate::{
    Error, Result,
    commands::{Ctx, rights},
    error::FieldError,
    model::{
        Data, Id, Kind, Record,
        filter::{Context, Filter, SYSTEM, may_order_by},
    },
    store::Tx,
};

/// A new record of a private kind is its maker's unless it says otherwise.
pub(super) fn begin(ctx: &Ctx, kind: &Kind, data: &mut Data) {
    if let (Some(private), Some(me)) = (&kind.private, ctx.actor.person()) {
        data.entry(private.owner.clone()).or_insert_with(|| json!(me));
    }
}

/// The owner writes, and of what is shared an administrator of its organisation. To anybody else a private one is not there.
pub(super) fn may_write(tx: &Tx<'_>, ctx: &Ctx, record: &Record) -> Result<()> {
    let kind = tx.kind(&record.kind)?;
    let (Some(private), Some(me)) = (&kind.private, ctx.actor.person()) else { return Ok(()) };
    if private.is_owner(&record.data, me) || (private.is_shared(&record.data) && rights::may_shape(ctx, &record.org)) {
        return Ok(());
    }
    let (kind, id) = (&record.kind, &record.id);
    if private.is_shared(&record.data) {
        return Err(Error::denied(format!(
            "{kind} {id} is another's: its owner and administrators of {} may change it; make one of your own",
            record.org
        )));
    }
    Err(Error::not_found("record", format!("there is no {kind} {id} in your organisations")))
}

/// Nobody puts a private record into another's name; and what a view shows must be there to be shown.
pub(super) fn check(tx: &Tx<'_>, ctx: &Ctx, kind: &Kind, org: &Id, data: &Data) -> Result<()> {
    if let (Some(private), Some(me)) = (&kind.private, ctx.actor.person())
        && !private.is_owner(data, me)
        && !(private.is_shared(data) && rights::may_shape(ctx, org))
    {
        let message = format!("{} must be you, {me}: nobody keeps a {} in another's name", private.owner, kind.kind);
        return Err(Error::fields(vec![FieldError::field(&private.owner, "owner.invalid", message)]));
    }
    if kind.kind == "saved_view" { check_view(tx, ctx, org, data) } else { Ok(()) }
}

fn check_view(tx: &Tx<'_>, ctx: &Ctx, org: &Id, data: &Data) -> Result<()> {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let wrong = |name: &str, code: &str, message: String| Error::fields(vec![FieldError::field(name, code, message)]);
    let shown = tx.kind_in(text("kind"), org).map_err(|error| wrong("kind", &error.code, error.message))?;
    let kinds = |name: &str| tx.kind_tree().kind(name, org).cloned();
    let context = Context { me: ctx.actor.person(), now: ctx.now, kinds: &kinds };
    Filter::parse(&shown, data.get("filter").unwrap_or(&Value::Null), &context)
        .map_err(|error| wrong("filter", &error.code, error.message))?;
    for key in text("order").split(',').map(|key| key.trim().trim_start_matches('-')).filter(|key| !key.is_empty()) {
        if !may_order_by(&shown.fields, key) {
            let message = format!("{} cannot be ordered by {key:?}: only indexed fields have an order", shown.kind);
            return Err(wrong("order", "order.invalid", message));
        }
    }
    let columns = match data.get("columns") {
        None => &Vec::new(),
        Some(Value::Array(columns)) => columns,
        Some(other) => return Err(wrong("columns", "columns.invalid", format!("columns are a list, not {other}"))),
    };
    for column in columns {
        let name = column.get("field").unwrap_or(column).as_str().unwrap_or_default();
        // A path over refs is drawn by its first step's title.
        let first = name.split('.').next().unwrap_or_default();
        if shown.fields.get(first).is_none() && !SYSTEM.contains(&first) {
            let message = format!("{column} is no column of {}: name a field, or write {{\"field\":name}}", shown.kind);
            return Err(wrong("columns", "columns.invalid", message));
        }
    }
    Ok(())
}
