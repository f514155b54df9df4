//! Leads from the enquiry to the first contact: nobody is left alone, one of many gets it, and a crash loses and doubles none.

use std::{collections::BTreeSet, thread};

use serde_json::{Value, json};

use super::complaint::FRIDAY;
use crate::support::{Client, SOON, Server, eventually, server::STAFF_PASSWORD};

const RECEIVE: &str = "/records/leads.lead/actions/receive";
/// Consultants who reach for one lead at once.
const MANY: usize = 64;

/// An enquiry as a portal sends it; what was answered.
fn receive(client: &Client, input: &Value) -> Value {
    client.post(RECEIVE, input).ok(200)["reply"].clone()
}

fn enquiry(n: usize) -> Value {
    json!({ "provider": "PortalX", "external_id": format!("PX-{n}"), "name": "赵敏", "phone": format!("139{n:08}"), "model": "C5", "window": "d15" })
}

fn act(client: &Client, id: &str, action: &str, input: &Value) -> Value {
    client.post(&format!("/records/leads.lead/{id}/actions/{action}"), input).ok(200)
}

/// The owner of a lead, signed in.
fn owner_of(server: &Server, lead: &Value) -> Client {
    let owner = lead["owner"].as_str().expect("a lead has an owner");
    server.staff(owner.strip_prefix("d1-").expect("somebody of the dealer"))
}

fn open_tasks(client: &Client, id: &str) -> Vec<Value> {
    client.list("worklist.task", &json!({ "about": id, "state": "open" }))
}

#[test]
fn an_enquiry_is_answered_by_its_owner_and_all_of_it_is_on_the_customers_timeline() {
    let server = Server::dealer_at(FRIDAY);
    let desk = server.staff("xu");
    let lead = receive(&desk, &enquiry(1));
    assert_eq!(
        (&lead["result"], &lead["first_due"]),
        (&json!("created"), &json!("2026-03-13T02:30:00.000Z")),
        "{lead}"
    );
    let id = lead["id"].as_str().expect("an id");
    let owner = owner_of(&server, &lead);
    let tasks = open_tasks(&owner, id);
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert_eq!(
        (&tasks[0]["data"]["owner"], &tasks[0]["data"]["due"]),
        (&lead["owner"], &lead["first_due"]),
        "{tasks:?}"
    );

    let customer = lead["customer"].as_str().expect("a customer");
    let messages = server.admin().list("message", &json!({ "customer": customer }));
    assert_eq!(messages.len(), 1, "the customer is told that the enquiry has come: {messages:?}");

    act(&owner, id, "contact", &json!({ "outcome": "connected", "note": "周六来看车" }));
    act(&owner, id, "qualify", &json!({ "window": "d7", "next_note": "周六试驾" }));
    let filed = owner.record("leads.lead", id);
    assert_eq!((&filed["data"]["state"], &filed["data"]["level"]), (&json!("qualified"), &json!("H")), "{filed}");
    // Two days at most lie between two words at level H: to the end of Sunday.
    assert_eq!(filed["data"]["due"], "2026-03-15T16:00:00.000Z", "{filed}");
    let tasks = open_tasks(&owner, id);
    assert_eq!(tasks.len(), 1, "one step, one task: {tasks:?}");
    assert_eq!(tasks[0]["data"]["step"], "leads.follow_up", "{tasks:?}");

    let timeline = owner.get(&format!("/records/customer/{customer}/timeline?limit=100")).ok(200);
    let items = timeline["items"].as_array().expect("items");
    let kinds: Vec<&str> = items.iter().filter_map(|item| item["kind"].as_str()).collect();
    for kind in [
        "customer.created",
        "leads.lead.created",
        "leads.lead.contacted",
        "leads.lead.qualified",
        "contacts.contact.created",
    ] {
        assert!(kinds.contains(&kind), "{kind} is not among {kinds:?}");
    }
    let why = owner.get(&format!("/records/leads.lead/{id}/why/score")).ok(200);
    assert!(why["reasons"].as_array().is_some_and(|reasons| !reasons.is_empty()), "{why}");
}

#[test]
fn a_month_without_anybody_leaves_no_lead_alone() {
    let server = Server::dealer_at("2026-03-13T17:45:00+08:00");
    let (desk, admin) = (server.staff("xu"), server.admin());
    let lead = receive(&desk, &enquiry(1));
    let id = lead["id"].as_str().expect("an id");
    assert_eq!(lead["first_due"], "2026-03-14T00:45:00.000Z", "{lead}");
    let raised = |kind: &str| {
        let body = admin.get(&format!("/events?after=0&kind={kind}&limit=500")).ok(200);
        body["items"].as_array().map_or(0, Vec::len)
    };
    let steps = [
        ("2026-03-14T08:45:01+08:00", "leads.lead.breached", 1),
        ("2026-03-14T09:15:01+08:00", "leads.lead.breached", 2),
        ("2026-03-14T12:15:01+08:00", "leads.lead.reclaimed", 1),
        ("2026-03-14T17:45:01+08:00", "leads.lead.hq_alarmed", 1),
    ];
    for (moment, kind, n) in steps {
        server.set_clock(moment);
        eventually(&format!("{kind} at {moment}"), SOON, || (raised(kind) >= n).then_some(()));
        if kind == "leads.lead.reclaimed" {
            let now = admin.record("leads.lead", id);
            assert_ne!(now["data"]["owner"], lead["owner"], "somebody else has it: {now}");
            assert_eq!(now["data"]["former_owner"], lead["owner"], "{now}");
        }
    }
    server.set_clock("2026-04-12T17:45:00+08:00");
    eventually("the lead has been through all hands", SOON, || {
        let now = admin.record("leads.lead", id);
        (now["data"]["breach"].as_i64() >= Some(1) || now["data"]["reassigned"].as_i64() >= Some(2)).then_some(())
    });
    let now = admin.record("leads.lead", id);
    assert!(now["data"]["hq_alarm_at"].is_string(), "headquarters' alarm stays until somebody calls: {now}");
    assert!(now["data"]["owner"].is_string() && !open_tasks(&admin, id).is_empty(), "{now}");
    assert_eq!(raised("worklist.orphan_found"), 0, "at no moment was it left alone");
}

