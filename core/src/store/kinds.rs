//! The kinds of a store: as their plugins wrote them, and as they hold in each organisation.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::model::{FieldType, Id, Kind, custom::Custom, org::OrgTree};

/// Kinds by name.
pub type Kinds = BTreeMap<String, Arc<Kind>>;

/// What organisations have made of kinds, by kind and organisation.
pub type Customs = BTreeMap<(String, Id), Arc<Custom>>;

/// The kinds at one moment. Replaced as a whole, never changed in place.
#[derive(Clone, Debug, Default)]
pub struct KindTree {
    base: Arc<Kinds>,
    customs: Arc<Customs>,
    orgs: Arc<OrgTree>,
    /// Of the organisations that have made something of a kind themselves; all others share what holds above them.
    by_org: BTreeMap<Id, Arc<Kinds>>,
}

impl KindTree {
    /// Work out how each kind holds in each organisation.
    pub fn new(base: Arc<Kinds>, customs: Arc<Customs>, orgs: Arc<OrgTree>) -> KindTree {
        let owners: BTreeSet<&Id> = customs.keys().map(|(_, org)| org).collect();
        let by_org = owners.into_iter().map(|org| (org.clone(), Arc::new(held_in(&base, &customs, &orgs, org))));
        let by_org = by_org.collect();
        KindTree { base, customs, orgs, by_org }
    }

    /// The kinds as their plugins wrote them.
    pub fn base(&self) -> &Arc<Kinds> {
        &self.base
    }

    /// The kinds as they hold in an organisation.
    pub fn at(&self, org: &Id) -> &Arc<Kinds> {
        self.orgs.upwards(org).find_map(|above| self.by_org.get(above)).unwrap_or(&self.base)
    }

    /// A kind as it holds in an organisation.
    pub fn kind(&self, name: &str, org: &Id) -> Option<&Arc<Kind>> {
        self.at(org).get(name)
    }

    /// What an organisation has made of a kind itself.
    pub fn custom(&self, kind: &str, org: &Id) -> Option<&Arc<Custom>> {
        self.customs.get(&(kind.to_owned(), org.clone()))
    }

