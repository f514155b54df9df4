//! Check first, write second: whoever is refused, by whichever route, leaves every table as it was.

use std::collections::BTreeMap;

use marque::store::Store;
use serde_json::{Value, json};

use crate::{
    routes::customer,
    support::{Answer, Client, SOON, Server, eventually, server::STAFF_PASSWORD},
};

/// What was refused, and who looked, is written down; cursors of quiet lanes are moved up by the clock.
const OF_NO_RECORD: [&str; 7] = ["audit", "audit_root", "session", "job", "job_file", "job_piece", "lane"];
/// What a stranger may do all the same, for it is their own. None of it touches a record.
const OWN: [&str; 8] = [
    "DELETE /api/v1/session",
    "DELETE /api/v1/sessions",
    "POST /api/v1/account/totp",
    // Without a session: the token in the path says whose page it is.
    "POST /p/preferences/{token}",
    // Pages for anybody: a form counts with the seal it went out with.
    "POST /p/{plugin}/{page}",
    "POST /p/{plugin}/{page}/{token}",
    "POST /api/v1/session",
    "POST /api/v1/tokens",
];

/// A write as the document tells it: method, template, and whether it takes JSON.
struct Write {
    method: String,
    template: String,
}

impl Write {
    fn route(&self) -> String {
        format!("{} {}", self.method, self.template)
    }

    /// The path on records of the dealer, whoever asks.
    fn path(&self, there: &There) -> String {
        let of_case = self.template.contains("complaints.case") || self.template.contains("/moves/");
        let is_of_user = self.template.contains("/records/user/") || self.template.contains("/users/");
        let id = if of_case { &there.case } else { &there.customer };
        let filled = self
            .template
            .trim_start_matches("/api/v1")
            .replace("{kind}", if of_case { "complaints.case" } else { "customer" })
            .replace("{id}", if is_of_user { "d1-wang" } else { id })
            .replace("{transition}", "accept")
            .replace("{action}", "accept")
            .replace("{role}", "decision")
            .replace("{point}", "complaint.level")
            .replace("{name}", if self.template.contains("/plugins/") { "worklist" } else { "x_size" })
            .replace("{seq}", "1")
            .replace("{org}", "d1")
            .replace("{what}", "package:00")
            .replace("{mode}", "apply")
            .replace("{plugin}", "complaints")
            .replace("{page}", "complain")
            .replace("{channel}", "sms")
            .replace("{delivery}", "1")
            .replace("{token}", "nobodys");
        assert!(!filled.contains('{'), "{}: say here what its variable parts are", self.route());
        filled
    }

    /// A body that would do something, were it allowed.
    fn body(&self, there: &There) -> Value {
        let template = self.template.as_str();
        let set = |data: Value| json!({ "data": data });
        match (self.method.as_str(), template.trim_start_matches("/api/v1")) {
            ("POST", "/records/user") => {
                json!({ "org": "d1", "data": { "login": "x.x", "name": "某人", "roles": ["gm"] } })
            }
            ("POST", "/records/org") => {
                json!({ "org": "d1", "data": { "code": "dx", "name": "某店", "type": "dealer" } })
            }
            ("POST", "/records/complaints.case") => {
                json!({ "org": "d1", "data": { "customer": there.customer, "facts": "异响" } })
            }
            ("POST", path) if path.starts_with("/records/") && path.matches('/').count() == 2 => {
                json!({ "org": "d1", "data": { "name": "某人", "phone": "13000019999", "title": "x" } })
            }
            ("PATCH", path) if path.starts_with("/records/") => set(json!({ "city": "长沙", "name": "某人" })),
            (_, path) if path.ends_with("/undo") => json!({ "rev": 2 }),
            (_, path) if path.ends_with("/merge") => json!({ "other": there.other }),
            (_, path) if path.ends_with("/set_password") => json!({ "password": "long enough to be safe" }),
            (_, path) if path.ends_with("/draft") => json!({ "source": "fn decide(input) { #{} }" }),
            (_, path) if path.ends_with("/fields") => {
                json!({ "name": "x_hobby", "type": "text", "label": { "zh-CN": "爱好", "en": "Hobby" } })
            }
            (_, path) if path.ends_with("/labels") || path.contains("/fields/") => {
                json!({ "label": { "zh-CN": "甲", "en": "A" } })
            }
            (_, "/exports") => json!({ "kind": "customer", "format": "csv", "purpose": "带走", "org": "d1" }),
            (_, "/segments") => json!({ "kind": "customer", "name": "都要", "filter": {}, "org": "d1" }),
            _ => json!({}),
        }
    }

