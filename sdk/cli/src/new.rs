//! `marque-cli new NAME`: a plugin that works, to be changed into one's own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use marque_package::Header;
use rust_embed::RustEmbed;

use crate::Outcome;

/// `sdk/templates/plugin`; `.in` files carry names that tools would take for the real thing.
#[derive(RustEmbed)]
#[folder = "../templates/plugin"]
struct Template;

/// Make a new plugin.
#[derive(Args)]
pub struct New {
    /// a-z, 0-9 and '-', a letter first: the first part of every name it will own.
    name: String,
    /// The folder it is made in.
    #[arg(long = "in", value_name = "DIR", default_value = "plugins")]
    parent: PathBuf,
}

impl New {
    /// Writes the folder and touches nothing outside it.
    pub fn run(self) -> Outcome {
        Header::parse(&format!("name = {:?}\nversion = \"0.1.0\"", self.name))?;
        if !self.parent.is_dir() {
            return Err(format!(
                "{}: no such folder; run this in a Marque checkout, or say --in DIR",
                self.parent.display()
            )
            .into());
        }
        let folder = self.parent.join(&self.name);
        if folder.exists() {
            return Err(format!("{}: is there already", folder.display()).into());
        }
        write(&folder, &self.name)?;
        eprintln!("made {}; next: marque-cli test {}", folder.display(), folder.display());
        Ok(())
    }
}

/// Fills the template in.
pub fn write(folder: &Path, name: &str) -> Outcome {
    for file in Template::iter() {
        let content = Template::get(&file).ok_or_else(|| format!("the template lacks {file}"))?;
        let text = filled(std::str::from_utf8(&content.data)?, name);
        let path = folder.join(filled(file.strip_suffix(".in").unwrap_or(&file), name));
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn filled(text: &str, name: &str) -> String {
    text.replace("{{name}}", name).replace("{{Type}}", &type_name(name))
}

/// `test-drive` becomes `TestDrive`.
fn type_name(name: &str) -> String {
    let capital = |word: &str| {
        word.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(word.chars().skip(1)).collect::<String>()
    };
    name.split('-').map(capital).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_in(parent: &Path, name: &str) -> Outcome {
        New { name: name.into(), parent: parent.into() }.run()
    }

    #[test]
    fn everything_is_named_after_the_plugin() {
        let parent = tempfile::tempdir().unwrap();
        new_in(parent.path(), "test-drive").unwrap();
        let read = |file: &str| fs::read_to_string(parent.path().join("test-drive").join(file)).unwrap();
        assert!(read("plugin.toml").contains("name = \"test-drive\""));
        assert!(read("Cargo.toml").contains("name = \"test-drive\""));
        assert!(read("src/lib.rs").contains("marque_sdk::plugin!(TestDrive: react, act);"));
        assert!(read("records/test-drive.card.json").contains("\"kind\": \"test-drive.card\""));
        for entry in ["src/welcome.rs", "screens/ui.json", "texts/zh-CN.json", "cases/welcome.json", "README.md"] {
            assert!(!read(entry).contains("{{"), "{entry}");
        }
    }

    #[test]
    fn nothing_is_overwritten_and_nothing_written_elsewhere() {
        let parent = tempfile::tempdir().unwrap();
        new_in(parent.path(), "greeter").unwrap();
        assert!(new_in(parent.path(), "greeter").unwrap_err().to_string().contains("is there already"));
        assert!(new_in(&parent.path().join("none"), "greeter").unwrap_err().to_string().contains("no such folder"));
        for name in ["../out", "Greeter", "", "a b"] {
            assert!(new_in(parent.path(), name).is_err(), "{name}");
        }
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
