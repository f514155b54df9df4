//! What an administrator has said of a plugin: what it is granted, whose packages it takes, which versions stand beside it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Manifest, manifest::Hears};
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
}
