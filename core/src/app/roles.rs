//! The roles that ship become records, at the first start and where an upgrade brings new ones.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    Result,
    clock::Clock,
    commands::{Ctx, Run, record},
    model::{Data, Id, Query, Scope, rights::book},
    store::Store,
};

/// Make the records that are missing. What administrators have changed or retired stays as it is.
pub(super) async fn ensure(store: &Store, clock: &Clock) -> Result<()> {
    let query = Query { limit: Some(500), ..Query::default() };
    let there = store.view(Scope::All)?.find("role", &query)?.items;
    let codes: BTreeSet<&str> = there.iter().filter_map(|role| role.text("code")).collect();
    let is_missing = |data: &&Data| data.get("code").and_then(Value::as_str).is_some_and(|code| !codes.contains(code));
    let missing: Vec<Data> = book::shipped().iter().filter(is_missing).cloned().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let ctx = Ctx::system(Id::hq(), clock.now(), std::sync::Arc::default());
    let make = move |tx: &mut crate::store::Tx<'_>| {
        missing.into_iter().try_for_each(|data| {
            record::Create { org: Some(Id::hq()), ..record::Create::new("role", data) }.run(tx, &ctx).map(drop)
        })
    };
    store.commit(make).await
}
