//! Texts of messages: written once, inherited, held to what may be quoted, filled for the customer addressed and tried on oneself.

use serde_json::{Value, json};

use super::{FRIDAY, concluded, customer};
use crate::support::{Client, Server};

fn template(client: &Client, more: Value) -> Value {
    let mut data = json!({
        "name": "service.ready", "label": "车辆已修好", "purpose": "serve",
        "body_zh": "{customer.salutation|尊敬的客户}，您的爱车{plate}已修好，请到{dealer.name}取车。",
        "body_en": "Dear {customer.salutation|customer}, your car {plate} is ready at {dealer.name}.",
        "values": ["plate"],
    });
    data.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    client.create("template", data)
}

fn id(item: &Value) -> &str {
    item["id"].as_str().expect("an id")
}

fn put_to_use(client: &Client, item: &Value) {
    client.post(&format!("/records/template/{}/moves/activate", id(item)), &json!({})).ok(200);
}

fn send(client: &Client, customer: &str, more: Value) -> Value {
    let mut data = json!({ "customer": customer, "purpose": "serve", "channel": "sms", "template": "service.ready", "values": { "plate": "鄂A12345" } });
    data.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    client.post("/records/message", &json!({ "data": data })).ok(201)
}

#[test]
fn a_template_is_filled_for_the_customer_in_their_language_and_its_version_is_kept() {
    let server = Server::dealer_at(FRIDAY);
    let (manager, officer) = (server.staff("zhao"), server.staff("wang"));
    let made = template(&manager, json!({}));
    let owner = officer.create("customer", json!({ "name": "孙国强", "phone": "13900020001", "gender": "male" }));
    let data = json!({ "data": { "customer": owner["id"], "purpose": "serve", "channel": "sms", "template": "service.ready" } });
    officer.post("/records/message", &data).problem(400, "invalid");
    put_to_use(&manager, &made);
    let sent = send(&officer, id(&owner), json!({}));
    let dealer = officer.record("org", "d1")["data"]["name"].as_str().expect("a name").to_owned();
    assert_eq!(sent["data"]["body"], format!("孙国强先生，您的爱车鄂A12345已修好，请到{dealer}取车。"));
    // Put to use is its second revision.
    assert_eq!(sent["data"]["template_version"], format!("{}@2", id(&made)), "{sent}");
    officer.patch(&format!("/records/customer/{}", id(&owner)), &json!({ "data": { "language": "en" } })).ok(200);
    let sent = send(&officer, id(&owner), json!({}));
    assert!(
        sent["data"]["body"].as_str().is_some_and(|body| body.starts_with("Dear Mr 孙国强, your car 鄂A12345")),
        "{sent}"
    );
    assert_eq!(concluded(&officer, id(&sent)).0, "sent");

    let without = json!({ "data": { "customer": owner["id"], "purpose": "serve", "channel": "sms", "template": "service.ready" } });
    let refused = officer.post("/records/message", &without);
    assert_eq!(refused.pointers(), ["/data/values/plate"], "{}", refused.text);
    let other = json!({ "data": { "customer": owner["id"], "purpose": "marketing", "channel": "sms", "template": "service.ready", "values": { "plate": "x" } } });
    let refused = officer.post("/records/message", &other);
    assert_eq!(refused.pointers(), ["/data/purpose"], "a service text is no way around consent: {}", refused.text);
}

#[test]
fn what_may_not_be_quoted_is_refused_where_it_stands() {
    let server = Server::dealer_at(FRIDAY);
    let (manager, officer) = (server.staff("zhao"), server.staff("wang"));
    for (field, text) in [
        ("body_zh", "{customer.phone}"),
        ("body_en", "{customer.id_no}"),
        ("subject_zh", "{nmae}"),
        ("body_zh", "{ 没有结束"),
        ("name", "Service Ready"),
        ("values", "plate"),
    ] {
        let data = json!({ "name": "x", "label": "x", "purpose": "serve", "body_zh": "您好", field: text });
        let refused = manager.post("/records/template", &json!({ "data": data }));
        assert_eq!(
            (refused.status, refused.pointers()),
            (400, vec![format!("/data/{field}").as_str()]),
            "{}",
            refused.text
        );
    }
    let nothing =
        manager.post("/records/template", &json!({ "data": { "name": "x", "label": "x", "purpose": "serve" } }));
    assert_eq!(nothing.pointers(), ["/data/body_zh"]);
    let unheaded = json!({ "name": "x", "label": "x", "purpose": "serve", "channels": ["email"], "body_zh": "您好" });
    assert_eq!(manager.post("/records/template", &json!({ "data": unheaded })).pointers(), ["/data/subject_zh"]);
    template(&manager, json!({}));
    let again = json!({ "name": "service.ready", "label": "又一个", "purpose": "serve", "body_zh": "您好" });
    manager.post("/records/template", &json!({ "data": again })).problem(409, "template.taken");
    officer.post("/records/template", &json!({ "data": again })).problem(403, "denied");
}

