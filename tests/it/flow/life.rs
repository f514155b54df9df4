//! A plugin's life: granted and held back, upgraded with its data, gone back to, left out, run by the clock, taken out.

use std::time::Duration;

use marque_package::Key;
use serde_json::{Value, json};

use crate::{
    faults::{
        kill::pause,
        package::{asking, install, send, signed, version, wayward},
    },
    flow::complaint::FRIDAY,
    support::{Client, Server, eventually},
};

const PATIENCE: Duration = Duration::from_secs(60);
const MORE: &str = "asks record.change:wayward.mark";

fn plugin(admin: &Client) -> Value {
    admin.get("/plugins/wayward").ok(200)
}

fn newcomer(client: &Client, n: u32) -> String {
    let data = json!({ "name": format!("客户{n}"), "phone": format!("130000{n:05}") });
    client.create("customer", data)["id"].as_str().expect("an id").to_owned()
}

fn marks(client: &Client, customer: &str) -> Vec<Value> {
    client.list("wayward.mark", &json!({ "customer": customer }))
}

fn marked(client: &Client, customer: &str) {
    eventually("it is marked", PATIENCE, || (marks(client, customer).len() == 1).then_some(()));
}

#[test]
fn a_version_that_asks_for_more_waits_until_it_is_granted() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let told = send(&admin, asking("0.2.0"), "").ok(202);
    assert_eq!((&told["version"], &told["waiting"]["version"]), (&json!("0.1.0"), &json!("0.2.0")), "{told}");
    assert_eq!((&told["waiting"]["more"], &told["waiting"]["less"]), (&json!([MORE]), &json!([])), "{told}");
    marked(&admin, &newcomer(&admin, 1));

    admin.post("/plugins/wayward/grant", &json!({ "version": "0.3.0" })).problem(409, "plugin.moved_on");
    let told = admin.post("/plugins/wayward/grant", &json!({ "version": "0.2.0" })).ok(200);
    assert_eq!((&told["version"], &told["waiting"]), (&json!("0.2.0"), &json!(null)), "{told}");
    assert_eq!((&told["held_back"], &told["previous"]), (&json!([]), &json!("0.1.0")), "{told}");
    admin.post("/plugins/wayward/grant", &json!({ "version": "0.2.0" })).problem(409, "plugin.nothing_waits");

    // What was granted once is not asked for again.
    send(&admin, asking("0.2.1"), "").ok(201);
    // A waiting version may be sent away.
    let asks_yet_more =
        version("0.3.0", |manifest| manifest.replace(r#"kinds = ["customer"]"#, r#"kinds = ["customer", "org"]"#));
    send(&admin, asks_yet_more, "").ok(202);
    assert_eq!(admin.post("/plugins/wayward/refuse", &json!({})).status, 204);
    assert_eq!(plugin(&admin)["waiting"], json!(null));
}

#[test]
fn what_is_held_back_from_a_plugin_it_does_not_get() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    marked(&admin, &newcomer(&admin, 1));
    admin.put("/plugins/wayward/rights", &json!({ "rights": ["asks everything"] })).problem(400, "rights.invalid");
    let rights = json!({ "rights": ["hears customer.created", "reads customer"] });
    let told = admin.put("/plugins/wayward/rights", &rights).ok(200);
    assert_eq!(told["held_back"], json!(["asks record.create:wayward.mark"]), "{told}");
    assert_eq!(told["asks"], json!([]));
    let second = newcomer(&admin, 2);
    let parked = eventually("it is refused", PATIENCE, || {
        let parked = admin.get("/plugins/wayward/parked").ok(200)["items"].clone();
        (parked.as_array().is_some_and(|parked| parked.len() == 1)).then_some(parked)
    });
    assert_eq!((&parked[0]["fault"]["code"], &parked[0]["subject"]), (&json!("denied"), &json!(second)), "{parked}");
    // An upgrade does not give back what was held back.
    send(&admin, version("0.1.0", |manifest| manifest.replace("任性", "很任性")), "").ok(201);
    assert_eq!(plugin(&admin)["held_back"], json!(["asks record.create:wayward.mark"]));
    let all = json!({ "rights": ["hears customer.created", "reads customer", "asks record.create:wayward.mark"] });
    assert_eq!(admin.put("/plugins/wayward/rights", &all).ok(200)["held_back"], json!([]));
    let seq = parked[0]["seq"].to_string();
    assert_eq!(admin.post(&format!("/plugins/wayward/parked/{}/retry", seq.trim_matches('"')), &json!({})).status, 204);
    assert_eq!(marks(&admin, &second).len(), 1);
}

