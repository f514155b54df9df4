//! `marque-cli key`: keys that packages are signed with.

use std::{fs, io::Write, path::PathBuf};

use clap::Subcommand;
use marque_package::Key;

use crate::Outcome;

/// Keys that packages are signed with.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a new key. Keep the file to yourself: whoever has it can sign as you.
    New {
        /// The file it is written to; it must not be there yet.
        #[arg(default_value = "marque.key")]
        file: PathBuf,
    },
    /// Show the public key of a key file.
    Show {
        /// The file.
        #[arg(default_value = "marque.key")]
        file: PathBuf,
    },
}

impl KeyCommand {
    /// Runs it.
    pub fn run(self) -> Outcome {
        match self {
            KeyCommand::New { file } => {
                let key = Key::generate();
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
                let mut opened = options.open(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                opened.write_all(key.secret_text().as_bytes())?;
                eprintln!("made {}; its public key is {}", file.display(), key.public());
            }
            KeyCommand::Show { file } => {
                let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
                let key: Key = text.parse().map_err(|error| format!("{}: {error}", file.display()))?;
                eprintln!("{}", key.public());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("my.key");
        KeyCommand::New { file: file.clone() }.run().unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.parse::<Key>().is_ok());
        assert!(KeyCommand::New { file: file.clone() }.run().is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions()) & 0o777, 0o600);
    }
}
