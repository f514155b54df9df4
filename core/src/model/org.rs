//! The organisation tree: maker → region → dealer → desk, with calendars.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{
    Result,
    model::{Data, Id, Scope, calendar::Calendar},
};

/// What the rest of the core needs to know of an organisation.
#[derive(Clone, Debug)]
pub struct Org {
    /// Its id.
    pub id: Id,
    /// The one above; `None` for the maker.
    pub parent: Option<Id>,
    /// Its name.
    pub name: String,
    /// Opening hours, holidays and time zone.
    pub calendar: Calendar,
}

/// The calendar an organisation's record describes.
///
/// # Errors
/// `invalid`, naming the field and what is wrong with it.
pub fn calendar(data: &Data) -> Result<Calendar> {
    Calendar::from_data(data)
}

/// All organisations.
#[derive(Clone, Debug, Default)]
pub struct OrgTree {
    orgs: BTreeMap<Id, Arc<Org>>,
}

impl OrgTree {
    /// A tree of these organisations.
    pub fn new(orgs: impl IntoIterator<Item = Org>) -> OrgTree {
        OrgTree { orgs: orgs.into_iter().map(|org| (org.id.clone(), Arc::new(org))).collect() }
    }

    /// One organisation.
    pub fn get(&self, id: &Id) -> Option<&Arc<Org>> {
        self.orgs.get(id)
    }

    /// From an organisation up to the maker, itself first. A loop in the data ends the walk.
    pub fn upwards<'a>(&'a self, id: &Id) -> impl Iterator<Item = &'a Id> {
        let mut seen = BTreeSet::new();
        let mut next = self.orgs.get(id);
        std::iter::from_fn(move || {
            let org = next?;
            if !seen.insert(&org.id) {
                return None;
            }
            next = org.parent.as_ref().and_then(|parent| self.orgs.get(parent));
            Some(&org.id)
        })
    }

    /// An organisation and all below it.
    pub fn scope(&self, id: &Id) -> Scope {
        let inside = self.orgs.keys().filter(|org| self.upwards(org).any(|above| above == id));
        Scope::Orgs(Arc::new(inside.cloned().chain([id.clone()]).collect()))
    }

    /// The organisation's calendar, the default one for an unknown organisation.
    pub fn calendar(&self, id: &Id) -> Calendar {
        self.get(id).map(|org| org.calendar.clone()).unwrap_or_default()
    }
}
