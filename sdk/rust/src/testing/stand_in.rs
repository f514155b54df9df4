//! The stand-in itself: answers the imports from memory, one for each test's thread.

use std::{cell::RefCell, collections::BTreeMap, fmt};

use jiff::Timestamp;

use super::{calendar, matching};
use crate::{Fault, Record, Result, Value, bind::RawCommand, json};

type Rule = Box<dyn Fn(&Value) -> Result<Value>>;

/// What the imports see and leave behind.
pub struct StandIn {
    pub now: Timestamp,
    pub org: String,
    pub actor: Option<Value>,
    pub records: Vec<Record>,
    pub settings: Value,
    pub points: BTreeMap<String, Rule>,
    pub staged: Vec<Value>,
    pub logs: Vec<(u8, String)>,
    pub decisions: Vec<(String, Value)>,
    n_ids: u32,
}

impl Default for StandIn {
    fn default() -> StandIn {
        StandIn {
            now: calendar::moment("2026-03-13T10:00:00+08:00").expect("the text is a moment"),
            org: "d1".into(),
            actor: None,
            records: Vec::new(),
            settings: json!({}),
            points: BTreeMap::new(),
            staged: Vec::new(),
            logs: Vec::new(),
            decisions: Vec::new(),
            n_ids: 0,
        }
    }
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIn").field("now", &self.now).field("records", &self.records).finish_non_exhaustive()
    }
}

thread_local! {
    static CURRENT: RefCell<Option<StandIn>> = const { RefCell::new(None) };
}

/// Makes it answer this thread's imports.
pub fn install(stand_in: StandIn) {
    CURRENT.with_borrow_mut(|current| {
        assert!(current.is_none(), "a test is running inside another: `Given` cannot be nested");
        *current = Some(stand_in);
    });
}

/// Takes it back with what it saw.
pub fn take() -> StandIn {
    CURRENT.with_borrow_mut(|current| current.take().expect("it was installed before the call"))
}

/// Lets an import reach it.
pub(crate) fn with_stand_in<T>(code: impl FnOnce(&mut StandIn) -> T) -> T {
    CURRENT.with_borrow_mut(|current| {
        code(current.as_mut().expect("natively the server is called inside `marque_sdk::testing::Given` only"))
    })
}

impl StandIn {
    pub fn get(&self, kind: &str, ids: &[String]) -> String {
        let found: Vec<Option<&Record>> =
            ids.iter().map(|id| self.records.iter().find(|record| record.kind == kind && record.id == *id)).collect();
        json!(found).to_string()
    }

    pub fn find(&self, kind: &str, query: &str) -> Result<String> {
        let query: Value = serde_json::from_str(query)?;
        let mut found = self.matching(kind, &query)?;
        matching::sort(&mut found, query["order"].as_str().unwrap_or_default());
        let limit = query["limit"].as_u64().unwrap_or(25).min(500) as usize;
        let start: usize = query["cursor"].as_str().and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let page: Vec<&Value> = found.iter().skip(start).take(limit).collect();
        let next = (found.len() > start + limit).then(|| (start + limit).to_string());
        Ok(json!({ "items": page, "next": next }).to_string())
    }

    pub fn aggregate(&self, kind: &str, query: &str) -> Result<String> {
        let query: Value = serde_json::from_str(query)?;
        let rows = matching::aggregate(&self.matching(kind, &query)?, &query)?;
        Ok(json!({ "items": rows }).to_string())
    }

    fn matching(&self, kind: &str, query: &Value) -> Result<Vec<Value>> {
        let context = matching::Context { now: self.now, me: self.actor.as_ref().map(|actor| &actor["id"]) };
        let mut found = Vec::new();
        for record in self.records.iter().filter(|record| record.kind == kind) {
            let record = json!(record);
            if matching::holds(&query["filter"], &record, &context)? {
                found.push(record);
            }
        }
        Ok(found)
    }

    pub fn stage(&mut self, commands: &[RawCommand]) -> Result<()> {
        for RawCommand { name, body } in commands {
            let body: Value = serde_json::from_str(body)?;
            self.staged.push(json!({ "name": name, "body": body }));
        }
        Ok(())
    }

    pub fn new_id(&mut self) -> String {
        self.n_ids += 1;
        format!("id-{}", self.n_ids)
    }

    pub fn decide(&mut self, point: &str, input: &str) -> Result<String> {
        let input: Value = serde_json::from_str(input)?;
        let rule = self
            .points
            .get(point)
            .ok_or_else(|| Fault::not_found(format!("the test does not say how {point} decides")))?;
        let mut output = rule(&input)?;
        self.decisions.push((point.to_owned(), input));
        output["receipt"] = json!(format!("receipt-{}", self.decisions.len()));
        Ok(output.to_string())
    }

    pub fn call(&self) -> String {
        json!({
            "now": calendar::text(self.now),
            "plugin": "test",
            "version": "0.0.0",
            "org": self.org,
            "org_name": self.org,
            "time_zone": calendar::ZONE,
            "actor": self.actor,
            "locale": "zh-CN",
        })
        .to_string()
    }

    pub fn due(&self, start: &str, span: &str) -> Result<String> {
        Ok(calendar::text(calendar::due(calendar::moment(start)?, span)?))
    }
}
