//! Which compiler makes the guests: the one in use where it has the target, else Debian's own.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Error, Result};

/// What guests are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler that can build guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// The cargo in use; its target was added by rustup or by the distribution.
    InUse {
        /// The cargo to run.
        cargo: PathBuf,
    },
    /// Debian's compiler, which brings the standard library as source and builds it along.
    Debian {
        /// Debian's cargo, by full path: rustup's would come first otherwise.
        cargo: PathBuf,
        /// Debian's rustc.
        rustc: PathBuf,
        /// The linker.
        lld: PathBuf,
    },
}

/// What was found on this machine; [`Toolchain::choose`] decides from nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The cargo in use.
    pub cargo: PathBuf,
    /// Whether its compiler has a standard library for the target.
    pub has_target: bool,
    /// The parts of the Debian way.
    pub debian: Debian,
}

/// The parts of Debian's way of building for the target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Debian {
    /// `cargo-web`.
    pub cargo: Option<PathBuf>,
    /// `rustc-web`.
    pub rustc: Option<PathBuf>,
    /// `rust-web-src`.
    pub has_std_source: bool,
    /// `lld`.
    pub lld: Option<PathBuf>,
}

impl Toolchain {
    /// The toolchain of this machine.
    pub fn find() -> Result<Toolchain> {
        Toolchain::choose(Found::here())
    }

    /// The compiler in use first: it needs no standard library built along.
    pub fn choose(found: Found) -> Result<Toolchain> {
        if found.has_target {
            return Ok(Toolchain::InUse { cargo: found.cargo });
        }
        match found.debian {
            Debian { cargo: Some(cargo), rustc: Some(rustc), has_std_source: true, lld: Some(lld) } => {
                Ok(Toolchain::Debian { cargo, rustc, lld })
            }
            debian => Err(Error::NoCompiler { missing: debian.missing() }),
        }
    }

    /// A cargo command for the target, up to and including `build`; the caller adds what to build.
    pub fn build_command(&self) -> Command {
        let mut command = self.cargo_build();
        // Rhai's hash tables would otherwise be seeded anew by every build, and no two components would be the same.
        command.env("CONST_RANDOM_SEED", "marque");
        command
    }

    fn cargo_build(&self) -> Command {
        match self {
            Toolchain::InUse { cargo } => {
                let mut command = Command::new(cargo);
                command.args(["build", "--target", TARGET]);
                // The flags of `.cargo/config.toml` hold (a small stack); the environment would override them.
                command.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
                command
            }
            Toolchain::Debian { cargo, rustc, lld } => {
                let mut command = Command::new(cargo);
                command.args(["build", "--target", TARGET, "-Zbuild-std=std,panic_abort"]);
                for name in [
                    "RUSTUP_TOOLCHAIN",
                    "RUSTFLAGS",
                    "CARGO_ENCODED_RUSTFLAGS",
                    "RUSTC_WRAPPER",
                    "RUSTC_WORKSPACE_WRAPPER",
                ] {
                    command.env_remove(name);
                }
                // `-Zbuild-std` is a nightly flag, and this is the switch Debian's own packages build with.
                command.env("RUSTC", rustc).env("RUSTC_BOOTSTRAP", "1");
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", lld);
                command
            }
        }
    }
}

impl Debian {
    fn missing(&self) -> Vec<&'static str> {
        [
            (self.rustc.is_none(), "rustc-web"),
            (self.cargo.is_none(), "cargo-web"),
            (!self.has_std_source, "rust-web-src"),
            (self.lld.is_none(), "lld"),
        ]
        .into_iter()
        .filter_map(|(is_missing, package)| is_missing.then_some(package))
        .collect()
    }
}

impl Found {
    /// Looks round this machine.
    pub fn here() -> Found {
        let cargo = env::var_os("CARGO").map_or_else(|| PathBuf::from("cargo"), PathBuf::from);
        let rustc = env::var_os("RUSTC").map_or_else(|| PathBuf::from("rustc"), PathBuf::from);
        let debian_rustc = existing("/usr/bin/rustc");
        Found {
            cargo,
            has_target: has_target(&rustc),
            debian: Debian {
                has_std_source: debian_rustc.as_deref().is_some_and(has_std_source),
                rustc: debian_rustc,
                cargo: existing("/usr/bin/cargo"),
                lld: existing("/usr/bin/lld"),
            },
        }
    }
}

fn existing(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(path);
    path.is_file().then_some(path)
}

/// The compiler prints the directory even when nothing is in it, so the directory is what is asked.
fn has_target(rustc: &Path) -> bool {
    printed(rustc, &["--print", "target-libdir", "--target", TARGET])
        .is_some_and(|directory| fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some()))
}

fn has_std_source(rustc: &Path) -> bool {
    printed(rustc, &["--print", "sysroot"])
        .is_some_and(|sysroot| Path::new(&sysroot).join("lib/rustlib/src/rust/library/std/Cargo.toml").is_file())
}

fn printed(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> Found {
        Found { cargo: "cargo".into(), ..Found::default() }
    }

    fn debian() -> Debian {
        Debian {
            cargo: Some("/usr/bin/cargo".into()),
            rustc: Some("/usr/bin/rustc".into()),
            has_std_source: true,
            lld: Some("/usr/bin/lld".into()),
        }
    }

    #[test]
    fn a_compiler_with_the_target_is_taken_even_where_debians_is_there() {
        let found = Found { has_target: true, debian: debian(), ..nothing() };
        assert_eq!(Toolchain::choose(found).unwrap(), Toolchain::InUse { cargo: "cargo".into() });
    }

    #[test]
    fn without_the_target_debians_compiler_builds() {
        let chosen = Toolchain::choose(Found { debian: debian(), ..nothing() }).unwrap();
        let command = chosen.build_command();
        assert_eq!(command.get_program(), "/usr/bin/cargo");
        assert!(command.get_args().any(|argument| argument == "-Zbuild-std=std,panic_abort"));
        let linker = command.get_envs().find(|(name, _)| *name == "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER");
        assert_eq!(linker.unwrap().1.unwrap(), "/usr/bin/lld");
    }

    #[test]
    fn with_neither_one_message_names_both_ways() {
        let message = Toolchain::choose(nothing()).unwrap_err().to_string();
        assert!(message.contains("rustup target add wasm32-unknown-unknown"), "{message}");
        assert!(message.contains("apt-get install rustc-web cargo-web rust-web-src lld"), "{message}");
    }

    #[test]
    fn half_of_the_debian_way_is_not_enough_and_the_message_says_what_lacks() {
        let found = Found { debian: Debian { lld: None, ..debian() }, ..nothing() };
        let message = Toolchain::choose(found).unwrap_err().to_string();
        assert!(message.ends_with("(missing here: lld)"), "{message}");
    }
}
