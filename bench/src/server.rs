//! A started program that listens: the server that is measured, or the bare one. It ends with its value.

use std::{
    env,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    Outcome,
    client::Client,
    computer::{self, Usage},
};

/// The administrator's password.
pub const PASSWORD: &str = "correct horse battery staple";
/// The password of everybody who is made up.
pub const STAFF_PASSWORD: &str = "marque-demo";

/// A running server.
pub struct Server {
    child: Child,
    address: String,
    /// How long it took until it listened.
    pub ready_after: Duration,
    /// Kept open: a server whose output nobody reads any more would end on its next line.
    _output: BufReader<ChildStdout>,
}

impl Server {
    /// Marque on the store in `folder`, on a free port.
    pub fn start(binary: &Path, folder: &Path, variables: &[(&str, &str)]) -> Outcome<Server> {
        let mut command = Command::new(binary);
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder)
            .env("MARQUE_ADMIN_PASSWORD", PASSWORD)
            // What the machine can do is measured, not what one session may ask of it.
            .env("MARQUE__LIMITS__SESSION_PER_SECOND", "0")
            .env("MARQUE__LIMITS__ORG_PER_SECOND", "0")
            .envs(variables.iter().copied());
        Server::listening(command)
    }

    /// The limit: this very program, answering from the same store.
    pub fn bare(folder: &Path) -> Outcome<Server> {
        let mut command = Command::new(env::current_exe()?);
        command.arg("bare").arg("--store").arg(folder);
        Server::listening(command)
    }

    fn listening(mut command: Command) -> Outcome<Server> {
        let begin = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("no output")?);
        let mut line = String::new();
        while output.read_line(&mut line)? > 0 {
            if let Some((_, address)) = line.split_once("http://") {
                let address = address.trim().trim_end_matches('/').to_owned();
                return Ok(Server { child, address, ready_after: begin.elapsed(), _output: output });
            }
            line.clear();
        }
        Err("the server ended before it listened".into())
    }

    /// The administrator.
    pub fn admin(&self) -> Outcome<Client> {
        Client::sign_in(&self.address, "admin", PASSWORD)
    }

    /// Somebody who works at the first dealer.
    pub fn staff(&self, name: &str) -> Outcome<Client> {
        Client::sign_in(&self.address, &format!("d1.{name}"), STAFF_PASSWORD)
    }

    /// Whoever asks, signed in or not.
    pub fn anybody(&self) -> Client {
        Client::new(&self.address, "")
    }

    /// What it has taken so far.
    pub fn usage(&self) -> Outcome<Usage> {
        computer::usage(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended already cannot be ended again.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
