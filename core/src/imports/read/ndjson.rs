//! NDJSON: an object a line, either a record's fields or an item as the API and the export tell it.

use std::{
    io::{BufRead, BufReader},
    ops::ControlFlow,
    sync::Arc,
};

use serde_json::{Map, Value};

use super::{
    Each, MAX_COLUMNS, Row,
    content::{self, Content},
    encoding::Written,
    too_large, unreadable,
};
use crate::{Result, model::export::MARK};

/// The longest line in bytes.
const MAX_LINE_BYTES: u64 = 4 << 20;
/// The column that says which record an item is.
pub const ID: &str = "record_id";

/// Lines with what is in them.
#[derive(Debug)]
pub(super) struct Lines {
    content: Arc<dyn Content>,
    written: Written,
    /// The names of all fields, in the order they come up.
    headers: Vec<String>,
}

impl Lines {
    /// Reads all of it once for the names.
    pub(super) fn new(content: Arc<dyn Content>, written: Written) -> Result<Lines> {
        let mut lines = Lines { content, written, headers: Vec::new() };
        let mut headers: Vec<String> = Vec::new();
        lines.each_object(&mut |number, fields| {
            for name in fields.keys() {
                if !headers.contains(name) {
                    headers.push(name.clone());
                }
            }
            if headers.len() > MAX_COLUMNS {
                return Err(too_large(format!(
                    "up to line {number} there are more than {MAX_COLUMNS} different fields"
                )));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if headers.is_empty() {
            return Err(unreadable("the file has no objects: write one a line, {\"name\":\"王磊\"}"));
        }
        lines.headers = headers;
        Ok(lines)
    }

    pub(super) fn headers(&self) -> &[String] {
        &self.headers
    }

    pub(super) fn each_row(&self, each: Each<'_>) -> Result<()> {
        self.each_object(&mut |number, mut fields| {
            let values: Vec<Value> =
                self.headers.iter().map(|name| fields.remove(name).unwrap_or(Value::Null)).collect();
            each(Row { number, cells: values.iter().map(shown).collect(), values })
        })
    }

    fn each_object(&self, each: &mut dyn FnMut(u32, Map<String, Value>) -> Result<ControlFlow<()>>) -> Result<()> {
        let mut text = BufReader::new(self.written.reader(&*self.content)?);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let mut limited = std::io::Read::take(&mut text, MAX_LINE_BYTES + 1);
            let n_bytes = limited.read_until(b'\n', &mut line).map_err(content::failed)?;
            if n_bytes == 0 {
                return Ok(());
            }
            if n_bytes as u64 > MAX_LINE_BYTES {
                return Err(too_large(format!("line {number} has more than {MAX_LINE_BYTES} bytes")));
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let object: Map<String, Value> = serde_json::from_slice(&line)
                .map_err(|error| unreadable(format!("line {number} is no JSON object: {error}")).caused_by(error))?;
            // Below an export of ours stands whose it was.
            if object.len() == 1 && object.contains_key(MARK) {
                continue;
            }
            if each(number, fields(object))?.is_break() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The fields of a line; of an item those in its `data`, and which record it is.
fn fields(mut object: Map<String, Value>) -> Map<String, Value> {
    match object.remove("data") {
        Some(Value::Object(data)) => {
            let id = object.remove("id").map(|id| (ID.to_owned(), id));
            id.into_iter().chain(data).collect()
        }
        Some(other) => {
            object.insert("data".into(), other);
            object
        }
        None => object,
    }
}

/// A value as a person is shown it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
