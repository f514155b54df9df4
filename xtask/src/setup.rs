//! What must be on the machine before anything is built, and one clear message for each thing that is not.

use marque_build::Toolchain;

use crate::{Outcome, process::answer};

const RUST: (u32, u32) = (1, 95);
const NODE: (u32, u32) = (20, 0);

/// Checks everything at once, so that nobody mends one thing only to be told of the next.
pub fn check() -> Outcome {
    let guests = Toolchain::find().err().map(|error| error.to_string());
    let problems: Vec<String> = [
        rust(answer("rustc", &["--version"])),
        node(answer("node", &["--version"])),
        npm(answer("npm", &["--version"])),
        guests,
    ]
    .into_iter()
    .flatten()
    .collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\nerror: ").into()) }
}

fn rust(said: Option<String>) -> Option<String> {
    let version = said.as_deref().and_then(version);
    let message = "is needed to build the server: install it from https://rustup.rs, or run `rustup update stable`";
    too_old("Rust", version, RUST, message)
}

fn node(said: Option<String>) -> Option<String> {
    let version = said.as_deref().and_then(version);
    too_old("Node", version, NODE, "is needed to build the console: install it from https://nodejs.org")
}

fn npm(said: Option<String>) -> Option<String> {
    said.is_none()
        .then(|| "npm is needed to build the console: it comes with Node, on Debian `apt-get install npm`".into())
}

fn too_old(name: &str, version: Option<(u32, u32)>, least: (u32, u32), remedy: &str) -> Option<String> {
    let found = match version {
        Some(version) if version >= least => return None,
        Some((major, minor)) => format!("found {major}.{minor}"),
        None => "found none".into(),
    };
    Some(format!("{name} {}.{} or newer {remedy} ({found})", least.0, least.1))
}

/// The first two numbers of a version, as `rustc 1.95.0 (…)` and `v20.20.2` write it.
fn version(text: &str) -> Option<(u32, u32)> {
    let from = text.find(|c: char| c.is_ascii_digit())?;
    let mut parts = text[from..].split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_the_tools_write_them() {
        assert_eq!(version("rustc 1.95.0 (59807616e 2026-04-14)"), Some((1, 95)));
        assert_eq!(version("v20.20.2"), Some((20, 20)));
        assert_eq!(version("unknown"), None);
    }

    #[test]
    fn what_is_old_or_missing_is_named_with_its_remedy() {
        assert_eq!(rust(Some("rustc 1.95.0".into())), None);
        assert_eq!(node(Some("v22.1.0".into())), None);
        let old = node(Some("v18.19.0".into())).expect("too old");
        assert!(
            old.contains("Node 20.0 or newer") && old.contains("nodejs.org") && old.contains("found 18.19"),
            "{old}"
        );
        let missing = rust(None).expect("missing");
        assert!(
            missing.contains("Rust 1.95") && missing.contains("rustup.rs") && missing.contains("found none"),
            "{missing}"
        );
    }
}
