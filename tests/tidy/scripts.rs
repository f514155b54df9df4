//! What the console knows of scripts by heart is what the server and the sandbox really say.

use serde_json::Value;

use crate::house::{Source, catches, files_under, refuse};

/// The fixed parts of a pattern, between its brackets and its dots.
fn fixed(pattern: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    let mut letters = pattern.trim_start_matches('^').trim_end_matches('$').chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                parts.push(String::new());
            }
            '.' if depth == 0 && letters.peek() == Some(&'*') => {
                letters.next();
                parts.push(String::new());
            }
            '\\' if depth == 0 => parts.last_mut().expect("begins with a part").extend(letters.next()),
            letter if depth == 0 => parts.last_mut().expect("begins with a part").push(letter),
            _ => {}
        }
    }
    // A value that is told in quotes has them from its format.
    parts.iter().map(|part| part.trim_matches('"').to_owned()).filter(|part| part.trim().len() > 2).collect()
}

/// Our own sentences that the console translates and nobody says any more.
fn unsaid(texts: &Source, sources: &[Source]) -> Vec<String> {
    let told: Value = serde_json::from_str(&texts.text).expect("a JSON file of the console");
    let patterns = told["causes"].as_array().into_iter().flatten().filter_map(|pair| pair[0].as_str());
    let is_said = |pattern: &&str| {
        let parts = fixed(pattern);
        !parts.is_empty()
            && sources.iter().any(|source| parts.iter().all(|part| source.text.replace("\\\"", "\"").contains(part)))
    };
    patterns
        .filter(|pattern| !is_said(pattern))
        .map(|pattern| format!("{}: nobody says {pattern:?}", texts.path))
        .collect()
}

/// Words between quotes in the list that begins with `name`.
fn list<'a>(text: &'a str, name: &str, quote: char) -> Vec<&'a str> {
    let Some((_, rest)) = text.split_once(name) else { return Vec::new() };
    let rest = rest.split_once("= ").map_or(rest, |(_, list)| list);
    rest.split(']').next().unwrap_or_default().split(quote).skip(1).step_by(2).collect()
}

/// Words that the sandbox refuses and the editor does not mark, or even offers.
fn unmarked(sandbox: &Source, editor: &Source) -> Vec<String> {
    let refused = list(&editor.text, "const REFUSED", '\'');
    let offered = list(&editor.text, "const FUNCTIONS", '\'');
    let wrong = |word: &&&str| !refused.contains(word) || offered.contains(word);
    let forbidden = list(&sandbox.text, "const FORBIDDEN", '"');
    forbidden.iter().filter(wrong).map(|word| format!("{}: the sandbox refuses {word}", editor.path)).collect()
}

fn one(folder: &str, name: &str) -> Source {
    files_under(folder, &[name]).into_iter().find(|source| source.name() == name).expect("a file of that name")
}

#[test]
fn the_console_translates_sentences_that_are_said() {
    let mut sources = files_under("core/src/scripts", &[".rs"]);
    sources.extend(files_under("core/src", &["scripts.rs"]));
    sources.extend(files_under("scripts/runner/src", &[".rs"]));
    refuse(unsaid(&one("console/src/locales", "rhai.json"), &sources));
}

#[test]
fn the_editor_marks_what_the_sandbox_refuses() {
    refuse(unmarked(&one("scripts/runner/src", "engine.rs"), &one("console/src/ui", "rhai.ts")));
}

#[test]
fn an_unsaid_sentence_is_caught() {
    let texts = Source::example(
        "rhai.json",
        r#"{"causes":[["^more than (\\d+) birds.*$","x"],["^less than (.+) \\(fish\\)$","y"]]}"#,
    );
    let sources = [Source::example("a.rs", r#"format!("less than {n} (fish)")"#)];
    catches(unsaid(&texts, &sources), "birds");
}

#[test]
fn an_unmarked_word_is_caught() {
    let sandbox = Source::example("engine.rs", r#"const FORBIDDEN: [&str; 3] = ["eval", "print", "debug"];"#);
    let editor = |offered: &str| {
        Source::example(
            "rhai.ts",
            &format!("const REFUSED = new Set(['eval', 'debug']);\nconst FUNCTIONS = [{offered}];"),
        )
    };
    catches(unmarked(&sandbox, &editor("'len'")), "print");
    assert_eq!(unmarked(&sandbox, &editor("'len', 'debug'")).len(), 2, "one offered, one unknown");
}
