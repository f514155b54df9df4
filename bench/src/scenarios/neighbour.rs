//! People beside a plugin that never comes back: it is stopped at its deadline and tried again and again.

use super::find::Samples;
use crate::{
    Outcome,
    house::House,
    load::{Pace, Request, load},
    people, plugin,
    report::Figure,
};

/// Customers whose events keep the plugin busy for longer than is measured.
const BAIT: u64 = 64;

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let folder = house.usual()?;
    // It never rests and nothing of it is parked: as bad as it can be.
    let patient =
        [("MARQUE__BUS__BREAKER", "0"), ("MARQUE__BUS__TRIES", "100000"), ("MARQUE__BUS__MAX_BACKOFF_MS", "1")];
    let server = house.serve(folder.path(), &patient)?;
    let admin = server.admin()?;
    plugin::install(&admin, house.root(), "tally")?;
    let samples = Samples::take(&admin, 0)?;
    let paths = samples.fill_all("/records/customer/{id}");
    let (rate, span) = (Pace::Rate(house.plan.rate), house.plan.span);
    let make = |space: u64| {
        let paths = &paths;
        move |n: u64| match n % 10 {
            0 => Request::post("/records/customer", &people::customer("d1", space * 100_000 + n, "prospect")),
            _ => Request::get(paths[n as usize % paths.len()].clone()),
        }
    };
    load(&server, &admin, rate, span, make(0))?;
    let quiet = load(&server, &admin, rate, span, make(1))?;
    for n in 0..BAIT {
        admin.send("POST", "/records/customer", &people::customer("d2", 900_000 + n, "partner"))?;
    }
    let before = server.usage()?.cpu;
    let beside = load(&server, &admin, rate, span, make(2))?;
    let cores = (server.usage()?.cpu - before).as_secs_f64() / span.as_secs_f64();
    let figure = Figure::new("reads and creates beside a hostile guest, p99", beside.ms(99.0) / quiet.ms(99.0), "×")
        .with("quiet_p99_ms", quiet.ms(99.0))
        .with("beside_p99_ms", beside.ms(99.0))
        .with("beside_p50_ms", beside.ms(50.0))
        .with("cores_busy", cores)
        .target("≤ 2 ×");
    Ok(vec![figure])
}