    /// What organisations have made of a kind.
    pub fn customs<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a Id, &'a Arc<Custom>)> {
        self.customs.iter().filter(move |((of, _), _)| of == kind).map(|((_, org), custom)| (org, custom))
    }

    /// The organisation tree it was worked out for.
    pub fn orgs(&self) -> &Arc<OrgTree> {
        &self.orgs
    }

    /// The fields, of whatever organisation, by which records refer to one of this kind: kind, name and whether it is a list, each
    /// once.
    pub fn refs_to(&self, kind: &str) -> BTreeSet<(&str, &str, bool)> {
        let base = self.base.iter().map(|(name, kind)| (name, &kind.fields));
        let own = self.customs.iter().map(|((name, _), custom)| (name, &custom.fields));
        base.chain(own)
            .flat_map(|(name, fields)| fields.iter().map(move |(field, definition)| (name, field, definition)))
            .filter(|(_, _, definition)| definition.to.as_deref() == Some(kind))
            .filter(|(_, _, definition)| matches!(definition.r#type, FieldType::Ref | FieldType::RefList))
            .map(|(name, field, definition)| (name.as_str(), field, definition.r#type == FieldType::RefList))
            .collect()
    }

    /// The fields, of whatever organisation, that hold attachments: kind and name, each once.
    pub fn files(&self) -> BTreeSet<(&str, &str)> {
        let base = self.base.iter().map(|(name, kind)| (name, &kind.fields));
        let own = self.customs.iter().map(|((name, _), custom)| (name, &custom.fields));
        base.chain(own)
            .flat_map(|(name, fields)| fields.iter().map(move |(field, definition)| (name, field, definition)))
            .filter(|(_, _, definition)| definition.r#type == FieldType::File)
            .map(|(name, field, _)| (name.as_str(), field))
            .collect()
    }

    pub(super) fn with_base(&self, base: Kinds) -> KindTree {
        KindTree::new(Arc::new(base), self.customs.clone(), self.orgs.clone())
    }

    pub(super) fn with_customs(&self, customs: Customs) -> KindTree {
        KindTree::new(self.base.clone(), Arc::new(customs), self.orgs.clone())
    }

    pub(super) fn with_orgs(&self, orgs: Arc<OrgTree>) -> KindTree {
        KindTree::new(self.base.clone(), self.customs.clone(), orgs)
    }
}

/// From the maker down to the organisation, each on top of what holds above it.
fn held_in(base: &Kinds, customs: &Customs, orgs: &OrgTree, org: &Id) -> Kinds {
    let mut kinds = base.clone();
    let mut path: Vec<&Id> = orgs.upwards(org).collect();
    path.reverse();
    for kind in kinds.values_mut() {
        for above in &path {
            if let Some(custom) = customs.get(&(kind.kind.clone(), (*above).clone())) {
                *kind = Arc::new(custom.applied(kind));
            }
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::model::{calendar::Calendar, org::Org};

    fn id(text: &str) -> Id {
        text.parse().expect("an id")
    }

    /// `hq` over three dealers with a desk each.
    const PLACES: [(&str, Option<&str>); 7] = [
        ("hq", None),
        ("d0", Some("hq")),
        ("d1", Some("hq")),
        ("d2", Some("hq")),
        ("d0-desk", Some("d0")),
        ("d1-desk", Some("d1")),
        ("d2-desk", Some("d2")),
    ];

    fn orgs() -> Arc<OrgTree> {
        let org = |(of, parent): &(&str, Option<&str>)| Org {
            id: id(of),
            parent: parent.map(id),
            r#type: None,
            name: (*of).into(),
            calendar: Calendar::default(),
        };
        Arc::new(OrgTree::new(PLACES.iter().map(org)))
    }

    fn tree(added: &[(usize, usize)]) -> KindTree {
        let kind: Kind = serde_json::from_value(json!({
            "kind": "thing", "label": "Thing", "title": "name", "fields": { "name": { "type": "text", "label": "Name" } }
        }))
        .expect("a kind");
        let mut customs = Customs::new();
        for (place, n) in added {
            let key = ("thing".to_owned(), id(PLACES[*place].0));
            let mut custom: Custom = customs.get(&key).map(|custom| (**custom).clone()).unwrap_or_default();
            // The label says whose it is.
            let field = json!({ "type": "int", "label": PLACES[*place].0, "custom": true });
            let name = format!("x_{n}");
            custom.fields.0.retain(|(known, _)| *known != name);
            custom.fields.0.push((name, serde_json::from_value(field).expect("a field")));
            customs.insert(key, Arc::new(custom));
        }
        KindTree::new(Arc::new([("thing".to_owned(), Arc::new(kind))].into()), Arc::new(customs), orgs())
    }

    proptest! {
        #[test]
        fn what_one_organisation_adds_is_seen_there_and_below_and_nowhere_else(
            added in prop::collection::vec((0usize..PLACES.len(), 0usize..4), 0..12)
        ) {
            let tree = tree(&added);
            for (at, _) in PLACES {
                let above: Vec<String> = tree.orgs.upwards(&id(at)).map(Id::to_string).collect();
                let kind = tree.kind("thing", &id(at)).expect("the thing is everywhere");
                for (name, field) in kind.fields.iter().filter(|(_, field)| field.custom) {
                    let owner = field.label.get("en");
                    prop_assert!(above.iter().any(|above| above == owner), "{at} sees {name} of {owner}");
                }
                let due: BTreeSet<usize> = added.iter().filter(|(place, _)| above.iter().any(|above| above == PLACES[*place].0)).map(|(_, n)| *n).collect();
                prop_assert_eq!(kind.fields.iter().filter(|(_, field)| field.custom).count(), due.len());
            }
        }
    }

    #[test]
    fn an_unknown_organisation_has_what_plugins_wrote() {
        let tree = tree(&[(0, 1)]);
        assert_eq!(tree.kind("thing", &id("nowhere")).map(|kind| kind.fields.iter().count()), Some(1));
        assert_eq!(tree.kind("thing", &id("d1-desk")).map(|kind| kind.fields.iter().count()), Some(2));
    }
}
