//! A study from the questionnaire to the report: tried out, published, drawn, invited, filled in on a telephone, scored and answered.

use serde_json::{Value, json};

use super::{
    complaint::FRIDAY,
    pages::{open, post, seal},
};
use crate::support::{Client, SOON, Server, client::Answer, eventually, server::STAFF_PASSWORD};

/// One page of the questionnaire as it stands before the customer.
struct Filling<'a> {
    nobody: &'a Client,
    path: &'a str,
    page: Answer,
}

impl Filling<'_> {
    /// Fills one screen in and goes on to the next.
    fn next(&mut self, fields: &[(&str, &str)]) {
        let mut fields = fields.to_vec();
        fields.push(("_do", "next"));
        self.page = post(self.nobody, self.path, &seal(&self.page), &fields);
        assert_eq!(self.page.status, 200, "{fields:?}: {}", self.page.text);
    }
}

fn act(client: &Client, kind: &str, id: Option<&str>, action: &str, input: Value) -> Value {
    let place = id.map_or_else(String::new, |id| format!("/{id}"));
    client.post(&format!("/records/{kind}{place}/actions/{action}"), &input).ok(200)["reply"].clone()
}

fn id(reply: &Value) -> String {
    reply["id"].as_str().unwrap_or_else(|| panic!("no id: {reply}")).to_owned()
}

fn answers(client: &Client, study: &str) -> Vec<Value> {
    client.list("surveys.answer", &json!({ "study": study }))
}

fn of_record(item: &Value) -> &str {
    item["id"].as_str().expect("an id")
}

/// A questionnaire that ten people have tried out, published.
fn published(manager: &Client) -> String {
    let questionnaire =
        id(&act(manager, "surveys.questionnaire", None, "generate", json!({ "template": "delivery_3" })));
    act(manager, "surveys.questionnaire", Some(&questionnaire), "pilot", json!({}));
    let plan = json!({ "name": "试测", "questionnaire": questionnaire, "mode": "codes", "is_pilot": true });
    let pilot = id(&act(manager, "surveys.study", None, "plan_study", plan));
    act(manager, "surveys.study", Some(&pilot), "start", json!({ "n_codes": 10 }));
    let given = json!({
        "is_right_person": "yes", "in_scope": "yes", "delivery_time": 9, "delivery_explain": 8, "use_start": 10, "use_help": 9,
        "trouble": "no", "overall": 9, "nps": 9,
    });
    let codes = answers(manager, &pilot);
    assert_eq!(codes.len(), 10);
    let path = format!("/records/surveys.questionnaire/{questionnaire}/actions/publish");
    for (n, code) in codes.iter().enumerate() {
        if n == 9 {
            manager.post(&path, &json!({})).problem(409, "pilot_too_small");
        }
        act(manager, "surveys.answer", Some(of_record(code)), "fill", json!({ "answers": given, "done": true }));
    }
    act(manager, "surveys.questionnaire", Some(&questionnaire), "publish", json!({}));
    questionnaire
}

/// A study of one customer, drawn and begun.
fn asked(manager: &Client, questionnaire: &str, customer: &str, mode: &str) -> String {
    let plan = json!({
        "name": "三月交车回访", "questionnaire": questionnaire, "mode": mode, "source": "customers", "method": "census",
        "filter": { "id": customer },
    });
    let study = id(&act(manager, "surveys.study", None, "plan_study", plan));
    act(manager, "surveys.study", Some(&study), "start", json!({}));
    study
}

/// A customer who may be written to.
fn reachable(officer: &Client, name: &str, phone: &str) -> String {
    let customer = officer.create("customer", json!({ "name": name, "phone": phone, "type": "owner" }));
    let customer = of_record(&customer).to_owned();
    let yes = json!({ "purpose": "marketing", "channel": "sms", "state": "granted", "how": "paper", "text_version": "1", "proof": "表单 1" });
    officer.post(&format!("/records/customer/{customer}/actions/consent"), &yes).ok(200);
    customer
}

/// The link in the invitation that went out.
fn invitation(officer: &Client, customer: &str) -> String {
    let sent = eventually("the invitation went out", SOON, || {
        officer.get(&format!("/outbound?state=sent&customer={customer}")).ok(200)["items"].get(0).cloned()
    });
    let text = sent["caught"]["body"].as_str().expect("a text");
    let at = text.find("/p/surveys/").unwrap_or_else(|| panic!("no link: {text}"));
    text[at..].split_whitespace().next().expect("an end").to_owned()
}

fn state(client: &Client, answer: &str) -> Value {
    client.record("surveys.answer", answer)["data"]["state"].clone()
}

