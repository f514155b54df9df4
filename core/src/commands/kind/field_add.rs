//! `kind.field_add`.

use serde::Deserialize;
use serde_json::Value;

use super::{Changed, Own, may_be_required, told, wrong};
use crate::{
    Error, Result,
    commands::{Ctx, Run, derived},
    model::{Field, Id, custom::PREFIX, kind::Reach},
    store::Tx,
};

/// An organisation's own fields of one kind at most; each is a column on somebody's screen.
const MAX_FIELDS: usize = 100;

/// Add a field to a kind, for one organisation and those below it. Records that are there are not touched.
///
/// Causes `kind.changed`. Refuses a name without `x_`, a name that is taken above, below or by a field out of use, a
/// definition that makes no sense, a demand that stored records do not meet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldAdd {
    /// The kind.
    pub kind: String,
    /// Whose it shall be.
    pub org: Id,
    /// `x_…`.
    pub name: String,
    /// As in a kind's file.
    pub field: Field,
}

impl Run for FieldAdd {
    /// The field as told.
    type Done = Value;

    fn run(self, tx: &mut Tx<'_>, ctx: &Ctx) -> Result<Value> {
        let mut own = Own::read(tx, ctx, &self.kind, &self.org)?;
        let name = self.name.as_str();
        self.check_name(tx, &own)?;
        let mut field = Field { custom: true, retired: false, ..self.field.clone() };
        for value in &mut field.values {
            value.custom = true;
        }
        self.check_reach(tx, &field)?;
        own.custom.fields.0.push((name.to_owned(), field.clone()));
        let told = told(name, &self.org, &field);
        let changed = Changed { change: "field_added", field: Some(name), before: Value::Null, after: told.clone() };
        let kind = own.write(tx, ctx, changed)?;
        derived::added(tx, ctx, &self.kind, &self.org, name, &field)?;
        if field.required {
            may_be_required(tx, &kind, &self.org, name, &field)?;
        }
        Ok(told)
    }
}

impl FieldAdd {
    fn check_name(&self, tx: &Tx<'_>, own: &Own) -> Result<()> {
        let name = self.name.as_str();
        let is_word = |word: &str| {
            !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        if !name.strip_prefix(PREFIX).is_some_and(is_word) || name.len() > 48 {
            let message = format!(
                "{name:?} cannot be the name of a field of yours: begin with {PREFIX} and go on with a-z, 0-9 and _, at most 48 characters"
            );
            return Err(wrong("/name", "name.invalid", message));
        }
        if own.custom.fields.0.len() >= MAX_FIELDS {
            let message = format!("{} has {MAX_FIELDS} fields of yours already: take one into use again", self.kind);
            return Err(Error::conflict("field.too_many", message));
        }
        if let Some(field) = own.custom.fields.get(name) {
            let message = match field.retired {
                true => format!(
                    "{name} is a field of yours that is out of use and has values still: PATCH it with {{\"retired\":false}}, or take another name"
                ),
                false => format!("{name} is a field of yours already: PATCH it, or take another name"),
            };
            return Err(Error::conflict("field.taken", message));
        }
        if tx.kind_in(&self.kind, &self.org)?.fields.get(name).is_some() {
            let message = format!("{name} is a field of an organisation above yours already: take another name");
            return Err(Error::conflict("field.taken", message));
        }
        let below = tx.kind_tree().orgs().scope(&self.org);
        let taken = |(org, custom): &(&Id, &std::sync::Arc<crate::model::custom::Custom>)| {
            below.holds(org) && custom.fields.get(name).is_some()
        };
        let holders: Vec<&str> =
            tx.kind_tree().customs(&self.kind).filter(taken).map(|(org, _)| org.as_str()).take(5).collect();
        if holders.is_empty() {
            return Ok(());
        }
        let message = format!("{name} is a field of {} below you already: take another name", holders.join(", "));
        Err(Error::conflict("field.taken", message))
    }

    /// What reaches beyond the organisation is not an organisation's to decide.
    fn check_reach(&self, tx: &Tx<'_>, field: &Field) -> Result<()> {
        let is_maker = tx.kind_tree().orgs().upwards(&self.org).count() <= 1;
        if field.unique == Some(Reach::Brand) && !is_maker {
            let message = "only the maker's fields are unique in the brand, or dealers would learn of each other's values: use \"org\"".to_owned();
            return Err(wrong("/unique", "unique.invalid", message));
        }
        if let Some(to) = field.to.as_deref().filter(|to| !tx.kinds().contains_key(*to)) {
            let message = format!("{to:?} is no kind: GET /api/v1/kinds lists them");
            return Err(wrong("/to", "kind.not_found", message));
        }
        Ok(())
    }
}
