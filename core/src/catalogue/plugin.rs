//! An installed plugin: everything its package says, parsed and checked.

use std::{collections::BTreeMap, sync::Arc};

use marque_package::Package;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Granted, Manifest, Standing};
use crate::{
    Error, Result,
    model::{Kind, Text, custom::PREFIX},
};

/// Whether a plugin is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PluginState {
    /// Hears and answers.
    Enabled,
    /// Installed; hears nothing, its cursors stand.
    Disabled,
    /// Could not be loaded; see its fault.
    Failed,
}

/// An installed plugin.
#[derive(Clone, Debug)]
pub struct Plugin {
    /// Its declaration, narrowed to what it was granted.
    pub manifest: Manifest,
    /// What it asks for, granted or not.
    pub declared: Granted,
    /// What an administrator has said of it.
    pub standing: Standing,
    /// Who has signed its package; nobody, often.
    pub signer: Option<String>,
    /// SHA-256 over the digests of all its files, hex: the same whoever signs them.
    pub content: String,
    /// SHA-256 of its component, hex; empty without one.
    pub digest: String,
    /// The WebAssembly component.
    pub component: Option<Arc<[u8]>>,
    /// Whether it is at work.
    pub state: PluginState,
    /// The kinds it owns.
    pub kinds: Vec<Arc<Kind>>,
    /// Its decision points by name.
    pub points: BTreeMap<String, Point>,
    /// The scripts its computed fields begin with, by the scripts' names.
    pub computed: BTreeMap<String, Arc<str>>,
    /// Screens document, drawn by the console; `Null` without one.
    pub screens: Value,
    /// Texts by language, then key.
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
    /// JSON Schema of its settings; `Null` without one.
    pub settings_schema: Value,
    /// The schema's defaults.
    pub default_settings: Arc<Value>,
    /// The README, for the console.
    pub readme: String,
}

/// A decision that dealers may change.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Point {
    /// What people call it.
    pub label: Text,
    /// What it is for.
    #[serde(default)]
    pub help: Text,
    /// JSON Schema of the input.
    pub input: Value,
    /// JSON Schema of the output.
    pub output: Value,
    /// How owners combine, output field by output field; absent: the nearest wins.
    #[serde(default)]
    pub combine: BTreeMap<String, Combine>,
    /// An input to try scripts with.
    #[serde(default)]
    pub example: Value,
    /// The rule that ships with the plugin, Rhai.
    #[serde(skip)]
    pub source: Arc<str>,
}

/// How a dealer's answer and the rule above it become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// The nearest owner's answer.
    Replace,
    /// The greater: enumerations by their order, spans by length, numbers as numbers.
    Max,
    /// The lesser, likewise.
    Min,
}

impl Plugin {
    /// The same as an administrator lets it be.
    #[must_use]
    pub fn standing(mut self, standing: Standing) -> Plugin {
        if let Some(granted) = &standing.granted {
            self.manifest = self.manifest.narrowed(granted);
        }
        self.standing = standing;
        self
    }

    /// Its version, to be compared.
    pub fn version(&self) -> [u32; 3] {
        version(&self.manifest.version)
    }

    /// How revocations name what means it: the key it is signed with, and itself.
    pub fn revoked_as(&self) -> impl Iterator<Item = String> {
        let key = self.signer.as_ref().map(|signer| format!("key:{signer}"));
        key.into_iter().chain([format!("package:{}", self.content)])
    }

