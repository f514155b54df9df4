//! Marks every customer it hears of, unless the customer's note tells it to misbehave.
//!
//! The mark is staged first, so that a test can see that a call that is stopped leaves nothing behind.

use std::hint::black_box;

use marque_sdk::{Event, Outcome, React, Result, record, view};

struct Wayward;

#[derive(serde::Deserialize)]
struct Customer {
    #[serde(default)]
    note: String,
}

impl React for Wayward {
    fn handle(event: &Event) -> Result<Outcome> {
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

marque_sdk::plugin!(Wayward: react);
