//! What an import would do: every row ends as invalid, repeated, known, review or new, and nothing is written here.

mod names;
mod seen;

use std::{collections::HashMap, ops::ControlFlow};

use serde_json::Value;

use self::{names::Names, seen::Seen};
use super::{Referred, Row, RowReader, Table, rows::Reading};
use crate::{
    Result,
    model::{
        Data, Id, Kind, Record,
        job::{ImportCounts, Job, RowFault},
        kind::Reach,
        matching::{self, Score, Verdict},
        survivorship::{self, Side, Standings},
    },
};

/// Looks up what is stored already.
pub trait Known {
    /// Records that may be the same as this one: at least all that share one of the rule's lookups.
    ///
    /// # Errors
    /// Internal.
    fn candidates(&self, data: &Data) -> Result<Vec<Record>>;

    /// The record of this id, or the one it was merged into.
    ///
    /// # Errors
    /// Internal.
    fn by_id(&self, _id: &Id) -> Result<Option<Record>> {
        Ok(None)
    }

    /// What a text refers to, as a record of kind `to`.
    ///
    /// # Errors
    /// Internal.
    fn refer(&self, _to: &str, _text: &str) -> Result<Referred> {
        Ok(Referred::Unasked)
    }

    /// How well founded the fields of a record are.
    ///
    /// # Errors
    /// Internal.
    fn standings(&self, record: &Record) -> Result<Standings>;

    /// What a candidate is compared by, where that is more than its own fields.
    ///
    /// # Errors
    /// Internal.
    fn facts(&self, candidate: &Record) -> Result<Data> {
        Ok(candidate.data.clone())
    }
}

/// When two rows, or a row and a record, are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// By points, see [`matching`]; values survive as [`survivorship`] has it, those of a file being the weakest.
    Score,
    /// By one field; what is there stays, gaps are filled.
    Key(String),
    /// By one field that somebody has named; what the file says is put in place of what is there.
    Upsert(String),
    /// Only when all fields are.
    Whole,
}

/// What becomes of one row.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Its number in the spreadsheet.
    pub row: u32,
    /// The id the file gives it.
    pub id: Option<Id>,
    /// The organisation the file gives it.
    pub org: Option<Id>,
    /// Whether its patch is put in place of what is there, not into gaps alone.
    pub overwrites: bool,
    /// Where it ends.
    pub outcome: Outcome,
    /// Why it is invalid; else what of it was left out or stays as it is stored.
    pub faults: Vec<RowFault>,
}

/// Each row ends in exactly one of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Not usable.
    Invalid,
    /// The same as an earlier row; `patch` is what it knows beyond that.
    Repeated {
        /// The earlier row.
        of: u32,
        /// What became of that.
        target: Target,
        /// Gaps to fill.
        patch: Data,
    },
    /// In the store already; `patch` is what the row knows beyond that, or later than an earlier file.
    Known {
        /// The record.
        id: Id,
        /// What changes.
        patch: Data,
    },
    /// Perhaps the same as another; a person decides.
    Review {
        /// The other.
        other: Target,
        /// Why.
        score: Score,
        /// The row.
        data: Data,
    },
    /// Nobody known.
    New {
        /// The row.
        data: Data,
    },
}

/// A record that is there, or that a row of this file makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Stored before.
    Record(Id),
    /// Made of this row.
    Row(u32),
}

impl Target {
    /// The same id however often a chunk is begun anew.
    pub fn id(&self, job: &Job) -> Id {
        match self {
            Target::Record(id) => id.clone(),
            Target::Row(row) => Id::numbered(job.created_at, &["import", job.id.as_str()], *row),
        }
    }
}

/// Plans the rows of one file in order. It remembers of each row what is needed to know it again.
#[derive(Debug)]
pub struct Planner {
    reader: RowReader,
    rule: Rule,
    seen: Seen,
    /// The row of each id that the file has given.
    ids: HashMap<Id, u32>,
    names: Names,
}

/// The stored or earlier candidate that a row is most like.
struct Best<T> {
    candidate: T,
    score: Score,
    verdict: Verdict,
}

