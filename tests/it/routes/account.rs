//! One's own account and those one looks after: passwords, one-time codes, recovery codes.

use std::{fs, process::Command};

use marque::{
    model::{Scope, Time, totp},
    store::{Store, StoreConfig, tables::audit},
};
use serde_json::{Value, json};

use super::{bare, header, items, raw};
use crate::support::{
    Answer, Client, Server, Setup,
    server::{PASSWORD, binary},
};

const CLOCK: &str = "2026-03-13T10:00:00+08:00";
const SECRET: &str = "a long enough secret";
const OTHER: &str = "另一个足够长的密码句子";

/// A consultant with a password; their id.
fn person(admin: &Client, login: &str, roles: &[&str]) -> String {
    let user = admin.create("user", json!({ "login": login, "name": login, "roles": roles }));
    let id = user["id"].as_str().expect("an id").to_owned();
    admin.post(&format!("/users/{id}/password"), &json!({ "password": SECRET })).ok(200);
    id
}

fn attempt(server: &Server, login: &str, password: &str, code: Option<&str>) -> Answer {
    let mut body = json!({ "login": login, "password": password });
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    server.client().post("/session", &body)
}

/// What changing how one comes in asks for.
fn proof() -> Value {
    json!({ "password": SECRET })
}

/// What the audit log says of somebody, the oldest first.
fn of_person(admin: &Client, id: &str) -> Vec<String> {
    let page = admin.get(&format!("/audit?actor=user:{id}&limit=200")).ok(200);
    items(&page).iter().rev().map(|entry| entry["what"].as_str().expect("what").to_owned()).collect()
}

/// The bytes of a secret as an app reads it.
fn decode(text: &str) -> Vec<u8> {
    let (mut held, mut n_held, mut bytes) = (0u32, 0, Vec::new());
    for letter in text.bytes() {
        let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        held = held << 5 | u32::from(value);
        n_held += 5;
        if n_held >= 8 {
            n_held -= 8;
            bytes.push((held >> n_held) as u8);
            held &= (1 << n_held) - 1;
        }
    }
    bytes
}

/// An authenticator app.
struct App(Vec<u8>);

impl App {
    fn read(begun: &Value) -> App {
        let secret = begun["secret"].as_str().expect("a secret");
        assert!(begun["uri"].as_str().is_some_and(|uri| uri.contains(&format!("secret={secret}&"))), "{begun}");
        App(decode(secret))
    }

    fn code_at(&self, at: &str) -> String {
        let at: Time = at.parse().expect("a moment");
        totp::code(&self.0, at.millis() / 30_000)
    }
}

/// Codes switched on for somebody: their client, the app and the recovery codes.
fn with_codes(server: &Server, login: &str) -> (Client, App, Vec<String>) {
    let client = server.client().login(login, SECRET);
    let app = App::read(&client.post("/account/totp", &proof()).ok(200));
    let confirmed = client.post("/account/totp/confirm", &json!({ "code": app.code_at(CLOCK) })).ok(200);
    let recovery = confirmed["recovery"].as_array().expect("codes").iter();
    let recovery = recovery.map(|code| code.as_str().expect("a code").to_owned()).collect();
    (client.with_token(confirmed["token"].as_str().expect("a new secret")), app, recovery)
}

#[test]
fn a_password_is_changed_with_the_old_one_and_everything_else_ends() {
    let server = bare();
    let id = person(&server.admin(), "li", &["consultant"]);
    let (here, there) = (server.client().login("li", SECRET), server.client().login("li", SECRET));
    let token = here.post("/tokens", &json!({ "name": "import" })).ok(201);
    let machine = server.client().with_token(token["token"].as_str().expect("a token"));
    let wrong = here.post("/account/password", &json!({ "old": "not the password", "new": OTHER }));
    assert_eq!(wrong.pointers(), ["/old"]);
    wrong.problem(400, "password.wrong");
    here.get("/session").ok(200);
    let changed = here.post("/account/password", &json!({ "old": SECRET, "new": OTHER })).ok(200);
    for ended in [&here, &there, &machine] {
        ended.get("/session").problem(401, "unauthenticated");
    }
    let on = here.with_token(changed["token"].as_str().expect("a new secret"));
    assert_eq!(on.get("/session").ok(200)["user"]["id"], json!(id));
    attempt(&server, "li", SECRET, None).problem(401, "session.refused");
    attempt(&server, "li", OTHER, None).ok(200);
}

