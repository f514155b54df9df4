//! Rules to begin with: each does what its cases say, and can be published as it comes.

use serde_json::{Value, json};

use super::reactions::FRIDAY;
use crate::{
    routes::items,
    support::{Client, SOON, Server, eventually},
};

fn path(recipe: &Value) -> String {
    format!("/scripts/{}", recipe["script"].as_str().expect("a script"))
}

fn begin(author: &Client, recipe: &str) -> String {
    let begun = author.post(&format!("/recipes/{recipe}/begin?org=d1"), &json!({})).ok(200);
    path(&begun)
}

#[test]
fn every_recipe_passes_its_cases_and_can_be_published() {
    let server = Server::dealer_at(FRIDAY);
    let author = server.staff("deng");
    let recipes = author.get("/recipes").ok(200);
    let names: Vec<&str> = items(&recipes).iter().map(|recipe| recipe["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["cadence", "churn", "escalation", "points", "routing", "scoring"]);
    for recipe in items(&recipes) {
        let (name, script) = (recipe["name"].as_str().expect("a name"), path(recipe));
        let cases = recipe["examples"].as_array().expect("cases");
        assert!(cases.len() >= 2, "{name} has {} cases", cases.len());
        assert_eq!(begin(&author, name), script);
        let item = author.get(&format!("{script}?org=d1")).ok(200);
        assert_ne!(item["state"], "published", "{name}: nothing is in force before it is published");
        let report = author.post(&format!("{script}/check?org=d1"), &json!({})).ok(200);
        assert_eq!((&report["ok"], &report["problems"]), (&json!(true), &json!([])), "{name}: {report}");
        let named = |example: &&Value| example["name"] != "";
        let run = report["examples"].as_array().map(|examples| examples.iter().filter(named).count());
        assert_eq!(run, Some(cases.len()), "{name}: {report}");
        author.post(&format!("{script}/publish?org=d1"), &json!({})).ok(200);
    }
}

#[test]
fn a_recipe_begun_twice_brings_its_fields_once() {
    let server = Server::dealer_at(FRIDAY);
    let author = server.staff("deng");
    begin(&author, "churn");
    begin(&author, "churn");
    author.post("/recipes/nothing/begin?org=d1", &json!({})).problem(404, "recipe.not_found");
    server.staff("li").post("/recipes/churn/begin?org=d1", &json!({})).problem(403, "denied");
}

#[test]
fn a_recipe_does_not_take_the_place_of_a_draft() {
    let server = Server::dealer_at(FRIDAY);
    let author = server.staff("deng");
    let script = begin(&author, "churn");
    let own = json!({ "source": "fn compute(record) { \"low\" }" });
    author.put(&format!("{script}/draft?org=d1"), &own).ok(200);
    author.post("/recipes/churn/begin?org=d1", &json!({})).problem(409, "draft.exists");
    assert_eq!(author.get(&format!("{script}?org=d1")).ok(200)["draft"]["source"], own["source"]);
}

#[test]
fn churn_and_scores_are_computed_for_every_customer_there_is() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    for recipe in ["churn", "scoring"] {
        let script = begin(&author, recipe);
        author.post(&format!("{script}/publish?org=d1"), &json!({})).ok(200);
    }
    eventually("all are computed", SOON, || {
        let customers = officer.list("customer", &json!({}));
        let has_both = |one: &Value| one["data"]["x_churn"].is_string() && one["data"]["x_score"].is_number();
        (!customers.is_empty() && customers.iter().all(has_both)).then_some(())
    });
}

#[test]
fn a_routed_customer_has_an_owner_and_its_reason() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let script = begin(&author, "routing");
    let own = officer.get("/session").ok(200)["user"]["id"].clone();
    let draft = author.get(&format!("{script}?org=d1")).ok(200)["draft"].clone();
    let body = json!({ "source": draft["source"], "asks": draft["asks"], "parameters": { "by_source": { "车展": own }, "rota": [] } });
    author.put(&format!("{script}/draft?org=d1"), &body).ok(200);
    author.post(&format!("{script}/publish?org=d1"), &json!({})).ok(200);
    let admin = server.admin();
    let data = json!({ "name": "新客户", "phone": "13000017777", "source": "车展" });
    let made = admin.post("/records/customer", &json!({ "org": "d1", "data": data })).ok(201);
    let id = made["id"].as_str().expect("an id");
    eventually("the customer has an owner", SOON, || {
        (admin.record("customer", id)["data"]["owner"] == own).then_some(())
    });
    let why = admin.get(&format!("/records/customer/{id}/why/owner?again=true")).ok(200);
    assert_eq!(why["reasons"], json!(["来源 车展 有专人负责"]), "{why}");
    assert_eq!(why["again"]["is_same"], true, "{why}");
}
