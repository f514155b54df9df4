//! An operator restarts the server: everything is there, sessions go on, and a timer that came due meanwhile fires.

use serde_json::json;

use super::complaint::{FRIDAY, customer, raise};
use crate::support::{FIRST_PARTY, SOON, Server, eventually};

#[test]
fn everything_is_there_after_a_restart_and_nobody_signs_in_again() {
    let mut server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let customer = customer(&officer);
    let case = raise(&officer, &customer, "空调不制冷。");
    let token = officer.token().expect("a token").to_owned();
    let before = server.admin().head();

    server.restart();
    let officer = server.client().with_token(&token);
    let id = case["id"].as_str().expect("an id");
    assert_eq!(officer.record("complaints.case", id)["data"], case["data"]);
    assert_eq!(server.admin().head(), before, "a restart is no event");
    let plugins = server.admin().get("/plugins").ok(200);
    let names: Vec<&str> =
        plugins["items"].as_array().into_iter().flatten().filter_map(|p| p["name"].as_str()).collect();
    assert_eq!(names, FIRST_PARTY, "plugins are installed once");

    server.set_clock("2026-03-14T10:00:01+08:00");
    eventually("the clock of the complaint goes on", SOON, || {
        (officer.record("complaints.case", id)["data"]["breached"] == true).then_some(())
    });
    let tasks = officer.list("worklist.task", &json!({ "about": id }));
    assert!(!tasks.is_empty());
}
