//! What this binary carries: the script runner, and first-party plugins, which it brings into the store with each start.

use std::sync::Arc;

use marque_package::Package;
use rust_embed::RustEmbed;

use super::{App, How, Outcome, packages::Leave, plugins::opened};
use crate::{
    Error, Result,
    catalogue::{Plugin, PluginState},
    commands::Ctx,
    model::{Id, Scope},
    store::tables,
};

/// What `cargo xtask plugins` has built: packages of first-party plugins and the script runner.
#[derive(RustEmbed)]
#[folder = "../target/plugins"]
#[include = "*.mpk"]
#[include = "script-runner.wasm"]
#[allow_missing = true]
struct Built;

/// The guest that scripts run in.
///
/// # Errors
/// `build.invalid` when the binary was built without it.
pub(super) fn script_runner() -> Result<Vec<u8>> {
    Built::get("script-runner.wasm").map(|file| file.data.into_owned()).ok_or_else(|| {
        Error::invalid("build", "this binary was built without the script runner: run `cargo xtask build`, or `cargo xtask plugins` before building it by hand")
    })
}

/// The `demo.json` of each first-party plugin that has one, by its name.
///
/// # Errors
/// Internal, for a package that does not open.
pub fn tales() -> Result<Vec<(String, String)>> {
    let mut names: Vec<_> = Built::iter().filter(|name| name.ends_with(".mpk")).collect();
    names.sort();
    let mut books = Vec::new();
    for name in names {
        let package = Built::get(&name).map(|file| file.data.into_owned()).unwrap_or_default();
        let package = Package::open(&package).map_err(Error::internal)?;
        if let Some(text) = package.text("demo.json") {
            books.push((package.header().name.clone(), text.to_owned()));
        }
    }
    Ok(books)
}

impl App {
    /// Bring what the store has not got, and newer versions of what a binary before this one has brought. What somebody has taken out,
    /// let rest, or replaced with a package of their own is left as it is; a version that asks for more waits until it is granted that.
    ///
    /// # Errors
    /// For an empty store, which would be without them. In one that is at work already each failure is logged, and the server starts.
    pub(super) async fn bring_built(self: &Arc<App>, is_empty: bool) -> Result<()> {
        let mut names: Vec<_> = Built::iter().filter(|name| name.ends_with(".mpk")).collect();
        names.sort();
        for name in names {
            let package = Built::get(&name).map(|file| file.data.into_owned()).unwrap_or_default();
            match self.bring(package).await {
                Err(error) if is_empty => return Err(error),
                Err(error) => tracing::error!(%error, package = %name, "a first-party plugin could not be brought in"),
                Ok(()) => (),
            }
        }
        Ok(())
    }

    async fn bring(self: &Arc<App>, package: Vec<u8>) -> Result<()> {
        let (plugin, package) = opened(package).await?;
        if !self.is_wanted(&plugin)? {
            return Ok(());
        }
        let ctx = Ctx::system(Id::hq(), self.clock.now(), self.catalogue());
        let (name, version) = (&plugin.manifest.name, &plugin.manifest.version);
        match self.install_as(ctx, How::Now, package, Leave::default()).await? {
            Outcome::Done(installed) if installed.waits => {
                tracing::info!(
                    plugin.name = name,
                    plugin.version = version,
                    "a first-party plugin asks for more and waits"
                );
            }
            _ => tracing::info!(plugin.name = name, plugin.version = version, "installed a first-party plugin"),
        }
        Ok(())
    }

    fn is_wanted(&self, plugin: &Plugin) -> Result<bool> {
        let (name, version) = (&plugin.manifest.name, &plugin.manifest.version);
        let view = self.store.view(Scope::All)?;
        match self.catalogue().plugins.get(name) {
            None => Ok(!tables::plugin::is_declined(&view, name, None)?),
            Some(installed) => {
                let standing = &installed.standing;
                let is_kept_up =
                    standing.is_brought && installed.state != PluginState::Disabled && standing.leaving_at.is_none();
                let waits = standing.waiting.as_ref().is_some_and(|waiting| waiting.version == *version);
                let is_newer = installed.version() < plugin.version();
                Ok(is_kept_up && is_newer && !waits && !tables::plugin::is_declined(&view, name, Some(version))?)
            }
        }
    }
}