#[test]
fn ten_wrong_old_passwords_shut_the_door_of_the_account_page() {
    let server = bare();
    person(&server.admin(), "li", &["consultant"]);
    let client = server.client().login("li", SECRET);
    let guess = json!({ "old": "not the password", "new": OTHER });
    for _ in 0..10 {
        client.post("/account/password", &guess).problem(400, "password.wrong");
    }
    client.post("/account/password", &json!({ "old": SECRET, "new": OTHER })).problem(429, "session.throttled");
}

#[test]
fn a_password_that_is_too_short_common_or_the_login_is_refused() {
    let server = bare();
    let admin = server.admin();
    let id = person(&admin, "wang.lei", &["consultant"]);
    let client = server.client().login("wang.lei", SECRET);
    for (password, code) in [
        ("seven77", "password.invalid"),
        (&*"x".repeat(129), "password.invalid"),
        ("Password1", "password.common"),
        ("1qaz2wsx", "password.common"),
        ("wang.lei.2026", "password.login"),
    ] {
        let own = client.post("/account/password", &json!({ "old": SECRET, "new": password }));
        assert_eq!(own.pointers(), ["/new"], "{password}");
        own.problem(400, code);
        let set = admin.post(&format!("/users/{id}/password"), &json!({ "password": password }));
        assert_eq!(set.pointers(), ["/password"], "{password}");
        set.problem(400, code);
    }
    attempt(&server, "wang.lei", SECRET, None).ok(200);
    // Nothing of composition, and every character counts.
    let plain = "aaaaaaaa bbbbbbbb";
    client.post("/account/password", &json!({ "old": SECRET, "new": plain })).ok(200);
    attempt(&server, "wang.lei", &plain[..16], None).problem(401, "session.refused");
    attempt(&server, "wang.lei", &plain.to_uppercase(), None).problem(401, "session.refused");
    attempt(&server, "wang.lei", plain, None).ok(200);
}

#[test]
fn one_time_codes_are_asked_for_once_proved_and_each_works_once() {
    let server = bare();
    person(&server.admin(), "li", &["consultant"]);
    let client = server.client().login("li", SECRET);
    let first = App::read(&client.post("/account/totp", &proof()).ok(200));
    attempt(&server, "li", SECRET, None).ok(200);
    let app = App::read(&client.post("/account/totp", &proof()).ok(200));
    assert_ne!(first.0, app.0);
    client
        .post("/account/totp/confirm", &json!({ "code": first.code_at("2026-03-13T11:00:00+08:00") }))
        .problem(400, "code.wrong");
    assert_eq!(client.get("/account/totp").ok(200), json!({ "is_on": false, "n_recovery": 0 }));
    let (on, app, recovery) = with_codes(&server, "li");
    client.get("/session").problem(401, "unauthenticated");
    assert_eq!(on.get("/account/totp").ok(200), json!({ "is_on": true, "n_recovery": 10 }));
    assert_eq!(recovery.len(), 10);
    on.post("/account/totp", &proof()).problem(409, "totp.on");

    attempt(&server, "li", SECRET, None).problem(401, "session.code_required");
    attempt(&server, "li", "not the password", Some(&app.code_at(CLOCK))).problem(401, "session.refused");
    attempt(&server, "li", SECRET, Some(&app.code_at(CLOCK))).problem(401, "session.code_wrong");
    let next = app.code_at("2026-03-13T10:00:30+08:00");
    attempt(&server, "li", SECRET, Some(&next)).ok(200);
    attempt(&server, "li", SECRET, Some(&next)).problem(401, "session.code_wrong");
    server.set_clock("2026-03-13T10:05:00+08:00");
    attempt(&server, "li", SECRET, Some(&app.code_at("2026-03-13T10:04:00+08:00"))).problem(401, "session.code_wrong");
    attempt(&server, "li", SECRET, Some(&app.code_at("2026-03-13T10:05:00+08:00"))).ok(200);
}