#[test]
fn the_nearest_organisation_words_it_and_below_others_it_is_inherited() {
    let server = Server::dealer_at(FRIDAY);
    let (admin, manager, officer) = (server.admin(), server.staff("zhao"), server.staff("wang"));
    let owner = customer(&officer, "孙国强", "13900020001");
    let above = template(&admin, json!({ "body_zh": "总部：{plate}" }));
    put_to_use(&admin, &above);
    assert_eq!(send(&officer, &owner, json!({}))["data"]["body"], "总部：鄂A12345");
    let listed = officer.get("/templates?channel=sms").ok(200);
    let of = |listed: &Value| -> Vec<(bool, bool)> {
        let items = listed["items"].as_array().expect("items").iter();
        items.map(|item| (item["is_inherited"] == true, item["is_overridden"] == true)).collect()
    };
    assert_eq!(of(&listed), [(true, false)], "{listed}");
    assert!(
        listed["fields"].as_array().is_some_and(|fields| fields.iter().any(|field| field["name"] == "customer.name"))
    );
    let own = template(&manager, json!({ "body_zh": "本店：{plate}" }));
    assert_eq!(send(&officer, &owner, json!({}))["data"]["body"], "总部：鄂A12345", "a draft is not used yet");
    put_to_use(&manager, &own);
    assert_eq!(send(&officer, &owner, json!({}))["data"]["body"], "本店：鄂A12345");
    assert_eq!(of(&officer.get("/templates").ok(200)), [(false, false), (true, true)]);
    manager.post(&format!("/records/template/{}/moves/retire", id(&own)), &json!({})).ok(200);
    assert_eq!(send(&officer, &owner, json!({}))["data"]["body"], "总部：鄂A12345");
    // The maker's own is the maker's to change.
    manager.get(&format!("/records/template/{}", id(&above))).problem(404, "record.not_found");
}

#[test]
fn a_plugin_says_it_in_the_dealers_words_and_in_its_own_where_those_do_not_fit() {
    let server = Server::dealer_at(FRIDAY);
    let (manager, officer) = (server.staff("zhao"), server.staff("wang"));
    let wording = json!({
        "name": "complaints.accepted", "label": "投诉受理通知", "purpose": "serve", "values": ["number", "status"],
        "body_zh": "{customer.salutation}：我们已收到您的投诉，编号{number}，店总亲自跟进。进度：{status}", "body_en": null,
    });
    let made = template(&manager, wording);
    put_to_use(&manager, &made);
    let accepted = |phone: &str| {
        let owner = customer(&officer, "孙国强", phone);
        let case = officer.create("complaints.case", json!({ "customer": owner, "facts": "空调不制冷。" }));
        let responsible = case["data"]["owner"].as_str().expect("an owner");
        let login = officer.record("user", responsible)["data"]["login"].as_str().expect("a login").to_owned();
        let path = format!("/records/complaints.case/{}/actions/accept", id(&case));
        server.staff(login.trim_start_matches("d1.")).post(&path, &json!({ "informed_by": "message" })).ok(200);
        let sent = officer.list("message", &json!({ "customer": owner }));
        (case["data"]["number"].as_str().expect("a number").to_owned(), sent[0].clone())
    };
    let (number, sent) = accepted("13900020001");
    let body = sent["data"]["body"].as_str().expect("a text");
    assert!(body.contains("店总亲自跟进") && body.contains(&number) && body.ends_with("{status}"), "{sent}");
    // Its words ask for what this plugin does not say: the customer hears of it all the same.
    let path = format!("/records/template/{}", id(&made));
    manager
        .patch(&path, &json!({ "data": { "values": ["number", "status", "gift"], "body_zh": "{number}{gift}" } }))
        .ok(200);
    let (number, sent) = accepted("13900020002");
    let body = sent["data"]["body"].as_str().expect("a text");
    assert!(body.contains(&number) && !body.contains("{gift}"), "{sent}");
    assert_eq!(sent["data"]["template_version"], Value::Null);
}

#[test]
fn a_text_is_looked_at_before_it_is_used_and_tried_on_oneself() {
    let server = Server::dealer_at(FRIDAY);
    let (manager, officer) = (server.staff("zhao"), server.staff("wang"));
    let owner = officer.create("customer", json!({ "name": "何美玲", "phone": "13900020002", "gender": "female" }));
    let made = template(&manager, json!({}));
    let asked = json!({ "id": made["id"], "customer": owner["id"], "values": { "plate": "鄂A00001" } });
    let shown = manager.post("/templates/preview", &asked).ok(200);
    assert_eq!((&shown["language"], &shown["faults"]), (&json!("zh"), &json!([])), "{shown}");
    assert!(
        shown["items"][0]["body"]["text"].as_str().is_some_and(|text| text.starts_with("何美玲女士，您的爱车鄂A00001")),
        "{shown}"
    );
    assert!(
        shown["items"][1]["body"]["text"].as_str().is_some_and(|text| text.starts_with("Dear Ms 何美玲")),
        "{shown}"
    );
    let draft = json!({ "draft": { "body_zh": "{customer.city} {customer.nmae}" }, "customer": owner["id"] });
    let shown = manager.post("/templates/preview", &draft).ok(200);
    assert_eq!(shown["faults"][0]["pointer"], "/data/body_zh", "{shown}");
    assert!(
        shown["items"][0]["body"]["empty"].as_array().is_some_and(|empty| empty.contains(&json!("customer.city"))),
        "{shown}"
    );

    let mine = json!({ "id": made["id"], "channel": "sms", "customer": owner["id"] });
    let told = manager.post("/templates/test", &mine).ok(200);
    assert!(told["address"].as_str().is_some_and(|address| address.contains("****")), "{told}");
    assert!(
        officer.list("message", &json!({ "customer": owner["id"] })).is_empty(),
        "nobody but oneself was written to"
    );
    officer.post("/templates/test", &mine).problem(403, "denied");
    let by_letter = json!({ "id": made["id"], "channel": "letter" });
    manager.post("/templates/test", &by_letter).problem(409, "template.no_address");
}
