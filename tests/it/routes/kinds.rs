//! Kinds in the running system: every type and flag of a field, organisations' own fields, values and labels.

use serde_json::{Value, json};

use super::{bare, customer, items};
use crate::support::{Client, SOON, Server, eventually};

/// Two dealers with an administrator and a consultant each, and a desk below the first.
pub struct Dealers {
    /// The maker's and both dealers' server.
    pub server: Server,
    /// The maker's administrator.
    pub admin: Client,
}

const SECRET: &str = "correct horse battery staple";

impl Dealers {
    pub fn new() -> Dealers {
        let server = bare();
        let admin = server.admin();
        for (id, parent) in [("one", "hq"), ("two", "hq")] {
            let org = admin.create("org", json!({ "code": id, "name": id, "type": "dealer", "parent": parent }));
            let org = org["id"].as_str().expect("an id");
            for (login, role) in [("gm", "gm"), ("li", "consultant"), ("zhao", "consultant")] {
                let data = json!({ "login": format!("{id}.{login}"), "name": login, "roles": [role] });
                let user = admin.post("/records/user", &json!({ "data": data, "org": org })).ok(201);
                let path = format!("/records/user/{}/actions/set_password", user["id"].as_str().expect("an id"));
                admin.post(&path, &json!({ "password": SECRET })).ok(200);
            }
        }
        Dealers { server, admin }
    }

    pub fn staff(&self, login: &str) -> Client {
        self.server.client().login(login, SECRET)
    }

    pub fn org(&self, login: &str) -> String {
        let user = self.admin.list("user", &json!({ "login": login }));
        user[0]["org"].as_str().expect("an organisation").to_owned()
    }
}

/// The wrong places of a problem: pointer and code.
pub fn codes(body: &Value) -> Vec<(&str, &str)> {
    let errors = body["errors"].as_array().into_iter().flatten();
    errors.map(|error| (error["pointer"].as_str().unwrap_or(""), error["code"].as_str().unwrap_or(""))).collect()
}

