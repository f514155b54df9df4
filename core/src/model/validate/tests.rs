//! What kinds take and refuse.

use serde_json::{Value, json};

use super::*;

fn kind_of(fields: Value) -> Kind {
    serde_json::from_value(json!({ "kind": "test.thing", "label": "Thing", "title": "name", "fields": fields }))
        .expect("a kind")
}

fn thing() -> Kind {
    kind_of(json!({
        "name": { "type": "text", "label": "Name", "required": true },
        "note": { "type": "long_text", "label": "Note" },
        "code": { "type": "text", "label": "Code", "max": 4 },
        "uscc": { "type": "uscc", "label": "Company code" },
        "age": { "type": "int", "label": "Age", "min": 0, "max": 120 },
        "rate": { "type": "decimal", "label": "Rate", "min": 0, "max": 1 },
        "price": { "type": "money", "label": "Price" },
        "vip": { "type": "bool", "label": "VIP", "default": false },
        "birth_date": { "type": "date", "label": "Birth date" },
        "seen_at": { "type": "datetime", "label": "Seen" },
        "level": { "type": "enum", "label": "Level", "default": "low",
                   "values": [{ "value": "low", "label": "Low" }, { "value": "high", "label": "High" }] },
        "tags": { "type": "enum_list", "label": "Tags",
                  "values": [{ "value": "a", "label": "A" }, { "value": "b", "label": "B" }] },
        "owner": { "type": "ref", "label": "Owner", "to": "user" },
        "members": { "type": "ref_list", "label": "Members", "to": "customer" },
        "phone": { "type": "phone", "label": "Phone" },
        "email": { "type": "email", "label": "E-mail" },
        "plate": { "type": "plate", "label": "Plate" },
        "vin": { "type": "vin", "label": "VIN" },
        "id_type": { "type": "enum", "label": "Document", "values":
                     [{ "value": "id_card", "label": "ID card" }, { "value": "passport", "label": "Passport" }] },
        "id_no": { "type": "id_no", "label": "Number" },
        "page": { "type": "url", "label": "Page" },
        "extra": { "type": "json", "label": "Extra" },
        "score": { "type": "int", "label": "Score", "readonly": true }
    }))
}

fn data(value: Value) -> Data {
    value.as_object().cloned().expect("an object")
}

/// `pointer code` of every error, and the messages.
fn errors(result: Result<Data>) -> (Vec<String>, Vec<String>) {
    let errors = result.expect_err("something is wrong").errors;
    errors.into_iter().map(|error| (format!("{} {}", error.pointer, error.code), error.message)).unzip()
}

#[test]
fn every_field_comes_out_in_its_normal_form() {
    let given = data(json!({
        "name": " 王　磊 ", "note": "one\r\ntwo\u{0}  ", "code": " ab ", "uscc": "91350100m000100y43", "age": 30.0, "rate": 0.5,
        "price": 14_999_900, "vip": true, "birth_date": "1990年1月2日", "seen_at": "2026-03-13T10:00:00+08:00",
        "level": "high", "tags": ["b", "a", "b"], "owner": "u1", "members": ["c1", "c2", "c1"], "phone": "138-0000-1234",
        "email": "WL@Example.cn", "plate": "鄂a·12345", "vin": "lsgpc52u6tf100001", "id_no": "11010519491231002x",
        "page": "https://example.cn/a?b=c", "extra": { "a": [1, null] }
    }));
    let expected = json!({
        "name": "王磊", "note": "one\ntwo", "code": "ab", "uscc": "91350100M000100Y43", "age": 30, "rate": 0.5,
        "price": 14_999_900, "vip": true, "birth_date": "1990-01-02", "seen_at": "2026-03-13T02:00:00.000Z",
        "level": "high", "tags": ["b", "a"], "owner": "u1", "members": ["c1", "c2"], "phone": "+8613800001234",
        "email": "wl@example.cn", "plate": "鄂A12345", "vin": "LSGPC52U6TF100001", "id_no": "11010519491231002X",
        "page": "https://example.cn/a?b=c", "extra": { "a": [1, null] }
    });
    let created = create(&thing(), &given, Writer::Request).expect("all is right");
    assert_eq!(Value::Object(created.clone()), expected);
    assert_eq!(create(&thing(), &created, Writer::Request).expect("normal forms stay"), created);
}

