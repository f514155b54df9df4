//! The fault plan: calls of the system that kill or fail, a full disk, little memory, a clock that jumps, pauses, power cuts.
//!
//! `cargo test` gives each a small dose; `cargo xtask faults` the large one, and the power cuts, which take a root and a disk to mount.
//! Harm to single calls is done by strace; where there is none, or it may not trace, that part says so and proves nothing.

mod power;

use std::{
    process::Command,
    time::{Duration, Instant},
};

use super::{
    dose, is_night,
    kill::pause,
    package::{install, wayward},
    work::Work,
};
use crate::{
    flow::complaint::FRIDAY,
    support::{Client, Server, eventually},
};

const PATIENCE: Duration = Duration::from_secs(20);

fn server() -> Server {
    let server = Server::dealer_at(FRIDAY);
    install(&server.admin(), wayward(), "wayward");
    server
}

/// Whether calls can be tampered with here.
fn can_trace() -> bool {
    let tried = Command::new("strace").args(["-D", "-o", "/dev/null", "-e", "trace=none", "true"]).output();
    let can = tried.is_ok_and(|tried| tried.status.success());
    // The large dose is for machines that are there to do harm: one that cannot has tried nothing.
    assert!(can || !is_night(), "the large dose needs strace, and leave to trace");
    if !can {
        eprintln!("not tried: strace cannot be had here");
    }
    can
}

/// The server's calls, tampered with from the outside. It stays the child of whoever starts it: the tracer is a grandchild.
fn strace(calls: &str, inject: &str) -> Vec<String> {
    let inject = format!("inject={calls}:{inject}");
    ["strace", "-D", "-f", "-o", "/dev/null", "-e", &format!("trace={calls}"), "-e", &inject].map(str::to_owned).into()
}

/// One round under harm: the server may die before it listens, under the writers, or live; then it is started whole again.
fn suffer(server: &mut Server, work: &mut Work, wrapper: &[String], length: Duration) -> bool {
    let has_listened = server.launch_under(wrapper);
    let officer = if has_listened { signed_in(server) } else { None };
    let mut has_died = !has_listened;
    if let Some(officer) = &officer {
        let writers = work.begin(officer);
        pause(length);
        has_died = server.has_ended();
        server.kill9();
        writers.stop();
    } else if has_listened {
        has_died = server.has_ended();
        server.kill9();
    }
    let started = Instant::now();
    server.launch();
    eprintln!("it answers again after {} ms", started.elapsed().as_millis());
    has_died
}

/// Somebody of the dealer's, as soon as the server takes them in; nobody when it dies first.
fn signed_in(server: &mut Server) -> Option<Client> {
    (0..200).find_map(|_| {
        if server.has_ended() {
            return None;
        }
        server.try_staff("wang").or_else(|| {
            pause(Duration::from_millis(50));
            None
        })
    })
}

#[test]
fn a_death_at_any_write_loses_nothing_and_repeats_nothing() {
    if !can_trace() {
        return;
    }
    let (mut server, mut work, mut n_deaths) = (server(), Work::new(), 0);
    for round in 0..dose(12, 2_000) {
        server.kill9();
        let call = ["pwrite64", "fdatasync", "ftruncate", "unlink"][usize::try_from(round % 4).unwrap_or_default()];
        let most = if call == "pwrite64" { 400 } else { 40 };
        let wrapper = strace(call, &format!("signal=SIGKILL:when={}", 1 + work.chance(most)));
        n_deaths += u32::from(suffer(&mut server, &mut work, &wrapper, Duration::from_millis(700)));
    }
    work.judge(&mut server);
    assert!(n_deaths > 0, "no call was ever met: this proved nothing");
}

#[test]
fn a_disk_that_refuses_is_no_acknowledgement() {
    if !can_trace() {
        return;
    }
    let (mut server, mut work, mut n_deaths) = (server(), Work::new(), 0);
    for round in 0..dose(6, 40) {
        server.kill9();
        let (call, error) = [("fdatasync", "EIO"), ("pwrite64", "EIO"), ("pwrite64", "ENOSPC")]
            [usize::try_from(round % 3).unwrap_or_default()];
        // Once, or from then on until space returns with the next start.
        let from_then_on = if round % 2 == 0 { "" } else { "+" };
        let wrapper = strace(call, &format!("error={error}:when={}{from_then_on}", 30 + work.chance(200)));
        n_deaths += u32::from(suffer(&mut server, &mut work, &wrapper, Duration::from_millis(700)));
    }
    work.judge(&mut server);
    eprintln!("{} writers were refused, {n_deaths} servers ended", work.n_refused());
    assert!(work.n_refused() + n_deaths > 0, "no refusal of the disk was ever met: this proved nothing");
}

#[test]
fn little_memory_ends_the_server_and_loses_nothing() {
    let (mut server, mut work) = (server(), Work::new());
    for _ in 0..dose(2, 10) {
        server.kill9();
        // Enough to start as a rule, and not for ever.
        let kilobytes = 150_000 + work.chance(400_000);
        let wrapper = ["sh", "-c", &format!("ulimit -d {kilobytes}; exec \"$0\" \"$@\"")].map(str::to_owned);
        suffer(&mut server, &mut work, &wrapper, Duration::from_millis(700));
    }
    // And once unharmed, so that there is something to be judged whatever the harm let through.
    let writers = work.begin(&server.staff("wang"));
    pause(Duration::from_millis(300));
    writers.stop();
    work.judge(&mut server);
}

#[test]
fn a_clock_that_jumps_delays_and_repeats_nothing() {
    let (mut server, mut work) = (server(), Work::new());
    let jumps = [
        "2026-03-13T09:00:00+08:00",
        "2026-03-13T11:00:00+08:00",
        "2036-03-13T10:00:00+08:00",
        "1970-01-01T00:00:01Z",
        "2026-03-29T01:59:59+01:00",
        "2026-12-31T23:59:59Z",
        "2028-02-29T12:00:00+08:00",
        "2026-03-13T10:00:00+08:00",
    ];
    for now in jumps.iter().cycle().take(dose(8, 40) as usize) {
        // A jump of ten years ends their sessions; they are refused then, which is no harm. A jump waits for what it sets off, so
        // writers without an end would keep it waiting for theirs too.
        let writers = work.begin_few(&server.staff("wang"), 40);
        pause(Duration::from_millis(40));
        server.set_clock(now);
        pause(Duration::from_millis(40));
        writers.stop();
    }
    server.kill9();
    server.launch();
    work.judge(&mut server);
}

#[test]
fn a_server_that_stands_still_for_a_while_goes_on_where_it_stood() {
    let (mut server, mut work) = (server(), Work::new());
    for _ in 0..dose(3, 10) {
        let before = work.n_acknowledged();
        let writers = work.begin(&server.staff("wang"));
        pause(Duration::from_millis(200 + work.chance(300)));
        server.pause(Duration::from_millis(u64::from(dose(1_000, 60_000))));
        eventually("the writers write again", PATIENCE, || (work.n_acknowledged() > before).then_some(()));
        writers.stop();
    }
    work.judge(&mut server);
}