#[test]
fn every_type_of_field_can_be_added_written_filtered_and_refused() {
    let server = bare();
    let admin = server.admin();
    let values = json!([{ "value": "a", "label": "甲" }, { "value": "b", "label": "乙" }]);
    // The type, more of its definition, a value as typed, as stored, and one that is refused with its code.
    let types = [
        ("text", json!({ "max": 5 }), json!(" abc "), json!("abc"), json!("abcdef"), "too_long"),
        ("long_text", json!({}), json!("a\r\nb"), json!("a\nb"), json!(1), "wrong_type"),
        ("int", json!({ "min": 1, "max": 9 }), json!(3.0), json!(3), json!(10), "too_large"),
        ("decimal", json!({ "min": 0 }), json!(1.5), json!(1.5), json!(-1), "too_small"),
        ("money", json!({}), json!(1_499_800), json!(1_499_800), json!("149"), "wrong_type"),
        ("bool", json!({}), json!(true), json!(true), json!("yes"), "wrong_type"),
        ("date", json!({}), json!("2026年3月13日"), json!("2026-03-13"), json!("soon"), "date.invalid"),
        (
            "datetime",
            json!({}),
            json!("2026-03-13T10:00:00+08:00"),
            json!("2026-03-13T02:00:00.000Z"),
            json!("now"),
            "datetime.invalid",
        ),
        ("enum", json!({ "values": values }), json!("a"), json!("a"), json!("c"), "not_in_list"),
        (
            "enum_list",
            json!({ "values": values }),
            json!(["b", "a", "b"]),
            json!(["b", "a"]),
            json!(["c"]),
            "not_in_list",
        ),
        ("ref", json!({ "to": "user" }), json!("admin"), json!("admin"), json!("nobody"), "ref.not_found"),
        ("ref_list", json!({ "to": "user" }), json!(["admin"]), json!(["admin"]), json!(["nobody"]), "ref.not_found"),
        ("phone", json!({}), json!("130 0001 2345"), json!("+8613000012345"), json!("12"), "phone.invalid"),
        ("email", json!({}), json!("A@B.CN"), json!("a@b.cn"), json!("a@"), "email.invalid"),
        ("plate", json!({}), json!("鄂a·12345"), json!("鄂A12345"), json!("WJ鄂1234"), "plate.doubtful"),
        (
            "vin",
            json!({}),
            json!("lsgpc52u6tf100001"),
            json!("LSGPC52U6TF100001"),
            json!("LSGPC52U6TF100010"),
            "vin.check_digit",
        ),
        (
            "id_no",
            json!({}),
            json!("11010519491231002x"),
            json!("11010519491231002X"),
            json!("110105194912310021"),
            "id_no.invalid",
        ),
        (
            "uscc",
            json!({}),
            json!("91350100m000100y43"),
            json!("91350100M000100Y43"),
            json!("91350100M000100Y44"),
            "uscc.doubtful",
        ),
        ("url", json!({}), json!("https://a.cn"), json!("https://a.cn"), json!("a.cn"), "url.invalid"),
        ("json", json!({}), json!({ "a": [1] }), json!({ "a": [1] }), Value::Null, ""),
    ];
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    for (r#type, more, typed, stored, wrong, code) in types {
        let name = format!("x_{type}");
        let mut field = json!({ "name": name, "type": r#type, "label": r#type });
        field.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let made = admin.post("/kinds/customer/fields", &field).ok(201);
        assert_eq!(
            (&made["name"], &made["custom"], &made["org"]),
            (&json!(name), &json!(true), &json!("hq")),
            "{made}"
        );
        let changed = admin.patch(&path, &json!({ "data": { &name: typed } })).ok(200);
        assert_eq!(changed["data"][&name], stored, "{type}");
        if !code.is_empty() {
            let refused = admin.patch(&path, &json!({ "data": { &name: wrong } })).problem(400, "invalid");
            assert_eq!(codes(&refused)[0].1, code, "{type}: {refused}");
        }
        if !matches!(r#type, "json" | "enum_list" | "ref_list") {
            assert_eq!(admin.list("customer", &json!({ &name: stored })).len(), 1, "{type}");
        }
        assert_eq!(admin.list("customer", &json!({ &name: { "empty": false } })).len(), 1, "{type}");
    }
    assert_eq!(admin.list("customer", &json!({ "x_enum_list": "a" })).len(), 1);
    assert_eq!(admin.list("customer", &json!({ "x_ref.name": "管理员" })).len(), 1);
    let foreign = json!({ "x_vin": "WVWZZZ1JZXW000001" });
    let refused = admin.patch(&path, &json!({ "data": foreign })).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/data/x_vin", "vin.doubtful")]);
    admin.patch(&path, &json!({ "data": foreign, "overrides": { "x_vin": "欧洲车" } })).ok(200);
}

#[test]
fn a_field_that_becomes_searchable_later_is_found_by_what_was_there_before() {
    let server = bare();
    let admin = server.admin();
    admin.post("/kinds/customer/fields", &json!({ "name": "x_card", "type": "text", "label": "会员卡" })).ok(201);
    let data = json!({ "name": "王磊", "phone": "13000012345", "x_card": "VIP-777" });
    admin.post("/records/customer", &json!({ "data": data })).ok(201);
    let n_found = || items(&admin.get("/search?q=vip-77").ok(200)).len();
    assert_eq!(n_found(), 0);
    admin.patch("/kinds/customer/fields/x_card", &json!({ "searchable": true })).ok(200);
    eventually("it is found", SOON, || (n_found() == 1).then_some(()));
    admin.patch("/kinds/customer/fields/x_card", &json!({ "searchable": false })).ok(200);
    assert_eq!(n_found(), 0, "at once: the record's own text decides, whatever the index still holds");
}

#[test]
fn every_flag_of_a_field_holds() {
    let server = bare();
    let admin = server.admin();
    let add = |field: Value| admin.post("/kinds/customer/fields", &field);
    add(json!({ "name": "x_card", "type": "text", "label": "会员卡", "unique": "org", "searchable": true })).ok(201);
    add(json!({ "name": "x_size", "type": "int", "label": "Size", "default": 4, "indexed": true, "required": true }))
        .ok(201);
    add(json!({ "name": "x_secret", "type": "int", "label": "Secret", "personal": true })).ok(201);
    add(json!({ "name": "x_kept", "type": "text", "label": "Kept", "readonly": true })).ok(201);

    let data = json!({ "name": "王磊", "phone": "13000012345", "x_card": "VIP-777", "x_secret": 7 });
    let made = admin.post("/records/customer", &json!({ "data": data })).ok(201);
    let path = format!("/records/customer/{}", made["id"].as_str().expect("an id"));
    assert_eq!(made["data"]["x_size"], 4, "the default");
    let told = admin.events_after(0);
    let quoted = &told.last().expect("an event")["data"]["quoted"];
    assert_eq!((&quoted["x_size"], &quoted["x_secret"]), (&json!(4), &Value::Null), "what is personal is not quoted");
    let found = admin.get("/search?q=vip-77").ok(200);
    assert_eq!(found["items"][0]["title"], "王磊", "{found}");
    assert_eq!(items(&admin.get("/records/customer?q=IP-77").ok(200)).len(), 1);
    let refused = admin.patch(&path, &json!({ "data": { "x_size": null } })).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/data/x_size", "required")]);
    let refused = admin.patch(&path, &json!({ "data": { "x_kept": "a" } })).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/data/x_kept", "readonly")]);
    admin.get("/records/customer?order=-x_size").ok(200);
    admin.get("/records/customer?order=x_secret").problem(400, "order.invalid");
    let data = json!({ "name": "李静", "phone": "13000012346", "x_card": "VIP-777" });
    let taken = admin.post("/records/customer", &json!({ "data": data })).problem(409, "record.unique");
    assert_eq!(codes(&taken), [("/data/x_card", "unique")]);

    let doc = admin.get("/api/openapi.json");
    assert!(!doc.text.contains("x_card"), "the public document knows nothing of organisations' own fields");
}

#[test]
fn of_many_who_take_a_unique_value_at_once_one_gets_it() {
    let server = bare();
    let admin = server.admin();
    let field = json!({ "name": "x_card", "type": "text", "label": "Card", "unique": "brand" });
    admin.post("/kinds/customer/fields", &field).ok(201);
    let names = ["王磊", "李静", "张伟", "赵敏", "孙丽", "周强", "吴刚", "郑洁"];
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(n, name)| {
                let admin = &admin;
                let data = json!({ "name": name, "phone": format!("1300001{n:04}"), "x_card": "A1" });
                scope.spawn(move || admin.post("/records/customer", &json!({ "data": data })).status)
            })
            .collect();
        tries.into_iter().map(|try_| try_.join().expect("an answer")).collect()
    });
    let n = |status: u16| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((n(201), n(409)), (1, names.len() - 1), "{statuses:?}");
}

