//! Where a plugin's folder stands: the workspace round it, its neighbours, and what was built.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use marque::{
    catalogue::{Plugin, PluginState},
    model::Kind,
};
use marque_build::{Guest, Toolchain, build, component};
use marque_package::{Header, Package};

/// A plugin's folder with the workspace it is a member of.
#[derive(Clone, Debug)]
pub struct House {
    /// The plugin's folder, absolute.
    pub folder: PathBuf,
    /// The root of the workspace.
    pub root: PathBuf,
    /// Name, version, crate.
    pub header: Header,
}

impl House {
    /// The house of `folder`.
    pub fn of(folder: &Path) -> Result<House, Box<dyn std::error::Error>> {
        let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
        let header = Header::of_folder(&folder)?;
        let root = workspace_above(&folder).ok_or_else(|| {
            format!("{}: stands in no cargo workspace; put it under plugins/ of a Marque checkout", folder.display())
        })?;
        Ok(House { folder, root, header })
    }

    /// Builds the plugin's component and the script runner, what has changed of them.
    pub fn build(&self) -> Result<(), Box<dyn std::error::Error>> {
        let runner = Guest::at(&self.root.join("scripts/runner"))?;
        let own = self.guest()?;
        let guests: Vec<&Guest> = own.iter().chain(runner.iter()).collect();
        let target = self.root.join("target/guest");
        build::compile(&self.root.join("Cargo.toml"), &target, &Toolchain::find()?, &guests)?;
        for guest in guests {
            component::refresh(&build::module_path(&target, guest), &self.built(&guest.package))?;
        }
        Ok(())
    }

    /// The crate that `plugin.toml` names, in the plugin's own folder.
    fn guest(&self) -> Result<Option<Guest>, Box<dyn std::error::Error>> {
        let Some(component) = &self.header.component else { return Ok(None) };
        match Guest::at(&self.folder)? {
            Some(guest) if guest.package == *component => Ok(Some(guest)),
            Some(guest) => {
                Err(format!("plugin.toml: component {component:?}, but the crate here is {:?}", guest.package).into())
            }
            None => Err(format!(
                "plugin.toml: component {component:?}, but there is no Cargo.toml with [lib] crate-type = [\"cdylib\"]"
            )
            .into()),
        }
    }

    /// Where a built component lies.
    pub fn built(&self, name: &str) -> PathBuf {
        self.root.join("target/plugins").join(format!("{name}.wasm"))
    }

    /// The script runner, if it was built.
    pub fn script_runner(&self) -> Option<Vec<u8>> {
        fs::read(self.built("script-runner")).ok()
    }

    /// The package of the folder with its built component.
    pub fn package(&self) -> Result<Package, Box<dyn std::error::Error>> {
        let component = match &self.header.component {
            Some(name) => Some(read(&self.built(name))?),
            None => None,
        };
        Ok(Package::from_folder(&self.folder, component)?)
    }

    /// The package as it stands, for looking at everything but the component.
    pub fn unbuilt(&self) -> Result<Package, marque_package::Error> {
        Package::from_folder(&self.folder, self.header.component.as_ref().map(|_| Vec::new()))
    }

    /// The other plugins of the workspace that can be read: their kinds and points may be referred to.
    pub fn neighbours(&self) -> Vec<Arc<Plugin>> {
        let folders = self.folder.parent().and_then(|parent| fs::read_dir(parent).ok()).into_iter().flatten();
        let folders =
            folders.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| *path != self.folder);
        folders.filter_map(|folder| neighbour(&folder)).collect()
    }
}

fn neighbour(folder: &Path) -> Option<Arc<Plugin>> {
    let header = Header::of_folder(folder).ok()?;
    let package = Package::from_folder(folder, header.component.as_ref().map(|_| Vec::new())).ok()?;
    let plugin = Plugin::from_package(&package).ok()?;
    Some(Arc::new(Plugin { state: PluginState::Enabled, component: None, ..plugin }))
}

/// Kinds of a plugin and its neighbours.
pub fn kinds_of<'a>(plugins: impl IntoIterator<Item = &'a Arc<Plugin>>) -> Vec<Arc<Kind>> {
    plugins.into_iter().flat_map(|plugin| plugin.kinds.iter().cloned()).collect()
}

fn workspace_above(folder: &Path) -> Option<PathBuf> {
    let is_workspace = |folder: &&Path| {
        fs::read_to_string(folder.join("Cargo.toml"))
            .is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
    };
    folder.ancestors().find(is_workspace).map(Path::to_owned)
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("{}: not built yet; run `marque-cli build`", path.display()),
        _ => format!("{}: {error}", path.display()),
    })
}
