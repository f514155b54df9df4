//! What the console says: the same texts in every language it speaks.

use crate::{
    house::{Source, files_under, refuse},
    plugins::{LANGUAGES, equal_keys},
};

/// The folders below the console that hold one file a language, `<tag>.json`.
fn locales(files: &[Source]) -> Vec<String> {
    let of = |tag: &str| files.iter().filter(move |file| file.name() == format!("{tag}.json")).collect::<Vec<_>>();
    let [ours, theirs] = LANGUAGES.map(of);
    if ours.is_empty() || ours.len() != theirs.len() {
        return vec![format!(
            "console: {} files zh-CN.json beside {} files en.json: one of each in every folder of texts",
            ours.len(),
            theirs.len()
        )];
    }
    ours.iter().zip(theirs).flat_map(|(one, other)| equal_keys(one, other)).collect()
}

#[test]
fn the_console_says_everything_in_both_languages() {
    refuse(locales(&files_under("console", &[".json"])));
}

/// Refusals that no page can bring about: a plugin's mistake, another server, the inside of the bus.
const OF_NO_PAGE: [&str; 14] = [
    "action.no_record",
    "audit.broken",
    "calendar.closed",
    "depth.exceeded",
    "egress.failed",
    "egress.refused",
    "lane.moved",
    "page.limit",
    "parked.failed",
    "plugin.no_settings",
    "root.forged",
    "store.folder",
    "store.locked",
    "store.stopped",
];

/// Codes of refusals for which the console has no sentence. The server's own is English.
fn untold(sources: &[Source], texts: &Source) -> Vec<String> {
    let is_told = |code: &str| {
        let tail = code.rsplit('.').next().unwrap_or(code);
        [format!("\"fault.{code}\""), format!("\"fault.*.{tail}\"")].iter().any(|key| texts.text.contains(key))
    };
    let codes = |source: &Source| -> Vec<String> {
        let written = source.text.split("#[cfg(test)]").next().unwrap_or_default();
        let code = |rest: &str| Some(rest.trim_start().strip_prefix('"')?.split('"').next()?.to_owned());
        // What the server fails at itself has one sentence, and what a file or a setting at the start says is read by no page.
        let told = |rest: &str| {
            let (kind, rest) = rest.trim_start().strip_prefix("ErrorKind::")?.split_once(',')?;
            (!kind.starts_with("Internal")).then(|| code(rest))?
        };
        let conflicts = written.split("Error::conflict(").skip(1).filter_map(code);
        let others = written.split("Error::new(").skip(1).filter_map(told);
        let renamed = written.split(".coded(").skip(1).filter_map(code);
        conflicts.chain(others).chain(renamed).filter(|code| code.contains('.')).collect()
    };
    let missing = |source: &Source| {
        let path = source.path.clone();
        let left = codes(source).into_iter().filter(|code| !is_told(code) && !OF_NO_PAGE.contains(&code.as_str()));
        left.map(move |code| format!("{path}: {} has no fault.{code}", texts.path)).collect::<Vec<_>>()
    };
    sources.iter().flat_map(missing).collect()
}

#[test]
fn every_refusal_has_a_sentence_in_the_console() {
    let [texts] = files_under("console/src/locales", &["zh-CN.json"]).try_into().expect("one file a language");
    refuse(untold(&files_under("core/src", &[".rs"]), &texts));
}

#[test]
fn an_untold_refusal_is_caught() {
    let texts = Source::example("zh-CN.json", r#"{"fault.a.b":"甲"}"#);
    let source = |code: &str| Source::example("a.rs", &format!("Error::conflict(\n    \"{code}\", message)"));
    crate::house::catches(untold(&[source("a.c")], &texts), "no fault.a.c");
    refuse(untold(&[source("a.b")], &texts));
    for other in ["Error::new(ErrorKind::TooMany, \"a.c\", message)", "error.coded(\"a.c\")"] {
        crate::house::catches(untold(&[Source::example("a.rs", other)], &texts), "no fault.a.c");
    }
    refuse(untold(&[Source::example("a.rs", "Error::new(ErrorKind::Internal, \"a.c\", message)")], &texts));
}

#[test]
fn a_missing_language_is_caught() {
    let file = |name: &str, text: &str| Source::example(&format!("console/src/texts/{name}"), text);
    let whole = file("zh-CN.json", r#"{"a":"甲"}"#);
    crate::house::catches(locales(std::slice::from_ref(&whole)), "1 files zh-CN.json beside 0 files en.json");
    crate::house::catches(locales(&[whole.clone(), file("en.json", r#"{"b":"B","a":"A"}"#)]), "no b");
    refuse(locales(&[whole, file("en.json", r#"{"a":"A"}"#)]));
}
