//! Public pages of plugins: a customer complains, looks up how it stands and says whether it helped, all without signing in.

use marque::model::percent;
use serde_json::{Value, json};

use super::complaint::FRIDAY;
use crate::support::{Client, SOON, Server, client::Answer, eventually};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
/// What browsers of both languages ask for.
const ENGLISH: (&str, &str) = ("accept-language", "en");
/// Pages are read over a mobile network, and must stay small.
const MAX_PAGE_BYTES: usize = 15_000;

const ALL: [(&str, &str); 5] = [
    ("name", "钱小姐"),
    ("phone", "139 0002 0009"),
    ("kind", "repair_quality"),
    ("facts", "修完还是漏油。<script>alert(1)</script>"),
    ("consent", "1"),
];

/// The code of the dealer, as it stands in the address.
fn door(server: &Server) -> String {
    let dealers = server.admin().list("org", &json!({ "type": "dealer" }));
    format!("/p/complaints/complain?org={}", dealers[0]["data"]["code"].as_str().expect("a code"))
}

pub(super) fn open(nobody: &Client, path: &str) -> Answer {
    nobody.send("GET", path, &[], Vec::new())
}

/// What goes out with the form.
pub(super) fn seal(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("name=\"_form\" value=\"").unwrap_or_else(|| panic!("no form: {}", page.text));
    rest.split('"').next().expect("an end").to_owned()
}

pub(super) fn post(nobody: &Client, path: &str, seal: &str, fields: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![("_form", seal)];
    pairs.extend(fields);
    nobody.send("POST", path, &[FORM], percent::pairs(&pairs).into_bytes())
}

/// The complaint number on a page.
fn number(page: &Answer) -> String {
    let at = page.text.find("<dd>C").unwrap_or_else(|| panic!("no number: {}", page.text));
    page.text[at + 4..].split('<').next().expect("an end").to_owned()
}

/// The first link of a page to another page of complaints.
fn link(page: &Answer, name: &str) -> String {
    let from = format!("href=\"/p/complaints/{name}/");
    let at = page.text.find(&from).unwrap_or_else(|| panic!("no link to {name}: {}", page.text));
    page.text[at + 6..].split('"').next().expect("an end").replace("&amp;", "&")
}

/// A complaint made on the page; the closing words.
fn complain(server: &Server) -> Answer {
    let (nobody, path) = (server.client(), door(server));
    let form = open(&nobody, &path);
    assert_eq!((form.status, form.media_type.as_str()), (200, "text/html"), "{}", form.text);
    server.set_clock("2026-03-13T10:01:00+08:00");
    let done = post(&nobody, &path, &seal(&form), &ALL);
    assert_eq!(done.status, 200, "{}", done.text);
    done
}

#[test]
fn a_customer_complains_without_signing_in_and_is_given_the_number() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, nobody, path) = (server.staff("wang"), server.client(), door(&server));
    let form = open(&nobody, &path);
    assert!(form.text.len() < MAX_PAGE_BYTES && !form.text.contains("<script"), "{} bytes", form.text.len());
    assert!(form.text.contains("lang=\"zh-CN\"") && form.text.contains("发生了什么"), "{}", form.text);
    let english = nobody.send("GET", &path, &[ENGLISH], Vec::new());
    assert!(english.text.contains("<html lang=\"en\">") && english.text.contains("What happened"), "{}", english.text);
    server.set_clock("2026-03-13T10:01:00+08:00");
    let done = post(&nobody, &path, &seal(&form), &ALL);
    assert_eq!(done.status, 200, "{}", done.text);
    let number = number(&done);
    // The form is sent once more: the same words, and no second complaint.
    let again = post(&nobody, &path, &seal(&form), &ALL);
    assert_eq!((again.status, self::number(&again)), (200, number.clone()));
    let cases = officer.list("complaints.case", &json!({ "channel": "web" }));
    assert_eq!(cases.len(), 1, "{cases:?}");
    let data = &cases[0]["data"];
    assert_eq!(
        (&data["number"], &data["state"], &data["level"]),
        (&json!(number), &json!("received"), &json!("general"))
    );
    assert_eq!((&data["response_due"], &data["contact_name"]), (&json!("2026-03-14T02:01:00.000Z"), &json!("钱小姐")));
    let customer = officer.record("customer", data["customer"].as_str().expect("a customer"));
    assert_eq!((&customer["data"]["name"], &customer["data"]["phone"]), (&json!("钱小姐"), &json!("+8613900020009")));
    assert_eq!(officer.list("worklist.task", &json!({ "about": cases[0]["id"], "state": "open" })).len(), 1);
    let history =
        officer.get(&format!("/records/complaints.case/{}/history", cases[0]["id"].as_str().expect("an id"))).ok(200);
    assert_eq!(history["items"][0]["actor"]["label"], "plugin:complaints", "{history}");
    assert_eq!(history["items"][0]["why"], "客户在公开页面填写", "{history}");
}

