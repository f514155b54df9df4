//! Who sees what, from outside: a colleague's customer, another dealer's, a car at another station, roles made in the running system.

use marque::{
    model::Scope,
    store::{Store, StoreConfig, tables::audit},
};
use serde_json::{Value, json};

use crate::support::{Client, Server};

const FRIDAY: &str = "2026-03-13T10:00:00+08:00";
const SECRET: &str = "correct horse battery staple";
const VIN: &str = "LSGPC52U6TF100001";

/// Somebody with roles, signed in; their organisation is made where it is not there.
fn hire(server: &Server, org: &str, login: &str, roles: &[&str]) -> (String, Client) {
    let admin = server.admin();
    let data = json!({ "login": login, "name": login, "roles": roles });
    let user = admin.post("/records/user", &json!({ "org": org, "data": data })).ok(201);
    let id = user["id"].as_str().expect("an id").to_owned();
    admin.post(&format!("/records/user/{id}/actions/set_password"), &json!({ "password": SECRET })).ok(200);
    (id, server.client().login(login, SECRET))
}

fn second_dealer(server: &Server) -> String {
    let data = json!({ "code": "d9", "name": "九号站", "type": "service_station", "parent": "hq" });
    let org = server.admin().create("org", data);
    org["id"].as_str().expect("an id").to_owned()
}

fn items(body: &Value) -> &Vec<Value> {
    body["items"].as_array().expect("items")
}

/// What the audit log holds of a kind, once the server has stopped.
fn audited(server: &mut Server, what: &str) -> Vec<audit::Entry> {
    server.stop();
    let store = Store::open(&server.data(), &StoreConfig::default()).expect("the store");
    let all = audit::verified(&store.view(Scope::All).expect("a view")).expect("an unbroken log");
    all.into_iter().filter(|entry| entry.what == what).collect()
}

#[test]
fn a_colleagues_customer_is_found_by_the_whole_phone_masked_and_not_opened() {
    let mut server = Server::dealer_at(FRIDAY);
    let (wang, owner) = hire(&server, "d1", "d1.wang2", &["consultant"]);
    let (_, li) = hire(&server, "d1", "d1.li2", &["consultant"]);
    let customer =
        owner.create("customer", json!({ "name": "周杰伦", "phone": "13800001234", "address": "解放大道7号" }));
    assert_eq!(customer["data"]["owner"], json!(wang), "what one makes and could not see otherwise is one's own");
    let id = customer["id"].as_str().expect("an id");

    let body = li.get("/search?q=13800001234").ok(200);
    let hit = &items(&body)[0];
    assert_eq!((&hit["id"], &hit["title"], &hit["owner"]), (&json!(id), &json!("周**"), &json!("d1.wang2")), "{body}");
    assert_eq!((&hit["hints"]["phone"], &hit["may_open"]), (&json!("138****1234"), &json!(false)), "{body}");
    let text = body.to_string();
    assert!(!text.contains("13800001234") && !text.contains("周杰伦") && !text.contains("解放"), "{body}");
    assert!(items(&li.get("/search?q=1380000").ok(200)).is_empty(), "part of a number finds nothing");
    assert!(items(&li.get("/search?q=周杰伦").ok(200)).is_empty());

    li.get(&format!("/records/customer/{id}")).problem(404, "record.not_found");
    li.get(&format!("/records/customer/{id}/history")).problem(404, "record.not_found");
    li.patch(&format!("/records/customer/{id}"), &json!({ "data": { "city": "上海" } }))
        .problem(404, "record.not_found");
    li.get("/records/customer?filter={\"phone\":\"13800001234\"}").ok(200);
    assert!(li.list("customer", &json!({ "phone": "13800001234" })).is_empty());

    let head = owner.head();
    let told = li.post(&format!("/records/customer/{id}/notify"), &json!({ "note": "在展厅" })).ok(200);
    assert_eq!(told["owner"]["id"], json!(wang));
    let asked: Vec<Value> =
        owner.events_after(head).into_iter().filter(|event| event["kind"] == "customer.asked_after").collect();
    assert_eq!((asked.len(), &asked[0]["data"]["note"]), (1, &json!("在展厅")), "{asked:?}");
    assert!(
        li.events_after(head).iter().all(|event| event["kind"] != "customer.asked_after"),
        "who asks sees no more of it"
    );

    let entries = audited(&mut server, "lookup");
    assert!(entries.iter().any(|entry| entry.detail["found"] == json!([id])), "{entries:?}");
    assert!(!format!("{entries:?}").contains("1380000"), "the log holds no number");
}

