//! No form of question tells more of a masked field than its mask: what is asked is refused, or answers as if the value were another.

use serde_json::{Value, json};

use super::{World, create, data, id, person};
use crate::{
    Error,
    commands::{Run, record, rights, segment},
    model::{Actor, Aggregate, Id, Query, Scope, rights::Verb},
    store::{Search, View, tables},
};

const ALL: [&str; 8] = ["read", "create", "change", "remove", "act", "export", "import", "attach"];
/// Fields that are kept from the prying role, how, and a value that stands in one record alone.
const KEPT: [(&str, &str, &str); 6] = [
    ("phone", "masked", "+8613800017777"),
    ("name", "masked", "欧阳秘密"),
    ("email", "masked", "canary@example.cn"),
    ("address", "hidden", "canary street 7"),
    ("note", "hidden", "canary note"),
    ("birth_date", "masked", "1977-07-07"),
];

fn world() -> (World, Actor) {
    let world = World::new(&[]);
    let levels: Value = KEPT
        .iter()
        .map(|(name, level, _)| ((*name).to_owned(), json!(level)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    world.role("prying", json!([{ "kind": "customer", "verbs": ALL, "scope": "dealer", "fields": levels }]));
    let mut kept = data("customer", 1, "peer");
    for (name, _, value) in KEPT {
        kept[name] = json!(value);
    }
    create(&world.store, "customer", Some("c1"), "d1", kept);
    create(&world.store, "customer", Some("c2"), "d1", data("customer", 2, "peer"));
    let change =
        json!({ "note": "canary note 2", "email": "canary2@example.cn" }).as_object().expect("an object").clone();
    world.as_server(move |tx, ctx| record::Change::new("customer", id("c1"), change).run(tx, ctx).map(drop));
    let actor = person("peer", "d1", &["prying"]);
    (world, actor)
}

fn is_masked(error: &Error, name: &str) -> bool {
    error.code == "field.masked" && error.message.contains(name)
}

fn find(view: &View, query: Query) -> Result<Vec<Id>, Error> {
    view.find("customer", &query).map(|page| page.items.into_iter().map(|record| record.id).collect())
}

/// No value of what is kept, old or new, stands anywhere in what was told.
fn tells_nothing(form: &str, told: &Value) {
    let text = told.to_string();
    for (name, _, value) in KEPT {
        let tail = value.trim_start_matches("+86");
        assert!(!text.contains(tail), "{form} tells {name}: {text}");
    }
    assert!(!text.contains("canary"), "{form}: {text}");
}

#[test]
fn a_masked_field_cannot_be_asked_for_in_any_form() {
    let (world, actor) = world();
    let view = world.view(&actor);
    for (name, _, value) in KEPT {
        let filters = [
            json!({ name: value }),
            json!({ name: { "in": [value] } }),
            json!({ name: { "ne": value } }),
            json!({ name: { "gte": value } }),
            json!({ name: { "between": [value, value] } }),
            json!({ name: { "empty": false } }),
            json!({ "not": { "or": [{ name: value }] } }),
            json!({ "and": [{ "city": "武汉" }, { name: value }] }),
        ];
        for filter in filters {
            let refused = find(&view, Query { filter: filter.clone(), ..Query::default() }).expect_err("a filter");
            assert!(is_masked(&refused, name), "{filter}: {refused}");
            let counted = view.aggregate(
                "customer",
                &Aggregate {
                    filter,
                    measures: json!({ "n": { "count": true } }).as_object().cloned().unwrap_or_default(),
                    ..Default::default()
                },
            );
            assert!(is_masked(&counted.expect_err("a count"), name));
        }
        if name != "birth_date" {
            for operator in ["contains", "starts"] {
                let filter = json!({ name: { operator: value.chars().next().map(String::from) } });
                assert!(is_masked(&find(&view, Query { filter, ..Query::default() }).expect_err(operator), name));
            }
        }
        for order in [name.to_owned(), format!("-{name}")] {
            if let Err(error) = find(&view, Query { order, ..Query::default() }) {
                assert!(is_masked(&error, name) || error.code == "order.invalid", "{error}");
            } else {
                panic!("a list was ordered by {name}");
            }
        }
        for measure in ["min", "max", "sum", "avg", "distinct"] {
            let measures = json!({ "x": { measure: name } }).as_object().cloned().unwrap_or_default();
            let asked = Aggregate { measures, ..Default::default() };
            assert!(is_masked(&view.aggregate("customer", &asked).expect_err(measure), name));
        }
        let group = Aggregate { group: vec![name.into()], ..Default::default() };
        assert!(is_masked(&view.aggregate("customer", &group).expect_err("a group"), name));
        let kind = view.kind("customer").expect("a kind");
        assert!(is_masked(&view.to_take(&kind, name).expect_err("fields="), name));
        let exporting = world.view(&actor).to(Verb::Export);
        assert!(is_masked(&exporting.to_take(&kind, name).expect_err("an export"), name));
    }
    let compared = json!({ "name": { "eq": { "$field": "address" } } });
    assert_eq!(
        find(&view, Query { filter: compared, ..Query::default() }).expect_err("two fields").code,
        "field.masked"
    );
}

#[test]
fn words_do_not_meet_what_is_masked() {
    let (world, actor) = world();
    let view = world.view(&actor);
    for words in ["13800017777", "7777", "欧阳", "欧阳秘密", "oymm", "canary", "canary2@example.cn"] {
        let search = Search { words: words.into(), kinds: Vec::new(), own: None, limit: 20 };
        assert!(view.search(&search).expect("a search").is_empty(), "{words}");
        let listed = find(&view, Query { search: Some(words.into()), ..Query::default() }).expect("a list");
        assert!(listed.is_empty(), "{words}: {listed:?}");
    }
}

#[test]
fn segments_are_no_way_round_the_mask() {
    let (world, actor) = world();
    let filter = json!({ "phone": { "starts": "138000177" } });
    let make = |actor: &Actor| {
        let command =
            segment::Create { name: "S".into(), kind: "customer".into(), filter: filter.clone(), is_static: false };
        let ctx = crate::commands::Ctx { catalogue: catalogue(&world), ..world.ctx(actor) };
        world.store.commit_blocking(move |tx| command.run(tx, &ctx))
    };
    assert_eq!(make(&actor).expect_err("a segment").code, "field.masked");
    let gm = person("peer", "d1", &["gm"]);
    let segment = make(&gm).expect("a segment of who sees it");
    let view = world.view(&actor);
    let named = Query { filter: json!({ "$segment": segment.id }), ..Query::default() };
    assert_eq!(find(&view, named).expect_err("another's segment").code, "field.masked");
}

fn catalogue(world: &World) -> std::sync::Arc<crate::catalogue::Catalogue> {
    let view = world.store.view(Scope::All).expect("a view");
    std::sync::Arc::new(crate::catalogue::Catalogue { orgs: view.orgs(), ..Default::default() })
}

#[test]
fn what_is_told_of_a_record_elsewhere_is_masked_too() {
    let (world, actor) = world();
    let view = world.view(&actor);
    let record = view.one("customer", &id("c1")).expect("the record");
    tells_nothing("a read", &json!(record));
    assert_eq!(record.seen.masked, ["name", "phone", "email", "birth_date"], "what is hidden is not even named");
    assert_eq!(record.seen.hints["phone"], "138****7777");
    assert_eq!(record.seen.hints["name"], "欧阳**");
    tells_nothing("a list", &json!(view.find("customer", &Query::default()).expect("a page")));
    tells_nothing(
        "a list to take out",
        &json!(world.view(&actor).to(Verb::Export).find("customer", &Query::default()).expect("a page")),
    );
    let telling = view.telling("customer", &id("c1")).expect("a read").expect("seen");
    for revision in tables::revision::list(&view, "customer", &id("c1"), u32::MAX, 10).expect("revisions") {
        let mut told = json!(revision.changes);
        telling.strip(&mut told);
        tells_nothing("a revision", &told);
    }
    let past = tables::revision::past(&view, "customer", &id("c1"), 1).expect("a read").expect("revision 1");
    let mut was = crate::model::Record { rev: past.rev, data: past.data, ..record.clone() };
    telling.cover(&mut was);
    tells_nothing("the record as it was", &json!(was));
    for event in tables::event::after(&view, 0, 500).expect("events") {
        let told = view.hears(&event).expect("a read").map(|event| event.data);
        tells_nothing("an event", &json!(told));
        let named = json!(told).to_string();
        assert!(
            !named.contains("\"note\"") && !named.contains("\"address\""),
            "an event names what is hidden: {named}"
        );
    }
}

#[test]
fn writes_do_not_tell_what_is_masked() {
    let (world, actor) = world();
    let ctx = world.ctx(&actor);
    let before = world.contents();
    for (name, _, value) in KEPT {
        let change = record::Change::new("customer", id("c1"), [(name.to_owned(), json!(value))].into_iter().collect());
        let ctx = ctx.clone();
        let refused = world.store.commit_blocking(move |tx| change.run(tx, &ctx)).expect_err("a change");
        assert_eq!(
            (refused.code.as_str(), refused.errors[0].pointer.as_str()),
            ("field.denied", format!("/data/{name}").as_str())
        );
    }
    let merging = ctx.clone();
    let merge =
        crate::commands::customer::Merge { id: id("c2"), other: id("c1"), choose: Default::default(), why: None };
    let refused = world.store.commit_blocking(move |tx| merge.run(tx, &merging)).expect_err("a merge");
    assert_eq!(refused.kind, crate::ErrorKind::Denied);
    let undoing = ctx.clone();
    let undo = record::Undo { kind: "customer".into(), id: id("c1"), rev: 2, fields: None, if_rev: None, why: None };
    assert_eq!(
        world.store.commit_blocking(move |tx| undo.run(tx, &undoing)).map(drop).expect_err("an undo").code,
        "field.denied"
    );
    let kind = world.store.kinds()["customer"].clone();
    assert_eq!(rights::to_import(&world.store.rights(&actor), &kind).expect_err("an import").code, "field.denied");
    assert_eq!(world.contents(), before);
    // A change of something else answers with the record, masked.
    let city = json!({ "city": "上海" }).as_object().expect("an object").clone();
    let answer = world.store.commit_blocking(move |tx| {
        let record = record::Change::new("customer", id("c1"), city).run(tx, &ctx)?;
        rights::shown(tx, &ctx, &record)
    });
    tells_nothing("the answer to a change", &json!(answer.expect("a change")));
}
