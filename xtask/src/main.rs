//! One word for each thing a developer does with the whole house: `cargo xtask <command>`.

mod plugins;
mod root;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What every command answers; the text goes to the terminal.
type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(about = "Build, test and try Marque with one word.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build every guest and pack every plugin, into `target/plugins`.
    Plugins(plugins::Plugins),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Plugins(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
