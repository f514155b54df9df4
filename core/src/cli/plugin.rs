//! `marque plugin`: whether plugins will run with this binary, before it takes the place of another.

use std::{fs, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use marque::{
    Error, Result,
    app::{Checked, Compiling, check_plugins},
};

use super::Common;

#[derive(Debug, Args)]
pub(super) struct Plugin {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Load every installed plugin, or the packages named, with this binary and say which would not run. The server may be running.
    Check {
        /// Packages (`.mpk`); the installed plugins when none is named.
        packages: Vec<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
}

impl Plugin {
    pub(super) fn run(self) -> Result<()> {
        let Command::Check { packages, common } = self.command;
        let config = common.load()?;
        let read = |path: &PathBuf| {
            let bytes = fs::read(path)
                .map_err(|error| Error::invalid("package", format!("cannot read {}: {error}", path.display())))?;
            Ok((path.display().to_string(), bytes))
        };
        let packages = packages.iter().map(read).collect::<Result<Vec<_>>>()?;
        let checked = check_plugins(&config, packages, Arc::default(), Compiling::Apart)?;
        let n_wrong = checked.iter().filter(|checked| checked.wrong.is_some()).count();
        checked.iter().for_each(say);
        match n_wrong {
            0 => Ok(()),
            _ => {
                Err(Error::invalid("plugin", format!("{n_wrong} of {} would not run with this binary", checked.len())))
            }
        }
    }
}

#[expect(clippy::print_stdout, reason = "the outcome is for whoever asked, or for a script")]
fn say(checked: &Checked) {
    match &checked.wrong {
        None => println!("ok       {}", checked.name),
        Some(why) => println!("WRONG    {}: {why}", checked.name),
    }
}
