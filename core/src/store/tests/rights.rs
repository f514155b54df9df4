//! Who sees what: the shipped roles against a model of their own, and masked fields against every form of question.

mod matrix;
mod oracle;
mod reference;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{NOON, create};
use crate::{
    commands::{Ctx, Run, customer, record},
    model::{Actor, Id, Kind, Scope},
    store::{Store, StoreConfig, View},
};

/// A maker, a region with two dealers, and a person of each role; the objects that a person may come upon.
pub(super) struct World {
    pub store: Store,
    _folder: TempDir,
}

pub(super) fn id(text: &str) -> Id {
    text.parse().expect("an id")
}

/// A person with roles.
pub(super) fn person(who: &str, org: &str, roles: &[&str]) -> Actor {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    Actor::User { id: id(who), name: who.to_owned(), org: id(org), roles, scopes: Vec::new() }
}

/// A kind that says nothing of rights, one that does, and cases with customers.
pub(super) fn kinds() -> [Kind; 3] {
    let fields = json!({
        "name": { "type": "text", "label": "N", "indexed": true, "searchable": true },
        "secret": { "type": "text", "label": "S", "personal": true, "indexed": true, "searchable": true },
        "owner": { "type": "ref", "to": "user", "label": "O", "indexed": true }
    });
    let open = json!({ "kind": "t.open", "label": "O", "title": "name", "owner": "owner", "fields": fields });
    let mut said = json!({ "kind": "t.said", "label": "S", "title": "name", "owner": "owner", "fields": fields });
    said["rights"] = json!({
        "consultant": { "verbs": ["read", "change"], "scope": "own" },
        "reception": { "verbs": ["read"], "scope": "dealer", "fields": { "secret": "masked" } },
        "hq_agent": [
            { "verbs": ["read", "change"], "scope": "own" },
            { "verbs": ["read"], "scope": "brand", "fields": { "personal": "hidden" } }
        ]
    });
    let mut case = json!({ "kind": "t.case", "label": "C", "title": "name", "owner": "owner", "fields": fields });
    case["fields"]["customer"] = json!({ "type": "ref", "to": "customer", "label": "C", "indexed": true });
    case["opens"] = json!({ "via": "customer", "when": { "name": "open" } });
    case["rights"] = json!({ "gm": { "verbs": ["read"], "scope": "dealer" } });
    [open, said, case].map(|kind| serde_json::from_value(kind).expect("a kind"))
}

/// What a record of each kind holds.
pub(super) fn data(kind: &str, n: usize, owner: &str) -> Value {
    match kind {
        "customer" => json!({
            "name": format!("王{}{}", char::from_u32(0x4E00 + n as u32 * 7).expect("a sign"), char::from_u32(0x5200 + n as u32 * 3).expect("a sign")),
            "phone": format!("138{:08}", 10_000 + n * 137), "email": format!("p{n}@example.cn"), "city": "武汉",
            "address": format!("解放大道{n}号"), "note": format!("note {n}"), "birth_date": "1990-01-01", "owner": owner,
        }),
        _ => json!({ "name": format!("n{n}"), "secret": format!("s{n}"), "owner": owner }),
    }
}

