//! A day at the desk: of a hundred requests eighty read, fifteen list or search, five write, and plugins hear of each write.

use super::find::Samples;
use crate::{
    Outcome,
    house::House,
    load::{Pace, Request, load, until},
    people, plugin,
    report::Figure,
};

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let folder = house.usual()?;
    let server = house.serve(folder.path(), &[])?;
    let admin = server.admin()?;
    plugin::install(&admin, house.root(), "tally")?;
    let samples = Samples::take(&admin, 0)?;
    let reads = samples.fill_all("/records/customer/{id}");
    let lists = samples.fill_all("/records/customer?filter={\"city\":\"{city}\"}");
    let searches = samples.fill_all("/search?q={pinyin}");
    let n_dealers = u64::from(house.plan.dealers);
    let make = |space: u64| {
        let (reads, lists, searches) = (&reads, &lists, &searches);
        move |n: u64| {
            let of = |paths: &[String]| Request::get(paths[n as usize % paths.len()].clone());
            match n % 20 {
                0 => {
                    let customer = people::customer(&format!("d{}", n % n_dealers + 1), space * 100_000 + n, "user");
                    Request::post("/records/customer", &customer)
                }
                1 | 2 => of(lists),
                3 => of(searches),
                _ => of(reads),
            }
        }
    };
    let rate = house.plan.rate * 5;
    load(&server, &admin, Pace::Rate(rate), house.plan.span, make(0))?;
    let at_rate = load(&server, &admin, Pace::Rate(rate), house.plan.span, make(1))?;
    let most = load(&server, &admin, Pace::Most(64), house.plan.span, make(2))?;
    until("every effect is there", || Ok((plugin::lag(&admin, Some("tally"))? == 0).then_some(())))?;
    Ok(vec![
        Figure::latency(format!("80 reads, 15 lists and searches, 5 creates, {rate}/s"), &at_rate)
            .target("p99 ≤ 100 ms"),
        Figure::rate("the same, as many as 64 connections ask", &most),
    ])
}
