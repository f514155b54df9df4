//! What is there before, and what then happens.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::{
    Then, calendar,
    stand_in::{self, StandIn},
};
use crate::{Act, Action, Event, Fault, React, Record, Result, Upkeep, Value, Verdict, bind::RawEvent, json};

/// The world before: records, settings, time, who asks.
#[derive(Debug)]
pub struct Given {
    stand_in: StandIn,
}

impl Default for Given {
    fn default() -> Given {
        Given::new()
    }
}

impl Given {
    /// An empty store on Friday, 13 March 2026, at ten in Shanghai, open 08:30–18:00 every day.
    pub fn new() -> Given {
        Given { stand_in: StandIn::default() }
    }

    /// The time of the call.
    #[must_use]
    pub fn now(mut self, now: &str) -> Given {
        self.stand_in.now = calendar::moment(now).unwrap_or_else(|fault| panic!("{fault}"));
        self
    }

    /// The calling organisation; `d1` unless said.
    #[must_use]
    pub fn org(mut self, org: &str) -> Given {
        self.stand_in.org = org.to_owned();
        self
    }

    /// The person who asks; nobody unless said.
    #[must_use]
    pub fn actor(mut self, id: &str, roles: &[&str]) -> Given {
        self.stand_in.actor = Some(json!({ "kind": "user", "id": id, "name": id, "roles": roles }));
        self
    }

    /// A record of the calling organisation, at revision 1, made just now.
    #[must_use]
    pub fn record(mut self, kind: &str, id: &str, data: Value) -> Given {
        let Value::Object(data) = data else { panic!("the data of {kind} {id} must be an object, not {data}") };
        let now = calendar::text(self.stand_in.now);
        let (id, kind, org) = (id.to_owned(), kind.to_owned(), self.stand_in.org.clone());
        self.stand_in.records.push(Record { id, kind, rev: 1, org, created_at: now.clone(), updated_at: now, data });
        self
    }

    /// The plugin's settings, whole; no defaults are filled in.
    #[must_use]
    pub fn settings(mut self, settings: Value) -> Given {
        self.stand_in.settings = settings;
        self
    }

    /// How a decision point answers. The receipts are `receipt-1`, `receipt-2` …
    #[must_use]
    pub fn decides(mut self, point: &str, rule: impl Fn(&Value) -> Value + 'static) -> Given {
        self.stand_in.points.insert(point.to_owned(), Box::new(move |input| Ok(rule(input))));
        self
    }

    /// A decision point that fails.
    #[must_use]
    pub fn decision_fails(mut self, point: &str, fault: Fault) -> Given {
        self.stand_in.points.insert(point.to_owned(), Box::new(move |_| Err(fault.clone())));
        self
    }

    /// The plugin hears an event: `{"kind","subject"?,"data"?,"seq"?,"at"?,"org"?,"actor"?,"cause"?,"depth"?}`.
    #[must_use = "a test that checks nothing proves nothing"]
    pub fn when_event<P: React>(self, event: Value) -> Then {
        self.when_events::<P>(&[event])
    }

    /// The plugin hears several events in one batch.
    #[must_use = "a test that checks nothing proves nothing"]
    pub fn when_events<P: React>(self, events: &[Value]) -> Then {
        let events: Vec<Event> = events.iter().enumerate().map(|(n, event)| self.event(n + 1, event)).collect();
        self.call(|| P::handle_batch(&events)).with_verdicts()
    }

    /// A person asks the plugin for an action.
    #[must_use = "a test that checks nothing proves nothing"]
    pub fn when_action<P: Act>(self, name: &str, target: Option<&str>, input: Value) -> Then {
        let action = Action::new(name, target.map(str::to_owned), input);
        self.call(|| P::run(&action)).with_reply()
    }

    /// The plugin was upgraded.
    #[must_use = "a test that checks nothing proves nothing"]
    pub fn when_upgraded<P: Upkeep>(self, old: &str, new: &str) -> Then {
        self.call(|| P::migrate(old, new)).with_nothing()
    }

    /// Any code that calls the server, for tests of single rules.
    pub fn run(self, code: impl FnOnce() -> Result<()>) -> Then {
        let done = self.call(code);
        if let Err(fault) = &done.result {
            panic!("{fault}");
        }
        done.with_nothing()
    }

    fn call<T>(self, code: impl FnOnce() -> Result<T>) -> Done<T> {
        stand_in::install(self.stand_in);
        let result = catch_unwind(AssertUnwindSafe(code));
        let stand_in = stand_in::take();
        match result {
            Ok(result) => Done { result, stand_in },
            Err(panic) => resume_unwind(panic),
        }
    }

    fn event(&self, n: usize, event: &Value) -> Event {
        let text = |key: &str| event.get(key).and_then(Value::as_str).map(str::to_owned);
        let raw = RawEvent {
            seq: text("seq").unwrap_or_else(|| n.to_string()),
            kind: text("kind").unwrap_or_else(|| panic!("an event needs a kind: {event}")),
            at: text("at").unwrap_or_else(|| calendar::text(self.stand_in.now)),
            subject: text("subject"),
            org: text("org").unwrap_or_else(|| self.stand_in.org.clone()),
            actor: text("actor"),
            cause: text("cause"),
            depth: event.get("depth").and_then(Value::as_u64).unwrap_or(0) as u8,
            data: event.get("data").unwrap_or(&json!({})).to_string(),
        };
        Event::from_raw(raw).unwrap_or_else(|fault| panic!("{fault}"))
    }
}

/// A call that has returned.
struct Done<T> {
    result: Result<T>,
    stand_in: StandIn,
}

impl Done<Vec<Verdict>> {
    fn with_verdicts(self) -> Then {
        Then::new(self.stand_in, self.result.map(|verdicts| (Value::Null, verdicts)))
    }
}

impl Done<Value> {
    fn with_reply(self) -> Then {
        Then::new(self.stand_in, self.result.map(|reply| (reply, Vec::new())))
    }
}

impl Done<()> {
    fn with_nothing(self) -> Then {
        Then::new(self.stand_in, self.result.map(|()| (Value::Null, Vec::new())))
    }
}
