//! What is nowhere in the code: commands of the operating system, markup made of texts, records kept by the browser.

use crate::{
    house::{Source, catches, files, files_under, refuse},
    rust,
};

/// Where the console keeps something in the browser: looks, columns, lists one has chosen, and ids of what was open last.
const KEEPERS: [&str; 4] = ["prefs.ts", "recent.ts", "views.ts", "columns.ts"];

/// The file of an import under way, until it is done.
const FILE_KEEPER: &str = "keep.ts";

fn named(file: &Source, text: &str, words: &[&str], why: &str) -> Vec<String> {
    let found = words.iter().filter(|word| text.contains(**word));
    found.map(|word| format!("{}: {word}: {why}", file.path)).collect()
}

fn commands_of_the_system(file: &Source) -> Vec<String> {
    let code = rust::mask(&file.text);
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    named(file, code, &["process::Command", "libc::system", "execve"], "the server runs no command")
}

fn markup(file: &Source) -> Vec<String> {
    let words = ["dangerouslySetInnerHTML", "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"];
    named(file, &file.text, &words, "texts are shown as texts")
}

fn kept_by_the_browser(file: &Source) -> Vec<String> {
    let mut problems = named(file, &file.text, &["sessionStorage", "document.cookie"], "keep nothing there");
    if file.name() != FILE_KEEPER {
        problems.extend(named(file, &file.text, &["indexedDB"], "keep nothing there"));
    }
    if !KEEPERS.contains(&file.name()) {
        problems.extend(named(file, &file.text, &["localStorage"], "only preferences and recent ids are kept"));
    }
    problems
}

#[test]
fn the_server_runs_no_command_of_the_system() {
    let sources = files(&[".rs"]).into_iter().filter(|file| file.path.starts_with("core/src/"));
    refuse(sources.flat_map(|file| commands_of_the_system(&file)).collect());
    catches(commands_of_the_system(&Source::example("a.rs", "std::process::Command::new(name)")), "runs no command");
}

fn of_the_console() -> Vec<Source> {
    let mut sources = files_under("console/src", &[".ts", ".tsx"]);
    sources.retain(|file| !file.name().contains(".test."));
    sources
}

#[test]
fn the_console_makes_no_markup_of_texts() {
    refuse(of_the_console().iter().flat_map(markup).collect());
    catches(markup(&Source::example("a.tsx", "<p dangerouslySetInnerHTML={x} />")), "texts are shown as texts");
}

#[test]
fn the_browser_keeps_preferences_recent_ids_and_a_file_under_way_alone() {
    refuse(of_the_console().iter().flat_map(kept_by_the_browser).collect());
    catches(kept_by_the_browser(&Source::example("a.ts", "localStorage.setItem(k, v)")), "only preferences");
    refuse(kept_by_the_browser(&Source::example("prefs.ts", "localStorage.setItem(k, v)")));
}
