//! Children are not customers: a birth date under fourteen years is refused (domain C20).

use jiff::ToSpan;

use crate::{
    Error, Result,
    commands::Ctx,
    error::FieldError,
    model::{Data, Id},
};

/// Data of younger ones is sensitive by law.
const YEARS: i64 = 14;

/// Refuse a birth date that lies less than fourteen years back, where the customer belongs.
///
/// # Errors
/// `birth_date.child` at the field.
pub(in crate::commands) fn no_child(ctx: &Ctx, org: &Id, data: &Data) -> Result<()> {
    let born: Option<jiff::civil::Date> =
        data.get("birth_date").and_then(|date| date.as_str()).and_then(|date| date.parse().ok());
    let today = ctx.catalogue.orgs.calendar(org).local(ctx.now).date();
    let youngest = today.saturating_sub(YEARS.years());
    if born.is_none_or(|born| born <= youngest) {
        return Ok(());
    }
    let message = format!(
        "birth_date: a child under {YEARS} cannot be a customer; file it under a parent, without the birth date"
    );
    Err(Error::fields(vec![FieldError::field("birth_date", "birth_date.child", message)]))
}
