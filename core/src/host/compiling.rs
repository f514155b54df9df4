//! Compiling components in a process of its own: at low priority and inside limits.
//!
//! A component can be made so that compiling it takes hours or all memory; wasmtime does not count that as its fault. So the
//! server lets a child of its own do it, which knows nothing of the store and can be ended at any moment.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use wasmtime::Engine;

use super::{Host, Limits, engine, log::clean};

/// Where components are compiled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compiling {
    /// In this process: tests and author's tools, which compile what they have built themselves.
    #[default]
    Here,
    /// In a child of the running `marque` binary.
    Apart,
}

impl Compiling {
    /// An engine whose guests are compiled so.
    ///
    /// # Errors
    /// As [`Host::new`].
    pub fn host(self, limits: Limits, cache_dir: Option<&Path>) -> crate::Result<Arc<Host>> {
        match self {
            Compiling::Here => Host::new(limits, cache_dir),
            Compiling::Apart => Host::compiling_in(own_program()?, limits, cache_dir),
        }
    }
}

/// The hidden command of the binary that compiles.
pub const COMMAND: &str = "compile-component";

/// Machine code larger than this is not taken: ten times what the largest honest component comes to.
const CODE_BYTES: u64 = 512 << 20;
/// What a child may say about a failure.
const WORDS_BYTES: u64 = 16 << 10;

/// The running binary. On Linux by a name that still leads to it when the file has been replaced by a newer one.
fn own_program() -> crate::Result<PathBuf> {
    let running = PathBuf::from("/proc/self/exe");
    if running.exists() { Ok(running) } else { std::env::current_exe().map_err(crate::Error::internal) }
}

/// Compile in a child process of `program`; the text of a failure is for whoever made the component.
pub(super) fn apart(program: &PathBuf, limits: &Limits, component: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = Command::new(program)
        .arg(COMMAND)
        .args([limits.compile_cpu_s.to_string(), limits.compile_bytes.to_string()])
        .env_clear()
        // The allocator asks for memory as it needs it: what it would reserve in advance counts as used.
        .env("MIMALLOC_ARENA_EAGER_COMMIT", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the compiler cannot be started: {error}"))?;
    let outcome = fed(&mut child, limits, component);
    if outcome.is_err() {
        // It may be over already; what matters is that it is not left behind.
        let _ = child.kill();
    }
    let status = child.wait().map_err(|error| format!("the compiler is lost: {error}"))?;
    let (code, words) = outcome?;
    if status.success() { Ok(code) } else { Err(why(status, limits, &words)) }
}

/// Give it the component, take the code. Each pipe has a thread: a child that reads nothing or talks without end holds up nobody.
fn fed(child: &mut Child, limits: &Limits, component: &[u8]) -> Result<(Vec<u8>, String), String> {
    let (Some(mut input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err("the compiler has no pipes".into());
    };
    let component = component.to_vec();
    // A child that ends early closes the pipe; what it says then counts.
    thread::spawn(move || drop(input.write_all(&component)));
    let (code, came) = mpsc::channel();
    thread::spawn(move || drop(code.send(all_of(output, CODE_BYTES))));
    let (words, said) = mpsc::channel();
    thread::spawn(move || drop(words.send(all_of(errors, WORDS_BYTES))));
    let code = came
        .recv_timeout(Duration::from_secs(limits.compile_wall_s))
        .map_err(|_| format!("compiling the component takes more than {} seconds", limits.compile_wall_s))?;
    let words = said.recv_timeout(Duration::from_secs(limits.compile_wall_s)).unwrap_or_default();
    Ok((code, String::from_utf8_lossy(&words).into_owned()))
}

fn all_of(pipe: impl Read, limit: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What came before a broken pipe is judged by how the child ended.
    let _ = pipe.take(limit).read_to_end(&mut bytes);
    bytes
}

fn why(status: ExitStatus, limits: &Limits, words: &str) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return match signal {
            libc::SIGXCPU | libc::SIGKILL => {
                format!("compiling the component takes more than {} seconds of processor time", limits.compile_cpu_s)
            }
            _ => format!(
                "compiling the component takes more than {} MiB of memory, or breaks the compiler",
                limits.compile_bytes >> 20
            ),
        };
    }
    let words = clean(words.trim(), 1 << 10);
    if words.is_empty() { format!("the compiler ended with {status}") } else { words }
}