#[test]
fn a_known_number_is_the_known_customer_and_the_page_says_nothing_of_it() {
    let server = Server::dealer_at(FRIDAY);
    let officer = server.staff("wang");
    let known = super::complaint::customer(&officer);
    let (nobody, path) = (server.client(), door(&server));
    let strangers = complain(&server);
    let form = open(&nobody, &path);
    server.set_clock("2026-03-13T10:02:00+08:00");
    let mut fields = ALL;
    fields[1].1 = "13000012345";
    let done = post(&nobody, &path, &seal(&form), &fields);
    assert_eq!(officer.list("complaints.case", &json!({ "customer": known })).len(), 1);
    assert_eq!(officer.record("customer", &known)["data"]["name"], "王建国", "nothing of the customer was changed");
    // But for the numbers and what is signed, both are told the same.
    let plain = |page: &Answer| page.text.replace(&number(page), "N").replace(&link(page, "status"), "L").len();
    assert_eq!(plain(&done), plain(&strangers));
}

#[test]
fn what_is_missing_or_wrong_is_said_where_it_stands_and_nothing_is_lost() {
    let server = Server::dealer_at(FRIDAY);
    let (nobody, path) = (server.client(), door(&server));
    let form = open(&nobody, &path);
    server.set_clock("2026-03-13T10:01:00+08:00");
    let wrong = [("name", "<b>钱</b>"), ("phone", "12"), ("facts", "漏油\"'"), ("kind", "nonsense")];
    let page = post(&nobody, &path, &seal(&form), &wrong);
    assert_eq!(page.status, 400);
    for text in [
        "role=\"alert\"",
        "href=\"#f-phone\"",
        "id=\"e-phone\"",
        "id=\"e-consent\"",
        "id=\"e-kind\"",
        "&lt;b&gt;钱",
        "漏油&quot;&#39;",
    ] {
        assert!(page.text.contains(text), "{text} is missing: {}", page.text);
    }
    assert!(page.text.contains("aria-invalid=\"true\"") && !page.text.contains("<b>钱"));
    assert_eq!(post(&nobody, &path, &seal(&page), &ALL).status, 200, "it is mended and taken");
    assert_eq!(server.staff("wang").list("complaints.case", &json!({ "channel": "web" })).len(), 1);
}

#[test]
fn robots_and_forms_of_others_are_not_taken() {
    let server = Server::dealer_at(FRIDAY);
    let (nobody, path) = (server.client(), door(&server));
    let form = open(&nobody, &path);
    let fast = post(&nobody, &path, &seal(&form), &ALL);
    assert_eq!(fast.status, 400, "nobody reads and writes that in no time");
    assert!(fast.text.contains("钱小姐"), "but a person loses nothing: {}", fast.text);
    server.set_clock("2026-03-13T10:01:00+08:00");
    let honey: Vec<(&str, &str)> = ALL.into_iter().chain([("_url", "http://spam.example")]).collect();
    assert_eq!(post(&nobody, &path, &seal(&form), &honey).status, 400);
    for forged in ["", "e30.AAAA", &seal(&form)[1..]] {
        assert_eq!(post(&nobody, &path, forged, &ALL).status, 400, "{forged}");
    }
    let elsewhere = "/p/complaints/complain";
    assert_eq!(post(&nobody, elsewhere, &seal(&form), &ALL).status, 400, "a form of another organisation");
    let foreign = [FORM, ("origin", "https://evil.example")];
    let body = percent::pairs(&[("_form", &seal(&form)), ("name", "x")]).into_bytes();
    let refused = nobody.send("POST", &path, &foreign, body);
    assert_eq!((refused.status, refused.media_type.as_str()), (403, "text/html"), "{}", refused.text);
    assert!(server.staff("wang").list("complaints.case", &json!({ "channel": "web" })).is_empty());
    server.set_clock("2026-03-14T11:00:00+08:00");
    let old = post(&nobody, &path, &seal(&form), &ALL);
    assert_eq!(old.status, 400, "a day old, it could be sent twice without being known");
    server.set_clock("2026-03-14T11:01:00+08:00");
    assert_eq!(post(&nobody, &path, &seal(&old), &ALL).status, 200);
}

