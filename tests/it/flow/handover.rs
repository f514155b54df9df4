//! Business that changes hands: who stands in for a colleague sees and works what is theirs, for that time and no longer.

use serde_json::json;

use super::complaint::FRIDAY;
use crate::support::{SOON, Server, eventually};

#[test]
fn a_deputy_sees_lead_and_customer_from_the_first_second_to_the_last() {
    let server = Server::dealer_at(FRIDAY);
    let enquiry = json!({ "name": "赵敏", "phone": "13900001234", "model": "C5", "window": "d15" });
    let lead = server.staff("xu").post("/records/leads.lead/actions/receive", &enquiry).ok(200)["reply"].clone();
    let (id, customer) = (lead["id"].as_str().expect("an id"), lead["customer"].as_str().expect("a customer"));
    let owner = lead["owner"].as_str().and_then(|owner| owner.strip_prefix("d1-")).expect("somebody of the dealer");
    let other = ["li", "zhang", "huang"].into_iter().find(|name| *name != owner).expect("another consultant");
    let (away, deputy) = (server.staff(owner), server.staff(other));
    let (lead, file) = (format!("/records/leads.lead/{id}"), format!("/records/customer/{customer}"));
    assert_eq!(away.get(&file).ok(200)["data"]["phone"], "+8613900001234");
    deputy.get(&file).problem(404, "record.not_found");

    // While the first answer is not due yet: later the lead would be somebody else's.
    let input =
        json!({ "deputy": format!("d1-{other}"), "from": "2026-03-13T02:05:00Z", "to": "2026-03-13T02:25:00Z" });
    away.post("/records/handover.absence/actions/arrange", &input).ok(200);
    deputy.get(&file).problem(404, "record.not_found");
    server.set_clock("2026-03-13T02:05:00Z");
    eventually("the deputy stands in", SOON, || {
        (deputy.get(&lead).body["data"]["deputy"] == format!("d1-{other}")).then_some(())
    });
    assert_eq!(deputy.get(&file).ok(200)["data"]["phone"], "+8613900001234", "whom they are to call");

    server.set_clock("2026-03-13T02:25:00Z");
    eventually("the owner is back", SOON, || (deputy.get(&file).status == 404).then_some(()));
    assert!(away.get(&lead).ok(200)["data"]["deputy"].is_null());
    assert_eq!(away.get(&file).ok(200)["data"]["phone"], "+8613900001234");
}
