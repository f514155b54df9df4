//! Merges: what was put together, kept so that it can be told and taken back.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{Data, Id, Record, Time, survivorship::Standings};

/// A merge of two customers.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// Its own id.
    pub id: Id,
    /// The organisation both belong to.
    pub org: Id,
    /// The record that stayed.
    pub kept: Id,
    /// The one that was given up.
    pub lost: Id,
    /// When.
    pub at: Time,
    /// The number of the event that tells of it.
    pub seq: i64,
    /// Until when it can be taken back.
    pub undo_until: Time,
    /// When it was.
    pub undone_at: Option<Time>,
    /// What it takes to tell of it and to take it back.
    pub body: Body,
}

/// What a merge did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// Who.
    pub actor: String,
    /// Why, in the person's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Whether a create did it, by the points two customers share.
    pub is_automatic: bool,
    /// The record that stayed, before and after.
    pub before: Data,
    /// See `before`.
    pub after: Data,
    /// Where the fields stood before.
    pub before_standings: Standings,
    /// The one that was given up as it was; revision 0 when it never was a record but a create that was answered with another.
    pub other: Record,
    /// Where its fields stood.
    pub other_standings: Standings,
    /// The values that did not survive.
    pub lost: Data,
    /// Ids that had been merged into the one given up.
    pub carried: Vec<Id>,
    /// Reviews that the merge answered.
    pub reviews: Vec<Id>,
    /// The brand's person that the one given up was taken for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Id>,
    /// Lists people made that had the one given up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<Listed>,
    /// After it was taken back: fields that had been edited meanwhile and stayed so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conflicts: Vec<Conflict>,
}

/// A static segment in which the one that stayed has taken the place of the one that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The segment.
    pub segment: Id,
    /// Whether both were in it.
    pub had_both: bool,
}

/// A field that a merge had changed and that was edited afterwards: what stands there now, and what stood there before the merge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// The field.
    pub field: String,
    /// The edit, which stays.
    pub now: Value,
    /// What the undo would have put back.
    pub before: Value,
}
