//! `cargo xtask plugins`: every guest built in one cargo call, every plugin folder packed.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use marque_build::{Guest, Toolchain, build, component};
use marque_package::{Header, Package};

use crate::{Outcome, root::root};

/// Where each part ends: `NAME.wasm` and `NAME-VERSION.mpk` for plugins, `guests/NAME.wasm` for tests, `script-runner.wasm`.
const OUTPUT: &str = "target/plugins";

/// Build every guest and pack every plugin.
#[derive(Args)]
pub struct Plugins {}

struct Job {
    guest: Guest,
    component: PathBuf,
}

impl Plugins {
    /// Builds, componentises, packs. What has not changed is left as it is, so nothing downstream is rebuilt.
    pub fn run(self) -> Outcome {
        let root = root();
        let output = root.join(OUTPUT);
        let jobs = jobs(&root, &output)?;
        let guests: Vec<&Guest> = jobs.iter().map(|job| &job.guest).collect();
        let target = root.join("target/guest");
        build::compile(&root.join("Cargo.toml"), &target, &Toolchain::find()?, &guests)?;
        for job in &jobs {
            if component::refresh(&build::module_path(&target, &job.guest), &job.component)? {
                report(&root, &job.component)?;
            }
        }
        pack_all(&root, &output)
    }
}

fn jobs(root: &Path, output: &Path) -> Result<Vec<Job>, marque_build::Error> {
    let mut jobs = Vec::new();
    let mut add = |guests: Vec<Guest>, folder: &Path| {
        for guest in guests {
            let component = folder.join(format!("{}.wasm", guest.package));
            jobs.push(Job { guest, component });
        }
    };
    add(Guest::under(&root.join("plugins"))?, output);
    add(Guest::at(&root.join("scripts/runner"))?.into_iter().collect(), output);
    add(Guest::under(&root.join("tests/guests"))?, &output.join("guests"));
    add(Guest::at(&root.join("bench/guest"))?.into_iter().collect(), &output.join("guests"));
    Ok(jobs)
}

/// Packs every folder under `plugins/` that has a manifest, and removes packages of versions and plugins that are gone.
fn pack_all(root: &Path, output: &Path) -> Outcome {
    fs::create_dir_all(output)?;
    let mut current = BTreeSet::new();
    for folder in folders(&root.join("plugins"))? {
        if !folder.join("plugin.toml").is_file() {
            continue;
        }
        let component = match Header::of_folder(&folder)?.component {
            Some(name) => Some(fs::read(output.join(format!("{name}.wasm")))?),
            None => None,
        };
        let package = Package::from_folder(&folder, component)?;
        let name = package.file_name();
        write_if_changed(root, &output.join(&name), &package.pack()?)?;
        current.insert(name);
    }
    for entry in fs::read_dir(output)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".mpk") && !current.contains(&name) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn folders(parent: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut folders =
        fs::read_dir(parent)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    folders.sort();
    Ok(folders)
}

fn write_if_changed(root: &Path, path: &Path, bytes: &[u8]) -> Outcome {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes)?;
    report(root, path)
}

fn report(root: &Path, path: &Path) -> Outcome {
    let kilobytes = fs::metadata(path)?.len().div_ceil(1000);
    eprintln!("{:>8} kB  {}", kilobytes, path.strip_prefix(root).unwrap_or(path).display());
    Ok(())
}
