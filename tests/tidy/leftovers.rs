//! What must not be left behind: unfinished work, silenced tests, traces of one machine.

use crate::{
    house::{Source, catches, files, refuse},
    rust,
};

/// Written in two parts, so that this file does not refuse itself.
const UNFINISHED: [&str; 5] = [
    concat!("todo", "!("),
    concat!("unimplemented", "!("),
    concat!("#[ig", "nore"),
    concat!(".on", "ly("),
    concat!("should_", "panic"),
];
const MACHINE: [&str; 5] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/home", "/"),
    concat!("/Us", "ers/"),
    concat!("C:\\Us", "ers"),
];

fn unfinished(file: &Source) -> Vec<String> {
    let text = if file.path.ends_with(".rs") { rust::mask(&file.text) } else { file.text.clone() };
    let skip = [concat!("test.", "skip("), concat!("it.", "skip("), concat!("describe.", "skip(")];
    found(file, &text, UNFINISHED.iter().chain(&skip), "finish it, or leave it out")
}

fn traces_of_a_machine(file: &Source) -> Vec<String> {
    found(file, &file.text, MACHINE.iter(), "a path of one machine")
}

/// A mark for later is a promise: it carries the number of its issue.
fn promises_without_number(file: &Source) -> Vec<String> {
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    file.text
        .lines()
        .enumerate()
        .filter(|(_, line)| words.iter().any(|word| has_word(line, word)) && !line.contains('#'))
        .map(|(n, line)| format!("{}:{}: no issue number in {:?}", file.path, n + 1, line.trim()))
        .collect()
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part == word)
}

fn found<'a>(file: &Source, text: &str, words: impl Iterator<Item = &'a &'a str>, why: &str) -> Vec<String> {
    words
        .flat_map(|word| {
            text.match_indices(word)
                .map(|(at, _)| format!("{}:{}: {word} {why}", file.path, text[..at].matches('\n').count() + 1))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn nothing_is_left_unfinished_or_silenced() {
    let code = files(&[".rs", ".ts", ".tsx", ".js", ".mjs"]);
    refuse(code.iter().flat_map(unfinished).collect());
    refuse(code.iter().flat_map(promises_without_number).collect());
}

#[test]
fn no_file_names_a_place_on_one_machine() {
    let written =
        [".rs", ".ts", ".tsx", ".mjs", ".toml", ".md", ".json", ".rhai", ".sh", ".html", ".css", ".sql", "run"];
    refuse(files(&written).iter().flat_map(traces_of_a_machine).collect());
}

#[test]
fn leftovers_are_caught() {
    let rust = |text: String| unfinished(&Source::example("core/src/x.rs", &text));
    catches(rust(format!("fn f() {{ {}) }}", UNFINISHED[0])), "core/src/x.rs:1");
    catches(rust(format!("\n{}]", UNFINISHED[2])), "core/src/x.rs:2");
    catches(unfinished(&Source::example("a.test.ts", &format!("it{}'x')", UNFINISHED[3]))), "finish it");
    refuse(rust(format!("// {}) in a comment\n", UNFINISHED[0])));
    catches(traces_of_a_machine(&Source::example("README.md", &format!("see {}marque", MACHINE[2]))), "README.md:1");
    let promise = |text: String| promises_without_number(&Source::example("x.rs", &text));
    catches(promise(format!("// {}: later", concat!("TO", "DO"))), "no issue number");
    refuse(promise(format!("// {} #12: later", concat!("TO", "DO"))));
}
