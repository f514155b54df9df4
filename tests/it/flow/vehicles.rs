//! A car from its registration to its next owner: file, roles, types, search, timeline, odometer.

use serde_json::{Value, json};

use crate::support::{Client, SOON, Server, eventually};

const FRIDAY: &str = "2026-03-13T10:00:00+08:00";
const VIN: &str = "LSGPC52U6TF100001";

fn customer(officer: &Client, name: &str, phone: &str) -> String {
    let item = officer.create("customer", json!({ "name": name, "phone": phone }));
    item["id"].as_str().expect("an id").to_owned()
}

fn register(officer: &Client, input: &Value) -> Value {
    officer.post("/records/vehicles.vehicle/actions/register", input).ok(200)
}

fn act(officer: &Client, id: &str, action: &str, input: &Value) -> Value {
    officer.post(&format!("/records/vehicles.vehicle/{id}/actions/{action}"), input).ok(200)
}

fn timeline(client: &Client, kind: &str, id: &str) -> Vec<Value> {
    let body = client.get(&format!("/records/{kind}/{id}/timeline?limit=100")).ok(200);
    body["items"].as_array().expect("items").clone()
}

fn kinds(items: &[Value]) -> Vec<&str> {
    items.iter().filter_map(|item| item["kind"].as_str()).collect()
}

#[test]
fn a_registered_vehicle_is_found_by_the_end_of_its_number_and_by_its_plate() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let input = json!({ "vin": "lsgpc52u6-tf100001", "plate": "鄂A·12345", "model": "朗逸", "customer": owner, "invoice_date": "2026-03-01" });
    let answer = register(&officer, &input);
    let file = &answer["record"];
    assert_eq!((&answer["reply"]["made"], &file["data"]["vin"]), (&json!(true), &json!(VIN)), "{answer}");
    assert_eq!(file["data"]["status"], "owned", "{answer}");
    assert_eq!((&file["data"]["model_year"], &file["data"]["customer"]), (&json!(2026), &json!(owner)), "{answer}");
    assert_eq!(file["data"]["warranty_until"], "2029-03-01", "{answer}");
    assert_eq!(file["data"]["sanbao_until"], "2028-03-01", "{answer}");
    assert_eq!(officer.record("customer", &owner)["data"]["type"], "owner");

    for words in ["100001", "TF100001", "鄂A12345", "12345"] {
        let body = officer.get(&format!("/records/vehicles.vehicle?q={words}")).ok(200);
        let found: Vec<&Value> = body["items"].as_array().into_iter().flatten().map(|item| &item["id"]).collect();
        assert_eq!(found, [&file["id"]], "{words}: {body}");
    }

    let again = register(&officer, &input);
    assert_eq!((&again["reply"]["made"], &again["reply"]["vehicle"]), (&json!(false), &file["id"]), "{again}");
    assert_eq!(officer.record("vehicles.vehicle", file["id"].as_str().expect("an id"))["rev"], file["rev"]);
}

#[test]
fn a_generic_create_is_answered_by_registering_and_a_wrong_number_by_its_place() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let item = officer.create("vehicles.vehicle", json!({ "vin": VIN, "model": "朗逸" }));
    assert_eq!(item["data"]["status"], "stock", "{item}");
    let answer = officer.post("/records/vehicles.vehicle", &json!({ "data": { "vin": "LSGPC52U6TF100010" } }));
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(answer.pointers(), ["/data/vin"], "{}", answer.text);
    let id = item["id"].as_str().expect("an id");
    let closed = officer.patch(&format!("/records/vehicles.vehicle/{id}"), &json!({ "data": { "odometer": 5 } }));
    assert_eq!(closed.status, 403, "{}", closed.text);
}

