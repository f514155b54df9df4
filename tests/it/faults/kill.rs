//! The server is killed at thirty random moments under eight writers: nothing acknowledged is lost, nothing is done twice.

use std::{thread, time::Duration};

use super::{
    dose,
    package::{install, wayward},
    work::Work,
};
use crate::{flow::complaint::FRIDAY, support::Server};

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_done_twice() {
    let mut server = Server::dealer_at(FRIDAY);
    install(&server.admin(), wayward(), "wayward");
    let mut work = Work::new();
    for _ in 0..dose(30, 500) {
        let writers = work.begin(&server.staff("wang"));
        pause(Duration::from_millis(50 + work.chance(850)));
        server.kill9();
        writers.stop();
        server.launch();
    }
    assert!(work.n_acknowledged() > 100, "the writers hardly wrote");
    assert!(work.judge(&mut server) > 0, "no kill ever met a request under way: this proved nothing");
}

#[expect(clippy::disallowed_methods, reason = "the moment of the kill is what is tried")]
pub fn pause(moment: Duration) {
    thread::sleep(moment);
}
