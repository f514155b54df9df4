//! Derived fields: roll-ups that are right after whatever happens to the records they count, computed fields that follow.

mod bulk;
mod custom;
mod drafts;
mod garage;
mod hostile;
pub mod http;
mod rollups;
