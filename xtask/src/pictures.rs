//! `cargo xtask pictures`: the main screens as they look today, from a server of its own.

use clap::Args;

use crate::{
    Outcome,
    process::{program, run},
    root::root,
    test::browser::{self, Stage},
};

/// Take the pictures of the main screens in `docs/pictures`.
#[derive(Args)]
pub struct Pictures {}

impl Pictures {
    /// Starts a server with sample data, looks at it in Chromium, stops it.
    pub fn run(self) -> Outcome {
        let Some(stage) = Stage::set("target/pictures", 600)? else {
            return Err("no Chromium on this machine".into());
        };
        run(browser::seen(&stage, program("node").arg("console/e2e/pictures.mjs"))
            .env("OUT", root().join("docs/pictures")))
    }
}