/// Rights change while another version is on its way in: whichever comes first, what was held back last stays held back.
#[test]
fn two_changes_at_once_leave_no_stale_rights_in_force() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let all = ["hears customer.created", "reads customer", "asks record.create:wayward.mark"];
    for round in 1..=12_u32 {
        let rights = if round % 2 == 0 { &all[..] } else { &all[..2] };
        let coming = {
            let admin = admin.clone();
            std::thread::spawn(move || send(&admin, version(&format!("0.1.{round}"), |manifest| manifest), "").status)
        };
        pause(Duration::from_millis(u64::from(round) * 15));
        admin.put("/plugins/wayward/rights", &json!({ "rights": rights })).ok(200);
        assert_eq!(coming.join().expect("it is answered"), 201);
        let told = plugin(&admin);
        assert_eq!(told["version"], format!("0.1.{round}"), "{told}");
        let held_back = if round % 2 == 0 { json!([]) } else { json!([all[2]]) };
        assert_eq!(told["held_back"], held_back, "round {round}: {told}");
    }
}

#[test]
fn going_back_gives_no_right_back_that_is_held_back_by_now() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    send(&admin, asking("0.2.0"), "?grant=true").ok(201);
    let rights = json!({ "rights": ["hears customer.created", "reads customer", MORE] });
    admin.put("/plugins/wayward/rights", &rights).ok(200);
    let told = admin.post("/plugins/wayward/rollback", &json!({})).ok(200);
    assert_eq!((&told["version"], &told["held_back"]), (&json!("0.1.0"), &json!(["asks record.create:wayward.mark"])));
    let customer = newcomer(&admin, 1);
    eventually("it is refused", PATIENCE, || (plugin(&admin)["parked"] == 1).then_some(()));
    assert_eq!(marks(&admin, &customer).len(), 0);
}

#[test]
fn packages_are_held_to_their_publisher_and_to_newer_versions() {
    let server = Server::start();
    let admin = server.admin();
    let (ours, theirs) = (Key::generate(), Key::generate());
    install(&admin, signed("0.2.0", &ours), "wayward");
    assert_eq!(plugin(&admin)["publisher"], json!(ours.public().to_string()));
    send(&admin, signed("0.3.0", &theirs), "").problem(409, "plugin.publisher");
    send(&admin, version("0.3.0", |manifest| manifest), "").problem(409, "plugin.publisher");
    send(&admin, signed("0.1.0", &ours), "").problem(409, "plugin.downgrade");
    assert_eq!(plugin(&admin)["version"], "0.2.0", "nothing of it was done");
    send(&admin, signed("0.1.0", &ours), "?force=true").ok(201);
    send(&admin, signed("0.4.0", &theirs), "?force=true").ok(201);
    assert_eq!(plugin(&admin)["publisher"], json!(theirs.public().to_string()), "the new key is the pinned one");

    let what = format!("key:{}", theirs.public());
    let told = admin.post("/revocations", &json!({ "what": what, "reason": "stolen" })).ok(201);
    assert_eq!(told["disabled"], json!(["wayward"]), "what is at work is let rest");
    assert_eq!(plugin(&admin)["state"], "disabled");
    let refused = send(&admin, signed("0.5.0", &theirs), "?force=true").problem(409, "plugin.revoked");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("stolen")), "{refused}");
    admin.post("/plugins/wayward/enable", &json!({})).problem(409, "plugin.revoked");
    assert_eq!(admin.get("/revocations").ok(200)["items"][0]["what"], json!(what));
    assert_eq!(admin.delete(&format!("/revocations/{what}")).status, 204);
    admin.post("/plugins/wayward/enable", &json!({})).ok(200);
    admin.post("/revocations", &json!({ "what": "key:short" })).problem(400, "what.invalid");
}

