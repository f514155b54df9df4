//! `cargo xtask test`: every test there is, one part after the other.

pub mod browser;

use std::{
    fs,
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};

use crate::{
    Outcome, bench, console, plugins,
    process::{answer, build_binaries, cargo, program, run},
    root::root,
    setup,
};

/// Run every test, or the parts named.
#[derive(Args)]
pub struct Test {
    /// Only these parts; all when none is named.
    parts: Vec<Part>,
}

/// What can be tested by itself, in the order it is done.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Part {
    /// Guests compile and plugins pack.
    Plugins,
    /// The console: packages, lint, unit tests, build.
    Console,
    /// `cargo fmt --check`.
    Format,
    /// Clippy, warnings are errors.
    Lint,
    /// All Rust tests: unit, documentation, routes, flows, limits, tidy.
    Rust,
    /// Each plugin's own cases in the real host.
    Cases,
    /// Each scenario of the bench at its smallest: whether it works, never how fast.
    Bench,
    /// The console in a browser against a started server; skipped where there is no Chromium.
    Browser,
}

impl Test {
    /// Stops at the first part that fails.
    pub fn run(self) -> Outcome {
        setup::check()?;
        let wanted = |part: &&Part| self.parts.is_empty() || self.parts.contains(part);
        let mut times: Vec<(Part, Duration)> = Vec::new();
        for part in Part::value_variants().iter().filter(wanted) {
            eprintln!("\n== {part:?}");
            let start = Instant::now();
            part.run()?;
            times.push((*part, start.elapsed()));
        }
        eprintln!("\nall passed:");
        for (part, time) in times {
            eprintln!("  {:<8} {:>5} s", format!("{part:?}"), time.as_secs());
        }
        Ok(())
    }
}

impl Part {
    fn run(self) -> Outcome {
        match self {
            Part::Plugins => plugins::Plugins {}.run(),
            Part::Console => test_console(),
            Part::Format => run(cargo().args(["fmt", "--all", "--check"])),
            Part::Lint => {
                run(cargo().args(["clippy", "--locked", "--workspace", "--all-targets", "--", "--deny", "warnings"]))
            }
            Part::Rust => test_rust(),
            Part::Cases => test_cases(),
            Part::Bench => bench::small(&[]),
            Part::Browser => browser::test(),
        }
    }
}

fn test_console() -> Outcome {
    console::install()?;
    for script in ["lint", "test", "build", "size"] {
        run(console::npm().args(["run", script]))?;
    }
    Ok(())
}

/// The tests from outside start the server that was built here, so it comes first.
fn test_rust() -> Outcome {
    build_binaries()?;
    if answer("cargo", &["nextest", "--version"]).is_none() {
        return run(cargo().args(["test", "--locked", "--workspace", "--no-fail-fast"]));
    }
    run(cargo().args(["nextest", "run", "--locked", "--workspace", "--no-fail-fast"]))?;
    // nextest leaves the examples in the documentation alone.
    run(cargo().args(["test", "--locked", "--workspace", "--doc"]))
}

fn test_cases() -> Outcome {
    build_binaries()?;
    let cli = root().join("target/debug").join(format!("marque-cli{}", std::env::consts::EXE_SUFFIX));
    let mut folders = fs::read_dir(root().join("plugins"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    folders.sort();
    folders.retain(|folder| folder.join("plugin.toml").is_file());
    // The cases of one plugin run one after the other; two plugins at a time keep a small machine busy.
    let left = Mutex::new(folders.into_iter());
    let next = || left.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || -> Result<(), String> {
        while let Some(folder) = next() {
            run(program(&cli.to_string_lossy()).arg("test").arg(folder)).map_err(|error| error.to_string())?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers = [scope.spawn(work), scope.spawn(work)];
        workers.into_iter().try_for_each(|worker| worker.join().unwrap_or_else(|_| Err("a worker panicked".into())))
    })
    .map_err(Into::into)
}
