//! Hostile scripts in the runner: each ends inside its limits, with a problem or a fault that is the script's own.

use std::{fs, path::Path};

use marque::{
    host::{
        Host, Limits,
        runner::{Problem, Run, Runner},
    },
    model::{Blame, Fault},
    scripts::definitions::FUNCTIONS,
};
use serde_json::{Value, json};

use super::desk::{NOW, cache, component, hurried, limits};

/// The built runner under these limits.
pub fn runner(limits: Limits) -> Runner {
    let host = Host::new(limits, Some(&cache())).expect("a host");
    Runner::new(&host, &component("script-runner.wasm")).expect("the runner")
}

pub fn run(runner: &Runner, source: &str, inputs: &[Value]) -> Result<Vec<Result<Value, Problem>>, Fault> {
    let run = Run { source, libraries: &[], function: "decide", now: &NOW.to_string(), parameters: &json!({}) };
    runner.run(run, inputs, runner.limits().decide_ms)
}

/// How a script ended: the code of its problem or fault, or `answer`. The server's own fault is none of them.
fn end(runner: &Runner, source: &str) -> String {
    match run(runner, source, &[json!({})]) {
        Ok(answers) => match answers.into_iter().next().expect("one answer") {
            Ok(_) => "answer".into(),
            Err(problem) => problem.code,
        },
        Err(fault) => {
            assert_eq!(fault.blame, Blame::Guest, "{fault:?}");
            fault.code
        }
    }
}

/// A script that is only `decide` with this body.
fn decide(body: &str) -> String {
    format!("fn decide(input) {{\n{body}\n}}")
}

#[test]
fn every_script_of_the_corpus_ends_as_it_should() {
    let runner = runner(limits());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/hostile-scripts");
    let mut scripts: Vec<_> =
        fs::read_dir(folder).expect("the corpus").map(|file| file.expect("a file").path()).collect();
    scripts.sort();
    let ends: Vec<String> = scripts
        .iter()
        .map(|script| {
            let source = fs::read_to_string(script).expect("a script");
            format!("{} {}", script.file_stem().unwrap_or_default().display(), end(&runner, &decide(&source)))
        })
        .collect();
    let expected = "01_loop limit, 02_recursion parse, 03_sleep_int runtime, 04_sleep_huge_float runtime, \
        06_string_double limit, 07_array_double limit, 08_nested_array limit, 09_deep_nest_data limit, \
        10_deep_nest_drop parse, 11_split limit, 12_sort_quad limit, 14_eval parse, 15_import parse, \
        16_many_vars_str limit, 17_arr_of_strings limit, 18_range_huge limit, 19_blob_huge runtime, 20_pad_huge answer, \
        21_print_flood parse, 23_cycle parse, 24_overflow runtime, 25_min_div runtime, 26_shift answer, 27_pow runtime, \
        28_substring answer, 29_bits runtime, 31_redefine parse, 32_try_catch_limit limit, 33_deep_expr parse, \
        34_deep_block parse, 35_deep_closure parse, 39_unary parse, 40_chain too_large, 42_else_if too_large, \
        43_interp parse, 46_map_bypass limit, 49_filter_heavy limit, 50_sort_heavy limit, 52_contains_heavy limit";
    assert_eq!(ends, expected.split(", ").collect::<Vec<_>>());
}

#[test]
fn the_corpus_outside_of_functions_is_never_run() {
    let runner = runner(limits());
    assert_eq!(end(&runner, "loop { } fn decide(input) { 7 }"), "answer", "only functions are called");
}

#[test]
fn what_the_engines_limits_do_not_count_the_sandbox_ends() {
    let runner = runner(hurried());
    let pad = "let s = \"a\"; s.pad(32000, 'a');";
    for (name, body, code) in [
        (
            "a search through long texts",
            "let t = \"a\"; t.pad(16000, 'a'); t += \"b\"; for i in 0..100000 { s.contains(t); }",
            "deadline",
        ),
        (
            "texts made of nested lists",
            "let a = [1]; for i in 0..9 { a = [a, a]; } loop { a.to_string(); }",
            "deadline",
        ),
        (
            "long texts put in by index",
            "let a = []; for i in 0..1900 { a.push(0); } for i in 0..1900 { a[i] = s + i; }",
            "memory",
        ),
    ] {
        assert_eq!(end(&runner, &decide(&format!("{pad} {body}"))), code, "{name}");
    }
}

#[test]
fn products_of_texts_are_refused_before_they_are_made() {
    let body = "let s = \"a\"; s.pad(32000, 'a'); s.replace(\"a\", s); s.len()";
    assert_eq!(end(&runner(limits()), &decide(body)), "limit");
}

