//! The worklist against the stand-in: what each action and event stages.

use marque_sdk::{Outcome, Value, json, testing::Given};

use crate::{Worklist, settings};

fn given() -> Given {
    Given::new()
        .settings(settings::unit::defaults())
        .actor("li", &["crm_officer"])
        .record("user", "li", json!({ "name": "李娜", "roles": ["crm_officer"], "status": "active" }))
        .record("user", "wu", json!({ "name": "吴敏", "roles": ["crm_mgr"], "status": "active" }))
        .record("user", "gone", json!({ "name": "孙", "roles": ["gm"], "status": "left" }))
}

fn task(fields: Value) -> Value {
    let mut task = json!({ "title": "回电", "state": "open", "owner": "li", "step": "task", "due": "2026-03-13T09:00:00.000Z", "customer": "c1" });
    for (name, value) in fields.as_object().into_iter().flatten() {
        task[name] = value.clone();
    }
    task
}

fn heard(kind: &str, changed: Value) -> Value {
    json!({ "kind": kind, "subject": "c1", "data": { "record": { "kind": "worklist.task", "id": "t1", "rev": 1 }, "changed": changed } })
}

fn fired(key: &str) -> Value {
    json!({ "kind": "timer.fired", "data": { "plugin": "worklist", "key": key, "due_at": "2026-03-13T02:00:00.000Z", "data": null } })
}

const SLOT: &str = "2026-03-13T02:05:00.000Z";

fn wake() -> Value {
    json!({ "name": "timer.set", "body": { "key": format!("watch:{SLOT}"), "at": SLOT } })
}

#[test]
fn a_task_is_ones_own_unless_another_owner_is_named() {
    given()
        .when_action::<Worklist>(
            "add",
            None,
            json!({ "title": "回电", "due": "2026-03-13T17:00:00+08:00", "customer": "c1" }),
        )
        .then_commands(json!([{ "name": "record.create", "body": { "kind": "worklist.task", "id": "id-1", "data": {
            "title": "回电", "owner": "li", "due": "2026-03-13T09:00:00.000Z", "customer": "c1" } } }]));
}

#[test]
fn a_task_is_not_due_in_the_past_nor_owned_by_somebody_who_has_left() {
    given()
        .when_action::<Worklist>("add", None, json!({ "title": "x", "due": "2026-03-13T09:59:00+08:00" }))
        .then_fault("due_past");
    given().when_action::<Worklist>("add", None, json!({ "title": "x", "due": "morgen" })).then_fault("due_invalid");
    let input = json!({ "title": "x", "due": "2026-03-14T09:00:00+08:00", "owner": "gone" });
    given().when_action::<Worklist>("add", None, input).then_fault("owner_unknown");
}

#[test]
fn a_free_task_is_completed_with_its_outcome() {
    given()
        .record("worklist.task", "t1", task(json!({})))
        .when_action::<Worklist>("complete", Some("t1"), json!({ "outcome": "done", "note": "已约周六" }))
        .then_commands(json!([{ "name": "record.move", "body": { "kind": "worklist.task", "id": "t1", "if_rev": 1, "transition": "complete", "data": {
            "outcome": "done", "note": "已约周六", "done_at": "2026-03-13T02:00:00.000Z", "done_by": "li" } } }]));
}

#[test]
fn a_held_task_says_where_it_is_finished() {
    let held =
        task(json!({ "held": true, "about_kind": "complaints.case", "about": "k1", "step": "complaint.response" }));
    let case = json!({ "number": "C000007", "state": "received" });
    let given_held = given().record("worklist.task", "t1", held.clone()).record("complaints.case", "k1", case);
    let then = given_held.when_action::<Worklist>("complete", Some("t1"), json!({ "outcome": "done" }));
    assert_eq!(then.fault().unwrap().message, "请打开 C000007 办理“回电”，办完后这条待办自动结束");
    assert_eq!(then.fault().unwrap().details.as_ref().unwrap()["about"], "k1");
    let then = then.then_fault("task_held");
    assert!(then.commands().is_empty());
    for (action, input) in
        [("postpone", json!({ "due": "2026-03-20T09:00:00Z", "reason": "忙" })), ("cancel", json!({ "reason": "忙" }))]
    {
        given()
            .record("worklist.task", "t1", held.clone())
            .when_action::<Worklist>(action, Some("t1"), input)
            .then_fault("task_held");
    }
}

#[test]
fn other_peoples_tasks_are_for_managers() {
    let theirs = || given().record("worklist.task", "t1", task(json!({ "owner": "wu" })));
    theirs().when_action::<Worklist>("complete", Some("t1"), json!({ "outcome": "done" })).then_fault("task_not_yours");
    let done =
        theirs().actor("wu2", &["gm"]).when_action::<Worklist>("complete", Some("t1"), json!({ "outcome": "done" }));
    assert_eq!(done.commands().len(), 1);
}

