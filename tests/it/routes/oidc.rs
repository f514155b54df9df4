//! Signing in through an identity provider: who is let in, and every way in which a provider's word is not taken.

use marque::store::{Store, StoreConfig, tables::audit};
use serde_json::{Value, json};

use super::{header, items};
use crate::support::{
    Client, Server, Setup,
    provider::{CLIENT, NOW, Provider},
};

const PASSWORD: &str = "a long enough secret";
const CALLBACK: &str = "/api/v1/session/oidc/callback";

struct House {
    server: Server,
    provider: Provider,
    admin: Client,
    /// 李娜, whose address the provider knows.
    li: String,
}

/// What came of a browser's way to the provider and back.
#[derive(Debug)]
struct Came {
    status: u16,
    code: String,
    location: String,
    session: Option<String>,
}

impl House {
    fn new() -> House {
        let provider = Provider::start();
        let issuer: &'static str = Box::leak(provider.issuer.clone().into_boxed_str());
        let variables = vec![
            ("MARQUE__OIDC__ISSUER", issuer),
            ("MARQUE__OIDC__CLIENT_ID", CLIENT.0),
            ("MARQUE__OIDC__CLIENT_SECRET", CLIENT.1),
            ("MARQUE__OIDC__LABEL", "企业账号"),
        ];
        let setup = Setup {
            clock: Some("2026-03-13T10:00:00+08:00"),
            arguments: vec!["--plugins", "none"],
            variables,
            ..Setup::default()
        };
        let server = Server::with(setup);
        let admin = server.admin();
        let li = person(&admin, "li", "Li.Na@dealer.example");
        House { server, provider, admin, li }
    }

