//! After an erasure nothing shows the person: not the API, and not the raw bytes of anything the server has written.

use std::fs;

use serde_json::{Value, json};

use super::{FRIDAY, erase, officer, person, showing, swept};
use crate::{
    flow::{
        complaint::raise,
        imports::{CSV, import_as},
    },
    routes::{bare, customer, items},
    support::{Answer, Client, SOON, Server, eventually},
};

const NAME: &str = "司马相如";
const OLD_NAME: &str = "司马长卿";
const PHONE: &str = "13977765431";
const OLD_PHONE: &str = "13977765432";
const EMAIL: &str = "sima.xiangru@feng.example";
const ID_NO: &str = "11010519491231002X";
const ADDRESS: &str = "临邛驿七十三号";
const NOTE: &str = "爱弹绿绮琴";
const TRACES: [&str; 9] = [NAME, OLD_NAME, PHONE, OLD_PHONE, "sima.xiangru", ID_NO, ADDRESS, NOTE, "simaxiangru"];
const PDF: &[u8] = "%PDF-1.7\n司马相如的身份证\n%%EOF\n".as_bytes();

/// As somebody sends it, with a key, so that it can be sent again.
fn send(officer: &Client) -> Answer {
    let data = json!({
        "name": OLD_NAME, "phone": OLD_PHONE, "email": EMAIL, "id_no": ID_NO, "id_type": "id_card", "address": ADDRESS, "note": NOTE,
        "city": "成都", "source": "walk_in", "interest": "x",
    });
    officer.json("POST", "/records/customer", &[("idempotency-key", "sima-1")], &json!({ "data": data }))
}

fn filled(officer: &Client) -> String {
    let made = send(officer).ok(201);
    let id = made["id"].as_str().expect("an id").to_owned();
    let change = json!({ "data": { "name": NAME, "phone": PHONE }, "why": format!("{NAME}来电更正") });
    officer.patch(&format!("/records/customer/{id}"), &change).ok(200);
    officer.send("POST", &format!("/records/customer/{id}/attachments?name={NAME}.pdf"), &[], PDF.to_vec()).ok(201);
    id
}

/// Another record of the same person, merged into the first.
fn merged(officer: &Client, into: &str) -> String {
    let twin = officer.create("customer", json!({ "name": NAME, "address": ADDRESS, "note": NOTE }));
    let twin = twin["id"].as_str().expect("an id").to_owned();
    officer.post(&format!("/records/customer/{into}/actions/merge"), &json!({ "other": twin })).ok(200);
    twin
}

/// A file with the person in it, one row of it wrong, its automations held.
fn imported(officer: &Client) {
    let file = format!("姓名,手机\n{NAME},{PHONE}\n{NAME},电话{PHONE}a\n");
    let job = import_as(officer, "/records/customer/import?mode=apply&automations=hold", CSV, file.into_bytes());
    assert_eq!(job["faults"].as_array().map(Vec::len), Some(1), "{job}");
}

/// The complaint comes to its end.
fn end(officer: &Client, case: &str) {
    let act = |action: &str, input: Value| {
        officer.post(&format!("/records/complaints.case/{case}/actions/{action}"), &input).ok(200);
    };
    act("accept", json!({ "informed_by": "phone", "note": NAME }));
    act("withdraw", json!({ "words": format!("{NAME}：算了") }));
}