#[test]
fn an_ended_task_stays_ended() {
    let done = given().record("worklist.task", "t1", task(json!({ "state": "done" })));
    done.when_action::<Worklist>("cancel", Some("t1"), json!({ "reason": "x" })).then_fault("task_ended");
}

#[test]
fn a_held_task_may_change_hands_but_not_to_somebody_too_close() {
    let held = task(json!({ "held": true, "not_allowed": ["zhou"] }));
    given()
        .record("worklist.task", "t1", held.clone())
        .when_action::<Worklist>("reassign", Some("t1"), json!({ "owner": "wu" }))
        .then_commands(json!([{ "name": "record.change", "body": { "kind": "worklist.task", "id": "t1", "if_rev": 1, "data": { "owner": "wu" } } }]));
    given()
        .record("user", "zhou", json!({ "name": "周", "roles": ["advisor"] }))
        .record("worklist.task", "t1", held)
        .when_action::<Worklist>("reassign", Some("t1"), json!({ "owner": "zhou" }))
        .then_fault("task_not_allowed");
}

#[test]
fn postponing_takes_a_reason_and_a_later_time() {
    let open = || {
        given().record(
            "worklist.task",
            "t1",
            task(json!({ "postponed_count": 1, "overdue_at": "2026-03-13T01:00:00.000Z" })),
        )
    };
    open()
        .when_action::<Worklist>(
            "postpone",
            Some("t1"),
            json!({ "due": "2026-03-14T09:00:00+08:00", "reason": "客户出差" }),
        )
        .then_commands(
            json!([{ "name": "record.change", "body": { "kind": "worklist.task", "id": "t1", "if_rev": 1, "data": {
            "due": "2026-03-14T01:00:00.000Z", "note": "客户出差", "postponed_count": 2, "overdue_at": null } } }]),
        );
    open()
        .when_action::<Worklist>("postpone", Some("t1"), json!({ "due": "2026-03-14T09:00:00+08:00", "reason": " " }))
        .then_fault("reason_missing");
    open()
        .when_action::<Worklist>("postpone", Some("t1"), json!({ "due": "2026-03-12T09:00:00+08:00", "reason": "x" }))
        .then_fault("due_past");
    open()
        .when_action::<Worklist>("postpone", Some("t1"), json!({ "due": "2026-03-13T16:00:00+08:00", "reason": "x" }))
        .then_fault("due_not_later");
}

#[test]
fn a_new_task_gets_a_timer_and_wakes_the_watch() {
    given()
        .record("worklist.task", "t1", task(json!({})))
        .when_event::<Worklist>(heard("worklist.task.created", json!(["due"])))
        .then_commands(json!([wake(), { "name": "timer.set", "body": { "key": "overdue:t1", "at": "2026-03-13T09:00:00.000Z", "subject": "c1" } }]));
}

#[test]
fn a_task_that_ends_needs_no_timer() {
    given()
        .record("worklist.task", "t1", task(json!({ "state": "done" })))
        .when_event::<Worklist>(heard("worklist.task.completed", json!(["state"])))
        .then_commands(json!([wake(), { "name": "timer.cancel", "body": { "key": "overdue:t1" } }]));
}

#[test]
fn a_change_that_leaves_the_due_time_alone_leaves_the_timer_alone() {
    given()
        .record("worklist.task", "t1", task(json!({})))
        .when_event::<Worklist>(heard("worklist.task.changed", json!(["overdue_at"])))
        .then_commands(json!([wake()]))
        .then_outcome(Outcome::Skip);
}

#[test]
fn a_due_time_moved_into_the_future_ends_being_overdue() {
    given()
        .record("worklist.task", "t1", task(json!({ "overdue_at": "2026-03-13T01:00:00.000Z" })))
        .when_event::<Worklist>(heard("worklist.task.changed", json!(["due"])))
        .then_commands(json!([
            wake(),
            { "name": "record.change", "body": { "kind": "worklist.task", "id": "t1", "data": { "overdue_at": null } } },
            { "name": "timer.set", "body": { "key": "overdue:t1", "at": "2026-03-13T09:00:00.000Z", "subject": "c1" } },
        ]));
}

