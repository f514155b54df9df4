//! `cargo xtask faults`: the whole fault plan at the large dose, power cuts included.

use clap::Args;

use crate::{
    Outcome, plugins,
    process::{build_binaries, cargo, run},
};

/// Do the server every harm of the fault plan, for hours.
#[derive(Args)]
pub struct Faults {
    /// Rounds of each, instead of the large dose.
    #[arg(long)]
    dose: Option<u32>,
    /// Only tests whose name contains this.
    #[arg(default_value = "faults::")]
    only: String,
}

impl Faults {
    /// Builds the server and the guests, then runs the fault tests one after the other: they measure one machine.
    pub fn run(self) -> Outcome {
        plugins::Plugins {}.run()?;
        build_binaries()?;
        let mut tests = cargo();
        tests.args([
            "test",
            "--package",
            "marque-tests",
            "--test",
            "it",
            &self.only,
            "--",
            "--test-threads=1",
            "--nocapture",
        ]);
        tests.env("MARQUE_FAULTS", "night");
        if let Some(dose) = self.dose {
            tests.env("MARQUE_FAULTS_DOSE", dose.to_string());
        }
        run(&mut tests)
    }
}
