//! Stores that many tests begin with: made once by the built server and copied.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use super::server::binary;

/// Fill a folder with a copy of the store that `make` makes, which is asked once for each name and build of the server.
pub fn copy(to: &Path, name: &str, make: impl FnOnce(&Path)) {
    let template = folder().join(digest(name));
    if !template.is_dir() {
        let parent = folder();
        fs::create_dir_all(&parent).expect("a folder beside the server can be made");
        forget_older(&parent);
        let making = tempfile::tempdir_in(&parent).expect("a temporary folder can be made");
        make(&making.path().join("data"));
        // Another test may have been quicker; its store is as good.
        let _ = fs::rename(making.path().join("data"), &template);
    }
    copy_all(&template, to);
}

fn folder() -> PathBuf {
    binary().with_file_name("stores-for-tests")
}

/// Begins with what tells one build of the server from the next.
fn digest(name: &str) -> String {
    let built =
        fs::metadata(binary()).and_then(|file| Ok((file.len(), file.modified()?))).expect("the server is built");
    let digest = |what: &dyn Fn(&mut DefaultHasher)| {
        let mut hasher = DefaultHasher::new();
        what(&mut hasher);
        hasher.finish()
    };
    format!("{:016x}-{:016x}", digest(&|hasher| built.hash(hasher)), digest(&|hasher| name.hash(hasher)))
}

/// Stores of older builds are of no use to anybody.
fn forget_older(parent: &Path) {
    let build = digest("").split('-').next().unwrap_or_default().to_owned();
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.contains('-') && !name.starts_with(&build) {
            // Left behind it costs a few megabytes.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    let rights = fs::metadata(from).expect("the store is there").permissions();
    fs::set_permissions(to, rights).expect("rights of a folder can be set");
    for entry in fs::read_dir(from).expect("the store is there") {
        let entry = entry.expect("the store can be read");
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_all(&source, &target);
        } else {
            fs::copy(&source, &target).expect("a file of the store can be copied");
        }
    }
}
