//! Measures the built server: latencies at a fixed rate, the most it does, and both beside bare SQLite doing only the query.
//!
//! `cargo run --release -p marque-bench -- find --customers 100000 --dealers 316`

mod bare;
mod client;
mod report;
mod server;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use serde::Deserialize;
use serde_json::{Value, json};

use client::Client;
use report::Figure;

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
    /// Lists, searches, segments and the customer page.
    Find(Find),
}

#[derive(Debug, clap::Args)]
struct Find {
    /// How many customers.
    #[arg(long, default_value_t = 100_000)]
    customers: usize,
    /// How many dealers.
    #[arg(long, default_value_t = 316)]
    dealers: usize,
    /// Requests a second while latencies are taken.
    #[arg(long, default_value_t = 50)]
    rate: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// A folder to keep the store in; with one that is there already, nothing is made up again.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Tell figures as JSON.
    #[arg(long)]
    json: bool,
}

/// One question, and the same asked of the file alone. `{word}` is filled from the samples.
#[derive(Debug, Deserialize)]
struct Scenario {
    name: String,
    #[serde(default, rename = "as")]
    by: Option<String>,
    path: String,
    bare: String,
}

fn main() -> ExitCode {
    let Command::Find(find) = Cli::parse().command;
    match find.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

impl Find {
    fn run(&self) -> Outcome<()> {
        let scenarios: Vec<Scenario> = serde_json::from_str(include_str!("../scenarios/find.json"))?;
        let temporary = tempfile::tempdir()?;
        let folder = self.data.clone().unwrap_or_else(|| temporary.path().to_owned());
        let filled_in = server::fill(&folder, self.customers, self.dealers)?;
        let server = server::Server::start(&folder)?;
        let admin = Client::sign_in(server.address(), "admin", server::PASSWORD)?;
        let dealer = Client::sign_in(server.address(), "d1.zhao", server::STAFF_PASSWORD)?;
        let samples = Samples::take(&admin)?;
        let mut figures = Vec::new();
        for scenario in &scenarios {
            let client = if scenario.by.as_deref() == Some("dealer") { &dealer } else { &admin };
            let figure = self.measure(scenario, client, &samples, &folder)?;
            if !self.json {
                report::line(&figure);
            }
            figures.push(figure);
        }
        report::tell(self.json, self.customers, self.dealers, filled_in, &figures)
    }

    fn measure(
        &self,
        scenario: &Scenario,
        client: &Client,
        samples: &Samples,
        folder: &std::path::Path,
    ) -> Outcome<Figure> {
        let span = Duration::from_secs(self.seconds);
        let paths: Vec<String> = (0..samples.len()).map(|n| samples.fill(&scenario.path, n)).collect();
        // Whatever is read for the first time is not what is measured.
        for path in &paths {
            client.get(path)?;
        }
        let latencies = client::at_rate(client, &paths, self.rate, span)?;
        let most = client::as_fast_as_it_goes(client, &paths, 8, span)?;
        let bare = bare::latencies(folder, &scenario.bare, samples, span)?;
        Ok(Figure::new(&scenario.name, latencies, most, bare))
    }
}

/// What the questions are asked about: values that are in the store.
struct Samples {
    words: Vec<Vec<(&'static str, String)>>,
}

const CITIES: [&str; 4] = ["武汉", "长沙", "成都", "上海"];
const NAMES: [(&str, &str); 4] = [("王伟", "wangwei"), ("李强", "liqiang"), ("张敏", "zhangmin"), ("陈静", "chenjing")];
const EVENTS: usize = 500;

impl Samples {
    fn take(client: &Client) -> Outcome<Samples> {
        let newest = client.get("/records/customer?limit=4")?;
        let items = newest["items"].as_array().ok_or("no customers")?;
        let busy = items[0]["id"].as_str().ok_or("no id")?.to_owned();
        for n in 0..EVENTS {
            client.send(
                "PATCH",
                &format!("/records/customer/{busy}"),
                &json!({ "data": { "note": format!("第{n}次联系") } }),
            )?;
        }
        let filter = json!({ "city": "武汉", "type": "owner" });
        let segment =
            client.send("POST", "/segments", &json!({ "name": "武汉车主", "kind": "customer", "filter": filter }))?;
        let segment = segment["id"].as_str().ok_or("no segment")?.to_owned();
        while client.get(&format!("/segments/{segment}"))?["is_filling"] == true {
            #[expect(clippy::disallowed_methods, reason = "there is nothing but the answer to wait for")]
            std::thread::sleep(Duration::from_millis(100));
        }
        let words = items.iter().enumerate().map(|(n, item)| {
            let phone = item["data"]["phone"].as_str().unwrap_or_default();
            vec![
                ("city", CITIES[n].to_owned()),
                ("name", NAMES[n].0.to_owned()),
                ("pinyin", NAMES[n].1.to_owned()),
                ("tail", phone[phone.len().saturating_sub(4)..].to_owned()),
                ("busy", busy.clone()),
                ("segment", segment.clone()),
            ]
        });
        Ok(Samples { words: words.collect() })
    }

    fn len(&self) -> usize {
        self.words.len()
    }

    fn of(&self, n: usize) -> &[(&'static str, String)] {
        &self.words[n % self.words.len()]
    }

    fn fill(&self, text: &str, n: usize) -> String {
        self.of(n).iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// A JSON value's member as text.
fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}
