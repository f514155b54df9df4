//! Contacts as they are taken down at a desk, and refused in the language of whoever sits there.

use serde_json::json;

use crate::support::Server;

const FRIDAY: &str = "2026-03-13T10:00:00+08:00";

#[test]
fn a_refusal_of_a_plugin_is_worded_at_its_input_in_the_language_asked_for() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let customer = officer.create("customer", json!({ "name": "孙国强" }))["id"].clone();
    let input = json!({ "customer": customer, "outcome": "call_back" });
    let told = |language: &str| {
        let path = "/records/contacts.contact/actions/log";
        let answer = officer.json("POST", path, &[("accept-language", language)], &input);
        answer.problem(400, "next_missing")["errors"].clone()
    };
    let error = |message: &str| json!([{ "pointer": "/next", "code": "next_missing", "message": message }]);
    assert_eq!(told("zh-CN"), error("约好再联系，请填写什么时候"));
    assert_eq!(told("en"), error("Say when to call back"));
}
