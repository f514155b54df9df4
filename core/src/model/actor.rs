//! Who asks, and what they may see.

use std::{collections::BTreeSet, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::model::{Id, Record};

/// Who a command comes from. Every actor passes the same checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    /// A person, by session or token.
    User {
        /// Their record's id.
        id: Id,
        /// Their display name.
        name: String,
        /// Where they work.
        org: Id,
        /// Role codes of domain §1.2.
        roles: Vec<String>,
        /// What the token they come in with is held to, see [`scopes`](super::scopes); empty for all that the person may.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        scopes: Vec<String>,
    },
    /// A plugin answering an event, or acting for a user.
    Plugin {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
        /// The person it acts for, if any: then both must be allowed.
        on_behalf: Option<Box<Actor>>,
    },
    /// A published reaction answering an event.
    Script {
        /// Its name, `reaction/welcome`.
        name: String,
        /// The organisation that has published it.
        owner: Id,
        /// The version in force.
        version: u32,
        /// What it may ask for, `record.create:worklist.task`: what its author declared and its publisher granted.
        #[serde(default)]
        asks: Vec<String>,
    },
    /// The server itself: start-up, timers, imports' bookkeeping.
    System,
}

impl Actor {
    /// A person, from their record.
    pub fn of(user: &Record) -> Actor {
        let roles = user.field("roles").as_array().into_iter().flatten();
        Actor::User {
            id: user.id.clone(),
            name: user.text("name").unwrap_or_default().to_owned(),
            org: user.org.clone(),
            roles: roles.filter_map(|role| role.as_str().map(str::to_owned)).collect(),
            scopes: Vec::new(),
        }
    }

    /// Short form in events, revisions and logs: `user:ID`, `plugin:NAME`, `script:NAME@ORG`, `system`.
    pub fn label(&self) -> String {
        match self {
            Actor::User { id, .. } => format!("user:{id}"),
            Actor::Plugin { name, .. } => format!("plugin:{name}"),
            Actor::Script { name, owner, .. } => format!("script:{name}@{owner}"),
            Actor::System => "system".into(),
        }
    }

    /// As [`Actor::label`], and for whom a plugin acts: `plugin:NAME/user:ID`. What events and revisions keep.
    pub fn trace(&self) -> String {
        match self {
            Actor::Plugin { on_behalf: Some(person), .. } => format!("{}/{}", self.label(), person.label()),
            other => other.label(),
        }
    }

    /// The person behind it, if any.
    pub fn person(&self) -> Option<&Id> {
        match self {
            Actor::User { id, .. } => Some(id),
            Actor::Plugin { on_behalf, .. } => on_behalf.as_deref().and_then(Actor::person),
            Actor::Script { .. } | Actor::System => None,
        }
    }

    /// What a token holds the person to; a plugin is held to what the person is whom it acts for.
    pub fn scopes(&self) -> &[String] {
        match self {
            Actor::User { scopes, .. } => scopes,
            Actor::Plugin { on_behalf: Some(person), .. } => person.scopes(),
            Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => &[],
        }
    }

    /// The same person, held to what a token is for.
    #[must_use]
    pub fn held_to(mut self, entries: &[String]) -> Actor {
        if let Actor::User { scopes, .. } = &mut self {
            *scopes = entries.to_vec();
        }
        self
    }

    /// Role codes; a plugin has those of the person it acts for.
    pub fn roles(&self) -> &[String] {
        match self {
            Actor::User { roles, .. } => roles,
            Actor::Plugin { on_behalf: Some(person), .. } => person.roles(),
            Actor::Plugin { .. } | Actor::Script { .. } | Actor::System => &[],
        }
    }
}

/// The organisations whose records a read may see. A [`View`](crate::store::View) cannot be had without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything: the server's own work, never a request.
    All,
    /// These organisations and no others; already expanded down the tree.
    Orgs(Arc<BTreeSet<Id>>),
}

impl Scope {
    /// What two scopes have in common.
    #[must_use]
    pub fn within(&self, other: &Scope) -> Scope {
        match (self, other) {
            (Scope::All, other) => other.clone(),
            (own, Scope::All) => own.clone(),
            (Scope::Orgs(own), Scope::Orgs(other)) => Scope::Orgs(Arc::new(own.intersection(other).cloned().collect())),
        }
    }

    /// One organisation alone.
    pub fn one(org: Id) -> Scope {
        Scope::Orgs(Arc::new(BTreeSet::from([org])))
    }

    /// Whether records of `org` are inside.
    pub fn holds(&self, org: &Id) -> bool {
        match self {
            Scope::All => true,
            Scope::Orgs(orgs) => orgs.contains(org),
        }
    }
}
