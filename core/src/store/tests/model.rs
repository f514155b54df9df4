//! The store against a model of it: whatever is done in whatever order, both tell the same.

use std::{cmp::Ordering, collections::BTreeMap};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NOON, store};
use crate::{
    commands::{Ctx, Run, record},
    model::{Aggregate, Data, Id, Kind, Query, Record, Scope, Time},
    store::{Search, Store, Tx},
};

/// What is done. Numbers stand for records by their place in the order of making.
#[derive(Clone, Debug)]
enum Act {
    Create { org: usize, name: usize, city: Option<usize>, n: Option<i64> },
    Change { which: usize, name: Option<usize>, city: Option<Option<usize>>, n: Option<Option<i64>>, is_stale: bool },
    Move { which: usize },
    Remove { which: usize },
    List { scope: usize, tests: Vec<Test>, is_any: bool, order: usize, limit: u32 },
    Search { scope: usize, name: usize, n_chars: usize },
    Group { scope: usize, tests: Vec<Test> },
}

#[derive(Clone, Debug)]
enum Test {
    City(usize),
    NotCity(usize),
    NoCity,
    AtLeast(i64),
    Between(i64, i64),
    State(usize),
    Name(usize),
}

const ORGS: [&str; 3] = ["d1", "d2", "d3"];
const NAMES: [&str; 6] = ["王磊", "王小磊", "李娜", "欧阳娜", "Anna Li", "王"];
const CITIES: [&str; 3] = ["武汉", "长沙", "Wuhan"];
const STATES: [&str; 2] = ["open", "closed"];
const ORDERS: [&str; 6] = ["", "n", "-n,city", "city,-created_at", "-updated_at", "-city"];

fn kind() -> Kind {
    serde_json::from_value(json!({
        "kind": "t.thing", "label": "T", "title": "name",
        "fields": {
            "name": { "type": "text", "label": "N", "required": true, "searchable": true },
            "city": { "type": "text", "label": "C", "indexed": true },
            "n": { "type": "int", "label": "N", "indexed": true },
            "state": { "type": "enum", "label": "S", "values": [{ "value": "open", "label": "o" }, { "value": "closed", "label": "c" }] }
        },
        "states": { "field": "state", "initial": "open", "transitions": { "close": { "label": "C", "from": ["open"], "to": "closed", "event": "closed" } } }
    }))
    .expect("a kind")
}

