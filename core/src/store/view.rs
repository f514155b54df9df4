//! A read-only snapshot of the store (under construction).

use crate::{
    Error, Result,
    model::{Aggregate, Data, Id, Page, Query, Record, Scope, org::OrgTree},
};
use std::sync::Arc;

/// A read-only snapshot that knows the last event in it, filtered by a [`Scope`]. `Send`, not `Sync`.
#[derive(Debug)]
pub struct View {
    scope: Scope,
}

impl View {
    /// The number of the last event in the snapshot.
    pub fn at_seq(&self) -> i64 {
        0
    }

    /// What it may see.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The organisation tree with calendars, as of the snapshot.
    pub fn orgs(&self) -> Arc<OrgTree> {
        Arc::default()
    }

    /// Records by id, in the order asked; `None` where there is none in scope.
    ///
    /// # Errors
    /// `kind.not_found`, or internal.
    pub fn get(&self, _kind: &str, _ids: &[Id]) -> Result<Vec<Option<Record>>> {
        Err(Error::internal("under construction"))
    }

    /// A list.
    ///
    /// # Errors
    /// `filter.invalid`, `order.invalid`, `cursor.invalid`, `kind.not_found`, or internal.
    pub fn find(&self, _kind: &str, _query: &Query) -> Result<Page> {
        Err(Error::internal("under construction"))
    }

    /// Groups and measures.
    ///
    /// # Errors
    /// As [`View::find`].
    pub fn aggregate(&self, _kind: &str, _aggregate: &Aggregate) -> Result<Vec<Data>> {
        Err(Error::internal("under construction"))
    }
}
