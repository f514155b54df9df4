//! The whole loop in a dealership in memory: the examples of the domain, and I1 after every step of random walks.

use std::collections::BTreeSet;

use marque_sdk::{Value, json};

use crate::{case::State, shop::Shop};

/// As far as a state of the main road.
fn bring_to(shop: &mut Shop, case: &str, state: State) {
    let road: [(&str, &str, &str, Value); 7] = [
        ("received", "li", "accept", json!({})),
        ("accepted", "li", "soothe", json!({ "comfort": ["apology"] })),
        ("soothed", "li", "analyse", json!({ "cause": "process" })),
        ("analysing", "li", "propose", json!({ "decision": "返修并致歉", "remedy": ["rework", "apology"] })),
        ("proposed", "li", "agree", json!({ "customer_answer": "可以" })),
        ("agreed", "li", "execute", json!({})),
        ("executing", "sun", "finish", json!({ "proof": "工单 W1234" })),
    ];
    for (from, who, action, input) in road {
        if shop.field(case, "state") == from && from != state.code() {
            shop.act(who, action, Some(case), input);
            shop.check_i1();
        }
    }
    assert_eq!(shop.field(case, "state"), state.code());
}

#[test]
fn a_general_complaint_of_friday_ten_is_due_as_the_domain_says() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    assert_eq!(shop.field(&case, "level"), "general");
    // Saturday ten; Monday ten; Tuesday, 24 March.
    assert_eq!(shop.field(&case, "response_due"), "2026-03-14T02:00:00.000Z");
    assert_eq!(shop.field(&case, "execution_due"), "2026-03-16T02:00:00.000Z");
    assert_eq!(shop.field(&case, "legal_due"), "2026-03-24T02:00:00.000Z");
    assert_eq!(shop.field(&case, "received_by"), "he");
    assert_eq!(shop.field(&case, "owner"), "li");
    let tasks = shop.tasks(&case);
    assert_eq!(
        (&tasks[0]["step"], &tasks[0]["due"]),
        (&json!("complaint.response"), &json!("2026-03-14T02:00:00.000Z"))
    );
    assert_eq!(tasks[0]["title"], "受理投诉：王磊");
    shop.check_i1();
}

#[test]
fn the_third_complaint_on_one_matter_is_escalated_and_the_region_informed() {
    let mut shop = Shop::open();
    let input = json!({ "kind": "repair_quality", "plate": "鄂A12345" });
    shop.raise("he", input.clone());
    shop.raise("he", input.clone());
    shop.raise("he", json!({ "kind": "repair_quality", "plate": "鄂A99999" }));
    assert!(shop.raised("complaints.case.repeated").is_empty());
    let third = shop.raise("he", input);
    assert_eq!(shop.field(&third, "level"), "escalated");
    assert_eq!(shop.field(&third, "repeat_count"), 3);
    assert_eq!(shop.field(&third, "response_due"), "2026-03-13T10:00:00.000Z", "8 hours");
    assert_eq!(shop.raised("complaints.case.repeated")[0]["escalated_to"], "region");
}

#[test]
fn the_person_complained_about_neither_owns_nor_handles_nor_verifies() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({ "responsible_staff": "li" }));
    assert_eq!(shop.field(&case, "owner"), "wu");
    assert_eq!(shop.refusal("wu", "assign", &case, json!({ "owner": "li" })), "owner_is_subject");
    assert_eq!(shop.refusal("li", "accept", &case, json!({})), "actor_is_subject");
    let input = json!({ "customer": "c1", "facts": "态度恶劣", "responsible_staff": "zhou", "owner": "zhou" });
    assert_eq!(shop.try_act("he", "raise", None, input).fault().unwrap().code, "owner_is_subject");

    let case = shop.raise("he", json!({ "responsible_staff": "zhou" }));
    bring_to(&mut shop, &case, State::Verifying);
    for involved in ["zhou", "li", "sun"] {
        assert_eq!(
            shop.refusal(involved, "verify", &case, json!({ "satisfaction": 5 })),
            "verifier_involved",
            "{involved}"
        );
    }
    let verifier = shop.tasks(&case)[0]["owner"].clone();
    assert_eq!(verifier, "wu", "the manager of the desk: its officer owns the case");
    assert_eq!(shop.tasks(&case)[0]["not_allowed"], json!(["li", "sun", "zhou"]));
}