fn act() -> impl Strategy<Value = Act> {
    let name = || 0..NAMES.len();
    let city = || prop::option::of(0..CITIES.len());
    let n = || prop::option::of(-2..3_i64);
    let tests = || prop::collection::vec(test(), 0..3);
    prop_oneof![
        5 => (0..ORGS.len(), name(), city(), n()).prop_map(|(org, name, city, n)| Act::Create { org, name, city, n }),
        3 => (0..40_usize, prop::option::of(name()), prop::option::of(city()), prop::option::of(n()), prop::bool::weighted(0.1))
            .prop_map(|(which, name, city, n, is_stale)| Act::Change { which, name, city, n, is_stale }),
        2 => (0..40_usize).prop_map(|which| Act::Move { which }),
        1 => (0..40_usize).prop_map(|which| Act::Remove { which }),
        4 => (0..4_usize, tests(), any::<bool>(), 0..ORDERS.len(), 1..6_u32)
            .prop_map(|(scope, tests, is_any, order, limit)| Act::List { scope, tests, is_any, order, limit }),
        2 => (0..4_usize, name(), 1..3_usize).prop_map(|(scope, name, n_chars)| Act::Search { scope, name, n_chars }),
        2 => (0..4_usize, tests()).prop_map(|(scope, tests)| Act::Group { scope, tests }),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    prop_oneof![
        (0..CITIES.len()).prop_map(Test::City),
        (0..CITIES.len()).prop_map(Test::NotCity),
        Just(Test::NoCity),
        (-2..3_i64).prop_map(Test::AtLeast),
        (-2..3_i64, -2..3_i64).prop_map(|(from, to)| Test::Between(from, to)),
        (0..STATES.len()).prop_map(Test::State),
        (0..NAMES.len()).prop_map(Test::Name),
    ]
}

impl Test {
    fn filter(&self) -> Value {
        match self {
            Test::City(city) => json!({ "city": CITIES[*city] }),
            Test::NotCity(city) => json!({ "city": { "ne": CITIES[*city] } }),
            Test::NoCity => json!({ "city": { "empty": true } }),
            Test::AtLeast(n) => json!({ "n": { "gte": n } }),
            Test::Between(from, to) => json!({ "n": { "between": [from, to] } }),
            Test::State(state) => json!({ "state": { "in": [STATES[*state]] } }),
            Test::Name(name) => json!({ "name": { "contains": NAMES[*name].to_lowercase() } }),
        }
    }

    fn holds(&self, record: &Record) -> bool {
        let n = record.field("n").as_i64();
        match self {
            Test::City(city) => record.text("city") == Some(CITIES[*city]),
            Test::NotCity(city) => record.text("city") != Some(CITIES[*city]),
            Test::NoCity => record.text("city").is_none(),
            Test::AtLeast(least) => n.is_some_and(|n| n >= *least),
            Test::Between(from, to) => n.is_some_and(|n| (*from..=*to).contains(&n)),
            Test::State(state) => record.text("state") == Some(STATES[*state]),
            Test::Name(name) => {
                record.text("name").unwrap_or_default().to_lowercase().contains(&NAMES[*name].to_lowercase())
            }
        }
    }
}

/// A command from its body, as it travels.
fn command<C: serde::de::DeserializeOwned>(body: Value) -> C {
    serde_json::from_value(body).expect("a command")
}

/// Both, side by side.
struct Pair {
    store: Store,
    model: Vec<Record>,
    n_made: usize,
    now: Time,
}

impl Pair {
    fn run<C: Run + Send + 'static>(&self, command: C) -> crate::Result<C::Done>
    where
        C::Done: Send + 'static,
    {
        let now = self.now;
        self.store
            .commit_blocking(move |tx: &mut Tx<'_>| command.run(tx, &Ctx::system(Id::hq(), now, Default::default())))
    }

    fn which(&self, which: usize) -> Option<usize> {
        (!self.model.is_empty()).then(|| which % self.model.len())
    }

    fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
        // Every third thing happens in the same millisecond as the one before.
        self.now = self.now.plus_millis(i64::from(!self.n_made.is_multiple_of(3)));
        match act {
            Act::Create { org, name, city, n } => self.create(*org, *name, *city, *n),
            Act::Change { which, name, city, n, is_stale } => self.change(*which, *name, *city, *n, *is_stale),
            Act::Move { which } => self.close(*which),
            Act::Remove { which } => self.remove(*which),
            Act::List { scope, tests, is_any, order, limit } => {
                self.list(*scope, tests, *is_any, ORDERS[*order], *limit)
            }
            Act::Search { scope, name, n_chars } => self.search(*scope, *name, *n_chars),
            Act::Group { scope, tests } => self.group(*scope, tests),
        }
    }

    fn create(&mut self, org: usize, name: usize, city: Option<usize>, n: Option<i64>) -> Result<(), TestCaseError> {
        let mut data = Data::new();
        data.insert("name".into(), json!(NAMES[name]));
        data.extend(city.map(|city| ("city".to_owned(), json!(CITIES[city]))));
        data.extend(n.map(|n| ("n".to_owned(), json!(n))));
        let id: Id = format!("t{:03}", (self.n_made * 53) % 997).parse().expect("an id");
        self.n_made += 1;
        let org: Id = ORGS[org].parse().expect("an id");
        let command: record::Create = command(json!({ "kind": "t.thing", "id": id, "org": org, "data": data }));
        let made = self.run(command).expect("a record").record;
        data.insert("state".into(), json!("open"));
        let expected = Record {
            id,
            kind: "t.thing".into(),
            rev: 1,
            org,
            created_at: self.now,
            updated_at: self.now,
            data,
            stale: Vec::new(),
            seen: Default::default(),
        };
        prop_assert_eq!(&made, &expected);
        self.model.push(expected);
        Ok(())
    }

    fn change(
        &mut self,
        which: usize,
        name: Option<usize>,
        city: Option<Option<usize>>,
        n: Option<Option<i64>>,
        is_stale: bool,
    ) -> Result<(), TestCaseError> {
        let Some(at) = self.which(which) else { return Ok(()) };
        let mut patch = Data::new();
        patch.extend(name.map(|name| ("name".to_owned(), json!(NAMES[name]))));
        patch.extend(city.map(|city| ("city".to_owned(), json!(city.map(|city| CITIES[city])))));
        patch.extend(n.map(|n| ("n".to_owned(), json!(n))));
        let rev = self.model[at].rev;
        let if_rev = Some(if is_stale { rev + 1 } else { rev });
        let command: record::Change =
            command(json!({ "kind": "t.thing", "id": self.model[at].id, "if_rev": if_rev, "data": patch }));
        let changed = self.run(command);
        if is_stale {
            prop_assert_eq!(changed.expect_err("refused").code, "record.stale");
            return Ok(());
        }
        let now = self.now;
        let known = &mut self.model[at];
        let before = known.data.clone();
        for (field, value) in patch {
            if value.is_null() {
                known.data.remove(&field);
            } else {
                known.data.insert(field, value);
            }
        }
        if known.data != before {
            (known.rev, known.updated_at) = (rev + 1, now);
        }
        prop_assert_eq!(&changed.expect("changed"), &*known);
        Ok(())
    }

    fn close(&mut self, which: usize) -> Result<(), TestCaseError> {
        let Some(at) = self.which(which) else { return Ok(()) };
        let command: record::Move =
            command(json!({ "kind": "t.thing", "id": self.model[at].id, "transition": "close" }));
        let moved = self.run(command);
        let now = self.now;
        let known = &mut self.model[at];
        if known.text("state") == Some("closed") {
            prop_assert_eq!(moved.expect_err("refused").code, "state.refused");
            return Ok(());
        }
        known.data.insert("state".into(), json!("closed"));
        (known.rev, known.updated_at) = (known.rev + 1, now);
        prop_assert_eq!(&moved.expect("moved"), &*known);
        Ok(())
    }

    fn remove(&mut self, which: usize) -> Result<(), TestCaseError> {
        let Some(at) = self.which(which) else { return Ok(()) };
        let gone = self.model.remove(at);
        self.run(command::<record::Remove>(json!({ "kind": "t.thing", "id": gone.id, "if_rev": gone.rev })))
            .expect("removed");
        Ok(())
    }

    fn visible(&self, scope: usize) -> (Scope, Vec<Record>) {
        let scope = match ORGS.get(scope) {
            Some(org) => Scope::one(org.parse().expect("an id")),
            None => Scope::Orgs(std::sync::Arc::new(ORGS[..2].iter().map(|org| org.parse().expect("an id")).collect())),
        };
        let records = self.model.iter().filter(|record| scope.holds(&record.org)).cloned().collect();
        (scope, records)
    }

    fn list(&self, scope: usize, tests: &[Test], is_any: bool, order: &str, limit: u32) -> Result<(), TestCaseError> {
        let (scope, records) = self.visible(scope);
        let filters: Vec<Value> = tests.iter().map(Test::filter).collect();
        let filter = json!({ if is_any { "or" } else { "and" }: filters });
        let meets = |record: &Record| {
            if is_any {
                tests.iter().any(|test| test.holds(record))
            } else {
                tests.iter().all(|test| test.holds(record))
            }
        };
        let mut expected: Vec<Record> = records.into_iter().filter(meets).collect();
        sort(&mut expected, order);
        let mut told = Vec::new();
        let mut cursor = None;
        loop {
            let query = Query {
                filter: filter.clone(),
                order: order.into(),
                limit: Some(limit),
                cursor,
                search: None,
                count: true,
            };
            let page = self.store.view(scope.clone()).expect("a view").find("t.thing", &query).expect("a page");
            prop_assert_eq!(page.count, Some(expected.len() as u64), "{}", filter);
            prop_assert!(page.items.len() <= limit as usize);
            told.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        prop_assert_eq!(told, expected, "{} by {}", filter, order);
        Ok(())
    }

    fn search(&self, scope: usize, name: usize, n_chars: usize) -> Result<(), TestCaseError> {
        let words: String =
            NAMES[name].chars().take(if NAMES[name].is_ascii() { n_chars + 2 } else { n_chars }).collect();
        let (scope, records) = self.visible(scope);
        let bare = |text: &str| text.to_lowercase().replace(' ', "");
        let mut expected: Vec<Id> = records
            .into_iter()
            // A name of two characters may be spelled as these letters are; nothing here is.
            .filter(|record| bare(record.text("name").unwrap_or_default()).contains(&bare(&words)))
            .map(|record| record.id)
            .collect();
        expected.sort();
        let view = self.store.view(scope).expect("a view");
        let search = Search { words: words.clone(), kinds: vec!["t.thing".into()], own: None, limit: 100 };
        let mut found: Vec<Id> =
            view.search(&search).expect("found").into_iter().map(|found| found.record.id).collect();
        let query = Query { search: Some(words.clone()), limit: Some(500), ..Query::default() };
        let mut listed: Vec<Id> =
            view.find("t.thing", &query).expect("a page").items.into_iter().map(|record| record.id).collect();
        found.sort();
        listed.sort();
        prop_assert_eq!(&found, &expected, "{}", words);
        prop_assert_eq!(&listed, &expected, "{}", words);
        Ok(())
    }

    fn group(&self, scope: usize, tests: &[Test]) -> Result<(), TestCaseError> {
        let (scope, records) = self.visible(scope);
        let mut expected: BTreeMap<String, (i64, Option<i64>)> = BTreeMap::new();
        for record in records.iter().filter(|record| tests.iter().all(|test| test.holds(record))) {
            let (count, sum) = expected.entry(record.field("city").to_string()).or_default();
            *count += 1;
            *sum = record.field("n").as_i64().map_or(*sum, |n| Some(sum.unwrap_or_default() + n));
        }
        let aggregate = Aggregate {
            filter: json!({ "and": tests.iter().map(Test::filter).collect::<Vec<_>>() }),
            group: vec!["city".into()],
            measures: json!({ "count": { "count": true }, "sum": { "sum": "n" } })
                .as_object()
                .expect("an object")
                .clone(),
        };
        let groups = self.store.view(scope).expect("a view").aggregate("t.thing", &aggregate).expect("groups");
        let told: BTreeMap<String, (i64, Option<i64>)> = groups
            .into_iter()
            .map(|group| {
                (group["city"].to_string(), (group["count"].as_i64().unwrap_or_default(), group["sum"].as_i64()))
            })
            .collect();
        prop_assert_eq!(told, expected);
        Ok(())
    }
}

fn sort(records: &mut [Record], order: &str) {
    let order = if order.is_empty() { "-created_at" } else { order };
    let mut keys: Vec<(&str, bool)> =
        order.split(',').map(|part| part.strip_prefix('-').map_or((part, false), |name| (name, true))).collect();
    keys.push(("id", keys.last().is_some_and(|(_, descending)| *descending)));
    records.sort_by(|a, b| {
        keys.iter().fold(Ordering::Equal, |so_far, (name, descending)| {
            let ordering = match *name {
                "created_at" => a.created_at.cmp(&b.created_at),
                "updated_at" => a.updated_at.cmp(&b.updated_at),
                "id" => a.id.cmp(&b.id),
                "n" => a.field("n").as_i64().cmp(&b.field("n").as_i64()),
                name => a.text(name).cmp(&b.text(name)),
            };
            so_far.then(if *descending { ordering.reverse() } else { ordering })
        })
    });
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_store_tells_what_the_model_tells(acts in prop::collection::vec(act(), 1..60)) {
        let (_folder, store) = store(&["hq", "d1", "d2", "d3"]);
        store.commit_blocking(|tx| tx.install_kind(&kind())).expect("the kind");
        let mut pair = Pair { store, model: Vec::new(), n_made: 0, now: NOON };
        for act in &acts {
            pair.act(act)?;
        }
    }
}
