//! `marque-cli`: everything an author of plugins does, from the first file to the signed package.

mod bench;
mod build;
mod case;
mod check;
mod dev;
mod harm;
mod house;
mod key;
mod matching;
mod new;
mod pack;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What every command answers; the text goes to the terminal.
type Outcome = Result<(), Box<dyn std::error::Error>>;

#[derive(Parser)]
#[command(about = "Make, check, build, test and pack Marque plugins.", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a new plugin that works, to be changed into yours.
    New(new::New),
    /// Find what is wrong with a plugin's folder, without building it.
    Check(check::Check),
    /// Build a plugin's component.
    Build(build::Build),
    /// Run a plugin's cases in the real host.
    Test(test::Test),
    /// Keep a server up to date with a plugin's folder: rebuilt and reloaded whenever it changes.
    Dev(dev::Dev),
    /// Make the package that a dealer installs.
    Pack(pack::Pack),
    /// Keys that packages are signed with.
    #[command(subcommand)]
    Key(key::KeyCommand),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::New(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Build(command) => command.run(),
        Command::Test(command) => command.run(),
        Command::Dev(command) => command.run(),
        Command::Pack(command) => command.run(),
        Command::Key(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
