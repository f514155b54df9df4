//! The lists that people open use an index and are not sorted, at a dealer, in a region and at the maker.

use serde_json::{Value, json};

use super::store;
use crate::{
    model::{Id, Query, Scope, matching},
    store::{
        Store,
        tables::{membership, record},
    },
};

fn plan(store: &Store, scope: &Scope, filter: Value, order: &str) -> String {
    let query = Query { filter, order: order.into(), ..Query::default() };
    store.view(scope.clone()).expect("a view").plan("customer", &query)
}

#[test]
fn lists_walk_an_index_in_order() {
    let orgs: Vec<String> = (0..12).map(|n| format!("d{n}")).collect();
    let names: Vec<&str> = std::iter::once("hq").chain(orgs.iter().map(String::as_str)).collect();
    let (_folder, store) = store(&names);
    let id = |text: &str| text.parse::<Id>().expect("an id");
    let dealer = Scope::one(id("d3"));
    let region = Scope::Orgs(std::sync::Arc::new((0..6).map(|n| id(&format!("d{n}"))).collect()));
    let maker = store.orgs().scope(&id("hq"));
    for (name, scope) in [("dealer", &dealer), ("region", &region), ("maker", &maker)] {
        for filter in [
            json!({}),
            json!({ "city": "武汉" }),
            json!({ "type": "owner" }),
            json!({ "source": "到店" }),
            json!({ "interest": "C6" }),
            json!({ "city": "武汉", "type": "owner" }),
            json!({ "city": "武汉", "created_at": { "gte": "2026-01-01T00:00:00Z" } }),
            json!({ "created_at": { "between": ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"] } }),
        ] {
            let plan = plan(&store, scope, filter.clone(), "-created_at");
            assert!(plan.contains("USING INDEX") && !plan.contains("TEMP B-TREE"), "{name} {filter}: {plan}");
        }
        // What few records share is found by it, and these few are sorted.
        for filter in [
            json!({ "owner": "u1" }),
            json!({ "phone": "13800001234" }),
            json!({ "name": "王磊" }),
            json!({ "email": "a@x.cn" }),
        ] {
            let field = filter.as_object().and_then(|test| test.keys().next()).expect("a field");
            let plan = plan(&store, scope, filter.clone(), "-created_at");
            assert!(
                plan.contains(&format!("SEARCH k_customer USING INDEX i_customer_{field}")),
                "{name} {filter}: {plan}"
            );
        }
    }
    for group in matching::LOOKUPS.into_iter().filter(|group| !matches!(group[0], "vin" | "plate")) {
        let values = vec![rusqlite::types::Value::Text("x".into()); group.len() + 1];
        let plan = store.view(Scope::All).expect("a view").explain(&membership::candidates_sql(group), &values);
        let is_direct = plan.contains(&format!("_{}_match", group.join("_"))) || plan.contains("_brand");
        assert!(plan.contains("SEARCH") && is_direct, "matching in the brand by {group:?}: {plan}");
    }
    let by_name = plan(&store, &dealer, json!({}), "name");
    assert!(by_name.contains("i_customer_name") && !by_name.contains("SCAN k_customer;"), "{by_name}");
    let next = store
        .view(maker)
        .expect("a view")
        .plan("customer", &Query { filter: json!({ "city": "武汉" }), cursor: Some(cursor()), ..Query::default() });
    assert!(
        next.contains("i_customer_city_brand") && next.contains("created_at"),
        "a later page begins in the index: {next}"
    );
}

fn cursor() -> String {
    use base64::Engine;
    base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(json!([1_773_374_400_000_i64, "c1"]).to_string())
}

/// Else the pages of a walk over everything cost the square of what there is.
#[test]
fn a_walk_by_id_sorts_nothing() {
    let (_folder, store) = store(&["hq", "d1", "d2"]);
    for scope in [store.orgs().scope(&"hq".parse().expect("an id")), Scope::All] {
        let walk = record::walk("id", "customer", &scope, "c1", 10);
        let plan = store.view(Scope::All).expect("a view").explain(&walk.sql, &walk.parameters);
        assert!(plan.contains("(id>?)") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

/// Else SQLite plans a kept statement anew whenever another limit is bound to it, which took a quarter of an import.
#[test]
fn a_kept_statement_is_planned_once() {
    let (_folder, store) = store(&["hq"]);
    let view = store.view(Scope::All).expect("a view");
    let mut statement = view
        .raw()
        .prepare("select id from k_customer where json_extract(data, '$.phone') = ?1 order by created_at, id limit ?2")
        .expect("a statement");
    for limit in [50, 1, 500, 20] {
        let ids = statement.query_map((limit.to_string(), limit), |row| row.get::<_, String>(0)).expect("rows");
        assert_eq!(ids.count(), 0);
    }
    assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
}
