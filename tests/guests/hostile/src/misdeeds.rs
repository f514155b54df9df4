//! Everything it can do wrong, and the few things it does right for comparison.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{
    allowed, stage,
    wire::marque::plugin::{
        ask, info,
        types::{Command, Fault},
        view,
    },
};

/// Survives the call if instances are used twice, which they must not be.
static CALLS: AtomicU32 = AtomicU32::new(0);

pub fn do_it(misdeed: &str, input: &str) -> Result<String, Fault> {
    stage(allowed())?;
    match misdeed {
        "loop" => spin(),
        "host_calls" => loop {
            black_box(info::call());
        },
        "memory" => hoard(),
        "memory_survived" => return Ok(survive()),
        "recursion" => drop(black_box(recurse(0))),
        "trap" => trap(),
        "panic" => panic_aloud(),
        "index" => drop(black_box(vec![0u8; 3][black_box(7)])),
        "stage_flood" => loop {
            stage(allowed())?;
        },
        "stage_in_bulk" => ask::stage(&(0..3_000).map(|_| small()).collect::<Vec<_>>())?,
        "stage_heavily" => loop {
            stage(Command { body: format!(r#"{{"key":"{}"}}"#, "k".repeat(100_000)), ..allowed() })?;
        },
        "emit_flood" => loop {
            stage(Command { name: "event.raise".into(), body: r#"{"kind":"hostile.done"}"#.into() })?;
        },
        "log_flood" => (0..1_500).for_each(|n| info::log(2, &format!("line {n}"), "{}")),
        "log_forged" => info::log(4, "fine\r\n2026-03-13 INFO all is well\u{1b}[2J\u{202e}", "no json\n"),
        "log_long" => info::log(4, &"汉".repeat(5_000), &"x".repeat(5_000)),
        "log_huge" => info::log(4, &"x".repeat(8 << 20), "{}"),
        other => return do_more(other, input),
    }
    Ok("{}".into())
}

fn do_more(misdeed: &str, input: &str) -> Result<String, Fault> {
    match misdeed {
        "emit_foreign" => stage(Command { name: "event.raise".into(), body: r#"{"kind":"customer.merged"}"#.into() })?,
        "stage_foreign" => stage(Command { name: "customer.erase".into(), body: r#"{"id":"c1"}"#.into() })?,
        "stage_foreign_kind" => {
            stage(Command { name: "record.create".into(), body: r#"{"kind":"customer","data":{}}"#.into() })?;
        }
        "stage_text" => stage(Command { body: "\"no object\"".into(), ..allowed() })?,
        "stage_garbage" => stage(Command { body: "{".into(), ..allowed() })?,
        "stage_deep" => stage(Command { body: "[".repeat(100_000), ..allowed() })?,
        "read_foreign" => drop(view::get("hostile.secret", &["c1".into()])?),
        "find_foreign" => drop(view::find("hostile.secret", "{}")?),
        "count_foreign" => drop(view::aggregate("hostile.secret", "{}")?),
        "find_garbage" => drop(view::find("customer", r#"{"filter":{"sql":"; drop table"},"surprise":1}"#)?),
        "read_flood" => loop {
            black_box(view::get("customer", &(0..1_000).map(|n| n.to_string()).collect::<Vec<_>>())?);
        },
        "read_heavily" => loop {
            black_box(view::get("customer", &vec!["c1".to_string(); 500])?);
        },
        "read" => return view::get("customer", &["c1".into(), "c2".into()]),
        "find" => return view::find("customer", r#"{"filter":{"type":"prospect"}}"#),
        "count" => return view::aggregate("customer", r#"{"measures":{"n":{"count":true}}}"#),
        "read_odd_ids" => return view::get("customer", &["../etc".into(), "c1".into(), String::new()]),
        "decide_foreign" => drop(ask::decide("complaint.level", "{}")?),
        "decide" => return ask::decide("hostile.level", input),
        "decide_flood" => loop {
            black_box(ask::decide("hostile.level", input)?);
        },
        "decide_all" => {
            for _ in 0..serde_json::from_str::<u32>(input).unwrap_or(0) {
                ask::decide("hostile.level", "{}")?;
            }
        }
        "reply_huge" => return Ok(format!("\"{}\"", "x".repeat(600 << 10))),
        "reply_too_huge" => return Ok(format!("\"{}\"", "x".repeat(4 << 20))),
        "reply_garbage" => return Ok("{\"a\":".into()),
        "fault" => return Err(odd_fault()),
        "denied_and_on" => {
            black_box(view::get("hostile.secret", &["c1".into()])).expect_err("it is not granted");
            black_box(stage(Command { name: "customer.erase".into(), body: "{}".into() })).expect_err("nor is this");
        }
        "ids" => return Ok(format!("[\"{}\",\"{}\"]", ask::new_id(), ask::new_id())),
        "call" => return Ok(info::call()),
        "settings" => return Ok(info::settings()),
        "due" => return Ok(format!("\"{}\"", info::due("2026-03-13T02:00:00Z", "24h")?)),
        "due_garbage" => drop(info::due("yesterday", "a while")?),
        "count_calls" => return Ok(CALLS.fetch_add(1, Ordering::Relaxed).to_string()),
        _ => {}
    }
    Ok("{}".into())
}

fn small() -> Command {
    Command { name: "timer.set".into(), body: "{}".into() }
}

fn spin() {
    let mut n = 0u64;
    loop {
        n = black_box(n.wrapping_add(1));
    }
}

/// Takes memory until the allocator gives up, and the guest with it.
fn hoard() {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        hoard.push(black_box(vec![1u8; 1 << 20]));
    }
}

/// Takes memory until it gets no more, and lives with that.
fn survive() -> String {
    let mut hoard: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut block = Vec::<u8>::new();
        if block.try_reserve_exact(4 << 20).is_err() {
            return hoard.len().to_string();
        }
        hoard.push(block);
    }
}

#[expect(unconditional_recursion, reason = "this is the misdeed")]
fn recurse(depth: u64) -> u64 {
    let room = black_box([depth; 64]);
    recurse(black_box(depth + 1)) + room[7]
}

fn trap() {
    std::process::abort();
}

/// As the SDK does it: the words go to the log before the trap.
fn panic_aloud() {
    std::panic::set_hook(Box::new(|panic| info::log(4, &panic.to_string(), "{}")));
    panic!("half way");
}

/// Poses as the host, with control characters.
fn odd_fault() -> Fault {
    Fault {
        code: "host\n".into(),
        message: format!("it was\r\nnot me{}", "!".repeat(5_000)),
        retry: false,
        details: Some("\u{1b}[2J".into()),
    }
}
