//! The bench's own plugin, under as many names as are wanted.

use std::{collections::BTreeMap, fs, path::Path};

use marque_package::Package;
use serde_json::json;

use crate::{Outcome, client::Client, text};

/// Packs `bench/guest` under a name of its own.
fn packed(root: &Path, name: &str) -> Outcome<Vec<u8>> {
    let component = root.join("target/plugins/guests/tally.wasm");
    let component = fs::read(&component)
        .map_err(|error| format!("{}: {error}; build the guests first: cargo xtask plugins", component.display()))?;
    let package = Package::from_folder(&root.join("bench/guest"), Some(component))?;
    if name == "tally" {
        return Ok(package.pack()?);
    }
    // The code asks for marks of its own name alone; under another it may hear and do nothing, which is what it costs.
    let renamed = |(path, content): (&str, &[u8])| {
        let content = match path.rsplit('.').next() {
            Some("toml" | "json") => String::from_utf8_lossy(content)
                .replace("tally.mark", &format!("{name}.mark"))
                .replace("name = \"tally\"", &format!("name = \"{name}\""))
                .into_bytes(),
            _ => content.to_vec(),
        };
        (path.replace("tally.mark", &format!("{name}.mark")), content)
    };
    let files: BTreeMap<String, Vec<u8>> = package.files().map(renamed).collect();
    Ok(Package::from_files(files)?.pack()?)
}

/// Install it and have it at work.
pub fn install(admin: &Client, root: &Path, name: &str) -> Outcome<()> {
    let package = packed(root, name)?;
    admin.give("POST", "/plugins?grant=true", "application/octet-stream", &package)?;
    if text(&admin.get(&format!("/plugins/{name}"))?, "state") != "enabled" {
        admin.send("POST", &format!("/plugins/{name}/enable"), &json!({}))?;
    }
    Ok(())
}

/// How many events stand before the one that lags most, of all plugins or of one.
pub fn lag(admin: &Client, name: Option<&str>) -> Outcome<i64> {
    let plugins = admin.get("/plugins")?;
    let items = plugins["items"].as_array().ok_or("no plugins")?;
    let wanted = items.iter().filter(|plugin| name.is_none_or(|name| plugin["name"] == name));
    Ok(wanted.filter_map(|plugin| plugin["lag"].as_i64()).max().unwrap_or_default())
}
