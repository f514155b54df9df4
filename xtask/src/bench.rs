//! `cargo xtask bench`: the figures, from building what is measured to the table; `--compare` puts an earlier commit beside it.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::{
    Outcome,
    build::binary,
    console, plugins,
    process::{build_binaries, cargo, program, run},
    root::root,
    setup,
};

/// Measure the server, each figure beside the limit of the machine.
#[derive(Args)]
pub struct Bench {
    /// Only these: start, find, create, import, rule, computed, events, neighbour, mixed, growth, large.
    scenarios: Vec<String>,
    /// A hundredth of everything with the binaries that tests use: whether it works, not how fast.
    #[arg(long)]
    small: bool,
    /// Build this commit too, and run each scenario on both, one right after the other.
    #[arg(long, value_name = "COMMIT")]
    compare: Option<String>,
    /// Customers of the usual store.
    #[arg(long)]
    customers: Option<u32>,
    /// Customers of the large store, as many as there is time for; 0 for none.
    #[arg(long)]
    many: Option<u32>,
    /// Seconds of each measurement.
    #[arg(long)]
    seconds: Option<u32>,
    /// Minutes that measuring may take.
    #[arg(long)]
    budget: Option<u32>,
}

impl Bench {
    /// Builds, then measures.
    pub fn run(self) -> Outcome {
        if self.small {
            return small(&self.scenarios);
        }
        setup::check()?;
        plugins::Plugins {}.run()?;
        console::build()?;
        run(cargo().args(["build", "--release", "--locked", "--package", "marque", "--package", "marque-bench"]))?;
        let mut bench = measuring(&root().join("target/release"), &binary());
        let folder = root().join("target/bench");
        bench.arg("--stores").arg(folder.join("stores")).arg("--out").arg(root().join("bench/results"));
        if let Some(commit) = &self.compare {
            bench.arg("--against").arg(built_before(commit, &folder.join("before"))?);
        }
        let options = [
            ("--customers", self.customers),
            ("--many", self.many),
            ("--seconds", self.seconds),
            ("--budget", self.budget),
        ];
        for (name, value) in options {
            bench.args(value.map(|value| format!("{name}={value}")));
        }
        run(bench.args(&self.scenarios))
    }
}

/// Every scenario with the binaries that tests use.
pub fn small(scenarios: &[String]) -> Outcome {
    plugins::Plugins {}.run()?;
    build_binaries()?;
    let folder = root().join("target/debug");
    let server = folder.join(format!("marque{}", std::env::consts::EXE_SUFFIX));
    run(measuring(&folder, &server).arg("--small").args(scenarios))
}

fn measuring(folder: &Path, server: &Path) -> std::process::Command {
    let bench = folder.join(format!("marque-bench{}", std::env::consts::EXE_SUFFIX));
    let mut bench = program(&bench.to_string_lossy());
    bench.arg("run").arg("--root").arg(root()).arg("--server").arg(server);
    bench
}

/// The server of another commit, built in a work tree of its own that is kept for the next time.
fn built_before(commit: &str, tree: &Path) -> Result<PathBuf, Box<dyn std::error::Error>> {
    if tree.exists() {
        run(program("git").arg("-C").arg(tree).args(["checkout", "--quiet", "--detach", commit]))?;
    } else {
        run(program("git").args(["worktree", "add", "--detach"]).arg(tree).arg(commit))?;
    }
    run(cargo().current_dir(tree).env_remove("CARGO_MANIFEST_DIR").args(["xtask", "build"]))?;
    Ok(tree.join("target/release").join(format!("marque{}", std::env::consts::EXE_SUFFIX)))
}
