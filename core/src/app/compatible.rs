//! Whether plugins run with this binary, asked beside a running server and before an upgrade of it.

use std::sync::Arc;

use super::catalogues;
use crate::{
    Error, Result,
    catalogue::{Catalogue, Plugin, PluginState},
    config::Config,
    host::{Compiling, Decide, DecideCall, Decision, Limits},
    model::Fault,
    store,
};

/// What came of looking at one plugin.
#[derive(Clone, Debug)]
pub struct Checked {
    /// `complaints 1.2.0`, or the file.
    pub name: String,
    /// Why it would not run.
    pub wrong: Option<String>,
}

/// A component asks for no decision while it is loaded.
struct Undecided;

impl Decide for Undecided {
    fn decide(&self, _call: &DecideCall<'_>) -> Result<Decision, Fault> {
        Err(Fault::host("nothing is decided while a plugin is looked at"))
    }
}

/// Load packages as the server would, each compiled in a child with limits and run in a fresh instance: those given, or those installed
/// in the store of the configuration. `compiling` is apart for whoever is the `marque` binary.
///
/// # Errors
/// `store.not_found`, internal; what is wrong with a package stands in the list.
pub fn check_plugins(
    config: &Config,
    given: Vec<(String, Vec<u8>)>,
    catalogue: Arc<Catalogue>,
    compiling: Compiling,
) -> Result<Vec<Checked>> {
    let packages = match given.is_empty() {
        true => installed(config)?,
        false => given,
    };
    // Compiled afresh: the cache belongs to the server.
    let host = compiling.host(Limits::default(), None)?;
    let check = |(name, bytes): (String, Vec<u8>)| {
        let catalogue = catalogue.clone();
        let loaded = catalogues::open(&bytes).and_then(|plugin| match plugin.component {
            None => Ok(()),
            Some(_) => {
                let plugin = Arc::new(Plugin { state: PluginState::Enabled, ..plugin });
                host.load(&plugin, Arc::new(move || catalogue.clone()), Arc::new(Undecided)).map(drop)
            }
        });
        Checked { name, wrong: loaded.err().map(|error| error.message) }
    };
    Ok(packages.into_iter().map(check).collect())
}

fn installed(config: &Config) -> Result<Vec<(String, Vec<u8>)>> {
    let packages = store::installed_packages(&config.data.folder)?;
    if packages.is_empty() {
        return Err(Error::not_found("plugin", "no plugin is installed there: name packages"));
    }
    Ok(packages.into_iter().map(|(name, version, package)| (format!("{name} {version}"), package)).collect())
}
