//! What an administrator has said of a plugin: what it is granted, whose packages it takes, which versions stand beside it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Manifest, Plugin, manifest::Hears};
use crate::model::{Id, Time};

/// A right as people read it: `hears customer.created`, `reads customer`, `asks record.create:worklist.task`, `decides lead.score`.
pub type Granted = BTreeSet<String>;

/// What an administrator has said of a plugin.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// What it may have of what it asks for; `None`: all of it.
    pub granted: Option<Granted>,
    /// The key its packages are signed with.
    pub publisher: Option<String>,
    /// When what it has kept is deleted.
    pub leaving_at: Option<Time>,
    /// A newer version that asks for more.
    pub waiting: Option<Waiting>,
    /// The version before.
    pub previous: Option<String>,
    /// Organisations that do without it, and with them those below.
    pub off: BTreeSet<Id>,
    /// The number of the event that told of this version: another package has another.
    pub came_seq: i64,
    /// Whether the server's own binary brought this version.
    pub is_brought: bool,
}

/// A version that waits until it is granted what it asks for in addition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Waiting {
    /// Which.
    pub version: String,
    /// Who has signed it.
    pub publisher: Option<String>,
    /// Since when.
    pub came_at: Time,
    /// What it asks for in addition.
    pub more: Granted,
    /// What it asks for no more.
    pub less: Granted,
}

impl Manifest {
    /// Everything it hears, reads and asks for, each as one right.
    pub fn rights(&self) -> Granted {
        let hears = self.hears.iter().map(heard);
        let reads = self.reads.kinds.iter().map(|kind| format!("reads {kind}"));
        let asks = self.asks.commands.iter().map(|command| format!("asks {command}"));
        let points = self.asks.points.iter().map(|point| format!("decides {point}"));
        hears.chain(reads).chain(asks).chain(points).collect()
    }

    /// The same with nothing but what was granted of it.
    #[must_use]
    pub fn narrowed(mut self, granted: &Granted) -> Manifest {
        self.hears.retain(|hears| granted.contains(&heard(hears)));
        self.reads.kinds.retain(|kind| granted.contains(&format!("reads {kind}")));
        self.asks.commands.retain(|command| granted.contains(&format!("asks {command}")));
        self.asks.points.retain(|point| granted.contains(&format!("decides {point}")));
        self
    }
}

impl Plugin {
    /// What it asks for and was not granted.
    pub fn held_back(&self) -> Granted {
        match &self.standing.granted {
            Some(granted) => self.declared.difference(granted).cloned().collect(),
            None => Granted::new(),
        }
    }

    /// What another version asks for beyond this one.
    pub fn more_in(&self, other: &Plugin) -> Granted {
        other.declared.difference(&self.declared).cloned().collect()
    }

    /// What a version that comes in the place of this one may have: what was granted stays granted, what was held back stays held back,
    /// and `more` comes to it. `None` where nothing was ever held back.
    pub fn carried_over(&self, coming: &Plugin, more: Granted) -> Option<Granted> {
        let granted = self.standing.granted.as_ref()?;
        Some(granted.intersection(&coming.declared).cloned().chain(more).collect())
    }

    /// What the version before may have when it comes back: what it `had` (`None`: all it asks for) but what is held back by now.
    pub fn given_back(&self, previous: &Plugin, had: Option<Granted>) -> Option<Granted> {
        let held_back = self.held_back();
        match had {
            None if held_back.is_disjoint(&previous.declared) => None,
            had => Some(&had.unwrap_or_else(|| previous.declared.clone()) - &held_back),
        }
    }
}

/// A filter belongs to the right: without it more is heard.
fn heard(hears: &Hears) -> String {
    match &hears.filter {
        Some(filter) => format!("hears {} {}", hears.event, serde_json::json!(filter)),
        None => format!("hears {}", hears.event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = r#"
        name = "p"
        version = "0.1.0"
        contract = 1
        label = "P"
        hears = [{ event = "customer.created" }, { event = "p.done", filter = { level = "high" } }]
        reads = { kinds = ["customer"] }
        asks = { commands = ["timer.set"], points = ["p.level"] }
    "#;

    #[test]
    fn rights_read_like_the_manifest() {
        let manifest = Manifest::parse(MANIFEST).expect("a manifest");
        let rights: Vec<String> = manifest.rights().into_iter().collect();
        assert_eq!(
            rights,
            [
                "asks timer.set",
                "decides p.level",
                "hears customer.created",
                r#"hears p.done {"level":"high"}"#,
                "reads customer"
            ]
        );
    }

    #[test]
    fn what_is_not_granted_is_gone() {
        let manifest = Manifest::parse(MANIFEST).expect("a manifest");
        let granted = ["reads customer", "hears customer.created"].map(str::to_owned).into();
        let narrowed = manifest.narrowed(&granted);
        assert_eq!(narrowed.rights(), granted);
        assert!(!narrowed.may_ask("timer.set", None) && narrowed.may_read("customer"));
    }

    fn plugin(declared: &[&str], granted: Option<&[&str]>) -> Plugin {
        let files = [("plugin.toml".to_owned(), MANIFEST.as_bytes().to_vec())].into();
        let package = marque_package::Package::from_files(files).expect("a package");
        let granted = granted.map(rights);
        let standing = Standing { granted, ..Standing::default() };
        Plugin { declared: rights(declared), standing, ..Plugin::from_package(&package).expect("a plugin") }
    }

    fn rights(words: &[&str]) -> Granted {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn the_version_before_gets_back_no_more_than_it_had_and_nothing_that_is_held_back_by_now() {
        let previous = plugin(&["a", "b", "c"], None);
        let as_it_was = plugin(&["a", "b", "d"], None);
        assert_eq!(as_it_was.given_back(&previous, None), None);
        assert_eq!(as_it_was.given_back(&previous, Some(rights(&["a"]))), Some(rights(&["a"])));
        let narrowed = plugin(&["a", "b", "d"], Some(&["a"]));
        assert_eq!(narrowed.given_back(&previous, None), Some(rights(&["a", "c"])));
        assert_eq!(narrowed.given_back(&previous, Some(rights(&["b", "c"]))), Some(rights(&["c"])));
    }

    #[test]
    fn what_was_held_back_stays_so_in_the_next_version_and_what_it_asks_in_addition_is_told() {
        let (narrowed, next) = (plugin(&["a", "b"], Some(&["a"])), plugin(&["a", "b", "c"], None));
        assert_eq!((narrowed.held_back(), narrowed.more_in(&next)), (rights(&["b"]), rights(&["c"])));
        assert_eq!(narrowed.carried_over(&next, Granted::new()), Some(rights(&["a"])));
        assert_eq!(narrowed.carried_over(&next, rights(&["c"])), Some(rights(&["a", "c"])));
        assert_eq!(plugin(&["a"], None).carried_over(&next, rights(&["c"])), None);
    }
}
