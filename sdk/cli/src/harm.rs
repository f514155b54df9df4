//! `marque-cli test --faults`: every case once more under what happens on a busy server, and what must be true then.

use marque::host::Limits;
use serde_json::Value;

use crate::{
    bench::{Bench, Refused},
    case::Case,
    house::House,
    test,
};

/// The plugin, loaded for each harm.
pub struct Harms {
    usual: Bench,
    denied: Bench,
    stinted: Bench,
    hurried: Bench,
}

impl Harms {
    /// Loads it four times: as usual, granted nothing, with one call of the host, without time.
    pub fn new(house: &House) -> Result<Harms, Box<dyn std::error::Error>> {
        let usual = Limits::default;
        Ok(Harms {
            usual: Bench::new(house)?,
            denied: Bench::with(house, usual(), |manifest| {
                manifest.asks.commands.clear();
                manifest.asks.points.clear();
            })?,
            stinted: Bench::with(house, Limits { host_calls: 1, ..usual() }, |_| {})?,
            hurried: Bench::with(house, Limits { call_ms: 0, ..usual() }, |_| {})?,
        })
    }

    /// What is wrong with a case under each harm: its name, and in words.
    pub fn wrong(&self, n: usize, case: &Case) -> Vec<(&'static str, String)> {
        let harms: [(&'static str, Result<(), String>); 5] = [
            ("duplicate, crash", self.repeated(2 * n, case)),
            ("conflict", self.conflicting(2 * n + 1, case)),
            ("denied", only_ends_with(&self.denied, n, case, &["denied"])),
            ("quota", only_ends_with(&self.stinted, n, case, &["quota"])),
            ("deadline", only_ends_with(&self.hurried, n, case, &["deadline"])),
        ];
        harms.into_iter().filter_map(|(name, outcome)| Some((name, outcome.err()?))).collect()
    }

    /// After a crash between answer and commit, or when a delivery comes twice, the plugin is asked again: the same ids, the same commands.
    fn repeated(&self, n: usize, case: &Case) -> Result<(), String> {
        match self.usual.twice(n, case)? {
            [Ok(first), Ok(second)] if first == second => Ok(()),
            [Err(first), Err(second)] if first.code == second.code => Ok(()),
            [first, second] => Err(format!("asked twice it answers differently:\n{first:?}\n{second:?}")),
        }
    }

    /// After a conflict it is asked on fresh records and comes to the same; other revisions are what is fresh about them.
    fn conflicting(&self, n: usize, case: &Case) -> Result<(), String> {
        let mut case = case.clone();
        case.then.commands.iter_mut().for_each(without_revisions);
        let mut came = self.usual.after_a_conflict(n, &case)?;
        if let Ok((commands, _)) = &mut came.outcome {
            commands.iter_mut().for_each(without_revisions);
        }
        test::judge(&case, &came)
    }
}

fn without_revisions(command: &mut Value) {
    if let Some(body) = command.get_mut("body").and_then(Value::as_object_mut) {
        body.remove("if_rev");
    }
}

/// It may get on without, or fail as the case wants it to; else it ends with that code and not, say, with a panic.
fn only_ends_with(bench: &Bench, n: usize, case: &Case, codes: &[&str]) -> Result<(), String> {
    let expected = case.then.fault.as_ref().map(|fault| fault.code.as_str());
    match bench.run(n, case)?.outcome {
        Err(Refused { code, message }) if !codes.contains(&code.as_str()) && Some(code.as_str()) != expected => {
            Err(format!("it ends with {code:?} instead of {codes:?}: {message}"))
        }
        _ => Ok(()),
    }
}
