//! A dealership in memory, for tests: it carries out what the plugin stages, by the rules of the kinds' own files.

use std::{collections::BTreeMap, sync::LazyLock};

use marque_sdk::{Data, Value, json, testing::Given, testing::Then};

use crate::{Complaints, case::State, moment::Moment, settings};

/// What is there between calls.
pub struct Shop {
    /// The time.
    pub now: String,
    /// Kind, data by id.
    pub records: BTreeMap<String, (String, Data)>,
    /// Timers by key: when, and what they say.
    pub timers: BTreeMap<String, (String, Value)>,
    /// Messages to customers, as they were staged.
    pub messages: Vec<Value>,
    /// Names of events raised by the plugin, with their data.
    pub raised: Vec<(String, Value)>,
    /// Settings over the defaults.
    pub settings: Value,
    /// What a dealer's script adds to the level rule's answer.
    pub script: Value,
    n_calls: usize,
}

/// The people of the shop, with their roles.
const PEOPLE: [(&str, &str); 7] = [
    ("li", "crm_officer"),
    ("wu", "crm_mgr"),
    ("gao", "gm"),
    ("zhou", "advisor"),
    ("he", "reception"),
    ("sun", "service_mgr"),
    ("hq", "hq_crm"),
];

impl Shop {
    /// Friday, 13 March 2026, ten o'clock; one customer.
    pub fn open() -> Shop {
        let mut records = BTreeMap::new();
        let mut put = |kind: &str, id: &str, data: Value| {
            records.insert(id.to_owned(), (kind.to_owned(), crate::case::patch(data)))
        };
        for (id, role) in PEOPLE {
            put("user", id, json!({ "name": id, "roles": [role], "status": "active" }));
        }
        put("customer", "c1", json!({ "name": "王磊", "type": "owner" }));
        Shop {
            now: "2026-03-13T10:00:00+08:00".into(),
            records,
            timers: BTreeMap::new(),
            messages: Vec::new(),
            raised: Vec::new(),
            settings: settings::tests::defaults(),
            script: json!({}),
            n_calls: 0,
        }
    }

    /// A person asks for an action that must succeed.
    #[track_caller]
    pub fn act(&mut self, who: &str, action: &str, target: Option<&str>, input: Value) {
        let then = self.try_act(who, action, target, input.clone());
        if let Some(fault) = then.fault() {
            panic!("{who} {action} {input}: {fault}");
        }
        self.commit(&then);
    }

    /// A person asks for an action; nothing is committed.
    pub fn try_act(&self, who: &str, action: &str, target: Option<&str>, input: Value) -> Then {
        let roles: Vec<&str> = PEOPLE.iter().filter(|(id, _)| *id == who).map(|(_, role)| *role).collect();
        self.given().actor(who, &roles).when_action::<Complaints>(action, target, input)
    }

    /// The refusal of an action that must be refused.
    #[track_caller]
    pub fn refusal(&self, who: &str, action: &str, target: &str, input: Value) -> String {
        match self.try_act(who, action, Some(target), input).fault() {
            Some(fault) => fault.code.clone(),
            None => panic!("{who} was allowed to {action}"),
        }
    }

    /// Raises a complaint of the customer; its id.
    pub fn raise(&mut self, who: &str, mut input: Value) -> String {
        input["customer"] = json!("c1");
        if input.get("facts").is_none() {
            input["facts"] = json!("刹车异响");
        }
        self.act(who, "raise", None, input);
        let made = format!("r{}-", self.n_calls);
        let mut cases = self.records.iter().filter(|(_, (kind, _))| kind == "complaints.case").map(|(id, _)| id);
        cases.find(|id| id.starts_with(&made)).expect("a case was made").clone()
    }

    /// Moves the clock and lets every timer ring that is due by then, in order.
    pub fn wait_until(&mut self, time: &str) {
        let until = time.parse::<Moment>().expect("a moment");
        while let Some((key, at)) = self.next_timer().filter(|(_, at)| *at <= until) {
            let (_, data) = self.timers.remove(&key).expect("it was just found");
            self.now = at.to_string();
            let event = json!({ "kind": "timer.fired", "subject": "c1", "data": { "plugin": "complaints", "key": key, "due_at": self.now, "data": data } });
            let then = self.given().when_event::<Complaints>(event);
            assert!(then.fault().is_none(), "{:?}", then.fault());
            self.commit(&then);
        }
        self.now = until.to_string();
    }

