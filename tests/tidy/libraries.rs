//! One library, one room: who may name axum, rusqlite, wasmtime, rhai and `config`, in code and in manifests.

use crate::{
    house::{Source, catches, files, refuse},
    rust,
};

/// A library and the places that may name it. What is said here is said in `docs/ARCHITECTURE.md` too.
struct Library {
    name: &'static str,
    code: &'static [&'static str],
    manifests: &'static [&'static str],
}

const LIBRARIES: [Library; 8] = [
    // The bench serves the bare question too, to have something to compare with.
    Library {
        name: "axum",
        code: &["core/src/http.rs", "core/src/http/", "bench/src/bare.rs", "bench/src/bare/"],
        manifests: &["core/", "bench/"],
    },
    Library { name: "tower_http", code: &["core/src/http.rs", "core/src/http/"], manifests: &["core/"] },
    // The bench asks the file itself.
    Library {
        name: "rusqlite",
        code: &["core/src/store.rs", "core/src/store/", "bench/src/bare.rs", "bench/src/bare/"],
        manifests: &["core/", "bench/"],
    },
    Library { name: "refinery", code: &["core/src/store.rs", "core/src/store/"], manifests: &["core/"] },
    Library { name: "wasmtime", code: &["core/src/host.rs", "core/src/host/"], manifests: &["core/"] },
    Library { name: "rhai", code: &["scripts/runner/"], manifests: &["scripts/runner/"] },
    Library { name: "config", code: &["core/src/config.rs", "core/src/config/"], manifests: &["core/"] },
    Library {
        name: "calamine",
        code: &["core/src/imports.rs", "core/src/imports/", "tests/it/"],
        manifests: &["core/", "tests/"],
    },
];

fn code_in_its_room(file: &Source) -> Vec<String> {
    let code = rust::mask(&file.text);
    LIBRARIES
        .iter()
        .filter(|library| !library.code.iter().any(|place| file.path.starts_with(place)))
        .flat_map(|library| {
            let name = library.name;
            names(&code, name).into_iter().map(move |line| (line, name, library.code))
        })
        .map(|(line, name, rooms)| format!("{}:{line}: `{name}` stays in {}", file.path, rooms.join(", ")))
        .collect()
}

/// The lines on which `name::` begins a path; where a module of that name is declared, it is ours and no library.
fn names(code: &str, name: &str) -> Vec<usize> {
    if code.contains(&format!("mod {name};")) {
        return Vec::new();
    }
    let head = format!("{name}::");
    code.match_indices(&head)
        .filter(|(at, _)| {
            let before = code[..*at].trim_end();
            let is_part_of_a_name = code[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            // Inside `use crate::{config::Config}` the tree's own head says whose it is.
            let statement = before.rsplit(';').next().unwrap_or("");
            let tree = statement.rfind("use ").map_or("", |start| &statement[start..]);
            let is_in_a_tree = tree.contains("::{");
            let is_inner = before.ends_with("::") && !is_absolute(before);
            !is_part_of_a_name && !is_inner && !is_in_a_tree
        })
        .map(|(at, _)| code[..at].matches('\n').count() + 1)
        .collect()
}

/// `::name::…`, which can only be a library.
fn is_absolute(before: &str) -> bool {
    !before.trim_end_matches(':').ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>')
}

fn manifests_in_their_room(file: &Source) -> Vec<String> {
    let manifest: toml::Table = match file.text.parse() {
        Ok(manifest) => manifest,
        Err(error) => return vec![format!("{}: {error}", file.path)],
    };
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(toml::Table::keys)
        .filter_map(|dependency| {
            let library = LIBRARIES.iter().find(|library| library.name == dependency.replace('-', "_"))?;
            let is_allowed = library.manifests.iter().any(|place| file.path.starts_with(place));
            (!is_allowed).then(|| {
                format!("{}: `{dependency}` is a dependency of {} only", file.path, library.manifests.join(", "))
            })
        })
        .collect()
}

/// Plugins stand on the SDK alone: not on the core, not on each other.
fn plugin_stands_on_the_sdk(file: &Source) -> Vec<String> {
    let manifest: toml::Table = file.text.parse().unwrap_or_default();
    let of_ours = |name: &str, value: &toml::Value| {
        value.get("path").is_some() || name.starts_with("marque") || files_of_workspace(name)
    };
    manifest
        .get("dependencies")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flatten()
        .filter(|(name, value)| *name != "marque-sdk" && of_ours(name, value))
        .map(|(name, _)| format!("{}: a plugin depends on marque-sdk alone, not on `{name}`", file.path))
        .collect()
}

fn files_of_workspace(name: &str) -> bool {
    crate::house::folders("plugins").iter().any(|plugin| plugin == name) || name == "script-runner"
}

#[test]
fn each_library_stays_in_its_room() {
    refuse(files(&[".rs"]).iter().flat_map(code_in_its_room).collect());
}

#[test]
fn each_library_is_a_dependency_of_its_room_only() {
    let members = files(&["Cargo.toml"]);
    refuse(members.iter().filter(|file| file.path != "Cargo.toml").flat_map(manifests_in_their_room).collect());
}

#[test]
fn plugins_depend_on_the_sdk_alone() {
    let is_plugin = |file: &&Source| file.path.starts_with("plugins/");
    refuse(files(&["Cargo.toml"]).iter().filter(is_plugin).flat_map(plugin_stands_on_the_sdk).collect());
}

#[test]
fn a_library_outside_its_room_is_caught() {
    let check = |path: &str, text: &str| code_in_its_room(&Source::example(path, text));
    catches(check("core/src/bus.rs", "use axum::Router;"), "core/src/bus.rs:1: `axum` stays in core/src/http");
    catches(check("core/src/bus.rs", "fn f(c: &rusqlite::Connection) {}"), "`rusqlite`");
    catches(check("core/src/app.rs", "use ::config::Config;"), "`config`");
    catches(check("core/src/scripts.rs", "\nuse rhai::Engine;"), "core/src/scripts.rs:2");
    refuse(check(
        "core/src/app.rs",
        "use crate::{bus::{A, B}, config::Config, host};\nuse crate::config::Limits; // axum::Router",
    ));
    refuse(check("core/src/bus.rs", "mod config;\npub use config::BusConfig;"));
    refuse(check("core/src/store/sqlite.rs", "use rusqlite::Connection;"));
}

#[test]
fn a_dependency_outside_its_room_is_caught() {
    let check = |path: &str, text: &str| manifests_in_their_room(&Source::example(path, text));
    catches(check("core/Cargo.toml", "[dependencies]\nrhai = \"1\"\n"), "`rhai` is a dependency of scripts/runner/");
    catches(check("xtask/Cargo.toml", "[dev-dependencies]\nwasmtime.workspace = true\n"), "`wasmtime`");
    refuse(check("core/Cargo.toml", "[dependencies]\nwasmtime.workspace = true\n"));
}

#[test]
fn a_plugin_that_knows_the_core_is_caught() {
    let check = |text: &str| plugin_stands_on_the_sdk(&Source::example("plugins/x/Cargo.toml", text));
    catches(check("[dependencies]\nmarque.workspace = true\n"), "not on `marque`");
    catches(check("[dependencies]\nworklist = { path = \"../worklist\" }\n"), "not on `worklist`");
    refuse(check("[dependencies]\nmarque-sdk.workspace = true\nserde.workspace = true\n"));
}