#[test]
fn a_dissatisfied_customer_ends_in_the_index_the_report_and_a_complaint_with_an_owner() {
    let server = Server::dealer_at(FRIDAY);
    let (manager, officer, nobody) = (server.staff("zhao"), server.staff("wang"), server.client());
    let questionnaire = published(&manager);
    let customer = reachable(&officer, "孙国强", "13900020001");
    let study = asked(&manager, &questionnaire, &customer, "link");
    let path = invitation(&officer, &customer);

    let mut filling = Filling { nobody: &nobody, path: &path, page: open(&nobody, &path) };
    assert_eq!(filling.page.status, 200, "{}", filling.page.text);
    assert!(filling.page.text.contains("您是这辆车的使用人吗"), "{}", filling.page.text);
    filling.next(&[("is_right_person", "yes"), ("in_scope", "yes")]);
    filling.next(&[("delivery_time", "4"), ("delivery_explain", "8")]);
    server.set_clock("2026-03-13T10:02:00+08:00");
    // Whoever lays the telephone down and opens the link again goes on where the answers end.
    filling.page = open(&nobody, &path);
    assert!(filling.page.text.contains("这几天用车的顺利程度"), "{}", filling.page.text);
    filling.next(&[("use_start", "6"), ("use_help", "7"), ("trouble", "yes")]);
    filling.next(&[("trouble_what", "空调有异响，没人回复我。")]);
    filling.next(&[("overall", "5"), ("nps", "3")]);
    server.set_clock("2026-03-13T10:04:00+08:00");
    filling.next(&[("why_low", "等了三个小时才提车。"), ("comment", "")]);
    assert!(!filling.page.text.contains("name=\"_form\""), "it is the last page: {}", filling.page.text);
    assert_eq!(open(&nobody, &path).status, 410, "the link is spent");

    let answer = of_record(&answers(&manager, &study)[0]).to_owned();
    eventually("the answer is judged", SOON, || (state(&manager, &answer) == "valid").then_some(()));
    let data = manager.record("surveys.answer", &answer)["data"].clone();
    // Delivery (4 + 8) / 2 weighs 60, use (6 + 7) / 2 weighs 40: 620 of 1000.
    assert_eq!((&data["index"], &data["lowest"], &data["nps"]), (&json!(620.0), &json!(4), &json!(3)), "{data}");
    assert_eq!((&data["is_alert"], &data["duration_s"]), (&json!(true), &json!(240)), "{data}");

    let case = eventually("a complaint was opened", SOON, || {
        officer.list("complaints.case", &json!({ "customer": customer })).into_iter().next()
    });
    assert_eq!((&case["data"]["channel"], &case["data"]["about"]), (&json!("survey_alert"), &json!(answer)), "{case}");
    assert!(case["data"]["owner"].is_string(), "{case}");
    assert!(case["data"]["facts"].as_str().is_some_and(|facts| facts.contains("三个小时")), "{case}");
    let tasks = officer.list("worklist.task", &json!({ "about": case["id"], "state": "open" }));
    assert_eq!((tasks.len(), &tasks[0]["data"]["owner"]), (1, &case["data"]["owner"]), "{tasks:?}");
    eventually("the answer knows its complaint", SOON, || {
        (manager.record("surveys.answer", &answer)["data"]["complaint"] == case["id"]).then_some(())
    });

    act(&manager, "surveys.study", Some(&study), "close", json!({}));
    let total = eventually("the report is there", SOON, || {
        manager.list("surveys.score", &json!({ "study": study, "scope": "total" })).into_iter().next()
    });
    let data = &total["data"];
    assert_eq!((&data["n"], &data["index"], &data["nps"]), (&json!(1), &json!(620.0), &json!(-100.0)), "{total}");
    assert_eq!(data["is_small"], true, "{total}");
    assert_eq!(state(&manager, &answer), "counted");
}

