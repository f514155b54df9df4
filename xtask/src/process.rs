//! Other programs: started where the repository is, shown by name, their failure told in one sentence.

use std::{
    env,
    process::{Command, Stdio},
};

use crate::{Outcome, root::root};

/// A program, to be run in the repository's root.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// The cargo that runs this program, so that one toolchain does everything.
pub fn cargo() -> Command {
    program(&env::var("CARGO").unwrap_or_else(|_| "cargo".into()))
}

/// Builds the server and the command line for trying them. Chosen as the tests choose, by the whole workspace: another choice has other features of
/// a few small crates, and with them the compiler of guests would be built once more.
pub fn build_binaries() -> Outcome {
    run(cargo().args(["build", "--locked", "--workspace", "--bins"]))
}

/// Runs to the end with the terminal as its own.
pub fn run(command: &mut Command) -> Outcome {
    let words = words(command);
    eprintln!("$ {words}");
    let status = command.status().map_err(|error| format!("`{words}` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{words}` failed: {status}").into()) }
}

/// What a program says to one question, for instance its version; none where there is no such program.
pub fn answer(name: &str, arguments: &[&str]) -> Option<String> {
    let output = program(name).args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as one would type it; the full path of the program is left out.
pub fn words(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit(['/', '\\']).next().unwrap_or(&program).to_owned();
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    [name].into_iter().chain(arguments).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command() {
        let error = run(program("rustc").arg("--no-such-option")).expect_err("rustc refuses").to_string();
        assert!(error.starts_with("`rustc --no-such-option` failed"), "{error}");
    }

    #[test]
    fn a_missing_program_is_no_answer() {
        assert_eq!(answer("no-such-program-anywhere", &["--version"]), None);
        assert!(answer("rustc", &["--version"]).is_some_and(|text| text.starts_with("rustc ")));
    }
}
