//! A row into a record's data, or what is wrong with it.

mod cell;

use std::sync::Arc;

use jiff::{civil::Date, tz::TimeZone};
use serde_json::Value;

use super::{Mapping, Row, mapping};
use crate::{
    Error, Result,
    error::FieldError,
    model::{
        Data, FieldType, Id, Kind, Time,
        job::RowFault,
        validate::{self, Terms, Writer},
    },
};

/// Reads the rows of one file as records of one kind.
#[derive(Clone, Debug)]
pub struct RowReader {
    kind: Arc<Kind>,
    mapping: Mapping,
    /// Times of day in the file are meant here.
    zone: TimeZone,
    /// What day it is there; without it no day is held to its time.
    today: Option<Date>,
}

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The fields the row has, in normal form, without the kind's defaults; none when the row makes no record.
    pub data: Option<Data>,
    /// The same of a row that says too little for a new record, but perhaps enough for one that is there.
    pub rest: Option<Data>,
    /// Which record it is, where the file says so.
    pub id: Option<Id>,
    /// Which organisation it belongs to, where the file says so.
    pub org: Option<Id>,
    /// Why it is not usable, or what of it was left out.
    pub faults: Vec<RowFault>,
}

impl Reading {
    /// Of a row that cannot be used.
    fn faulty(faults: Vec<RowFault>) -> Reading {
        Reading { data: None, rest: None, id: None, org: None, faults }
    }
}

/// What a text refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Referred {
    /// This record alone.
    One(Id),
    /// None that is known here.
    Nothing,
    /// More than one.
    Several,
    /// Nobody looked: the text is left as it stands.
    Unasked,
}

/// Finds what a text refers to, by kind and text.
pub type Refer<'a> = &'a dyn Fn(&str, &str) -> Result<Referred>;

impl RowReader {
    /// For a kind, a mapping of the file's columns, and the zone its times are in.
    pub fn new(kind: Arc<Kind>, mapping: Mapping, zone: TimeZone) -> RowReader {
        RowReader { kind, mapping, zone, today: None }
    }

    /// The same reader on a day: what must have come already is held to it.
    #[must_use]
    pub fn on(self, now: Time) -> RowReader {
        let today = self.zone.to_datetime(now.timestamp()).date();
        RowReader { today: Some(today), ..self }
    }

