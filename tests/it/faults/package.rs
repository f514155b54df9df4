//! The wayward plugin, packed from its folder as a dealer would install it.

use std::{fs, path::Path};

use marque_package::Package;

use crate::support::Client;

/// Packs `tests/guests/wayward` with its component.
pub fn wayward() -> Vec<u8> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let component = tests.join("../target/plugins/guests/wayward.wasm");
    let component = fs::read(&component).unwrap_or_else(|error| {
        panic!("{}: {error}\nbuild the guests first: cargo xtask plugins", component.display());
    });
    let folder = tests.join("guests/wayward");
    let package = Package::from_folder(&folder, Some(component)).expect("the folder can be packed");
    package.pack().expect("a package can be written")
}

/// Installs a package and has it enabled.
#[track_caller]
pub fn install(admin: &Client, package: Vec<u8>, name: &str) {
    let media_type = [("content-type", "application/octet-stream")];
    admin.send("POST", "/plugins", &media_type, package).ok(201);
    let state = |client: &Client| client.get(&format!("/plugins/{name}")).ok(200)["state"].clone();
    if state(admin) != "enabled" {
        admin.post(&format!("/plugins/{name}/enable"), &serde_json::json!({})).ok(200);
    }
    assert_eq!(state(admin), "enabled");
}
