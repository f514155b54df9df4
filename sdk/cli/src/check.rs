//! `marque-cli check DIR`: what is wrong with a plugin's folder, all of it at once, without building it.

mod screens;
mod scripts;
mod texts;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use clap::Args;
use marque::{
    catalogue::{Plugin, PluginState},
    demo::Book,
    model::Kind,
    store::{Store, StoreConfig},
};
use marque_package::Package;

use crate::{
    Outcome,
    bench::told,
    case::{self, When},
    house::{House, kinds_of},
};

/// Find what is wrong.
#[derive(Args)]
pub struct Check {
    /// The plugin's folder.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

/// What the parts of the check look at.
struct Subject<'a> {
    house: &'a House,
    package: &'a Package,
    plugin: &'a Arc<Plugin>,
    neighbours: &'a [Arc<Plugin>],
    /// Its own kinds, its neighbours' and the core's.
    kinds: BTreeMap<String, Arc<Kind>>,
}

impl Check {
    /// Lists every finding.
    pub fn run(self) -> Outcome {
        let house = House::of(&self.folder)?;
        refuse_findings(&house)?;
        eprintln!("{} {}: nothing found", house.header.name, house.header.version);
        Ok(())
    }
}

/// An error that lists every finding, if there is any.
pub fn refuse_findings(house: &House) -> Outcome {
    let findings = findings(house);
    for finding in &findings {
        eprintln!("  {finding}");
    }
    match findings.len() {
        0 => Ok(()),
        1 => Err(format!("{}: one finding", house.header.name).into()),
        n => Err(format!("{}: {n} findings", house.header.name).into()),
    }
}

fn findings(house: &House) -> Vec<String> {
    let package = match house.unbuilt() {
        Ok(package) => package,
        Err(error) => return vec![error.to_string()],
    };
    // Everything else is read with the server's own eyes, so nothing passes here that a server would refuse.
    let plugin = match Plugin::from_package(&package) {
        Ok(plugin) => Arc::new(Plugin { state: PluginState::Enabled, ..plugin }),
        Err(error) => return vec![told(error)],
    };
    let neighbours = house.neighbours();
    let core = match core_kinds() {
        Ok(kinds) => kinds,
        Err(error) => return vec![error.to_string()],
    };
    let all = core.into_iter().chain(kinds_of(neighbours.iter().chain([&plugin])));
    let kinds = all.map(|kind| (kind.kind.clone(), kind)).collect();
    let subject = Subject { house, package: &package, plugin: &plugin, neighbours: &neighbours, kinds };
    let mut findings = manifest(&subject);
    findings.extend(texts::findings(&subject));
    findings.extend(screens::findings(&subject));
    findings.extend(scripts::findings(&subject));
    findings.extend(cases(&subject));
    findings.extend(demo(&subject));
    findings
}

/// Steps of sample data that name no kind or action there is.
fn demo(subject: &Subject<'_>) -> Vec<String> {
    let Some(text) = subject.package.text("demo.json") else { return Vec::new() };
    let book = match Book::parse(text) {
        Ok(book) => book,
        Err(error) => return vec![error.message],
    };
    let plugins = subject.neighbours.iter().chain([subject.plugin]);
    let actions: Vec<_> = plugins.flat_map(|plugin| &plugin.manifest.owns.actions).collect();
    let mut findings = Vec::new();
    for (n, tale) in book.tales.iter().enumerate() {
        for (m, step) in tale.steps.iter().enumerate() {
            let kind = tale.kind_of(step).unwrap_or_default();
            let is_known = match step.action.as_str() {
                "create" => subject.kinds.contains_key(kind),
                name => actions.iter().any(|action| action.kind == kind && action.name == name),
            };
            if !is_known {
                findings.push(format!("demo.json: /tales/{n}/steps/{m}: {kind} has no action {:?}", step.action));
            }
        }
    }
    findings
}

/// The core's own kinds are in every store.
fn core_kinds() -> Result<Vec<Arc<Kind>>, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store = Store::open(folder.path(), &StoreConfig::default()).map_err(told)?;
    Ok(store.kinds().values().cloned().collect())
}

