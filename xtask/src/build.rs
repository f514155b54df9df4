//! `cargo xtask build`: plugins, console and server; what is left is `target/release/marque`.

use std::path::PathBuf;

use clap::Args;

use crate::{
    Outcome, console, plugins,
    process::{cargo, run},
    root::root,
    setup,
};

/// Build the server with its console and plugins inside.
#[derive(Args)]
pub struct Build {}

impl Build {
    /// The server comes last: it carries the others.
    pub fn run(self) -> Outcome {
        setup::check()?;
        plugins::Plugins {}.run()?;
        console::build()?;
        run(cargo().args(["build", "--release", "--locked", "--package", "marque"]))?;
        eprintln!("built {}", binary().display());
        Ok(())
    }
}

/// Where the built server is.
pub fn binary() -> PathBuf {
    root().join("target/release").join(format!("marque{}", std::env::consts::EXE_SUFFIX))
}