#[test]
fn a_missed_verification_is_a_breach_and_an_angry_customer_reopens_one_level_higher() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    bring_to(&mut shop, &case, State::Executing);
    shop.now = "2026-03-13T15:00:00+08:00".into();
    bring_to(&mut shop, &case, State::Verifying);
    assert_eq!(shop.field(&case, "verify_due"), "2026-03-14T07:00:00.000Z");

    shop.wait_until("2026-03-14T14:59:00+08:00");
    assert!(shop.raised("complaints.case.breached").is_empty());
    assert_eq!(shop.raised("complaints.case.step_due").last().unwrap()["step"], "verification");
    shop.wait_until("2026-03-14T15:00:00+08:00");
    assert_eq!(shop.raised("complaints.case.breached")[0]["step"], "verification");
    assert_eq!(shop.field(&case, "breached"), true);

    shop.now = "2026-03-14T16:00:00+08:00".into();
    shop.act("he", "verify", Some(&case), json!({ "satisfaction": 2, "customer_words": "还是响" }));
    assert_eq!(shop.field(&case, "state"), "reopened");
    assert_eq!(shop.field(&case, "level"), "escalated");
    assert_eq!(shop.field(&case, "reopened_count"), 1);
    assert_eq!(shop.field(&case, "analysis_due"), "2026-03-16T08:00:00.000Z", "two days from the answer");
    assert_eq!(shop.raised("complaints.case.level_changed")[0]["level"], "escalated");
    shop.check_i1();
    bring_to_again(&mut shop, &case);
    shop.act("he", "verify", Some(&case), json!({ "satisfaction": 5 }));
    shop.act("li", "archive", Some(&case), json!({ "lessons": "出厂前路试" }));
    assert!(shop.tasks(&case).is_empty());
    assert!(shop.timers.is_empty(), "{:?}", shop.timers.keys());
}

fn bring_to_again(shop: &mut Shop, case: &str) {
    shop.act("li", "analyse", Some(case), json!({ "cause": "parts" }));
    shop.act(
        "li",
        "propose",
        Some(case),
        json!({ "decision": "更换", "remedy": ["parts_free"], "remedy_cost": 20_000 }),
    );
    shop.act("li", "agree", Some(case), json!({}));
    shop.act("li", "execute", Some(case), json!({}));
    shop.act("sun", "finish", Some(case), json!({ "proof": "工单 W1235" }));
}

#[test]
fn an_overdue_step_climbs_from_manager_to_general_manager_to_region() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    shop.wait_until("2026-03-14T10:00:00+08:00");
    shop.wait_until("2026-03-14T22:00:00+08:00");
    shop.wait_until("2026-03-20T10:00:00+08:00");
    let told: Vec<(&Value, &Value)> = shop
        .raised("complaints.case.breached")
        .iter()
        .map(|data| (&data["escalated_to"], &data["overdue_minutes"]))
        .collect();
    assert_eq!(told, [(&json!("manager"), &json!(0)), (&json!("gm"), &json!(720)), (&json!("region"), &json!(1_440))]);
    assert_eq!(shop.field(&case, "escalated_to"), "region");
    assert_eq!(shop.field(&case, "breach_count"), 1, "one limit was missed, however many were told");
    let told: Vec<&Value> =
        shop.tasks(&case).iter().filter(|task| task["held"] == false).map(|task| &task["owner"]).collect();
    assert_eq!(told.len(), 2, "manager and general manager, who also reports to the region: {told:?}");
    shop.check_i1();
    shop.act("li", "accept", Some(&case), json!({}));
    assert_eq!(shop.tasks(&case).len(), 1, "whoever was told need not look any more");
}

#[test]
fn a_script_that_asks_for_two_hours_moves_the_next_response() {
    let mut shop = Shop::open();
    let before = shop.raise("he", json!({}));
    shop.script = json!({ "response": "2h" });
    let after = shop.raise("he", json!({ "kind": "parts" }));
    assert_eq!(shop.field(&before, "response_due"), "2026-03-14T02:00:00.000Z");
    assert_eq!(shop.field(&after, "response_due"), "2026-03-13T04:00:00.000Z");
    shop.script = json!({ "response": "48h" });
    let lax = shop.raise("he", json!({ "kind": "price_fee" }));
    assert_eq!(shop.field(&lax, "response_due"), "2026-03-14T02:00:00.000Z", "a dealer may be stricter only");
}

