//! Marks every customer it hears of, unless the customer's note tells it to misbehave.
//!
//! The mark is staged first, so that a test can see that a call that is stopped leaves nothing behind. By the clock it marks the newest
//! customer; a newer version takes over old marks fifty at a time, and gets stuck where a customer is named 卡住.

use std::hint::black_box;

use marque_sdk::{Event, Filter, Outcome, React, Result, Upkeep, log, record, view};

struct Wayward;

#[derive(serde::Deserialize)]
struct Customer {
    #[serde(default)]
    note: String,
}

impl React for Wayward {
    fn handle(event: &Event) -> Result<Outcome> {
        if event.job().is_some() {
            return by_the_clock();
        }
        let Some(about) = event.record() else { return Ok(Outcome::Skip) };
        record::create("wayward.mark").field("customer", &about.id).field("text", "seen").stage()?;
        let customer = view::require::<Customer>("customer", &about.id)?;
        match customer.data.note.as_str() {
            "loop" => spin(),
            "memory" => hoard(),
            "trap" => std::process::abort(),
            _ => {}
        }
        Ok(Outcome::Done)
    }
}

impl Upkeep for Wayward {
    fn migrate(_old: &str, _new: &str) -> Result<()> {
        let stuck = view::find::<Customer>("customer").filter(Filter::eq("name", "卡住")).first()?;
        if stuck.is_some() {
            std::process::abort();
        }
        let old = view::find::<Mark>("wayward.mark").filter(Filter::eq("text", "seen")).limit(50).page()?;
        log::info("takes over old marks");
        for mark in old.items {
            record::change("wayward.mark", &mark.id).field("text", "taken over").stage()?;
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Mark {}

fn by_the_clock() -> Result<Outcome> {
    let Some(newest) = view::find::<Customer>("customer").order("-created_at").first()? else {
        return Ok(Outcome::Skip);
    };
    record::create("wayward.mark").field("customer", &newest.id).field("text", "by the clock").stage()?;
    Ok(Outcome::Done)
}

fn spin() {
    let mut n = 0u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

/// Takes a megabyte at a time until nobody gives it any more: 4 GB, if it is let.
fn hoard() {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    for _ in 0..4_096 {
        taken.push(black_box(vec![1; 1 << 20]));
    }
    black_box(taken);
}

marque_sdk::plugin!(Wayward: react, upkeep);