#[test]
fn a_transfer_tells_both_owners_and_leaves_one() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let (old, new) = (customer(&officer, "孙国强", "13900020001"), customer(&officer, "何美玲", "13900020002"));
    let made = register(&officer, &json!({ "vin": VIN, "customer": old, "from": "2024-05-01" }));
    let id = made["reply"]["vehicle"].as_str().expect("an id").to_owned();
    act(&officer, &id, "record_odometer", &json!({ "km": 42_000, "source": "service" }));
    let moved = act(&officer, &id, "transfer", &json!({ "customer": new }));
    assert_eq!(moved["record"]["data"]["customer"], json!(new), "{moved}");

    let open = officer.list("vehicles.ownership", &json!({ "vehicle": id, "to": { "empty": true } }));
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((&open[0]["data"]["customer"], &open[0]["data"]["purchase_kind"]), (&json!(new), &json!("used")));
    let closed = officer.list("vehicles.ownership", &json!({ "vehicle": id, "to": "2026-03-13" }));
    assert_eq!(closed.len(), 1, "{closed:?}");
    assert_eq!(officer.record("customer", &old)["data"]["type"], "past_owner");
    assert_eq!(officer.record("customer", &new)["data"]["type"], "owner");

    let of_old = timeline(&officer, "customer", &old);
    assert!(kinds(&of_old).contains(&"vehicles.ownership.changed"), "{:?}", kinds(&of_old));
    let of_new = timeline(&officer, "customer", &new);
    assert!(kinds(&of_new).contains(&"vehicles.ownership.transferred"), "{:?}", kinds(&of_new));
    assert!(!kinds(&of_new).contains(&"vehicles.odometer.recorded"), "what was before is not the new owner's");
    let told = of_new.iter().map(|item| item.to_string()).collect::<String>();
    assert!(!told.contains(&old) && !told.contains("孙国强"), "the new owner's timeline names the old one: {told}");
    assert!(
        of_new.iter().all(|item| item["title"]["zh-CN"].as_str().is_some_and(|title| !title.contains('{'))),
        "{of_new:?}"
    );

    let technical = act(&officer, &id, "technical_history", &json!({}));
    let technical = &technical["reply"];
    assert_eq!(technical["readings"][0]["km"], 42_000, "{technical}");
    assert!(!technical.to_string().contains(&old) && !technical.to_string().contains("孙国强"), "{technical}");
}

#[test]
fn an_odometer_that_falls_needs_a_reason_and_is_marked_for_good() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let made = register(&officer, &json!({ "vin": VIN, "odometer": 10_000 }));
    let id = made["reply"]["vehicle"].as_str().expect("an id").to_owned();
    let path = format!("/records/vehicles.vehicle/{id}/actions/record_odometer");
    let body = officer.post(&path, &json!({ "km": 9_999 })).problem(400, "odometer_lower");
    assert_eq!(body["errors"][0]["pointer"], "/reason", "{body}");
    server.set_clock("2026-03-13T10:01:00+08:00");
    act(&officer, &id, "record_odometer", &json!({ "km": 5, "reason": "更换仪表" }));
    server.set_clock("2026-03-13T10:02:00+08:00");
    let after = act(&officer, &id, "record_odometer", &json!({ "km": 800 }));
    let data = &after["record"]["data"];
    assert_eq!((&data["odometer"], &data["odometer_flag"]), (&json!(800), &json!(true)), "{after}");
    assert_eq!(officer.list("vehicles.reading", &json!({ "vehicle": id })).len(), 3);
}

#[test]
fn ninety_days_before_its_end_a_warranty_is_told_of_once() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    register(&officer, &json!({ "vin": VIN, "customer": owner, "delivery_date": "2023-07-01" }));
    let told = || {
        kinds(&timeline(&officer, "customer", &owner))
            .iter()
            .filter(|kind| **kind == "vehicles.warranty_expiring")
            .count()
    };
    server.set_clock("2026-04-01T10:00:00+08:00");
    assert_eq!(told(), 0, "91 days are left");
    server.set_clock("2026-04-02T10:00:00+08:00");
    eventually("the end of the warranty is told of", SOON, || (told() == 1).then_some(()));
    server.set_clock("2026-06-30T10:00:00+08:00");
    assert_eq!(told(), 1);
}

#[test]
fn a_dealer_may_give_a_longer_warranty_and_not_a_shorter_one() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, admin) = (server.staff("wang"), server.admin());
    let shorter = admin.put("/plugins/vehicles/settings?org=d1", &json!({ "warranty_months": 24 }));
    assert_eq!(shorter.status, 400, "{}", shorter.text);
    admin.put("/plugins/vehicles/settings?org=d1", &json!({ "warranty_months": 60 })).ok(200);
    let made = register(&officer, &json!({ "vin": VIN, "invoice_date": "2026-03-01" }));
    assert_eq!(made["record"]["data"]["warranty_until"], "2031-03-01", "{made}");
}

#[test]
fn a_car_that_two_organisations_know_has_a_file_at_each() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, admin) = (server.staff("wang"), server.admin());
    let elsewhere = admin.post("/records/vehicles.vehicle/actions/register", &json!({ "vin": VIN })).ok(200);
    assert_eq!(elsewhere["record"]["org"], "hq", "{elsewhere}");
    let here = register(&officer, &json!({ "vin": VIN }));
    assert_eq!((&here["reply"]["made"], &here["record"]["org"]), (&json!(true), &json!("d1")), "{here}");
    let again = register(&officer, &json!({ "vin": VIN }));
    assert_eq!(
        (&again["reply"]["made"], &again["reply"]["vehicle"]),
        (&json!(false), &here["record"]["id"]),
        "{again}"
    );
    assert_eq!(officer.list("vehicles.vehicle", &json!({ "vin": VIN })).len(), 1);
}
