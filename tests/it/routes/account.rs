//! One's own account and those one looks after: passwords, one-time codes, recovery codes.

use std::{fs, process::Command};

use marque::{
    model::{Scope, Time, totp},
    store::{Store, StoreConfig, tables::audit},
};
use serde_json::{Value, json};

use super::{bare, header, items, raw};
use crate::support::{
    Answer, Client, Server,
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
    let app = App::read(&client.post("/account/totp", &json!({})).ok(200));
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
    let first = App::read(&client.post("/account/totp", &json!({})).ok(200));
    attempt(&server, "li", SECRET, None).ok(200);
    let app = App::read(&client.post("/account/totp", &json!({})).ok(200));
    assert_ne!(first.0, app.0);
    client
        .post("/account/totp/confirm", &json!({ "code": first.code_at("2026-03-13T11:00:00+08:00") }))
        .problem(400, "code.wrong");
    assert_eq!(client.get("/account/totp").ok(200), json!({ "is_on": false, "n_recovery": 0 }));
    let (on, app, recovery) = with_codes(&server, "li");
    client.get("/session").problem(401, "unauthenticated");
    assert_eq!(on.get("/account/totp").ok(200), json!({ "is_on": true, "n_recovery": 10 }));
    assert_eq!(recovery.len(), 10);
    on.post("/account/totp", &json!({})).problem(409, "totp.on");

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
    let (on, app, recovery) = with_codes(&server, "li");
    on.delete("/account/totp").problem(400, "body.invalid");
    let take_off = |client: &Client, proof: Value| client.json("DELETE", "/account/totp", &[], &proof);
    take_off(&on, json!({ "password": "not the password" })).problem(400, "password.wrong");
    take_off(&on, json!({ "code": app.code_at(CLOCK) })).problem(400, "code.wrong");
    attempt(&server, "li", SECRET, None).problem(401, "session.code_required");
    take_off(&on, json!({ "code": recovery[3] })).ok(204);
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
    let app = App::read(&client.post("/account/totp", &json!({})).ok(200));
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
    let begun = client.post("/account/totp", &json!({})).ok(200);
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
    let app = App::read(&admin.post("/account/totp", &json!({})).ok(200));
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