#[test]
fn nothing_in_the_data_folder_shows_whom_we_have_forgotten() {
    let mut server = Server::dealer_at(FRIDAY);
    let (wang, admin, dpo) = (server.staff("wang"), server.admin(), officer(&server));
    let id = filled(&wang);
    merged(&wang, &id);
    imported(&wang);
    let case = raise(&wang, &id, &format!("{NAME}说空调不制冷，请回电{PHONE}"));
    let case = case["id"].as_str().expect("an id").to_owned();
    let point = json!({ "customer": id, "kind": "mobile", "value": "13977765433", "note": NOTE });
    wang.create("parties.contact_point", point);
    let view = json!({ "kind": "customer", "name": "找他", "filter": { "phone": { "contains": PHONE } } });
    wang.post("/records/saved_view", &json!({ "data": view })).ok(201);
    let filter = json!({ "phone": format!("+86{PHONE}") });
    admin.download(&format!("/records/customer/export?format=csv&purpose=给{NAME}&q={PHONE}&filter={filter}"));
    let wish = json!({ "kind": "customer", "format": "ndjson", "filter": {}, "purpose": format!("给{NAME}") });
    let export = admin.post("/exports", &wish).ok(201);
    let path = format!("/exports/{}/file", export["id"].as_str().expect("an id"));
    eventually("the export is ready", SOON, || (admin.get(&path).status == 200).then_some(()));
    wang.get(&format!("/search?q={PHONE}")).ok(200);
    assert!(!showing(&server.data(), &TRACES).is_empty(), "the test looks in the right place");

    let refused = dpo.post(&format!("/records/customer/{id}/actions/erase"), &json!({ "why": "本人要求" }));
    refused.problem(409, "erase.open");
    end(&wang, &case);
    let answer = erase(&dpo, &id);
    assert_eq!(answer["record"]["data"]["name"], "—", "{answer}");
    assert_eq!(answer["record"]["data"]["source"], "walk_in", "{answer}");
    assert!(answer["reply"]["goes"]["complaints.case"].as_u64() >= Some(1), "{answer}");
    swept(&dpo, &id);
    let case = wang.record("complaints.case", &case);
    assert_eq!((&case["data"]["customer"], &case["data"]["facts"]), (&json!(id), &json!("—")), "counts stay: {case}");
    for words in [NAME, PHONE, EMAIL, "simaxiangru"] {
        let found = wang.get(&format!("/search?q={words}")).ok(200).to_string();
        assert!(!found.contains(&id), "{words}: {found}");
    }
    let history = wang.get(&format!("/records/customer/{id}/history?limit=100")).ok(200).to_string();
    assert!(TRACES.iter().all(|trace| !history.contains(trace)), "{history}");
    assert_eq!(send(&wang).body, json!({ "erased": true }), "the same request again is told no more");
    server.stop();
    let left = showing(&server.data(), &TRACES);
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_erased_customer_takes_nothing_back_and_nothing_new() {
    let server = bare();
    let admin = server.admin();
    let id = customer(&admin, NAME, PHONE);
    let path = format!("/records/customer/{id}");
    let other = customer(&admin, "卓文君", "13977765499");
    admin.patch(&path, &json!({ "data": { "city": "成都" } })).ok(200);
    let merged = admin.post(&format!("{path}/actions/merge"), &json!({ "other": other })).ok(200);
    let shown = admin.post(&format!("{path}/actions/erase?dry_run=true"), &json!({ "why": "本人要求" })).ok(200);
    assert_eq!((&shown["reply"]["goes"]["customer"], &shown["reply"]["merges"]), (&json!(1), &json!(1)), "{shown}");
    assert_eq!(admin.record("customer", &id)["data"]["name"], NAME, "nothing was done");
    let before = admin.head();
    erase(&admin, &id);
    let events: Vec<Value> = admin.events_after(before).iter().map(|event| event["kind"].clone()).collect();
    assert_eq!(events, ["customer.erased"]);
    admin
        .post(&format!("{path}/actions/unmerge"), &json!({ "merge": merged["reply"]["merge"] }))
        .problem(409, "customer.erased");
    admin.post(&format!("{path}/undo"), &json!({ "rev": 2 })).problem(409, "customer.erased");
    admin.patch(&path, &json!({ "data": { "city": "成都" } })).problem(409, "customer.erased");
    admin.post(&format!("{path}/actions/erase"), &json!({ "why": "再来一次" })).problem(409, "customer.erased");
    admin.post("/records/data_request", &json!({ "data": { "customer": id, "kind": "copy" } })).problem(400, "invalid");
    // The other id leads to the one that is there, and shows no more.
    assert_eq!(admin.record("customer", &other)["id"], json!(id));
    // Somebody of the same number is somebody new.
    let again = admin.post("/records/customer", &json!({ "data": { "name": NAME, "phone": PHONE } })).ok(201);
    assert_ne!(again["id"], json!(id));
}

#[test]
fn only_who_may_erases_and_only_with_a_reason() {
    let server = Server::dealer_at(FRIDAY);
    let consultant = person(&server, "kong", "d1", &["consultant"]);
    let id = customer(&consultant, NAME, PHONE);
    let path = format!("/records/customer/{id}/actions/erase");
    consultant.post(&path, &json!({ "why": "本人要求" })).problem(403, "denied");
    let manager = person(&server, "meng", "d1", &["crm_mgr"]);
    assert_eq!(manager.post(&path, &json!({})).status, 400, "a reason is asked for");
    erase(&manager, &id);
}

/// The files of a stopped server's store; what is in its log belongs to it.
fn copied(data: &std::path::Path) -> Vec<(&'static str, Vec<u8>)> {
    let names = ["marque.db", "marque.db-wal", "marque.db-shm"];
    names.into_iter().map(|name| (name, fs::read(data.join(name)).unwrap_or_default())).collect()
}

#[test]
fn a_backup_from_before_is_made_to_forget_again() {
    let mut server = bare();
    let id = customer(&server.admin(), NAME, PHONE);
    server.stop();
    let backup = copied(&server.data());
    server.launch();
    erase(&server.admin(), &id);
    swept(&server.admin(), &id);
    server.stop();
    for (name, bytes) in backup {
        fs::write(server.data().join(name), bytes).expect("the backup is put back");
    }
    server.launch();
    let admin = server.admin();
    assert_eq!(admin.record("customer", &id)["data"]["name"], "—", "it was forgotten again");
    swept(&admin, &id);
    server.stop();
    let left = showing(&server.data(), &[NAME, PHONE]);
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn an_owner_leaves_a_minimum_that_the_officer_alone_opens_with_a_reason() {
    let server = Server::dealer_at(FRIDAY);
    let (wang, dpo) = (server.staff("wang"), officer(&server));
    let id = wang.create(
        "customer",
        json!({ "name": NAME, "phone": PHONE, "id_no": ID_NO, "id_type": "id_card", "type": "owner" }),
    );
    let id = id["id"].as_str().expect("an id").to_owned();
    let car = json!({ "vin": "LSGPC52U6TF100001", "customer": id, "plate": "川A12345", "delivery_date": "2024-05-01" });
    let car = wang.post("/records/vehicles.vehicle", &json!({ "data": car })).ok(201);
    let shown =
        dpo.post(&format!("/records/customer/{id}/actions/erase?dry_run=true"), &json!({ "why": "注销" })).ok(200);
    assert!(shown["reply"]["archive"]["n_items"].as_u64() >= Some(1), "{shown}");
    erase(&dpo, &id);
    let car = wang.record("vehicles.vehicle", car["id"].as_str().expect("an id"));
    assert_eq!((&car["data"]["vin"], &car["data"]["plate"]), (&json!("LSGPC52U6TF100001"), &Value::Null), "{car}");
    let path = format!("/records/archive/{id}");
    dpo.get(&path).problem(400, "reason.required");
    server.admin().get(&format!("{path}?reason=税务核查")).problem(403, "denied");
    wang.get(&format!("{path}?reason=税务核查")).problem(403, "denied");
    let kept = dpo.get(&format!("{path}?reason=税务核查")).ok(200);
    assert_eq!(
        (&kept["data"]["person"]["name"], &kept["data"]["person"]["id_no"]),
        (&json!(NAME), &json!(ID_NO)),
        "{kept}"
    );
    assert!(kept["data"]["items"].to_string().contains("LSGPC52U6TF100001"), "{kept}");
    assert!(!kept.to_string().contains(PHONE), "the minimum: {kept}");
    dpo.get(&format!("{path}?reason=寻找{NAME}")).ok(200);
    let reasons = dpo.get("/audit?what=archive.read&limit=50").ok(200);
    assert!(
        items(&reasons).len() >= 2 && !reasons.to_string().contains(NAME),
        "who was forgotten is not in the audit log: {reasons}"
    );
    dpo.get(&format!("/records/archive?reason=寻找{NAME}")).ok(200);
    let reasons = dpo.get("/audit?what=archive.listed&limit=50").ok(200);
    assert_eq!(items(&reasons).len(), 1);
    assert!(!reasons.to_string().contains(NAME), "{reasons}");
    let listed = dpo.get("/records/archive?reason=盘点").ok(200);
    assert_eq!(items(&listed).len(), 1);
    assert!(!listed.to_string().contains(NAME), "{listed}");
    for path in ["/records/archive/x/history", "/records/archive/export?format=csv&purpose=试试"] {
        assert_ne!(dpo.get(path).status, 200, "{path}");
    }
    server.set_clock("2037-03-13T10:00:00+08:00");
    let dpo = server.client().login("dpo", "forget me when I ask");
    eventually("the archive is destroyed when its time has come", SOON, || {
        (dpo.get(&format!("{path}?reason=税务核查")).status == 404).then_some(())
    });
}

#[test]
fn a_customer_of_five_hundred_interactions_is_forgotten_in_one_go() {
    let server = Server::dealer_at(FRIDAY);
    let (wang, dpo) = (server.staff("wang"), officer(&server));
    let id = customer(&wang, NAME, PHONE);
    for n in 0..100 {
        let task = json!({ "title": format!("回访{NAME} {n}"), "due": "2026-03-20T02:00:00Z", "customer": id });
        wang.post("/records/worklist.task", &json!({ "data": task })).ok(201);
        for m in 0..4 {
            wang.patch(&format!("/records/customer/{id}"), &json!({ "data": { "note": format!("{n}.{m} {NOTE}") } }))
                .ok(200);
        }
    }
    let answer = erase(&dpo, &id);
    assert!(answer["reply"]["goes"]["worklist.task"].as_u64() >= Some(100), "{answer}");
    let history = wang.get(&format!("/records/customer/{id}/history?limit=200")).ok(200);
    assert!(!history.to_string().contains(NOTE));
}

#[test]
fn a_removed_customer_is_erased_all_the_same() {
    let mut server = bare();
    let admin = server.admin();
    let id = customer(&admin, NAME, PHONE);
    admin.delete(&format!("/records/customer/{id}")).ok(204);
    let answer = erase(&admin, &id);
    assert_eq!(answer["record"]["data"]["name"], "—", "{answer}");
    swept(&admin, &id);
    server.stop();
    let left = showing(&server.data(), &[NAME, PHONE]);
    assert!(left.is_empty(), "its revisions held it: {left:?}");
}

#[test]
fn counts_stay_as_they_were() {
    let server = bare();
    let admin = server.admin();
    let data = json!({ "name": NAME, "phone": PHONE, "source": "autumn_fair", "interest": "E300", "tags": "vip" });
    let id = admin.create("customer", data)["id"].as_str().expect("an id").to_owned();
    admin.create("customer", json!({ "name": "卓文君", "phone": "13977765499", "source": "autumn_fair" }));
    let count = |field: &str, value: &str| {
        let body =
            admin.get(&format!("/records/customer?limit=1&count=exact&filter={{\"{field}\":\"{value}\"}}")).ok(200);
        body["count"].clone()
    };
    assert_eq!((count("source", "autumn_fair"), count("interest", "E300")), (json!(2), json!(1)));
    erase(&admin, &id);
    assert_eq!(
        (count("source", "autumn_fair"), count("interest", "E300")),
        (json!(2), json!(0)),
        "what it was like is gone"
    );
}

#[test]
fn what_waits_to_be_sent_or_decided_is_called_off() {
    let mut server = bare();
    let admin = server.admin();
    let id = customer(&admin, NAME, PHONE);
    let data = json!({
        "customer": id, "purpose": "serve", "channel": "sms", "body": format!("{NAME}，您的车可以取了"), "due_at": "2026-03-14T02:00:00Z",
    });
    let message = admin.post("/records/message", &json!({ "data": data })).ok(201);
    let message = message["id"].as_str().expect("an id").to_owned();
    // The same telephone under another name: perhaps one person.
    let wife = customer(&admin, "卓文君", PHONE);
    let open = admin.list("review", &json!({ "customer": wife, "state": "open" }));
    assert_eq!(open.len(), 1);
    admin.patch(&format!("/records/customer/{wife}"), &json!({ "data": { "name": "文君" } })).ok(200);
    erase(&admin, &id);
    assert_eq!(admin.record("message", &message)["data"]["state"], "cancelled");
    assert!(admin.list("review", &json!({ "state": "open" })).is_empty());
    swept(&admin, &id);
    server.set_clock("2026-03-14T12:00:00+08:00");
    assert!(!server.admin().get("/outbound").ok(200).to_string().contains(NAME), "nothing goes out");
    server.stop();
    assert!(showing(&server.data(), &[NAME]).is_empty(), "his name is gone; hers and her telephone stay");
}
