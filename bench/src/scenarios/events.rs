//! Events through a plugin: a backlog it passes over, one it writes to, one that is drained while people ask; and how soon an effect is there.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::{find::Samples, import::import};
use crate::{
    Outcome,
    client::Client,
    house::House,
    load::{Pace, Request, load, until},
    people, plugin,
    report::Figure,
    server::Server,
    text,
};

/// The event that an effect is told in, and the field it has changed, if that matters.
pub type Effect<'a> = (&'a str, Option<&'a str>);

const TALLY: Option<&str> = Some("tally");

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let folder = house.usual()?;
    let server = house.serve(folder.path(), &[])?;
    let admin = server.admin()?;
    plugin::install(&admin, house.root(), "tally")?;
    let n = u64::from(house.plan.rows) / 2;
    let mut figures = Vec::new();
    for (space, n, r#type, what, target) in [
        (0, n, "prospect", "events through a plugin, nothing written", "≥ 100 000/s"),
        (1, n / 2, "user", "events through a plugin, a record written each", "≥ 20 000/s"),
    ] {
        let n_events = backlog(&server, &admin, space, n, r#type)?;
        let before = server.usage()?.cpu;
        switch(&admin, "enable")?;
        let (_, took) = until("the backlog is drained", || Ok((plugin::lag(&admin, TALLY)? == 0).then_some(())))?;
        let cpu = (server.usage()?.cpu - before).as_secs_f64() * 1e6 / n_events as f64;
        figures.push(Figure::new(what, n_events as f64 / took.as_secs_f64(), "/s").with("cpu_us", cpu).target(target));
    }
    figures.extend(while_draining(house, &server, &admin, n / 2)?);
    let rate = house.plan.rate;
    let soon = until_effect(house, &admin, 8, "user", ("tally.mark.created", None), false)?;
    figures.push(soon.what(format!("from the create to the plugin's effect, {rate}/s")).target("p99 ≤ 50 ms"));
    Ok(figures)
}