#[test]
fn two_dealers_have_fields_of_one_name_and_do_not_see_each_others() {
    let dealers = Dealers::new();
    let (one, two) = (dealers.staff("one.gm"), dealers.staff("two.gm"));
    one.post("/kinds/customer/fields", &json!({ "name": "x_size", "type": "int", "label": "尺寸", "indexed": true }))
        .ok(201);
    two.post("/kinds/customer/fields", &json!({ "name": "x_size", "type": "text", "label": "大小" })).ok(201);
    let r#type = |client: &Client| client.get("/kinds/customer").ok(200)["fields"]["x_size"]["type"].clone();
    assert_eq!((r#type(&one), r#type(&two), r#type(&dealers.admin)), (json!("int"), json!("text"), Value::Null));
    let seen = dealers.admin.get(&format!("/kinds/customer?org={}", dealers.org("two.gm"))).ok(200);
    assert_eq!(seen["fields"]["x_size"]["label"], "大小");
    one.get(&format!("/kinds/customer?org={}", dealers.org("two.gm"))).problem(403, "denied");

    let ours = one.create("customer", json!({ "name": "王磊", "phone": "13000012345", "x_size": 4 }));
    let theirs = two.create("customer", json!({ "name": "王磊", "phone": "13000012345", "x_size": "XL" }));
    assert_eq!((&ours["data"]["x_size"], &theirs["data"]["x_size"]), (&json!(4), &json!("XL")));
    let refused =
        two.post("/records/customer", &json!({ "data": { "name": "李静", "phone": "13000012346", "x_size": 4 } }));
    assert_eq!(codes(&refused.problem(400, "invalid")), [("/data/x_size", "wrong_type")]);
    assert_eq!(one.list("customer", &json!({ "x_size": { "gte": 4 } })).len(), 1);
    assert_eq!(two.list("customer", &json!({ "x_size": { "starts": "x" } })).len(), 1);
    dealers.admin.get("/records/customer?filter={\"x_size\":4}").problem(400, "filter.invalid");

    // What the maker may write of a dealer's record is what holds at the dealer.
    let path = format!("/records/customer/{}", theirs["id"].as_str().expect("an id"));
    dealers.admin.patch(&path, &json!({ "data": { "x_size": "L" } })).ok(200);
    dealers.admin.patch(&path, &json!({ "data": { "x_size": 4 } })).problem(400, "invalid");

    let taken = json!({ "name": "x_size", "type": "text", "label": "Size" });
    dealers.admin.post("/kinds/customer/fields", &taken).problem(409, "field.taken");
    let brand = json!({ "name": "x_all", "type": "text", "label": "All" });
    dealers.admin.post("/kinds/customer/fields", &brand).ok(201);
    assert_eq!(one.get("/kinds/customer").ok(200)["fields"]["x_all"]["label"], "All", "it holds below");
    one.post("/kinds/customer/fields", &brand).problem(409, "field.taken");
}

#[test]
fn a_field_of_ones_own_is_refused_with_what_to_do() {
    let dealers = Dealers::new();
    let (gm, li) = (dealers.staff("one.gm"), dealers.staff("one.li"));
    let add = |field: Value| gm.post("/kinds/customer/fields", &field);
    let text = |name: &str| json!({ "name": name, "type": "text", "label": "X" });
    li.post("/kinds/customer/fields", &text("x_a")).problem(403, "denied");
    gm.post("/kinds/unicorn/fields", &text("x_a")).problem(404, "kind.not_found");
    for name in ["size", "x_", "x_Größe", "x-a"] {
        assert_eq!(codes(&add(text(name)).problem(400, "invalid")), [("/name", "name.invalid")], "{name}");
    }
    assert_eq!(
        codes(&add(json!({ "type": "text", "label": "X" })).problem(400, "invalid")),
        [("/name", "name.invalid")]
    );
    let wrong = add(json!({ "name": "x_a", "type": "colour", "label": "X" })).problem(400, "body.invalid");
    assert!(wrong["detail"].as_str().is_some_and(|detail| detail.contains("long_text")), "{wrong}");
    add(json!({ "name": "x_a", "type": "text", "label": "X", "colour": 1 })).problem(400, "body.invalid");
    for (field, part) in [
        (json!({ "name": "x_a", "type": "int", "label": "X", "default": "a" }), "default"),
        (json!({ "name": "x_a", "type": "enum", "label": "X" }), "without values"),
        (json!({ "name": "x_a", "type": "text", "label": "X", "past": true }), "past"),
    ] {
        let wrong = add(field).problem(400, "field.invalid");
        assert!(wrong["detail"].as_str().is_some_and(|detail| detail.contains(part)), "{wrong}");
    }
    let to = add(json!({ "name": "x_a", "type": "ref", "label": "X", "to": "unicorn" })).problem(400, "invalid");
    assert_eq!(codes(&to), [("/to", "kind.not_found")]);
    let brand = add(json!({ "name": "x_a", "type": "text", "label": "X", "unique": "brand" })).problem(400, "invalid");
    assert_eq!(codes(&brand), [("/unique", "unique.invalid")]);

    for (n, name) in ["王磊", "李静", "张伟"].into_iter().enumerate() {
        customer(&gm, name, &format!("1300001234{n}"));
    }
    let lacking =
        add(json!({ "name": "x_a", "type": "text", "label": "X", "required": true })).problem(409, "required.missing");
    assert!(lacking["detail"].as_str().is_some_and(|detail| detail.starts_with("3 records")), "{lacking}");
    assert_eq!(items(&gm.get("/kinds/customer/fields").ok(200)).len(), 0, "nothing of what was refused is there");
    add(text("x_a")).ok(201);
    add(text("x_a")).problem(409, "field.taken");
    gm.patch("/kinds/customer/fields/x_a", &json!({ "required": true })).problem(409, "required.missing");
    gm.patch("/kinds/customer/fields/x_a", &json!({ "type": "int" })).problem(400, "body.invalid");
    gm.patch("/kinds/customer/fields/x_b", &json!({ "label": "B" })).problem(404, "field.not_found");
    gm.patch("/kinds/customer/fields/name", &json!({ "label": "B" })).problem(403, "denied");
    for record in gm.list("customer", &json!({ "x_a": null })) {
        gm.patch(
            &format!("/records/customer/{}", record["id"].as_str().expect("an id")),
            &json!({ "data": { "x_a": "1" } }),
        )
        .ok(200);
    }
    assert_eq!(gm.patch("/kinds/customer/fields/x_a", &json!({ "required": true })).ok(200)["required"], true);
    let refused = gm.post("/records/customer", &json!({ "data": { "name": "赵敏", "phone": "13000012349" } }));
    assert_eq!(codes(&refused.problem(400, "invalid")), [("/data/x_a", "required")]);
}

#[test]
fn a_field_out_of_use_stays_readable_and_takes_nothing_new() {
    let mut server = bare();
    let admin = server.admin();
    let size = json!({ "name": "x_size", "type": "int", "label": "Size", "default": 1, "indexed": true });
    admin.post("/kinds/customer/fields", &size).ok(201);
    let id = customer(&admin, "王磊", "13000012345");
    let path = format!("/records/customer/{id}");
    let head = admin.head();
    assert_eq!(admin.delete("/kinds/customer/fields/x_size").ok(200)["retired"], true);
    admin.delete("/kinds/customer/fields/x_size").ok(200);
    let told: Vec<Value> = admin.events_after(head);
    assert_eq!(told.len(), 1, "what changes nothing is not told: {told:?}");
    assert_eq!(
        (&told[0]["kind"], &told[0]["data"]["change"], &told[0]["data"]["field"], &told[0]["data"]["kind"]),
        (&json!("kind.changed"), &json!("field_changed"), &json!("x_size"), &json!("customer"))
    );
    server.restart();
    let admin = server.admin();
    assert_eq!(admin.record("customer", &id)["data"]["x_size"], 1);
    assert_eq!(admin.list("customer", &json!({ "x_size": 1 })).len(), 1);
    assert_eq!(admin.get("/kinds/customer").ok(200)["fields"]["x_size"]["retired"], true);
    let refused = admin.patch(&path, &json!({ "data": { "x_size": 2 } })).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/data/x_size", "field.retired")]);
    let other = customer(&admin, "李静", "13000012346");
    assert_eq!(admin.record("customer", &other)["data"]["x_size"], Value::Null, "no default any more");
    admin.post("/kinds/customer/fields", &size).problem(409, "field.taken");
    admin.patch("/kinds/customer/fields/x_size", &json!({ "retired": false })).ok(200);
    admin.patch(&path, &json!({ "data": { "x_size": 2 } })).ok(200);
    admin.patch(&path, &json!({ "data": { "x_size": null } })).ok(200);
}

#[test]
fn values_are_added_relabelled_and_taken_out_of_use() {
    let dealers = Dealers::new();
    let (one, two) = (dealers.staff("one.gm"), dealers.staff("two.gm"));
    let noon = json!({ "values": [{ "value": "noon", "label": { "zh-CN": "中午", "en": "Noon" } }] });
    let field = one.patch("/kinds/customer/fields/preferred_time", &noon).ok(200);
    let last = field["values"].as_array().and_then(|values| values.last()).expect("values");
    assert_eq!((&last["value"], &last["custom"]), (&json!("noon"), &json!(true)), "{field}");
    let data = json!({ "name": "王磊", "phone": "13000012345", "preferred_time": "noon" });
    let made = one.create("customer", data.clone());
    let refused = two.post("/records/customer", &json!({ "data": data })).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/data/preferred_time", "not_in_list")]);
    one.patch("/kinds/customer/fields/gender", &noon).problem(409, "field.fixed");
    let taken = json!({ "values": [{ "value": "morning", "label": "早上" }] });
    let refused = one.patch("/kinds/customer/fields/preferred_time", &taken).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/values", "value.taken")]);

    let retired = json!({ "values": [{ "value": "noon", "label": "中午", "retired": true }] });
    one.patch("/kinds/customer/fields/preferred_time", &retired).ok(200);
    assert_eq!(one.list("customer", &json!({ "preferred_time": "noon" })).len(), 1, "it stays readable");
    let path = format!("/records/customer/{}", made["id"].as_str().expect("an id"));
    one.patch(&path, &json!({ "data": { "preferred_time": "noon", "city": "武汉" } })).ok(200);
    one.patch(&path, &json!({ "data": { "preferred_time": "any" } })).ok(200);
    let refused = one.patch(&path, &json!({ "data": { "preferred_time": "noon" } })).problem(400, "invalid");
    assert_eq!(codes(&refused), [("/data/preferred_time", "value.retired")]);
}

#[test]
fn labels_are_an_organisations_own_and_come_back() {
    let dealers = Dealers::new();
    let (one, two) = (dealers.staff("one.gm"), dealers.staff("two.gm"));
    let labels = json!({
        "label": { "zh-CN": "车友" },
        "fields": { "city": { "label": "所在地" }, "gender": { "values": { "male": { "label": "先生" } } } },
    });
    one.patch("/kinds/customer/labels", &labels).ok(200);
    let ours = one.get("/kinds/customer").ok(200);
    assert_eq!(ours["label"], json!({ "zh-CN": "车友", "en": "Customer" }));
    assert_eq!(
        (&ours["fields"]["city"]["label"], &ours["fields"]["gender"]["values"][0]["label"]),
        (&json!("所在地"), &json!("先生"))
    );
    assert_eq!(two.get("/kinds/customer").ok(200)["label"]["zh-CN"], "客户");
    let back = one.patch("/kinds/customer/labels", &json!({ "label": null, "fields": { "gender": null } })).ok(200);
    assert_eq!(back, json!({ "fields": { "city": { "label": "所在地" } } }));
    assert_eq!(one.get("/kinds/customer/labels").ok(200), back);
    assert_eq!(one.get("/kinds/customer").ok(200)["label"]["zh-CN"], "客户");
    let wrong = one
        .patch("/kinds/customer/labels", &json!({ "fields": { "colour": { "label": "X" } } }))
        .problem(400, "invalid");
    assert_eq!(codes(&wrong), [("/fields/colour", "unknown_field")]);
    one.patch("/kinds/customer/labels", &json!({ "label": 3 })).problem(400, "invalid");
    dealers.staff("one.li").patch("/kinds/customer/labels", &labels).problem(403, "denied");
}

#[test]
fn a_dry_run_of_a_field_adds_none() {
    let server = bare();
    let admin = server.admin();
    let field = json!({ "name": "x_a", "type": "text", "label": "A", "indexed": true });
    let told = admin.post("/kinds/customer/fields?dry_run=true", &field).ok(200);
    assert_eq!((&told["events"][0]["kind"], &told["faults"]), (&json!("kind.changed"), &json!([])), "{told}");
    assert_eq!(admin.get("/kinds/customer").ok(200)["fields"]["x_a"], Value::Null);
    admin.get("/records/customer?order=x_a").problem(400, "order.invalid");
}