#[test]
fn a_recovery_code_works_once_in_place_of_a_code() {
    let server = bare();
    person(&server.admin(), "li", &["consultant"]);
    let (on, _, recovery) = with_codes(&server, "li");
    attempt(&server, "li", SECRET, Some(&recovery[0].to_uppercase())).ok(200);
    attempt(&server, "li", SECRET, Some(&recovery[0])).problem(401, "session.code_wrong");
    attempt(&server, "li", SECRET, Some(&recovery[9].replace('-', " "))).ok(200);
    assert_eq!(on.get("/account/totp").ok(200)["n_recovery"], 8);
}

#[test]
fn ten_wrong_codes_shut_the_door_from_wherever_they_come() {
    let server = bare();
    person(&server.admin(), "li", &["consultant"]);
    let (_, app, _) = with_codes(&server, "li");
    for _ in 0..10 {
        attempt(&server, "li", SECRET, Some("000000")).problem(401, "session.code_wrong");
    }
    let next = app.code_at("2026-03-13T10:00:30+08:00");
    attempt(&server, "li", SECRET, Some(&next)).problem(429, "session.throttled");
}

#[test]
fn codes_are_taken_off_with_a_proof_or_by_who_looks_after_accounts() {
    let server = bare();
    let admin = server.admin();
    let id = person(&admin, "li", &["consultant"]);
    let (on, _, recovery) = with_codes(&server, "li");
    let take_off = |client: &Client, proof: Value| client.json("DELETE", "/account/totp", &[], &proof);
    // Neither an open session nor a code is proof enough: whoever sits at the desk may have both.
    take_off(&on, json!({})).problem(400, "password.wrong");
    take_off(&on, json!({ "code": recovery[3] })).problem(400, "body.invalid");
    take_off(&on, json!({ "password": "not the password" })).problem(400, "password.wrong");
    attempt(&server, "li", SECRET, None).problem(401, "session.code_required");
    take_off(&on, proof()).ok(204);
    attempt(&server, "li", SECRET, None).ok(200);
    take_off(&on, json!({ "password": SECRET })).problem(404, "totp.not_found");

    let (on, _, _) = with_codes_at_later(&server, "li");
    admin.post(&format!("/users/{id}/totp/reset"), &json!({})).ok(204);
    on.get("/session").problem(401, "unauthenticated");
    attempt(&server, "li", SECRET, None).ok(200);
    admin.post(&format!("/users/{id}/totp/reset"), &json!({})).problem(404, "totp.not_found");
}

/// A step later, for the last one has been used.
fn with_codes_at_later(server: &Server, login: &str) -> (Client, App, Vec<String>) {
    let client = server.client().login(login, SECRET);
    let app = App::read(&client.post("/account/totp", &proof()).ok(200));
    let code = app.code_at("2026-03-13T10:00:30+08:00");
    let confirmed = client.post("/account/totp/confirm", &json!({ "code": code })).ok(200);
    (client.with_token(confirmed["token"].as_str().expect("a new secret")), app, Vec::new())
}

