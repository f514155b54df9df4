//! What the bench puts behind events: by the type of the customer that was made it writes a mark, does nothing, or never comes back.

use std::hint::black_box;

use marque_sdk::{Event, Outcome, React, Result, record};

struct Tally;

impl React for Tally {
    fn handle(event: &Event) -> Result<Outcome> {
        match event.quoted_text("type") {
            Some("user") => {
                record::create("tally.mark").field("customer", event.subject()?).stage()?;
                Ok(Outcome::Done)
            }
            Some("partner") => {
                let mut n = 0u64;
                loop {
                    n = black_box(n.wrapping_add(1));
                }
            }
            _ => Ok(Outcome::Skip),
        }
    }
}

marque_sdk::plugin!(Tally: react);
