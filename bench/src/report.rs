//! Figures: percentiles, ratios, and on what they were taken.

use std::{fs, process::Command, thread, time::Duration};

use serde::Serialize;
use serde_json::json;

use crate::Outcome;

/// What one scenario came to. Times in milliseconds.
#[derive(Debug, Serialize)]
pub struct Figure {
    name: String,
    /// Half of the answers came within.
    p50_ms: f64,
    /// Ninety-nine of a hundred came within.
    p99_ms: f64,
    /// Answers a second on eight connections.
    per_second: f64,
    bare_p50_ms: f64,
    bare_p99_ms: f64,
    /// How much longer the whole way takes than the query alone.
    ratio_p50: f64,
}

impl Figure {
    /// Of latencies with and without us.
    pub fn new(name: &str, latencies: Vec<Duration>, per_second: f64, bare: Vec<Duration>) -> Figure {
        let (p50_ms, p99_ms) = percentiles(latencies);
        let (bare_p50_ms, bare_p99_ms) = percentiles(bare);
        let ratio_p50 = p50_ms / bare_p50_ms.max(0.001);
        Figure { name: name.into(), p50_ms, p99_ms, per_second, bare_p50_ms, bare_p99_ms, ratio_p50 }
    }
}

fn percentiles(mut taken: Vec<Duration>) -> (f64, f64) {
    taken.sort();
    let at = |part: f64| taken.get(((taken.len() as f64 * part) as usize).min(taken.len().saturating_sub(1)));
    let ms = |taken: Option<&Duration>| taken.map_or(f64::NAN, |taken| taken.as_secs_f64() * 1e3);
    (ms(at(0.5)), ms(at(0.99)))
}

/// One line of the table, as soon as it is known.
#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
pub fn line(figure: &Figure) {
    let Figure { name, p50_ms, p99_ms, per_second, bare_p50_ms, bare_p99_ms, ratio_p50 } = figure;
    println!(
        "| {name} | {p50_ms:.2} | {p99_ms:.2} | {per_second:.0} | {bare_p50_ms:.3} | {bare_p99_ms:.3} | {ratio_p50:.1} |"
    );
}

/// The end of a run.
#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
pub fn tell(
    as_json: bool,
    customers: usize,
    dealers: usize,
    filled_in: Option<Duration>,
    figures: &[Figure],
) -> Outcome<()> {
    let machine = machine();
    let commit = commit();
    let filled_s = filled_in.map(|span| span.as_secs_f64());
    if as_json {
        let told = json!({ "customers": customers, "dealers": dealers, "filled_s": filled_s, "machine": machine, "commit": commit, "figures": figures });
        println!("{told:#}");
        return Ok(());
    }
    println!(
        "columns: p50 ms, p99 ms at the fixed rate; answers/s on 8 connections; bare p50 ms, p99 ms; ratio of p50"
    );
    println!("{customers} customers, {dealers} dealers; {machine}; commit {commit}");
    if let Some(seconds) = filled_s {
        println!("sample data made in {seconds:.0} s");
    }
    Ok(())
}

fn machine() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("", |rest| rest.trim_start_matches([':', '\t', ' ']));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!("{cores} cores {model}, load {load} at the end")
}

fn commit() -> String {
    let asked = Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    asked
        .ok()
        .filter(|output| output.status.success())
        .map_or_else(|| "unknown".into(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
