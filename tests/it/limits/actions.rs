//! What a guest does wrong while a person waits for an action.

use marque::{bus::Level, model::Blame};
use serde_json::json;

use super::desk::Desk;

/// The misdeed ends with this code, blamed on the guest.
fn ends(misdeed: &str, code: &str, message: &str) {
    ends_at(&Desk::new(), misdeed, code, message);
}

fn ends_at(desk: &Desk, misdeed: &str, code: &str, message: &str) {
    let (fault, _) = desk.misdeed(misdeed);
    assert_eq!((fault.code.as_str(), fault.blame), (code, Blame::Guest), "{fault:?}");
    assert!(fault.message.contains(message), "{:?} does not contain {message:?}", fault.message);
}

#[test]
fn a_loop_ends_at_the_deadline() {
    ends_at(&Desk::hurried(), "loop", "deadline", "ran past its deadline");
}

#[test]
fn a_loop_of_host_calls_ends_at_their_quota() {
    ends("host_calls", "quota", "2000 host calls");
}

#[test]
fn a_hoarder_of_memory_ends_without_it() {
    ends("memory", "memory", "asked for more memory");
}

#[test]
fn a_guest_may_live_with_less_memory_than_it_asked_for() {
    let desk = Desk::new();
    let (_, blocks) = desk.ask("memory_survived", json!({})).result.expect("a reply");
    assert!((1..16).contains(&blocks.as_u64().expect("a number")), "{blocks} blocks of 4 MiB within 64 MiB");
    desk.lives();
}

#[test]
fn a_recursion_without_end_is_a_trap() {
    ends("recursion", "trap", "it broke off");
}

#[test]
fn what_was_staged_before_a_trap_goes_nowhere_and_the_trace_is_kept() {
    let (fault, _) = Desk::new().misdeed("trap");
    assert_eq!((fault.code.as_str(), fault.blame, fault.retry), ("trap", Blame::Guest, true));
    assert!(
        fault.details.as_deref().is_some_and(|trace| trace.lines().any(|line| line == "hostile::misdeeds::do_it")),
        "{:?}",
        fault.details
    );
}

#[test]
fn the_words_of_a_panic_are_in_the_log() {
    let (fault, logs) = Desk::new().misdeed("panic");
    assert_eq!(fault.code, "trap");
    assert_eq!(logs.len(), 1);
    assert!(logs[0].level == Level::Error && logs[0].message.ends_with("half way"), "{logs:?}");
}

#[test]
fn an_index_out_of_range_is_a_trap() {
    ends("index", "trap", "it broke off");
}

#[test]
fn a_flood_of_commands_ends_at_a_quota() {
    ends("stage_flood", "quota", "2000 host calls");
    ends("stage_in_bulk", "quota", "2000 commands");
    ends("stage_heavily", "quota", "262144 bytes handed over");
    ends("emit_flood", "quota", "500 events raised");
    ends("read_flood", "quota", "20000 rows read");
    ends("decide_flood", "quota", "256 decisions");
}

#[test]
fn more_data_than_a_host_call_may_carry_ends_the_call() {
    ends("log_huge", "quota", "more data than one host call may carry");
    ends("reply_too_huge", "quota", "more data than one host call may carry");
    ends("reply_huge", "quota", "262144 bytes handed over");
}

#[test]
fn what_is_not_granted_is_denied() {
    ends("emit_foreign", "denied", "\"customer.merged\"");
    ends("stage_foreign", "denied", "\"customer.erase\"");
    ends("stage_foreign_kind", "denied", "\"record.create\" on \"customer\"");
    for misdeed in ["read_foreign", "find_foreign", "count_foreign"] {
        ends(misdeed, "denied", "\"hostile.secret\" is not among reads.kinds");
    }
    ends("decide_foreign", "denied", "\"complaint.level\" is not among asks.points");
}

#[test]
fn a_denial_can_be_lived_with() {
    let (staged, _) = Desk::new().ask("denied_and_on", json!({})).result.expect("a reply");
    assert_eq!(staged.commands.len(), 1, "only what is allowed");
}

#[test]
fn garbage_is_refused() {
    ends("stage_text", "invalid", "timer.set: the body must be a JSON object");
    ends("stage_garbage", "invalid", "timer.set: ");
    ends("stage_deep", "invalid", "timer.set: ");
    ends("reply_garbage", "invalid", "the reply to \"reply_garbage\" is not JSON");
    ends("find_garbage", "invalid", "query: unknown field");
    ends("due_garbage", "time.invalid", "\"yesterday\"");
}

#[test]
fn a_large_record_read_again_and_again_is_counted() {
    ends_at(&Desk::with_customer(), "read_heavily", "quota", "bytes read");
}

