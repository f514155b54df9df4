//! Every role, on every object, with every verb and field, against the reference; after each refusal the file holds what it held.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    World, data, id,
    reference::{self, Look, OBJECTS, Object, ROLES, Shown},
};
use crate::{
    Error, ErrorKind, Result,
    commands::{Ctx, Run, record},
    model::{Actor, Aggregate, Data, Kind, Query, Record, Scope, rights::Verb},
    store::{Tx, tables},
};

const KINDS: [&str; 3] = ["customer", "t.open", "t.said"];
/// Fields of a customer that are written and asked for, each with a value it takes.
fn fields() -> Vec<(&'static str, Value)> {
    vec![
        ("name", json!("赵六")),
        ("phone", json!("13912345678")),
        ("email", json!("new@example.cn")),
        ("city", json!("上海")),
        ("gender", json!("male")),
        ("birth_date", json!("1985-05-05")),
        ("address", json!("南京路1号")),
        ("note", json!("called twice")),
        ("tags", json!("vip")),
        ("interest", json!("X5")),
        ("source", json!("web")),
        ("legal_person", json!("钱七")),
    ]
}

/// What is refused for want of rights, and nothing else.
fn is_refused<T>(outcome: &Result<T>) -> bool {
    outcome.as_ref().is_err_and(|error| matches!(error.kind, ErrorKind::Denied | ErrorKind::NotFound))
}

struct Matrix {
    world: World,
    /// What the file held after the last write that was refused, until one is let in: reading all of it takes longer than anything else.
    held: Option<BTreeMap<String, String>>,
    n_cells: usize,
    wrong: Vec<String>,
}

impl Matrix {
    fn new() -> Matrix {
        let world = World::new(&ROLES);
        for (k, kind) in KINDS.iter().enumerate() {
            let mut n = 1_000 * k;
            let mut make = |name: String, org: &str, owner: &str| {
                n += 1;
                super::create(&world.store, kind, Some(&name), org, data(kind, n, owner));
            };
            for (object, org, owner) in [
                ("colleague", "d1", "peer"),
                ("sibling", "d2", "other"),
                ("parent", "hq", "boss"),
                ("removed", "d1", "peer"),
                ("merged", "d1", "peer"),
            ] {
                make(named(kind, object), org, owner);
            }
            for role in ROLES {
                make(named(kind, &format!("own-{role}")), "d1", &format!("me-{role}"));
                make(named(kind, &format!("removed-{role}")), "d1", &format!("me-{role}"));
            }
            world.remove(kind, &named(kind, "removed"));
            for role in ROLES {
                world.remove(kind, &named(kind, &format!("removed-{role}")));
            }
        }
        world.merge(&named("customer", "colleague"), &named("customer", "merged"));
        let mut n = 5_000;
        let mut customer = |name: String| {
            n += 1;
            super::create(&world.store, "customer", Some(&name), "d1", data("customer", n, "peer"));
            name
        };
        for role in ROLES {
            let of = customer(named("customer", &format!("case-{role}")));
            world.case(&of, &format!("me-{role}"), "open");
            // One that is over, and a colleague's, open nothing.
            world.case(&named("customer", "colleague"), &format!("me-{role}"), "over");
        }
        let shared = customer(named("customer", "shared"));
        world.says(&shared, &[("refused", 1), ("granted", 2)]);
        world.says(&named("customer", "merged"), &[("granted", 1), ("withdrawn", 2)]);
        Matrix { world, held: None, n_cells: 0, wrong: Vec::new() }
    }

    fn cell(&mut self, is_right: bool, told: impl FnOnce() -> String) {
        self.n_cells += 1;
        if !is_right {
            self.wrong.push(told());
        }
    }

    /// Run a write and take it back; one that is refused is run for good, and then nothing may have changed.
    fn write<T: Send + 'static>(
        &mut self,
        actor: &Actor,
        told: &str,
        run: impl Fn(&mut Tx<'_>, &Ctx) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        let (ctx, rehearsed) = (self.world.ctx(actor), run.clone());
        let in_rehearsal = ctx.clone();
        let outcome = self.world.store.rehearse_blocking(move |tx| rehearsed(tx, &in_rehearsal));
        if is_refused(&outcome) {
            let before = self.held.take().unwrap_or_else(|| self.world.contents());
            let again = self.world.store.commit_blocking(move |tx| run(tx, &ctx));
            let after = self.world.contents();
            let is_same = again.is_err() && after == before;
            self.held = Some(after);
            self.cell(is_same, || format!("{told}: refused, and something was written"));
        }
        outcome
    }