#[test]
fn the_page_of_the_state_tells_how_it_stands_and_nothing_of_whom_it_is_about() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, nobody) = (server.staff("wang"), server.client());
    let done = complain(&server);
    let path = link(&done, "status");
    let page = open(&nobody, &path);
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains(&number(&done)) && page.text.contains("等待受理") && page.text.contains("2026-03-13 10:01")
    );
    for secret in ["钱小姐", "13900020009", "139", "漏油"] {
        assert!(!page.text.contains(secret), "the page tells {secret}: {}", page.text);
    }
    // Chat programs add to what is shared.
    assert_eq!(open(&nobody, &format!("{path}&from=singlemessage&isappinstalled=0")).status, 200);
    // No reading of links waits for a person: what a holder of the link adds is there at once.
    let added = post(&nobody, &path, &seal(&page), &[("more", "昨天又漏了")]);
    assert_eq!(added.status, 200, "{}", added.text);
    let case = officer.list("complaints.case", &json!({ "channel": "web" })).remove(0);
    assert!(case["data"]["notes"].as_str().is_some_and(|notes| notes.contains("客户网上补充：昨天又漏了")), "{case}");
}

#[test]
fn a_link_that_was_made_up_tells_nothing_and_guessing_is_stopped() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, nobody) = (server.staff("wang"), server.client());
    let path = link(&complain(&server), "status");
    let other = super::complaint::raise(&officer, &super::complaint::customer(&officer), "空调不制冷。");
    let (path, _) = path.split_once('?').expect("a language");
    let (head, token) = path.rsplit_once('/').expect("a token");
    let (_, rest) = token.split_once('.').expect("a record");
    let forged = format!("{head}/{}.{rest}", other["id"].as_str().expect("an id"));
    let unknown = format!("{head}/nobody.{rest}");
    let elsewhere = path.replace("/status/", "/rate/");
    let answers: Vec<(u16, String)> =
        [forged.as_str(), &unknown, &elsewhere, head, "/p/complaints/nothing", "/p/nobody/nothing"]
            .map(|path| open(&nobody, path))
            .map(|answer| (answer.status, answer.text))
            .to_vec();
    for answer in &answers {
        assert_eq!(answer, &answers[0], "all that is not there looks the same");
    }
    assert_eq!(answers[0].0, 404);
    assert_eq!(open(&nobody, "/p/complaints/complain?org=nowhere").status, 404);
    let statuses: Vec<u16> = (0..40).map(|_| open(&nobody, &forged).status).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(open(&nobody, path).status, 200, "who has a link is let in");
    // Somebody who sends form after form is told to wait, in words.
    let page = open(&nobody, path);
    let floods = (0..120).map(|_| post(&nobody, path, &seal(&page), &[])).find(|answer| answer.status == 429);
    assert_eq!(floods.expect("it ends").media_type, "text/html");
}

