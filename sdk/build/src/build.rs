//! One cargo call for all guests: the standard library, serde and the SDK are then built once.

use std::path::{Path, PathBuf};

use crate::{Error, Guest, Result, Toolchain, toolchain::TARGET};

/// The profile in the root manifest that guests are built with.
pub const PROFILE: &str = "plugin";

/// Compiles `guests`, all members of the workspace of `manifest`. Cargo writes its progress to the terminal.
///
/// The lock file is not frozen: a plugin folder that was just dropped in adds its own entry.
pub fn compile(manifest: &Path, target: &Path, toolchain: &Toolchain, guests: &[&Guest]) -> Result<()> {
    if guests.is_empty() {
        return Ok(());
    }
    let mut command = toolchain.build_command();
    command.args(["--profile", PROFILE]).arg("--manifest-path").arg(manifest).arg("--target-dir").arg(target);
    if let Some(folder) = manifest.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        // Cargo reads `.cargo/config.toml` from where it stands, not from where the manifest is.
        command.current_dir(folder);
    }
    for guest in guests {
        command.args(["-p", &guest.package]);
    }
    let status = command.status().map_err(Error::file(command.get_program()))?;
    if status.success() { Ok(()) } else { Err(Error::Compile { what: status.to_string() }) }
}

/// Where [`compile`] leaves a guest's core module.
pub fn module_path(target: &Path, guest: &Guest) -> PathBuf {
    target.join(TARGET).join(PROFILE).join(format!("{}.wasm", guest.library))
}
