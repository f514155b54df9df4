//! What holds of every merge, whatever is done afterwards; and what records of other kinds lend to matching.

use std::collections::BTreeMap;

use marque::{
    commands::{
        Ctx, Run,
        customer::{Merge, Unmerge},
        record::{Change, Create, Created, Outcome},
    },
    model::{Data, Id, Kind, Query, Record, Scope, Time, survivorship::Choice},
    store::{Store, StoreConfig, tables},
};
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestRunner},
};
use serde_json::{Value, json};

const NOON: Time = Time::from_millis(1_773_374_400_000);
const HOUR_MS: i64 = 3_600_000;

struct House {
    store: Store,
    _folder: tempfile::TempDir,
}

fn house() -> House {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path(), &StoreConfig::default()).expect("a store");
    let house = House { store, _folder: folder };
    let org = json!({ "code": "hq", "name": "总部", "type": "maker" });
    house.run(0, create("org", Some("hq"), org));
    house
}

fn create(kind: &str, id: Option<&str>, data: Value) -> Create {
    let data = data.as_object().expect("an object").clone();
    Create { id: id.map(|id| id.parse().expect("an id")), org: Some(Id::hq()), ..Create::new(kind, data) }
}

impl House {
    /// Run a command some hours after noon.
    fn run<C: Run + Send + 'static>(&self, hour: i64, command: C) -> C::Done
    where
        C::Done: Send + 'static,
    {
        self.try_run(hour, command).unwrap_or_else(|error| panic!("refused: {error}"))
    }

    fn try_run<C: Run + Send + 'static>(&self, hour: i64, command: C) -> marque::Result<C::Done>
    where
        C::Done: Send + 'static,
    {
        let ctx = Ctx::system(Id::hq(), NOON.plus_millis(hour * HOUR_MS), Default::default());
        self.store.commit_blocking(move |tx| command.run(tx, &ctx))
    }

    fn customer(&self, data: Value) -> Created {
        self.run(0, create("customer", None, data))
    }

    fn read(&self, id: &Id) -> Record {
        self.store.view(Scope::All).and_then(|view| view.one("customer", id)).expect("a customer")
    }

    fn reviews(&self) -> Vec<Record> {
        let view = self.store.view(Scope::All).expect("a view");
        view.find("review", &Query::default()).expect("a page").items
    }

    fn install(&self, kind: Value) {
        let kind: Kind = serde_json::from_value(kind).expect("a kind");
        self.store.commit_blocking(move |tx| tx.install_kind(&kind)).expect("installed");
    }
}

/// Fields by which nobody is matched, so that only the test merges.
const FIELDS: [&str; 4] = ["city", "interest", "note", "tags"];

fn values() -> impl Strategy<Value = Vec<Option<u8>>> {
    prop::collection::vec(prop::option::of(0u8..4), FIELDS.len())
}

fn named(values: &[Option<u8>], prefix: &str) -> Data {
    let pairs = FIELDS.iter().zip(values);
    pairs.filter_map(|(field, value)| Some(((*field).to_owned(), json!(format!("{prefix}{}", (*value)?))))).collect()
}

