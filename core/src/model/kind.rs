//! Kinds: what records there are, with their fields, states and indexes. Read from `plugins/<feature>/records/<kind>.json`.

pub mod contact;
pub mod derived;
pub mod erasure;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Data, Id, Text, rights::Grants};

pub use contact::{Opens, Suppresses, Ways};
pub use derived::{Derived, Fold, Rollup};
pub use erasure::{Erasure, Retains};

/// A kind of record. Field order is the order of the file, which is the order on screen.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// `customer`, `complaints.case`: the plugin's name, a dot, a noun.
    pub kind: String,
    /// What people call one of them.
    pub label: Text,
    /// What people call many of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plural: Option<Text>,
    /// The field shown as a record's title.
    pub title: String,
    /// The ref field that names the subject of its events, the customer as a rule; absent: the record itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The ref field that names the responsible person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What makes a record one's own where a grant reaches `own`: fields or paths over refs that name people, `customer.owner`; absent:
    /// the owner.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owned_by: Vec<String>,
    /// What roles may do with it, unless a role says otherwise itself. Absent: whoever may work with kinds that say nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rights: BTreeMap<String, Grants>,
    /// What other dealers of the brand may look up of it, by something they have in front of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Shared>,
    /// `plugin` closes the kind to generic writes: its plugin's actions and commands alone may write it.
    #[serde(default, skip_serializing_if = "WrittenBy::is_anyone")]
    pub written_by: WrittenBy,
    /// With `written_by: plugin`: the plugin's action that answers a generic create, so `POST /records/{kind}` works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_action: Option<String>,
    /// With `written_by: plugin`: what scripts may ask of it all the same, `record.create`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scripts: Vec<String>,
    /// A counter that fills this field on creation, `{"field":"number","prefix":"C","digits":6}`: one series per organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Numbering>,
    /// Records are seen by their owner alone unless they are shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<Private>,
    /// Records are read by the organisations below theirs too: what headquarters keeps for its dealers, a price list, a target. Nobody
    /// below writes them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub handed_down: bool,
    /// What records of this kind add to the matching of those they refer to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lends: Option<Lends>,
    /// Its records are ways to a customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Ways>,
    /// Its records keep a customer from being contacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppresses: Option<Suppresses>,
    /// While one of its records is open, who works on it sees the customer: what grants that say `while` go by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens: Option<Opens>,
    /// What stays of records that refer to a customer who is erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasure: Option<Erasure>,
    /// A filter: while a record meets it, the customer it refers to cannot be erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks_erasure: Option<Value>,
    /// What the law has us keep of it after its customer was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retains: Option<Retains>,
    /// The order of its lists unless asked otherwise, `due`; absent: the newest first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The fields, in order.
    pub fields: Fields,
    /// The state machine, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub states: Option<States>,
    /// Lists of fields that are filtered and ordered by together; the organisation leads each index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Vec<String>>,
}

/// What makes a record one person's own. What is shared is seen in its organisation, above and below it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Private {
    /// The ref field that names the person.
    pub owner: String,
    /// The bool field that is `true` when others may see it.
    pub shared: String,
}

impl Private {
    /// Whether a record with this data is the person's own.
    pub fn is_owner(&self, data: &Data, person: &Id) -> bool {
        data.get(&self.owner).and_then(Value::as_str) == Some(person.as_str())
    }

    /// Whether others may see a record with this data.
    pub fn is_shared(&self, data: &Data) -> bool {
        data.get(&self.shared) == Some(&Value::Bool(true))
    }
}

/// What is looked up across dealers by whoever names a value in full, with a reason: no persons, no prices.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// The fields it is looked up by.
    pub by: Vec<String>,
    /// The fields that are told.
    pub fields: Vec<String>,
    /// What is told of the records that refer to it, by their kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub children: BTreeMap<String, SharedChild>,
}

/// Records that come along in a look-up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedChild {
    /// Their ref field.
    pub via: String,
    /// The fields that are told.
    pub fields: Vec<String>,
}

/// Kinds that say who there is and what they may.
pub const HOUSE: [&str; 4] = ["org", "user", "role", "team"];

/// Who may write records of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrittenBy {
    /// Whoever has the right.
    #[default]
    Anyone,
    /// Only the plugin that owns the kind.
    Plugin,
}

impl Kind {
    /// Whether a script may be granted a command on its records.
    pub fn is_open_to_scripts(&self, command: &str) -> bool {
        self.written_by == WrittenBy::Anyone || self.scripts.iter().any(|open| open == command)
    }
}

impl WrittenBy {
    fn is_anyone(&self) -> bool {
        *self == WrittenBy::Anyone
    }
}

/// Values that records lend to matching: a second phone, a vehicle's number.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lends {
    /// The kind that is matched: `customer`.
    pub to: String,
    /// The ref field that names the record they lend to.
    pub by: String,
    /// What is lent, as `{"<field it is matched as>":"<own field>"}`; `vehicle.vin` is a field of the record that `vehicle` refers to.
    pub fields: BTreeMap<String, String>,
    /// A filter: only records that meet it lend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Value>,
    /// The moment or date field whose being there says that the values were proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<String>,
}

/// A counter for human-readable numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbering {
    /// The text field it fills.
    pub field: String,
    /// What stands before the digits.
    pub prefix: String,
    /// How many digits at least.
    pub digits: u8,
}

/// Fields by name, keeping the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Vec<(String, Field)>);

