//! What scripts can do, and what becomes of those that do harm.

use super::*;

const NOW: &str = "2026-03-13T10:00:00+08:00";

fn compile(source: &str, libraries: &[&str], parameters: &str) -> Result<Program, Problem> {
    let libraries: Vec<String> = libraries.iter().map(|&library| library.to_owned()).collect();
    Program::compile(source, &libraries, &Surroundings::read(NOW, parameters).unwrap())
}

/// Runs `decide(input)` of a script.
fn decide(source: &str, input: &str) -> Result<String, Problem> {
    compile(source, &[], "{}")?.call("decide", input)
}

/// Runs one expression as the body of `decide`.
fn answer(expression: &str) -> String {
    decide(&format!("fn decide(input) {{ {expression} }}"), "null").unwrap()
}

fn problem(body: &str) -> Problem {
    decide(&format!("fn decide(input) {{\n{body}\n}}"), "null").unwrap_err()
}

fn code(body: &str) -> String {
    problem(body).code
}

#[test]
fn a_rule_answers_from_its_input() {
    let rule = r#"fn decide(input) {
        let level = if input.injured { "crisis" } else { "general" };
        #{ level: level, response: "24h", reasons: ["受伤: " + input.injured] }
    }"#;
    assert_eq!(
        decide(rule, r#"{"injured":true}"#).unwrap(),
        r#"{"level":"crisis","reasons":["受伤: true"],"response":"24h"}"#
    );
}

