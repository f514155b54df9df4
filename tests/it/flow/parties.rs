//! Who a customer is, through the whole server: numbers and the file, households, a taxi firm.

use serde_json::{Value, json};

use crate::support::{Client, SOON, Server, eventually};

const FRIDAY: &str = "2026-03-13T10:00:00+08:00";

fn customer(officer: &Client, data: Value) -> String {
    officer.create("customer", data)["id"].as_str().expect("an id").to_owned()
}

fn ask(officer: &Client, kind: &str, action: &str, input: &Value) -> Value {
    officer.post(&format!("/records/parties.{kind}/actions/{action}"), input).ok(200)["reply"].clone()
}

fn act(officer: &Client, kind: &str, id: &str, action: &str, input: &Value) -> Value {
    officer.post(&format!("/records/parties.{kind}/{id}/actions/{action}"), input).ok(200)
}

fn id<'a>(reply: &'a Value, name: &str) -> &'a str {
    reply[name].as_str().unwrap_or_else(|| panic!("no {name} in {reply}"))
}

/// The primary number of a customer, by its point.
fn primary(officer: &Client, customer: &str) -> Option<String> {
    let filter = json!({ "customer": customer, "kind": "mobile", "primary": true });
    let points = officer.list("parties.contact_point", &filter);
    assert!(points.len() <= 1, "{points:?}");
    points.first().and_then(|point| point["data"]["value"].as_str()).map(str::to_owned)
}

#[test]
fn a_number_added_is_the_one_asked_for_and_the_file_follows_in_the_same_commit() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, json!({ "name": "孙国强", "phone": "13900020001" }));
    let data = json!({ "customer": owner, "kind": "mobile", "value": "139-0002 0009", "primary": true });
    let made = officer.create("parties.contact_point", data);
    assert_eq!(made["data"]["value"], "+8613900020009", "{made}");
    assert_eq!(officer.record("customer", &owner)["data"]["phone"], "+8613900020009");
    let all = officer.list("parties.contact_point", &json!({ "customer": owner }));
    assert_eq!(all.len(), 2, "the number that was on the file has a point too: {all:?}");

    act(&officer, "contact_point", made["id"].as_str().expect("an id"), "fail", &json!({ "reason": "空号" }));
    assert_eq!(officer.record("customer", &owner)["data"]["phone"], "+8613900020001");
    let timeline = officer.get(&format!("/records/customer/{owner}/timeline?limit=50")).ok(200);
    let items = timeline["items"].as_array().expect("items");
    let failed = items.iter().find(|item| item["kind"] == "parties.contact_point.failed");
    let failed = failed.unwrap_or_else(|| panic!("no word of the wrong number: {timeline}"));
    assert!(!failed["data"].to_string().contains("139"), "an event names no number: {failed}");
}

#[test]
fn a_number_changed_on_the_file_becomes_the_primary_point() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, json!({ "name": "孙国强", "phone": "13900020001" }));
    let email = json!({ "customer": owner, "kind": "email", "value": "sun@example.com" });
    ask(&officer, "contact_point", "add", &email);
    assert_eq!(officer.record("customer", &owner)["data"]["email"], "sun@example.com");
    let path = format!("/records/customer/{owner}");
    officer.patch(&path, &json!({ "data": { "phone": "13900020002" } })).ok(200);
    eventually("the points follow the file", SOON, || {
        (primary(&officer, &owner).as_deref() == Some("+8613900020002")).then_some(())
    });
    officer.patch(&path, &json!({ "data": { "phone": null } })).ok(200);
    eventually("the number before takes its place", SOON, || {
        let on_file = officer.record("customer", &owner)["data"]["phone"] == "+8613900020001";
        (on_file && primary(&officer, &owner).as_deref() == Some("+8613900020001")).then_some(())
    });
}

#[test]
fn a_customer_is_in_one_household_whoever_asks_first() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let husband = customer(&officer, json!({ "name": "孙国强", "phone": "13900020001" }));
    let wife = customer(&officer, json!({ "name": "何美玲", "phone": "13900020002" }));
    let household = ask(&officer, "household", "found", &json!({ "customer": husband, "decision_role": "pays" }));
    let join = json!({ "household": household["household"], "customer": wife, "relation": "spouse", "decision_role": "decides" });
    let member = ask(&officer, "member", "join", &join);
    let again = officer.post("/records/parties.household/actions/found", &json!({ "customer": wife }));
    let told = again.problem(400, "in_household");
    assert_eq!(told["errors"][0]["pointer"], "/customer", "{told}");
    act(&officer, "member", id(&member, "member"), "leave", &json!({}));
    ask(&officer, "household", "found", &json!({ "customer": wife }));
    let data = officer.record("parties.household", id(&household, "household"));
    assert_eq!(data["data"]["n_members"], 1, "{data}");
}