#[test]
fn an_overdue_task_is_told_of_once() {
    let late = task(json!({ "due": "2026-03-13T02:00:00.000Z" }));
    given().record("worklist.task", "t1", late.clone()).when_event::<Worklist>(fired("overdue:t1")).then_commands(json!([
        { "name": "record.change", "body": { "kind": "worklist.task", "id": "t1", "data": { "overdue_at": "2026-03-13T02:00:00.000Z" } } },
        { "name": "event.raise", "body": { "kind": "worklist.task.overdue", "subject": "c1", "record": { "kind": "worklist.task", "id": "t1", "rev": 1 }, "data": {
            "step": "task", "owner": "li", "due": "2026-03-13T02:00:00.000Z",
            "about_kind": null, "about": null } } },
    ]));
    let mut told = late;
    told["overdue_at"] = json!("2026-03-13T02:00:00.000Z");
    given().record("worklist.task", "t1", told).when_event::<Worklist>(fired("overdue:t1")).then_nothing();
    given().record("worklist.task", "t1", task(json!({}))).when_event::<Worklist>(fired("overdue:t1")).then_nothing();
}

#[test]
fn a_record_left_alone_alarms_a_manager_once() {
    let case = json!({ "state": "accepted", "customer": "c1", "number": "C000007" });
    let alarm = json!({ "kind": "worklist.task", "id": "id-1", "data": {
        "title": "无人跟进的业务，请指定负责人并安排下一步 C000007", "step": "worklist.orphan", "owner": "wu", "due": "2026-03-13T06:00:00.000Z",
        "about_kind": "complaints.case", "about": "k1", "customer": "c1" } });
    given().record("complaints.case", "k1", case.clone()).when_event::<Worklist>(fired("watch:x")).then_commands(json!([
        { "name": "event.raise", "body": { "kind": "worklist.orphan_found", "subject": "c1", "record": { "kind": "complaints.case", "id": "k1", "rev": 1 },
            "data": { "lacks_owner": true, "lacks_task": true } } },
        { "name": "record.create", "body": alarm },
        wake(),
    ]));
    let known = json!({ "state": "open", "owner": "wu", "step": "worklist.orphan", "about_kind": "complaints.case", "about": "k1", "due": SLOT });
    given()
        .record("complaints.case", "k1", case)
        .record("worklist.task", "t9", known)
        .when_event::<Worklist>(fired("watch:x"))
        .then_commands(json!([wake()]));
}

#[test]
fn an_alarm_ends_when_its_record_is_looked_after_again() {
    given()
        .record("complaints.case", "k1", json!({ "state": "accepted", "owner": "li", "customer": "c1" }))
        .record("worklist.task", "t1", task(json!({ "about": "k1", "about_kind": "complaints.case" })))
        .record("worklist.task", "t9", task(json!({ "step": "worklist.orphan", "about_kind": "complaints.case", "about": "k1" })))
        .when_event::<Worklist>(fired("watch:x"))
        .then_commands(json!([
            { "name": "record.move", "body": { "kind": "worklist.task", "id": "t9", "if_rev": 1, "transition": "complete", "data": {
                "outcome": "not_needed", "note": "*", "done_at": "2026-03-13T02:00:00.000Z" } } },
            wake(),
        ]));
}

#[test]
fn with_nothing_open_the_watch_sleeps() {
    given()
        .record("complaints.case", "k1", json!({ "state": "closed", "customer": "c1" }))
        .when_event::<Worklist>(fired("watch:x"))
        .then_nothing();
}

#[test]
fn a_large_dealer_is_looked_at_in_several_calls() {
    let records = |n: usize| {
        (0..n).fold(given(), |given, i| {
            let about = format!("k{i:04}");
            given
                .record("complaints.case", &about, json!({ "state": "accepted", "owner": "li", "customer": "c1" }))
                .record(
                    "worklist.task",
                    &format!("t{i}"),
                    task(json!({ "about": about, "about_kind": "complaints.case" })),
                )
        })
    };
    let then = records(2_100).when_event::<Worklist>(fired("watch:x"));
    assert_eq!(then.commands().len(), 1);
    let on = &then.commands()[0]["body"];
    assert_eq!(
        (&on["at"], &on["data"]["cursor"], &on["data"]["is_busy"]),
        (&json!("2026-03-13T02:01:00.000Z"), &json!("2000"), &json!(true))
    );
    let event = json!({ "kind": "timer.fired", "data": { "plugin": "worklist", "key": on["key"], "due_at": on["at"], "data": on["data"] } });
    records(2_100).when_event::<Worklist>(event).then_commands(json!([wake()]));
}

#[test]
fn every_slot_is_five_minutes_long() {
    for (now, next) in [("02:00:00", "02:05"), ("02:04:59", "02:05"), ("02:05:00", "02:10"), ("02:59:59", "03:00")] {
        let then = given()
            .now(&format!("2026-03-13T{now}Z"))
            .when_event::<Worklist>(json!({ "kind": "complaints.case.created" }));
        assert_eq!(then.commands()[0]["body"]["at"], format!("2026-03-13T{next}:00.000Z"));
    }
}