    fn now(&self) -> Moment {
        self.now.parse().expect("a moment")
    }

    fn next_timer(&self) -> Option<(String, Moment)> {
        let timers = self.timers.iter().map(|(key, (at, _))| (key.clone(), at.parse().expect("a moment")));
        timers.min_by_key(|(_, at)| *at)
    }

    /// A case's field.
    pub fn field(&self, case: &str, name: &str) -> Value {
        self.records[case].1.get(name).cloned().unwrap_or_default()
    }

    /// The open tasks about a case.
    pub fn tasks(&self, case: &str) -> Vec<&Data> {
        let tasks = self.records.values().filter(|(kind, _)| kind == "worklist.task").map(|(_, data)| data);
        tasks.filter(|task| task["about"] == case && task["state"] == "open").collect()
    }

    /// The events raised so far, by name.
    pub fn raised(&self, name: &str) -> Vec<&Value> {
        self.raised.iter().filter(|(kind, _)| kind == name).map(|(_, data)| data).collect()
    }

    /// I1, as promised to every other feature: an open case has an owner and an open task, and its one held task is the step it stands in.
    pub fn check_i1(&self) {
        for (id, (_, case)) in self.records.iter().filter(|(_, (kind, _))| kind == "complaints.case") {
            let tasks = self.tasks(id);
            let held: Vec<&&Data> = tasks.iter().filter(|task| task["held"] == true).collect();
            let state = State::parse(case["state"].as_str().unwrap_or_default()).expect("a known state");
            let is_open = State::OPEN.contains(&state);
            assert!(!is_open || case.get("owner").is_some(), "{id} has no owner");
            assert_ne!(
                case.get("owner"),
                case.get("responsible_staff"),
                "{id} is owned by the person complained about"
            );
            assert_eq!(
                held.len(),
                usize::from(is_open || state == State::Closed),
                "{id} is {state:?} with tasks {held:?}"
            );
            for task in held {
                assert_eq!(
                    task["step"].as_str().unwrap_or_default(),
                    format!("complaint.{}", case["step"].as_str().unwrap_or_default())
                );
                assert_eq!(task["due"], case["step_due"]);
                let timer = self.timers.get(&format!("step:{id}"));
                let is_over =
                    case["step_due"].as_str().is_some_and(|due| due.parse::<Moment>().expect("a moment") <= self.now());
                assert!(is_over || timer.is_some(), "{id}: no timer runs for {}", case["step"]);
                assert!(
                    timer.is_none_or(|(_, ring)| ring["due"] == case["step_due"]),
                    "{id}: the timer measures another step"
                );
            }
        }
    }

    fn given(&self) -> Given {
        let script = self.script.clone();
        let level = move |input: &Value| {
            let grave = input["facts"].as_str().is_some_and(|facts| facts.contains("起火"));
            let repeated = input["repeat_count"].as_u64() >= input["repeat_threshold"].as_u64();
            let level = if grave {
                "important"
            } else if repeated {
                "escalated"
            } else {
                "general"
            };
            let mut answer = json!({ "level": level, "reasons": [] });
            for (field, value) in script.as_object().into_iter().flatten() {
                answer[field] = value.clone();
            }
            answer
        };
        let escalate =
            |input: &Value| match (input["stage"].as_i64(), input["limit_minutes"].as_i64().map(|limit| limit / 2)) {
                (Some(0), Some(half)) => json!({ "to": "manager", "next": format!("{half}m"), "reasons": [] }),
                (Some(1), Some(half)) => json!({ "to": "gm", "next": format!("{half}m"), "reasons": [] }),
                _ => json!({ "to": "region", "reasons": [] }),
            };
        let given = Given::new().now(&self.now).settings(self.settings.clone());
        let given = given.decides("complaint.level", level).decides("complaint.escalate", escalate);
        self.records.iter().fold(given, |given, (id, (kind, data))| given.record(kind, id, Value::Object(data.clone())))
    }