#[test]
fn an_upgrade_takes_over_its_data_in_steps_and_one_that_is_stuck_changes_nothing() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let customers: Vec<String> = (1..=120).map(|n| newcomer(&admin, n)).collect();
    for customer in &customers {
        marked(&admin, customer);
    }
    let stuck = admin.create("customer", json!({ "name": "卡住", "phone": "13000099999" }));
    let stuck = stuck["id"].as_str().expect("an id");
    marked(&admin, stuck);
    let refused = send(&admin, asking("0.2.0"), "?grant=true").problem(409, "plugin.migration");
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("trap")), "{refused}");
    assert_eq!((&plugin(&admin)["version"], &plugin(&admin)["state"]), (&json!("0.1.0"), &json!("enabled")));
    marked(&admin, &newcomer(&admin, 300));

    admin.patch(&format!("/records/customer/{stuck}"), &json!({ "data": { "name": "通了" } })).ok(200);
    send(&admin, asking("0.2.0"), "?grant=true").ok(201);
    let n_taken_over =
        admin.get(&format!("/records/wayward.mark?count=exact&limit=1&filter={}", json!({ "text": "taken over" })));
    assert_eq!(n_taken_over.ok(200)["count"], 122, "three steps of fifty");

    let told = admin.post("/plugins/wayward/rollback", &json!({})).ok(200);
    assert_eq!((&told["version"], &told["previous"]), (&json!("0.1.0"), &json!("0.2.0")));
    marked(&admin, &newcomer(&admin, 301));
    admin.post("/plugins/vehicles/rollback", &json!({})).problem(409, "plugin.no_previous");
}

#[test]
fn a_job_runs_by_the_clock() {
    let server = Server::dealer_at(FRIDAY);
    let admin = server.admin();
    let with_job =
        version("0.1.0", |manifest| format!("{manifest}\n[[owns.jobs]]\nname = \"nightly\"\ncron = \"30 2 * * *\"\n"));
    install(&admin, with_job, "wayward");
    assert_eq!(plugin(&admin)["jobs"][0]["name"], "nightly");
    let n_by_the_clock = || admin.list("wayward.mark", &json!({ "text": "by the clock" })).len();
    assert_eq!(n_by_the_clock(), 0);
    server.set_clock("2026-03-14T02:29:00+08:00");
    server.set_clock("2026-03-14T02:30:00+08:00");
    eventually("it has run", PATIENCE, || (n_by_the_clock() == 1).then_some(()));
    // Three days missed are made up for once.
    server.set_clock("2026-03-17T12:00:00+08:00");
    eventually("it has run again", PATIENCE, || (n_by_the_clock() == 2).then_some(()));
    server.set_clock("2026-03-18T02:30:00+08:00");
    eventually("and the next night", PATIENCE, || (n_by_the_clock() == 3).then_some(()));
    let due = admin.get("/events?kind=job.due&limit=500").ok(200);
    let own = due["items"].as_array().into_iter().flatten().filter(|event| event["data"]["plugin"] == "wayward");
    assert_eq!(own.count(), 3, "{due}");
}

#[test]
fn an_organisation_does_without_a_plugin() {
    let server = Server::dealer_at(FRIDAY);
    let (admin, officer) = (server.admin(), server.staff("wang"));
    install(&admin, wayward(), "wayward");
    assert_eq!(admin.put("/plugins/wayward/orgs/d1", &json!({ "enabled": false })).status, 204);
    assert_eq!(plugin(&admin)["off"], json!(["d1"]));
    let left_out = newcomer(&officer, 1);
    eventually("it is passed by", PATIENCE, || (plugin(&admin)["lag"] == 0).then_some(()));
    assert_eq!(admin.put("/plugins/wayward/orgs/d1", &json!({ "enabled": true })).status, 204);
    marked(&admin, &newcomer(&officer, 2));
    assert_eq!(marks(&admin, &left_out).len(), 0, "what happened meanwhile is not made up for");

    assert_eq!(admin.put("/plugins/complaints/orgs/d1", &json!({ "enabled": false })).status, 204);
    let input = json!({ "data": { "customer": left_out, "facts": "空调不制冷。" } });
    officer.post("/records/complaints.case", &input).problem(409, "plugin.off_here");
}

