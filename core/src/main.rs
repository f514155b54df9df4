//! The `marque` command.

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    cli::start(cli::Cli::parse())
}
