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
    /// `dealer`, `region` …; `None` where the record does not say.
    pub r#type: Option<String>,
    /// Its name.
    pub name: String,
    /// Opening hours, holidays and time zone.
    pub calendar: Calendar,
}

const OUTLET: &[&str] = &["maker", "region", "dealer_group"];

/// Types of organisations, each with the types it may stand under. A small maker has no regions, so its dealers may stand right under it.
pub const TYPES: [(&str, &[&str]); 9] = [
    ("maker", &[]),
    ("region", &["maker"]),
    ("dealer_group", &["maker", "region"]),
    ("dealer", OUTLET),
    ("service_station", OUTLET),
    ("car_market_seller", OUTLET),
    (
        "desk",
        &[
            "maker",
            "region",
            "dealer_group",
            "dealer",
            "service_station",
            "car_market_seller",
            "call_vendor",
            "survey_house",
        ],
    ),
    ("call_vendor", &["maker"]),
    ("survey_house", &["maker"]),
];

/// The types an organisation of this type may stand under; none for the maker, which is the top.
pub fn stands_under(r#type: &str) -> &'static [&'static str] {
    TYPES.iter().find(|(known, _)| *known == r#type).map_or(&[], |(_, under)| under)
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
    /// Worked out once: every request asks for one, and organisations change a few times a year.
    scopes: BTreeMap<Id, Arc<BTreeSet<Id>>>,
}

impl OrgTree {
    /// A tree of these organisations.
    pub fn new(orgs: impl IntoIterator<Item = Org>) -> OrgTree {
        let orgs = orgs.into_iter().map(|org| (org.id.clone(), Arc::new(org))).collect();
        let mut tree = OrgTree { orgs, scopes: BTreeMap::new() };
        let mut scopes: BTreeMap<Id, BTreeSet<Id>> = BTreeMap::new();
        for org in tree.orgs.keys() {
            for above in tree.upwards(org) {
                scopes.entry(above.clone()).or_default().insert(org.clone());
            }
        }
        tree.scopes = scopes.into_iter().map(|(org, inside)| (org, Arc::new(inside))).collect();
        tree
    }

    /// One organisation.
    pub fn get(&self, id: &Id) -> Option<&Arc<Org>> {
        self.orgs.get(id)
    }

    /// Whether a scope holds all there are.
    pub fn is_whole(&self, scope: &Scope) -> bool {
        self.orgs.keys().all(|org| scope.holds(org))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.orgs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.orgs.is_empty()
    }

    /// The organisations above one, without itself.
    pub fn above(&self, id: &Id) -> Scope {
        Scope::Orgs(Arc::new(self.upwards(id).skip(1).cloned().collect()))
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
        self.scopes.get(id).map_or_else(|| Scope::one(id.clone()), |inside| Scope::Orgs(inside.clone()))
    }

    /// The organisation's calendar, the default one for an unknown organisation.
    pub fn calendar(&self, id: &Id) -> Calendar {
        self.get(id).map(|org| org.calendar.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(orgs: &[(&str, Option<&str>)]) -> OrgTree {
        OrgTree::new(orgs.iter().map(|(id, parent)| Org {
            id: id.parse().unwrap(),
            parent: parent.map(|parent| parent.parse().unwrap()),
            r#type: None,
            name: (*id).to_owned(),
            calendar: Calendar::default(),
        }))
    }

    fn inside(tree: &OrgTree, id: &str) -> Vec<String> {
        match tree.scope(&id.parse().unwrap()) {
            Scope::Orgs(orgs) => orgs.iter().map(Id::to_string).collect(),
            Scope::All => panic!("a scope of everything"),
        }
    }

    #[test]
    fn a_scope_is_an_organisation_and_all_below_it() {
        let tree = tree(&[
            ("hq", None),
            ("north", Some("hq")),
            ("d1", Some("north")),
            ("desk", Some("d1")),
            ("d2", Some("hq")),
        ]);
        assert_eq!(inside(&tree, "hq"), ["d1", "d2", "desk", "hq", "north"]);
        assert_eq!(inside(&tree, "d1"), ["d1", "desk"]);
        assert_eq!(inside(&tree, "d2"), ["d2"]);
        assert_eq!(inside(&tree, "unknown"), ["unknown"]);
    }

    #[test]
    fn a_loop_in_the_data_ends() {
        let tree = tree(&[("a", Some("b")), ("b", Some("a")), ("c", Some("gone"))]);
        assert_eq!(inside(&tree, "a"), ["a", "b"]);
        assert_eq!(inside(&tree, "c"), ["c"]);
    }
}
