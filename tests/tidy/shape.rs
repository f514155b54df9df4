//! Files and functions: a first sentence, a bounded length, an honest name.

use crate::{
    house::{Source, catches, files, refuse},
    rust,
};

const MOST_LINES_OF_FILE: usize = 500;
const MOST_LINES_OF_FUNCTION: usize = 60;
/// Names that say nothing about what lives there.
const EMPTY_NAMES: [&str; 8] = ["utils", "util", "helpers", "helper", "misc", "common", "stuff", "tools"];

fn first_line(file: &Source) -> Vec<String> {
    let first = file.text.lines().next().unwrap_or("");
    let sentence = first.strip_prefix("//! ").unwrap_or("");
    if !sentence.is_empty() && sentence.ends_with(['.', '。', '!', '?']) {
        return Vec::new();
    }
    vec![format!("{}:1: the first line is one `//! ` sentence that says what lives here, it is {first:?}", file.path)]
}

fn lengths(file: &Source) -> Vec<String> {
    let code = rust::without_tests(&rust::mask(&file.text));
    // Lines of tests are blank in `code` but written in the file; comments are blank in `code` and do count.
    let n_test_lines = file.text.lines().count() - lines_outside_tests(&file.text);
    let n_lines = file.text.lines().count() - n_test_lines;
    let mut problems = Vec::new();
    if n_lines > MOST_LINES_OF_FILE {
        problems.push(format!("{}: {n_lines} lines, at most {MOST_LINES_OF_FILE}: split it by idea", file.path));
    }
    for function in rust::functions(&code).iter().filter(|function| function.n_lines > MOST_LINES_OF_FUNCTION) {
        problems.push(format!(
            "{}:{}: `{}` has {} lines, at most {MOST_LINES_OF_FUNCTION}: name its parts",
            file.path, function.line, function.name, function.n_lines
        ));
    }
    problems
}

fn lines_outside_tests(text: &str) -> usize {
    let masked = rust::mask(text);
    let plain = rust::without_tests(&masked);
    text.lines()
        .zip(masked.lines().zip(plain.lines()))
        .filter(|(_, (masked, plain))| masked.trim().is_empty() || !plain.trim().is_empty())
        .count()
}

fn honest_name(file: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    if file.name() == "mod.rs" {
        problems.push(format!("{}: write `name.rs` beside `name/`, never `mod.rs`", file.path));
    }
    for part in file.path.rsplit_once('.').map_or("", |(path, _)| path).split('/') {
        if EMPTY_NAMES.contains(&part) {
            problems.push(format!("{}: `{part}` says nothing: name the idea that lives there", file.path));
        }
    }
    problems
}

#[test]
fn every_file_begins_with_one_sentence() {
    refuse(files(&[".rs"]).iter().flat_map(first_line).collect());
}

#[test]
fn files_and_functions_are_short() {
    refuse(files(&[".rs"]).iter().flat_map(lengths).collect());
}

#[test]
fn files_are_named_after_an_idea() {
    refuse(files(&[".rs", ".ts", ".tsx"]).iter().flat_map(honest_name).collect());
}

#[test]
fn a_file_without_its_sentence_is_caught() {
    catches(first_line(&Source::example("core/src/x.rs", "use std::fs;\n")), "core/src/x.rs:1");
    catches(first_line(&Source::example("core/src/x.rs", "//! (under construction) x\n")), "one `//! ` sentence");
    refuse(first_line(&Source::example("core/src/x.rs", "//! What lives here.\n")));
}

#[test]
fn a_long_file_and_a_long_function_are_caught() {
    catches(lengths(&Source::example("x.rs", &"// a line\n".repeat(501))), "501 lines");
    let body = format!("fn long() {{\n{}}}\n", "    a();\n".repeat(59));
    catches(lengths(&Source::example("x.rs", &body)), "`long` has 61 lines");
    refuse(lengths(&Source::example("x.rs", &body.replacen("    a();\n", "", 1))));
}

#[test]
fn tests_do_not_count() {
    let tests = format!("#[cfg(test)]\nmod tests {{\n    fn long() {{\n{}    }}\n}}\n", "        a();\n".repeat(600));
    refuse(lengths(&Source::example("x.rs", &tests)));
}

#[test]
fn an_empty_name_is_caught() {
    catches(honest_name(&Source::example("core/src/store/mod.rs", "")), "never `mod.rs`");
    catches(honest_name(&Source::example("core/src/utils/dates.rs", "")), "`utils`");
    catches(honest_name(&Source::example("console/src/helpers.ts", "")), "`helpers`");
}
