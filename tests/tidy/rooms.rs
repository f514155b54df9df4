//! Which room of the core may use which: the table of `docs/ARCHITECTURE.md`, read and held against every path in the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use crate::{
    house::{Source, catches, files_under, refuse, root},
    rust,
};

/// What everyone may use: it knows nothing of any room.
const COMMON: [&str; 4] = ["error", "Error", "ErrorKind", "Result"];
/// Wires the rooms together, gathers their settings, or is the command line that starts them.
const ABOVE_ALL: [&str; 5] = ["app", "cli", "config", "lib", "main"];
/// Words of the table that mean a part of a room: the word, and the paths below `crate::` it stands for.
const PARTS: [(&str, &[&str]); 2] = [
    ("View", &["store::View", "store::view"]),
    // The trait, and the plain data its methods take and answer.
    (
        "Subscriber",
        &[
            "bus::Answer",
            "bus::Ask",
            "bus::Delivery",
            "bus::Level",
            "bus::LogLine",
            "bus::Outcome",
            "bus::Responder",
            "bus::Staged",
            "bus::Subscriber",
            "bus::Verdict",
            "bus::subscriber",
        ],
    ),
];

/// Room → what its paths may begin with, below `crate::`.
type Table = BTreeMap<String, BTreeSet<String>>;

/// Reads the table under `## The rooms`.
fn table(document: &str) -> Result<Table, String> {
    let section = document.split("## The rooms").nth(1).ok_or("docs/ARCHITECTURE.md: no section `## The rooms`")?;
    let mut table = Table::new();
    for row in section.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [rooms, may_use, _] = cells[..] else { return Err(format!("docs/ARCHITECTURE.md: {row}: three columns")) };
        // Plugins and the console are other packages: `libraries` and `plugins` see to them.
        if !rooms.starts_with('`') {
            continue;
        }
        for room in rooms.split(',').map(|room| room.trim().trim_matches('`')) {
            let allowed = words(may_use, room).into_iter().flat_map(paths_of).collect();
            table.insert(room.to_owned(), allowed);
        }
    }
    let known: BTreeSet<&str> = table.keys().map(String::as_str).collect();
    for (room, allowed) in &table {
        for path in allowed {
            let first = path.split("::").next().unwrap_or(path);
            if !known.contains(first) {
                return Err(format!("docs/ARCHITECTURE.md: {room} may use {path:?}, which is no room of the table"));
            }
        }
    }
    Ok(table)
}

/// The words of a cell that hold for `room`: `model, View; scripts also host` says more to `scripts` than to others.
fn words<'a>(cell: &'a str, room: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = cell;
    let mut without_brackets = Vec::new();
    while let Some((before, after)) = rest.split_once('(') {
        without_brackets.push(before);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    without_brackets.push(rest);
    for clause in without_brackets.iter().flat_map(|part| part.split(';')) {
        match clause.split_once(" also ") {
            Some((who, what)) if who.trim() == room => found.extend(what.split(',')),
            Some(_) => {}
            None => found.extend(clause.split(',')),
        }
    }
    found
        .into_iter()
        .map(|word| word.trim().trim_matches('`'))
        .filter(|word| !word.is_empty() && *word != "nothing of ours")
        .collect()
}

fn paths_of(word: &str) -> Vec<String> {
    let part = PARTS.iter().find(|(name, _)| *name == word);
    part.map_or_else(|| vec![word.to_owned()], |(_, paths)| paths.iter().map(|path| path.to_string()).collect())
}

/// The room of a file and the modules down to it: `core/src/store/view.rs` is `["store", "view"]`.
fn modules(path: &str) -> Option<Vec<&str>> {
    Some(path.strip_prefix("core/src/")?.strip_suffix(".rs")?.split('/').collect())
}

/// A path below `crate::`, whichever way it was written.
fn absolute(path: &str, modules: &[&str]) -> String {
    let mut rest = path;
    let mut n_up = 0;
    while let Some(shorter) = rest.strip_prefix("super::") {
        (rest, n_up) = (shorter, n_up + 1);
    }
    match rest.strip_prefix("crate::") {
        Some(below) => below.to_owned(),
        None => {
            let kept = &modules[..modules.len().saturating_sub(n_up)];
            kept.iter().copied().chain([rest]).collect::<Vec<_>>().join("::")
        }
    }
}

