//! Figures: each with its unit, the limit that was measured beside it, and what it should be; as a table and as JSON.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::Serialize;
use serde_json::json;

use crate::{Outcome, computer, house::Plan, load::Taken, scenarios::Scenario};

/// One thing that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    /// The same of the bare limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    bare: Option<f64>,
    /// What design wants of it on two quiet cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'static str>,
    /// Latencies, processor time and whatever else belongs to it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    more: BTreeMap<&'static str, f64>,
}

impl Figure {
    /// A number.
    pub fn new(what: impl Into<String>, value: f64, unit: &'static str) -> Figure {
        Figure { what: what.into(), value, unit, bare: None, target: None, more: BTreeMap::new() }
    }

    /// Answers a second, with latencies and what each cost.
    pub fn rate(what: impl Into<String>, taken: &Taken) -> Figure {
        Figure::new(what, taken.per_second, "/s").with("cpu_us", taken.cpu_us).latencies(taken)
    }

    /// How long half of the answers took, and nearly all of them.
    pub fn latency(what: impl Into<String>, taken: &Taken) -> Figure {
        Figure::new(what, taken.ms(50.0), "ms").with("cpu_us", taken.cpu_us).latencies(taken)
    }

    fn latencies(self, taken: &Taken) -> Figure {
        let n = taken.len() as f64;
        self.with("n", n).with("p50_ms", taken.ms(50.0)).with("p99_ms", taken.ms(99.0)).with("max_ms", taken.ms(100.0))
    }

    /// Beside the limit.
    pub fn beside(self, bare: f64) -> Figure {
        Figure { bare: Some(bare), ..self }
    }

    /// What it should be.
    pub fn target(self, target: &'static str) -> Figure {
        Figure { target: Some(target), ..self }
    }

    /// The same of a store of another size.
    pub fn of(self, customers: u32) -> Figure {
        Figure { what: format!("{} of {customers}", self.what), ..self }
    }

    /// With a number that belongs to it.
    pub fn with(mut self, name: &'static str, value: f64) -> Figure {
        self.more.insert(name, value);
        self
    }

    fn key(&self, scenario: Scenario) -> String {
        format!("{scenario:?}/{}", self.what)
    }
}

/// All figures of a run.
pub struct Report {
    plan: Plan,
    begun: Instant,
    load_before: f64,
    taken: Vec<(Scenario, &'static str, Figure)>,
}

impl Report {
    /// Nothing yet.
    #[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
    pub fn begin(plan: &Plan) -> Report {
        let load_before = computer::load();
        println!("{}; load {load_before:.1} at the beginning; commit {}", computer::machine(), computer::commit());
        println!(
            "columns: figure; the bare limit measured beside it and how far ours comes; p50, p99 ms; processor µs each; target"
        );
        Report { plan: plan.clone(), begun: Instant::now(), load_before, taken: Vec::new() }
    }

    /// What comes now.
    #[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
    pub fn head(&self, scenario: Scenario) {
        println!("\n{scenario:?}  ({:.0} s so far, load {:.1})", self.begun.elapsed().as_secs_f64(), computer::load());
    }

    /// Why there is no figure.
    #[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
    pub fn say(&self, why: &str) {
        println!("  {why}");
    }

    /// Keep a scenario's figures and show them, beside those of the server before where there are some.
    #[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
    pub fn take(&mut self, scenario: Scenario, by: &'static str, figures: Vec<Figure>) {
        if figures.is_empty() {
            self.say(
                "left out: there is no time to make a store that is larger than the usual one; say a longer --budget",
            );
        }
        for figure in figures {
            let now = self.taken.iter().find(|(of, by, now)| by.is_empty() && now.key(*of) == figure.key(scenario));
            let against = now.filter(|_| !by.is_empty()).map(|(.., now)| versus(now, &figure)).unwrap_or_default();
            println!("  {by:<6} {}{against}", line(&figure));
            self.taken.push((scenario, by, figure));
        }
    }

    /// Write them down.
    #[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
    pub fn end(&self, folder: Option<&Path>) -> Outcome<()> {
        let load_after = computer::load();
        println!("\n{:.0} s; load {load_after:.1} at the end", self.begun.elapsed().as_secs_f64());
        let Some(folder) = folder else { return Ok(()) };
        let at = unix_time()?.as_secs();
        let figures: Vec<_> = self
            .taken
            .iter()
            .map(
                |(scenario, by, figure)| json!({ "scenario": format!("{scenario:?}"), "server": by, "figure": figure }),
            )
            .collect();
        let told = json!({
            "at": at, "commit": computer::commit(), "machine": computer::machine(), "load": [self.load_before, load_after],
            "customers": self.plan.customers, "dealers": self.plan.dealers, "rows": self.plan.rows,
            "seconds": self.plan.span.as_secs_f64(), "figures": figures,
        });
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{}-{at}.json", computer::commit()));
        fs::write(&path, format!("{told:#}\n"))?;
        println!("written to {}", path.display());
        Ok(())
    }
}

fn line(figure: &Figure) -> String {
    let Figure { what, value, unit, bare, target, more } = figure;
    let bare = bare.map_or(String::new(), |bare| format!("bare {} ({:.2})", number(bare), value / bare));
    let latencies = match (more.get("p50_ms"), more.get("p99_ms")) {
        (Some(p50), Some(p99)) => format!("{p50:.2} {p99:.2}"),
        _ => String::new(),
    };
    let cpu = more.get("cpu_us").map_or(String::new(), |cpu| format!("{cpu:.0} µs"));
    let others: Vec<String> = more
        .iter()
        .filter(|(name, _)| !["p50_ms", "p99_ms", "max_ms", "cpu_us", "n"].contains(*name))
        .map(|(name, value)| format!("{name} {}", number(*value)))
        .collect();
    let target = target.map_or(String::new(), |target| format!("want {target}"));
    let tail = [others.join(", "), target].join("  ");
    format!("{what:<48} {:>9} {unit:<5} {bare:<24} {latencies:<14} {cpu:>8}  {}", number(*value), tail.trim())
}

fn versus(now: &Figure, before: &Figure) -> String {
    let cpu = |figure: &Figure| figure.more.get("cpu_us").copied().filter(|cpu| *cpu > 0.0);
    let cpu = cpu(now).zip(cpu(before)).map_or(String::new(), |(now, before)| format!(", cpu ×{:.2}", now / before));
    format!("  now ×{:.2}{cpu}", now.value / before.value)
}

/// Three figures that count, and no more than there are.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        middle if middle >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// Since 1970, for names that no earlier run has.
#[expect(clippy::disallowed_methods, reason = "a run is known by when it was")]
pub fn unix_time() -> Outcome<Duration> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stands_beside_its_limit() {
        let told = line(&Figure::new("create", 500.0, "/s").beside(1_000.0).with("cpu_us", 120.0).target("≥ 8 000"));
        assert!(
            told.contains("bare 1000 (0.50)") && told.contains("120 µs") && told.contains("want ≥ 8 000"),
            "{told}"
        );
    }

    #[test]
    fn numbers_are_as_exact_as_they_are_known() {
        assert_eq!(["1234", "12.3", "0.12"].map(String::from), [1234.4, 12.34, 0.123].map(number));
    }
}