#[test]
fn another_dealers_customer_is_not_there_and_the_search_is_on_record() {
    let mut server = Server::dealer_at(FRIDAY);
    let other = second_dealer(&server);
    let (_, stranger) = hire(&server, &other, "d9.li", &["consultant"]);
    let (_, channel) = hire(&server, "hq", "hq.channel", &["hq_channel"]);
    let customer = server.staff("wang").create("customer", json!({ "name": "周杰伦", "phone": "13800001234" }));
    let id = customer["id"].as_str().expect("an id");
    assert!(items(&stranger.get("/search?q=13800001234").ok(200)).is_empty());
    stranger.get(&format!("/records/customer/{id}")).problem(404, "record.not_found");
    stranger.post(&format!("/records/customer/{id}/notify"), &json!({})).problem(404, "record.not_found");
    let seen = channel.record("customer", id);
    assert!(seen["data"].get("name").is_none() && seen["data"].get("phone").is_none(), "{seen}");
    let told = channel.get("/search?q=13800001234").ok(200).to_string();
    assert!(!told.contains("周") && !told.contains("1380"), "{told}");
    let entries = audited(&mut server, "lookup");
    assert!(entries.iter().any(|entry| entry.org.as_ref().is_some_and(|org| org.as_str() == other)), "{entries:?}");
}

#[test]
fn a_car_at_another_station_shows_what_was_done_and_no_person_and_no_price() {
    let mut server = Server::dealer_at(FRIDAY);
    let station = second_dealer(&server);
    let (_, advisor) = hire(&server, &station, "d9.advisor", &["advisor"]);
    let officer = server.staff("wang");
    let owner = officer.create("customer", json!({ "name": "孙国强", "phone": "13900020001" }));
    let input = json!({ "vin": VIN, "plate": "鄂A12345", "model": "朗逸", "customer": owner["id"], "invoice_date": "2026-03-01" });
    let car = officer.post("/records/vehicles.vehicle/actions/register", &input).ok(200);
    let id = car["record"]["id"].as_str().expect("an id");
    officer.post(&format!("/records/vehicles.vehicle/{id}/actions/record_odometer"), &json!({ "km": 1234 })).ok(200);
    advisor.get(&format!("/records/vehicles.vehicle/{id}")).problem(404, "record.not_found");

    let ask = |body: &Value| advisor.post("/records/vehicles.vehicle/look_up", body);
    let body = ask(&json!({ "vin": VIN, "reason": "customer at reception" })).ok(200);
    let found = &items(&body)[0];
    assert_eq!((&found["data"]["vin"], &found["data"]["model"]), (&json!(VIN), &json!("朗逸")), "{body}");
    assert_eq!(found["children"]["vehicles.reading"][0]["km"], json!(1234), "{body}");
    let text = body.to_string();
    assert!(!text.contains("customer") && !text.contains("孙") && !text.contains("13900020001"), "{body}");
    assert_eq!(items(&ask(&json!({ "plate": "鄂A·12345", "reason": "customer at reception" })).ok(200)).len(), 1);
    ask(&json!({ "vin": VIN })).problem(400, "reason.invalid");
    ask(&json!({ "vin": "F100001", "reason": "part of one" })).problem(400, "invalid");
    ask(&json!({ "customer": owner["id"], "reason": "by person" })).problem(400, "look_up.invalid");
    advisor
        .post("/records/customer/look_up", &json!({ "phone": "13900020001", "reason": "who is it" }))
        .problem(404, "look_up.not_found");
    ask(&json!({ "vin": VIN, "reason": "孙国强的车到店" })).ok(200);
    let entries = audited(&mut server, "record.looked_up");
    assert_eq!(entries.len(), 3, "{entries:?}");
    assert_eq!(entries[2].detail["reason"], "—", "whose car it is may be forgotten, the log is not");
    assert_eq!(entries[0].detail["reason"], "customer at reception");
    assert_eq!(entries[0].detail["found"][0]["id"], json!(id));
}