    fn visit(&self, path: &str, headers: &[(&str, &str)]) -> ureq::http::Response<ureq::Body> {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0);
        let agent: ureq::Agent = config.build().into();
        let mut request = agent.get(format!("{}{path}", self.server.address()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.call().expect("an answer")
    }

    /// To the provider: where it leads, and the cookie that marks the browser.
    fn go(&self) -> (String, String) {
        let response = self.visit("/api/v1/session/oidc", &[]);
        assert_eq!(response.status(), 303);
        let cookie = header(&response, "set-cookie").to_owned();
        for part in ["marque_oidc=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
            assert!(cookie.contains(part), "{part} is not in {cookie}");
        }
        (header(&response, "location").to_owned(), cookie.split(';').next().expect("a pair").to_owned())
    }

    fn come_back(&self, query: &str, cookie: &str) -> Came {
        let mut response = self.visit(&format!("{CALLBACK}?{query}"), &[("cookie", cookie)]);
        let cookies = response.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
        let session = cookies.filter_map(|cookie| cookie.strip_prefix("marque_session=")?.split(';').next()).next();
        let session = session.map(str::to_owned);
        let location = header(&response, "location").to_owned();
        let status = response.status().as_u16();
        let body: Value = response
            .body_mut()
            .read_to_string()
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Came { status, code: body["code"].as_str().unwrap_or_default().to_owned(), location, session }
    }

    /// There and back again.
    fn sign_in(&self) -> Came {
        let (location, cookie) = self.go();
        let (sent, code) = self.provider.admit(&location);
        self.come_back(&format!("code={code}&state={}", sent.state), &cookie)
    }

    #[track_caller]
    fn is_let_in(&self, login: &str) {
        let came = self.sign_in();
        assert_eq!((came.status, came.location.as_str()), (303, "/"), "{came:?}");
        let client = self.server.client().with_token(&came.session.expect("a session"));
        assert_eq!(client.get("/session").ok(200)["user"]["login"], login);
    }

    #[track_caller]
    fn is_refused(&self, status: u16, code: &str) {
        let came = self.sign_in();
        assert_eq!((came.status, came.code.as_str()), (status, code), "{came:?}");
        assert_eq!(came.session, None);
    }
}

fn person(admin: &Client, login: &str, email: &str) -> String {
    let user = admin.create("user", json!({ "login": login, "name": login, "roles": ["consultant"], "email": email }));
    let id = user["id"].as_str().expect("an id").to_owned();
    admin.post(&format!("/users/{id}/password"), &json!({ "password": PASSWORD })).ok(200);
    id
}

#[test]
fn whoever_the_provider_vouches_for_is_let_in_and_stays_linked() {
    let house = House::new();
    assert_eq!(
        house.server.client().get("/session/ways").ok(200),
        json!({ "password": true, "oidc": { "label": "企业账号" } })
    );
    house.is_let_in("li");
    let opened = house.admin.get(&format!("/sessions?user={}", house.li)).ok(200);
    assert_eq!(items(&opened)[0]["kind"], "oidc", "{opened}");
    // The account is theirs now, whatever address it has.
    house.provider.says(json!({ "email": "other@dealer.example", "email_verified": false }));
    house.is_let_in("li");
    // Somebody else's account with the same address is not.
    house.provider.says(json!({ "sub": "sub-2" }));
    house.is_refused(403, "oidc.linked");
    assert_eq!(house.provider.n_key_reads(), 1, "keys are kept");
}

#[test]
fn nobody_is_made_and_an_address_must_be_verified_and_one_persons() {
    let house = House::new();
    house.provider.says(json!({ "email_verified": false }));
    house.is_refused(403, "oidc.email_unverified");
    house.provider.says(json!({ "email": "stranger@dealer.example" }));
    house.is_refused(403, "oidc.no_account");
    house.provider.says(json!({ "email": null }));
    house.is_refused(403, "oidc.no_account");
    let users = house.admin.list("user", &json!({}));
    assert_eq!(users.len(), 2, "{users:?}");
    let twin = person(&house.admin, "twin", "li.na@dealer.example");
    house.provider.says(json!({}));
    house.is_refused(403, "oidc.no_account");
    house.admin.patch(&format!("/records/user/{twin}"), &json!({ "data": { "status": "left" } })).ok(200);
    house.is_let_in("li");
}

#[test]
fn whoever_has_left_is_not_let_in() {
    let house = House::new();
    house.is_let_in("li");
    house.admin.patch(&format!("/records/user/{}", house.li), &json!({ "data": { "status": "left" } })).ok(200);
    house.is_refused(403, "oidc.no_account");
}

#[test]
fn a_token_that_is_not_for_this_sign_in_is_not_believed() {
    let house = House::new();
    for claims in [
        json!({ "nonce": "another" }),
        json!({ "nonce": null }),
        json!({ "aud": "shop" }),
        json!({ "aud": [CLIENT.0, "shop"] }),
        json!({ "iss": "https://id.example" }),
        json!({ "iat": NOW - 900, "exp": NOW - 600 }),
        json!({ "iat": NOW + 600 }),
        json!({ "sub": "" }),
    ] {
        house.provider.says(claims);
        house.is_refused(401, "oidc.refused");
    }
    house.provider.says(json!({}));
    house.is_let_in("li");
    // Another provider, as RFC 9207 has it named.
    let (location, cookie) = house.go();
    let (sent, code) = house.provider.admit(&location);
    let mixed_up = house.come_back(&format!("code={code}&state={}&iss=https://id.example", sent.state), &cookie);
    assert_eq!(mixed_up.code, "oidc.refused");
}

#[test]
fn a_signature_must_be_of_a_published_key_and_keys_may_change() {
    let house = House::new();
    house.is_let_in("li");
    house.provider.forge();
    house.is_refused(401, "oidc.refused");
    house.provider.rotate(false);
    house.is_refused(401, "oidc.refused");
    house.provider.rotate(true);
    house.is_let_in("li");
}

#[test]
fn each_sign_in_comes_back_once_to_the_browser_that_was_sent() {
    let house = House::new();
    let (location, cookie) = house.go();
    let (sent, code) = house.provider.admit(&location);
    let query = format!("code={code}&state={}", sent.state);
    for (query, cookie) in
        [(format!("code={code}&state=made-up"), cookie.as_str()), (format!("code={code}"), cookie.as_str())]
    {
        assert_eq!(house.come_back(&query, cookie).code, "oidc.state", "{query}");
    }
    assert_eq!(house.come_back(&query, &cookie).status, 303);
    assert_eq!(house.come_back(&query, &cookie).code, "oidc.state", "a state is good once");
    // Another browser, with a link that somebody has sent it.
    let (location, _) = house.go();
    let (sent, code) = house.provider.admit(&location);
    let stolen = format!("code={code}&state={}", sent.state);
    assert_eq!(house.come_back(&stolen, "marque_oidc=another").code, "oidc.state");
    // A code that was used already, under a new state.
    let (location, cookie) = house.go();
    let (sent, code) = house.provider.admit(&location);
    assert_eq!(house.come_back(&format!("code={code}&state={}", sent.state), &cookie).status, 303);
    let (location, cookie) = house.go();
    let (sent, _) = house.provider.admit(&location);
    let replayed = house.come_back(&format!("code={code}&state={}", sent.state), &cookie);
    assert_eq!((replayed.status, replayed.code.as_str()), (401, "oidc.refused"));
    // One that took too long.
    let (location, cookie) = house.go();
    let (sent, code) = house.provider.admit(&location);
    house.server.set_clock("2026-03-13T10:11:00+08:00");
    assert_eq!(house.come_back(&format!("code={code}&state={}", sent.state), &cookie).code, "oidc.state");
}

#[test]
fn a_provider_that_says_no_or_nothing_is_told_to_the_page() {
    let house = House::new();
    let (location, cookie) = house.go();
    let (sent, _) = house.provider.admit(&location);
    let browser = [("cookie", cookie.as_str()), ("accept", "text/html,application/xhtml+xml")];
    let response = house.visit(&format!("{CALLBACK}?error=access_denied&state={}", sent.state), &browser);
    assert_eq!((response.status().as_u16(), header(&response, "location")), (303, "/login?fault=oidc.refused"));
    let nobody = Setup {
        arguments: vec!["--plugins", "none"],
        variables: vec![("MARQUE__OIDC__ISSUER", "http://127.0.0.1:9")],
        ..Setup::default()
    };
    let mut server = Server::with(nobody);
    server.client().get("/session/oidc").problem(503, "oidc.unavailable");
    server.client().get("/healthz").ok(200);
    server.stop();
}

#[test]
fn what_came_of_it_is_in_the_audit_log_without_a_secret() {
    let mut house = House::new();
    house.is_let_in("li");
    house.provider.says(json!({ "aud": "shop" }));
    house.is_refused(401, "oidc.refused");
    house.server.stop();
    let store = Store::open(&house.server.data(), &StoreConfig::default()).expect("the store opens");
    let view = store.view(marque::model::Scope::All).expect("a view");
    let entries = audit::verified(&view).expect("an unbroken log");
    let details = |what: &str| -> Vec<Value> {
        entries.iter().filter(|entry| entry.what == what).map(|entry| entry.detail.clone()).collect()
    };
    assert_eq!(details("account.linked"), [json!({ "user": house.li })]);
    let opened = details("session.opened");
    assert!(opened.iter().any(|detail| detail["way"] == "oidc" && detail["address"] == "127.0.0.1"), "{opened:?}");
    let refused = details("session.refused");
    assert!(refused.iter().any(|detail| detail["why"] == "the identity token has a wrong audience"), "{refused:?}");
    let text = format!("{entries:?} {}", house.server.log());
    for secret in [CLIENT.1, "code-1", "li.na@dealer.example"] {
        assert!(!text.contains(secret), "{secret} is in the log");
    }
}

#[test]
fn a_link_ends_with_its_person_and_by_who_looks_after_accounts() {
    let house = House::new();
    let taken_off = |status: u16| {
        let answer = house.admin.delete(&format!("/users/{}/links", house.li));
        assert_eq!(answer.status, status, "{}", answer.text);
    };
    taken_off(404);
    let came = house.sign_in();
    let inside = house.server.client().with_token(&came.session.expect("a session"));
    assert_eq!(items(&inside.get("/account/links").ok(200)).len(), 1);
    // The provider gives her another account: the one she is linked to keeps her out, and it is said.
    house.provider.says(json!({ "sub": "another" }));
    house.is_refused(403, "oidc.linked");
    taken_off(204);
    inside.get("/session").problem(401, "unauthenticated");
    house.is_let_in("li");
    // One's own takes one's password.
    let inside = house.server.client().login("li", PASSWORD);
    let end = |body: Value| inside.json("DELETE", "/account/links", &[], &body);
    end(json!({})).problem(400, "password.wrong");
    end(json!({ "password": PASSWORD })).ok(204);
    end(json!({ "password": PASSWORD })).problem(404, "link.not_found");
    // Whoever leaves leaves no link behind.
    house.is_let_in("li");
    house.admin.patch(&format!("/records/user/{}", house.li), &json!({ "data": { "status": "left" } })).ok(200);
    taken_off(404);
}

#[test]
fn nobody_takes_away_their_only_way_in() {
    let house = House::new();
    let zhou = house.admin.create(
        "user",
        json!({ "login": "zhou", "name": "zhou", "roles": ["consultant"], "email": "zhou@dealer.example" }),
    );
    assert!(zhou["id"].is_string());
    house.provider.says(json!({ "sub": "zhou", "email": "zhou@dealer.example" }));
    let came = house.sign_in();
    let inside = house.server.client().with_token(&came.session.expect("a session"));
    let end = || inside.json("DELETE", "/account/links", &[], &json!({}));
    end().problem(409, "link.only_way");
    // Nor does a session that has stood open for an hour prove who sits there.
    house.server.set_clock("2026-03-13T11:00:00+08:00");
    end().problem(403, "session.stale");
}

#[test]
fn a_document_that_names_another_issuer_is_not_believed() {
    let house = House::new();
    house.provider.calls_itself("https://id.example");
    let mut response = house.visit("/api/v1/session/oidc", &[]);
    let body: Value = response.body_mut().read_json().expect("a problem");
    assert_eq!((response.status().as_u16(), body["code"].as_str()), (503, Some("oidc.unavailable")), "{body}");
    assert!(response.headers().get("location").is_none());
}
