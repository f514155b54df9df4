//! Killed between handing a message over and noting it: it is handed over again under the same key, and is there once.

use serde_json::json;

use super::{FRIDAY, customer, fate, send};
use crate::support::{SOON, Server, Setup, eventually};

#[test]
fn a_message_handed_over_twice_is_there_once() {
    let setup = Setup {
        clock: Some(FRIDAY),
        customers: Some(4),
        variables: vec![("MARQUE__OUTBOUND__PAUSE_MS", "1500")],
        ..Setup::default()
    };
    let mut server = Server::with(setup);
    let officer = server.staff("wang");
    let owner = customer(&officer, "孙国强", "13900020001");
    let message = send(&officer, &owner, "serve", "sms", json!({}));
    let caught = |officer: &crate::support::Client| {
        let all = officer.get(&format!("/outbound?customer={owner}")).ok(200);
        assert_eq!(all["items"].as_array().map(Vec::len), Some(1), "{all}");
        all["items"][0]["caught"].clone()
    };
    eventually("the catcher has it", SOON, || caught(&officer).is_object().then_some(()));
    assert_eq!(fate(&officer, &message).0, "queued", "it is not noted yet");
    server.kill9();
    server.launch();
    let officer = server.staff("wang");
    eventually("it is noted as sent", SOON, || (fate(&officer, &message).0 == "sent").then_some(()));
    assert_eq!(caught(&officer)["n_handed"], 2, "handed over twice, kept once");
}
