//! The garage plugin of `tests/packages`, packed as it is or with another kind of client.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use marque::model::Kind;
use marque_package::Package;
use serde_json::Value;

const CLIENT: &str = "records/garage.client.json";

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packages/garage")
}

/// As it is.
pub fn package() -> Vec<u8> {
    Package::from_folder(&folder(), None).expect("the folder can be packed").pack().expect("a package")
}

/// With clients as `change` leaves them.
pub fn package_with(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let package = Package::from_folder(&folder(), None).expect("the folder can be packed");
    let mut files: BTreeMap<String, Vec<u8>> =
        package.files().map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).collect();
    let mut client: Value = serde_json::from_slice(&files[CLIENT]).expect("JSON");
    change(&mut client);
    files.insert(CLIENT.into(), client.to_string().into_bytes());
    Package::from_files(files).expect("a package").pack().expect("a package")
}

/// Without any derived field, as before somebody thought of them.
pub fn plain_package() -> Vec<u8> {
    package_with(|client| {
        let fields = client["fields"].as_object_mut().expect("fields");
        fields.retain(|_, field| field["type"] != "rollup" && field["type"] != "computed");
    })
}

/// Both kinds, for tests of the store alone.
pub fn kinds() -> Vec<Arc<Kind>> {
    ["records/garage.job.json", CLIENT]
        .iter()
        .map(|file| {
            let text = fs::read_to_string(folder().join(file)).expect("a file");
            Arc::new(serde_json::from_str(&text).expect("a kind"))
        })
        .collect()
}