    /// Read an opened package.
    ///
    /// # Errors
    /// `plugin.invalid`, naming the file and what is wrong with it.
    pub fn from_package(package: &Package) -> Result<Plugin> {
        let manifest = Manifest::parse(package.text("plugin.toml").ok_or_else(|| missing("plugin.toml"))?)?;
        let kinds = manifest
            .owns
            .kinds
            .iter()
            .map(|name| {
                let file = format!("records/{name}.json");
                let kind: Kind = json(package, &file)?;
                crate::model::validate::kind(&kind)
                    .map_err(|error| Error::invalid("plugin", format!("{file}: {}", error.message)))?;
                if let Some((name, _)) = kind.fields.iter().find(|(name, _)| name.starts_with(PREFIX)) {
                    let message =
                        format!("{file}: field {name:?} begins with {PREFIX}, as organisations' own fields do");
                    return Err(Error::invalid("plugin", message));
                }
                Ok(Arc::new(kind))
            })
            .collect::<Result<Vec<_>>>()?;
        let points = manifest
            .owns
            .points
            .iter()
            .map(|point| {
                let mut parsed: Point = json(package, &format!("points/{}.json", point.name))?;
                let script = format!("scripts/{}.rhai", point.name);
                parsed.source = package.text(&script).ok_or_else(|| missing(&script))?.into();
                Ok((point.name.clone(), parsed))
            })
            .collect::<Result<BTreeMap<_, _>>>()?;
        let settings_schema = settings(package, &manifest)?;
        let component = package.file("component.wasm").map(Arc::from);
        if manifest.component.is_some() && component.is_none() {
            return Err(missing("component.wasm"));
        }
        Ok(Plugin {
            digest: component.as_deref().map(crate::model::digest::hex).unwrap_or_default(),
            component,
            state: PluginState::Disabled,
            computed: computed(package, &kinds),
            kinds,
            points,
            screens: optional(package, "screens/ui.json")?,
            texts: ["zh-CN", "en"]
                .into_iter()
                .map(|locale| Ok((locale.to_owned(), optional(package, &format!("texts/{locale}.json"))?)))
                .collect::<Result<_>>()?,
            default_settings: Arc::new(defaults(&settings_schema)),
            settings_schema,
            readme: package.text("README.md").unwrap_or_default().to_owned(),
            declared: manifest.rights(),
            standing: Standing::default(),
            signer: package.signer().map(|signer| signer.to_string()),
            content: package.digest(),
            manifest,
        })
    }
}

/// A version to be compared; the manifest's check has seen to it that it is three numbers.
fn version(text: &str) -> [u32; 3] {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or_default());
    [(); 3].map(|()| parts.next().unwrap_or_default())
}

/// `scripts/<kind>.<field>.rhai` of each computed field that comes with one; the others wait for a dealer's.
fn computed(package: &Package, kinds: &[Arc<Kind>]) -> BTreeMap<String, Arc<str>> {
    let scripts = kinds.iter().flat_map(|kind| kind.fields.computed());
    scripts
        .filter_map(|(_, _, script)| {
            let source = package.text(&format!("scripts/{}.rhai", script.strip_prefix("computed/")?))?;
            Some((script.to_owned(), source.into()))
        })
        .collect()
}

fn settings(package: &Package, manifest: &Manifest) -> Result<Value> {
    match &manifest.owns.settings {
        Some(file) => json(package, file),
        None => Ok(Value::Null),
    }
}

fn missing(file: &str) -> Error {
    Error::invalid("plugin", format!("{file} is missing from the package"))
}

fn json<T: serde::de::DeserializeOwned>(package: &Package, file: &str) -> Result<T> {
    let text = package.text(file).ok_or_else(|| missing(file))?;
    serde_json::from_str(text).map_err(|error| Error::invalid("plugin", format!("{file}: {error}")))
}

fn optional<T: serde::de::DeserializeOwned + Default>(package: &Package, file: &str) -> Result<T> {
    match package.text(file) {
        Some(_) => json(package, file),
        None => Ok(T::default()),
    }
}

/// The `default`s of a schema's properties, objects inside included.
fn defaults(schema: &Value) -> Value {
    if let Some(value) = schema.get("default") {
        return value.clone();
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    let filled = properties.into_iter().flatten().filter_map(|(name, property)| {
        let value = defaults(property);
        (!value.is_null()).then(|| (name.clone(), value))
    });
    match properties {
        Some(_) => Value::Object(filled.collect()),
        None => Value::Null,
    }
}