    fn terms(&self) -> Terms<'static> {
        Terms { today: self.today, ..Writer::Request.into() }
    }

    /// The kind.
    pub fn kind(&self) -> &Arc<Kind> {
        &self.kind
    }

    /// A row as data, refs left as they are written. See [`RowReader::read_with`].
    pub fn read(&self, row: &Row) -> Reading {
        let unasked = self.read_with(row, &|_, _| Ok(Referred::Unasked));
        unasked.unwrap_or_else(|_| Reading::faulty(Vec::new()))
    }

    /// A row as data. A wrong value in an optional field is left out with a fault; a wrong or missing required field
    /// makes the row unusable, and so does a customer without a usable phone or e-mail.
    ///
    /// # Errors
    /// Those of `refer`.
    pub fn read_with(&self, row: &Row, refer: Refer<'_>) -> Result<Reading> {
        if let Some(fault) = self.beyond_header(row) {
            return Ok(Reading::faulty(vec![fault]));
        }
        let id = match self.id(row) {
            Ok(id) => id,
            Err(fault) => return Ok(Reading::faulty(vec![fault])),
        };
        let org = match self.org(row, refer)? {
            Ok(org) => org,
            Err(fault) => return Ok(Reading::faulty(vec![fault])),
        };
        let mut given = self.collect(row);
        let mut faults = self.refer(row, &mut given, refer)?;
        let checked = match validate::create(&self.kind, &given, self.terms()) {
            Ok(checked) => Some(checked),
            Err(error) => {
                let wrong: Vec<String> = error.errors.iter().map(field_of).collect();
                given.retain(|name, _| !wrong.iter().any(|wrong| wrong == name));
                faults.extend(self.faults(row, error));
                // What is left is right, but a required field may be missing now.
                validate::create(&self.kind, &given, self.terms()).ok()
            }
        };
        let rest = validate::change(&self.kind, &Data::new(), &given, self.terms()).ok();
        let data = checked.map(|mut data| {
            data.retain(|name, _| given.contains_key(name));
            data
        });
        Ok(match data {
            // A record that an export tells of is what it is.
            Some(data) if id.is_none() && self.is_out_of_reach(&data) => {
                if !faults.iter().any(|fault| matches!(fault.field.as_deref(), Some("phone" | "email"))) {
                    let message = "there is neither a phone number nor an e-mail address: give the row one of them";
                    faults.push(fault(row, Some("phone"), "contact.missing", message));
                }
                Reading { data: None, rest, id, org, faults }
            }
            data => Reading { data, rest, id, org, faults },
        })
    }

    /// The text that a row has for a field; empty where it has none.
    pub(super) fn text<'a>(&self, row: &'a Row, field: &str) -> &'a str {
        let column = (0..self.mapping.n_columns()).find(|column| self.mapping.field(*column) == Some(field));
        column.and_then(|column| row.cells.get(column)).map_or("", |text| text.trim())
    }

    /// Which organisation a row belongs to, if it says so.
    fn org(&self, row: &Row, refer: Refer<'_>) -> Result<Result<Option<Id>, RowFault>> {
        let text = self.text(row, mapping::ORG);
        if text.is_empty() {
            return Ok(Ok(None));
        }
        Ok(match refer("org", text)? {
            Referred::One(id) => Ok(Some(id)),
            Referred::Unasked => Ok(None),
            Referred::Nothing => Err(fault(row, Some("org"), "ref.not_found", not_found("org", "org", text))),
            Referred::Several => Err(fault(row, Some("org"), "ref.ambiguous", several("org", "org", text))),
        })
    }

    /// Which record a row is, if it says so.
    fn id(&self, row: &Row) -> Result<Option<Id>, RowFault> {
        let text = self.text(row, mapping::ID);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|error: Error| fault(row, None, &error.code, error.message))
    }

    /// Put ids where the row names people and things. What names nothing or several is left out with a fault.
    fn refer(&self, row: &Row, given: &mut Data, refer: Refer<'_>) -> Result<Vec<RowFault>> {
        let mut faults = Vec::new();
        for (name, field) in self.kind.fields.iter() {
            let (FieldType::Ref | FieldType::RefList, Some(to)) = (field.r#type, &field.to) else { continue };
            let Some(value) = given.remove(name) else { continue };
            let mut found = Vec::new();
            let texts = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
            for text in texts.iter().filter_map(Value::as_str) {
                match refer(to, text)? {
                    Referred::One(id) => found.push(Value::String(id.to_string())),
                    Referred::Unasked => found.push(Value::String(text.to_owned())),
                    Referred::Nothing => {
                        faults.push(fault(row, Some(name), "ref.not_found", not_found(name, to, text)))
                    }
                    Referred::Several => faults.push(fault(row, Some(name), "ref.ambiguous", several(name, to, text))),
                }
            }
            match (field.r#type, found.is_empty()) {
                (_, true) => None,
                (FieldType::RefList, _) => given.insert(name.to_owned(), Value::Array(found)),
                (_, _) => given.insert(name.to_owned(), found.remove(0)),
            };
        }
        Ok(faults)
    }

    /// Cells to the right of the last header have no meaning, and the cells before them may have slipped.
    fn beyond_header(&self, row: &Row) -> Option<RowFault> {
        let n_columns = self.mapping.n_columns();
        let is_longer = row.cells.iter().skip(n_columns).any(|cell| !cell.trim().is_empty());
        let message = || {
            let n_cells = row.cells.len();
            format!("the row has {n_cells} cells, the header {n_columns}: put texts with commas in quotation marks")
        };
        is_longer.then(|| fault(row, None, "row.too_long", message()))
    }

    /// Each mapped cell that says something, in the field's JSON type where the text allows.
    fn collect(&self, row: &Row) -> Data {
        let mut data = Data::new();
        for (column, text) in row.cells.iter().enumerate() {
            let Some(name) = self.mapping.field(column) else { continue };
            let Some(field) = self.kind.fields.get(name) else { continue };
            let value = match row.values.get(column) {
                Some(value) => cell::json(field, value, &self.zone),
                None => cell::value(field, text, &self.zone),
            };
            let Some(value) = value else { continue };
            if self.mapping.n_of(name) > 1 {
                // Several columns of notes: each line says where it comes from.
                let line = format!("{}: {}", self.mapping.header(column).unwrap_or_default(), text.trim());
                let lines = match data.get(name).and_then(Value::as_str) {
                    Some(before) => format!("{before}\n{line}"),
                    None => line,
                };
                data.insert(name.to_owned(), Value::String(lines));
            } else {
                data.insert(name.to_owned(), value);
            }
        }
        data
    }

    fn is_out_of_reach(&self, data: &Data) -> bool {
        self.kind.kind == "customer" && !data.contains_key("phone") && !data.contains_key("email")
    }

    fn faults(&self, row: &Row, error: Error) -> Vec<RowFault> {
        let to_fault = |error: FieldError| {
            let field = field_of(&error);
            let is_list = self
                .kind
                .fields
                .get(&field)
                .is_some_and(|field| matches!(field.r#type, FieldType::Enum | FieldType::EnumList));
            let message = match self.kind.fields.get(&field).filter(|_| is_list && error.code == "not_in_list") {
                // In a list people write labels.
                Some(known) => format!("{}: {}", error.message, cell::labels(known)),
                None => error.message,
            };
            RowFault { row: row.number, field: Some(field), code: error.code, message }
        };
        error.errors.into_iter().map(to_fault).collect()
    }
}

fn not_found(name: &str, to: &str, text: &str) -> String {
    format!("{name}: no {to} is called {:?} here: write its name, number or login, or its id", shown(text))
}

fn several(name: &str, to: &str, text: &str) -> String {
    format!("{name}: more than one {to} is called {:?}: write its number, login or id instead", shown(text))
}

fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

fn field_of(error: &FieldError) -> String {
    error.pointer.strip_prefix("/data/").unwrap_or(&error.pointer).to_owned()
}

fn fault(row: &Row, field: Option<&str>, code: &str, message: impl Into<String>) -> RowFault {
    RowFault { row: row.number, field: field.map(str::to_owned), code: code.into(), message: message.into() }
}

#[cfg(test)]
mod tests;
