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

#[test]
fn a_missing_language_is_caught() {
    let file = |name: &str, text: &str| Source::example(&format!("console/src/texts/{name}"), text);
    let whole = file("zh-CN.json", r#"{"a":"甲"}"#);
    crate::house::catches(locales(std::slice::from_ref(&whole)), "1 files zh-CN.json beside 0 files en.json");
    crate::house::catches(locales(&[whole.clone(), file("en.json", r#"{"b":"B","a":"A"}"#)]), "no b");
    refuse(locales(&[whole, file("en.json", r#"{"a":"A"}"#)]));
}