#[test]
fn records_groups_and_nothing_are_read_as_the_contract_says() {
    let desk = Desk::with_customer();
    let read = |action: &str| desk.ask(action, json!({})).result.expect(action).1;
    let rows = read("read");
    assert_eq!((&rows[0]["id"], &rows[0]["kind"], &rows[0]["rev"]), (&json!("c1"), &json!("customer"), &json!(1)));
    assert_eq!((&rows[0]["org"], &rows[0]["data"]["name"], &rows[1]), (&json!("d1"), &json!("王磊"), &json!(null)));
    assert_eq!(read("find")["items"][0]["id"], "c1");
    assert_eq!(read("count"), json!({ "items": [{ "n": 1 }] }));
}

#[test]
fn text_that_is_no_id_names_no_record() {
    let (_, rows) = Desk::new().ask("read_odd_ids", json!({})).result.expect("a reply");
    assert_eq!(rows, json!([null, null, null]));
}

#[test]
fn a_flood_of_log_lines_is_counted_and_the_call_goes_on() {
    let answer = Desk::new().ask("log_flood", json!({}));
    assert!(answer.result.is_ok());
    assert_eq!(answer.logs.len(), 101);
    assert_eq!(answer.logs[100].message, "1400 further lines were dropped");
}

#[test]
fn a_forged_log_line_stays_one_line() {
    let answer = Desk::new().ask("log_forged", json!({}));
    assert_eq!(answer.logs[0].message, "fine 2026-03-13 INFO all is well [2J ");
    assert_eq!(answer.logs[0].fields, r#"{"text":"no json "}"#);
}

#[test]
fn a_long_log_line_is_cut() {
    let answer = Desk::new().ask("log_long", json!({}));
    assert!(answer.logs[0].message.len() <= 1024 && answer.logs[0].message.ends_with('汉'));
    assert!(answer.logs[0].fields.len() <= 1100);
}

#[test]
fn a_guests_own_fault_is_its_own_whatever_it_calls_itself() {
    let (fault, _) = Desk::new().misdeed("fault");
    assert_eq!((fault.code.as_str(), fault.blame), ("host", Blame::Guest));
    assert!(fault.message.starts_with("it was not me!!!") && fault.message.len() <= 1024);
    assert_eq!(fault.details.as_deref(), Some(" [2J"));
}

#[test]
fn the_same_ask_makes_the_same_ids() {
    let desk = Desk::new();
    let ids = || desk.ask("ids", json!({})).result.expect("a reply").1;
    let (first, again) = (ids(), ids());
    assert_eq!(first, again);
    assert_ne!(first[0], first[1]);
}

#[test]
fn a_guest_knows_who_calls_and_its_settings() {
    let desk = Desk::new();
    let (_, call) = desk.ask("call", json!({})).result.expect("a reply");
    assert_eq!(call["now"], "2026-03-13T02:00:00.000Z");
    assert_eq!((&call["plugin"], &call["version"], &call["org"]), (&json!("hostile"), &json!("1.2.3"), &json!("d1")));
    assert_eq!(call["actor"], json!({ "kind": "user", "id": "u1", "name": "李娜", "roles": ["crm_officer"] }));
    assert_eq!(desk.ask("settings", json!({})).result.expect("a reply").1, json!({ "greeting": "hello" }));
}

#[test]
fn an_input_that_is_too_large_is_refused() {
    let answer = Desk::new().ask("nothing", json!({ "text": "x".repeat(300 << 10) }));
    assert_eq!(answer.result.map(drop).expect_err("too large").code, "quota");
}

#[test]
fn calls_from_many_threads_do_not_meet() {
    let (desk, hurried) = (Desk::new(), Desk::hurried());
    let fails = |desk: &Desk, misdeed: &str, code: &str| {
        assert_eq!(desk.ask(misdeed, json!({})).result.map(drop).expect_err(misdeed).code, code);
    };
    let one = |n: usize| match n % 4 {
        0 => fails(&desk, "memory", "memory"),
        1 => fails(&desk, "trap", "trap"),
        2 => fails(&hurried, "loop", "deadline"),
        _ => assert_eq!(desk.ask("count_calls", json!({})).result.expect("an honest call").1, json!(0)),
    };
    std::thread::scope(|scope| (0..16).for_each(|n| drop(scope.spawn(move || one(n)))));
}

#[test]
fn a_thousand_misdeeds_leave_no_memory_behind() {
    let desk = Desk::new();
    let misdeeds = ["trap", "panic", "log_flood", "stage_in_bulk", "reply_too_huge", "log_huge"];
    let run = |n: usize| misdeeds.iter().cycle().take(n).for_each(|misdeed| drop(desk.ask(misdeed, json!({})).logs));
    let hoard = |n: usize| (0..n).for_each(|_| drop(desk.ask("memory", json!({})).logs));
    run(60);
    hoard(3);
    let before = resident_bytes();
    run(980);
    hoard(20);
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown <= 64 << 20, "a thousand misdeeds have left {grown} bytes behind");
    desk.lives();
}

/// What this process holds in memory; nothing where the system does not say.
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4_096
}