/// Names that point at nothing.
fn manifest(subject: &Subject<'_>) -> Vec<String> {
    let manifest = &subject.plugin.manifest;
    let mut findings = Vec::new();
    let own = format!("{}.", manifest.name);
    for hears in &manifest.hears {
        if hears.event.starts_with(&own)
            && !hears.event.ends_with('*')
            && !events(subject.plugin).contains(&hears.event)
        {
            findings.push(format!("plugin.toml: hears {:?}, which nothing in this plugin raises", hears.event));
        }
    }
    for command in &manifest.asks.commands {
        let (name, kind) = command.split_once(':').map_or((command.as_str(), None), |(name, kind)| (name, Some(kind)));
        if !COMMANDS.contains(&name) {
            findings.push(format!("plugin.toml: asks.commands has {name:?}; there are {}", COMMANDS.join(" ")));
        }
        if let Some(kind) = kind.filter(|kind| kind.starts_with(&own) && !subject.kinds.contains_key(*kind)) {
            findings.push(format!("plugin.toml: asks.commands has {command:?}, but it owns no kind {kind:?}"));
        }
    }
    let points = |name: &String| {
        subject.neighbours.iter().chain([subject.plugin]).any(|plugin| plugin.points.contains_key(name))
    };
    for point in manifest.asks.points.iter().filter(|point| !points(point)) {
        findings
            .push(format!("plugin.toml: asks.points has {point:?}, which neither this plugin nor one beside it owns"));
    }
    if !manifest.owns.pages.is_empty() && manifest.component.is_none() {
        findings.push("plugin.toml: owns.pages, but there is no component to say what they show".into());
    }
    for (file, _) in subject.package.files_in("records/") {
        let kind = file.trim_start_matches("records/").trim_end_matches(".json");
        if !manifest.owns.kinds.iter().any(|owned| owned == kind) {
            findings.push(format!("{file}: is not among owns.kinds of plugin.toml"));
        }
    }
    findings
}

const COMMANDS: [&str; 15] = [
    "record.create",
    "record.change",
    "record.move",
    "record.remove",
    "record.restore",
    "record.rank",
    "record.touch",
    "record.undo",
    "message.send",
    "message.cancel",
    "consent.give",
    "consent.withdraw",
    "timer.set",
    "timer.cancel",
    "event.raise",
];

/// Every event that happens because of this plugin's kinds, or that it raises.
fn events(plugin: &Plugin) -> Vec<String> {
    let of_kinds = plugin.kinds.iter().flat_map(|kind| {
        let moves = kind
            .states
            .iter()
            .flat_map(|states| states.transitions.values().map(|transition| transition.event.clone()));
        let own = ["created", "changed", "removed", "restored", "attached", "detached"];
        let verbs = own.map(str::to_owned).into_iter().chain(moves);
        verbs.map(|verb| format!("{}.{verb}", kind.kind)).collect::<Vec<_>>()
    });
    of_kinds.chain(plugin.manifest.owns.events.iter().cloned()).collect()
}

fn cases(subject: &Subject<'_>) -> Vec<String> {
    let (cases, mut findings) = case::read(&subject.house.folder);
    let actions = &subject.plugin.manifest.owns.actions;
    for (file, case) in cases {
        if let When::Action(asked) = &case.when
            && !actions.iter().any(|action| action.name == asked.action && action.kind == asked.kind)
        {
            findings.push(format!("{file}: {}: {} has no action {:?}", case.name, asked.kind, asked.action));
        }
        if let When::Page(visited) = &case.when {
            match subject.plugin.manifest.page(&visited.page) {
                None => findings.push(format!("{file}: {}: there is no page {:?}", case.name, visited.page)),
                Some(page) if page.target != visited.target.is_some() => {
                    findings.push(format!("{file}: {}: page {:?} and the case differ in target", case.name, page.name));
                }
                Some(_) => {}
            }
        }
        for given in case.given.iter().filter(|given| !subject.kinds.contains_key(&given.kind)) {
            findings.push(format!("{file}: {}: there is no kind {:?}", case.name, given.kind));
        }
    }
    findings
}

#[cfg(test)]
mod tests;
