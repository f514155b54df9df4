//! Jobs: long work with progress, as told over HTTP.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Actor, Id, Time};

/// How far a job is. A job that was running when the server stopped goes on after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Under way.
    Running,
    /// Finished; its counts are final.
    Done,
    /// Given up, with a fault that says why.
    Failed,
    /// Stopped by a person; what was done stays done.
    Cancelled,
    /// Taken back.
    Undone,
}

/// Something wrong with one row of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowFault {
    /// Row number as a spreadsheet shows it: the header is row 1.
    pub row: u32,
    /// The field, or `null` for the row as a whole.
    pub field: Option<String>,
    /// Machine-readable, `phone.invalid`.
    pub code: String,
    /// For the person who has the file.
    pub message: String,
}

/// Each row of an import ends in exactly one of these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// Not usable; see the faults.
    pub invalid: u32,
    /// The same as an earlier row of the file.
    pub repeated: u32,
    /// Already in the store; updated where the file says more.
    pub known: u32,
    /// Perhaps the same as a customer in the store; a person decides.
    pub review: u32,
    /// New customers.
    pub new: u32,
}

/// How far taking an import back is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Undo {
    /// Events of the import looked at so far.
    pub done: u32,
    /// Events of the import in all.
    pub total: u32,
    /// Records it had made and that are gone again.
    pub removed: u32,
    /// Records it had changed and that have old values back.
    pub restored: u32,
    /// Records that were left as they are, or in part.
    pub kept: u32,
    /// Where it goes on: events below this number are still to be looked at.
    pub before: i64,
}

/// Something that taking an import back left alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UndoConflict {
    /// The record's kind.
    pub kind: String,
    /// The record.
    pub id: Id,
    /// The field, or `null` for the record as a whole.
    pub field: Option<String>,
    /// `undo.edited`, `record.in_use`, `record.merged`, or what the write was refused with.
    pub code: String,
    /// For a person.
    pub message: String,
    /// What stands there and stays.
    pub now: Value,
    /// What was there before the import.
    pub before: Value,
    /// Who changed it since: `{"label","name"}`.
    pub actor: Option<Value>,
    /// When.
    pub at: Option<Time>,
}

/// A job as `GET /api/v1/jobs/{id}` tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: Id,
    /// `import`.
    pub kind: String,
    /// The organisation it works for.
    pub org: Id,
    /// Who started it.
    pub actor: String,
    /// See [`JobState`].
    pub state: JobState,
    /// Rows done so far.
    pub done: u32,
    /// Rows in all; 0 while not known.
    pub total: u32,
    /// Present for imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<ImportCounts>,
    /// Row by row; at most the first 10 000.
    pub faults: Vec<RowFault>,
    /// What the job was asked and found: mode, kind, mapping, headers, digest.
    pub detail: serde_json::Value,
    /// Present once somebody has begun to take it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// What taking it back left alone; present with `undo`, at most the first 10 000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<Vec<UndoConflict>>,
    /// When it was started.
    pub created_at: Time,
    /// When it last moved.
    pub updated_at: Time,
}

impl Job {
    /// A job that has just been begun.
    pub fn begun(id: Id, kind: &str, org: Id, actor: &Actor, at: Time, detail: Value) -> Job {
        Job {
            id,
            kind: kind.to_owned(),
            org,
            actor: actor.label(),
            state: JobState::Running,
            done: 0,
            total: 0,
            counts: None,
            faults: Vec::new(),
            detail,
            undo: None,
            conflicts: None,
            created_at: at,
            updated_at: at,
        }
    }
}
