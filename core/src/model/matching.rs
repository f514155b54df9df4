//! Matching (under construction on another branch).

use crate::model::Data;

/// How alike two customers are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Score {
    /// The sum.
    pub points: u32,
    /// The same identity card or company code.
    pub certain: bool,
    /// Different identity cards.
    pub conflict: bool,
    /// What was equal.
    pub reasons: Vec<String>,
}

/// What a score means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same.
    Known,
    /// A person decides.
    Review,
    /// Another.
    New,
}

/// Score.
pub fn score(_a: &Data, _b: &Data) -> Score {
    Score::default()
}

/// Verdict.
pub fn verdict(_score: &Score) -> Verdict {
    Verdict::New
}

/// What is stored, with what only the new data knows.
pub fn fill_gaps(stored: &Data, _new: &Data) -> Data {
    stored.clone()
}