#[test]
fn defaults_fill_what_is_left_out_and_empty_is_left_out() {
    let given = data(json!({ "name": "王磊", "code": " ", "tags": [], "phone": null }));
    let created = create(&thing(), &given, Writer::Request).expect("all is right");
    assert_eq!(Value::Object(created), json!({ "name": "王磊", "level": "low", "vip": false }));
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let given = data(json!({
        "note": 1, "code": "abcde", "uscc": "9135", "age": 121, "rate": -0.1, "price": 1.5, "vip": "yes", "birth_date": "13/3/2026",
        "seen_at": "2026-03-13 10:00", "level": "middle", "tags": ["c"], "owner": "no id!", "members": "c1", "phone": "12345",
        "email": "wl", "plate": "A1", "vin": "LSGPC52U6TF100010", "id_no": "110105194912310021", "page": "ftp://x", "colour": "red"
    }));
    let (mut codes, messages) = errors(create(&thing(), &given, Writer::Request));
    codes.sort();
    assert_eq!(
        codes,
        [
            "/data/age too_large",
            "/data/birth_date date.invalid",
            "/data/code too_long",
            "/data/colour unknown_field",
            "/data/email email.invalid",
            "/data/id_no id_no.invalid",
            "/data/level not_in_list",
            "/data/members wrong_type",
            "/data/name required",
            "/data/note wrong_type",
            "/data/owner ref.invalid",
            "/data/page url.invalid",
            "/data/phone phone.invalid",
            "/data/plate plate.invalid",
            "/data/price wrong_type",
            "/data/rate too_small",
            "/data/seen_at datetime.invalid",
            "/data/tags not_in_list",
            "/data/uscc uscc.invalid",
            "/data/vin vin.check_digit",
            "/data/vip wrong_type",
        ]
    );
    let all = messages.join("\n");
    for said in [
        "age is 121: it must be at most 120",
        "level is \"middle\": it must be one of low, high",
        "price is 1.5: it must be an amount in whole fen",
        "\"colour\" is no field of test.thing: use age, birth_date, code",
        "owner is \"no id!\": it must be the id of a user",
        "name is missing: a test.thing cannot be without it",
    ] {
        assert!(all.contains(said), "{said} is not in\n{all}");
    }
}

#[test]
fn a_patch_changes_removes_and_leaves_alone() {
    let old = data(json!({ "name": "王磊", "phone": "+8613800001234", "extra": { "a": 1, "b": { "c": 2, "d": 3 } } }));
    let patch = data(json!({ "phone": null, "email": "WL@example.cn", "extra": { "a": null, "b": { "c": 4 } } }));
    let changed = change(&thing(), &old, &patch, Writer::Request).expect("all is right");
    let expected = json!({ "name": "王磊", "email": "wl@example.cn", "extra": { "b": { "c": 4, "d": 3 } } });
    assert_eq!(Value::Object(changed), expected);
}

#[test]
fn a_required_field_cannot_be_emptied_but_an_old_gap_stays_editable() {
    let patch = data(json!({ "name": " " }));
    let (codes, _) = errors(change(&thing(), &data(json!({ "name": "王磊" })), &patch, Writer::Request));
    assert_eq!(codes, ["/data/name required"]);
    assert!(change(&thing(), &Data::new(), &data(json!({ "age": 3 })), Writer::Request).is_ok());
}

#[test]
fn readonly_fields_are_the_owners() {
    let given = data(json!({ "name": "王磊", "score": 7 }));
    let (codes, _) = errors(create(&thing(), &given, Writer::Request));
    assert_eq!(codes, ["/data/score readonly"]);
    let created = create(&thing(), &given, Writer::Owner).expect("the owner may");
    assert!(change(&thing(), &created, &given, Writer::Request).is_ok(), "sending back what is there is no change");
    let patch = data(json!({ "score": null }));
    assert_eq!(errors(change(&thing(), &created, &patch, Writer::Request)).0, ["/data/score readonly"]);
}

#[test]
fn a_passport_is_not_checked_like_an_identity_card() {
    let given = data(json!({ "name": "Lei Wang", "id_type": "passport", "id_no": "e1234 5678" }));
    let created = create(&thing(), &given, Writer::Request).expect("a passport");
    assert_eq!(created["id_no"], "E1234 5678");
    let patch = data(json!({ "id_no": "E87654321" }));
    assert!(change(&thing(), &created, &patch, Writer::Request).is_ok(), "the stored type counts");
    let patch = data(json!({ "id_no": "E87654321", "id_type": "id_card" }));
    assert_eq!(errors(change(&thing(), &created, &patch, Writer::Request)).0, ["/data/id_no id_no.invalid"]);
}

fn case() -> Value {
    json!({
        "kind": "complaints.case", "label": "Complaint", "title": "number", "subject": "customer", "owner": "owner",
        "number": { "field": "number", "prefix": "C", "digits": 6 },
        "indexes": [["state", "due"]],
        "fields": {
            "number": { "type": "text", "label": "Number", "required": true, "readonly": true, "unique": "org" },
            "customer": { "type": "ref", "label": "Customer", "to": "customer", "required": true },
            "owner": { "type": "ref", "label": "Owner", "to": "user" },
            "due": { "type": "datetime", "label": "Due" },
            "state": { "type": "enum", "label": "State", "values": [
                { "value": "received", "label": "Received" }, { "value": "closed", "label": "Closed", "tone": "good" }] }
        },
        "states": { "field": "state", "initial": "received", "open": ["received"], "steps": ["received", "closed"],
            "transitions": { "close": { "label": "Close", "from": ["received"], "to": "closed", "event": "closed", "needs": ["owner"] } } }
    })
}