/// An edit of some field after the merge: a new value, or none.
fn edits() -> impl Strategy<Value = Vec<(usize, Option<u8>)>> {
    prop::collection::vec((0..FIELDS.len(), prop::option::of(0u8..4)), 0..5)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Every value that can still be read: in one of the records, in a conflict, in the history.
fn readable(house: &House, ids: [&Id; 2], conflicts: &[marque::model::merge::Conflict]) -> Vec<String> {
    let view = house.store.view(Scope::All).expect("a view");
    let mut found = Vec::new();
    for id in ids {
        let record = view.one("customer", id).expect("a customer");
        found.extend(record.data.values().filter_map(text));
        for revision in tables::revision::list(&view, "customer", id, u32::MAX, 500).expect("revisions") {
            let pairs = revision.changes.values().filter_map(Value::as_array).flatten();
            found.extend(pairs.filter_map(text));
        }
    }
    found.extend(conflicts.iter().flat_map(|conflict| [text(&conflict.now), text(&conflict.before)]).flatten());
    found
}

#[test]
fn merge_edit_and_undo_loses_no_value() {
    let house = house();
    let chosen = prop::collection::vec(any::<bool>(), FIELDS.len());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(96));
    let outcome = runner.run(&(values(), values(), edits(), chosen), |(mine, theirs, edits, chosen)| {
        merge_edit_and_undo(&house, &mine, &theirs, &edits, &chosen)
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

fn merge_edit_and_undo(
    house: &House,
    mine: &[Option<u8>],
    theirs: &[Option<u8>],
    edits: &[(usize, Option<u8>)],
    chosen: &[bool],
) -> Result<(), TestCaseError> {
    let (mut this, mut other) = (named(mine, "m"), named(theirs, "t"));
    this.insert("name".into(), json!("甲"));
    other.insert("name".into(), json!("乙"));
    let a = house.customer(Value::Object(this.clone())).record;
    let b = house.customer(Value::Object(other.clone())).record;
    let both = FIELDS.iter().zip(chosen).filter(|(field, _)| this.contains_key(**field) && other.contains_key(**field));
    let choose =
        both.map(|(field, is_this)| ((*field).to_owned(), if *is_this { Choice::This } else { Choice::Other }));
    let merge = Merge { id: a.id.clone(), other: b.id.clone(), choose: choose.collect(), why: None };
    let merged = house.run(1, merge);
    prop_assert_eq!(house.read(&b.id).id, a.id.clone());
    let mut edited: BTreeMap<&str, Option<Value>> = BTreeMap::new();
    for (n, (field, value)) in edits.iter().enumerate() {
        let value = value.map(|value| json!(format!("e{n}-{value}")));
        let data: Data = [(FIELDS[*field].to_owned(), json!(value))].into_iter().collect();
        edited.insert(FIELDS[*field], value);
        let change = Change::new("customer", a.id.clone(), data);
        house.run(2, change);
    }
    let last = house.read(&a.id).data;
    let unmerge = Unmerge { id: a.id.clone(), merge: merged.merge.clone(), why: None };
    let parted = house.run(3, unmerge.clone());
    prop_assert_eq!(house.try_run(4, unmerge).expect_err("a second undo").code, "merge.undone");

    prop_assert_eq!(&house.read(&b.id).data, &b.data, "the other is what it was");
    let now = house.read(&a.id).data;
    for field in FIELDS {
        let is_changed_by_merge = a.data.get(field) != merged.record.data.get(field);
        let is_edited = last.get(field) != merged.record.data.get(field);
        let expected = if is_changed_by_merge && !is_edited { a.data.get(field) } else { last.get(field) };
        prop_assert_eq!(now.get(field), expected, "{}", field);
        let is_told = parted.conflicts.iter().any(|conflict| conflict.field == field);
        let is_conflict = is_changed_by_merge && is_edited && last.get(field) != a.data.get(field);
        prop_assert_eq!(is_told, is_conflict, "{}", field);
    }
    let readable = readable(house, [&a.id, &b.id], &parted.conflicts);
    let written = this.values().chain(other.values()).filter_map(text);
    for value in written.chain(edited.values().flatten().filter_map(text)) {
        prop_assert!(readable.contains(&value), "{} is lost", value);
    }
    Ok(())
}

#[test]
fn a_customer_is_known_by_the_phone_and_the_vehicle_that_other_records_lend_it() {
    let house = house();
    let customer = || json!({ "type": "ref", "to": "customer", "label": "Customer" });
    house.install(json!({
        "kind": "probe.contact", "label": "Contact", "title": "value",
        "lends": { "to": "customer", "by": "customer", "fields": { "phone": "value" }, "when": { "stopped": { "ne": true } }, "verified": "verified_at" },
        "fields": {
            "customer": customer(), "value": { "type": "phone", "label": "Value" }, "stopped": { "type": "bool", "label": "Stopped" },
            "verified_at": { "type": "datetime", "label": "Verified" },
        },
    }));
    house.install(json!({
        "kind": "probe.vehicle", "label": "Vehicle", "title": "vin",
        "fields": { "vin": { "type": "vin", "label": "VIN", "indexed": true } },
    }));
    house.install(json!({
        "kind": "probe.ownership", "label": "Ownership", "title": "customer",
        "lends": { "to": "customer", "by": "customer", "fields": { "vin": "vehicle.vin" } },
        "fields": { "customer": customer(), "vehicle": { "type": "ref", "to": "probe.vehicle", "label": "Vehicle" } },
    }));
    let known = house.customer(json!({ "name": "张伟", "phone": "13800001234" })).record;
    let contact =
        house.run(0, create("probe.contact", None, json!({ "customer": known.id, "value": "13900001234" }))).record;
    let again = house.customer(json!({ "name": "张伟", "phone": "13900001234" }));
    assert_eq!(
        (again.outcome, &again.record.id),
        (Outcome::Known, &known.id),
        "50 for the lent phone and 30 for the name"
    );

    let vehicle = house.run(0, create("probe.vehicle", None, json!({ "vin": "LSGPC52U6TF100001" }))).record;
    house.run(0, create("probe.ownership", None, json!({ "customer": known.id, "vehicle": vehicle.id })));
    let told = |vin: &str| {
        let mut told = create("customer", None, json!({ "name": "张伟", "phone": "13700007777" }));
        told.hints = serde_json::from_value(json!({ "vin": vin })).expect("hints");
        told
    };
    let wrong = house.try_run(0, told("LSGPC52U6TF100010")).expect_err("a wrong check digit");
    assert_eq!((wrong.errors[0].pointer.as_str(), wrong.errors[0].code.as_str()), ("/match/vin", "vin.check_digit"));
    let perhaps = house.run(0, told("lsgpc52u6tf100001"));
    assert_eq!(perhaps.outcome, Outcome::Review);
    let review = &house.reviews()[0];
    assert_eq!(
        (review.field("points"), review.text("reason")),
        (&json!(60), Some("name, vin")),
        "30 for the name, 30 for the vehicle"
    );
    assert!(!perhaps.record.data.contains_key("vin"), "a hint is matched and not kept");

    let change = |data: Value| {
        let data = data.as_object().expect("an object").clone();
        Change::new("probe.contact", contact.id.clone(), data)
    };
    house.run(1, change(json!({ "stopped": true })));
    let free = house.customer(json!({ "name": "张伟", "phone": "13900001234" }));
    assert_eq!(free.outcome, Outcome::New, "a number that is stopped says nothing: 30 for the name");
    let before = house.reviews().len();
    house.run(2, change(json!({ "stopped": false })));
    assert_eq!(house.reviews().len(), before + 1, "two who are there now share a phone: a person decides, at 80 too");
    house.run(3, change(json!({ "stopped": true })));
    house.run(4, change(json!({ "stopped": false })));
    assert_eq!(house.reviews().len(), before + 1, "and is asked once");
    assert_ne!(house.read(&free.record.id).id, known.id);
}

#[test]
fn a_proved_number_outlives_a_newer_one() {
    let house = house();
    house.install(json!({
        "kind": "probe.contact", "label": "Contact", "title": "value",
        "lends": { "to": "customer", "by": "customer", "fields": { "phone": "value" }, "verified": "verified_at" },
        "fields": {
            "customer": { "type": "ref", "to": "customer", "label": "Customer" }, "value": { "type": "phone", "label": "Value" },
            "verified_at": { "type": "datetime", "label": "Verified" },
        },
    }));
    let old = house.customer(json!({ "name": "张伟", "phone": "13800001234" })).record;
    house.run(
        0,
        create("probe.contact", None, json!({ "customer": old.id, "value": "13800001234", "verified_at": NOON })),
    );
    let new = house.run(5, create("customer", None, json!({ "name": "张玮", "phone": "13900001234" }))).record;
    let merged = house.run(6, Merge { id: old.id.clone(), other: new.id, choose: BTreeMap::new(), why: None });
    assert_eq!(merged.record.text("phone"), Some("+8613800001234"));
    assert_eq!(merged.record.text("name"), Some("张玮"), "what nobody proved goes by age");
}

#[test]
fn a_kind_may_say_how_its_lists_are_ordered() {
    let kind: Kind = serde_json::from_value(json!({
        "kind": "probe.thing", "label": "Thing", "title": "b", "order": "-b",
        "fields": { "b": { "type": "text", "label": "B", "indexed": true }, "a": { "type": "text", "label": "A" } },
    }))
    .expect("a kind");
    let house = house();
    house.store.commit_blocking(move |tx| tx.install_kind(&kind)).expect("installed");
    for b in ["1", "3", "2"] {
        house.run(0, create("probe.thing", None, json!({ "b": b })));
    }
    let view = house.store.view(Scope::All).expect("a view");
    let items = view.find("probe.thing", &Query::default()).expect("a page").items;
    let order: Vec<&str> = items.iter().filter_map(|item| item.text("b")).collect();
    assert_eq!(order, ["3", "2", "1"]);
}
