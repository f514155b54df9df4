//! Exports: what was taken out, by whom and what for, as told over HTTP and kept for good.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Id, Time};

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Text with commas, UTF-8 with a mark, safe to open in a spreadsheet.
    Csv,
    /// A workbook.
    Xlsx,
    /// A JSON object a line, as the API tells records.
    Ndjson,
}

/// How far an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// Under way.
    Running,
    /// Handed over to the last row.
    Done,
    /// The caller hung up, or the server died; rows up to then may have left the house.
    Aborted,
    /// Given up for a failure of ours.
    Failed,
}

/// An export as `GET /api/v1/exports` tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Export {
    /// Its id.
    pub id: Id,
    /// When it was begun.
    pub at: Time,
    /// The organisation it was made in.
    pub org: Id,
    /// Who.
    pub actor: String,
    /// The kind of record.
    pub kind: String,
    /// See [`ExportFormat`].
    pub format: ExportFormat,
    /// As the list takes it.
    pub filter: Value,
    /// As the list takes it.
    pub order: String,
    /// Words searched for.
    pub q: Option<String>,
    /// The fields that were asked for; none: all.
    pub fields: Option<Vec<String>>,
    /// What for, in the words of whoever did it.
    pub purpose: String,
    /// See [`ExportState`].
    pub state: ExportState,
    /// How many rows matched when it began.
    pub n_matching: u64,
    /// How many rows were handed over.
    pub n_rows: u64,
    /// When it ended.
    pub ended_at: Option<Time>,
}