#[test]
fn a_satisfied_customer_ends_in_the_index_and_in_no_complaint() {
    let server = Server::dealer_at(FRIDAY);
    let (manager, officer, nobody) = (server.staff("zhao"), server.staff("wang"), server.client());
    let questionnaire = published(&manager);
    let customer = reachable(&officer, "何美玲", "13900020002");
    let study = asked(&manager, &questionnaire, &customer, "link");
    let path = invitation(&officer, &customer);
    let mut filling = Filling { nobody: &nobody, path: &path, page: open(&nobody, &path) };
    filling.next(&[("is_right_person", "yes"), ("in_scope", "yes")]);
    filling.next(&[("delivery_time", "10"), ("delivery_explain", "9")]);
    filling.next(&[("use_start", "9"), ("use_help", "10"), ("trouble", "no")]);
    server.set_clock("2026-03-13T10:03:00+08:00");
    filling.next(&[("overall", "10"), ("nps", "10")]);
    if filling.page.text.contains("name=\"_form\"") {
        filling.next(&[("comment", "很好")]);
    }
    let answer = of_record(&answers(&manager, &study)[0]).to_owned();
    eventually("the answer is judged", SOON, || (state(&manager, &answer) == "valid").then_some(()));
    assert_eq!(manager.record("surveys.answer", &answer)["data"]["index"], 950.0);
    server.set_clock("2026-03-13T10:30:00+08:00");
    assert!(officer.list("complaints.case", &json!({ "customer": customer })).is_empty());
}

#[test]
fn who_opts_out_is_not_drawn_and_who_was_asked_is_left_in_peace() {
    let server = Server::dealer_at(FRIDAY);
    let (manager, officer) = (server.staff("zhao"), server.staff("wang"));
    let questionnaire = published(&manager);
    let customer = reachable(&officer, "孙国强", "13900020001");
    asked(&manager, &questionnaire, &customer, "link");
    invitation(&officer, &customer);
    let plan = json!({
        "name": "再问一次", "questionnaire": questionnaire, "mode": "link", "source": "customers", "method": "census",
        "filter": { "id": customer },
    });
    let again = id(&act(&manager, "surveys.study", None, "plan_study", plan));
    let start = format!("/records/surveys.study/{again}/actions/start");
    let refused = manager.post(&start, &json!({}));
    assert!(refused.status == 409 && refused.body["code"] == "nobody_to_ask", "{}", refused.text);
}

#[test]
fn whom_headquarters_asks_the_dealer_leaves_in_peace_and_does_not_see() {
    let server = Server::dealer_at(FRIDAY);
    let (manager, officer) = (server.staff("zhao"), server.staff("wang"));
    let maker = server.client().login("hq.he", STAFF_PASSWORD);
    let above = published(&maker);
    let own = published(&manager);
    let customer = reachable(&officer, "孙国强", "13900020001");
    let study = asked(&maker, &above, &customer, "link");
    assert_eq!(answers(&maker, &study).len(), 1);
    assert!(
        manager.list("surveys.answer", &json!({ "customer": customer })).is_empty(),
        "whom others ask is their affair"
    );
    let plan = json!({
        "name": "本店回访", "questionnaire": own, "mode": "link", "source": "customers", "method": "census", "filter": { "id": customer },
    });
    let again = id(&act(&manager, "surveys.study", None, "plan_study", plan));
    let start = format!("/records/surveys.study/{again}/actions/start");
    eventually("the dealer is told to wait", SOON, || {
        let refused = manager.post(&format!("{start}?dry_run=true"), &json!({}));
        (refused.body["code"] == "nobody_to_ask" || refused.text.contains("nobody_to_ask")).then_some(())
    });
}

#[test]
fn a_caller_gets_the_script_and_the_address_of_the_form() {
    let server = Server::dealer_at(FRIDAY);
    let (manager, officer, nobody) = (server.staff("zhao"), server.staff("wang"), server.client());
    let questionnaire = published(&manager);
    let customer = officer.create("customer", json!({ "name": "孙国强", "phone": "13900020001", "type": "owner" }));
    let study = asked(&manager, &questionnaire, of_record(&customer), "phone");
    let answer = eventually("a caller has it", SOON, || {
        answers(&manager, &study).into_iter().find(|answer| answer["data"]["state"] == "invited")
    });
    let tasks = manager.list("worklist.task", &json!({ "about": study, "state": "open" }));
    assert!(!tasks.is_empty() && tasks.iter().all(|task| !task.to_string().contains("孙国强")), "{tasks:?}");

    let path = format!("/records/surveys.answer/{}/actions/begin_call", of_record(&answer));
    manager.post(&path, &json!({ "notice_given": false })).problem(400, "notice_missing");
    let reply = manager.post(&path, &json!({ "notice_given": true })).ok(200)["reply"].clone();
    assert!(reply["script"]["zh-CN"].is_string() && reply["script"]["en"].is_string(), "{reply}");
    let url = reply["links"]["form"]["url"].as_str().unwrap_or_else(|| panic!("no url: {reply}"));
    let form = open(&nobody, &url[url.find("/p/surveys/").expect("a path")..]);
    assert!(form.status == 200 && form.text.contains("您是这辆车的使用人吗"), "{}", form.text);
}
