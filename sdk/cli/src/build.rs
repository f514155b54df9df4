//! `marque-cli build DIR`: the plugin's component.

use std::path::PathBuf;

use clap::Args;

use crate::{Outcome, house::House};

/// Build a plugin's component.
#[derive(Args)]
pub struct Build {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

impl Build {
    /// Leaves it in the workspace's `target/plugins`.
    pub fn run(self) -> Outcome {
        let house = House::of(&self.folder)?;
        house.build()?;
        match &house.header.component {
            Some(name) => eprintln!("built {}", house.built(name).display()),
            None => eprintln!("{} has no code: there is nothing to build", house.header.name),
        }
        Ok(())
    }
}