    /// Some ways are taken in another's organisation only by saying so.
    fn query(&self, document: &Value) -> &'static str {
        let told = &document["paths"][&self.template][self.method.to_lowercase()]["parameters"];
        let takes_org = told.as_array().is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "org"));
        match (takes_org, self.template.ends_with("/import"), self.template.ends_with("/attachments")) {
            (_, true, _) => "?mode=apply&org=d1",
            (_, _, true) => "?name=a.pdf",
            (true, ..) => "?org=d1",
            _ => "",
        }
    }

    fn send(&self, client: &Client, there: &There, document: &Value, headers: &[(&str, &str)]) -> Answer {
        let path = format!("{}{}", self.path(there), self.query(document));
        if self.template.ends_with("/import") {
            let headers = [headers, &[("content-type", "text/csv")]].concat();
            return client.send(&self.method, &path, &headers, "姓名,手机\n某人,13000018888\n".into());
        }
        if self.template.ends_with("/attachments") {
            return client.send(&self.method, &path, headers, b"%PDF-1.7\n%%EOF\n".to_vec());
        }
        client.json(&self.method, &path, headers, &self.body(there))
    }
}

/// Who asks, as whom, with which headers.
type Asked<'a> = (&'a str, &'a Client, &'a [(&'a str, &'a str)]);

/// What a stranger is after.
struct There {
    customer: String,
    other: String,
    case: String,
}

fn there(server: &Server) -> There {
    let officer = server.staff("wang");
    let id = customer(&officer, "王磊", "13000012345");
    officer.patch(&format!("/records/customer/{id}"), &json!({ "data": { "city": "武汉" } })).ok(200);
    let other = customer(&officer, "李静", "13000012346");
    let case = officer.create("complaints.case", json!({ "customer": id, "facts": "空调不制冷。" }));
    There { customer: id, other, case: case["id"].as_str().expect("an id").to_owned() }
}

fn writes(document: &Value) -> Vec<Write> {
    let mut found = Vec::new();
    for (template, item) in document["paths"].as_object().expect("paths") {
        for method in item.as_object().expect("operations").keys() {
            if ["post", "put", "patch", "delete"].contains(&method.as_str()) && !template.contains("/test/") {
                found.push(Write { method: method.to_uppercase(), template: template.clone() });
            }
        }
    }
    found
}

/// Somebody of another dealer who has no right of any weight.
fn stranger(server: &Server) -> Client {
    let admin = server.admin();
    let org = admin.create("org", json!({ "code": "d2", "name": "二店", "type": "dealer", "parent": "hq" }));
    let data = json!({ "login": "d2.tech", "name": "小陈", "roles": ["technician"] });
    let user = admin.post("/records/user", &json!({ "org": org["id"], "data": data })).ok(201);
    let path = format!("/records/user/{}/actions/set_password", user["id"].as_str().expect("an id"));
    admin.post(&path, &json!({ "password": STAFF_PASSWORD })).ok(200);
    server.client().login("d2.tech", STAFF_PASSWORD)
}

fn contents(server: &Server) -> BTreeMap<String, String> {
    Store::contents_of(&server.data(), &OF_NO_RECORD).expect("the tables")
}

/// Nothing is delivered or indexed any more, so that whatever changes now was changed by a request.
fn still(server: &Server) {
    let mut last = BTreeMap::new();
    let mut n_same = 0;
    eventually("nothing changes any more", SOON * 6, || {
        let now = contents(server);
        n_same = if now == last { n_same + 1 } else { 0 };
        last = now;
        (n_same == 5).then_some(())
    });
}

#[test]
fn whoever_is_refused_leaves_every_table_as_it_was() {
    let server = Server::dealer_at("2026-03-13T10:00:00+08:00");
    let there = there(&server);
    let (nobody, stranger, officer) = (server.client(), stranger(&server), server.staff("wang"));
    let document = officer.get("/api/openapi.json").ok(200);
    let writes = writes(&document);
    assert!(writes.len() > 60, "the document tells of {} writes", writes.len());
    still(&server);
    let mut before = contents(&server);
    let mut wrong = Vec::new();
    let cross_site = [("sec-fetch-site", "cross-site")];
    for write in &writes {
        let is_own = OWN.contains(&write.route().as_str());
        let asked: [Asked<'_>; 3] =
            [("nobody", &nobody, &[]), ("another site", &officer, &cross_site), ("a stranger", &stranger, &[])];
        for (who, client, headers) in asked {
            if is_own && who != "another site" {
                continue;
            }
            let answer = write.send(client, &there, &document, headers);
            let expected = match who {
                "nobody" => answer.status == 401,
                "another site" => answer.status == 403,
                _ => (400..500).contains(&answer.status),
            };
            if !expected {
                wrong.push(format!("{}: {who} is answered {}: {}", write.route(), answer.status, answer.text));
            }
            let after = contents(&server);
            let changed: Vec<&String> = after.keys().filter(|table| before.get(*table) != after.get(*table)).collect();
            if !changed.is_empty() {
                wrong.push(format!("{}: {who} was answered {} and changed {changed:?}", write.route(), answer.status));
            }
            before = after;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
