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

/// Starts a server on a free port, lets `console/e2e/run.mjs` loose on it, stops it; and once more on a server whose clock the walks set,
/// for those in which days pass.
pub fn test() -> Outcome {
    let Some(browser) = browser() else {
        eprintln!("skipped: no Chromium on this machine");
        return Ok(());
    };
    let folder = filled("target/browser", 300)?;
    let later = root().join("target/browser-later");
    emptied(&later)?;
    run(program("cp").arg("-a").arg(&folder).arg(&later))?;
    let walk = |stage: &Stage, clock: Option<&str>| {
        let mut node = program("node");
        node.arg("console/e2e/run.mjs");
        if let Some(clock) = clock {
            node.env("CLOCK", clock);
        }
        run(seen(stage, &mut node))
    };
    walk(&Stage::on(&folder, &browser, None)?, None)?;
    let now = answer("date", &["-u", "+%Y-%m-%dT%H:%M:%SZ"]).ok_or("`date` does not tell the time")?;
    walk(&Stage::on(&later, &browser, Some(&now))?, Some(&now))
}

fn browser() -> Option<String> {
    BROWSERS.iter().find_map(|name| answer("sh", &["-c", &format!("command -v {name}")]))
}

/// A store of so many customers, made anew.
fn filled(folder: &str, customers: u32) -> Result<PathBuf, Box<dyn std::error::Error>> {
    build_binaries()?;
    let folder = root().join(folder);
    emptied(&folder)?;
    run(server("demo", &folder).args(["--customers", &customers.to_string(), "--dealers", "3", "--seed", "7"]))?;
    Ok(folder)
}

fn emptied(folder: &Path) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
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
        let Some(browser) = browser() else { return Ok(None) };
        Stage::on(&filled(folder, customers)?, &browser, None).map(Some)
    }

    /// On a store that is there; its clock stands where it is told to.
    fn on(folder: &Path, browser: &str, clock: Option<&str>) -> Result<Stage, Box<dyn std::error::Error>> {
        let (running, address) = start(folder, clock)?;
        Ok(Stage { address, browser: browser.to_owned(), _running: running })
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
fn start(folder: &Path, clock: Option<&str>) -> Result<(Running, String), Box<dyn std::error::Error>> {
    let mut serving = server("serve", folder);
    serving.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
    if let Some(clock) = clock {
        serving.env("MARQUE__TEST__CLOCK", clock);
    }
    let mut child = serving.spawn()?;
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