impl Rule {
    /// Customers by points; others by the field somebody names, or by their unique field.
    pub fn of(kind: &Kind, key: Option<&str>) -> Rule {
        // What is one in the brand tells more than what is one in each organisation.
        let is_one_in = |reach: Reach| kind.fields.iter().find(|(_, field)| field.unique == Some(reach));
        let unique = || is_one_in(Reach::Brand).or_else(|| is_one_in(Reach::Org)).map(|(name, _)| name);
        match key {
            Some(key) => Rule::Upsert(key.to_owned()),
            None if kind.kind == "customer" => Rule::Score,
            None => unique().map_or(Rule::Whole, |name| Rule::Key(name.to_owned())),
        }
    }

    /// What two must share to be worth comparing.
    pub fn lookups(&self) -> Vec<Vec<&str>> {
        match self {
            Rule::Score => matching::LOOKUPS.iter().map(|group| group.to_vec()).collect(),
            Rule::Key(key) | Rule::Upsert(key) => vec![vec![key]],
            Rule::Whole => Vec::new(),
        }
    }

    fn compare(&self, a: &Data, b: &Data) -> (Score, Verdict) {
        let score = match self {
            Rule::Score => matching::score(a, b),
            Rule::Key(key) | Rule::Upsert(key) if a.contains_key(key) && a.get(key) == b.get(key) => {
                Score { certain: true, reasons: vec![key.clone()], ..Score::default() }
            }
            Rule::Key(_) | Rule::Upsert(_) | Rule::Whole => Score::default(),
        };
        let verdict = matching::verdict(&score);
        (score, verdict)
    }
}

impl Planner {
    /// For the rows that `reader` reads.
    pub fn new(reader: RowReader, rule: Rule) -> Planner {
        let seen = Seen::new(reader.kind(), &rule);
        let names = Names::new(reader.kind());
        Planner { reader, rule, seen, ids: HashMap::new(), names }
    }

    /// The same planner for a job: rows may refer to what earlier rows will have made.
    #[must_use]
    pub fn of_job(mut self, job: &Job) -> Planner {
        self.names.made_by(job);
        self
    }

    /// Where the next row ends. Rows must come in the order of the file; after a restart the earlier ones are planned
    /// again for what is to be remembered of them.
    ///
    /// # Errors
    /// Internal, from the lookup.
    pub fn plan(&mut self, row: &Row, known: &impl Known) -> Result<Planned> {
        let planned = self.plan_row(row, known)?;
        self.names.note(&planned);
        Ok(planned)
    }

    fn plan_row(&mut self, row: &Row, known: &impl Known) -> Result<Planned> {
        let refer = |to: &str, text: &str| Ok(self.names.or_made(to, text, known.refer(to, text)?));
        let reading = self.reader.read_with(row, &refer)?;
        if let Some(id) = &reading.id
            && let Some(planned) = self.plan_by_id(row, id, &reading, known)?
        {
            return Ok(planned);
        }
        let mut planned = Planned {
            row: row.number,
            id: reading.id,
            org: reading.org,
            overwrites: false,
            outcome: Outcome::Invalid,
            faults: reading.faults,
        };
        let Some(data) = reading.data else {
            return self.plan_rest(planned, reading.rest, known);
        };
        let earlier = self.best_earlier(&data);
        if let Some(Best { candidate, verdict: Verdict::Known, .. }) = &earlier {
            let (patch, kept) = self.seen.fill(*candidate, &data);
            let earlier = self.seen.get(*candidate);
            let (of, target) = (earlier.row, earlier.target.clone());
            planned.faults.extend(kept.iter().map(|name| kept_fault(row, name, &data, &format!("row {of}"))));
            return Ok(Planned { outcome: Outcome::Repeated { of, target, patch }, ..planned });
        }
        let stored = self.best_stored(&data, known)?;
        if let Some(Best { candidate: record, verdict: Verdict::Known, .. }) = stored {
            return self.plan_known(planned, row, record, data, known);
        }
        let target = planned.id.clone().map_or(Target::Row(row.number), Target::Record);
        self.seen.remember(row.number, target, &data);
        let stored = stored.map(|best| (Target::Record(best.candidate.id), best.score));
        let other = stored.or_else(|| earlier.map(|best| (self.seen.get(best.candidate).target.clone(), best.score)));
        planned.outcome = match other {
            Some((other, score)) => Outcome::Review { other, score, data },
            None => Outcome::New { data },
        };
        Ok(planned)
    }

