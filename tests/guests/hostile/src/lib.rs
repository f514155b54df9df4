//! A guest that misbehaves on request: the action's name, or `do` in an event's data, says how.
//!
//! Whatever it does, it stages one allowed command first, so that a test can see that the command goes nowhere.

#![expect(unsafe_code, reason = "the generated border to the host has it")]

mod wire {
    wit_bindgen::generate!({ path: "../../../sdk/wit/v1", world: "everything", generate_all });
}

mod misdeeds;

use wire::{
    exports::marque::plugin::{act, react, upkeep},
    marque::plugin::{
        ask,
        types::{Command, Event, Fault},
    },
};

struct Hostile;

impl act::Guest for Hostile {
    fn run(action: String, _target: Option<String>, input: String) -> Result<String, Fault> {
        misdeeds::do_it(&action, &input)
    }
}

impl react::Guest for Hostile {
    fn handle(batch: Vec<Event>) -> Result<Vec<react::Verdict>, Fault> {
        let mut verdicts = Vec::new();
        for event in batch {
            let data: serde_json::Value = serde_json::from_str(&event.data).unwrap_or_default();
            let verdict = |seq: &str, note: &str| react::Verdict {
                seq: seq.into(),
                outcome: react::Outcome::Park,
                note: Some(note.into()),
            };
            match data["do"].as_str().unwrap_or_default() {
                "nothing" => {}
                "data" => verdicts.push(verdict(&event.seq, &event.data)),
                "park" => verdicts.push(verdict(&event.seq, "a\nperson\u{1b}[2J must look")),
                "park_another" => verdicts.push(verdict("999999", "")),
                "park_twice" => verdicts.extend([verdict(&event.seq, ""), verdict(&event.seq, "")]),
                "park_wordily" => verdicts.push(verdict(&event.seq, &"x".repeat(600 << 10))),
                misdeed => drop(misdeeds::do_it(misdeed, &event.data)?),
            }
        }
        Ok(verdicts)
    }
}

impl upkeep::Guest for Hostile {
    fn migrate(old: String, _new: String) -> Result<(), Fault> {
        misdeeds::do_it(&old, "{}").map(drop)
    }
}

/// A command the manifest allows.
fn allowed() -> Command {
    Command { name: "timer.set".into(), body: r#"{"key":"k","at":"2026-03-13T02:00:00Z"}"#.into() }
}

fn stage(command: Command) -> Result<(), Fault> {
    ask::stage(&[command])
}

wire::export!(Hostile with_types_in wire);
