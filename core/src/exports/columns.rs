//! The columns of an export: what stands above each, and what a record says in it.

use jiff::tz::TimeZone;
use serde_json::{Number, Value};

use super::{Labels, titles::Titles};
use crate::{
    Result,
    model::{Field, FieldType, Kind, Record, Time},
    store::View,
};

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Nothing.
    Empty,
    /// Text, and to be kept as text: telephone numbers and dates too.
    Text(String),
    /// To be counted with.
    Number(Number),
    /// Fen, written as yuan.
    Money(i64),
}

/// All columns of one export.
#[derive(Debug)]
pub(super) struct Columns {
    columns: Vec<Column>,
    labels: Labels,
    zone: TimeZone,
}

#[derive(Debug)]
struct Column {
    name: String,
    header: String,
    /// Of the kind; none for what every record has.
    field: Option<Field>,
}

/// What parts lists in a cell; a label that has one of these in it is written as its value.
const SEPARATORS: [char; 7] = [',', '，', '、', ';', '；', '|', '\n'];

impl Columns {
    /// The record's id first, so that the file can be imported again; then the fields wanted, or all.
    pub(super) fn new(kind: &Kind, wanted: Option<&[String]>, labels: Labels, zone: TimeZone) -> Columns {
        let all = || kind.fields.iter().map(|(name, _)| name.to_owned()).collect();
        let mut names: Vec<String> = wanted.map_or_else(all, <[String]>::to_vec);
        names.retain(|name| name != "id");
        names.insert(0, "id".into());
        let mut columns: Vec<Column> = Vec::new();
        for name in names {
            let field = kind.fields.get(&name).cloned();
            let header = header(&name, field.as_ref(), labels);
            // Two fields of one label are told apart by their names.
            let is_taken = columns.iter().any(|column| column.header == header);
            columns.push(Column { header: if is_taken { name.clone() } else { header }, name, field });
        }
        Columns { columns, labels, zone }
    }

    pub(super) fn headers(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.header.as_str())
    }

    /// The names of the kind's fields among them.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().filter(|column| column.field.is_some()).map(|column| column.name.as_str())
    }

    /// One record's cells.
    pub(super) fn cells(&self, view: &View, titles: &mut Titles, record: &Record) -> Result<Vec<Cell>> {
        self.columns.iter().map(|column| self.cell(view, titles, column, record)).collect()
    }

    fn cell(&self, view: &View, titles: &mut Titles, column: &Column, record: &Record) -> Result<Cell> {
        let Some(field) = &column.field else {
            return Ok(match column.name.as_str() {
                "id" => Cell::Text(record.id.to_string()),
                "rev" => Cell::Number(record.rev.into()),
                "created_at" => Cell::Text(self.moment(record.created_at)),
                "updated_at" => Cell::Text(self.moment(record.updated_at)),
                _ if self.labels == Labels::Raw => Cell::Text(record.org.to_string()),
                _ => Cell::Text(titles.of(view, "org", record.org.as_str())?),
            });
        };
        let value = record.field(&column.name);
        Ok(match (field.r#type, value) {
            (_, Value::Null) => Cell::Empty,
            (FieldType::Money, Value::Number(fen)) => fen.as_i64().map_or(Cell::Empty, Cell::Money),
            (_, Value::Number(number)) => Cell::Number(number.clone()),
            (FieldType::Bool, Value::Bool(flag)) => Cell::Text(self.yes_or_no(*flag).to_owned()),
            (FieldType::Datetime, Value::String(text)) => {
                Cell::Text(text.parse().map_or_else(|_| text.clone(), |at| self.moment(at)))
            }
            (FieldType::Enum, Value::String(value)) => Cell::Text(self.choice(field, value)),
            (FieldType::EnumList, Value::Array(values)) => {
                let words = values.iter().filter_map(Value::as_str).map(|value| self.choice(field, value));
                Cell::Text(words.collect::<Vec<_>>().join("、"))
            }
            (FieldType::Ref, Value::String(id)) => Cell::Text(self.title(view, titles, field, id)?),
            (FieldType::RefList, Value::Array(ids)) => {
                let ids = ids.iter().filter_map(Value::as_str);
                let words: Result<Vec<String>> = ids.map(|id| self.title(view, titles, field, id)).collect();
                Cell::Text(words?.join("、"))
            }
            (_, Value::String(text)) => Cell::Text(text.clone()),
            (_, other) => Cell::Text(other.to_string()),
        })
    }

    /// By the clock on the wall of the organisation. What that cannot say exactly has its offset behind it.
    fn moment(&self, at: Time) -> String {
        let zoned = at.timestamp().to_zoned(self.zone.clone());
        let local = zoned.datetime();
        let is_plain = at.millis() % 1_000 == 0 && !self.zone.to_ambiguous_timestamp(local).is_ambiguous();
        let format = if is_plain { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.3f%:z" };
        zoned.strftime(format).to_string()
    }

    fn yes_or_no(&self, flag: bool) -> &'static str {
        match (self.labels, flag) {
            (Labels::Raw, true) => "true",
            (Labels::Raw, false) => "false",
            (Labels::In("en"), true) => "yes",
            (Labels::In("en"), false) => "no",
            (Labels::In(_), true) => "是",
            (Labels::In(_), false) => "否",
        }
    }

    fn choice(&self, field: &Field, value: &str) -> String {
        let label = match self.labels {
            Labels::Raw => None,
            Labels::In(locale) => {
                field.values.iter().find(|known| known.value == value).map(|known| known.label.get(locale))
            }
        };
        let is_clear = |label: &&str| !label.is_empty() && !label.contains(SEPARATORS);
        label.filter(is_clear).unwrap_or(value).to_owned()
    }

    fn title(&self, view: &View, titles: &mut Titles, field: &Field, id: &str) -> Result<String> {
        if self.labels == Labels::Raw {
            return Ok(id.to_owned());
        }
        let title = titles.of(view, field.to.as_deref().unwrap_or_default(), id)?;
        let is_parted = field.r#type == FieldType::RefList && title.contains(SEPARATORS);
        Ok(if is_parted { id.to_owned() } else { title })
    }
}

fn header(name: &str, field: Option<&Field>, labels: Labels) -> String {
    match (labels, field) {
        (Labels::In(locale), Some(field)) => field.label.get(locale).to_owned(),
        (Labels::Raw, Some(_)) => name.to_owned(),
        (labels, None) => {
            let is_chinese = matches!(labels, Labels::In(locale) if locale != "en");
            match (name, is_chinese) {
                // Not `id`: in other people's files that is a number of their own.
                ("id", true) => "记录ID",
                ("id", false) => "record_id",
                ("org", true) => "所属机构",
                ("rev", true) => "版本",
                ("created_at", true) => "系统创建时间",
                ("updated_at", true) => "系统更新时间",
                (name, _) => name,
            }
            .to_owned()
        }
    }
}