    /// A row that is the same as a record: it gives what the record lacks or has from an earlier file, or overwrites where that
    /// was asked for.
    fn plan_known(
        &mut self,
        mut planned: Planned,
        row: &Row,
        record: Record,
        data: Data,
        known: &impl Known,
    ) -> Result<Planned> {
        if matches!(self.rule, Rule::Upsert(_)) {
            return Ok(self.overwrite(planned, record, data));
        }
        let is_other = |name: &str, value| record.data.get(name).is_some_and(|stored| stored != value);
        let patch = if self.rule == Rule::Score && data.iter().any(|(name, value)| is_other(name, value)) {
            survivorship::of_import(Side { data: &record.data, standings: &known.standings(&record)? }, &data)
        } else {
            gaps(&record.data, &data)
        };
        let kept = data.iter().filter(|(name, value)| is_other(name, value) && !patch.contains_key(*name));
        planned.faults.extend(kept.map(|(name, _)| kept_fault(row, name, &data, "the store")));
        let mut merged = record.data;
        merged.extend(patch.clone());
        self.seen.remember(row.number, Target::Record(record.id.clone()), &merged);
        Ok(Planned { outcome: Outcome::Known { id: record.id, patch }, ..planned })
    }

    /// A row whose file says which record it is; none when there is no such record yet.
    fn plan_by_id(&mut self, row: &Row, id: &Id, reading: &Reading, known: &impl Known) -> Result<Option<Planned>> {
        let planned = Planned {
            row: row.number,
            id: Some(id.clone()),
            org: reading.org.clone(),
            overwrites: false,
            outcome: Outcome::Invalid,
            faults: reading.faults.clone(),
        };
        let invalid = |planned: Planned, code: &str, message: String| {
            let fault = RowFault { row: row.number, field: None, code: code.into(), message };
            Ok(Some(Planned { faults: vec![fault], ..planned }))
        };
        if let Some(earlier) = self.ids.insert(id.clone(), row.number) {
            return invalid(planned, "id.repeated", format!("row {earlier} is the same record: leave one of them out"));
        }
        match known.by_id(id)? {
            None => Ok(None),
            Some(record) if record.id != *id => {
                let message = format!("{id} was merged into {}: change that one", record.id);
                invalid(planned, "record.merged", message)
            }
            Some(record) => Ok(Some(match reading.data.as_ref().or(reading.rest.as_ref()) {
                Some(data) => self.overwrite(planned, record, data.clone()),
                None => planned,
            })),
        }
    }

    /// A row that says too little for a new record may still change one that is there.
    fn plan_rest(&mut self, planned: Planned, rest: Option<Data>, known: &impl Known) -> Result<Planned> {
        let Some(rest) = rest.filter(|_| matches!(self.rule, Rule::Upsert(_))) else { return Ok(planned) };
        Ok(match self.best_stored(&rest, known)? {
            Some(Best { candidate: record, verdict: Verdict::Known, .. }) => self.overwrite(planned, record, rest),
            _ => planned,
        })
    }

    /// What the file says in place of what is there. What a new record would lack, this one has.
    fn overwrite(&mut self, mut planned: Planned, record: Record, data: Data) -> Planned {
        planned.faults.retain(|fault| !matches!(fault.code.as_str(), "required" | "contact.missing"));
        let differs = |name: &String, value: &Value| record.data.get(name) != Some(value);
        let patch = data.iter().filter(|(name, value)| differs(name, value));
        let patch: Data = patch.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut merged = record.data;
        merged.extend(data);
        self.seen.remember(planned.row, Target::Record(record.id.clone()), &merged);
        Planned { overwrites: true, outcome: Outcome::Known { id: record.id, patch }, ..planned }
    }