#[test]
fn masked_values_are_shown_with_a_purpose_thirty_a_day() {
    let mut server = Server::dealer_at(FRIDAY);
    let (_, advisor) = hire(&server, "d1", "d1.advisor2", &["advisor"]);
    let customer = server.staff("wang").create("customer", json!({ "name": "周杰伦", "phone": "13800001234" }));
    let id = customer["id"].as_str().expect("an id");
    let seen = advisor.record("customer", id);
    assert_eq!((&seen["data"]["name"], &seen["hints"]["phone"]), (&json!("周杰伦"), &json!("138****1234")), "{seen}");
    assert!(seen["masked"].as_array().expect("masked").contains(&json!("phone")), "{seen}");
    advisor.get("/records/customer?filter={\"phone\":\"13800001234\"}").problem(400, "field.masked");
    let path = format!("/records/customer/{id}/reveal");
    advisor.post(&path, &json!({ "fields": ["phone"], "purpose": "" })).problem(400, "purpose.invalid");
    for n in 0..30 {
        let purpose = if n == 29 { "周杰伦的车修好了" } else { "车修好了" };
        let told = advisor.post(&path, &json!({ "fields": ["phone"], "purpose": purpose })).ok(200);
        assert_eq!(told["data"]["phone"], "+8613800001234");
    }
    advisor.post(&path, &json!({ "fields": ["phone"], "purpose": "车修好了" })).problem(429, "reveal.limit");
    let (_, technician) = hire(&server, "d1", "d1.tech", &["technician"]);
    technician.post(&path, &json!({ "fields": ["phone"], "purpose": "好奇" })).problem(403, "field.denied");
    assert_eq!(technician.record("customer", id)["data"], json!({ "name": "周杰伦" }));
    let revealed = audited(&mut server, "field.revealed");
    assert_eq!(revealed.len(), 30);
    assert_eq!((&revealed[0].detail["purpose"], &revealed[29].detail["purpose"]), (&json!("车修好了"), &json!("—")));
    let about = (revealed[0].kind.as_deref(), revealed[0].record.as_ref().map(|record| record.as_str()));
    assert_eq!(about, (Some("customer"), Some(id)), "it can be asked for by record");
}

#[test]
fn a_number_shown_to_who_is_not_the_owner_is_on_record_once() {
    let mut server = Server::dealer_at(FRIDAY);
    let (wang, owner) = hire(&server, "d1", "d1.wang2", &["consultant"]);
    let (manager, gm) = hire(&server, "d1", "d1.gao2", &["gm"]);
    let (_, advisor) = hire(&server, "d1", "d1.advisor2", &["advisor"]);
    let customer = owner.create("customer", json!({ "name": "周杰伦", "phone": "13800001234" }));
    let id = customer["id"].as_str().expect("an id");
    owner.record("customer", id);
    assert!(advisor.record("customer", id)["data"].get("phone").is_none(), "masked");
    gm.record("customer", id);
    gm.record("customer", id);
    let shown = audited(&mut server, "number.shown");
    let told: Vec<_> =
        shown.iter().map(|entry| (entry.actor.as_str(), entry.record.as_ref().map(|id| id.as_str()))).collect();
    assert_eq!(
        told,
        [(&*format!("user:{manager}"), Some(id))],
        "neither {wang}, whose customer it is, nor who saw a mask"
    );
    assert_eq!(shown[0].detail, json!({ "fields": ["phone"] }));
}