#[test]
fn a_passed_over_script_is_shown_on_the_case() {
    let mut shop = Shop::open();
    shop.script = json!({ "fallback": "script of d1 failed: line 3" });
    let case = shop.raise("he", json!({}));
    assert_eq!(shop.field(&case, "rule_notice"), "script of d1 failed: line 3");
}

#[test]
fn a_costly_remedy_needs_the_manager_then_the_customer() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    bring_to(&mut shop, &case, State::Analysing);
    let remedy = json!({ "decision": "退还工时费", "remedy": ["refund"], "remedy_cost": 300_100 });
    shop.act("li", "propose", Some(&case), remedy.clone());
    assert_eq!((shop.field(&case, "approval"), shop.field(&case, "approver")), (json!("pending"), json!("gm")));
    assert_eq!(shop.tasks(&case)[0]["owner"], "gao");
    assert_eq!(shop.refusal("li", "agree", &case, json!({})), "not_approved");
    assert_eq!(shop.refusal("wu", "approve", &case, json!({})), "approval_above_limit");
    shop.act("gao", "return_remedy", Some(&case), json!({ "approval_note": "太高" }));
    assert_eq!(shop.tasks(&case)[0]["step"], "complaint.decision");
    shop.act("li", "propose", Some(&case), remedy);
    shop.act("gao", "approve", Some(&case), json!({}));
    assert_eq!(shop.tasks(&case)[0]["owner"], "li");
    shop.act("li", "agree", Some(&case), json!({}));
    shop.check_i1();
}

#[test]
fn a_customer_who_disagrees_is_heard_again_and_the_level_asked_for_again() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    bring_to(&mut shop, &case, State::Proposed);
    shop.now = "2026-03-13T17:00:00+08:00".into();
    shop.act("li", "disagree", Some(&case), json!({ "customer_answer": "上次其实还起火了" }));
    assert_eq!(shop.field(&case, "state"), "analysing");
    assert_eq!(shop.field(&case, "level"), "important");
    assert_eq!(shop.field(&case, "decision_due"), "2026-03-14T09:00:00.000Z");
    assert_eq!(shop.raised("complaints.case.level_changed").len(), 1);
    shop.check_i1();
}

#[test]
fn three_calls_without_answer_close_a_case() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    bring_to(&mut shop, &case, State::Verifying);
    for _ in 0..3 {
        assert_eq!(shop.field(&case, "state"), "verifying");
        shop.act("he", "no_answer", Some(&case), json!({}));
        shop.check_i1();
    }
    assert_eq!(shop.field(&case, "state"), "closed");
    assert_eq!(shop.tasks(&case)[0]["step"], "complaint.archive");
}

#[test]
fn where_the_dealer_wants_it_a_manager_closes() {
    let mut shop = Shop::open();
    shop.settings["manager_closes"] = json!(true);
    let case = shop.raise("he", json!({}));
    bring_to(&mut shop, &case, State::Verifying);
    assert_eq!(shop.refusal("wu", "close", &case, json!({})), "not_verified");
    shop.act("he", "verify", Some(&case), json!({ "satisfaction": 4 }));
    assert_eq!(shop.field(&case, "state"), "verifying");
    assert_eq!(shop.tasks(&case)[0]["owner"], "wu");
    assert_eq!(shop.refusal("li", "close", &case, json!({})), "denied");
    shop.act("wu", "close", Some(&case), json!({}));
    assert_eq!(shop.field(&case, "state"), "closed");
}

#[test]
fn a_public_post_is_answered_in_a_day_or_headquarters_hears_of_it() {
    let mut shop = Shop::open();
    shop.now = "2026-05-01T22:00:00+08:00".into();
    let case = shop.raise("he", json!({ "channel": "forum" }));
    assert_eq!(shop.field(&case, "contact_due"), "2026-05-02T01:00:00.000Z", "half an hour after the doors open");
    assert_eq!(shop.field(&case, "answer_due"), "2026-05-02T14:00:00.000Z");
    let other = shop.raise("he", json!({ "channel": "visit", "kind": "parts" }));
    assert_eq!(shop.field(&other, "answer_due"), Value::Null);
    assert_eq!(shop.refusal("li", "answer", &other, json!({ "public_answer": "您好" })), "not_public");
    shop.act("li", "answer", Some(&case), json!({ "public_answer": "您好，已联系" }));
    assert!(!shop.timers.contains_key(&format!("answer:{case}")));
    assert!(!shop.timers.contains_key(&format!("first:{case}")), "who is answered has been spoken to");
    shop.wait_until("2026-05-02T22:30:00+08:00");
    let missed: Vec<&Value> = shop.raised("complaints.case.breached").iter().map(|data| &data["step"]).collect();
    assert!(missed.contains(&&json!("contact")) && !missed.contains(&&json!("answer")), "{missed:?}");
}

