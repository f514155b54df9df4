//! A record as it was, for those who read a snapshot.

use super::{View, tables::revision};
use crate::{Result, model::Record};

impl View {
    /// A record as it was at an earlier revision; what is derived of it has none and is as it stands.
    ///
    /// # Errors
    /// Internal.
    pub fn as_of(&self, now: Record, rev: u32) -> Result<Record> {
        let Some(past) = revision::past(self, &now.kind, &now.id, rev)? else { return Ok(now) };
        let definition = self.kind_of(&now)?;
        let mut was = Record { rev, ..past.into_record(&now.kind, now.id.clone(), now.org.clone()) };
        let derived = definition.fields.iter().filter(|(_, field)| field.derived.is_some());
        was.data.extend(derived.filter_map(|(name, _)| Some((name.to_owned(), now.data.get(name)?.clone()))));
        Ok(was)
    }
}
