//! Customers made over HTTP: record, revision, event, audit and search, matched first, on the disk when answered; then with a plugin's effect on each.

use std::time::Duration;

use crate::{
    Outcome,
    client::Client,
    house::House,
    load::{Pace, Request, Taken, load, until},
    people, plugin,
    report::Figure,
    server::Server,
};

/// Numbers that one measurement may use up.
const SPACE: u64 = 100_000;

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let folder = house.usual()?;
    let server = house.serve(folder.path(), &[])?;
    let admin = server.admin()?;
    let mut figures = Vec::new();
    {
        let bare = Server::bare(folder.path())?;
        for (n, connections) in [(0, 8), (1, 64)] {
            let taken = made(house, &server, &admin, Pace::Most(connections), n, "prospect")?;
            let limit = most_bare(&bare, connections, house.plan.span)?;
            let target = if connections == 8 { "≥ 8 000/s" } else { "≥ 12 000/s" };
            figures.push(
                Figure::rate(format!("create, {connections} connections"), &taken)
                    .with("bare_cpu_us", limit.cpu_us)
                    .beside(limit.per_second)
                    .target(target),
            );
        }
    }
    let taken = made(house, &server, &admin, Pace::Rate(house.plan.rate), 2, "prospect")?;
    figures.push(Figure::latency(format!("create, {}/s", house.plan.rate), &taken));

    plugin::install(&admin, house.root(), "tally")?;
    until("plugins are up to date", || Ok((plugin::lag(&admin, None)? == 0).then_some(())))?;
    let taken = made(house, &server, &admin, Pace::Most(8), 3, "user")?;
    let (n_behind, n_made) = (plugin::lag(&admin, Some("tally"))?, taken.len());
    let (_, rest) = until("every effect is there", || Ok((plugin::lag(&admin, Some("tally"))? == 0).then_some(())))?;
    figures.push(
        Figure::rate("create with a plugin's effect, 8 connections", &taken)
            .with("effects_behind_ms", rest.as_secs_f64() * 1e3)
            .with("events_behind", n_behind as f64)
            .target("effects within 1 s"),
    );
    let marks = admin.get("/records/tally.mark?limit=1&count=exact")?["count"].as_u64().unwrap_or_default();
    if marks != n_made {
        return Err(format!("{n_made} customers were made and {marks} marked").into());
    }
    Ok(figures)
}

/// Make customers at all dealers in turn.
pub fn made(house: &House, server: &Server, client: &Client, pace: Pace, space: u64, r#type: &str) -> Outcome<Taken> {
    let n_dealers = u64::from(house.plan.dealers);
    load(server, client, pace, house.plan.span, |n| {
        let n = space * SPACE + n;
        Request::post("/records/customer", &people::customer(&format!("d{}", n % n_dealers + 1), n, r#type))
    })
}

fn most_bare(bare: &Server, connections: u32, span: Duration) -> Outcome<Taken> {
    load(bare, &bare.anybody(), Pace::Most(connections), span, |n| {
        Request::post("/create", &people::customer("d1", n, "prospect"))
    })
}
