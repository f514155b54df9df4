//! The `marque` command.

mod cli;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

/// Records are maps of small texts, made on one thread and dropped on another: allocating them was a third of a customer's page.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::start(cli::Cli::parse())
}
