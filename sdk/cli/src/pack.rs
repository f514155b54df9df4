//! `marque-cli pack DIR`: the package that a dealer installs.

use std::{fs, path::PathBuf};

use clap::Args;
use marque_package::Key;

use crate::{Outcome, house::House};

/// Make the package.
#[derive(Args)]
pub struct Pack {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Sign it with this key, made by `marque-cli key new`.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Where to put it.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
}

impl Pack {
    /// Builds, checks, packs; the same folder makes the same bytes.
    pub fn run(self) -> Outcome {
        let house = House::of(&self.folder)?;
        house.build()?;
        crate::check::refuse_findings(&house)?;
        let package = house.package()?;
        let bytes = match &self.key {
            Some(file) => {
                let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
                let key: Key = text.parse().map_err(|error| format!("{}: {error}", file.display()))?;
                package.pack_signed(&key)?
            }
            None => package.pack()?,
        };
        let path = self.out.join(package.file_name());
        fs::write(&path, &bytes).map_err(|error| format!("{}: {error}", path.display()))?;
        eprintln!(
            "packed {} ({} kB, {})",
            path.display(),
            bytes.len().div_ceil(1000),
            if self.key.is_some() { "signed" } else { "unsigned" }
        );
        Ok(())
    }
}
