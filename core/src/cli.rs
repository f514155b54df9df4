//! The command line: serve, demo, import, export, user, audit, plugin.

mod audit;
mod demo;
mod export;
mod import;
mod plugin;
mod serve;
mod user;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};
use marque::{
    Result,
    app::{Compiling, Options},
    clock::Clock,
    config::Config,
    host::{COMPILE_COMMAND, compile_child},
};
use tracing_subscriber::EnvFilter;

/// Marque: a CRM platform for car dealers and car makers.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(Common),
    /// Fill an empty store with made-up dealers, customers and complaints; the same for the same seed.
    Demo(demo::Demo),
    /// Bring a file of records in while the server is stopped.
    Import(import::Import),
    /// Take records out as a file while the server is stopped.
    Export(export::Export),
    /// Look after accounts while the server is stopped.
    User(user::User),
    /// Check the audit log, or sign it; the server may be running.
    Audit(audit::Audit),
    /// See whether plugins run with this binary.
    Plugin(plugin::Plugin),
    /// Compile a component from standard input; the server starts this for itself.
    #[command(name = COMPILE_COMMAND, hide = true)]
    Compile {
        /// Seconds of processor time.
        cpu_s: u64,
        /// Bytes of memory.
        bytes: u64,
    },
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
struct Common {
    /// The folder of the store.
    #[arg(long)]
    data: Option<PathBuf>,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// A configuration file (TOML). `MARQUE__SECTION__KEY` in the environment overrides it.
    #[arg(long)]
    config: Option<PathBuf>,
    /// What an empty store is given.
    #[arg(long, value_enum, default_value_t = Plugins::All)]
    plugins: Plugins,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Plugins {
    /// The first-party plugins this binary carries.
    All,
    /// None.
    None,
}

impl Common {
    fn load(&self) -> Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(folder) = &self.data {
            config.data.folder.clone_from(folder);
        }
        if let Some(listen) = self.listen {
            config.http.listen = listen;
        }
        Ok(config)
    }

    fn options(&self) -> Options {
        Options { with_plugins: self.plugins == Plugins::All, compiling: Compiling::Apart }
    }
}

fn clock(config: &Config) -> Clock {
    config.test.clock.map_or_else(Clock::system, Clock::standing)
}

/// Run a command; what went wrong is told on standard error.
pub fn start(cli: Cli) -> ExitCode {
    // Before anything else is set up: this one has little room.
    if let Command::Compile { cpu_s, bytes } = cli.command {
        return compile_child(cpu_s, bytes);
    }
    let filter = EnvFilter::try_from_env("MARQUE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the runtime cannot be started");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Serve(common) => serve::run(&common).await,
            Command::Demo(demo) => demo.run().await,
            Command::Import(import) => import.run().await,
            Command::Export(export) => export.run().await,
            Command::User(user) => user.run().await,
            Command::Audit(audit) => audit.run(),
            Command::Plugin(plugin) => plugin.run(),
            Command::Compile { .. } => Ok(()),
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
