//! What a guest does wrong while hearing events.

use marque::{
    bus::{Outcome, Subscriber, Verdict},
    model::{Blame, RecordRef},
};
use serde_json::json;

use super::desk::{Desk, event, id};

#[test]
fn a_batch_with_one_hostile_event_comes_to_nothing() {
    let desk = Desk::new();
    let looping = Desk::hurried().tell(&[json!({ "do": "fine" }), json!({ "do": "loop" })]);
    assert_eq!(looping.result.map(drop).expect_err("no end").code, "deadline");
    for (misdeed, code) in [("trap", "trap"), ("emit_foreign", "denied"), ("memory", "memory")] {
        let answer = desk.tell(&[json!({ "do": "fine" }), json!({ "do": misdeed }), json!({ "do": "fine" })]);
        let fault = answer.result.map(drop).expect_err(misdeed);
        assert_eq!((fault.code.as_str(), fault.blame), (code, Blame::Guest));
    }
    desk.lives();
}

#[test]
fn an_honest_batch_is_staged_and_has_only_the_verdicts_given() {
    let staged =
        Desk::new().tell(&[json!({ "do": "fine" }), json!({ "do": "park" }), json!({ "do": "nothing" })]).result;
    let staged = staged.expect("staged");
    assert_eq!(staged.commands.len(), 1);
    let note = Some("a person [2J must look".to_owned());
    assert_eq!(staged.verdicts, [Verdict { seq: 8, outcome: Outcome::Park, note }]);
}

#[test]
fn verdicts_on_other_events_or_twice_are_refused() {
    let desk = Desk::new();
    for (misdeed, message) in [
        ("park_another", "a verdict speaks of event \"999999\", which is not in the batch"),
        ("park_twice", "two verdicts speak of event 7"),
    ] {
        let fault = desk.tell(&[json!({ "do": misdeed })]).result.map(drop).expect_err(misdeed);
        assert_eq!((fault.code.as_str(), fault.message.as_str()), ("invalid", message));
    }
}

#[test]
fn a_note_without_end_is_too_much() {
    let fault = Desk::new().tell(&[json!({ "do": "park_wordily" })]).result.map(drop).expect_err("too much");
    assert_eq!(fault.code, "quota");
}

#[test]
fn events_that_are_too_large_are_not_handed_over() {
    let fault = Desk::new().tell(&[json!({ "text": "x".repeat(300 << 10) })]).result.map(drop).expect_err("too large");
    assert_eq!(fault.code, "quota");
    assert!(fault.message.contains("262144 bytes taken in"), "{}", fault.message);
}

#[test]
fn an_event_says_which_record_it_speaks_of() {
    let desk = Desk::new();
    let mut delivery = event(7, json!({ "do": "data", "changed": ["level"], "quoted": {} }));
    delivery.record = Some(RecordRef { kind: "hostile.thing".into(), id: id("t1"), rev: 3 });
    let staged = desk.hear(vec![delivery]).result.expect("staged");
    let note: serde_json::Value =
        serde_json::from_str(staged.verdicts[0].note.as_deref().expect("a note")).expect("JSON");
    assert_eq!(note["record"], json!({ "kind": "hostile.thing", "id": "t1", "rev": 3 }));
    assert_eq!(note["changed"], json!(["level"]));
}

#[test]
fn of_fired_timers_it_hears_its_own() {
    let desk = Desk::new();
    let timer = |plugin: &str| {
        let mut event = event(7, json!({ "plugin": plugin, "key": "k" }));
        event.kind = "timer.fired".into();
        event
    };
    assert!(desk.guest.wants(&timer("hostile")));
    assert!(!desk.guest.wants(&timer("complaints")));
    assert!(desk.guest.wants(&event(7, json!({}))));
}

#[test]
fn no_events_are_no_call() {
    assert!(Desk::new().tell(&[]).result.expect("nothing").commands.is_empty());
}