fn imports(file: &Source, table: &Table) -> Vec<String> {
    let Some(modules) = modules(&file.path) else { return Vec::new() };
    let room = modules[0];
    // Tests in files of their own are tests still: they may go in by whatever door others do.
    let is_test = modules.contains(&"tests");
    if is_test || ABOVE_ALL.contains(&room) {
        return Vec::new();
    }
    let may_use = table.get(room);
    let code = rust::without_tests(&rust::mask(&file.text));
    rust::local_paths(&code)
        .into_iter()
        .map(|(line, path)| (line, absolute(&path, &modules)))
        .filter(|(_, path)| {
            let first = path.split("::").next().unwrap_or(path);
            let is_allowed = |allowed: &String| *path == *allowed || path.starts_with(&format!("{allowed}::"));
            !(first == room || COMMON.contains(&first) || may_use.is_some_and(|list| list.iter().any(is_allowed)))
        })
        .map(|(line, path)| {
            let list = may_use.map_or_else(String::new, |list| list.iter().cloned().collect::<Vec<_>>().join(", "));
            format!("{}:{line}: `{room}` may not use `crate::{path}`; it may use: {list}", file.path)
        })
        .collect()
}

/// Rooms that are no rooms of the table but small files of their own.
fn with_small_rooms(mut table: Table) -> Table {
    // Sample data is plain data.
    table.insert("demo".into(), BTreeSet::from(["model".into()]));
    table
}

fn house_table() -> Table {
    let document = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).expect("docs/ARCHITECTURE.md is there");
    with_small_rooms(table(&document).unwrap_or_else(|problem| panic!("{problem}")))
}

#[test]
fn each_room_uses_only_what_the_table_allows() {
    let table = house_table();
    refuse(files_under("core/src", &[".rs"]).iter().flat_map(|file| imports(file, &table)).collect());
}

#[test]
fn every_room_of_the_core_is_in_the_table() {
    let table = house_table();
    let problems = files_under("core/src", &[".rs"])
        .iter()
        .filter_map(|file| modules(&file.path).map(|modules| modules[0].to_owned()))
        .filter(|room| room != "error" && !ABOVE_ALL.contains(&room.as_str()) && !table.contains_key(room))
        .map(|room| format!("core/src/{room}: no row in the table of docs/ARCHITECTURE.md"))
        .collect();
    refuse(problems);
}

#[test]
fn the_table_is_understood() {
    let text = "## The rooms\n| room | may use | must not know |\n|---|---|---|\n| `model` | nothing of ours | x |\n\
        | `store` | model | x |\n| `bus` | store (ask, wait) | x |\n| `host`, `scripts` | View, `Subscriber`; scripts also host | x |\n";
    let table = table(text).expect("a good table");
    let of = |room: &str| table[room].iter().map(String::as_str).collect::<Vec<_>>();
    assert!(of("model").is_empty());
    assert_eq!(of("bus"), ["store"]);
    assert!(of("host").contains(&"bus::Subscriber") && of("host").contains(&"store::view"));
    assert!(!of("host").contains(&"bus") && !of("host").contains(&"host"));
    assert!(of("scripts").contains(&"host"));
    let wrong = text.replace("store (ask", "stroe (ask");
    assert!(self::table(&wrong).expect_err("a room that is none").contains("stroe"));
}

#[test]
fn a_forbidden_import_is_caught() {
    let table = house_table();
    let check = |path: &str, text: &str| imports(&Source::example(path, text), &table);
    catches(check("core/src/model/kind.rs", "use crate::store::View;"), "`model` may not use `crate::store::View`");
    catches(check("core/src/host/v1.rs", "use crate::{model::Id, store::{View, Committer}};"), "store::Committer");
    catches(check("core/src/http/customers.rs", "fn f() { crate::host::run() }"), "`crate::host::run`");
    catches(check("core/src/commands/record.rs", "use super::super::bus::Bus;"), "`crate::bus::Bus`");
    refuse(check("core/src/host/v1.rs", "use super::limits::Limits;\nuse crate::{Error, model::Id, store::View};"));
    refuse(check("core/src/store.rs", "#[cfg(test)]\nmod tests { use crate::bus::Bus; }"));
}