/// The child's side: limits first, then the component from standard input, and its code to standard output.
pub fn child(cpu_s: u64, bytes: u64) -> ExitCode {
    confine(cpu_s, bytes);
    let compiled = read_in().and_then(|component| compile(&component));
    let told = compiled.and_then(|code| std::io::stdout().write_all(&code).map_err(|error| error.to_string()));
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            let _ = std::io::stderr().write_all(words.as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn read_in() -> Result<Vec<u8>, String> {
    let mut component = Vec::new();
    std::io::stdin().read_to_end(&mut component).map_err(|error| error.to_string())?;
    Ok(component)
}

fn compile(component: &[u8]) -> Result<Vec<u8>, String> {
    let engine: Engine = engine::start(&Limits::default()).map_err(|error| error.to_string())?;
    engine
        .precompile_component(component)
        .map_err(|error| format!("this is not a component the server accepts: {}", super::chain(&error)))
}

/// Low priority, so much processor time, so much memory, no core file. Address space is not limited: the engine reserves
/// much of it and uses little.
#[cfg(unix)]
#[expect(unsafe_code, reason = "the limits of a process are set through the C library")]
fn confine(cpu_s: u64, bytes: u64) {
    let limit = |resource, most: u64| {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: the call reads one struct that outlives it. A limit that cannot be set leaves those of the parent's clock.
        unsafe { libc::setrlimit(resource, &raw const limit) }
    };
    limit(libc::RLIMIT_CPU, cpu_s);
    limit(libc::RLIMIT_DATA, bytes);
    limit(libc::RLIMIT_CORE, 0);
    limit(libc::RLIMIT_FSIZE, 0);
    // SAFETY: takes and answers plain numbers.
    unsafe { libc::nice(19) };
}

#[cfg(not(unix))]
fn confine(_cpu_s: u64, _bytes: u64) {}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits { compile_wall_s: 30, ..Limits::default() }
    }

    fn shell(script: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("compiler");
        std::fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a script");
        let mode = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700);
        std::fs::set_permissions(&file, mode).expect("may be run");
        (folder, file)
    }

    #[test]
    fn whoever_compiles_apart_has_another_program_do_it() {
        let host = |compiling: Compiling| compiling.host(Limits::default(), None).expect("a host");
        assert!(host(Compiling::Apart).compiler.is_some() && host(Compiling::Here).compiler.is_none());
    }

    #[test]
    fn what_the_child_writes_is_the_code() {
        let (_folder, program) = shell("cat");
        assert_eq!(apart(&program, &limits(), b"code"), Ok(b"code".to_vec()));
    }

    #[test]
    fn what_the_child_says_is_the_reason() {
        let (_folder, program) = shell("echo 'no component' >&2; exit 1");
        assert_eq!(apart(&program, &limits(), b"x"), Err("no component".into()));
    }

    #[test]
    fn a_child_that_takes_too_long_is_ended() {
        let (_folder, program) = shell("exec sleep 600");
        let limits = Limits { compile_wall_s: 1, ..limits() };
        let words = apart(&program, &limits, b"x").expect_err("too long");
        assert_eq!(words, "compiling the component takes more than 1 seconds");
    }

    #[test]
    fn a_child_that_is_killed_had_no_time_left() {
        let (_folder, program) = shell("kill -XCPU $$");
        let words = apart(&program, &limits(), b"x").expect_err("killed");
        assert!(words.ends_with("seconds of processor time"), "{words}");
        let (_folder, program) = shell("kill -ABRT $$");
        let words = apart(&program, &limits(), b"x").expect_err("killed");
        assert!(words.contains("1024 MiB of memory"), "{words}");
    }
}
