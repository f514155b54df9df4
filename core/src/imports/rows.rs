//! A row into a record's data, or what is wrong with it.

mod cell;

use std::sync::Arc;

use jiff::{civil::Date, tz::TimeZone};
use serde_json::Value;

use super::{Mapping, Row};
use crate::{
    Error,
    error::FieldError,
    model::{
        Data, FieldType, Kind, Time,
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
    /// The fields the row has, in normal form, without the kind's defaults; none when the row is not usable.
    pub data: Option<Data>,
    /// Why it is not usable, or what of it was left out.
    pub faults: Vec<RowFault>,
}

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

    /// A row as data. A wrong value in an optional field is left out with a fault; a wrong or missing required field
    /// makes the row unusable, and so does a customer without a usable phone or e-mail.
    pub fn read(&self, row: &Row) -> Reading {
        if let Some(fault) = self.beyond_header(row) {
            return Reading { data: None, faults: vec![fault] };
        }
        let mut given = self.collect(row);
        let mut faults = Vec::new();
        let checked = match validate::create(&self.kind, &given, self.terms()) {
            Ok(checked) => Some(checked),
            Err(error) => {
                let wrong: Vec<String> = error.errors.iter().map(field_of).collect();
                given.retain(|name, _| !wrong.iter().any(|wrong| wrong == name));
                faults = self.faults(row, error);
                // What is left is right, but a required field may be missing now.
                validate::create(&self.kind, &given, self.terms()).ok()
            }
        };
        let data = checked.map(|mut data| {
            data.retain(|name, _| given.contains_key(name));
            data
        });
        match data {
            Some(data) if self.is_out_of_reach(&data) => {
                if !faults.iter().any(|fault| matches!(fault.field.as_deref(), Some("phone" | "email"))) {
                    let message = "there is neither a phone number nor an e-mail address: give the row one of them";
                    faults.push(fault(row, Some("phone"), "contact.missing", message));
                }
                Reading { data: None, faults }
            }
            data => Reading { data, faults },
        }
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
            let Some(value) = cell::value(field, text, &self.zone) else { continue };
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

fn field_of(error: &FieldError) -> String {
    error.pointer.strip_prefix("/data/").unwrap_or(&error.pointer).to_owned()
}

fn fault(row: &Row, field: Option<&str>, code: &str, message: impl Into<String>) -> RowFault {
    RowFault { row: row.number, field: field.map(str::to_owned), code: code.into(), message: message.into() }
}

#[cfg(test)]
mod tests;
