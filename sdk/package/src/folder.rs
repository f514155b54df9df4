//! Which files of a plugin's folder a dealer needs: data and texts, not sources.

use std::{collections::BTreeMap, fs, path::Path};

use walkdir::WalkDir;

use crate::{Error, Result, limits, name};

const FILES: [&str; 6] = ["plugin.toml", "README.md", "CHANGELOG.md", "LICENSE", "settings.json", "demo.json"];
const FOLDERS: [&str; 7] = ["records", "points", "scripts", "screens", "texts", "cases", "queries"];

/// Reads them. A list of what goes in, not of what stays out: a key left lying about is never sent.
pub fn read(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for file in FILES {
        let path = folder.join(file);
        // Not `exists`: a dangling link must be refused below, not passed over.
        if fs::symlink_metadata(&path).is_ok() {
            add(&mut files, folder, &path)?;
        }
    }
    for entry in FOLDERS.iter().map(|name| folder.join(name)).filter(|path| path.exists()).flat_map(WalkDir::new) {
        let entry = entry.map_err(|cause| Error::Garbage { what: cause.to_string() })?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !entry.file_type().is_dir() && !is_hidden {
            add(&mut files, folder, entry.path())?;
        }
    }
    Ok(files)
}

fn add(files: &mut BTreeMap<String, Vec<u8>>, folder: &Path, path: &Path) -> Result<()> {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let file = relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
    name::check(&file)?;
    let metadata = fs::symlink_metadata(path).map_err(Error::io(path))?;
    if !metadata.is_file() {
        let what = if metadata.is_symlink() { "link" } else { "special file" };
        return Err(Error::NotAFile { file, what });
    }
    if metadata.len() > limits::UNPACKED_BYTES as u64 {
        return Err(Error::unpacked_too_large(&file));
    }
    files.insert(file, fs::read(path).map_err(Error::io(path))?);
    Ok(())
}