#[test]
fn accounts_are_looked_after_by_their_keepers_and_administrators_by_administrators() {
    let server = bare();
    let admin = server.admin();
    let (li, zhao) = (person(&admin, "li", &["consultant"]), person(&admin, "zhao", &["hq_admin"]));
    let (li_client, keeper) = (server.client().login("li", SECRET), server.client().login("zhao", SECRET));
    let set = |client: &Client, id: &str| client.post(&format!("/users/{id}/password"), &json!({ "password": OTHER }));
    set(&li_client, &zhao).problem(403, "denied");
    set(&keeper, &li).ok(200);
    set(&keeper, "admin").problem(403, "denied");
    keeper.post("/users/admin/totp/reset", &json!({})).problem(403, "denied");
    set(&keeper, &zhao).problem(403, "password.own");
    admin.post("/records/user/admin/actions/set_password", &json!({ "password": OTHER })).problem(403, "password.own");
    admin.post("/users/nobody/password", &json!({ "password": OTHER })).problem(404, "record.not_found");
    attempt(&server, "admin", PASSWORD, None).ok(200);
    // Nor does one become an administrator, come in as one by an address of one's own, or shut one out.
    let write =
        |id: &str, data: serde_json::Value| keeper.patch(&format!("/records/user/{id}"), &json!({ "data": data }));
    write(&zhao, json!({ "roles": ["admin"] })).problem(403, "denied");
    write("admin", json!({ "email": "zhao@example.cn" })).problem(403, "denied");
    write("admin", json!({ "status": "left" })).problem(403, "denied");
    write("admin", json!({ "name": "总部管理员" })).ok(200);
    let made = json!({ "data": { "login": "x", "name": "x", "roles": ["admin"] } });
    keeper.post("/records/user", &made).problem(403, "denied");
    keeper.delete("/records/user/admin").problem(403, "denied");
    keeper.delete("/sessions?user=admin").problem(403, "denied");
    admin.get("/session").ok(200);
}

#[test]
fn secrets_are_nowhere_to_be_read_again() {
    let mut server = bare();
    let admin = server.admin();
    person(&admin, "li", &["consultant"]);
    let client = server.client().login("li", SECRET);
    let begun = client.post("/account/totp", &proof()).ok(200);
    let app = App::read(&begun);
    let confirmed = client.post("/account/totp/confirm", &json!({ "code": app.code_at(CLOCK) })).ok(200);
    let recovery = confirmed["recovery"][0].as_str().expect("a code").to_owned();
    let token = confirmed["token"].as_str().expect("a secret").to_owned();
    let on = client.with_token(&token);
    let made = on.post("/tokens", &json!({ "name": "import" })).ok(201);
    let machine = made["token"].as_str().expect("a token").to_owned();
    let told = [
        on.get("/account/totp").text,
        on.get("/sessions").text,
        on.get("/tokens").text,
        admin.get("/events?limit=500").text,
    ];
    let shown = begun["secret"].as_str().expect("a secret").to_owned();
    let secrets = [shown, recovery.clone(), recovery.replace('-', ""), token, machine, SECRET.to_owned()];
    let log = server.log();
    server.stop();
    let folder = server.data();
    for secret in &secrets {
        assert!(told.iter().all(|text| !text.contains(secret)), "{secret} is told again");
        assert!(!log.contains(secret), "{secret} is in the log");
        for file in ["marque.db", "marque.db-wal"] {
            let bytes = fs::read(folder.join(file)).unwrap_or_default();
            let is_there = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
            assert!(!is_there(secret.as_bytes()), "{secret} is in {file}");
            assert!(!is_there(&app.0), "the app's secret is in {file}");
        }
    }
}

#[test]
fn signing_in_again_ends_the_session_the_browser_had() {
    let server = bare();
    person(&server.admin(), "li", &["consultant"]);
    let body = json!({ "login": "li", "password": SECRET }).to_string();
    let sign_in = |cookie: &str| {
        let headers = [("content-type", "application/json"), ("cookie", cookie), ("user-agent", "test/1")];
        let response = raw(&server, "POST", "/api/v1/session", &headers, &body);
        header(&response, "set-cookie").split(';').next().expect("a pair").to_owned()
    };
    let first = sign_in("theme=dark");
    let second = sign_in(&first);
    assert_ne!(first, second);
    assert_eq!(raw(&server, "GET", "/api/v1/session", &[("cookie", &first)], "").status(), 401);
    assert_eq!(raw(&server, "GET", "/api/v1/session", &[("cookie", &second)], "").status(), 200);
    let secret = second.split_once('=').expect("a pair").1;
    let listed = server.client().with_token(secret).get("/sessions").ok(200);
    assert_eq!(items(&listed).len(), 1, "{listed}");
    assert_eq!((&listed["items"][0]["agent"], &listed["items"][0]["address"]), (&json!("test/1"), &json!("127.0.0.1")));
}

