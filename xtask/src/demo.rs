//! `cargo xtask demo`: from a fresh clone to a running server with sample data.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;

use crate::{
    Outcome,
    build::{Build, binary},
    process::{program, run},
    root::root,
};

/// The password of everyone in the sample data, the administrator too.
const PASSWORD: &str = "marque-demo";

/// Build everything and start with sample data.
#[derive(Args)]
pub struct Demo {
    /// Where the console will be.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// How many customers to make up.
    #[arg(long, default_value_t = 2000)]
    customers: u32,
}

impl Demo {
    /// Does not come back while the server runs.
    pub fn run(self) -> Outcome {
        // Better now than after some minutes of building.
        TcpListener::bind(self.listen).map_err(|error| {
            format!("{} cannot be used ({error}): say another, --listen 127.0.0.1:8081", self.listen)
        })?;
        Build {}.run()?;
        self.fill()?;
        self.announce();
        become_program(self.server("serve").args(["--listen", &self.listen.to_string()]))
    }

    /// Fills the store once; what an earlier run left half-way is thrown away.
    fn fill(&self) -> Outcome {
        let folder = folder();
        let marker = folder.join("filled");
        let wanted = self.amount().join(" ");
        match fs::read_to_string(&marker) {
            Ok(filled) if filled == wanted => return Ok(()),
            Ok(filled) => {
                let place = folder.strip_prefix(root()).unwrap_or(&folder).display();
                eprintln!(
                    "{place} holds sample data made with `{filled}`: it stays; remove the folder to make it anew"
                );
                return Ok(());
            }
            Err(_) => remove(&folder)?,
        }
        run(self.server("demo").args(self.amount()))?;
        Ok(fs::write(&marker, wanted)?)
    }

    fn amount(&self) -> [String; 6] {
        ["--customers", &self.customers.to_string(), "--dealers", "3", "--seed", "7"].map(String::from)
    }

    /// The built server with one of its commands on the sample data.
    fn server(&self, command: &str) -> Command {
        let mut server = program(&binary().to_string_lossy());
        server.arg(command).arg("--data").arg(folder()).env("MARQUE_ADMIN_PASSWORD", PASSWORD);
        server
    }

    fn announce(&self) {
        eprintln!();
        eprintln!("  Marque   http://{}", self.listen);
        eprintln!("  sign in  d1.wang   follow-up officer, complaints desk");
        eprintln!("           d1.zhao   customer-relationship manager");
        eprintln!("           d1.li     sales consultant");
        eprintln!("           d1.deng   script administrator");
        eprintln!("           hq.he     customer care at headquarters");
        eprintln!("           admin     administrator");
        eprintln!("  password {PASSWORD}, the same for all; Ctrl-C ends");
        eprintln!();
    }
}

fn folder() -> PathBuf {
    root().join("target/demo")
}

fn remove(folder: &Path) -> Outcome {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{} cannot be removed: {error}", folder.display()).into())
        }
        _ => Ok(()),
    }
}

/// Turns this process into the server, so that Ctrl-C reaches it alone and its end is ours.
#[cfg(unix)]
fn become_program(command: &mut Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(format!("{} could not be started: {error}", command.get_program().display()).into())
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Outcome {
    run(command)
}
