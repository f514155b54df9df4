//! One word for each thing a developer does with the whole house: `cargo xtask <command>`.

mod bench;
mod build;
mod console;
mod demo;
mod faults;
mod pictures;
mod plugins;
mod process;
mod root;
mod setup;
mod test;

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
    /// Build the server with its console and plugins inside, into `target/release/marque`.
    Build(build::Build),
    /// Build everything and start it with sample data.
    Demo(demo::Demo),
    /// Take the pictures of the main screens in `docs/pictures`, from sample data.
    Pictures(pictures::Pictures),
    /// Run every test.
    Test(test::Test),
    /// Measure the server, each figure beside the limit of the machine.
    Bench(bench::Bench),
    /// Do the server every harm of the fault plan, for hours; takes a root for power cuts.
    Faults(faults::Faults),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Plugins(command) => command.run(),
        Command::Build(command) => command.run(),
        Command::Demo(command) => command.run(),
        Command::Pictures(command) => command.run(),
        Command::Test(command) => command.run(),
        Command::Bench(command) => command.run(),
        Command::Faults(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
