//! `kind.field_change` and `kind.field_retire`.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::{Changed, Own, may_be_required, told, wrong};
use crate::{
    Error, Result,
    commands::{Ctx, Run, derived},
    model::{Field, FieldType, Id, Kind, Text, kind::EnumValue},
    store::Tx,
};

/// Change an organisation's own field, or add values to an enumeration that its kind declares extensible.
///
/// Causes `kind.changed`, and nothing when nothing differs. Refuses what is not the organisation's own, a definition that
/// makes no sense, a demand that stored records do not meet. A field's type, reach of uniqueness and target stay.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldChange {
    /// The kind.
    pub kind: String,
    /// Whose field it is.
    pub org: Id,
    /// Its name.
    pub name: String,
    /// What changes.
    pub change: FieldPatch,
}

/// What may change of a field. What is absent stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FieldPatch {
    /// What people call it.
    pub label: Option<Text>,
    /// Explains it; `null` takes it away.
    #[serde(deserialize_with = "said")]
    pub help: Option<Option<Text>>,
    /// Values by name: new ones are added, known ones are relabelled, recoloured or retired, others stay.
    pub values: Option<Vec<EnumValue>>,
    /// May be filtered and ordered by at any size.
    pub indexed: Option<bool>,
    /// Found by the search box.
    pub searchable: Option<bool>,
    /// Must be there at all times.
    pub required: Option<bool>,
    /// About a person.
    pub personal: Option<bool>,
    /// Out of use.
    pub retired: Option<bool>,
    /// Filled in when a create leaves it out; `null` takes it away.
    #[serde(deserialize_with = "said")]
    pub default: Option<Option<Value>>,
}

/// Take a field out of use: what is stored stays readable, nothing new is written.
///
/// Causes `kind.changed`, and nothing when it is out of use already. Refuses what is not the organisation's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldRetire {
    /// The kind.
    pub kind: String,
    /// Whose field it is.
    pub org: Id,
    /// Its name.
    pub name: String,
}

/// `null` is said, what is absent is not.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

impl Run for FieldRetire {
    type Done = Value;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Value> {
        let change = FieldPatch { retired: Some(true), ..FieldPatch::default() };
        FieldChange { kind: self.kind, org: self.org, name: self.name, change }.run(tx, ctx)
    }
}

impl Run for FieldChange {
    /// The field as told.
    type Done = Value;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Value> {
        let own = Own::read(tx, ctx, &self.kind, &self.org)?;
        let before = tx.kind_in(&self.kind, &self.org)?;
        match own.custom.fields.get(&self.name) {
            Some(field) => {
                let field = field.clone();
                self.own_field(tx, ctx, own, field)
            }
            None => self.extension(tx, ctx, own, &before),
        }
    }
}

impl FieldChange {
    fn own_field(self, tx: &mut Tx<'_>, ctx: &Ctx, mut own: Own, old: Field) -> Result<Value> {
        let name = self.name.as_str();
        let new = self.change.applied(&old);
        let (before, after) = (told(name, &self.org, &old), told(name, &self.org, &new));
        if before == after {
            return Ok(after);
        }
        if let Some(field) = own.custom.fields.get_mut(name) {
            *field = new.clone();
        }
        let changed = Changed { change: "field_changed", field: Some(name), before, after: after.clone() };
        let kind = own.write(tx, ctx, changed)?;
        if old.retired && !new.retired {
            derived::added(tx, ctx, &self.kind, &self.org, name, &new)?;
        }
        let is_demanded = |field: &Field| field.required && !field.retired;
        if is_demanded(&new) && !is_demanded(&old) {
            may_be_required(tx, &kind, &self.org, name, &new)?;
        }
        if (new.searchable && !new.retired) != (old.searchable && !old.retired) {
            tx.search_again(&self.kind)?;
        }
        Ok(after)
    }

    /// Of a field that is another's, only values may be added, and only where it says so.
    fn extension(self, tx: &mut Tx<'_>, ctx: &Ctx, mut own: Own, kind: &Kind) -> Result<Value> {
        let name = self.name.as_str();
        let field = kind.fields.get(name).ok_or_else(|| {
            Error::not_found(
                "field",
                format!("{} has no field {name:?}; GET /api/v1/kinds/{} lists them", kind.kind, kind.kind),
            )
        })?;
        if !self.change.is_values_alone() {
            let message = format!(
                "{name} is not a field of {}: its texts change by PATCH /kinds/{}/labels, and of enumerations that are extensible values may be added",
                self.org, kind.kind
            );
            return Err(Error::denied(message));
        }
        let is_state = kind.states.as_ref().is_some_and(|states| states.field == name);
        if !field.extensible || is_state {
            let message = format!("the values of {name} are fixed: they decide what the system does");
            return Err(Error::conflict("field.fixed", message));
        }
        let added = own.custom.values.entry(name.to_owned()).or_default();
        let foreign = |value: &&EnumValue| {
            field.values.iter().any(|known| known.value == value.value)
                && !added.iter().any(|own| own.value == value.value)
        };
        let values = self.change.values.unwrap_or_default();
        if let Some(foreign) = values.iter().find(foreign) {
            let message = format!(
                "{:?} is a value of {name} already, and not yours: change its text by PATCH /kinds/{}/labels",
                foreign.value, kind.kind
            );
            return Err(wrong("/values", "value.taken", message));
        }
        let before = json!(added);
        merge(added, values);
        let after = json!(added);
        if before != after {
            let changed = Changed { change: "values_added", field: Some(name), before, after };
            own.write(tx, ctx, changed)?;
        }
        let kind = tx.kind_in(&self.kind, &self.org)?;
        Ok(kind.fields.get(name).map(|field| told(name, &self.org, field)).unwrap_or_default())
    }
}

impl FieldPatch {
    fn is_values_alone(&self) -> bool {
        let FieldPatch { label, help, values, indexed, searchable, required, personal, retired, default } = self;
        values.is_some()
            && label.is_none()
            && help.is_none()
            && default.is_none()
            && [indexed, searchable, required, personal, retired].iter().all(|flag| flag.is_none())
    }

    fn applied(&self, old: &Field) -> Field {
        let mut new = old.clone();
        let is_enum = matches!(old.r#type, FieldType::Enum | FieldType::EnumList);
        match &self.values {
            Some(values) if is_enum => merge(&mut new.values, values.clone()),
            // The check of the definition says that it is no enumeration.
            Some(values) => new.values = values.clone(),
            None => {}
        }
        if let Some(label) = &self.label {
            new.label = label.clone();
        }
        if let Some(help) = &self.help {
            new.help = help.clone();
        }
        if let Some(default) = &self.default {
            new.default = default.clone();
        }
        let flags = [
            (&mut new.indexed, self.indexed),
            (&mut new.searchable, self.searchable),
            (&mut new.required, self.required),
            (&mut new.personal, self.personal),
            (&mut new.retired, self.retired),
        ];
        for (flag, said) in flags {
            *flag = said.unwrap_or(*flag);
        }
        new
    }
}

/// No value is ever taken away: what is stored must stay readable.
fn merge(values: &mut Vec<EnumValue>, said: Vec<EnumValue>) {
    for value in said {
        let value = EnumValue { custom: true, ..value };
        match values.iter_mut().find(|known| known.value == value.value) {
            Some(known) => *known = value,
            None => values.push(value),
        }
    }
}
