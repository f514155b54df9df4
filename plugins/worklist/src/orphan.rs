//! I1: an open record has an owner and an open task. This is the definition; the watch applies it.

use marque_sdk::{Data, Value};

use crate::{
    settings::Watched,
    task::{ORPHAN, Task},
};

/// What an open record lacks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lacks {
    /// Nobody is responsible.
    pub owner: bool,
    /// Nothing is planned.
    pub task: bool,
}

impl Lacks {
    /// What this record lacks, given the tasks about it. An overdue task is still a task: its being late is another alarm.
    /// Our own alarm is none, or it would hide what it is about.
    pub fn of(watched: &Watched, record: &Data, tasks: &[&Task]) -> Lacks {
        if !is_open(watched, record) {
            return Lacks::default();
        }
        let has_owner = record.get(&watched.owner).and_then(Value::as_str).is_some_and(|owner| !owner.is_empty());
        let has_task = tasks.iter().any(|task| task.is_open() && task.step != ORPHAN && !task.owner.is_empty());
        Lacks { owner: !has_owner, task: !has_task }
    }

    /// Whether it is left alone.
    pub fn is_orphan(self) -> bool {
        self.owner || self.task
    }
}

fn is_open(watched: &Watched, record: &Data) -> bool {
    let state = record.get(&watched.state_field).and_then(Value::as_str);
    state.is_some_and(|state| watched.states.iter().any(|open| open == state))
}

#[cfg(test)]
mod unit {
    use super::*;
    use marque_sdk::json;
    use serde::Deserialize;

    fn lacks(record: Value, tasks: &[Value]) -> Lacks {
        let watched = Watched::deserialize(json!({ "kind": "x.case", "states": ["open"] })).unwrap();
        let tasks: Vec<Task> = tasks.iter().map(|task| Task::deserialize(task).unwrap()).collect();
        Lacks::of(&watched, record.as_object().unwrap(), &tasks.iter().collect::<Vec<_>>())
    }

    fn task(step: &str, state: &str) -> Value {
        json!({ "state": state, "owner": "li", "step": step, "due": "2020-01-01T00:00:00.000Z" })
    }

    #[test]
    fn an_owner_and_an_open_task_are_enough_even_when_it_is_overdue() {
        assert!(!lacks(json!({ "state": "open", "owner": "li" }), &[task("x.call", "open")]).is_orphan());
    }

    #[test]
    fn what_is_lacking_is_named() {
        assert_eq!(lacks(json!({ "state": "open", "owner": "li" }), &[]), Lacks { owner: false, task: true });
        assert_eq!(lacks(json!({ "state": "open" }), &[task("x.call", "open")]), Lacks { owner: true, task: false });
        assert_eq!(lacks(json!({ "state": "open" }), &[task("x.call", "done")]), Lacks { owner: true, task: true });
    }

    #[test]
    fn an_alarm_is_no_task() {
        assert!(lacks(json!({ "state": "open", "owner": "li" }), &[task(ORPHAN, "open")]).task);
    }

    #[test]
    fn what_is_closed_may_be_left_alone() {
        assert!(!lacks(json!({ "state": "closed" }), &[]).is_orphan());
        assert!(!lacks(json!({}), &[]).is_orphan());
    }
}