#[test]
fn what_was_refused_for_want_of_a_right_is_on_record() {
    let mut server = bare();
    let admin = server.admin();
    let id = person(&admin, "li", &["consultant"]);
    let client = server.client().login("li", SECRET);
    client.post("/users/admin/password", &json!({ "password": OTHER })).problem(403, "denied");
    client.delete("/session").ok(204);
    server.stop();
    let store = Store::open(&server.data(), &StoreConfig::default()).expect("the store opens");
    let entries = audit::verified(&store.view(Scope::All).expect("a view")).expect("an unbroken log");
    let of_li: Vec<&str> =
        entries.iter().filter(|entry| entry.actor == format!("user:{id}")).map(|entry| entry.what.as_str()).collect();
    assert_eq!(of_li, ["session.opened", "refused", "session.closed"]);
}

#[test]
fn an_administrator_who_has_lost_everything_is_let_in_from_the_machine() {
    let mut server = bare();
    let admin = server.admin();
    let app = App::read(&admin.post("/account/totp", &json!({ "password": PASSWORD })).ok(200));
    admin.post("/account/totp/confirm", &json!({ "code": app.code_at(CLOCK) })).ok(200);
    attempt(&server, "admin", PASSWORD, None).problem(401, "session.code_required");
    server.stop();
    let mut command = Command::new(binary());
    let ended =
        command.args(["user", "codes-off", "admin", "--data"]).arg(server.data()).status().expect("the binary runs");
    assert!(ended.success(), "{ended}");
    server.launch();
    attempt(&server, "admin", PASSWORD, None).ok(200);
}

#[test]
fn a_second_factor_is_begun_with_the_password_alone() {
    let server = bare();
    person(&server.admin(), "li", &["consultant"]);
    let client = server.client().login("li", SECRET);
    for wrong in [json!({}), json!({ "password": "not the password" })] {
        let answer = client.post("/account/totp", &wrong);
        assert_eq!(answer.pointers(), ["/password"]);
        answer.problem(400, "password.wrong");
    }
    App::read(&client.post("/account/totp", &proof()).ok(200));
}

#[test]
fn wrong_codes_of_the_account_page_count_and_are_on_record() {
    let server = bare();
    let admin = server.admin();
    let id = person(&admin, "li", &["consultant"]);
    let client = server.client().login("li", SECRET);
    let app = App::read(&client.post("/account/totp", &proof()).ok(200));
    for code in ["000000", "no code", "aaaaaa-aaaaaa-aaaaaa-aaaaaa"] {
        client.post("/account/totp/confirm", &json!({ "code": code })).problem(400, "code.wrong");
    }
    assert_eq!(of_person(&admin, &id), ["session.opened", "code.wrong", "code.wrong", "code.wrong"]);
    for _ in 3..10 {
        client.post("/account/totp/confirm", &json!({ "code": "000000" })).problem(400, "code.wrong");
    }
    let right = json!({ "code": app.code_at(CLOCK) });
    client.post("/account/totp/confirm", &right).problem(429, "session.throttled");
}

/// A server where passwords of administrators' giving are for the first use alone.
fn handing_over() -> Server {
    Server::with(Setup {
        clock: Some(CLOCK),
        arguments: vec!["--plugins", "none"],
        variables: vec![("MARQUE__SESSIONS__INITIAL_HOURS", "72")],
        ..Setup::default()
    })
}

