//! Scripts that loop, hoard, lie or throw: the server serves on, the value of before stands, and the reason is told.

use serde_json::{Value, json};

use super::http::{BY_SPENDING, SCORE, client, current, job, publish, server};
use crate::support::{Client, SOON, eventually};

fn why(admin: &Client, client: &str) -> Value {
    admin.get(&format!("/records/garage.client/{client}/why/score")).ok(200)
}

#[test]
fn a_hostile_script_leaves_the_value_behind_with_a_reason() {
    let (_server, admin) = server();
    let ann = client(&admin, "Ann");
    job(&admin, &ann, 10_000);
    publish(&admin, SCORE, BY_SPENDING);
    let score = eventually("a score", SOON, || {
        let record = current(&admin, &ann);
        (record["data"]["score"] == 11).then_some(record)
    });
    assert_eq!(score["rev"], 1);
    // They behave for the record there is, so that the check lets them pass.
    for (n, (misdeed, word)) in [
        ("loop { }", "operations"),
        ("let t = \"aaaaaaaa\"; loop { t += t; }", "too large"),
        (
            "let a = []; for n in 0..1900 { a.push(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"); } a",
            "too large",
        ),
        ("\"many\"", "does not fit"),
        ("throw \"no score today\"", "no score today"),
        ("#{ value: 1, valeu: 2 }", "valeu"),
    ]
    .into_iter()
    .enumerate()
    {
        let limit = n as i64 + 1;
        let source = format!("fn compute(record) {{\n    if record.n_jobs > {limit} {{ {misdeed} }} else {{ 11 }}\n}}");
        publish(&admin, SCORE, &source);
        eventually("the new version holds", SOON, || {
            (why(&admin, &ann)["script_version"] == n + 2 && current(&admin, &ann)["data"]["score"] == 11).then_some(())
        });
        job(&admin, &ann, 10_000);
        let told = eventually("why it failed", SOON, || {
            Some(why(&admin, &ann)).filter(|why| why["fallback"].as_str().is_some_and(|text| text.contains(word)))
        });
        assert_eq!((&told["output"], &told["reasons"]), (&json!(11), &json!([])), "{told}");
        let record = admin.record("garage.client", &ann);
        assert_eq!((&record["data"]["score"], &record["stale"]), (&json!(11), &json!(["class", "score"])), "{record}");
        assert_eq!(record["data"]["n_jobs"], limit + 1, "{misdeed}: everything else is current");
    }
}

#[test]
fn a_script_that_keeps_failing_is_taken_out_of_force_and_its_owner_told() {
    let (_server, admin) = server();
    let ann = client(&admin, "Ann");
    job(&admin, &ann, 10_000);
    publish(&admin, SCORE, "fn compute(record) {\n    if record.n_jobs > 1 { throw \"too many\" } else { 5 }\n}");
    eventually("a score", SOON, || (current(&admin, &ann)["data"]["score"] == 5).then_some(()));
    let head = admin.head();
    for _ in 0..3 {
        job(&admin, &ann, 10_000);
        eventually("it is behind", SOON, || {
            let record = admin.record("garage.client", &ann);
            record["stale"].as_array().is_some_and(|stale| stale.contains(&json!("score"))).then_some(())
        });
        admin.get("/scripts").ok(200);
        let counted = admin.events_after(head).iter().filter(|event| event["kind"] == "script.failed").count();
        eventually("the failure is counted", SOON, || {
            let now = admin.events_after(head).iter().filter(|event| event["kind"] == "script.failed").count();
            (now > counted || now >= 3 || counted > 0).then_some(())
        });
    }
    let disabled = eventually("the owner is told", SOON, || {
        admin.events_after(head).into_iter().find(|event| event["data"]["disabled"] == true)
    });
    assert_eq!((&disabled["kind"], &disabled["org"]), (&json!("script.failed"), &json!("hq")), "{disabled}");
    let listed = admin.get(SCORE).ok(200);
    assert!(listed["fault"]["message"].as_str().is_some_and(|text| text.contains("too many")), "{listed}");
    let record = admin.record("garage.client", &ann);
    assert_eq!((&record["data"]["score"], &record["stale"].is_array()), (&json!(5), &true), "{record}");
    // A mended one makes it current again.
    publish(&admin, SCORE, "fn compute(record) { record.n_jobs }");
    eventually("current again", SOON, || (current(&admin, &ann)["data"]["score"] == 4).then_some(()));
}
