//! Forgetting a person: every table that may hold personal values has one function here that lets go of them.

mod places;
mod remnants;
mod values;
mod wipe;

use std::{collections::BTreeSet, sync::Arc};

use super::Tx;
use crate::{
    Error, Result,
    model::{Id, Time},
};

pub use places::{CLEAN, PLACES, Place};
pub use values::{GONE, Values};

/// A person to be forgotten.
#[derive(Clone, Debug)]
pub struct Forget {
    /// The ids the customer goes by.
    pub family: Vec<Id>,
    /// The customer's own record, then all that are about it.
    pub records: Vec<Forgotten>,
    /// What to look for where records are quoted.
    pub values: Values,
    /// The organisations that may have decided something about them.
    pub orgs: Vec<Id>,
    /// Since when they are known.
    pub since: Time,
    /// When.
    pub at: Time,
}

/// A record that holds something of the person.
#[derive(Clone, Debug)]
pub struct Forgotten {
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: Id,
    /// The fields that stay; `None`: all, but for what they quote of the person.
    pub kept: Option<Arc<BTreeSet<String>>>,
}

impl Forgotten {
    /// Whether a field's value may stay.
    pub fn keeps(&self, field: &str) -> bool {
        self.kept.as_ref().is_none_or(|kept| kept.contains(field))
    }
}

/// Go through every place but the records themselves, which their commands have rewritten.
///
/// # Errors
/// Internal.
pub fn forget(tx: &mut Tx<'_>, forget: &Forget) -> Result<()> {
    tx.touched_erasure();
    for place in PLACES {
        // `k_` stands for the tables of all kinds.
        if place.table == "k_" || is_there(tx, place.table)? {
            (place.forget)(tx, forget)?;
        }
    }
    Ok(())
}

fn is_there(tx: &Tx<'_>, table: &str) -> Result<bool> {
    tx.connection
        .prepare_cached("select exists (select 1 from sqlite_schema where name = ?1)")
        .and_then(|mut statement| statement.query_row([table], |row| row.get(0)))
        .map_err(Error::internal)
}

#[cfg(test)]
mod tests;
