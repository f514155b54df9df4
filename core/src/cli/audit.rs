//! `marque audit`: check the audit log and sign it, beside a running server or without one.

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
};

use clap::{Args, Subcommand};
use marque::{
    Error, Result,
    store::audit::{Log, Root},
};

use super::Common;

#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Go through the whole log: any row changed, moved, taken away or cut off is named.
    Verify {
        /// A file of roots that was kept elsewhere, one a line; it shows rows cut off the end.
        #[arg(long)]
        root: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// Sign where the log stands now, to be kept elsewhere.
    Root {
        /// The file it is appended to.
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        common: Common,
    },
}

impl Audit {
    pub(super) fn run(self) -> Result<()> {
        match self.command {
            Command::Verify { root, common } => verify(root, &common),
            Command::Root { out, common } => sign(out, &common),
        }
    }
}

fn log(common: &Common) -> Result<Log> {
    let config = common.load()?;
    Log::open(&config.data.folder, config.store.audit_key.as_deref())
}

fn verify(root: Option<PathBuf>, common: &Common) -> Result<()> {
    let roots = match &root {
        None => Vec::new(),
        Some(path) => {
            let text = fs::read_to_string(path)
                .map_err(|error| Error::invalid("root", format!("cannot read {}: {error}", path.display())))?;
            Root::read_all(&text)?
        }
    };
    let verified = log(common)?.verify(roots)?;
    say(&format!(
        "the audit log holds: {} rows, {} signed roots, the last row's seal is {}",
        verified.n_rows,
        verified.n_roots,
        verified.chain.as_deref().unwrap_or("none")
    ));
    Ok(())
}

fn sign(out: PathBuf, common: &Common) -> Result<()> {
    let now = super::clock(&common.load()?).now();
    let root = log(common)?.root(now)?;
    let cannot = |error: std::io::Error| Error::invalid("out", format!("cannot write {}: {error}", out.display()));
    let mut file = File::options().create(true).append(true).open(&out).map_err(cannot)?;
    file.write_all(root.line()?.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot)?;
    say(&format!("signed row {}: keep {} where nobody of this machine can write", root.count, out.display()));
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the outcome is for whoever asked, or for a script")]
fn say(line: &str) {
    println!("{line}");
}