#[test]
fn functions_of_its_own_do_not_help() {
    let runner = runner(limits());
    for (source, code) in [
        ("fn f(n) { f(n + 1) } fn decide(x) { f(0) }", "limit"),
        ("fn abs(x) { 666 } fn decide(x) { abs(-3) }", "answer"),
        ("fn decide(x) { throw #{ code: \"mine\", message: \"said so\" } }", "mine"),
        ("fn decide(x) { 1.0 / 0.0 }", "type"),
        ("fn decide(x) { || 1 }", "type"),
        ("fn decide(x, y) { 1 }", "runtime"),
        ("fn decide(x) {", "parse"),
        ("", "runtime"),
    ] {
        assert_eq!(end(&runner, source), code, "{source}");
    }
}

/// As long as a script may be: what takes the parser longest.
#[test]
fn scripts_as_long_as_allowed_are_parsed_in_time() {
    let runner = runner(limits());
    let many = |n: usize, part: &dyn Fn(usize) -> String| (0..n).map(part).collect::<String>();
    for (name, source) in [
        ("a chain of +", decide(&vec!["1"; 16_000].join("+"))),
        ("a switch with many arms", decide(&format!("switch 7 {{ {} }}", many(3_000, &|n| format!("{n}=>1,"))))),
        ("a long identifier", decide(&format!("let {} = 1;", "a".repeat(32_000)))),
        ("a long literal", decide(&format!("[{}]", "1,".repeat(16_000)))),
        ("nested comments", format!("{} fn decide(x) {{ 1 }}", "/*".repeat(16_000))),
        ("many functions", many(2_000, &|n| format!("fn f{n}(){{}}"))),
        ("a long map", decide(&format!("#{{{}}}", many(3_000, &|n| format!("a{n}:1,"))))),
    ] {
        let ended = end(&runner, &source);
        assert!(["answer", "parse", "runtime"].contains(&ended.as_str()), "{name}: {ended}");
        let problems = runner.check(&source, &[]).err().unwrap_or_default();
        assert!(problems.iter().all(|problem| problem.code == "parse"), "{name}: {problems:?}");
    }
}

#[test]
fn longer_scripts_are_refused_unread() {
    let runner = runner(limits());
    for (name, source) in [
        ("a 5 MB identifier", "a".repeat(5 << 20)),
        ("a literal of 300 000", decide(&format!("[{}]", "1,".repeat(300_000)))),
        ("20 000 nested comments", "/*".repeat(20_000)),
        ("a chain of 50 000 +", decide(&vec!["1"; 50_000].join("+"))),
        ("a switch with 200 000 arms", decide(&format!("switch 7 {{ {} }}", "1=>1,".repeat(200_000)))),
    ] {
        assert_eq!(end(&runner, &source), "too_large", "{name}");
        assert_eq!(runner.check(&source, &[]).map(drop).expect_err(name)[0].code, "too_large", "{name}");
        assert_eq!(runner.check("", &[source]).map(drop).expect_err(name)[0].code, "too_large", "{name} as a library");
    }
}

#[test]
fn nothing_is_left_over_from_one_input_to_the_next() {
    let inputs = [json!({ "n": 1 }), json!({ "n": 2 })];
    let answers = run(&runner(limits()), &decide("input.n += 10; input"), &inputs).expect("answers");
    assert_eq!(answers, [Ok(json!({ "n": 11 })), Ok(json!({ "n": 12 }))]);
}

#[test]
fn one_input_that_fails_does_not_spoil_the_others() {
    let answers = run(&runner(limits()), &decide("if input == 2 { loop {} } input"), &[json!(1), json!(2), json!(3)]);
    let codes: Vec<_> =
        answers.expect("answers").into_iter().map(|answer| answer.map_err(|problem| problem.code)).collect();
    assert_eq!(codes, [Ok(json!(1)), Err("limit".to_owned()), Ok(json!(3))]);
}

#[test]
fn a_hundred_hostile_runs_leave_the_server_as_it_was() {
    let runner = runner(limits());
    let hostile = decide("let a = []; loop { a.push(input); }");
    for n in 0..100 {
        assert_eq!(end(&runner, &hostile), "limit", "run {n}");
    }
    assert_eq!(end(&runner, &decide("1")), "answer");
}

#[test]
fn every_function_that_is_told_of_is_there_and_does_what_its_example_says() {
    let runner = runner(limits());
    for function in &FUNCTIONS {
        let source = decide(function.example);
        let now = "2026-03-13T10:00:00+08:00";
        let run = Run { source: &source, libraries: &[], function: "decide", now, parameters: &json!({}) };
        let answers = runner.run(run, &[json!({})], runner.limits().decide_ms);
        let answers = answers.unwrap_or_else(|fault| panic!("{}: {fault:?}", function.call));
        let wanted: Value = serde_json::from_str(function.result).expect("JSON");
        assert_eq!(answers, [Ok(wanted)], "{}", function.example);
    }
}
