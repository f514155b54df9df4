//! Measures the built server: what it does, what that costs, and how near it comes to bare axum and SQLite doing only the query.
//!
//! `cargo xtask bench` builds what is needed and runs this.

mod bare;
mod client;
mod computer;
mod house;
mod load;
mod people;
mod plugin;
mod report;
mod scenarios;
mod server;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

use house::{House, Plan};
use report::Report;
use scenarios::Scenario;

/// Anything that went wrong, in words.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Debug, Parser)]
#[command(about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure.
    Run(Run),
    /// The limit: the same questions and writes in bare axum and rusqlite. Started by `run`.
    #[command(hide = true)]
    Bare(bare::Bare),
}

#[derive(Debug, clap::Args)]
struct Run {
    /// Only these; all when none is named.
    scenarios: Vec<Scenario>,
    /// A hundredth of everything: whether each scenario works, not how fast.
    #[arg(long)]
    small: bool,
    /// Customers of the store that most is asked of.
    #[arg(long, default_value_t = 100_000)]
    customers: u32,
    /// Customers of the large store; as many as there is time for.
    #[arg(long, default_value_t = 1_000_000)]
    many: u32,
    /// Dealers of a store.
    #[arg(long, default_value_t = 316)]
    dealers: u32,
    /// Rows of the import, and events that are waited for.
    #[arg(long, default_value_t = 100_000)]
    rows: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Minutes that all of it may take; the large store gets what is left of them.
    #[arg(long, default_value_t = 12)]
    budget: u64,
    /// The server to measure.
    #[arg(long)]
    server: PathBuf,
    /// An earlier server: each scenario runs on it as well, right after the other.
    #[arg(long)]
    against: Option<PathBuf>,
    /// Where `tally.wasm` and its folder are: the repository.
    #[arg(long)]
    root: PathBuf,
    /// Where filled stores are kept from run to run; thrown away unless given.
    #[arg(long)]
    stores: Option<PathBuf>,
    /// Where the figures go as JSON.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(run) => run.run(),
        Command::Bare(bare) => bare.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

impl Run {
    fn run(self) -> Outcome<()> {
        let plan = self.plan();
        let mut report = Report::begin(&plan);
        let mut houses =
            vec![House::new("", self.server.clone(), self.root.clone(), self.stores.clone(), plan.clone())?];
        if let Some(against) = &self.against {
            let stores = self.stores.as_ref().map(|stores| stores.join("before"));
            houses.push(House::new("before", against.clone(), self.root.clone(), stores, plan.clone())?);
        }
        for scenario in Scenario::wanted(&self.scenarios) {
            report.head(scenario);
            if houses.iter().any(|house| house.time_left().is_zero()) {
                report.say("left out: the time that all of it may take is over; say a longer --budget");
                continue;
            }
            for house in &mut houses {
                let figures = scenario.run(house).map_err(|error| format!("{scenario:?}: {error}"))?;
                report.take(scenario, house.name(), figures);
            }
        }
        report.end(self.out.as_deref())
    }

    fn plan(&self) -> Plan {
        let small = Plan {
            customers: 300,
            many: 0,
            dealers: 3,
            rows: 300,
            span: Duration::from_millis(300),
            rate: 30,
            budget: Duration::from_secs(120),
            is_small: true,
        };
        let whole = Plan {
            customers: self.customers,
            many: self.many,
            dealers: self.dealers,
            rows: self.rows,
            span: Duration::from_secs(self.seconds),
            rate: 100,
            budget: Duration::from_secs(self.budget * 60),
            is_small: false,
        };
        if self.small { small } else { whole }
    }
}

/// A JSON value's member as text.
fn text<'a>(value: &'a serde_json::Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