    /// The earlier row it is most like, if any is more than new to it.
    fn best_earlier(&self, data: &Data) -> Option<Best<usize>> {
        if let Some(same) = self.seen.identical(data) {
            return Some(Best { candidate: same, score: Score::default(), verdict: Verdict::Known });
        }
        best(self.seen.candidates(data).into_iter().map(|at| {
            let (score, verdict) = self.rule.compare(&self.seen.identity(at), data);
            Best { candidate: at, score, verdict }
        }))
    }

    /// The record it is most like. One that says everything the row says already is known on lesser grounds: to import a
    /// file again must not ask anybody again.
    fn best_stored(&self, data: &Data, known: &impl Known) -> Result<Option<Best<Record>>> {
        let candidates = known.candidates(data)?;
        let compared = candidates.into_iter().map(|record| {
            let (score, verdict) = self.rule.compare(&known.facts(&record)?, data);
            let says_all = data.iter().all(|(name, value)| record.data.get(name) == Some(value));
            let is_known = verdict == Verdict::Review && score.conflict.is_none() && says_all;
            Ok(Best { candidate: record, score, verdict: if is_known { Verdict::Known } else { verdict } })
        });
        Ok(best(compared.collect::<Result<Vec<_>>>()?.into_iter()))
    }
}

/// The highest; of equals the first, which is the oldest.
fn best<T>(all: impl Iterator<Item = Best<T>>) -> Option<Best<T>> {
    let rank = |best: &Best<T>| (best.verdict, best.score.certain, best.score.points);
    all.filter(|best| best.verdict != Verdict::New)
        .reduce(|best, next| if rank(&next) > rank(&best) { next } else { best })
}

/// What the row knows and the record does not.
fn gaps(stored: &Data, data: &Data) -> Data {
    let is_gap = |name: &str| stored.get(name).is_none_or(Value::is_null);
    data.iter().filter(|(name, _)| is_gap(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn kept_fault(row: &Row, name: &str, data: &Data, holder: &str) -> RowFault {
    let value = data.get(name).unwrap_or(&Value::Null).to_string();
    let shown: String = value.chars().take(80).collect();
    let message =
        format!("{name} is {shown} here, and {holder} says otherwise: that stays, change it by hand if this is right");
    RowFault { row: row.number, field: Some(name.to_owned()), code: "kept".into(), message }
}

impl Planned {
    /// Count it.
    pub fn add_to(&self, counts: &mut ImportCounts) {
        let count = match self.outcome {
            Outcome::Invalid => &mut counts.invalid,
            Outcome::Repeated { .. } => &mut counts.repeated,
            Outcome::Known { .. } => &mut counts.known,
            Outcome::Review { .. } => &mut counts.review,
            Outcome::New { .. } => &mut counts.new,
        };
        *count += 1;
    }
}

/// Plan a whole file in chunks of `n_rows`; `each` hears every chunk and may stop by breaking.
///
/// # Errors
/// The file's, the lookup's, or the callback's own.
pub fn whole(
    table: &Table,
    planner: &mut Planner,
    known: &impl Known,
    n_rows: usize,
    mut each: impl FnMut(Vec<Planned>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    chunks(table, n_rows, |rows| {
        let planned: Result<Vec<Planned>> = rows.iter().map(|row| planner.plan(row, known)).collect();
        each(planned?)
    })
}

/// The rows of a file in chunks of `n_rows`.
///
/// # Errors
/// The file's, or the callback's own.
pub fn chunks(table: &Table, n_rows: usize, mut each: impl FnMut(Vec<Row>) -> Result<ControlFlow<()>>) -> Result<()> {
    let mut chunk = Vec::with_capacity(n_rows);
    let mut is_stopped = false;
    table.each_row(|row| {
        chunk.push(row);
        if chunk.len() < n_rows {
            return Ok(ControlFlow::Continue(()));
        }
        let flow = each(std::mem::take(&mut chunk))?;
        is_stopped = flow.is_break();
        Ok(flow)
    })?;
    if chunk.is_empty() || is_stopped { Ok(()) } else { each(chunk).map(drop) }
}

#[cfg(test)]
mod tests;
