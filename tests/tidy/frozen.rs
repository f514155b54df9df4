//! What has been given away is frozen: the plugin contract and the migrations, by the hash of each file.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::house::{Source, catches, files_under, refuse};

/// Compares a folder's files with the hashes written down beside them, one `<sha256>  <name>` a line.
fn hashes(folder: &str, list: &str, files: &[Source], why: &str) -> Vec<String> {
    let written: BTreeMap<&str, &str> =
        list.lines().filter_map(|line| line.split_once("  ")).map(|(h, n)| (n, h)).collect();
    let mut problems: Vec<String> = files
        .iter()
        .filter_map(|file| {
            let (name, now) = (file.name(), digest(&file.text));
            match written.get(name) {
                None => Some(format!("{folder}/HASHES: add the line `{now}  {name}`")),
                Some(then) if *then != now => Some(format!("{folder}/{name} was changed: {why}")),
                Some(_) => None,
            }
        })
        .collect();
    let is_gone = |name: &&&str| !files.iter().any(|file| file.name() == **name);
    problems.extend(written.keys().filter(is_gone).map(|name| format!("{folder}/{name} is gone: {why}")));
    problems
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `V1__first.sql`, `V2__second.sql` … without a gap.
fn numbers(files: &[Source]) -> Vec<String> {
    let number = |file: &Source| file.name().strip_prefix('V')?.split_once("__")?.0.parse::<usize>().ok();
    let mut problems = Vec::new();
    let mut numbers: Vec<usize> = Vec::new();
    for file in files {
        match number(file) {
            Some(number) => numbers.push(number),
            None => problems.push(format!("{}: a migration is called V<number>__<what_it_does>.sql", file.path)),
        }
    }
    numbers.sort_unstable();
    let wrong = numbers.iter().zip(1..).find(|(number, expected)| *number != expected);
    problems.extend(
        wrong.map(|(number, expected)| format!("migrations: after V{} comes V{expected}, not V{number}", expected - 1)),
    );
    problems
}

fn list_in(folder: &str) -> String {
    files_under(folder, &["HASHES"]).pop().map_or_else(String::new, |file| file.text)
}

#[test]
fn the_plugin_contract_is_frozen() {
    let folder = "sdk/wit/v1";
    let files = files_under(folder, &[".wit"]);
    assert!(!files.is_empty(), "no contract in {folder}");
    refuse(hashes(
        folder,
        &list_in(folder),
        &files,
        "plugins built against it must keep linking; a break is a new folder, sdk/wit/v2",
    ));
}

#[test]
fn migrations_only_grow() {
    let folder = "core/migrations";
    let files = files_under(folder, &[".sql"]);
    assert!(!files.is_empty(), "no migrations in {folder}");
    refuse(numbers(&files));
    refuse(hashes(folder, &list_in(folder), &files, "stores out there have run it; write the next number instead"));
}

#[test]
fn a_changed_or_lost_file_is_caught() {
    let file = Source::example("w/a.wit", "package a;");
    let list = format!("{}  a.wit\n", digest("package a;"));
    refuse(hashes("w", &list, std::slice::from_ref(&file), "frozen"));
    catches(
        hashes("w", &list, &[Source { text: "package b;".into(), ..file.clone() }], "frozen"),
        "w/a.wit was changed: frozen",
    );
    catches(hashes("w", &list, &[], "frozen"), "w/a.wit is gone");
    catches(hashes("w", "", &[file], "frozen"), "w/HASHES: add the line");
}

#[test]
fn a_gap_in_the_numbers_is_caught() {
    let files = |names: &[&str]| names.iter().map(|name| Source::example(&format!("m/{name}"), "")).collect::<Vec<_>>();
    refuse(numbers(&files(&["V1__a.sql", "V2__b.sql"])));
    catches(numbers(&files(&["V1__a.sql", "V3__b.sql"])), "after V1 comes V2, not V3");
    catches(numbers(&files(&["V1__a.sql", "V1__b.sql"])), "after V1 comes V2, not V1");
    catches(numbers(&files(&["first.sql"])), "V<number>__");
}
