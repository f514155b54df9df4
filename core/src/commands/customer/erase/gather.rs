//! Everything that is about one person: the records that refer to the customer, those that did, and what the person is known by.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::{
    Result,
    model::{Data, FieldType, Id, Kind, Record, Scope, Time},
    store::{
        Tx,
        erasure::{Forget, Forgotten, Values},
        tables,
    },
};

/// A person to be erased.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The customer.
    pub customer: Record,
    /// All ids it goes by.
    pub family: Vec<Id>,
    /// The records that are about it, and those of several people that may name it.
    pub others: Vec<Record>,
    /// What the person is known by.
    pub values: Values,
    /// Records that are gone, whose past still tells.
    gone: Vec<Forgotten>,
    /// What stays of each kind.
    kept: BTreeMap<String, Arc<BTreeSet<String>>>,
    /// Of `others`, those that keep all but what quotes the person.
    shared: BTreeSet<Id>,
}

impl Subject {
    /// Find everything.
    pub(super) fn of(tx: &Tx<'_>, customer: Record) -> Result<Subject> {
        let family = tables::alias::family(tx, "customer", &customer.id)?;
        let mut subject = Subject {
            customer,
            family,
            others: Vec::new(),
            values: Values::default(),
            gone: Vec::new(),
            kept: BTreeMap::new(),
            shared: BTreeSet::new(),
        };
        subject.add_referrers(tx)?;
        subject.add_shared(tx)?;
        subject.add_gone(tx)?;
        subject.add_values(tx)?;
        let names: BTreeSet<(String, Id)> = subject
            .others
            .iter()
            .chain([&subject.customer])
            .map(|record| (record.kind.clone(), record.org.clone()))
            .chain(subject.gone.iter().map(|gone| (gone.kind.clone(), subject.customer.org.clone())))
            .collect();
        for (name, org) in names {
            let kept = tx.kind_in(&name, &org)?.kept_on_erasure();
            // Two organisations may have fields of their own in one kind: what stays in both stays.
            let place = subject.kept.entry(name).or_insert_with(|| Arc::new(kept.clone()));
            *place = Arc::new(place.intersection(&kept).cloned().collect());
        }
        Ok(subject)
    }

    /// What of a record may stay.
    pub(super) fn forgotten(&self, record: &Record) -> Forgotten {
        let kept =
            (!self.shared.contains(&record.id)).then(|| self.kept.get(&record.kind).cloned().unwrap_or_default());
        Forgotten { kind: record.kind.clone(), id: record.id.clone(), kept }
    }

    /// The customer under each of its ids, and everything about it.
    pub(super) fn all(&self) -> impl Iterator<Item = Forgotten> {
        let customer = self.forgotten(&self.customer);
        let merged = self.family.iter().filter(|id| **id != self.customer.id);
        let merged = merged.map(|id| Forgotten { id: id.clone(), ..customer.clone() }).collect::<Vec<_>>();
        let gone = self.gone.iter().map(|gone| {
            let kept = self.kept.get(&gone.kind).cloned().unwrap_or_default();
            Forgotten { kept: Some(kept), ..gone.clone() }
        });
        std::iter::once(customer.clone())
            .chain(merged)
            .chain(self.others.iter().map(|other| self.forgotten(other)))
            .chain(gone)
    }

    pub(super) fn forget(&self, tx: &Tx<'_>, at: Time) -> Forget {
        // A desk below the dealer decides for itself.
        let orgs = match tx.kind_tree().orgs().scope(&self.customer.org) {
            Scope::Orgs(orgs) => orgs.iter().cloned().collect(),
            Scope::All => vec![self.customer.org.clone()],
        };
        // One that was merged into it may have been known for longer.
        let since = Time::from_millis(match self.family.len() {
            1 => self.customer.created_at.millis(),
            _ => 0,
        });
        let (family, records, values) = (self.family.clone(), self.all().collect(), self.values.clone());
        Forget { family, records, values, orgs, since, at }
    }

