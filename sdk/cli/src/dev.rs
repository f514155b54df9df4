//! `marque-cli dev DIR`: build, pack and send to a server whenever the folder changes; state and place in the events stay.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use clap::Args;
use ureq::Agent;

use crate::{Outcome, house::House};

/// Between two looks at the folder.
const LOOK: Duration = Duration::from_millis(300);

/// Keep a server up to date with a plugin's folder.
#[derive(Args)]
pub struct Dev {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    server: String,
    /// A token of somebody who keeps plugins; `POST /api/v1/tokens` makes one.
    #[arg(long, env = "MARQUE_TOKEN", hide_env_values = true)]
    token: String,
    /// Once, and not again at every change.
    #[arg(long)]
    once: bool,
}

impl Dev {
    /// Sends at once, then at every change, until it is ended. A version that does not build or is refused leaves the one before at work.
    pub fn run(self) -> Outcome {
        let mut sent: Option<SystemTime> = None;
        loop {
            let newest = newest(&self.folder);
            if newest != sent {
                sent = newest;
                match self.send() {
                    Ok(told) => eprintln!("{told}"),
                    Err(error) if self.once => return Err(error),
                    Err(error) => eprintln!("error: {error}"),
                }
            }
            if self.once {
                return Ok(());
            }
            look_again();
        }
    }

    fn send(&self) -> Result<String, Box<dyn std::error::Error>> {
        let house = House::of(&self.folder)?;
        house.build()?;
        crate::check::refuse_findings(&house)?;
        let package = house.package()?.pack()?;
        // What the author asks for, the author grants; and a version is whatever was saved last.
        let url = format!("{}/api/v1/plugins?force=true&grant=true", self.server.trim_end_matches('/'));
        let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
        let mut answer = agent
            .post(&url)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/octet-stream")
            .send(&package[..])?;
        let text = answer.body_mut().read_to_string()?;
        if answer.status().is_success() {
            Ok(format!("{} {} is at work", house.header.name, house.header.version))
        } else {
            let told: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            Err(told["detail"].as_str().unwrap_or(&text).to_owned().into())
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a folder is looked at again and again; nothing else waits for it")]
fn look_again() {
    thread::sleep(LOOK);
}

/// When the last file of the folder was changed.
fn newest(folder: &Path) -> Option<SystemTime> {
    let entries = fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let changed = |path: PathBuf| if path.is_dir() { newest(&path) } else { path.metadata().ok()?.modified().ok() };
    entries.filter_map(|entry| changed(entry.path())).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_deep_in_the_folder_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(newest(folder.path()), None);
        fs::create_dir(folder.path().join("src")).expect("a folder");
        let file = folder.path().join("src/lib.rs");
        fs::write(&file, "a").expect("written");
        let before = newest(folder.path());
        assert!(before.is_some());
        let later = before.expect("a time") + Duration::from_secs(5);
        fs::File::options().append(true).open(&file).expect("the file").set_modified(later).expect("a later time");
        assert_eq!(newest(folder.path()), Some(later));
    }
}
