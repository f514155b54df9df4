//! Questions of `scenarios/find.json`: latencies at a fixed rate, the most answers on eight connections, and the same of the bare server.

use std::{path::Path, thread, time::Duration};

use serde::Deserialize;
use serde_json::json;

use crate::{
    Outcome,
    client::Client,
    house::House,
    load::{Pace, Request, Taken, load},
    report::Figure,
    server::Server,
    text,
};

/// One question, and the same asked of the file alone. `{word}` is filled from the samples.
#[derive(Debug, Deserialize)]
pub struct Question {
    pub name: String,
    #[serde(default, rename = "as")]
    by: Option<String>,
    path: String,
    /// The statement, with at most one parameter.
    pub bare: String,
    /// What that is.
    #[serde(default)]
    word: String,
    #[serde(default)]
    target: Option<String>,
}

/// All of them.
pub fn questions() -> Outcome<&'static [Question]> {
    static QUESTIONS: std::sync::OnceLock<Result<Vec<Question>, String>> = std::sync::OnceLock::new();
    let read = || serde_json::from_str(include_str!("../../scenarios/find.json")).map_err(|error| error.to_string());
    Ok(QUESTIONS.get_or_init(read).as_ref().map_err(Clone::clone)?)
}

pub fn run(house: &mut House) -> Outcome<Vec<Figure>> {
    let folder = house.usual()?;
    ask_all(house, folder.path())
}

/// Ask a store.
pub fn ask_all(house: &House, folder: &Path) -> Outcome<Vec<Figure>> {
    let server = house.serve(folder, &[])?;
    let (admin, dealer) = (server.admin()?, server.staff("zhao")?);
    let samples = Samples::take(&admin, if house.plan.is_small { 20 } else { EVENTS })?;
    let bare = Server::bare(folder)?;
    let mut figures = Vec::new();
    for (n, question) in questions()?.iter().enumerate() {
        let client = if question.by.as_deref() == Some("dealer") { &dealer } else { &admin };
        let (at_rate, fast) = measure(house, &server, client, &samples.fill_all(&question.path))?;
        let words = samples.fill_all(&question.word);
        let asked: Vec<String> = words.iter().map(|word| format!("/ask/{n}?word={word}")).collect();
        let limit = most(house, &bare, &bare.anybody(), &asked)?;
        let mut figure = Figure::rate(&question.name, &fast)
            .with("p50_ms", at_rate.ms(50.0))
            .with("p99_ms", at_rate.ms(99.0))
            .with("max_ms", at_rate.ms(100.0))
            .with("bare_cpu_us", limit.cpu_us)
            .beside(limit.per_second);
        if let Some(target) = &question.target {
            figure = figure.target(target);
        }
        figures.push(figure);
    }
    Ok(figures)
}

fn measure(house: &House, server: &Server, client: &Client, paths: &[String]) -> Outcome<(Taken, Taken)> {
    // Whatever is read for the first time is not what is measured.
    for path in paths {
        client.ask("GET", path, b"")?;
    }
    let make = |n: u64| Request::get(paths[n as usize % paths.len()].clone());
    let at_rate = load(server, client, Pace::Rate(house.plan.rate), house.plan.span, make)?;
    Ok((at_rate, most(house, server, client, paths)?))
}

fn most(house: &House, server: &Server, client: &Client, paths: &[String]) -> Outcome<Taken> {
    load(server, client, Pace::Most(8), house.plan.span, |n| Request::get(paths[n as usize % paths.len()].clone()))
}

/// What the questions are asked about: values that are in the store.
pub struct Samples {
    words: Vec<Vec<(&'static str, String)>>,
}

const CITIES: [&str; 4] = ["武汉", "长沙", "成都", "上海"];
const NAMES: [(&str, &str); 4] = [("王伟", "wangwei"), ("李强", "liqiang"), ("张敏", "zhangmin"), ("陈静", "chenjing")];
/// Of the customer whose page is opened.
const EVENTS: usize = 500;

impl Samples {
    /// From a store that has customers; one of them is given so many events.
    pub fn take(client: &Client, n_events: usize) -> Outcome<Samples> {
        let newest = client.get("/records/customer?limit=4")?;
        let items = newest["items"].as_array().ok_or("no customers")?;
        let busy = items[0]["id"].as_str().ok_or("no id")?.to_owned();
        for n in 0..n_events {
            let data = json!({ "note": format!("第{n}次联系") });
            client.send("PATCH", &format!("/records/customer/{busy}"), &json!({ "data": data }))?;
        }
        let filter = json!({ "city": "武汉", "type": "owner" });
        // A store that is kept has those of earlier runs.
        let name = format!("武汉车主 {}", crate::report::unix_time()?.as_millis());
        let segment =
            client.send("POST", "/segments", &json!({ "name": name, "kind": "customer", "filter": filter }))?;
        let segment = segment["id"].as_str().ok_or("no segment")?.to_owned();
        while client.get(&format!("/segments/{segment}"))?["is_filling"] == true {
            #[expect(clippy::disallowed_methods, reason = "there is nothing but the answer to wait for")]
            thread::sleep(Duration::from_millis(20));
        }
        let words = items.iter().enumerate().map(|(n, item)| {
            let phone = text(&item["data"], "phone");
            vec![
                ("city", CITIES[n].to_owned()),
                ("name", NAMES[n].0.to_owned()),
                ("pinyin", NAMES[n].1.to_owned()),
                ("tail", phone[phone.len().saturating_sub(4)..].to_owned()),
                ("id", text(item, "id").to_owned()),
                ("busy", busy.clone()),
                ("segment", segment.clone()),
            ]
        });
        Ok(Samples { words: words.collect() })
    }

    /// A text with each set of values.
    pub fn fill_all(&self, text: &str) -> Vec<String> {
        let fill = |words: &Vec<(&str, String)>| {
            words.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
        };
        self.words.iter().map(fill).collect()
    }
}
