//! What a server is before anybody asks it anything: how soon it listens, what it holds, how large it lies on the disk.

use std::{thread, time::Duration};

use crate::{Outcome, computer, house::House, load, report::Figure};

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let customers = house.plan.customers;
    let folder = house.store(customers)?;
    let mut figures = Vec::new();
    if let Some((n, took)) = house.filled.last() {
        let made = f64::from(*n) / took.as_secs_f64();
        figures.push(
            Figure::new(format!("sample data, {n} customers"), made, "/s").target("≥ 2 333/s (700 000 in 5 min)"),
        );
    }
    let empty = house.folder()?;
    let first = house.serve(empty.path(), &[])?;
    let took = first.ready_after;
    figures.push(Figure::new("first start of an empty store, plugins installed", took.as_secs_f64(), "s"));
    drop(first);
    let again = house.serve(empty.path(), &[])?;
    let n_plugins = again.admin()?.get("/plugins")?["items"].as_array().map_or(0, Vec::len);
    drop(again);
    let mut starts: Vec<Duration> = Vec::new();
    for _ in 0..if house.plan.is_small { 1 } else { 5 } {
        starts.push(house.serve(&folder, &[])?.ready_after);
    }
    starts.sort();
    let start = starts[starts.len() / 2].as_secs_f64();
    figures.push(
        Figure::new(format!("start of {customers} customers"), start, "s")
            .with("plugins", n_plugins as f64)
            .target("≤ 0.5 s"),
    );

    let server = house.serve(&folder, &[])?;
    settle(house);
    let idle = server.usage()?;
    figures.push(Figure::new("memory when idle", idle.resident_mb, "MB").target("≤ 120 MB, 20 plugins"));
    settle(house);
    let cpu = (server.usage()?.cpu - idle.cpu).as_secs_f64();
    figures.push(Figure::new("processor when idle", cpu / pause(house).as_secs_f64() * 100.0, "%"));
    // Whoever measures it is there: a first request is a view, a plan and a page of statements.
    let taken = load::load(&server, &server.admin()?, load::Pace::Most(1), house.plan.span, |_| {
        load::Request::get("/session")
    })?;
    figures.push(Figure::rate("who am I, one connection", &taken));
    let mb = |bytes: u64| bytes as f64 / 1e6;
    figures.push(Figure::new("binary", mb(computer::bytes(house.binary())?), "MB").target("≤ 60 MB"));
    let store = computer::bytes(&folder)? as f64;
    figures.push(Figure::new("store", store / 1e6, "MB").with("bytes_a_customer", store / f64::from(customers)));
    Ok(figures)
}

fn pause(house: &House) -> Duration {
    if house.plan.is_small { Duration::from_millis(100) } else { Duration::from_secs(3) }
}

fn settle(house: &House) {
    #[expect(clippy::disallowed_methods, reason = "idle is what a server is after a while")]
    thread::sleep(pause(house));
}