#[test]
fn the_law_waits_for_the_customer_to_be_told_even_after_the_end() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    shop.act("li", "accept", Some(&case), json!({ "informed_by": "not_yet" }));
    assert!(shop.timers.contains_key(&format!("legal:{case}")));
    shop.act("li", "soothe", Some(&case), json!({}));
    assert_eq!(shop.field(&case, "informed_at"), shop.field(&case, "soothed_at"));
    assert!(!shop.timers.contains_key(&format!("legal:{case}")));
}

#[test]
fn who_is_told_by_message_is_sent_the_number_and_nobody_else_is() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    shop.act("li", "accept", Some(&case), json!({ "informed_by": "message" }));
    let number = shop.field(&case, "number").as_str().expect("a number").to_owned();
    let [message] = shop.messages.as_slice() else { panic!("{:?}", shop.messages) };
    assert_eq!((&message["purpose"], &message["channel"]), (&json!("serve"), &json!("sms")));
    assert!(message["body"].as_str().is_some_and(|body| body.contains(&number)), "{message}");
    let other = shop.raise("he", json!({}));
    shop.act("li", "accept", Some(&other), json!({ "informed_by": "phone" }));
    assert_eq!(shop.messages.len(), 1);
}

#[test]
fn a_complaint_may_be_rejected_withdrawn_or_transferred_with_its_reason() {
    for (who, action, input, state) in [
        ("wu", "reject", json!({ "reason": "经查与本店无关" }), "rejected"),
        ("li", "withdraw", json!({ "words": "算了，已经解决" }), "withdrawn"),
        ("li", "transfer", json!({ "to_org": "d2", "accepted_by": "陈静", "reason": "车在贵店维修" }), "transferred"),
    ] {
        let mut shop = Shop::open();
        let case = shop.raise("he", json!({}));
        assert_eq!(shop.refusal(who, action, &case, input.clone()), "state_refused", "not before it is accepted");
        bring_to(&mut shop, &case, State::Soothed);
        shop.act(who, action, Some(&case), input);
        assert_eq!(shop.field(&case, "state"), state);
        assert!(shop.tasks(&case).is_empty() && shop.timers.is_empty(), "{:?}", shop.timers.keys());
        shop.check_i1();
    }
}

#[test]
fn only_a_manager_rejects() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    bring_to(&mut shop, &case, State::Accepted);
    assert_eq!(shop.refusal("li", "reject", &case, json!({ "reason": "无理" })), "denied");
}

#[test]
fn a_raised_level_shortens_the_response_and_its_task() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    shop.act("he", "change_level", Some(&case), json!({ "level": "important", "reason": "客户提到媒体" }));
    assert_eq!(shop.field(&case, "response_due"), "2026-03-13T06:00:00.000Z");
    assert_eq!(shop.field(&case, "execution_due"), "2026-03-28T02:00:00.000Z");
    assert_eq!(shop.tasks(&case)[0]["due"], "2026-03-13T06:00:00.000Z");
    shop.check_i1();
    assert_eq!(
        shop.refusal("gao", "change_level", &case, json!({ "level": "general", "reason": "误报" })),
        "level_lowered"
    );
    shop.act("hq", "change_level", Some(&case), json!({ "level": "general", "reason": "误报" }));
    assert_eq!(shop.raised("complaints.case.level_changed").len(), 2);
    shop.check_i1();
}

#[test]
fn a_complaint_heard_earlier_counts_from_hearing() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({ "received_at": "2026-03-13T08:00:00+08:00" }));
    assert_eq!(shop.field(&case, "response_due"), "2026-03-14T00:00:00.000Z");
    let refused = |who: &str, at: &str| {
        let input = json!({ "customer": "c1", "facts": "x", "received_at": at });
        shop.try_act(who, "raise", None, input).fault().map(|fault| fault.code.clone())
    };
    assert_eq!(refused("he", "2026-03-13T10:01:00+08:00").as_deref(), Some("received_in_future"));
    assert_eq!(refused("he", "2026-03-12T09:00:00+08:00").as_deref(), Some("received_too_long_ago"));
    assert_eq!(refused("wu", "2026-03-12T09:00:00+08:00"), None);
}