#[test]
fn a_number_shown_of_the_past_in_a_segment_or_of_a_field_of_ones_own_is_on_record_too() {
    let mut server = Server::dealer_at(FRIDAY);
    let admin = server.admin();
    let owner = server.staff("wang");
    let field = json!({ "name": "x_second", "type": "phone", "label": { "zh-CN": "另一电话", "en": "Second" }, "personal": true, "org": "d1" });
    admin.post("/kinds/customer/fields", &field).ok(201);
    let customer = |name: &str, data: Value| {
        let made = owner.create("customer", data);
        (name.to_owned(), made["id"].as_str().expect("an id").to_owned())
    };
    let (_, past) = customer("past", json!({ "name": "周杰伦", "phone": "13800001234" }));
    let (_, listed) = customer("listed", json!({ "name": "林俊杰", "phone": "13800001235", "city": "厦门" }));
    let (_, own) = customer("own", json!({ "name": "蔡依林", "x_second": "13800001236" }));
    let mut readers = Vec::new();
    for n in 1..=3 {
        readers.push(hire(&server, "d1", &format!("d1.gao{n}"), &["gm"]));
    }
    readers[0].1.get(&format!("/records/customer/{past}?rev=1")).ok(200);
    readers[1].1.get(&format!("/records/customer/{past}?at=2026-03-13T23:00:00Z")).ok(200);
    let segment = json!({ "name": "厦门", "kind": "customer", "filter": { "city": "厦门" } });
    let segment = readers[2].1.post("/segments", &segment).ok(201);
    let members = readers[2].1.get(&format!("/segments/{}/records", segment["id"].as_str().expect("an id"))).ok(200);
    assert_eq!(members["items"][0]["data"]["phone"], "+8613800001235", "{members}");
    let (searcher, gm) = hire(&server, "d1", "d1.gao4", &["gm"]);
    gm.get("/search?q=周杰伦").ok(200);
    let (historian, gm) = hire(&server, "d1", "d1.gao5", &["gm"]);
    gm.get(&format!("/records/customer/{past}/history")).ok(200);
    let (dpo, officer) = hire(&server, "hq", "dpo", &["dpo"]);
    officer.get(&format!("/records/customer/{own}")).ok(200);
    let shown = audited(&mut server, "number.shown");
    let told: Vec<_> = shown
        .iter()
        .map(|entry| (entry.actor.clone(), entry.record.as_ref().map(|id| id.to_string()), entry.detail.clone()))
        .collect();
    let phone = json!({ "fields": ["phone"] });
    let line = |person: &str, record: &str, detail: &Value| {
        let wanted = (format!("user:{person}"), Some(record.to_owned()), detail.clone());
        assert!(told.contains(&wanted), "{wanted:?} in {told:?}");
    };
    line(&readers[0].0, &past, &phone);
    line(&readers[1].0, &past, &phone);
    line(&readers[2].0, &listed, &phone);
    line(&searcher, &past, &phone);
    line(&historian, &past, &phone);
    line(&dpo, &own, &json!({ "fields": ["x_second"] }));
}

#[test]
fn powers_of_roles_are_changed_in_the_running_system() {
    let server = Server::dealer_at(FRIDAY);
    let admin = server.admin();
    let role = json!({ "code": "night_desk", "name": "夜班", "like": "reception", "powers": ["customer.merge"] });
    let role = admin.post("/records/role", &json!({ "data": role })).ok(201);
    let (_, night) = hire(&server, "d1", "d1.night", &["night_desk"]);
    let customer = night.create("customer", json!({ "name": "周杰伦", "phone": "13800001234" }));
    let path = format!("/records/customer/{}/actions/consent", customer["id"].as_str().expect("an id"));
    let said = json!({ "purpose": "marketing", "channel": "sms", "state": "granted", "how": "in_person", "text_version": "1" });
    night.post(&path, &said).problem(403, "denied");
    let change = json!({ "data": { "powers": ["customer.merge", "consent.give"] } });
    admin.patch(&format!("/records/role/{}", role["id"].as_str().expect("an id")), &change).ok(200);
    night.post(&path, &said).ok(200);
    admin
        .patch(
            &format!("/records/role/{}", role["id"].as_str().expect("an id")),
            &json!({ "data": { "powers": ["of my own"] } }),
        )
        .problem(400, "invalid");
    let may = night.get("/session").ok(200)["powers"].clone();
    assert_eq!(may, json!(["customer.merge", "consent.give"]));
    // Nothing left of a shipped role's powers is nothing, whatever it ships with; and none is none, whatever the role starts from.
    night.post(&path, &said).ok(200);
    admin
        .patch(&format!("/records/role/{}", role["id"].as_str().expect("an id")), &json!({ "data": { "powers": ["none"] } }))
        .ok(200);
    night.post(&path, &said).problem(403, "denied");
    let (_, manager) = hire(&server, "d1", "d1.gm2", &["gm"]);
    let few = "/records/customer/export?format=csv&purpose=回访";
    assert_eq!(manager.get(few).status, 200);
    let gm = admin.list("role", &json!({ "code": "gm" })).remove(0);
    let path = format!("/records/role/{}", gm["id"].as_str().expect("an id"));
    admin.patch(&path, &json!({ "data": { "powers": [] } })).ok(200);
    manager.get(few).problem(403, "denied");
}

