//! Organisations' own fields beside plugins: on records that a plugin makes, through an upgrade, and in files.

use std::fs;

use marque_package::Package;
use serde_json::{Value, json};

use super::complaint::{FRIDAY, customer};
use crate::{
    faults::package::install,
    support::{Client, SOON, Server, eventually},
};

#[test]
fn a_complaint_takes_a_dealers_own_field_and_none_of_its_plugins() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let store = json!({ "name": "x_store", "type": "text", "label": "门店编号", "indexed": true });
    author.post("/kinds/complaints.case/fields", &store).ok(201);
    let demanded = json!({ "name": "x_must", "type": "text", "label": "X", "required": true });
    author.post("/kinds/complaints.case/fields", &demanded).problem(400, "invalid");

    let customer = customer(&officer);
    let data = json!({
        "customer": customer, "kind": "service_quality", "channel": "visit", "facts": "空调不制冷。", "x_store": "S-7",
    });
    let case = officer.post("/records/complaints.case", &json!({ "data": data, "why": "客户到店" })).ok(201);
    assert_eq!((&case["data"]["x_store"], &case["data"]["level"]), (&json!("S-7"), &json!("general")), "{case}");
    let path = format!("/records/complaints.case/{}", case["id"].as_str().expect("an id"));
    let history = officer.get(&format!("{path}/history")).ok(200);
    assert_eq!(history["items"][0]["why"], "客户到店", "{history}");

    officer.patch(&path, &json!({ "data": { "x_store": "S-8" } })).ok(200);
    assert_eq!(officer.list("complaints.case", &json!({ "x_store": "S-8" })).len(), 1);
    officer.patch(&path, &json!({ "data": { "level": "important" } })).problem(403, "denied");
    officer.patch(&path, &json!({ "data": { "x_store": "S-9", "level": "important" } })).problem(403, "denied");
    officer.patch(&path, &json!({ "data": { "x_other": "S-9" } })).problem(400, "invalid");
}

/// A plugin of data alone, with these fields.
fn trial(version: &str, fields: &Value) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = format!(
        "name = \"trial\"\nversion = \"{version}\"\ncontract = 1\nlabel = \"Trial\"\n[owns]\nkinds = [\"trial.thing\"]\n"
    );
    let kind = json!({ "kind": "trial.thing", "label": "Thing", "title": "name", "fields": fields });
    fs::write(folder.path().join("plugin.toml"), manifest).expect("a file");
    fs::write(folder.path().join("README.md"), "# Trial\n").expect("a file");
    fs::create_dir(folder.path().join("records")).expect("a folder");
    fs::write(folder.path().join("records/trial.thing.json"), kind.to_string()).expect("a file");
    let package = Package::from_folder(folder.path(), None).expect("the folder can be packed");
    package.pack().expect("a package can be written")
}

#[test]
fn an_upgrade_that_brings_a_field_keeps_those_of_organisations() {
    let server = Server::at(FRIDAY);
    let admin = server.admin();
    let name = json!({ "type": "text", "label": "Name" });
    install(&admin, trial("0.1.0", &json!({ "name": name })), "trial");
    let size = json!({ "name": "x_size", "type": "int", "label": "Size", "indexed": true });
    admin.post("/kinds/trial.thing/fields", &size).ok(201);
    admin.create("trial.thing", json!({ "name": "A", "x_size": 4 }));
    let colour = json!({ "type": "text", "label": "Colour" });
    install(&admin, trial("0.2.0", &json!({ "name": name, "colour": colour })), "trial");
    let fields = admin.get("/kinds/trial.thing").ok(200)["fields"].clone();
    assert_eq!((&fields["colour"]["label"], &fields["x_size"]["label"]), (&json!("Colour"), &json!("Size")));
    let made = admin.create("trial.thing", json!({ "name": "B", "colour": "red", "x_size": 5 }));
    assert_eq!(made["data"]["x_size"], 5);
    assert_eq!(admin.get("/records/trial.thing?order=-x_size").ok(200)["items"][0]["data"]["name"], "B");
    let mine = trial("0.3.0", &json!({ "name": name, "x_size": name }));
    let media_type = [("content-type", "application/octet-stream")];
    let refused = admin.send("POST", "/plugins", &media_type, mine).problem(400, "plugin.invalid");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("x_size")), "{refused}");
}

fn import(client: &Client, csv: &str) -> Value {
    let path = "/records/customer/import?mode=apply&filename=own.csv";
    let body = client.send("POST", path, &[("content-type", "text/csv")], csv.as_bytes().to_vec()).ok(202);
    let job = body["job"].as_str().expect("a job").to_owned();
    eventually("the import ends", SOON, || {
        let job = client.get(&format!("/jobs/{job}")).ok(200);
        (job["state"] != "running").then_some(job)
    })
}

#[test]
fn a_file_fills_own_fields_and_its_doubtful_values_are_named() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, author) = (server.staff("wang"), server.staff("deng"));
    let size = json!({ "name": "x_size", "type": "int", "label": { "zh-CN": "轮毂尺寸", "en": "Rim" } });
    author.post("/kinds/customer/fields", &size).ok(201);
    let job = import(
        &officer,
        "姓名,手机,轮毂尺寸,统一社会信用代码,出生日期\n\
         郑洁,13000077001,18,91350100M000100Y43,1990-01-01\n\
         吴刚,13000077002,大,91350100M000100Y44,2030-01-01\n",
    );
    assert_eq!((&job["state"], &job["counts"]["new"]), (&json!("done"), &json!(2)), "{job}");
    let notices = job["detail"]["notices"].as_array().expect("notices");
    let mut told: Vec<(i64, &str, &str)> = notices
        .iter()
        .map(|notice| {
            (
                notice["row"].as_i64().unwrap_or(0),
                notice["field"].as_str().unwrap_or(""),
                notice["code"].as_str().unwrap_or(""),
            )
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [(3, "birth_date", "date.future"), (3, "uscc", "uscc.doubtful"), (3, "x_size", "wrong_type")],
        "{job}"
    );
    let found = officer.list("customer", &json!({ "x_size": 18 }));
    assert_eq!(found[0]["data"]["name"], "郑洁", "{found:?}");
    let path = format!("/records/customer/{}", found[0]["id"].as_str().expect("an id"));
    officer.patch(&path, &json!({ "data": { "x_size": 19 } })).ok(200);
    let timeline = officer.get(&format!("{path}/timeline?limit=1")).ok(200);
    let title = timeline["items"][0]["title"]["zh-CN"].as_str().unwrap_or("").to_owned();
    assert!(title.contains("轮毂尺寸"), "told in the dealer's words: {timeline}");
}
