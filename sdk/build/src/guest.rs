//! A guest crate: what its manifest says about the module it becomes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{Error, Result};

/// A crate that is compiled to WebAssembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// The package's name, as `cargo build -p` takes it.
    pub package: String,
    /// The library's name, which is the file's: dashes are underscores.
    pub library: String,
    /// The crate's folder.
    pub folder: PathBuf,
}

#[derive(Deserialize)]
struct Manifest {
    package: Option<Package>,
    lib: Option<Library>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

#[derive(Default, Deserialize)]
struct Library {
    name: Option<String>,
    #[serde(default, rename = "crate-type")]
    crate_type: Vec<String>,
}

impl Guest {
    /// The guest in `folder`, or nothing where there is no crate or it is no `cdylib`.
    pub fn at(folder: &Path) -> Result<Option<Guest>> {
        let path = folder.join("Cargo.toml");
        if !path.is_file() {
            return Ok(None);
        }
        let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
        let manifest: Manifest =
            toml::from_str(&text).map_err(|cause| Error::Manifest { path, cause: Box::new(cause) })?;
        let library = manifest.lib.unwrap_or_default();
        Ok(manifest.package.filter(|_| library.crate_type.iter().any(|kind| kind == "cdylib")).map(|package| Guest {
            library: library.name.unwrap_or_else(|| package.name.replace('-', "_")),
            package: package.name,
            folder: folder.to_owned(),
        }))
    }

    /// All guests directly under `folder`, by name.
    pub fn under(folder: &Path) -> Result<Vec<Guest>> {
        let mut folders: Vec<PathBuf> = match fs::read_dir(folder) {
            Ok(entries) => entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect(),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(Error::file(folder)(cause)),
        };
        folders.sort();
        folders.iter().filter_map(|folder| Guest::at(folder).transpose()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cdylib_is_a_guest_and_anything_else_is_not() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let folder = root.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("Cargo.toml"), text).unwrap();
        };
        write("b-guest", "[package]\nname = \"b-guest\"\n[lib]\ncrate-type = [\"cdylib\"]");
        write("a-tool", "[package]\nname = \"a-tool\"");
        fs::create_dir(root.path().join("data-only")).unwrap();

        let guests = Guest::under(root.path()).unwrap();

        assert_eq!(guests.len(), 1);
        assert_eq!((guests[0].package.as_str(), guests[0].library.as_str()), ("b-guest", "b_guest"));
    }

    #[test]
    fn a_folder_that_is_not_there_holds_no_guests() {
        assert_eq!(Guest::under("no/such/folder".as_ref()).unwrap(), []);
    }
}