#[test]
fn a_plugin_that_is_taken_out_leaves_its_data_for_a_while() {
    let server = Server::dealer_at(FRIDAY);
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let customer = newcomer(&admin, 1);
    marked(&admin, &customer);
    let told = admin.delete("/plugins/wayward").ok(202);
    assert_eq!(told["leaving_at"], "2026-04-12T02:00:00.000Z");
    assert_eq!((&plugin(&admin)["state"], &plugin(&admin)["leaving_at"]), (&json!("disabled"), &told["leaving_at"]));
    let lines = String::from_utf8(admin.download("/plugins/wayward/export")).expect("text");
    let records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((records.len(), &records[0]["data"]["customer"]), (2, &json!(customer)), "{lines}");
    let nothing = json!({ "n_records": 1, "left_out": { "kinds": [], "fields": {} } });
    assert_eq!(records[1]["marque:export"], nothing, "the last line says what is not in it");

    // Whoever changes their mind in time loses nothing.
    admin.post("/plugins/wayward/enable", &json!({})).ok(200);
    server.set_clock("2026-04-13T10:00:00+08:00");
    marked(&admin, &customer);
    admin.delete("/plugins/wayward").ok(202);
    server.set_clock("2026-05-14T10:00:00+08:00");
    eventually("it is gone", PATIENCE, || (admin.get("/plugins/wayward").status == 404).then_some(()));
    admin.get("/records/wayward.mark").problem(404, "kind.not_found");
    install(&admin, wayward(), "wayward");
    assert_eq!(marks(&admin, &customer).len(), 0, "it begins anew");
    marked(&admin, &newcomer(&admin, 2));
}

#[test]
fn a_plugin_is_taken_out_in_the_middle_of_a_call() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    admin.create("customer", json!({ "name": "转圈", "phone": "13000000001", "note": "loop" }));
    admin.delete("/plugins/wayward").ok(202);
    let meanwhile = newcomer(&admin, 2);
    assert_eq!(plugin(&admin)["state"], "disabled");
    admin.post("/plugins/wayward/enable", &json!({})).ok(200);
    marked(&admin, &meanwhile);
}

#[test]
fn past_events_are_delivered_once_more_into_a_dry_run() {
    let server = Server::start();
    let admin = server.admin();
    install(&admin, wayward(), "wayward");
    let (first, second) = (newcomer(&admin, 1), newcomer(&admin, 2));
    marked(&admin, &first);
    marked(&admin, &second);
    let head = admin.head();
    let told = admin.post("/plugins/wayward/replay", &json!({ "after": 0, "kind": "customer.created" })).ok(200);
    assert_eq!((&told["n_events"], &told["n_refused"]), (&json!(2), &json!(0)), "{told}");
    let command = &told["items"][0]["commands"][0];
    assert_eq!(
        (&command["name"], &command["body"]["data"]["customer"]),
        (&json!("record.create"), &json!(first)),
        "{told}"
    );
    let told = admin.post("/plugins/wayward/replay", &json!({ "subject": second })).ok(200);
    assert_eq!(told["n_events"], 1, "{told}");
    assert_eq!((admin.head(), marks(&admin, &first).len()), (head, 1), "nothing of it was done");

    let narrower = version("0.2.0", |manifest| manifest.replace(r#"kinds = ["customer"]"#, "kinds = []"));
    let preview = |package: Vec<u8>| {
        let media_type = [("content-type", "application/octet-stream")];
        admin.send("POST", "/plugins/wayward/preview?after=0", &media_type, package).ok(200)
    };
    let told = preview(narrower);
    assert_eq!(
        (&told["from"], &told["to"], &told["n_different"]),
        (&json!("0.1.0"), &json!("0.2.0"), &json!(2)),
        "{told}"
    );
    assert_eq!(told["less"], json!(["reads customer"]));
    assert_eq!(told["items"][0]["before"]["commands"][0]["name"], "record.create");
    assert_eq!(told["items"][0]["after"]["fault"]["code"], "denied");
    let told = preview(asking("0.3.0"));
    assert_eq!(
        (&told["n_same"], &told["n_different"], &told["more"]),
        (&json!(2), &json!(0), &json!([MORE])),
        "{told}"
    );
    assert_eq!((admin.head(), &plugin(&admin)["version"]), (head, &json!("0.1.0")));
}