/// A VIN with its check digit.
fn vin(n: usize) -> String {
    const WEIGHTS: [usize; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let value = |c: char| match c {
        '0'..='9' => c as usize - '0' as usize,
        'A'..='H' => c as usize - 'A' as usize + 1,
        'J'..='N' => c as usize - 'J' as usize + 1,
        'P' => 7,
        'S'..='Z' => c as usize - 'S' as usize + 2,
        other => panic!("{other} is not used here"),
    };
    let blank = format!("LSGPC52U0TF{:06}", 200_000 + n);
    let sum: usize = blank.chars().zip(WEIGHTS).map(|(c, weight)| value(c) * weight).sum();
    let digit = if sum % 11 == 10 { 'X' } else { char::from_digit((sum % 11) as u32, 10).expect("below ten") };
    format!("{}{digit}{}", &blank[..8], &blank[9..])
}

/// C01-AC4.
#[test]
fn a_taxi_firm_is_one_company_with_two_accounts_thirty_cars_forty_five_drivers_and_three_contracts() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let firm = customer(&officer, json!({ "name": "武汉通达出租车公司", "type": "company", "business_kind": "taxi" }));
    let accounts: Vec<Value> = ["通达一车队", "通达二车队"]
        .iter()
        .map(|name| {
            ask(&officer, "account", "open", &json!({ "customer": firm, "billing_name": name }))["account"].clone()
        })
        .collect();
    let cars: Vec<Value> = (0..30)
        .map(|n| {
            let input = json!({ "vin": vin(n), "plate": format!("鄂AT{n:04}"), "model": "富康", "customer": firm });
            officer.post("/records/vehicles.vehicle/actions/register", &input).ok(200)["reply"]["vehicle"].clone()
        })
        .collect();
    for (n, car) in cars.iter().take(3).enumerate() {
        let input = json!({ "vehicle": car, "kind": "maintenance", "name": format!("合同{n}"), "to": "2028-03-12" });
        officer.post("/records/vehicles.contract/actions/sign", &input).ok(200);
    }
    for n in 0..45 {
        let driver = json!({ "name": format!("司机{}", char::from_u32(0x4E00 + n * 7).expect("a character")), "phone": format!("1370000{n:04}") });
        let driver = customer(&officer, driver);
        let car = &cars[n as usize % cars.len()];
        let input = json!({
            "account": accounts[n as usize % 2], "customer": driver, "vehicles": [car],
            "rights": ["bring_in", "approve_repair"], "approve_limit": 200_000,
        });
        ask(&officer, "authorised_user", "authorise", &input);
    }

    let tree = ask(&officer, "account", "tree", &json!({ "customer": firm }));
    let counts = json!({ "companies": 1, "accounts": 2, "vehicles": 30, "drivers": 45, "contracts": 3 });
    assert_eq!(tree["counts"], counts, "{tree}");
    assert_eq!(officer.record("customer", &firm)["data"]["type"], "company", "a company stays one");

    let call = ask(&officer, "contact_point", "recognise", &json!({ "value": "137-0000-0031" }));
    assert_eq!(call["items"].as_array().map(Vec::len), Some(1), "{call}");
    let caller = &call["items"][0];
    assert_eq!((&caller["for"][0]["company"], &caller["for"][0]["name"]), (&json!(firm), &json!("武汉通达出租车公司")));
    assert_eq!(
        (&caller["vehicles"][0]["vehicle"], &caller["vehicles"][0]["title"]),
        (&cars[1], &json!("鄂AT0001 富康"))
    );
    let banner =
        officer.list("parties.authorised_user", &json!({ "customer": caller["customer"], "to": { "empty": true } }));
    assert_eq!(banner.len(), 1, "what the banner of the driver's page shows: {banner:?}");
}

#[test]
fn an_inferred_preference_is_believed_for_a_year_and_a_file_is_checked_every_day() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let owner = customer(&officer, json!({ "name": "孙国强", "phone": "13900020001", "type": "owner" }));
    let input = json!({ "customer": owner, "tag": "露营自驾", "source": "inferred", "consent_basis": "consent" });
    let noted = ask(&officer, "preference", "note", &input);
    ask(&officer, "quality", "check_files", &json!({}));
    server.set_clock("2026-03-13T10:02:00+08:00");
    let quality = eventually("the file was checked", SOON, || {
        officer.list("parties.quality", &json!({ "customer": owner })).pop()
    });
    assert_eq!(quality["data"]["percent"], 18, "{quality}");
    officer.patch(&format!("/records/customer/{owner}"), &json!({ "data": { "gender": "male" } })).ok(200);
    eventually("the quality follows the file", SOON, || {
        (officer.record("parties.quality", quality["id"].as_str()?)["data"]["percent"] == 27).then_some(())
    });

    let preference = || officer.record("parties.preference", id(&noted, "preference"))["data"]["state"].clone();
    server.set_clock("2027-03-13T09:59:00+08:00");
    assert_eq!(preference(), "active");
    server.set_clock("2027-03-13T10:00:01+08:00");
    eventually("it is believed no more", SOON, || (preference() == "expired").then_some(()));
}