    fn role(&mut self, role: &'static str) {
        let actor = self.world.actor(role);
        for kind in KINDS {
            for object in OBJECTS {
                if object.is_of_customers() && kind != "customer" {
                    continue;
                }
                self.reads(role, &actor, kind, object);
                self.verbs(role, &actor, kind, object);
            }
            self.makes(role, &actor, kind);
        }
        for object in OBJECTS {
            self.writes_of_fields(role, &actor, object);
            self.reveals(role, &actor, object);
            self.asks_after(role, &actor, object);
        }
        self.questions(role, &actor);
    }

    fn reads(&mut self, role: &'static str, actor: &Actor, kind: &'static str, object: Object) {
        let view = self.world.view(actor);
        let rid = id(&of(kind, role, object));
        let expected = may(role, kind, "read", object);
        let at = |what: &str| format!("{role} {kind} {object:?} {what}: expected {expected}");
        let there = expected && !object.is_gone();
        let one = view.get(kind, std::slice::from_ref(&rid)).expect("a read").pop().flatten();
        self.cell(one.is_some() == there, || at("read"));
        let filter = json!({ "id": rid });
        let page = view.find(kind, &Query { filter: filter.clone(), count: true, ..Query::default() }).expect("a page");
        self.cell(page.items.len() == usize::from(there) && page.count == Some(u64::from(there)), || at("list"));
        let measures = json!({ "n": { "count": true } }).as_object().expect("an object").clone();
        let counted = view.aggregate(kind, &Aggregate { filter, group: Vec::new(), measures }).expect("a count");
        self.cell(counted[0]["n"] == json!(u8::from(there)), || at("count"));
        let telling = view.telling(kind, &rid).expect("told");
        self.cell(telling.is_some() == expected, || at("history"));
        let event = tables::event::last_of_record(&view, kind, &rid).expect("a read");
        let heard = event.map(|event| view.hears(&event).expect("heard").is_some());
        self.cell(heard.is_none_or(|heard| heard == expected), || at("events"));
        if let Some(record) = one {
            self.fields_read(role, kind, object, &record);
        }
    }

    fn fields_read(&mut self, role: &'static str, kind: &'static str, object: Object, record: &Record) {
        let raw = self.world.store.view(Scope::All).expect("a view").one(kind, &record.id).expect("the record");
        let definition: std::sync::Arc<Kind> = self.world.store.kinds()[kind].clone();
        for (name, field) in definition.fields.iter() {
            let expected = shown(role, kind, object, name, field.personal);
            let masked = record.seen.masked.iter().any(|known| known == name);
            let is_right = match expected {
                Shown::Plain => !masked && record.data.get(name) == raw.data.get(name),
                Shown::Masked => masked && !record.data.contains_key(name),
                Shown::Hidden => !masked && !record.data.contains_key(name) && !record.seen.hints.contains_key(name),
            };
            self.cell(is_right, || format!("{role} {kind} {object:?} shows {name}, expected {expected:?}: {record:?}"));
        }
    }