#[test]
fn whole_numbers_stay_whole_and_floats_stay_floats() {
    let echo = "fn decide(input) { input }";
    for json in
        ["9007199254740993", "-9223372036854775808", "1.5", "1.0", r#"{"fen":12345}"#, "[1,2.0,null,true,\"x\"]"]
    {
        assert_eq!(decide(echo, json).unwrap(), json);
    }
    assert_eq!(decide(echo, "18446744073709551615").unwrap_err().code, "type");
    assert_eq!(decide("fn decide(input) { input / 2 * 3 }", "12345").unwrap(), "18516");
}

#[test]
fn an_answer_that_is_no_number_or_no_data_is_a_type_problem() {
    assert_eq!(code("0.0 / 0.0"), "type");
    assert_eq!(code("|x| x"), "type");
    assert_eq!(code("1 + true"), "type");
}

#[test]
fn arithmetic_never_wraps_round() {
    for body in [
        "9223372036854775807 + 1",
        "let x = -9223372036854775807 - 1; x / -1",
        "1 / 0",
        "2 ** 9223372036854775807",
        "let x = 9223372036854775807; x * 2",
    ] {
        assert_eq!(code(body), "runtime", "{body}");
    }
}

#[test]
fn constants_parameters_and_the_time_are_seen_inside_functions() {
    let rule = r#"
        const STEPS = ["24h", "48h"];
        fn step(n) { STEPS[n] }
        fn decide(input) { [step(1), PARAMETERS.limit, NOW] }
    "#;
    let program = compile(rule, &[], r#"{"limit":3}"#).unwrap();
    assert_eq!(program.call("decide", "null").unwrap(), format!(r#"["48h",3,"{NOW}"]"#));
}

#[test]
fn constants_cannot_be_changed_but_may_be_shadowed() {
    let program =
        compile("fn decide(input) { PARAMETERS.limit = 4; PARAMETERS.limit }", &[], r#"{"limit":3}"#).unwrap();
    assert!(program.call("decide", "null").is_err());
    assert_eq!(answer("let NOW = 5; NOW"), "5");
}

#[test]
fn a_script_replaces_functions_of_its_libraries() {
    let libraries = ["fn limit() { 1 } fn twice(n) { n * 2 }", "const STEP = 10;"];
    let program = compile("fn limit() { 7 } fn decide(input) { twice(limit()) + STEP }", &libraries, "{}").unwrap();
    assert_eq!(program.call("decide", "null").unwrap(), "24");
    let functions = program.functions("fn limit() { 7 } fn decide(input) { twice(limit()) + STEP }");
    assert!(functions.iter().all(|function| function.name != "twice"));
}

#[test]
fn functions_are_listed_with_parameters_and_comments_in_order() {
    let source = "/// How long we have.\n/// In hours.\nfn zeit(level, kind) { 1 }\n\nprivate fn b() { 2 }\nfn decide(input) { b() }";
    let functions = compile(source, &[], "{}").unwrap().functions(source);
    let names: Vec<&str> = functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(names, ["zeit", "b", "decide"]);
    assert_eq!(functions[0].parameters, ["level", "kind"]);
    assert_eq!(functions[0].comment, "How long we have.\nIn hours.");
    assert_eq!(functions[2].comment, "");
}

#[test]
fn a_wrong_script_says_where() {
    let problem = compile("fn decide(input) {\n  let x = ;\n}", &[], "{}").err().unwrap();
    assert_eq!((problem.code.as_str(), problem.line, problem.column), ("parse", 2, 11));
    assert!(!problem.message.contains("line 2"), "{}", problem.message);
}

#[test]
fn a_wrong_library_is_named() {
    let problem = compile("fn decide(input) { 1 }", &["fn ok() { 1 }", "fn ("], "{}").err().unwrap();
    assert!(problem.message.starts_with("in library 2: "), "{}", problem.message);
}

#[test]
fn an_unknown_variable_is_found_while_parsing() {
    let problem = compile("fn decide(input) {\n  inptu.level\n}", &[], "{}").err().unwrap();
    assert_eq!((problem.code.as_str(), problem.line, problem.column), ("parse", 2, 3));
    assert!(problem.message.contains("inptu"), "{}", problem.message);
}

#[test]
fn a_failing_line_is_named_even_inside_another_function() {
    let problem = decide("fn inner(x) {\n  x.missing()\n}\nfn decide(input) {\n  inner(1)\n}", "null").unwrap_err();
    assert_eq!((problem.code.as_str(), problem.line), ("runtime", 2));
    assert!(problem.message.contains("missing"), "{}", problem.message);
}

#[test]
fn a_thrown_code_and_message_are_kept() {
    let thrown = problem(r#"throw #{ code: "stop.sale", message: "这台车已停售" };"#);
    assert_eq!((thrown.code.as_str(), thrown.message.as_str(), thrown.line), ("stop.sale", "这台车已停售", 2));
    assert_eq!(problem(r#"throw "plain";"#).message, "plain");
    assert_eq!(code("throw 42;"), "runtime");
}

#[test]
fn a_missing_entry_is_named() {
    let program = compile("fn decide(a, b) { 1 }", &[], "{}").unwrap();
    assert!(program.has("decide").unwrap_err().message.contains("decide"));
    assert!(compile("fn decide(input) { 1 }", &[], "{}").unwrap().has("decide").is_ok());
}

#[test]
fn inputs_know_nothing_of_each_other() {
    let program = compile(
        "fn decide(input) { input.list.push(1); if input.fail { 1 / 0 } else { input.list.len() } }",
        &[],
        "{}",
    );
    let program = program.unwrap();
    let answers: Vec<_> = ["false", "true", "false"]
        .iter()
        .map(|fail| program.call("decide", &format!(r#"{{"list":[],"fail":{fail}}}"#)).map_err(|problem| problem.code))
        .collect();
    assert_eq!(answers, [Ok("1".into()), Err("runtime".into()), Ok("1".into())]);
}

#[test]
fn top_level_statements_do_not_run() {
    assert_eq!(decide("loop { } fn decide(input) { 1 }", "null").unwrap(), "1");
}

#[test]
fn words_that_lead_out_do_not_parse() {
    for body in [
        "eval(\"1\")",
        "import \"/etc/passwd\" as p; 1",
        "print(1)",
        "debug(1)",
        "Fn(\"decide\")",
        "let f = |x| x; f.call(1)",
        "curry(1)",
    ] {
        assert_eq!(code(body), "parse", "{body}");
    }
}

#[test]
fn functions_that_wait_load_or_read_clocks_are_not_there() {
    for body in
        ["sleep(30)", "sleep(1e300)", "timestamp()", "blob(9223372036854775807)", "exit(1)", "parse_json(\"{}\")"]
    {
        assert_eq!(code(body), "runtime", "{body}");
    }
}

#[test]
fn closures_work_on_lists() {
    assert_eq!(answer("let floor = 2; [1, 2, 3].filter(|n| n >= floor).map(|n| n * 10)"), "[20,30]");
}

#[test]
fn endless_work_is_a_limit() {
    for body in [
        "loop { }",
        "let n = 0; for i in 0..9223372036854775807 { n += 1; } n",
        "let n = 0; loop { try { loop { n += 1; } } catch { n = 0; } }",
        "decide(input)",
        "let a = []; a.pad(1900, 1); let n = 0; loop { n += a.filter(|x| x == 1).len(); }",
    ] {
        assert_eq!(code(body), "limit", "{body}");
    }
}

#[test]
fn a_limit_says_what_to_look_for() {
    assert!(problem("loop { }").message.contains("a loop that does not end"));
    assert!(problem("decide(input)").message.contains("24 functions"));
    assert!(problem("let s = \"a\"; loop { s += s; }").message.contains("32768 bytes"));
}

#[test]
fn growing_without_end_is_a_limit() {
    for body in [
        "let s = \"a\"; loop { s += s; }",
        "let s = \"a\"; s.pad(30000, 'a'); s.replace(\"a\", s); s",
        "let s = \"ab\"; s.pad(9223372036854775807, \"xy\"); s",
        "let s = \"\"; s.pad(30000, ' '); s.split(\"\")",
        "let a = [1]; loop { a += a; }",
        "let a = []; loop { let b = [a, a]; a = b; }",
        "let a = []; a.pad(9223372036854775807, 0); a",
        "let s = \"\"; s.pad(30000, 'x'); let a = []; a.pad(100, s); a.to_string()",
        "let s = \"\"; s.pad(30000, 'x'); let a = []; a.pad(100, s); `${a}`",
        "let s = \"\"; s.pad(30000, 'x'); let m = #{}; for i in 0..9 { m[\"k\" + i] = s; } m.to_json()",
        "let s = \"\"; s.pad(30000, 'x'); let a = []; a.pad(100, s); a.join(\",\")",
        "let s = \"\"; s.pad(30000, 'x'); [s, s, s]",
        "let a = []; for i in 0..40 { a = [a]; } a",
    ] {
        assert_eq!(code(body), "limit", "{body}");
    }
}

#[test]
fn texts_are_replaced_padded_split_and_joined() {
    assert_eq!(answer(r#"let s = "a-b-c"; s.replace("-", "+"); s.replace('a', "A"); s"#), r#""A+b+c""#);
    assert_eq!(answer(r#"let s = "7"; s.pad(3, '0'); s.pad(6, "xy"); s"#), r#""700xyx""#);
    assert_eq!(answer(r#""京A12345".split("A")"#), r#"["京","12345"]"#);
    assert_eq!(answer(r#"" a  b ".split()"#), r#"["a","b"]"#);
    assert_eq!(answer(r#"["a", 1, [true, ()]].join("/")"#), r#""a/1/[true, null]""#);
    assert_eq!(
        answer(r#"let m = #{ name: "王\"磊", n: [1, 2.5] }; `${m}`"#),
        r#""{\"n\": [1, 2.5], \"name\": \"王\\\"磊\"}""#
    );
}

#[test]
fn sources_and_libraries_have_a_size() {
    let long = format!("fn decide(input) {{ 1 }} // {}", "x".repeat(limits::SOURCE_BYTES));
    assert_eq!(compile(&long, &[], "{}").err().unwrap().code, "limit");
    assert_eq!(compile("fn decide(input) { 1 }", &["1"; 17], "{}").err().unwrap().code, "limit");
}

#[test]
fn deep_sources_do_not_parse() {
    let deep = [
        format!("{}1{}", "(".repeat(500), ")".repeat(500)),
        format!("{}1{}", "{".repeat(500), "}".repeat(500)),
        format!("{}1{}", "[".repeat(500), "]".repeat(500)),
        format!("{}1", "-".repeat(5000)),
        format!("{}1", "!".repeat(5000)),
        format!("{}1", "|x| ".repeat(500)),
        "1+".repeat(5000) + "1",
        format!("a{}", ".b".repeat(5000)),
        "if true { 1 } else ".repeat(500) + "{ 2 }",
        format!("{}1{}", "`${".repeat(500), "}`".repeat(500)),
    ];
    for body in deep {
        let problem = problem(&body);
        assert!(["parse", "limit"].contains(&problem.code.as_str()), "{}: {}", &body[..20], problem.message);
    }
}

#[test]
fn dates_are_counted() {
    for (expression, expected) in [
        (r#"hours_between(NOW, "2026-03-13T05:30:00Z")"#, "3"),
        (r#"hours_between("2026-03-13T05:30:00Z", NOW)"#, "-3"),
        (r#"minutes_between("2026-03-13T10:00:00.500+08:00", "2026-03-13T10:02:00+08:00")"#, "1"),
        (r#"days_between("2024-02-28", "2024-03-01")"#, "2"),
        (r#"days_between("2026-03-12", NOW)"#, "1"),
        (r#"add_days("2024-02-28", 1)"#, r#""2024-02-29""#),
        (r#"add_days("2025-12-31", 1)"#, r#""2026-01-01""#),
        (r#"add_hours(NOW, 24)"#, r#""2026-03-14T02:00:00.000Z""#),
        (r#"add_minutes("2026-03-13T00:00:00Z", -1)"#, r#""2026-03-12T23:59:00.000Z""#),
        (r#"is_before("2026-03-13T10:00:00+08:00", "2026-03-13T02:00:01Z")"#, "true"),
        (r#"is_after("2026-03-13", NOW)"#, "false"),
        (r#"[hour("2026-03-13T02:00:00Z"), weekday(NOW), year(NOW), month(NOW), day(NOW)]"#, "[10,5,2026,3,13]"),
        (r#"date("2026-03-12T20:00:00Z")"#, r#""2026-03-13""#),
    ] {
        assert_eq!(answer(expression), expected, "{expression}");
    }
}

#[test]
fn what_is_no_date_is_a_type_problem() {
    for text in [
        "",
        "tomorrow",
        "2026-02-30",
        "2026-13-01",
        "2026-1-1",
        "2026-03-13T25:00:00Z",
        "2026-03-13T10:00:00",
        "汉字汉字",
    ] {
        assert_eq!(code(&format!("year(\"{text}\")")), "type", "{text}");
    }
    for body in ["add_days(NOW, 9223372036854775807)", "add_days(\"9999-12-31\", 1)", "add_hours(\"0001-01-01\", -24)"]
    {
        assert_eq!(code(body), "type", "{body}");
    }
}

#[test]
fn dates_agree_with_counting_day_by_day() {
    let rule = r#"fn decide(input) {
        let date = input.from;
        let n = 0;
        while date != input.to { date = add_days(date, 1); n += 1; }
        [n, days_between(input.from, input.to)]
    }"#;
    assert_eq!(decide(rule, r#"{"from":"1899-12-25","to":"1905-03-02"}"#).unwrap(), "[1893,1893]");
    assert_eq!(decide(rule, r#"{"from":"1999-12-31","to":"2004-03-01"}"#).unwrap(), "[1522,1522]");
}