fn parse(value: Value) -> Kind {
    serde_json::from_value(value).expect("a kind")
}

#[test]
fn a_new_record_stands_in_the_first_state_and_moves_only_by_moves() {
    let case = parse(case());
    let created = create(&case, &data(json!({ "customer": "c1" })), Writer::Request).expect("the store numbers it");
    assert_eq!(Value::Object(created.clone()), json!({ "customer": "c1", "state": "received" }));
    let patch = data(json!({ "state": "closed" }));
    let (codes, messages) = errors(change(&case, &created, &patch, Writer::Request));
    assert_eq!(
        (codes[0].as_str(), messages[0].as_str()),
        ("/data/state state.refused", "state is the state of a complaints.case: change it by one of its moves")
    );
    assert!(change(&case, &created, &patch, Writer::Owner).is_ok());
    assert!(create(&case, &data(json!({ "customer": "c1", "state": "received" })), Writer::Request).is_ok());
    assert!(create(&case, &data(json!({ "customer": "c1", "state": "closed" })), Writer::Request).is_err());
}

#[test]
fn sound_kinds_pass() {
    kind(&thing()).expect("the thing is sound");
    kind(&parse(case())).expect("the case is sound");
    for text in [
        include_str!("../../model/kinds/customer.json"),
        include_str!("../../model/kinds/org.json"),
        include_str!("../../model/kinds/review.json"),
        include_str!("../../model/kinds/user.json"),
    ] {
        kind(&serde_json::from_str(text).expect("a kind")).expect("the core's own kinds are sound");
    }
}

#[test]
fn every_flaw_of_a_kind_is_named() {
    let check = |pointer: &str, value: Value, expected: &str| {
        let mut wrong = case();
        match wrong.pointer_mut(pointer) {
            Some(place) => *place = value,
            None => {
                let (parent, key) = pointer.rsplit_once('/').expect("a pointer");
                wrong.pointer_mut(parent).expect(parent)[key] = value;
            }
        }
        let error = kind(&parse(wrong)).expect_err(expected);
        assert_eq!(error.code, "kind.invalid");
        assert!(error.message.contains(expected), "{expected} is not in {error}");
    };
    let text = json!({ "type": "text", "label": "X" });
    check("/kind", json!("Complaints Case"), "must be a noun or plugin.noun");
    check("/title", json!("nothing"), "title \"nothing\" is no field");
    check("/subject", json!("due"), "subject \"due\" is no field of type ref");
    check("/owner", json!("nobody"), "owner \"nobody\" is no field");
    check("/number/field", json!("due"), "which is no field of type text");
    check("/number/digits", json!(0), "0 digits");
    check("/indexes", json!([["nothing"]]), "index on \"nothing\"");
    check("/fields/created_at", text.clone(), "has a name that every record has already");
    check("/fields/Big", text.clone(), "must be a word");
    check("/fields/x", json!({ "type": "enum", "label": "X" }), "an enum without values");
    check(
        "/fields/x",
        json!({ "type": "text", "label": "X", "values": [{ "value": "a", "label": "A" }] }),
        "but is no enum",
    );
    check("/fields/x", json!({ "type": "ref", "label": "X" }), "a ref without the kind");
    check("/fields/x", json!({ "type": "text", "label": "X", "to": "user" }), "has `to` but is no ref");
    check("/fields/x", json!({ "type": "bool", "label": "X", "max": 3 }), "only numbers have both");
    check("/fields/x", json!({ "type": "int", "label": "X", "min": 3, "max": 2 }), "that nothing can meet");
    check("/fields/x", json!({ "type": "int", "label": "X", "max": 2, "default": 3 }), "the default 3");
    check("/fields/x", json!({ "type": "json", "label": "X", "unique": "org" }), "cannot be unique");
    check("/fields/state/values/0/tone", json!("pink"), "unknown tone");
    check("/fields/state/values/0/value", json!("closed"), "twice");
    check("/states/field", json!("due"), "which is no field of type enum");
    check("/states/initial", json!("new"), "\"new\" is no value of state");
    check("/states/open", json!(["new"]), "\"new\" is no value of state");
    check("/states/transitions/close/to", json!("gone"), "\"gone\" is no value of state");
    check("/states/transitions/close/event", json!("created"), "use a word of its own");
    check("/states/transitions/close/needs", json!(["nothing"]), "needs \"nothing\"");
    check("/states/transitions/close/guard", json!("x"), "no filter object");
    let again = json!({ "label": "Again", "from": ["received"], "to": "closed", "event": "closed" });
    check("/states/transitions/again", again, "like another one");
}
