//! What the store knows of the rows of one chunk, seen from the organisation of the import.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use serde_json::Value;

use crate::{
    Result,
    imports::{Referred, Rule, plan::Known},
    model::{
        Data, Field, FieldType, Id, Kind, Record, Scope,
        format::{email, phone, plate, vin},
        kind::Reach,
        org::OrgTree,
        survivorship::Standings,
    },
    store::{View, tables},
};

/// A snapshot with what has been looked up in it.
pub(super) struct Stored<'a> {
    view: View,
    orgs: Arc<OrgTree>,
    /// What whoever imports may see.
    scope: Scope,
    org: &'a Id,
    kind: &'a str,
    rule: &'a Rule,
    referred: RefCell<HashMap<(String, String), Referred>>,
}

impl<'a> Stored<'a> {
    pub(super) fn new(
        view: View,
        orgs: Arc<OrgTree>,
        scope: Scope,
        org: &'a Id,
        kind: &'a str,
        rule: &'a Rule,
    ) -> Stored<'a> {
        Stored { view, orgs, scope, org, kind, rule, referred: RefCell::default() }
    }

    fn look_up(&self, to: &str, text: &str) -> Result<Referred> {
        let Some(kind) = self.view.kinds().get(to).cloned() else { return Ok(Referred::Nothing) };
        if let Ok(id) = text.parse::<Id>()
            && let Some(record) =
                tables::record::get(&self.view, to, &id, &Scope::All)?.filter(|record| self.is_near(to, record))
        {
            return Ok(Referred::One(record.id));
        }
        for (name, value) in keys(&kind, text) {
            let mut found = tables::record::with_value(&self.view, to, self.org, name, &value)?;
            if found.is_empty() && is_found_anywhere(&kind, name) {
                found = tables::record::with_value_anywhere(&self.view, to, name, &value)?;
                found.retain(|record| self.is_near(to, record));
            }
            match found.as_slice() {
                [] => {}
                [only] => return Ok(Referred::One(only.id.clone())),
                _ => return Ok(Referred::Several),
            }
        }
        Ok(Referred::Nothing)
    }

    /// Whether no two records of the rows' kind share a value, wherever they are: rows may belong to different organisations.
    fn is_one_in_the_brand(&self, key: &str) -> bool {
        let kind = self.view.kinds().get(self.kind);
        kind.and_then(|kind| kind.fields.get(key)).is_some_and(|field| field.unique == Some(Reach::Brand))
    }

    /// Whether these rows may refer to a record: one in sight, or a person or an organisation above.
    fn is_near(&self, to: &str, record: &Record) -> bool {
        let is_above = || {
            let home = if to == "org" { &record.id } else { &record.org };
            self.orgs.upwards(self.org).any(|above| above == home)
        };
        self.scope.holds(&record.org) || (matches!(to, "user" | "org") && is_above())
    }
}

impl Known for Stored<'_> {
    fn candidates(&self, data: &Data) -> Result<Vec<Record>> {
        match self.rule {
            Rule::Score => tables::record::candidates(&self.view, self.org, data),
            Rule::Key(key) | Rule::Upsert(key) => match data.get(key) {
                Some(value) if self.is_one_in_the_brand(key) => {
                    let mut found = tables::record::with_value_anywhere(&self.view, self.kind, key, value)?;
                    found.retain(|record| self.scope.holds(&record.org));
                    Ok(found)
                }
                Some(value) => tables::record::with_value(&self.view, self.kind, self.org, key, value),
                None => Ok(Vec::new()),
            },
            Rule::Whole => Ok(Vec::new()),
        }
    }

    fn facts(&self, candidate: &Record) -> Result<Data> {
        match self.rule {
            Rule::Score => tables::lent::facts(&self.view, candidate),
            Rule::Key(_) | Rule::Upsert(_) | Rule::Whole => Ok(candidate.data.clone()),
        }
    }

    fn standings(&self, record: &Record) -> Result<Standings> {
        let kind = self.view.kind_of(record)?;
        tables::standing::of(&self.view, &kind, record)
    }

    fn by_id(&self, id: &Id) -> Result<Option<Record>> {
        tables::record::get(&self.view, self.kind, id, &self.scope)
    }

    fn refer(&self, to: &str, text: &str) -> Result<Referred> {
        let key = (to.to_owned(), text.to_owned());
        if let Some(known) = self.referred.borrow().get(&key) {
            return Ok(known.clone());
        }
        let referred = self.look_up(to, text)?;
        self.referred.borrow_mut().insert(key, referred.clone());
        Ok(referred)
    }
}

/// The fields a text may name a record by, the surest first, each with the text as it would be stored there.
fn keys<'a>(kind: &'a Kind, text: &str) -> Vec<(&'a str, Value)> {
    let number = kind.number.as_ref().map(|number| number.field.as_str());
    let rank = |name: &str, field: &Field| match () {
        () if field.unique.is_some() => Some(0),
        () if Some(name) == number => Some(1),
        () if field.indexed && is_telling(field) => Some(2),
        // Without an index each row would read the whole table, but people and organisations are few.
        () if name == kind.title && (field.indexed || matches!(kind.kind.as_str(), "user" | "org")) => Some(3),
        () => None,
    };
    let mut keys: Vec<(u8, &str, Value)> =
        kind.fields.iter().filter_map(|(name, field)| Some((rank(name, field)?, name, normal(field, text)?))).collect();
    keys.sort_by_key(|(rank, _, _)| *rank);
    keys.into_iter().map(|(_, name, value)| (name, value)).collect()
}

/// Whether such a value hardly ever belongs to two.
fn is_telling(field: &Field) -> bool {
    matches!(field.r#type, FieldType::Phone | FieldType::Email | FieldType::Vin | FieldType::Plate)
}

/// Whether a value may be looked for outside the organisation: where there is an index for it, or little to look through.
fn is_found_anywhere(kind: &Kind, name: &str) -> bool {
    matches!(kind.kind.as_str(), "user" | "org")
        || kind.fields.get(name).is_some_and(|field| field.unique == Some(Reach::Brand))
}

fn normal(field: &Field, text: &str) -> Option<Value> {
    let text = text.trim();
    let normal = match field.r#type {
        FieldType::Text => Ok(text.to_owned()),
        FieldType::Phone => phone::normalize(text),
        FieldType::Email => email::normalize(text),
        FieldType::Plate => plate::normalize(text),
        FieldType::Vin => vin::normalize(text),
        _ => return None,
    };
    normal.ok().map(Value::String)
}
