//! A read whose asker has run out of time ends at once, and the connection serves the next.

use serde_json::json;

use super::{NOON, store};
use crate::{
    commands::{Ctx, Run, record},
    model::{Data, Id, Query, Scope},
    store::{Store, Tx, View},
};

/// Enough for a search in notes to take more than one look at the clock.
fn crowd(store: &Store, n_customers: u32) {
    let create = move |tx: &mut Tx<'_>| {
        let ctx = Ctx::system(Id::hq(), NOON, std::sync::Arc::default());
        (0..n_customers).try_for_each(|n| {
            let data = json!({ "name": format!("客户{n}"), "type": "prospect", "note": "字".repeat(200) });
            let data: Data = data.as_object().cloned().unwrap_or_default();
            record::Create { org: "d1".parse().ok(), ..record::Create::new("customer", data) }.run(tx, &ctx).map(drop)
        })
    };
    store.commit_blocking(create).expect("customers");
}

#[test]
fn a_read_is_given_up_and_the_next_is_served() {
    let (_folder, store) = store(&["hq", "d1"]);
    crowd(&store, 600);
    let query = Query { filter: json!({ "note": { "contains": "书" } }), ..Query::default() };
    let mut view = store.view(Scope::All).expect("a view");
    let error = view.until(|| true, |view| view.find("customer", &query)).expect_err("there is no time");
    assert_eq!(error.code, View::GIVEN_UP);
    let page = view.until(|| false, |view| view.find("customer", &query)).expect("there is time");
    assert_eq!(page.items.len(), 0);
    assert!(view.find("customer", &query).is_ok(), "nobody watches any more");
}

#[test]
fn a_watch_left_behind_by_a_panic_does_not_bind_the_next_reader() {
    let (_folder, store) = store(&["hq", "d1"]);
    crowd(&store, 600);
    let mut view = store.view(Scope::All).expect("a view");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _ = view.until::<()>(|| true, |_| panic!("in the middle of a read"));
    }));
    assert!(panicked.is_err());
    let query = Query { filter: json!({ "note": { "contains": "书" } }), ..Query::default() };
    let view = store.view(Scope::All).expect("the same connection");
    assert!(view.find("customer", &query).is_ok());
}
