//! The built `marque` beside this program: filled once, started for the run, ended with its value.

use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::Outcome;

/// The administrator's password.
pub const PASSWORD: &str = "correct horse battery staple";
/// The password of everybody who is made up.
pub const STAFF_PASSWORD: &str = "marque-demo";

/// A running server.
pub struct Server {
    child: Child,
    address: String,
}

fn binary() -> Outcome<PathBuf> {
    let path = env::current_exe()?.with_file_name("marque");
    if !path.exists() {
        return Err(format!("{} is not there: build it with `cargo build --release -p marque`", path.display()).into());
    }
    Ok(path)
}

/// Make up a store, unless there is one; answers how long that took.
pub fn fill(folder: &Path, customers: usize, dealers: usize) -> Outcome<Option<Duration>> {
    if folder.join("marque.db").exists() {
        return Ok(None);
    }
    let begin = Instant::now();
    let status = Command::new(binary()?)
        .args([
            "demo",
            "--customers",
            &customers.to_string(),
            "--dealers",
            &dealers.to_string(),
            "--until",
            "2026-03-13T10:00:00+08:00",
        ])
        .arg("--data")
        .arg(folder)
        .env("MARQUE_ADMIN_PASSWORD", PASSWORD)
        .status()?;
    if !status.success() {
        return Err(format!("the store could not be filled: {status}").into());
    }
    Ok(Some(begin.elapsed()))
}

impl Server {
    /// Start it on a free port.
    pub fn start(folder: &Path) -> Outcome<Server> {
        let mut child = Command::new(binary()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .env("MARQUE_ADMIN_PASSWORD", PASSWORD)
            // What the machine can do is measured, not what one session may ask of it.
            .env("MARQUE__LIMITS__SESSION_PER_SECOND", "0")
            .env("MARQUE__LIMITS__ORG_PER_SECOND", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let told = child.stdout.take().ok_or("no output")?;
        for line in BufReader::new(told).lines() {
            if let Some((_, address)) = line?.split_once("http://") {
                let address = address.trim().trim_end_matches('/').to_owned();
                return Ok(Server { child, address });
            }
        }
        Err("the server ended before it listened".into())
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended already cannot be ended again.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
