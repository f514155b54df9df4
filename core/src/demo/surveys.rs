//! A dealer's surveys: a questionnaire that was tried out, a month of calls about the hand-over, and the report.

use serde_json::{Value, json};

use crate::demo::{Plan, Told, dice::Dice, network};

/// A store with fewer customers is made for a test, which counts what it finds.
const FEWEST_CUSTOMERS: usize = 20;
/// What the plugin asks for before a questionnaire is published.
const PILOT: usize = 10;
/// Calls that reach somebody.
const CALLS: usize = 16;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 1_440 * MINUTE_MS;
const STUDY: &str = "surveys.study";
const ANSWER: &str = "surveys.answer";
const QUESTIONNAIRE: &str = "surveys.questionnaire";
/// Behind all that plugins tell.
const TELLING: usize = usize::MAX;

/// What an act is done to.
enum On {
    /// The kind as a whole.
    Kind,
    /// What an earlier act has made.
    Made(&'static str),
    /// The first record that meets a filter by then.
    First(Value),
}

/// The surveys of the first dealer, in the order of time.
pub fn surveys(plan: &Plan) -> Vec<Told> {
    let dealers = network::dealers(plan);
    let Some(dealer) = dealers.first().filter(|_| plan.customers >= FEWEST_CUSTOMERS) else { return Vec::new() };
    let by = format!("{}-zhao", dealer.id);
    let days = |days: i64| plan.now.plus_millis(-days * DAY_MS);
    let act = |at, kind: &str, action: &str, input, on, called: Option<&str>| {
        let (on, first) = match on {
            On::Kind => (None, None),
            On::Made(name) => (Some(name.to_owned()), None),
            On::First(filter) => (None, Some(filter)),
        };
        let (by, kind, action, called) = (by.clone(), kind.to_owned(), action.to_owned(), called.map(str::to_owned));
        Told { at, by, kind, action, input, telling: TELLING, on, first, called, customer: None }
    };
    let made = On::Made;
    let mut dice = Dice::new(plan.seed, "survey", 0);
    let mut acts = vec![
        act(days(60), QUESTIONNAIRE, "generate", json!({ "template": "delivery_3" }), On::Kind, Some("questionnaire")),
        act(days(59), QUESTIONNAIRE, "pilot", json!({}), made("questionnaire"), None),
        act(days(58), STUDY, "plan_study", pilot(), On::Kind, Some("pilot")),
        act(days(57), STUDY, "start", json!({ "n_codes": PILOT }), made("pilot"), None),
    ];
    for n in 0..PILOT as i64 {
        let first = On::First(json!({ "study": { "$id": "pilot" }, "state": "sampled" }));
        let input = json!({ "answers": answers(&mut dice, 2), "done": true });
        acts.push(act(days(56).plus_millis(n * 7 * MINUTE_MS), ANSWER, "fill", input, first, None));
    }
    acts.push(act(days(55), QUESTIONNAIRE, "publish", json!({}), made("questionnaire"), None));
    acts.push(act(days(40), STUDY, "plan_study", study(), On::Kind, Some("study")));
    acts.push(act(days(39), STUDY, "start", json!({}), made("study"), None));
    for n in 0..CALLS {
        let at = days(38).plus_millis(n as i64 * DAY_MS + 9 * 60 * MINUTE_MS);
        let next = |state: &str| On::First(json!({ "study": { "$id": "study" }, "state": state }));
        acts.push(act(at, ANSWER, "begin_call", json!({ "notice_given": true }), next("invited"), None));
        // Two in sixteen are badly disappointed.
        let given = answers(&mut dice, if n % 8 == 3 { 6 } else { 3 });
        let end =
            json!({ "spoke_to": "customer", "recording": format!("R{n:05}"), "recording_s": 240, "answers": given });
        acts.push(act(at.plus_millis(5 * MINUTE_MS), ANSWER, "end_call", end, next("partial"), None));
    }
    acts.push(act(days(12), STUDY, "close", json!({}), made("study"), None));
    acts
}

fn pilot() -> Value {
    json!({ "name": "交车回访试测", "questionnaire": { "$id": "questionnaire" }, "mode": "codes", "is_pilot": true })
}

/// Few enough for one dealer's month: a sample of this margin is about twenty.
fn study() -> Value {
    json!({
        "name": "交车后3天回访", "questionnaire": { "$id": "questionnaire" }, "mode": "phone", "source": "customers", "filter": { "type": "owner" },
        "method": "simple_random", "margin": 200, "seed": "demo",
    })
}

/// Scores from ten down by at most so much.
fn answers(dice: &mut Dice, spread: u64) -> Value {
    let mut score = || 10 - dice.below(spread + 1);
    let mut given = json!({
        "is_right_person": "yes", "in_scope": "yes", "delivery_time": score(), "delivery_explain": score(), "use_start": score(),
        "use_help": score(), "trouble": "no", "overall": score(), "nps": score(),
    });
    if given["overall"].as_u64().is_some_and(|overall| overall <= 6) {
        given["why_low"] = json!("等待时间太长，讲解也不够清楚。");
    }
    given
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_spoken_of_was_made_before_and_time_does_not_run_backwards() {
        let plan = Plan { customers: 200, ..Plan::example() };
        let acts = surveys(&plan);
        assert!(acts.is_sorted_by_key(|act| act.at) && acts.iter().all(|act| act.at <= plan.now));
        let mut made = BTreeSet::new();
        for act in &acts {
            let spoken = format!("{}{:?}", act.input, act.first);
            for name in ["questionnaire", "pilot", "study"] {
                let is_spoken_of = spoken.contains(&format!("\"{name}\"")) && spoken.contains("$id");
                let is_done_to = act.on.as_deref() == Some(name);
                assert!(
                    !(is_spoken_of && spoken.contains(&format!("{{\"$id\":\"{name}\"}}")) || is_done_to)
                        || made.contains(name),
                    "{act:?}"
                );
            }
            made.extend(act.called.as_deref());
        }
        assert_eq!(acts.iter().filter(|act| act.action == "end_call").count(), CALLS);
        assert!(surveys(&Plan { customers: 4, ..plan }).is_empty());
    }
}
