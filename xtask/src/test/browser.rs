//! The console in a real browser, against the server that was built here with sample data of its own.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use crate::{
    Outcome,
    process::{answer, build_binaries, program, run},
    root::root,
};

const PASSWORD: &str = "marque-demo";
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Starts a server on a free port, lets `console/e2e/run.mjs` loose on it, stops it.
pub fn test() -> Outcome {
    let Some(stage) = Stage::set("target/browser", 300)? else {
        eprintln!("skipped: no Chromium on this machine");
        return Ok(());
    };
    run(seen(&stage, program("node").arg("console/e2e/run.mjs")))
}

/// A server with sample data, and a browser to look at it with.
pub struct Stage {
    address: String,
    browser: String,
    _running: Running,
}

impl Stage {
    /// Fills a store of so many customers anew and starts a server on it; nothing where there is no Chromium.
    ///
    /// # Errors
    /// What building, filling or starting says.
    pub fn set(folder: &str, customers: u32) -> Result<Option<Stage>, Box<dyn std::error::Error>> {
        let places = BROWSERS.map(|name| answer("sh", &["-c", &format!("command -v {name}")]));
        let Some(browser) = places.into_iter().flatten().next() else { return Ok(None) };
        build_binaries()?;
        let folder = root().join(folder);
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        run(server("demo", &folder).args(["--customers", &customers.to_string(), "--dealers", "3", "--seed", "7"]))?;
        let (running, address) = start(&folder)?;
        Ok(Some(Stage { address, browser, _running: running }))
    }
}

/// A program told where the server and the browser are, and who may sign in.
pub fn seen<'a>(stage: &Stage, program: &'a mut Command) -> &'a mut Command {
    program
        .env("BASE_URL", &stage.address)
        .env("LOGIN", "admin")
        .env("PASSWORD", PASSWORD)
        .env("CHROMIUM", &stage.browser)
}

fn server(command: &str, folder: &Path) -> Command {
    let mut server = program(&binary().to_string_lossy());
    server.arg(command).arg("--data").arg(folder).env("MARQUE_ADMIN_PASSWORD", PASSWORD);
    server
}

fn binary() -> PathBuf {
    root().join("target/debug").join(format!("marque{}", env::consts::EXE_SUFFIX))
}

/// A server that ends with this value.
struct Running {
    child: Child,
    /// Kept open: a server whose output nobody reads any more would end on its next line.
    output: BufReader<ChildStdout>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the server on a free port and answers with where it listens.
fn start(folder: &Path) -> Result<(Running, String), Box<dyn std::error::Error>> {
    let mut child = server("serve", folder).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn()?;
    let output = BufReader::new(child.stdout.take().ok_or("the server has no output to read")?);
    let mut running = Running { child, output };
    let mut line = String::new();
    while running.output.read_line(&mut line)? > 0 {
        if let Some(address) = line.trim().strip_prefix("listening on ") {
            return Ok((running, address.to_owned()));
        }
        line.clear();
    }
    Err("the server ended before it listened".into())
}