impl World {
    pub fn new(roles: &[&str]) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
        for (org, r#type, parent) in [
            ("hq", "maker", None),
            ("north", "region", Some("hq")),
            ("d1", "dealer", Some("north")),
            ("d2", "dealer", Some("north")),
        ] {
            let data = json!({ "code": org, "name": org, "type": r#type, "parent": parent });
            create(&store, "org", Some(org), org, data);
        }
        store.commit_blocking(|tx| kinds().iter().try_for_each(|kind| tx.install_kind(kind))).expect("kinds");
        for (person, org) in [("peer", "d1"), ("other", "d2"), ("boss", "hq")] {
            create(&store, "user", Some(person), org, json!({ "login": person, "name": person, "roles": ["gm"] }));
        }
        for role in roles {
            let user = json!({ "login": format!("me.{role}"), "name": role, "roles": [role] });
            create(&store, "user", Some(&format!("me-{role}")), reference::seat(role), user);
        }
        World { store, _folder: folder }
    }

    pub fn actor(&self, role: &str) -> Actor {
        person(&format!("me-{role}"), reference::seat(role), &[role])
    }

    pub fn ctx(&self, actor: &Actor) -> Ctx {
        let org = match actor {
            Actor::User { org, .. } => org.clone(),
            _ => Id::hq(),
        };
        let scope = match self.store.rights(actor).compiled() {
            Some(compiled) => compiled.scope.clone(),
            None => self.store.orgs().scope(&org),
        };
        Ctx::new(actor.clone(), org, scope, NOON, Default::default())
    }

    pub fn view(&self, actor: &Actor) -> View {
        self.store.view(self.ctx(actor).scope).expect("a view").asked_by(actor, NOON)
    }

    /// A case with a customer, open or over.
    pub fn case(&self, customer: &str, owner: &str, state: &str) {
        create(&self.store, "t.case", None, "d1", json!({ "name": state, "owner": owner, "customer": customer }));
    }

    /// What a customer says of telling the maker, day by day of a month.
    pub fn says(&self, customer: &str, words: &[(&str, u8)]) {
        for (state, day) in words {
            let at = format!("2026-03-0{day}T02:00:00Z");
            let said = json!({ "customer": customer, "handler": "d1", "purpose": "share_maker", "state": state, "obtained_at": at, "how": "paper" });
            create(&self.store, "consent", None, "d1", said);
        }
    }

    /// Remove a record as the server.
    pub fn remove(&self, kind: &str, gone: &str) {
        let command = record::Remove { kind: kind.into(), id: id(gone), if_rev: None };
        self.as_server(move |tx, ctx| command.run(tx, ctx));
    }

    /// Merge one customer into another as the server.
    pub fn merge(&self, into: &str, other: &str) {
        let command = customer::Merge { id: id(into), other: id(other), choose: Default::default(), why: None };
        self.as_server(move |tx, ctx| command.run(tx, ctx).map(drop));
    }

    fn as_server(&self, run: impl FnOnce(&mut crate::store::Tx<'_>, &Ctx) -> crate::Result<()> + Send + 'static) {
        let ctx = Ctx::system(Id::hq(), NOON, Default::default());
        self.store.commit_blocking(move |tx| run(tx, &ctx)).expect("done by the server");
    }

    /// Everything the file holds.
    pub fn contents(&self) -> std::collections::BTreeMap<String, String> {
        self.store.contents(&[]).expect("a digest")
    }

    /// A role's record, made or put in the place of the last.
    pub fn role(&self, code: &str, grants: Value) {
        let there = self.store.view(Scope::All).expect("a view").get("role", &[id(&format!("role-{code}"))]);
        if there.expect("a read")[0].is_some() {
            let data = json!({ "grants": grants }).as_object().expect("an object").clone();
            let command = record::Change::new("role", id(&format!("role-{code}")), data);
            self.as_server(move |tx, ctx| command.run(tx, ctx).map(drop));
        } else {
            let data = json!({ "code": code, "name": code, "grants": grants });
            create(&self.store, "role", Some(&format!("role-{code}")), "hq", data);
        }
    }
}

#[test]
fn a_role_that_is_edited_counts_from_the_next_question_on() {
    let world = World::new(&["gm"]);
    create(&world.store, "customer", Some("c1"), "d1", data("customer", 1, "peer"));
    let actor = person("peer", "d1", &["helper"]);
    let sees = || {
        world.view(&actor).one("customer", &id("c1")).map(|record| (record.text("phone").is_some(), record.seen.masked))
    };
    assert_eq!(sees().expect_err("an unknown role grants nothing").code, "record.not_found");
    world.role("helper", json!([{ "kind": "customer", "verbs": ["read"], "scope": "dealer" }]));
    assert_eq!(sees().expect("seen"), (true, vec![]));
    world.role(
        "helper",
        json!([{ "kind": "customer", "verbs": ["read"], "scope": "dealer", "fields": { "phone": "masked" } }]),
    );
    assert_eq!(sees().expect("seen"), (false, vec!["phone".to_owned()]));
    let retire = json!({ "status": "retired" }).as_object().expect("an object").clone();
    world.as_server(move |tx, ctx| record::Change::new("role", id("role-helper"), retire).run(tx, ctx).map(drop));
    assert_eq!(sees().expect_err("a retired role grants nothing").code, "record.not_found");
}

#[test]
fn people_are_given_roles_that_there_are_and_no_others() {
    let world = World::new(&[]);
    let hire = |roles: Value| {
        let data = json!({ "login": "new", "name": "New", "roles": roles }).as_object().expect("an object").clone();
        let ctx = Ctx::system(id("d1"), NOON, Default::default());
        world.store.rehearse_blocking(move |tx| record::Create::new("user", data).run(tx, &ctx).map(drop))
    };
    assert!(hire(json!(["consultant", "admin"])).is_ok());
    assert_eq!(hire(json!(["helper"])).expect_err("unknown").errors[0].pointer, "/data/roles");
    world.role("helper", json!([]));
    assert!(hire(json!(["helper"])).is_ok());
}

#[test]
fn several_roles_unite_with_the_best_of_each_field_in_each_row() {
    let world = World::new(&[]);
    create(&world.store, "customer", Some("mine"), "d1", data("customer", 1, "peer"));
    create(&world.store, "customer", Some("theirs"), "d1", data("customer", 2, "boss"));
    let actor = person("peer", "d1", &["technician", "consultant"]);
    let view = world.view(&actor);
    assert!(view.one("customer", &id("mine")).expect("own").text("phone").is_some());
    let theirs = view.one("customer", &id("theirs")).expect("a colleague's");
    assert_eq!(theirs.data.keys().collect::<Vec<_>>(), ["name"], "a technician sees the name alone");
    assert_eq!(theirs.seen, Default::default(), "and is not told what else there is");
}

#[test]
fn a_path_leads_through_records_that_may_be_seen_alone() {
    let world = World::new(&["consultant"]);
    create(&world.store, "customer", Some("mine"), "d1", data("customer", 1, "me-consultant"));
    create(&world.store, "customer", Some("theirs"), "d1", data("customer", 2, "peer"));
    let kind = json!({
        "kind": "t.task", "label": "T", "title": "n",
        "fields": { "n": { "type": "int", "label": "N" }, "customer": { "type": "ref", "to": "customer", "label": "C" } }
    });
    let kind: Kind = serde_json::from_value(kind).expect("a kind");
    world.store.commit_blocking(move |tx| tx.install_kind(&kind)).expect("installed");
    for (task, customer) in [("t1", "mine"), ("t2", "theirs")] {
        create(&world.store, "t.task", Some(task), "d1", json!({ "n": 1, "customer": customer }));
    }
    let view = world.view(&world.actor("consultant"));
    let found = |filter: Value| -> Vec<String> {
        let query = crate::model::Query { filter, ..Default::default() };
        let mut ids: Vec<String> =
            view.find("t.task", &query).expect("a page").items.iter().map(|task| task.id.to_string()).collect();
        ids.sort();
        ids
    };
    assert_eq!(found(json!({})), ["t1", "t2"]);
    assert_eq!(found(json!({ "customer.city": "武汉" })), ["t1"], "of the other's customer nothing is learnt");
    assert_eq!(found(json!({ "not": { "customer.city": "上海" } })), ["t1", "t2"]);
    assert_eq!(found(json!({ "not": { "customer.city": "武汉" } })), ["t2"]);
}

#[test]
fn who_may_make_for_their_desk_makes_their_own() {
    let world = World::new(&[]);
    world.role("lead", json!([{ "kind": "t.open", "verbs": ["read", "create"], "scope": "team" }]));
    create(&world.store, "user", Some("lead"), "d1", json!({ "login": "lead", "name": "lead", "roles": ["lead"] }));
    let actor = person("lead", "d1", &["lead"]);
    let make = |owner: Option<&str>| {
        let mut body = data("t.open", 7, "x").as_object().expect("an object").clone();
        body.remove("owner");
        body.extend(owner.map(|owner| ("owner".to_owned(), json!(owner))));
        let (ctx, command) =
            (world.ctx(&actor), record::Create { org: Some(id("d1")), ..record::Create::new("t.open", body) });
        world.store.rehearse_blocking(move |tx| command.run(tx, &ctx))
    };
    assert_eq!(make(None).expect("made").record.text("owner"), Some("lead"), "it becomes the maker's own");
    assert!(make(Some("peer")).is_ok(), "a colleague of the same desk");
    assert_eq!(make(Some("other")).expect_err("of another dealer").code, "denied");
}

#[test]
fn what_is_ones_own_by_what_it_refers_to_is_ones_own_when_it_is_removed() {
    let world = World::new(&[]);
    let kind = json!({
        "kind": "t.child", "label": "C", "title": "name", "owned_by": ["parent.owner"],
        "fields": { "name": { "type": "text", "label": "N" }, "parent": { "type": "ref", "to": "t.open", "label": "P", "indexed": true } }
    });
    let kind: Kind = serde_json::from_value(kind).expect("a kind");
    world.store.commit_blocking(move |tx| tx.install_kind(&kind)).expect("installed");
    world.role("nurse", json!([{ "kind": "t.child", "verbs": ["read", "remove"], "scope": "own" }]));
    for (parent, owner) in [("mine", "peer"), ("theirs", "boss")] {
        create(&world.store, "t.open", Some(parent), "d1", data("t.open", 1, owner));
        let child = format!("of-{parent}");
        create(&world.store, "t.child", Some(&child), "d1", json!({ "name": "c", "parent": parent }));
        world.remove("t.child", &child);
    }
    let view = world.view(&person("peer", "d1", &["nurse"]));
    let is_told = |child: &str| view.telling("t.child", &id(child)).expect("told").is_some();
    assert!(is_told("of-mine"));
    assert!(!is_told("of-theirs"));
}