/// Consultants of the dealer, signed in.
fn consultants(server: &Server, n: usize) -> Vec<Client> {
    let admin = server.admin();
    let hired = |n: usize| {
        let login = format!("d1.many{n}");
        let data = json!({ "login": login, "name": format!("顾问{n}"), "roles": ["consultant"] });
        let user = admin.post("/records/user", &json!({ "data": data, "org": "d1" })).ok(201);
        let id = user["id"].as_str().expect("an id").to_owned();
        admin.post(&format!("/users/{id}/password"), &json!({ "password": STAFF_PASSWORD })).ok(200);
        server.client().login(&login, STAFF_PASSWORD)
    };
    (0..n).map(hired).collect()
}

#[test]
fn of_many_who_claim_one_lead_one_gets_it() {
    let server = Server::dealer_at(FRIDAY);
    let lead = receive(&server.staff("xu"), &enquiry(1));
    let id = lead["id"].as_str().expect("an id");
    act(&owner_of(&server, &lead), id, "release", &json!({ "reason": "休假一周" }));
    let many = consultants(&server, MANY);
    let path = format!("/records/leads.lead/{id}/actions/claim");
    let answers: Vec<_> = thread::scope(|scope| {
        let claims: Vec<_> = many.iter().map(|client| scope.spawn(|| client.post(&path, &json!({})))).collect();
        claims.into_iter().map(|claim| claim.join().expect("a claim is answered")).collect()
    });
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
    assert!(
        answers.iter().all(|answer| answer.status == 200 || (400..500).contains(&answer.status)),
        "nobody is told a fault of ours"
    );

    let admin = server.admin();
    let now = admin.record("leads.lead", id);
    let tasks = open_tasks(&admin, id);
    assert_eq!((&now["data"]["state"], tasks.len()), (&json!("assigned"), 1), "{now} {tasks:?}");
    assert_eq!(tasks[0]["data"]["owner"], now["data"]["owner"], "{now} {tasks:?}");
}

#[test]
fn leads_that_arrive_while_the_server_dies_are_neither_lost_nor_doubled() {
    const LEADS: usize = 120;
    let mut server = Server::dealer_at(FRIDAY);
    let desk = server.staff("xu");
    let sent = thread::scope(|scope| {
        let sender = |start: usize| {
            let desk = desk.clone();
            move || {
                let own = (start..LEADS).step_by(3);
                own.map_while(|n| desk.try_json("POST", RECEIVE, &[], &enquiry(n))).count()
            }
        };
        let senders: Vec<_> = (0..3).map(|start| scope.spawn(sender(start))).collect();
        let admin = server.admin();
        eventually("some leads have arrived", SOON, || {
            (admin.list("leads.lead", &json!({})).len() >= 10).then_some(())
        });
        server.kill9();
        senders.into_iter().map(|sender| sender.join().expect("a sender ends")).sum::<usize>()
    });
    server.launch();
    let (desk, admin) = (server.staff("xu"), server.admin());
    // Whoever got no answer sends again, and so does whoever is not sure.
    (0..LEADS).for_each(|n| drop(receive(&desk, &enquiry(n))));
    let leads = admin.list("leads.lead", &json!({}));
    let of_one =
        |field: &str| leads.iter().filter_map(|lead| lead["data"][field].as_str()).collect::<BTreeSet<_>>().len();
    assert_eq!(
        (leads.len(), of_one("external_id"), of_one("customer")),
        (LEADS, LEADS, LEADS),
        "{sent} were answered before"
    );
    let tasks = admin.list("worklist.task", &json!({ "step": "leads.first_contact", "state": "open" }));
    assert_eq!(tasks.len(), LEADS, "each has one first contact");
}

#[test]
fn another_dealer_sees_nothing_of_a_lead_and_a_colleague_only_the_pool() {
    let server = Server::dealer_at(FRIDAY);
    let lead = receive(&server.staff("xu"), &enquiry(1));
    let id = lead["id"].as_str().expect("an id");
    let owner = lead["owner"].as_str().expect("an owner");
    let other =
        ["li", "zhang", "huang"].into_iter().find(|name| format!("d1-{name}") != owner).expect("three consultants");
    let other = server.staff(other);
    other.get(&format!("/records/leads.lead/{id}")).problem(404, "record.not_found");
    act(&owner_of(&server, &lead), id, "release", &json!({ "reason": "休假一周" }));
    let seen = other.record("leads.lead", id);
    assert_eq!(seen["data"]["state"], "pool", "{seen}");
    assert!(seen["data"]["name"].is_null(), "who it is is told to whoever claims it: {seen}");
}