    fn verbs(&mut self, role: &'static str, actor: &Actor, kind: &'static str, object: Object) {
        let rid = id(&of(kind, role, object));
        let named = |what: &str| format!("{role} {kind} {object:?} {what}");
        let patch: Data = match kind {
            "customer" => json!({ "city": "北京" }),
            _ => json!({ "name": "other" }),
        }
        .as_object()
        .expect("an object")
        .clone();
        if !object.is_gone() {
            let change = record::Change::new(kind, rid.clone(), patch);
            let done = self.write(actor, &named("change"), move |tx, ctx| change.clone().run(tx, ctx));
            let expected = may(role, kind, "change", object);
            self.cell(is_refused(&done) != expected, || {
                format!("{}: expected {expected}, {:?}", named("change"), done.err())
            });
            let remove = record::Remove { kind: kind.into(), id: rid.clone(), if_rev: None };
            let done = self.write(actor, &named("remove"), move |tx, ctx| remove.clone().run(tx, ctx));
            let expected = may(role, kind, "remove", object);
            self.cell(is_refused(&done) != expected, || {
                format!("{}: expected {expected}, {:?}", named("remove"), done.err())
            });
            let (name, r#type, digest) = ("a.txt".to_owned(), "text/plain".to_owned(), "0".repeat(64));
            let attach = record::Attach { kind: kind.into(), id: rid.clone(), name, r#type, size: 1, digest };
            let done = self.write(actor, &named("attach"), move |tx, ctx| attach.clone().run(tx, ctx));
            let expected = may(role, kind, "attach", object);
            self.cell(is_refused(&done) != expected, || {
                format!("{}: expected {expected}, {:?}", named("attach"), done.err())
            });
            let raw = self.world.store.view(Scope::All).expect("a view").one(kind, &rid).expect("the record");
            let view = self.world.view(actor);
            let expected = may(role, kind, "act", object);
            self.cell(view.may(Verb::Act, &raw).expect("told") == expected, || {
                format!("{}: expected {expected}", named("act"))
            });
            let view = self.world.view(actor).to(Verb::Export);
            let exported = view.get(kind, std::slice::from_ref(&rid)).expect("a read").pop().flatten();
            let expected = may(role, kind, "export", object);
            self.cell(exported.is_some() == expected, || format!("{}: expected {expected}", named("export")));
        } else {
            let restore = record::Restore { kind: kind.into(), id: rid, why: None };
            let done = self.write(actor, &named("restore"), move |tx, ctx| restore.clone().run(tx, ctx));
            let expected = may(role, kind, "remove", object);
            self.cell(is_refused(&done) != expected, || {
                format!("{}: expected {expected}, {:?}", named("restore"), done.err())
            });
        }
    }

    fn makes(&mut self, role: &'static str, actor: &Actor, kind: &'static str) {
        for (org, place) in [("d1", Object::Own), ("d2", Object::Sibling), ("hq", Object::Parent)] {
            let mut body = data(kind, 900, "peer").as_object().expect("an object").clone();
            body.remove("owner");
            let create = record::Create { org: Some(id(org)), ..record::Create::new(kind, body) };
            let told = format!("{role} {kind} create in {org}");
            let done = self.write(actor, &told, move |tx, ctx| create.clone().run(tx, ctx).map(drop));
            let near = reference::may_open_kind("admin", "create", place)
                && (reference::seat(role) == "hq" || org == "d1" || (reference::seat(role) == "north" && org == "d2"));
            let expected = near
                && match kind {
                    "customer" => reference::may_make(role),
                    "t.open" => reference::may_open_kind(role, "create", Object::Own),
                    _ => reference::may_said_kind(role, "create", Object::Own),
                };
            self.cell(is_refused(&done) != expected, || format!("{told}: expected {expected}, {:?}", done.err()));
        }
    }

    fn writes_of_fields(&mut self, role: &'static str, actor: &Actor, object: Object) {
        let look = if object.is_gone() { Look::Nothing } else { reference::look(role, object) };
        let definition = self.world.store.kinds()["customer"].clone();
        for (name, value) in fields() {
            let is_personal = definition.fields.get(name).is_some_and(|field| field.personal);
            let told = format!("{role} customer {object:?} writes {name}");
            let patch = Data::from_iter([(name.to_owned(), value)]);
            let change = record::Change::new("customer", id(&of("customer", role, object)), patch);
            let done = self.write(actor, &told, move |tx, ctx| change.clone().run(tx, ctx).map(drop));
            let code = done.as_ref().map_err(|error| error.code.as_str());
            let is_right = if look == Look::Nothing {
                code == Err("record.not_found")
            } else if !reference::may(role, "change", object) {
                code == Err("denied")
            } else if reference::shown(look, name, is_personal) != Shown::Plain {
                code == Err("field.denied")
            } else {
                !is_refused(&done)
            };
            self.cell(is_right, || format!("{told}: {done:?}"));
        }
    }

    /// A masked field is shown for a purpose to who has a grant that says so, and to nobody what is hidden or gone.
    fn reveals(&mut self, role: &'static str, actor: &Actor, object: Object) {
        let look = if object.is_gone() { Look::Nothing } else { reference::look(role, object) };
        let definition = self.world.store.kinds()["customer"].clone();
        for (name, _) in fields() {
            let is_personal = definition.fields.get(name).is_some_and(|field| field.personal);
            let told = format!("{role} customer {object:?} reveals {name}");
            let (kind, purpose) = ("customer".to_owned(), "the customer asks".to_owned());
            let reveal =
                record::Reveal { kind, id: id(&of("customer", role, object)), fields: vec![name.into()], purpose };
            let done = self.write(actor, &told, move |tx, ctx| reveal.clone().run(tx, ctx).map(drop));
            let code = done.as_ref().map_err(|error| error.code.as_str());
            let wanted = match reference::shown(look, name, is_personal) {
                _ if look == Look::Nothing => Err("record.not_found"),
                Shown::Plain => Ok(&()),
                Shown::Masked if reference::may_reveal(role) => Ok(&()),
                Shown::Masked | Shown::Hidden => Err("field.denied"),
            };
            self.cell(code == wanted, || format!("{told}: expected {wanted:?}, {done:?}"));
        }
    }

    /// Whoever works in the owner's house may ask after a record, seen or not; nobody else learns that it is there.
    fn asks_after(&mut self, role: &'static str, actor: &Actor, object: Object) {
        for kind in KINDS {
            if object.is_of_customers() && kind != "customer" {
                continue;
            }
            let told = format!("{role} {kind} {object:?} asks after");
            let notify = record::Notify { kind: kind.into(), id: id(&of(kind, role, object)), note: None };
            let done = self.write(actor, &told, move |tx, ctx| notify.clone().run(tx, ctx).map(drop));
            let expected = reference::is_near(role, object) && !object.is_gone();
            self.cell(is_refused(&done) != expected, || format!("{told}: expected {expected}, {:?}", done.err()));
        }
    }

    /// Questions that name a field are refused unless it is plain in all that is seen.
    fn questions(&mut self, role: &'static str, actor: &Actor) {
        let view = self.world.view(actor);
        let definition = self.world.store.kinds()["customer"].clone();
        let there = [Object::Own, Object::Colleague, Object::Sibling, Object::Parent];
        for (name, field) in definition.fields.iter() {
            let looks = there.iter().map(|object| reference::look(role, *object)).filter(|look| *look != Look::Nothing);
            let is_open =
                looks.map(|look| reference::shown(look, name, field.personal)).all(|shown| shown == Shown::Plain);
            let of = |filter: Value| view.find("customer", &Query { filter, ..Query::default() }).map(drop);
            let count = json!({ "n": { "count": true } }).as_object().expect("an object").clone();
            let least = json!({ "n": { "min": name } }).as_object().expect("an object").clone();
            let forms = [
                ("filter", of(json!({ name: { "empty": false } }))),
                ("not", of(json!({ "not": { name: null } }))),
                ("or", of(json!({ "or": [{ "org": "x" }, { name: { "empty": true } }] }))),
                (
                    "group",
                    view.aggregate(
                        "customer",
                        &Aggregate { group: vec![name.into()], measures: count, ..Default::default() },
                    )
                    .map(drop),
                ),
                ("measure", view.aggregate("customer", &Aggregate { measures: least, ..Default::default() }).map(drop)),
            ];
            for (form, outcome) in forms {
                let is_masked = |error: &Error| error.code == "field.masked" && error.message.contains(name);
                let is_right = if is_open { outcome.is_ok() } else { outcome.as_ref().is_err_and(is_masked) };
                self.cell(is_right, || format!("{role} {form} by {name}: open {is_open}, {outcome:?}"));
            }
        }
    }
}

fn named(kind: &str, object: &str) -> String {
    format!("{}-{object}", kind.replace('.', "-"))
}

fn of(kind: &str, role: &str, object: Object) -> String {
    match object {
        Object::Own => named(kind, &format!("own-{role}")),
        Object::RemovedOwn => named(kind, &format!("removed-{role}")),
        Object::Colleague => named(kind, "colleague"),
        Object::Sibling => named(kind, "sibling"),
        Object::Parent => named(kind, "parent"),
        Object::Removed => named(kind, "removed"),
        Object::Merged => named(kind, "merged"),
        Object::Case => named(kind, &format!("case-{role}")),
        Object::Shared => named(kind, "shared"),
    }
}

fn may(role: &str, kind: &str, verb: &str, object: Object) -> bool {
    match kind {
        "customer" => reference::may(role, verb, object),
        "t.open" => reference::may_open_kind(role, verb, object),
        _ => reference::may_said_kind(role, verb, object),
    }
}

fn shown(role: &str, kind: &str, object: Object, name: &str, is_personal: bool) -> Shown {
    match kind {
        "customer" => reference::shown(reference::look(role, object), name, is_personal),
        "t.said" if name == "secret" => reference::said_secret(role, object),
        _ => Shown::Plain,
    }
}

#[test]
fn every_role_may_on_every_object_what_the_reference_says_and_no_more() {
    let mut matrix = Matrix::new();
    for role in ROLES {
        matrix.role(role);
    }
    let Matrix { n_cells, wrong, .. } = matrix;
    assert!(
        wrong.is_empty(),
        "{} of {n_cells} cells are wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
    assert!(n_cells > 20_000, "only {n_cells} cells");
}
