//! Records against their kind (under construction on another branch).

use crate::{Result, model::{Data, Kind}};

/// Who writes: only the owner of a kind may set its `readonly` fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// A person or machine through the API.
    Request,
    /// The core, or the plugin that owns the kind.
    Owner,
}

/// Check a kind's own definition.
///
/// # Errors
/// `kind.invalid`, naming what is wrong.
pub fn kind(_kind: &Kind) -> Result<()> {
    Ok(())
}

/// A new record's data, checked and in normal form.
///
/// # Errors
/// `invalid`, with every wrong field.
pub fn create(_kind: &Kind, data: &Data, _writer: Writer) -> Result<Data> {
    Ok(data.clone())
}

/// A record's data after a merge patch, checked and in normal form.
///
/// # Errors
/// `invalid`, with every wrong field.
pub fn change(_kind: &Kind, old: &Data, patch: &Data, _writer: Writer) -> Result<Data> {
    let mut data = old.clone();
    data.extend(patch.clone());
    Ok(data)
}
