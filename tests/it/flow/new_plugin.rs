//! A plugin made from nothing: its folder is all that changes, and it is live as soon as it is uploaded.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use serde_json::json;
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::{
    faults::package::install,
    support::{Server, eventually, server::binary},
};

/// What a checkout needs to build a plugin; the console is not among it.
const PARTS: [&str; 10] =
    [".cargo", "Cargo.lock", "Cargo.toml", "bench", "core", "plugins", "scripts", "sdk", "tests", "xtask"];
const NAME: &str = "trial";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests stand in the root").to_owned()
}

/// A copy of this checkout, with what was built of guests, so that the real one is not touched.
fn checkout(to: &Path) {
    for part in PARTS.iter().copied().chain(["target/guest"]) {
        for entry in WalkDir::new(root().join(part)).into_iter().filter_map(Result::ok) {
            let path = to.join(entry.path().strip_prefix(root()).expect("inside"));
            if entry.file_type().is_dir() {
                fs::create_dir_all(&path).expect("a folder can be made");
            } else {
                fs::create_dir_all(path.parent().expect("a file has a folder")).expect("a folder can be made");
                copy(entry.path(), &path);
            }
        }
    }
}

/// Cargo compares times, so a copy keeps them.
fn copy(from: &Path, to: &Path) {
    fs::copy(from, to).expect("a file can be copied");
    let changed = fs::metadata(from).and_then(|about| about.modified()).expect("a file has a time");
    fs::File::options().write(true).open(to).and_then(|file| file.set_modified(changed)).expect("a time can be set");
}

/// Every written file with a digest.
fn digests(root: &Path) -> BTreeMap<PathBuf, String> {
    WalkDir::new(root)
        .into_iter()
        .filter_entry(|entry| entry.path() != root.join("target"))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let bytes = fs::read(entry.path()).expect("a file can be read");
            let path = entry.path().strip_prefix(root).expect("inside").to_owned();
            (path, format!("{:x?}", Sha256::digest(bytes)))
        })
        .collect()
}

fn marque_cli(arguments: &[&str], folder: &Path) {
    let cli = binary().with_file_name(format!("marque-cli{}", env::consts::EXE_SUFFIX));
    assert!(cli.is_file(), "{} is not there: build it with `cargo build --package marque-cli`", cli.display());
    let output = Command::new(cli).args(arguments).current_dir(folder).output().expect("marque-cli runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "marque-cli {}:\n{said}", arguments.join(" "));
}

#[test]
fn a_new_plugin_changes_no_file_outside_its_folder_and_is_live_after_upload() {
    let home = tempfile::tempdir().expect("a temporary folder can be made");
    let home = home.path();
    checkout(home);
    let before = digests(home);
    let server = Server::start();
    let admin = server.admin();

    marque_cli(&["new", NAME], home);
    let folder = home.join("plugins").join(NAME);
    marque_cli(&["check", "."], &folder);
    marque_cli(&["test", "."], &folder);
    marque_cli(&["pack", ".", "--out", "."], &folder);
    let after = digests(home);
    let outside: Vec<_> = before
        .iter()
        .filter(|(path, digest)| after.get(*path) != Some(digest))
        .map(|(path, _)| path)
        .chain(after.keys().filter(|path| !before.contains_key(*path)))
        .filter(|path| !path.starts_with(Path::new("plugins").join(NAME)) && *path != Path::new("Cargo.lock"))
        .collect();
    assert_eq!(outside, Vec::<&PathBuf>::new(), "files outside the plugin's folder");

    let package = fs::read(folder.join(format!("{NAME}-0.1.0.mpk"))).expect("the package was made");
    install(&admin, package, NAME);
    let customer = admin.create("customer", json!({ "name": "王磊", "phone": "13000012345" }));
    let card = eventually("the new plugin makes its card", Duration::from_secs(30), || {
        admin.list(&format!("{NAME}.card"), &json!({ "customer": customer["id"] })).pop()
    });
    assert_eq!(card["data"]["customer"], customer["id"], "{card}");
}
