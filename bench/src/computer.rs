//! What the machine says: how much processor time and memory a process has taken, what else is going on.

use std::{fs, process::Command, thread, time::Duration};

use crate::Outcome;

/// Clock ticks a second, as Linux counts for programs on every machine.
const TICKS: u64 = 100;

/// What a process has taken so far.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Processor time of all its threads.
    pub cpu: Duration,
    /// Memory it holds now.
    pub resident_mb: f64,
}

/// Of a process that runs. Linux only, as are the figures.
pub fn usage(pid: u32) -> Outcome<Usage> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in brackets, may hold anything.
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let number = |n: usize| rest.split_whitespace().nth(n).and_then(|field| field.parse::<u64>().ok());
    let ticks = number(11).zip(number(12)).map(|(user, system)| user + system).ok_or("no times in stat")?;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    let resident_kb: f64 = resident.trim().trim_end_matches(" kB").parse()?;
    Ok(Usage { cpu: Duration::from_millis(ticks * 1_000 / TICKS), resident_mb: resident_kb / 1_024.0 })
}

/// Cores and their make.
pub fn machine() -> String {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("", |rest| rest.trim_start_matches([':', '\t', ' ']));
    format!("{cores} cores {model}")
}

/// How many programs wanted a core in the last minute, on average.
pub fn load() -> f64 {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().and_then(|load| load.parse().ok()).unwrap_or(f64::NAN)
}

/// The commit that is checked out, and whether there is more than it.
pub fn commit() -> String {
    let said = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let Some(commit) = said(&["rev-parse", "--short=12", "HEAD"]) else { return "unknown".into() };
    let is_clean = said(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| changes.is_empty());
    if is_clean { commit } else { format!("{commit}+") }
}

/// Bytes of a file or of everything in a folder.
pub fn bytes(path: &std::path::Path) -> Outcome<u64> {
    let about = fs::metadata(path)?;
    if about.is_file() {
        return Ok(about.len());
    }
    fs::read_dir(path)?.try_fold(0, |sum, entry| Ok(sum + bytes(&entry?.path())?))
}
