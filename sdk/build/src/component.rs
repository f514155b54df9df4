//! Core modules become components.

use std::{fs, path::Path, time::SystemTime};

use wit_component::ComponentEncoder;

use crate::{Error, Result};

/// The component of a core module. The module carries its WIT in a custom section, written by the SDK's macro.
pub fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|cause| format!("{cause:#}"))
}

/// Makes `component` from `module` unless it is newer already; answers whether it had to.
pub fn refresh(module: &Path, component: &Path) -> Result<bool> {
    if changed_at(component).is_some_and(|made| changed_at(module).is_some_and(|built| built <= made)) {
        return Ok(false);
    }
    let bytes = fs::read(module).map_err(Error::file(module))?;
    let encoded = encode(&bytes).map_err(|cause| Error::Component { path: module.to_owned(), cause })?;
    if let Some(folder) = component.parent() {
        fs::create_dir_all(folder).map_err(Error::file(folder))?;
    }
    fs::write(component, encoded).map_err(Error::file(component))?;
    Ok(true)
}

fn changed_at(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|metadata| metadata.modified()).ok()
}
