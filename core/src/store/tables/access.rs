//! Who has looked at a customer's data, as the audit log tells.

use serde_json::Value;

use super::Reader;
use crate::{
    Error, Result,
    model::{Id, Time},
    store::rows::Json,
};

/// One look.
#[derive(Clone, Debug)]
pub struct Access {
    /// When.
    pub at: Time,
    /// Who.
    pub actor: String,
    /// `field.revealed`, `record.looked_up`, `copy.taken`.
    pub what: String,
    /// As the log has it.
    pub detail: Value,
}

/// Entries of the log that name a customer by any of its ids, the newest first, at most `limit`. What was written to the record is no look.
///
/// # Errors
/// Internal.
pub fn of(reader: &impl Reader, family: &[Id], limit: u32) -> Result<Vec<Access>> {
    let connection = reader.connection().0;
    let mut statement = connection
        .prepare_cached(
            "select at, actor, what, detail from audit
             where rev is null and (record in (select value from json_each(?1))
                or exists (select 1 from json_each(?1) as of_family where instr(detail, of_family.value) > 0))
             order by seq desc limit ?2",
        )
        .map_err(Error::internal)?;
    let rows = statement
        .query_map((Json(family), limit), |row| {
            Ok(Access {
                at: row.get(0)?,
                actor: row.get(1)?,
                what: row.get(2)?,
                detail: row.get::<_, Json<Value>>(3)?.0,
            })
        })
        .map_err(Error::internal)?;
    rows.collect::<Result<_, _>>().map_err(Error::internal)
}