/// Let events gather before a plugin that is off. Other plugins have heard them by then.
fn backlog(server: &Server, admin: &Client, space: u64, n: u64, r#type: &str) -> Outcome<u64> {
    switch(admin, "disable")?;
    let file = people::file(space * 100_000, n, r#type);
    let (.., job) = import(server, admin, &file, n)?;
    let counts = &job["counts"];
    until("others are up to date", || {
        let plugins = admin.get("/plugins")?;
        let items = plugins["items"].as_array().ok_or("no plugins")?;
        let mut others = items.iter().filter(|plugin| text(plugin, "state") == "enabled");
        Ok(others.all(|plugin| plugin["lag"] == 0).then_some(()))
    })?;
    Ok(["new", "review"].iter().filter_map(|name| counts[*name].as_u64()).sum())
}

fn switch(admin: &Client, how: &str) -> Outcome<()> {
    admin.send("POST", &format!("/plugins/tally/{how}"), &json!({})).map(drop)
}

/// People read and write while a backlog is drained.
fn while_draining(house: &House, server: &Server, admin: &Client, n: u64) -> Outcome<Vec<Figure>> {
    let samples = Samples::take(admin, 0)?;
    let paths = samples.fill_all("/records/customer/{id}");
    let make = |n: u64| Request::get(paths[n as usize % paths.len()].clone());
    let rate = Pace::Rate(house.plan.rate);
    load(server, admin, rate, house.plan.span, make)?;
    let quiet = load(server, admin, rate, house.plan.span, make)?;
    let n_events = backlog(server, admin, 2, n, "user")?;
    switch(admin, "enable")?;
    let busy = load(server, admin, rate, house.plan.span, make)?;
    let n_left = plugin::lag(admin, TALLY)?;
    until("the backlog is drained", || Ok((plugin::lag(admin, TALLY)? == 0).then_some(())))?;
    let ratio = busy.ms(99.0) / quiet.ms(99.0);
    let figure = Figure::new(format!("reads while {n_events} events are drained, p99"), ratio, "×")
        .with("quiet_p99_ms", quiet.ms(99.0))
        .with("busy_p99_ms", busy.ms(99.0))
        .with("events_left", n_left as f64)
        .target("≤ 2 ×");
    Ok(vec![figure])
}

/// How soon effects are told of, from the moment the creates were due.
pub struct Soon(Histogram<u64>);

impl Soon {
    /// As a figure.
    pub fn what(self, what: String) -> Figure {
        let ms = |percent: f64| self.0.value_at_quantile(percent / 100.0) as f64 / 1e3;
        Figure::new(what, ms(50.0), "ms")
            .with("p50_ms", ms(50.0))
            .with("p99_ms", ms(99.0))
            .with("n", self.0.len() as f64)
    }
}

/// Make customers at a rate and listen to the stream of events for what follows each: an event, and the field it has changed where others
/// change others. `own` when the effect is on the customer itself.
pub fn until_effect(
    house: &House,
    admin: &Client,
    space: u64,
    r#type: &str,
    effect: Effect<'_>,
    own: bool,
) -> Outcome<Soon> {
    let rate = house.plan.rate;
    let n_wanted = (f64::from(rate) * house.plan.span.as_secs_f64()) as usize;
    let (made, heard) = (Mutex::new(HashMap::new()), Mutex::new(HashMap::new()));
    let is_over = AtomicBool::new(false);
    let customer = |n: usize| {
        let org = if own { "d1".to_owned() } else { format!("d{}", n as u32 % house.plan.dealers + 1) };
        people::customer(&org, space * 100_000 + n as u64, r#type)
    };
    let (listener, path) = (admin.again(), format!("/events/stream?kind={}", effect.0));
    thread::scope(|scope| -> Outcome<()> {
        let ears = scope.spawn(|| {
            listener.listen(&path, |line| {
                let Some(data) = line.strip_prefix("data:") else { return true };
                let event: Value = serde_json::from_str(data.trim()).unwrap_or_default();
                if !tells_of(&event, effect) {
                    return true;
                }
                let subject = event["subject"].as_str().unwrap_or_default().to_owned();
                let Ok(mut heard) = heard.lock() else { return false };
                heard.entry(subject).or_insert_with(Instant::now);
                !is_over.load(Ordering::SeqCst)
            })
        });
        // Whoever listens hears what comes after it is heard that he does.
        pause(Duration::from_millis(200));
        let begin = Instant::now();
        for n in 0..n_wanted {
            let due = begin + Duration::from_secs_f64(n as f64 / f64::from(rate));
            pause(due.saturating_duration_since(Instant::now()));
            let record = admin.send("POST", "/records/customer", &customer(n))?;
            made.lock().map_err(|_| "a thread has panicked")?.insert(text(&record, "id").to_owned(), due);
        }
        // Others' effects on other customers are heard as well, so each of ours is looked for.
        let heard_all = || {
            let (made, heard) =
                (made.lock().map_err(|_| "a thread has panicked")?, heard.lock().map_err(|_| "a thread has panicked")?);
            Ok(made.keys().all(|id| heard.contains_key(id)).then_some(()))
        };
        until("every effect is told of", heard_all)?;
        is_over.store(true, Ordering::SeqCst);
        // Whoever listens looks up at the next thing he hears.
        admin.send("POST", "/records/customer", &customer(n_wanted))?;
        ears.join().map_err(|_| "a thread has panicked")?
    })?;
    let mut taken = Histogram::new_with_bounds(1, 600_000_000, 3)?;
    let heard = heard.into_inner().map_err(|_| "a thread has panicked")?;
    for (id, due) in made.into_inner().map_err(|_| "a thread has panicked")? {
        let told = heard.get(&id).ok_or("an effect was never told of")?;
        taken.record((told.saturating_duration_since(due).as_micros() as u64).max(1))?;
    }
    Ok(Soon(taken))
}

/// Whether an event names the field that the effect changes, where the effect is told by one.
fn tells_of(event: &Value, effect: Effect<'_>) -> bool {
    let mut changed = event["data"]["changed"].as_array().into_iter().flatten();
    effect.1.is_none_or(|field| changed.any(|name| name == field))
}

fn pause(length: Duration) {
    #[expect(clippy::disallowed_methods, reason = "requests go out when they are due")]
    thread::sleep(length);
}