    fn commit(&mut self, then: &Then) {
        self.n_calls += 1;
        for command in then.commands() {
            // The stand-in begins its ids anew with every call.
            let text = (1..10).fold(command.to_string(), |text, n| {
                text.replace(&format!("id-{n}\""), &format!("r{}-{n}\"", self.n_calls))
            });
            let command: Value = serde_json::from_str(&text).expect("still JSON");
            self.carry_out(command["name"].as_str().unwrap_or_default(), &command["body"]);
        }
    }

    fn carry_out(&mut self, name: &str, body: &Value) {
        let text = |key: &str| body[key].as_str().unwrap_or_default().to_owned();
        match name {
            "record.create" => self.create(&text("kind"), &text("id"), &body["data"]),
            "record.change" => self.merge(&text("id"), &body["data"]),
            "record.move" => self.take(&text("kind"), &text("id"), &text("transition"), &body["data"]),
            "message.send" => self.messages.push(body.clone()),
            "timer.set" => drop(self.timers.insert(text("key"), (text("at"), body["data"].clone()))),
            "timer.cancel" => drop(self.timers.remove(&text("key"))),
            "event.raise" => self.raised.push((text("kind"), body["data"].clone())),
            other => panic!("no command {other}"),
        }
    }

    fn create(&mut self, kind: &str, id: &str, data: &Value) {
        let mut data = data.as_object().expect("an object").clone();
        check_fields(kind, &data);
        let file = kind_file(kind);
        data.insert("state".into(), file["states"]["initial"].clone());
        if kind == "complaints.case" {
            data.insert("number".into(), json!("C000001"));
        }
        assert!(self.records.insert(id.into(), (kind.into(), data)).is_none(), "{id} is taken");
    }

    fn merge(&mut self, id: &str, patch: &Value) {
        let (kind, data) = self.records.get_mut(id).expect("the record is there");
        let patch = patch.as_object().cloned().unwrap_or_default();
        check_fields(kind, &patch);
        for (field, value) in patch {
            match value {
                Value::Null => drop(data.remove(&field)),
                value => drop(data.insert(field, value)),
            }
        }
    }

    fn take(&mut self, kind: &str, id: &str, transition: &str, patch: &Value) {
        let file = kind_file(kind);
        let transition = &file["states"]["transitions"][transition];
        let from = self.records[id].1["state"].clone();
        assert!(transition["from"].as_array().expect("a known transition").contains(&from), "{transition} from {from}");
        self.merge(id, patch);
        let data = &mut self.records.get_mut(id).expect("the record is there").1;
        for needed in transition["needs"].as_array().into_iter().flatten() {
            assert!(data.contains_key(needed.as_str().unwrap_or_default()), "{transition} needs {needed}");
        }
        data.insert("state".into(), transition["to"].clone());
    }
}

fn kind_file(kind: &str) -> &'static Value {
    static CASE: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../records/complaints.case.json")));
    static TASK: LazyLock<Value> = LazyLock::new(|| parse(include_str!("../../worklist/records/worklist.task.json")));
    match kind {
        "complaints.case" => &CASE,
        "worklist.task" => &TASK,
        other => panic!("{other} has no file"),
    }
}

fn parse(file: &str) -> Value {
    serde_json::from_str(file).expect("the file is JSON")
}

/// Every field is one of the kind, every enumerated value one of its field.
fn check_fields(kind: &str, data: &Data) {
    let file = kind_file(kind);
    for (name, value) in data {
        let field = &file["fields"][name];
        assert!(field.is_object(), "{kind} has no field {name}");
        let known: Vec<&Value> =
            field["values"].as_array().into_iter().flatten().map(|value| &value["value"]).collect();
        let given = value.as_array().map_or(vec![value], |values| values.iter().collect());
        let is_known = known.is_empty() || given.iter().all(|value| value.is_null() || known.contains(value));
        assert!(is_known, "{kind}.{name} cannot be {value}");
    }
}