#[test]
fn an_analysis_that_names_the_owner_passes_the_case_on() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    bring_to(&mut shop, &case, State::Soothed);
    assert_eq!(shop.field(&case, "owner"), "li");
    shop.act("wu", "analyse", Some(&case), json!({ "cause": "people", "responsible_staff": "li" }));
    assert_eq!(shop.field(&case, "owner"), "wu");
    assert_eq!(shop.tasks(&case)[0]["owner"], "wu");
    shop.check_i1();
}

#[test]
fn strangers_do_not_handle_complaints() {
    let mut shop = Shop::open();
    let case = shop.raise("he", json!({}));
    assert_eq!(shop.refusal("zhou", "accept", &case, json!({})), "denied");
    assert_eq!(shop.refusal("he", "accept", &case, json!({})), "denied");
    shop.act("he", "add_note", Some(&case), json!({ "note": "客户又来电" }));
    assert!(shop.field(&case, "notes").as_str().unwrap().contains("客户又来电"));
}

/// A small generator, so that a walk that fails can be walked again by its seed.
struct Dice(u64);

impl Dice {
    fn roll<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        &choices[(self.0 >> 33) as usize % choices.len()]
    }
}

#[test]
fn no_walk_leaves_an_open_case_without_owner_and_task() {
    let actions = [
        ("accept", json!({})),
        ("accept", json!({ "informed_by": "not_yet", "note": "稍后告知" })),
        ("soothe", json!({})),
        ("analyse", json!({ "cause": "people", "responsible_staff": "li" })),
        ("analyse", json!({ "cause": "parts" })),
        ("propose", json!({ "decision": "d", "remedy": ["apology"] })),
        ("propose", json!({ "decision": "d", "remedy": ["refund"], "remedy_cost": 900_000 })),
        ("approve", json!({})),
        ("return_remedy", json!({ "approval_note": "再议" })),
        ("agree", json!({})),
        ("disagree", json!({ "customer_answer": "不行" })),
        ("execute", json!({})),
        ("finish", json!({ "proof": "W1" })),
        ("verify", json!({ "satisfaction": 1 })),
        ("verify", json!({ "satisfaction": 3 })),
        ("verify", json!({ "satisfaction": 5 })),
        ("no_answer", json!({})),
        ("assign", json!({ "owner": "wu" })),
        ("assign", json!({ "owner": "gao" })),
        ("change_level", json!({ "level": "important", "reason": "r" })),
        ("change_level", json!({ "level": "general", "reason": "r" })),
        ("withdraw", json!({ "words": "算了" })),
        ("archive", json!({ "lessons": "l" })),
        ("inform", json!({})),
    ];
    let mut reached = BTreeSet::new();
    for seed in 0..40 {
        let (mut dice, mut shop) = (Dice(seed), Shop::open());
        let case = shop.raise("he", json!({ "channel": *dice.roll(&["visit", "forum"]) }));
        for hour in 0..60 {
            let who = *dice.roll(&["li", "wu", "gao", "sun", "he", "hq"]);
            let offered: Vec<_> = actions
                .iter()
                .filter(|(action, _)| is_offered(&shop, &case, action) && (*action != "withdraw" || seed % 8 == 0))
                .collect();
            let Some((action, input)) =
                offered.get(..).filter(|offered| !offered.is_empty()).map(|offered| *dice.roll(offered))
            else {
                break;
            };
            if shop.try_act(who, action, Some(&case), input.clone()).fault().is_none() {
                shop.act(who, action, Some(&case), input.clone());
                reached.insert(shop.field(&case, "state").to_string());
            }
            shop.check_i1();
            shop.wait_until(&format!("2026-03-{:02}T{:02}:30:00+08:00", 13 + (hour + 10) / 24, (hour + 10) % 24));
            shop.check_i1();
        }
    }
    assert_eq!(reached.len(), 12, "the walks come everywhere but to rejected and transferred: {reached:?}");
}

/// The states in which plugin.toml offers an action; the server refuses it elsewhere.
fn is_offered(shop: &Shop, case: &str, action: &str) -> bool {
    let manifest = include_str!("../plugin.toml");
    let block = manifest
        .split("[[owns.actions]]")
        .find(|block| block.contains(&format!("name = \"{action}\"")))
        .expect("a known action");
    let states = block.lines().find_map(|line| line.strip_prefix("states = ")).unwrap_or_default();
    states == "[]" || states.contains(&format!("\"{}\"", shop.field(case, "state").as_str().unwrap_or_default()))
}
