//! From the roles of a person to what they may do with each kind.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Book, Compiled, Grant, KindRights, Reach, Rights, Role, Row, Verb, book::ADMIN};
use crate::model::{Actor, FieldType, Id, Kind, Scope, org::OrgTree};

/// Types of organisation that are one handler of personal data: what `dealer` reaches.
const HANDLERS: [&str; 5] = ["dealer", "service_station", "car_market_seller", "call_vendor", "survey_house"];
/// What `region` reaches.
const REGIONS: [&str; 2] = ["region", "dealer_group"];

/// Work out what an actor may do. The server and plugins may do what their own grants say, administrators everything in scope.
pub fn compile<'a>(book: &Book, orgs: &OrgTree, kinds: impl Iterator<Item = &'a Kind>, actor: &Actor) -> Rights {
    let Actor::User { id, org, roles, .. } = actor else { return Rights::all() };
    if roles.iter().any(|role| role == ADMIN) {
        return Rights::all();
    }
    let place = Place { orgs, org };
    let chains: Vec<Vec<&Role>> =
        roles.iter().map(|code| book.chain(code).into_iter().map(|role| &**role).collect()).collect();
    let all: Vec<&Kind> = kinds.collect();
    let on = |kind: &Kind| {
        let rows = chains.iter().flat_map(|chain| {
            let granted = granted(chain, kind).into_iter();
            granted.flat_map(|grant| {
                [Some(place.row(&all, kind, grant, chain[0])), place.handed_down(kind, grant)].into_iter().flatten()
            })
        });
        KindRights::new(rows.collect())
    };
    let kinds: BTreeMap<String, KindRights> = all.iter().map(|kind| (kind.kind.clone(), on(kind))).collect();
    let (scope, home) = (place.scope(Reach::Dealer), place.home());
    Rights::of(Compiled { person: id.clone(), org: org.clone(), scope, home, kinds })
}

/// The grants of a role on a kind: those that name it most nearly. What a role says itself goes before what it starts from, and both
/// before what the kind's file says; `*` is for what nobody has spoken of.
fn granted<'a>(chain: &[&'a Role], kind: &'a Kind) -> Vec<&'a Grant> {
    let plugin = kind.kind.split_once('.').map(|(plugin, _)| format!("{plugin}.*"));
    for role in chain {
        let exact: Vec<&Grant> = role.grants.iter().filter(|grant| grant.kind == kind.kind).collect();
        if !exact.is_empty() {
            return exact;
        }
        let of_plugin: Vec<&Grant> = role.grants.iter().filter(|grant| Some(&grant.kind) == plugin.as_ref()).collect();
        if !of_plugin.is_empty() {
            return of_plugin;
        }
    }
    if let Some(grants) = chain.iter().find_map(|role| kind.rights.get(&role.code)) {
        return grants.as_slice().iter().collect();
    }
    let is_open = kind.rights.is_empty();
    for role in chain {
        let rest: Vec<&Grant> =
            role.grants.iter().filter(|grant| grant.kind == "*" || (is_open && grant.kind == "other")).collect();
        if !rest.is_empty() {
            return rest;
        }
    }
    Vec::new()
}

/// Where somebody works.
struct Place<'a> {
    orgs: &'a OrgTree,
    org: &'a Id,
}

impl Place<'_> {
    fn row(&self, all: &[&Kind], kind: &Kind, grant: &Grant, role: &Role) -> Row {
        let whose = match grant.scope {
            Reach::Own => Some(own(kind)),
            Reach::Team => Some(match owner(kind) {
                Some(owner) => json!({ format!("{owner}.org"): self.org }),
                None => json!({ "or": [] }),
            }),
            Reach::Dealer | Reach::Region | Reach::Brand => None,
        };
        let condition = match (whose, grant.when.clone()) {
            (Some(whose), Some(when)) => Some(json!({ "and": [whose, when] })),
            (whose, when) => whose.or(when),
        };
        Row {
            verbs: grant.verbs.clone(),
            scope: self.within(&role.org, self.scope(grant.scope)),
            reach: grant.scope,
            condition,
            holders: grant.r#while.map(|during| during.holders(all, kind)),
            levels: grant.fields.clone(),
            reveal: grant.reveal,
        }
    }

    /// What is kept above for those below is there to be read, however far a grant on one's own reaches.
    fn handed_down(&self, kind: &Kind, grant: &Grant) -> Option<Row> {
        if !kind.handed_down || !grant.verbs.contains(&Verb::Read) {
            return None;
        }
        Some(Row {
            verbs: BTreeSet::from([Verb::Read]),
            scope: self.orgs.above(self.org),
            reach: grant.scope,
            condition: grant.when.clone(),
            holders: None,
            levels: grant.fields.clone(),
            reveal: false,
        })
    }

    /// The nearest organisation above, or this one, that a reach speaks of, with all below it. Who works above such a one reaches
    /// what is below themselves.
    fn scope(&self, reach: Reach) -> Scope {
        let top = match reach {
            Reach::Own | Reach::Team | Reach::Dealer => self.nearest(&HANDLERS),
            Reach::Region => self.nearest(&REGIONS).or_else(|| self.nearest(&HANDLERS)),
            Reach::Brand => self.orgs.upwards(self.org).last(),
        };
        self.orgs.scope(top.unwrap_or(self.org))
    }

    fn home(&self) -> Scope {
        self.nearest(&HANDLERS).map_or_else(|| Scope::one(self.org.clone()), |dealer| self.orgs.scope(dealer))
    }

    fn nearest(&self, types: &[&str]) -> Option<&Id> {
        self.orgs.upwards(self.org).find(|id| {
            self.orgs.get(id).and_then(|org| org.r#type.as_deref()).is_some_and(|r#type| types.contains(&r#type))
        })
    }

    /// A role never reaches beyond the organisation that made it.
    fn within(&self, org: &Id, scope: Scope) -> Scope {
        let (Scope::Orgs(limit), Scope::Orgs(orgs)) = (self.orgs.scope(org), &scope) else { return scope };
        if orgs.is_subset(&limit) || self.orgs.upwards(org).count() <= 1 {
            return scope;
        }
        Scope::Orgs(std::sync::Arc::new(orgs.intersection(&limit).cloned().collect::<BTreeSet<Id>>()))
    }
}

/// The ref field that names the responsible person.
pub fn owner(kind: &Kind) -> Option<&str> {
    let is_person = |name: &&str| {
        kind.fields.get(name).is_some_and(|field| field.r#type == FieldType::Ref && field.to.as_deref() == Some("user"))
    };
    kind.owner.as_deref().or(Some("owner")).filter(is_person)
}

/// One's own records: what `owned_by` says, else the owner; of people oneself.
pub(super) fn own(kind: &Kind) -> Value {
    let me = json!({ "$me": true });
    if kind.kind == "user" {
        return json!({ "id": me });
    }
    let named: Vec<&str> = match kind.owned_by.as_slice() {
        [] => owner(kind).into_iter().collect(),
        paths => paths.iter().map(String::as_str).collect(),
    };
    match named.as_slice() {
        [only] => json!({ (*only): me }),
        several => json!({ "or": several.iter().map(|path| json!({ (*path): me })).collect::<Vec<_>>() }),
    }
}