#[test]
fn what_is_private_or_closed_is_not_had_by_another_door() {
    let server = Server::dealer_at(FRIDAY);
    let (wang, li) = (server.staff("wang"), server.staff("li"));
    let data = json!({ "name": "我的", "kind": "customer", "filter": { "city": "武汉" } });
    let view = wang.create("saved_view", data);
    let path = format!("/records/saved_view/{}", view["id"].as_str().expect("an id"));
    li.get(&path).problem(404, "record.not_found");
    let asked = json!({ "fields": ["filter"], "purpose": "好奇" });
    li.post(&format!("{path}/reveal"), &asked).problem(404, "record.not_found");
    // Who only reads cases writes no field of the organisation's own into them.
    let admin = server.admin();
    let field = json!({ "name": "x_shelf", "type": "text", "label": { "zh-CN": "柜号", "en": "Shelf" }, "org": "d1" });
    admin.post("/kinds/complaints.case/fields", &field).ok(201);
    let customer = wang.create("customer", json!({ "name": "周杰伦", "phone": "13800001234", "owner": "d1-li" }));
    let case = wang.create("complaints.case", json!({ "customer": customer["id"], "facts": "空调不制冷。" }));
    let path = format!("/records/complaints.case/{}", case["id"].as_str().expect("an id"));
    li.get(&path).ok(200);
    li.patch(&path, &json!({ "data": { "x_shelf": "A1" } })).problem(403, "denied");
    wang.patch(&path, &json!({ "data": { "x_shelf": "A1" } })).ok(200);
}

#[test]
fn a_role_made_in_the_running_system_counts_at_once() {
    let server = Server::dealer_at(FRIDAY);
    let admin = server.admin();
    let role = |data: &Value| admin.post("/records/role", &json!({ "data": data }));
    let wrong = json!({ "code": "x", "name": "x", "grants": [{ "kind": "nothing", "verbs": ["read"] }, { "kind": "customer", "verbs": ["see"] }] });
    let mistyped = json!([
        { "kind": "customer", "verbs": ["read"], "fields": { "phnoe": "masked" } },
        { "kind": "customer", "verbs": ["read"], "when": { "colour": "red" } },
    ]);
    let told = role(&json!({ "code": "x", "name": "x", "grants": mistyped })).problem(400, "invalid");
    assert!(told["errors"][0]["message"].as_str().is_some_and(|message| message.contains("phnoe")), "{told}");
    assert!(told["errors"][1]["message"].as_str().is_some_and(|message| message.contains("colour")), "{told}");
    let problem = role(&wrong).problem(400, "invalid");
    let places: Vec<&Value> =
        problem["errors"].as_array().expect("errors").iter().map(|error| &error["pointer"]).collect();
    assert_eq!(places, ["/data/grants/0", "/data/grants/1"], "{problem}");
    let grants = json!([{ "kind": "customer", "verbs": ["read"], "scope": "dealer", "fields": { "phone": "masked" } }]);
    let made =
        role(&json!({ "code": "greeter", "name": { "zh-CN": "迎宾", "en": "Greeter" }, "grants": grants })).ok(201);
    let (id, greeter) = hire(&server, "d1", "d1.greeter", &["greeter"]);
    let customer = server.staff("wang").create("customer", json!({ "name": "周杰伦", "phone": "13800001234" }));
    let customer = customer["id"].as_str().expect("an id");
    assert_eq!(greeter.record("customer", customer)["masked"], json!(["phone"]));
    assert_eq!(greeter.get("/session").ok(200)["rights"]["customer"]["masked"], json!(["phone"]));
    greeter.post("/records/role", &json!({ "data": { "code": "y", "name": "y" } })).problem(403, "denied");
    greeter
        .patch(&format!("/records/customer/{customer}"), &json!({ "data": { "city": "上海" } }))
        .problem(403, "denied");

    let sees = admin.get(&format!("/users/{id}/sees?kind=customer")).ok(200);
    assert_eq!((&sees["verbs"], &sees["masked"]), (&json!(["read"]), &json!(["phone"])), "{sees}");
    assert!(items(&sees).iter().all(|item| item["data"].get("phone").is_none()), "{sees}");
    greeter.get(&format!("/users/{id}/sees?kind=customer")).problem(403, "denied");

    // A field of the organisation's own is one like any other, in whose condition too.
    let field = json!({ "name": "x_tier", "type": "text", "label": { "zh-CN": "会员", "en": "Tier" }, "indexed": true });
    admin.post("/kinds/customer/fields", &field).ok(201);
    let grants = json!([{ "kind": "customer", "verbs": ["read"], "scope": "dealer", "when": { "x_tier": "gold" }, "fields": { "x_tier": "masked", "x_below": "hidden" } }]);
    role(&json!({ "code": "gold_desk", "name": "金卡", "grants": grants })).ok(201);
    let path = format!("/records/role/{}", made["id"].as_str().expect("an id"));
    let grants = json!([{ "kind": "customer", "verbs": ["read"], "scope": "dealer" }]);
    admin.patch(&path, &json!({ "data": { "grants": grants } })).ok(200);
    assert_eq!(greeter.record("customer", customer)["data"]["phone"], "+8613800001234");
    admin.patch(&path, &json!({ "data": { "status": "retired" } })).ok(200);
    greeter.get(&format!("/records/customer/{customer}")).problem(404, "record.not_found");
}

