//! Saved views: whose they are, who sees them, and that they show what can be shown.

use serde_json::json;

use super::{
    bare, items,
    kinds::{Dealers, codes},
};

#[test]
fn a_view_is_its_owners_alone_until_it_is_shared() {
    let dealers = Dealers::new();
    let (gm, li, zhao, other) =
        (dealers.staff("one.gm"), dealers.staff("one.li"), dealers.staff("one.zhao"), dealers.staff("two.gm"));
    let view = json!({
        "name": "我的武汉客户", "kind": "customer", "filter": { "city": "武汉", "email": null }, "order": "-created_at,name",
        "columns": ["name", { "field": "phone", "width": 120 }], "position": 2,
    });
    let mine = li.create("saved_view", view.clone());
    assert_eq!(
        (&mine["data"]["is_shared"], &mine["data"]["filter"]),
        (&json!(false), &view["filter"]),
        "kept as it is: {mine}"
    );
    let id = mine["id"].as_str().expect("an id");
    let path = format!("/records/saved_view/{id}");
    for stranger in [&gm, &zhao, &other, &dealers.admin] {
        assert!(stranger.list("saved_view", &json!({})).is_empty());
        assert_eq!(stranger.get("/records/saved_view?count=exact").ok(200)["count"], 0);
        assert_eq!(items(&stranger.get("/search?q=武汉客户").ok(200)).len(), 0);
        assert_eq!(items(&stranger.get("/records/saved_view/aggregate?group=name").ok(200)).len(), 0);
        stranger.get(&path).problem(404, "record.not_found");
        stranger.get(&format!("{path}/history")).problem(404, "record.not_found");
        stranger.patch(&path, &json!({ "data": { "name": "X" } })).problem(404, "record.not_found");
        stranger.delete(&path).problem(404, "record.not_found");
    }
    assert_eq!(items(&li.get("/search?q=武汉客户").ok(200)).len(), 1);
    li.patch(&path, &json!({ "data": { "filter": { "type": "owner" } } })).ok(200);
    assert_eq!(li.record("saved_view", id)["data"]["filter"], json!({ "type": "owner" }), "replaced, not merged");

    li.patch(&path, &json!({ "data": { "is_shared": true } })).ok(200);
    assert_eq!(zhao.list("saved_view", &json!({ "kind": "customer" })).len(), 1);
    assert!(other.list("saved_view", &json!({})).is_empty());
    zhao.patch(&path, &json!({ "data": { "name": "X" } })).problem(403, "denied");
    gm.patch(&path, &json!({ "data": { "name": "本店武汉客户", "position": 1 } })).ok(200);
    let theirs = json!({ "data": { "name": "X", "kind": "customer", "owner": mine["data"]["owner"] } });
    let refused = zhao.post("/records/saved_view", &theirs).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/data/owner", "owner.invalid")]);

    let brand = json!({ "name": "全国模板", "kind": "customer", "is_shared": true, "position": 0 });
    let brand = dealers.admin.create("saved_view", brand);
    let seen = li.get("/records/saved_view?order=position").ok(200);
    let names: Vec<_> = items(&seen).iter().map(|item| item["data"]["name"].as_str().unwrap_or("")).collect();
    assert_eq!(names, ["全国模板", "本店武汉客户"], "what is shared above holds below");
    let path = format!("/records/saved_view/{}", brand["id"].as_str().expect("an id"));
    other.get(&path).ok(200);
    other.patch(&path, &json!({ "data": { "name": "X" } })).problem(404, "record.not_found");
}

#[test]
fn a_view_shows_what_can_be_shown() {
    let server = bare();
    let admin = server.admin();
    for (wrong, pointer) in [
        (json!({ "kind": "unicorn" }), "/data/kind"),
        (json!({ "filter": { "colour": 1 } }), "/data/filter"),
        (json!({ "order": "note" }), "/data/order"),
        (json!({ "columns": ["name", "colour"] }), "/data/columns"),
        (json!({ "columns": { "name": true } }), "/data/columns"),
    ] {
        let mut data = json!({ "name": "X", "kind": "customer" });
        data.as_object_mut().expect("an object").extend(wrong.as_object().expect("an object").clone());
        let refused = admin.post("/records/saved_view", &json!({ "data": data })).problem(400, "invalid");
        assert_eq!(codes(&refused)[0].0, pointer, "{refused}");
    }
    let own = json!({ "name": "x_size", "type": "int", "label": "Size", "indexed": true });
    admin.post("/kinds/customer/fields", &own).ok(201);
    let data = json!({ "name": "X", "kind": "customer", "filter": { "x_size": { "gt": 3 } }, "order": "x_size", "columns": ["x_size"] });
    admin.create("saved_view", data);
}