/// Takes a complaint to where the customer is asked; the path of the link that was sent.
fn asked_to_rate(server: &Server) -> (String, String) {
    let (admin, officer) = (server.admin(), server.staff("wang"));
    let org = admin.list("org", &json!({ "type": "dealer" }))[0]["id"].as_str().expect("an id").to_owned();
    admin.put(&format!("/plugins/complaints/settings?org={org}"), &json!({ "asks_by_message": true })).ok(200);
    let owner = super::complaint::customer(&officer);
    let case = super::complaint::raise(&officer, &owner, "空调不制冷。");
    let id = case["id"].as_str().expect("an id").to_owned();
    let handler = officer.record("user", case["data"]["owner"].as_str().expect("an owner"));
    let login = handler["data"]["login"].as_str().expect("a login").to_owned();
    let handler = server.staff(login.trim_start_matches("d1."));
    let steps: [(&str, Value); 7] = [
        ("accept", json!({ "informed_by": "phone" })),
        ("soothe", json!({})),
        ("analyse", json!({ "cause": "process" })),
        ("propose", json!({ "decision": "免费检修", "remedy": ["rework"], "remedy_cost": 0 })),
        ("agree", json!({})),
        ("execute", json!({})),
        ("finish", json!({ "proof": "W1001" })),
    ];
    for (action, input) in steps {
        handler.post(&format!("/records/complaints.case/{id}/actions/{action}"), &input).ok(200);
    }
    let text = eventually("the customer was asked", SOON, || {
        let sent = officer.get(&format!("/outbound?state=sent&customer={owner}")).ok(200);
        let items = sent["items"].as_array()?.clone();
        let asked = items.into_iter().find(|item| item["data"]["template"] == "complaints.rate")?;
        assert!(
            asked["data"]["body"].as_str().is_some_and(|body| body.contains("{rate}")),
            "no record holds the link: {asked}"
        );
        Some(asked["caught"]["body"].as_str().expect("a text").to_owned())
    });
    let at = text.find("/p/complaints/rate/").unwrap_or_else(|| panic!("no link: {text}"));
    (id, text[at..].split_whitespace().next().expect("an address").to_owned())
}

#[test]
fn a_link_that_holds_once_is_spent_by_the_answer_and_says_so() {
    let server = Server::dealer_at(FRIDAY);
    let (officer, nobody) = (server.staff("wang"), server.client());
    let (id, path) = asked_to_rate(&server);
    let page = open(&nobody, &path);
    assert_eq!(page.status, 200, "{}", page.text);
    assert_eq!(post(&nobody, &path, &seal(&page), &[]).status, 400, "an answer is asked for");
    assert_eq!(open(&nobody, &path).status, 200, "looking and failing spend nothing");
    // Two forms of the same link at once: one of them is the answer.
    let other = open(&nobody, &path);
    let answers = std::thread::scope(|scope| {
        let sent = [(seal(&page), "2"), (seal(&other), "5")].map(|(seal, n)| {
            let (nobody, path) = (&nobody, &path);
            scope.spawn(move || post(nobody, path, &seal, &[("satisfaction", n)]).status)
        });
        sent.map(|sent| sent.join().expect("an answer"))
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    let case = officer.record("complaints.case", &id);
    let state = case["data"]["state"].as_str().expect("a state");
    assert!(
        matches!((state, case["data"]["satisfaction_after"].as_i64()), ("closed", Some(5)) | ("reopened", Some(2))),
        "{case}"
    );
    let spent = open(&nobody, &path);
    assert_eq!(spent.status, 410);
    assert!(spent.text.contains("您已提交过"), "{}", spent.text);
    let winner = if answers[0] == 200 { (seal(&page), "2") } else { (seal(&other), "5") };
    let again = post(&nobody, &path, &winner.0, &[("satisfaction", winner.1)]);
    assert_eq!(again.status, 200, "the same form again is told the same: {}", again.text);
}

#[test]
fn a_link_that_has_expired_says_so() {
    let server = Server::dealer_at(FRIDAY);
    let nobody = server.client();
    let (_, path) = asked_to_rate(&server);
    server.set_clock("2026-03-20T10:00:01+08:00");
    let page = nobody.send("GET", &path, &[ENGLISH], Vec::new());
    assert_eq!(page.status, 410);
    assert!(page.text.contains("has expired"), "{}", page.text);
}

#[test]
fn a_page_goes_with_its_plugin() {
    let server = Server::dealer_at(FRIDAY);
    let (admin, nobody, path) = (server.admin(), server.client(), door(&server));
    assert_eq!(open(&nobody, &path).status, 200);
    admin.post("/plugins/complaints/disable", &json!({})).ok(200);
    assert_eq!(open(&nobody, &path).status, 404);
    admin.post("/plugins/complaints/enable", &json!({})).ok(200);
    assert_eq!(open(&nobody, &path).status, 200);
}