#[test]
fn the_maker_sees_who_lets_it_know_and_a_desk_sees_whole_while_a_case_is_open() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let (_, agent) = hire(&server, "hq", "hq.agent", &["hq_agent"]);
    let (_, advisor) = hire(&server, "d1", "d1.advisor2", &["advisor"]);
    let customer = officer.create("customer", json!({ "name": "周杰伦", "phone": "13800001234" }));
    let id = customer["id"].as_str().expect("an id");
    let path = format!("/records/customer/{id}");
    let filter = json!({ "id": id });
    agent.get(&path).problem(404, "record.not_found");
    assert!(agent.list("customer", &filter).is_empty());
    let found = agent.get("/search?q=13800001234").ok(200);
    assert!(items(&found).is_empty(), "a number leads the maker to no dealer's customer: {found}");
    let say = |state: &str, clock: &str| {
        server.set_clock(clock);
        let said = json!({ "purpose": "share_maker", "state": state, "how": "paper", "text_version": "1" });
        officer.post(&format!("{path}/actions/consent"), &said).ok(200);
    };
    say("granted", "2026-03-13T10:10:00+08:00");
    let seen = agent.record("customer", id);
    assert!(seen["masked"].as_array().expect("masked").contains(&json!("phone")), "{seen}");
    assert_eq!(agent.list("customer", &filter).len(), 1);
    say("withdrawn", "2026-03-13T10:20:00+08:00");
    agent.get(&path).problem(404, "record.not_found");
    agent.get(&format!("{path}/timeline")).problem(404, "record.not_found");

    let is_whole = || advisor.record("customer", id)["data"]["phone"] == "+8613800001234";
    assert!(!is_whole());
    let case = officer.create("complaints.case", json!({ "customer": id, "facts": "空调不制冷。" }));
    let act = |action: &str, input: Value| {
        let path = format!("/records/complaints.case/{}/actions/{action}", case["id"].as_str().expect("an id"));
        officer.post(&path, &input).ok(200);
    };
    assert!(is_whole());
    advisor.patch(&path, &json!({ "data": { "city": "上海" } })).ok(200);
    agent.get(&path).problem(404, "record.not_found");
    act("accept", json!({ "informed_by": "phone", "note": "已回电" }));
    act("withdraw", json!({ "words": "算了" }));
    assert!(!is_whole(), "the case is over");
    advisor.patch(&path, &json!({ "data": { "city": "武汉" } })).problem(403, "denied");
}