#[test]
fn a_password_set_by_somebody_else_is_changed_at_its_first_use() {
    let server = handing_over();
    let id = person(&server.admin(), "li", &["consultant"]);
    let begun = attempt(&server, "li", SECRET, None).ok(200);
    assert_eq!(begun["wants"], "password");
    let client = server.client().with_token(begun["token"].as_str().expect("a secret"));
    assert_eq!(client.get("/session").ok(200)["wants"], "password");
    client.get("/records/customer").problem(403, "session.password_initial");
    client.post("/tokens", &json!({ "name": "import" })).problem(403, "session.password_initial");
    let same = client.post("/account/password", &json!({ "old": SECRET, "new": SECRET }));
    assert_eq!(same.pointers(), ["/new"]);
    same.problem(400, "password.same");
    let changed = client.post("/account/password", &json!({ "old": SECRET, "new": OTHER })).ok(200);
    let client = client.with_token(changed["token"].as_str().expect("a new secret"));
    assert_eq!(client.get("/session").ok(200)["wants"], Value::Null);
    client.get("/records/customer").ok(200);
    // It is theirs now, for good.
    server.set_clock("2026-03-20T10:00:00+08:00");
    assert_eq!(attempt(&server, "li", OTHER, None).ok(200)["user"]["id"], json!(id));
}

#[test]
fn a_password_set_by_somebody_else_and_not_used_is_over_in_three_days() {
    let server = handing_over();
    let id = person(&server.admin(), "li", &["consultant"]);
    server.set_clock("2026-03-16T10:00:00+08:00");
    attempt(&server, "li", SECRET, None).problem(401, "session.password_over");
    attempt(&server, "li", "not the password", None).problem(401, "session.refused");
    server.admin().post(&format!("/users/{id}/password"), &json!({ "password": OTHER })).ok(200);
    attempt(&server, "li", OTHER, None).ok(200);
}

#[test]
fn a_role_that_must_have_a_second_factor_can_do_nothing_but_set_it_up() {
    let server = bare();
    let admin = server.admin();
    person(&admin, "gao", &["gm"]);
    person(&admin, "li", &["consultant"]);
    let (gao, li) = (server.client().login("gao", SECRET), server.client().login("li", SECRET));
    let rules = json!({ "second_factor": ["gm"] });
    gao.put("/session/rules", &rules).problem(403, "denied");
    admin.put("/session/rules", &json!({ "second_factor": ["nobody"] })).problem(400, "invalid");
    admin.put("/session/rules", &rules).ok(200);
    assert_eq!(admin.get("/session/rules").ok(200), rules);
    // It holds for sessions that are open already.
    gao.get("/records/customer").problem(403, "session.code_missing");
    assert_eq!(gao.get("/session").ok(200)["wants"], "code");
    li.get("/records/customer").ok(200);
    let (on, app, _) = with_codes(&server, "gao");
    on.get("/records/customer").ok(200);
    let next = app.code_at("2026-03-13T10:00:30+08:00");
    assert_eq!(attempt(&server, "gao", SECRET, Some(&next)).ok(200)["wants"], Value::Null);
    on.json("DELETE", "/account/totp", &[], &proof()).ok(204);
    on.get("/records/customer").problem(403, "session.code_missing");
}

#[test]
fn every_way_in_and_every_refusal_is_on_record_with_its_factor() {
    let server = bare();
    let admin = server.admin();
    let id = person(&admin, "li", &["consultant"]);
    let (_, app, recovery) = with_codes(&server, "li");
    attempt(&server, "li", "not the password", None).problem(401, "session.refused");
    attempt(&server, "li", SECRET, Some("000000")).problem(401, "session.code_wrong");
    attempt(&server, "li", SECRET, Some(&app.code_at("2026-03-13T10:00:30+08:00"))).ok(200);
    attempt(&server, "li", SECRET, Some(&recovery[0])).ok(200);
    let of = |what: &str| items(&admin.get(&format!("/audit?what={what}&limit=50")).ok(200)).to_vec();
    let ways: Vec<Value> = of("session.opened").iter().rev().map(|entry| entry["detail"]["way"].clone()).collect();
    assert_eq!(ways, ["password", "password", "password+code", "password+recovery"]);
    let refused = of("session.refused");
    let wrong_code = json!({ "user": id, "why": "code" });
    assert_eq!(refused.iter().filter(|entry| entry["detail"] == wrong_code).count(), 1, "{refused:?}");
    assert_eq!(refused.iter().filter(|entry| entry["detail"]["login"].is_string()).count(), 1, "{refused:?}");
    assert!(refused.iter().all(|entry| entry["address"] == "127.0.0.1"), "{refused:?}");
}