    fn add_referrers(&mut self, tx: &Tx<'_>) -> Result<()> {
        let mut seen = BTreeSet::new();
        for (kind, field, id) in tables::record::referrers(tx, "customer", &self.family)? {
            let is_erased = tx.kinds().get(&kind).is_some_and(|kind| kind.is_erased_by(&field));
            if is_erased && seen.insert(id.clone()) {
                self.others.extend(tables::record::get(tx, &kind, &id, &Scope::All)?);
            }
        }
        Ok(())
    }

    /// Records of several people: a household stays, but its name may be this one's.
    fn add_shared(&mut self, tx: &Tx<'_>) -> Result<()> {
        for record in self.others.clone() {
            let kind = tx.kind_in(&record.kind, &record.org)?;
            for name in kind.erasure.iter().flat_map(|rule| &rule.with) {
                let to = kind.fields.get(name).and_then(|field| field.to.as_deref());
                let id = record.text(name).and_then(|id| id.parse::<Id>().ok());
                let (Some(to), Some(id)) = (to, id) else { continue };
                let is_known = self.others.iter().any(|other| other.id == id);
                if !is_known && let Some(found) = tables::record::get(tx, to, &id, &Scope::All)? {
                    self.shared.insert(found.id.clone());
                    self.others.push(found);
                }
            }
        }
        Ok(())
    }

    /// What was about the person and is there no more, or belongs to somebody else by now: its past is gone through.
    fn add_gone(&mut self, tx: &Tx<'_>) -> Result<()> {
        for (kind, id) in tables::record::spoken_of(tx, &self.family)? {
            let is_known = self.family.contains(&id) || self.others.iter().any(|other| other.id == id);
            if is_known || tx.kinds().get(&kind).is_none() {
                continue;
            }
            match tables::record::get(tx, &kind, &id, &Scope::All)? {
                Some(record) => {
                    self.shared.insert(record.id.clone());
                    self.others.push(record);
                }
                None => self.gone.push(Forgotten { kind, id, kept: None }),
            }
        }
        Ok(())
    }

    /// Names, numbers and addresses that the customer has or had, merged ones too, and those that other records lend to it.
    fn add_values(&mut self, tx: &Tx<'_>) -> Result<()> {
        let kind = tx.kind_in("customer", &self.customer.org)?;
        let is_telling = |name: &str| is_telling(&kind, name);
        self.values.add_fields(&self.customer.data, is_telling);
        for id in &self.family {
            for revision in tables::revision::list(tx, "customer", id, u32::MAX, u32::MAX)? {
                let values =
                    revision.changes.iter().filter(|(name, _)| is_telling(name)).flat_map(|(_, pair)| pair.as_array());
                values.flatten().filter_map(|value| value.as_str()).for_each(|text| self.values.add(text));
            }
        }
        for merge in tables::merge::into(tx, &self.family, i64::MAX, u32::MAX)? {
            let bodies = [&merge.body.before, &merge.body.after, &merge.body.other.data, &merge.body.lost];
            bodies.into_iter().for_each(|data| self.values.add_fields(data, is_telling));
        }
        for record in &self.others {
            let kind = tx.kind_in(&record.kind, &record.org)?;
            let lent: Vec<&String> = kind.lends.iter().flat_map(|lends| lends.fields.values()).collect();
            if !self.shared.contains(&record.id) {
                self.values.add_fields(&record.data, |name| lent.iter().any(|own| *own == name));
            }
        }
        Ok(())
    }
}

/// Whether a field's values name the person.
fn is_telling(kind: &Kind, name: &str) -> bool {
    use FieldType::{Email, IdNo, Phone, Text, Uscc};
    kind.fields
        .get(name)
        .is_some_and(|field| field.personal && matches!(field.r#type, Email | IdNo | Phone | Text | Uscc))
}

/// The texts of some fields, for what is locked away.
pub(super) fn told(data: &Data, names: &[&str]) -> Data {
    names.iter().filter_map(|name| Some(((*name).to_owned(), data.get(*name)?.clone()))).collect()
}
