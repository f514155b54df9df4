//! The console: its packages when the lock file has changed, its build when a source has.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

use crate::{
    Outcome,
    process::{program, run},
    root::root,
};

/// Everything a build reads, below `console/`.
const SOURCES: [&str; 7] =
    ["src", "public", "index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"];

/// Builds `console/dist` where it is older than its sources.
pub fn build() -> Outcome {
    install()?;
    let folder = folder();
    if newest(&SOURCES.map(|name| folder.join(name)))? < modified(&folder.join("dist/index.html")) {
        return Ok(());
    }
    run(npm().args(["run", "build"]))
}

/// Installs the packages the lock file names, once a lock file.
pub fn install() -> Outcome {
    let folder = folder();
    // npm leaves a copy of what it installed there; it is written last.
    if modified(&folder.join("package-lock.json")) < modified(&folder.join("node_modules/.package-lock.json")) {
        return Ok(());
    }
    run(npm().args(["ci", "--no-audit", "--no-fund"]))
}

/// npm, told to work in the console's folder.
pub fn npm() -> Command {
    let mut command = program(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder());
    command
}

fn folder() -> PathBuf {
    root().join("console")
}

/// When the newest of some files, and files in folders, was changed.
fn newest(paths: &[PathBuf]) -> io::Result<Option<SystemTime>> {
    let mut found = None;
    for path in paths {
        let inside = if path.is_dir() {
            let entries = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path()));
            newest(&entries.collect::<io::Result<Vec<_>>>()?)?
        } else {
            modified(path)
        };
        found = found.max(inside);
    }
    Ok(found)
}

/// When a file was changed; never, if it is not there.
fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|about| about.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_older_than_any() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(modified(&here.join("no-such-file")) < modified(&here.join("Cargo.toml")));
    }

    #[test]
    fn the_newest_file_is_found_in_folders_too() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let inside = newest(&[here.join("src")]).expect("the folder is readable");
        assert!(inside.is_some() && inside >= modified(&here.join("src/console.rs")));
    }
}