impl Fields {
    /// The field of that name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, field)| field)
    }

    /// The field of that name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Field> {
        self.0.iter_mut().find(|(known, _)| known == name).map(|(_, field)| field)
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Field)> {
        self.0.iter().map(|(name, field)| (name.as_str(), field))
    }
}

impl Serialize for Fields {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        struct Ordered;
        impl<'de> serde::de::Visitor<'de> for Ordered {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of fields by name")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(entry) = map.next_entry::<String, Field>()? {
                    fields.push(entry);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Ordered)
    }
}

/// One field of a kind. Read and written by way of [`derived`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Field {
    /// What it holds.
    #[serde(rename = "type")]
    pub r#type: FieldType,
    /// What people call it.
    pub label: Text,
    /// Explains it under the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Text>,
    /// Must be there at all times.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// No two records share a value: in the organisation or in the whole brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<Reach>,
    /// May be filtered and ordered by at any size.
    #[serde(default, skip_serializing_if = "is_false")]
    pub indexed: bool,
    /// Found by the search box.
    #[serde(default, skip_serializing_if = "is_false")]
    pub searchable: bool,
    /// About a person: never quoted in events, logs or messages.
    #[serde(default, skip_serializing_if = "is_false")]
    pub personal: bool,
    /// Written by the core or the owning plugin, never by a request.
    #[serde(default, skip_serializing_if = "is_false")]
    pub readonly: bool,
    /// Filled in when a create leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// For `enum` and `enum_list`: the values, in their order (the order is what `max` compares by).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<EnumValue>,
    /// For `ref` and `ref_list`: the kind referred to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// For `int`, `decimal` and `money`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// For `int`, `decimal` and `money`; for texts the longest length in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// For `date`: the day must have come already, where the record belongs.
    #[serde(default, skip_serializing_if = "is_false")]
    pub past: bool,
    /// For `date`: how many years ago the day may lie at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_years: Option<u16>,
    /// For `json`: a patch replaces the value instead of merging into it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub whole: bool,
    /// For `enum` and `enum_list`: an organisation may add values of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub extensible: bool,
    /// Added by an organisation, not by the kind's plugin; set by the server alone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub custom: bool,
    /// Out of use: what is stored stays readable, nothing new is written.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retired: bool,
    /// Kept by the server itself: a roll-up or a computed field. Then `type` is the type of its value, `as` in the file.
    #[serde(skip)]
    pub derived: Option<Derived>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// How far uniqueness reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Within one organisation.
    Org,
    /// Within the brand, that is the whole store.
    Brand,
}

/// A value of an enumeration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnumValue {
    /// What is stored.
    pub value: String,
    /// What people read.
    pub label: Text,
    /// `good`, `warn`, `bad`, `info` or `plain`: its colour on screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone: Option<String>,
    /// Added by an organisation, not by the kind's plugin; set by the server alone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub custom: bool,
    /// Out of use: it stays readable and can be filtered by, nothing new is given it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub retired: bool,
}

/// What a field holds, and how it stands in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// One line, at most 500 characters unless `max` says otherwise.
    Text,
    /// Many lines, at most 20 000 characters.
    LongText,
    /// A whole number within ±2⁵³.
    Int,
    /// A decimal number as a JSON number.
    Decimal,
    /// Whole fen as a JSON integer.
    Money,
    /// `true` or `false`.
    Bool,
    /// `2026-03-13`.
    Date,
    /// RFC 3339, stored in UTC with milliseconds.
    Datetime,
    /// One of `values`.
    Enum,
    /// Several of `values`, each once.
    EnumList,
    /// The id of an attachment.
    File,
    /// The id of a record of kind `to`.
    Ref,
    /// Ids of records of kind `to`.
    RefList,
    /// E.164, `+8613800001234`; accepts what people type.
    Phone,
    /// Lower-cased address.
    Email,
    /// A Chinese number plate.
    Plate,
    /// A vehicle identification number.
    Vin,
    /// A Chinese identity card number.
    IdNo,
    /// The unified social credit code of a Chinese company.
    Uscc,
    /// `https://…` or `http://…`.
    Url,
    /// Any JSON.
    Json,
}

impl FieldType {
    /// Whether a non-personal field of this type is quoted in events.
    pub fn is_quoted(self) -> bool {
        use FieldType::{Bool, Date, Datetime, Decimal, Enum, EnumList, File, Int, Money, Ref, RefList};
        matches!(self, Enum | EnumList | Int | Decimal | Money | Date | Datetime | Bool | Ref | RefList | File)
    }
}

/// A state machine on one enum field.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct States {
    /// The enum field that holds the state.
    pub field: String,
    /// Where a new record stands.
    pub initial: String,
    /// States in which the record still needs work (an owner and an open task, I1).
    #[serde(default)]
    pub open: Vec<String>,
    /// The main road in order, for the step bar.
    #[serde(default)]
    pub steps: Vec<String>,
    /// The named moves. Any other is refused and audited. Each raises `<kind>.<event>`.
    pub transitions: BTreeMap<String, Transition>,
}

/// A named move between states.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// What the button says.
    pub label: Text,
    /// From where.
    pub from: Vec<String>,
    /// To where.
    pub to: String,
    /// The event's verb in the past, `accepted`.
    pub event: String,
    /// Fields that must have a value afterwards.
    #[serde(default)]
    pub needs: Vec<String>,
    /// A filter the record must meet afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Value>,
    /// What to tell a person who does not meet the guard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard_text: Option<Text>,
    /// Roles that may; empty: whoever may change the record.
    #[serde(default)]
    pub roles: Vec<String>,
}
