//! What more of something costs: connections that ask at once, plugins that hear.

use super::{create::made, find::Samples};
use crate::{
    Outcome,
    house::House,
    load::{Pace, Request, load, until},
    plugin,
    report::Figure,
};

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let folder = house.usual()?;
    let server = house.serve(folder.path(), &[])?;
    let admin = server.admin()?;
    let paths = Samples::take(&admin, 0)?.fill_all("/records/customer/{id}");
    let mut figures = Vec::new();
    for connections in [1, 8, 64] {
        let make = |n: u64| Request::get(paths[n as usize % paths.len()].clone());
        let taken = load(&server, &admin, Pace::Most(connections), house.plan.span, make)?;
        figures.push(Figure::rate(format!("read by id, {connections} connections"), &taken));
    }
    let counts: &[usize] = if house.plan.is_small { &[1, 2] } else { &[1, 10, 30] };
    let mut n_plugins = 0;
    for (space, count) in counts.iter().enumerate() {
        while n_plugins < *count {
            n_plugins += 1;
            let name = if n_plugins == 1 { "tally".into() } else { format!("tally{n_plugins}") };
            plugin::install(&admin, house.root(), &name)?;
        }
        until("plugins are up to date", || Ok((plugin::lag(&admin, None)? == 0).then_some(())))?;
        let taken = made(house, &server, &admin, Pace::Rate(house.plan.rate), space as u64, "prospect")?;
        let (_, rest) = until("plugins are up to date", || Ok((plugin::lag(&admin, None)? == 0).then_some(())))?;
        figures.push(
            Figure::latency(format!("create beside {count} more plugins that hear of it"), &taken)
                .with("resident_mb", server.usage()?.resident_mb)
                .with("behind_ms", rest.as_secs_f64() * 1e3),
        );
    }
    Ok(figures)
}
