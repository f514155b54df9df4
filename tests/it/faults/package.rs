//! The wayward plugin, packed from its folder as a dealer would install it.

use std::{fs, path::Path};

use marque_package::{Key, Package};

use crate::support::{Answer, Client};

/// Packs `tests/guests/wayward` with its component.
pub fn wayward() -> Vec<u8> {
    of_folder().pack().expect("a package can be written")
}

/// The same as another version, its manifest changed in other ways besides.
pub fn version(version: &str, edit: impl FnOnce(String) -> String) -> Vec<u8> {
    other(version, edit).pack().expect("a package can be written")
}

/// A version that may change marks too, which it does when it takes over those of an older one.
pub fn asking(number: &str) -> Vec<u8> {
    let asks = r#"["record.create:wayward.mark"]"#;
    let asks_more = r#"["record.create:wayward.mark", "record.change:wayward.mark"]"#;
    version(number, |manifest| manifest.replace(asks, asks_more))
}

/// As [`version`], signed.
pub fn signed(version: &str, key: &Key) -> Vec<u8> {
    other(version, |manifest| manifest).pack_signed(key).expect("a package can be written")
}

/// A version without code.
pub fn codeless(number: &str) -> Vec<u8> {
    let package = of_folder();
    let manifest = package.manifest_text().replace("version = \"0.1.0\"", &format!("version = \"{number}\""));
    let silent = manifest.replace("[[hears]]\nevent = \"customer.created\"\n", "");
    let silent = silent.replace("component = \"wayward\"\n", "");
    let files = package.files().filter(|(name, _)| *name != "component.wasm");
    let mut files: std::collections::BTreeMap<String, Vec<u8>> =
        files.map(|(name, content)| (name.to_owned(), content.to_vec())).collect();
    files.insert("plugin.toml".into(), silent.into_bytes());
    Package::from_files(files).and_then(|package| package.pack()).expect("a package")
}

/// A first-party plugin as the binary carries it, its manifest changed.
pub fn first_party(file: &str, edit: impl FnOnce(String) -> String) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/plugins").join(file);
    let package = Package::open(&fs::read(&path).expect("a first-party package")).expect("it opens");
    let mut files: std::collections::BTreeMap<String, Vec<u8>> =
        package.files().map(|(name, content)| (name.to_owned(), content.to_vec())).collect();
    files.insert("plugin.toml".into(), edit(package.manifest_text().to_owned()).into_bytes());
    Package::from_files(files).and_then(|package| package.pack()).expect("a package")
}

fn other(version: &str, edit: impl FnOnce(String) -> String) -> Package {
    let package = of_folder();
    let mut files: std::collections::BTreeMap<String, Vec<u8>> =
        package.files().map(|(name, content)| (name.to_owned(), content.to_vec())).collect();
    let manifest = package.manifest_text().replace("version = \"0.1.0\"", &format!("version = \"{version}\""));
    files.insert("plugin.toml".into(), edit(manifest).into_bytes());
    Package::from_files(files).expect("a package")
}

fn of_folder() -> Package {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let component = tests.join("../target/plugins/guests/wayward.wasm");
    let component = fs::read(&component).unwrap_or_else(|error| {
        panic!("{}: {error}\nbuild the guests first: cargo xtask plugins", component.display());
    });
    Package::from_folder(&tests.join("guests/wayward"), Some(component)).expect("the folder can be packed")
}

/// Sends a package; `how` is the query, `?force=true`.
pub fn send(admin: &Client, package: Vec<u8>, how: &str) -> Answer {
    admin.send("POST", &format!("/plugins{how}"), &[("content-type", "application/octet-stream")], package)
}

/// Installs a package and has it enabled.
#[track_caller]
pub fn install(admin: &Client, package: Vec<u8>, name: &str) {
    send(admin, package, "").ok(201);
    let state = |client: &Client| client.get(&format!("/plugins/{name}")).ok(200)["state"].clone();
    if state(admin) != "enabled" {
        admin.post(&format!("/plugins/{name}/enable"), &serde_json::json!({})).ok(200);
    }
    assert_eq!(state(admin), "enabled");
}
