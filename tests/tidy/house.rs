//! The files of the house as text, found by walking the tree: no version control is asked.

use std::{
    fs,
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, WalkDir};

/// One file: its path from the root with forward slashes, and what it says.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// A file that exists only in a test.
    pub fn example(path: &str, text: &str) -> Source {
        Source { path: path.into(), text: text.into() }
    }

    /// The file's name without its folders.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// Built, downloaded or made while running: nobody wrote these. A path from the root, or a name wherever it stands.
const NOT_WRITTEN: [&str; 6] = ["target", "data", ".git", "console/dist", "console/test-results", "node_modules"];

/// The folder that holds the workspace's manifest.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests package stands in the root").to_owned()
}

/// All written text files whose name ends with one of `endings`, in a stable order.
pub fn files(endings: &[&str]) -> Vec<Source> {
    files_under("", endings)
}

/// The same below one folder of the root.
pub fn files_under(folder: &str, endings: &[&str]) -> Vec<Source> {
    let root = root();
    let is_written = |entry: &DirEntry| {
        let path = entry.path().strip_prefix(&root).unwrap_or(entry.path());
        !NOT_WRITTEN.iter().any(|place| path == Path::new(place) || (*place == "node_modules" && path.ends_with(place)))
    };
    WalkDir::new(root.join(folder))
        .sort_by_file_name()
        .into_iter()
        .filter_entry(is_written)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter(|entry| endings.iter().any(|ending| entry.file_name().to_string_lossy().ends_with(ending)))
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(&root).ok()?.to_string_lossy().replace('\\', "/");
            // What is not UTF-8 is a sample file of an import, not something to read.
            let text = fs::read_to_string(entry.path()).ok()?;
            Some(Source { path, text })
        })
        .collect()
}

/// The names of the folders directly inside `folder`.
pub fn folders(folder: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root().join(folder))
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Fails with every problem on a line of its own.
#[track_caller]
pub fn refuse(problems: Vec<String>) {
    assert!(problems.is_empty(), "{} to mend:\n  {}\n", problems.len(), problems.join("\n  "));
}

/// Fails unless the check found exactly one problem that contains `words`.
#[track_caller]
pub fn catches(problems: Vec<String>, words: &str) {
    assert_eq!(problems.len(), 1, "expected one problem, got {problems:?}");
    assert!(problems[0].contains(words), "{:?} does not say {words:?}", problems[0]);
}

#[test]
fn the_house_is_found() {
    assert!(files(&["Cargo.toml"]).iter().any(|file| file.path == "core/Cargo.toml"));
    assert!(files(&[".rs"]).iter().all(|file| !file.path.starts_with("target/")));
    assert!(folders("plugins").contains(&"complaints".to_owned()));
}
