//! What scenarios are run on: a server's binary, filled stores, and how much of everything.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    Outcome,
    server::{PASSWORD, Server},
};

const COMPILED: &str = "MARQUE__DATA__COMPILED";

/// How much of everything.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Customers of the store that most is asked of.
    pub customers: u32,
    /// Customers of the large store; 0 for none.
    pub many: u32,
    pub dealers: u32,
    /// Rows of the import, and events that are waited for.
    pub rows: u32,
    /// How long each measurement takes.
    pub span: Duration,
    /// Requests a second while latencies are taken.
    pub rate: u32,
    /// How long all of it may take.
    pub budget: Duration,
    /// Only whether it works.
    pub is_small: bool,
}

/// One binary with its stores.
pub struct House {
    name: &'static str,
    binary: PathBuf,
    root: PathBuf,
    stores: PathBuf,
    scratch: TempDir,
    begun: Instant,
    pub plan: Plan,
    /// How long it took to fill each store that was not there, with its size.
    pub filled: Vec<(u32, Duration)>,
}

impl House {
    /// Of a binary; `name` tells it from another one in the same run.
    pub fn new(
        name: &'static str,
        binary: PathBuf,
        root: PathBuf,
        stores: Option<PathBuf>,
        plan: Plan,
    ) -> Outcome<House> {
        if !binary.is_file() {
            return Err(format!("{} is not there: `cargo xtask bench` builds it", binary.display()).into());
        }
        // Beside the stores: what is copied from one to the other stays on one disk.
        let scratch = match &stores {
            Some(stores) => {
                fs::create_dir_all(stores)?;
                TempDir::new_in(stores)?
            }
            None => TempDir::new()?,
        };
        let stores = stores.unwrap_or_else(|| scratch.path().join("stores"));
        Ok(House { name, binary, root, stores, scratch, begun: Instant::now(), plan, filled: Vec::new() })
    }

    /// Empty for what is measured, else a word for what it is compared with.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The repository.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The server's binary.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// What is left of the time that all of it may take.
    pub fn time_left(&self) -> Duration {
        self.plan.budget.saturating_sub(self.begun.elapsed())
    }

    /// Start the server.
    pub fn serve(&self, folder: &Path, variables: &[(&str, &str)]) -> Outcome<Server> {
        let mut variables = variables.to_vec();
        let compiled = self.compiled();
        variables.extend(compiled.as_deref().map(|place| (COMPILED, place)));
        Server::start(&self.binary, folder, &variables)
    }

    /// Where servers that are only tried keep what they have compiled, as those of the tests do: compiling is most of a first start.
    fn compiled(&self) -> Option<String> {
        let beside = self.binary.with_file_name("compiled-for-tests");
        self.plan.is_small.then(|| beside.to_string_lossy().into_owned())
    }

    /// Whether there is such a store already.
    pub fn has(&self, customers: u32) -> bool {
        self.kept(customers).join("marque.db").exists()
    }

    fn kept(&self, customers: u32) -> PathBuf {
        self.stores.join(format!("{customers}-{}", self.plan.dealers))
    }

    /// A store of so many customers, filled by an earlier run or now.
    pub fn store(&mut self, customers: u32) -> Outcome<PathBuf> {
        let folder = self.kept(customers);
        if self.has(customers) {
            return Ok(folder);
        }
        // Under another name until it is whole: what an earlier run left half-way is made anew.
        let partial = self.stores.join(format!("{customers}-{}.partial", self.plan.dealers));
        if partial.exists() {
            fs::remove_dir_all(&partial)?;
        }
        fs::create_dir_all(&partial)?;
        let begin = Instant::now();
        let status = Command::new(&self.binary)
            .args(["demo", "--customers", &customers.to_string(), "--dealers", &self.plan.dealers.to_string()])
            .args(["--until", "2026-03-13T10:00:00+08:00", "--data"])
            .arg(&partial)
            .env("MARQUE_ADMIN_PASSWORD", PASSWORD)
            .envs(self.compiled().map(|place| (COMPILED, place)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if !status.success() {
            return Err(format!("a store of {customers} customers could not be filled: {status}").into());
        }
        self.filled.push((customers, begin.elapsed()));
        fs::rename(&partial, &folder)?;
        Ok(folder)
    }

    /// A copy of such a store to write in, thrown away with its value.
    pub fn copy(&mut self, customers: u32) -> Outcome<TempDir> {
        let from = self.store(customers)?;
        let to = TempDir::new_in(self.scratch.path())?;
        copy(&from, to.path())?;
        Ok(to)
    }

    /// A copy of the store that most is asked of.
    pub fn usual(&mut self) -> Outcome<TempDir> {
        self.copy(self.plan.customers)
    }

    /// A folder of its own, thrown away with its value.
    pub fn folder(&self) -> Outcome<TempDir> {
        Ok(TempDir::new_in(self.scratch.path())?)
    }
}

fn copy(from: &Path, to: &Path) -> Outcome<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), to)?;
        }
    }
    Ok(())
}
