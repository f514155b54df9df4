//! `marque-cli test DIR`: the cases of a plugin, in the real host.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use crate::{
    Outcome,
    bench::{Bench, Came},
    case::{self, Case},
    harm::Harms,
    house::House,
    matching::Names,
};

/// Run a plugin's cases.
#[derive(Args)]
pub struct Test {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Only cases whose name contains this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Run every case under faults too: delivered twice, crashed before the commit, in conflict, denied, out of quota, out of time.
    #[arg(long)]
    faults: bool,
}

impl Test {
    /// Builds what has changed, then runs each case against a store of its own.
    pub fn run(self) -> Outcome {
        let house = House::of(&self.folder)?;
        let (cases, wrong) = case::read(&house.folder);
        if !wrong.is_empty() {
            return Err(wrong.join("\n       ").into());
        }
        let is_wanted = |case: &Case| self.only.as_ref().is_none_or(|text| case.name.contains(text));
        let cases: Vec<_> = cases.into_iter().filter(|(_, case)| is_wanted(case)).collect();
        if cases.is_empty() {
            eprintln!("{}: no cases", house.header.name);
            return Ok(());
        }
        house.build()?;
        let bench = Bench::new(&house)?;
        let harms = if self.faults { Some(Harms::new(&house)?) } else { None };
        let mut n_failed = 0;
        for (n, (file, case)) in cases.iter().enumerate() {
            let came = bench.run(n, case);
            match came.as_ref().map_err(Clone::clone).and_then(|came| judge(case, came)) {
                Ok(()) => {
                    let wrong = harms.iter().flat_map(|harms| harms.wrong(n, case));
                    let wrong: Vec<String> = wrong.map(|(harm, why)| format!("under {harm}: {why}")).collect();
                    if wrong.is_empty() {
                        eprintln!("  ok      {}", case.name);
                    } else {
                        n_failed += 1;
                        eprintln!("  FAILED  {}\n          {file}: {}", case.name, wrong.join("\n          "));
                    }
                }
                Err(why) => {
                    n_failed += 1;
                    eprintln!("  FAILED  {}\n          {file}: {why}", case.name);
                    for line in came.iter().flat_map(|came| &came.logs) {
                        eprintln!("          log {:?}: {} {}", line.level, line.message, line.fields);
                    }
                }
            }
        }
        match n_failed {
            0 => {
                eprintln!("{}: {} cases passed", house.header.name, cases.len());
                Ok(())
            }
            _ => Err(format!("{}: {n_failed} of {} cases failed", house.header.name, cases.len()).into()),
        }
    }
}

/// Holds what came against what was expected.
pub fn judge(case: &Case, came: &Came) -> Result<(), String> {
    let then = &case.then;
    match (&came.outcome, &then.fault) {
        (Err(refused), Some(fault)) if refused.code == fault.code => Ok(()),
        (Err(refused), Some(fault)) => {
            Err(format!("it should fail with {:?} and failed with {:?}: {}", fault.code, refused.code, refused.message))
        }
        (Err(refused), None) => Err(format!("it failed with {:?}: {}", refused.code, refused.message)),
        (Ok((commands, _)), Some(fault)) => Err(format!(
            "it should fail with {:?} and asked for {}",
            fault.code,
            pretty(&Value::Array(commands.clone()))
        )),
        (Ok((commands, reply)), None) => {
            let (expected, staged) = (Value::Array(then.commands.clone()), Value::Array(commands.clone()));
            let mut names = Names::default();
            let wrong = names.difference("/then/commands", &expected, &staged);
            let wrong = wrong.map(|wrong| format!("{wrong}\n          it asked for {}", pretty(&staged)));
            let wrong = wrong.or_else(|| {
                let wrong = names.difference("/then/reply", then.reply.as_ref()?, reply)?;
                Some(format!("{wrong}\n          it replied {}", pretty(reply)))
            });
            wrong.map_or(Ok(()), Err)
        }
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}").replace('\n', "\n          ")
}
