//! What `docs/SECURITY.md` claims: every requirement answered once, every test it names there, every gap in words.

use std::collections::BTreeMap;

use crate::house::{Source, catches, files, files_under, refuse};

/// The numbers and levels of ASVS 5.0, levels 1 and 2.
const REQUIREMENTS: &str = include_str!("asvs-5.0.txt");
const STATES: [&str; 4] = ["met", "said", "partly", "no"];

/// One row of the table: id, level, state, and what shows it.
struct Row<'a> {
    id: &'a str,
    level: &'a str,
    state: &'a str,
    shown: &'a str,
}

fn requirements() -> BTreeMap<&'static str, &'static str> {
    REQUIREMENTS.lines().filter_map(|line| line.split_once(' ')).collect()
}

fn is_id(text: &str) -> bool {
    text.split('.').count() == 3 && text.split('.').all(|part| part.parse::<u32>().is_ok())
}

fn cells(line: &str) -> Vec<&str> {
    line.trim_matches('|').split('|').map(str::trim).collect()
}

fn rows(text: &str) -> Vec<Row<'_>> {
    let of = |line| match cells(line)[..] {
        [id, level, _, state, shown] if is_id(id) => Some(Row { id, level, state, shown }),
        _ => None,
    };
    text.lines().filter(|line| line.starts_with('|')).filter_map(of).collect()
}

/// Ids of requirements about things that are not here.
fn not_here(text: &str) -> Vec<&str> {
    let of = |line| match cells(line)[..] {
        [ids, why] if !why.is_empty() && ids.split(' ').all(is_id) => Some(ids.split(' ')),
        _ => None,
    };
    text.lines().filter(|line| line.starts_with('|')).filter_map(of).flatten().collect()
}

/// `path::name` between backticks.
fn tests(shown: &str) -> Vec<(&str, &str)> {
    shown.split('`').skip(1).step_by(2).filter_map(|quoted| quoted.split_once("::")).collect()
}

fn is_there((path, name): (&str, &str), sources: &[Source]) -> bool {
    let head = if path.ends_with(".rs") { format!("fn {name}(") } else { format!("test('{name}'") };
    sources.iter().any(|source| source.path == path && source.text.contains(&head))
}

fn claims(document: &Source, sources: &[Source]) -> Vec<String> {
    let known = requirements();
    let rows = rows(&document.text);
    let passed_over = not_here(&document.text);
    let mut problems = Vec::new();
    for id in known.keys() {
        let n_times =
            rows.iter().filter(|row| row.id == *id).count() + passed_over.iter().filter(|other| *other == id).count();
        if n_times != 1 {
            problems.push(format!("{}: {id} is answered {n_times} times", document.path));
        }
    }
    for Row { id, level, state, shown } in rows {
        let mut refuse = |what: &str| problems.push(format!("{}: {id} {what}", document.path));
        if known.get(id) != Some(&level) {
            refuse("is no requirement of this level");
        }
        let named = tests(shown);
        match state {
            "met" if named.is_empty() => refuse("is said to be met, and no test shows it"),
            _ if !STATES.contains(&state) => refuse("has no state: met, said, partly or no"),
            _ if shown.is_empty() => refuse("says nothing of where it stands or what is missing"),
            _ => {}
        }
        for test in named.into_iter().filter(|test| !is_there(*test, sources)) {
            refuse(&format!("names {}::{}, which is not there", test.0, test.1));
        }
    }
    problems
}

#[test]
fn every_claim_of_safety_has_its_test() {
    let [document] = files_under("docs", &["SECURITY.md"]).try_into().expect("docs/SECURITY.md");
    refuse(claims(&document, &files(&[".rs", ".ts", ".tsx"])));
}

#[test]
fn a_claim_without_a_test_and_a_lost_requirement_are_caught() {
    let known = requirements();
    let text = |first: &str| {
        let rest = known.keys().filter(|id| **id != "1.1.1").copied().collect::<Vec<_>>().join(" ");
        format!("| 1.1.1 | 2 | once | {first} |\n| {rest} | nothing of it here |\n")
    };
    let source = [Source::example("a.rs", "#[test]\nfn it_holds() {}")];
    let check = |first: &str| claims(&Source::example("docs/SECURITY.md", &text(first)), &source);
    refuse(check("met | `a.rs::it_holds`"));
    catches(check("met | by design"), "1.1.1 is said to be met, and no test shows it");
    catches(check("partly | `a.rs::it_held`"), "names a.rs::it_held");
    catches(check("fine | x"), "has no state");
    let lost = Source::example("docs/SECURITY.md", &text("no | not done").replace(" 1.1.2 ", " "));
    let lost = Source { text: lost.text.replace("| 1.1.2 ", "| "), ..lost };
    catches(claims(&lost, &source), "1.1.2 is answered 0 times");
}
