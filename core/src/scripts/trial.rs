//! A draft as if it were in force: asked by the very code that would ask it, heard by nobody.

use std::{collections::HashMap, sync::Arc};

use serde_json::{Map, Value};

use super::{
    Computing, Failure, FailureSink, Scripts,
    compute::{KindNow, Outcome},
};
use crate::{
    catalogue::{Catalogue, Script, ScriptName},
    host::{Batch, Decide, DecideCall},
    model::{Blame, Fault, Id, Receipt, Record, Time, digest},
};

/// What is installed, with a draft in force for its organisation and those below that have no script of their own.
pub struct Trial {
    scripts: Arc<Scripts>,
    computing: Computing,
}

/// What one rule made of one record or one past decision.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// The field of the record or of the answer.
    pub field: String,
    /// What stands there.
    pub old: Value,
    /// What would, or why nothing would.
    pub new: Result<Value, String>,
    /// In the script's words.
    pub reasons: Vec<String>,
}

/// Trials fail without consequence.
struct Unheard;

impl FailureSink for Unheard {
    fn failed(&self, _failure: Failure) {}
}

impl Scripts {
    /// The draft of `org` as if it were published.
    pub fn trial(
        &self,
        catalogue: &Catalogue,
        kind_now: KindNow,
        name: &ScriptName,
        org: &Id,
        source: &str,
        parameters: &Value,
    ) -> Trial {
        let mut tried = catalogue.clone();
        let key = (name.to_string(), org.clone());
        let version = tried.scripts.get(&key).map_or(0, |script| script.version) + 1;
        tried.failed.remove(&key);
        tried.canaries.remove(&key);
        let script = Script {
            name: name.clone(),
            org: org.clone(),
            version,
            source: source.into(),
            digest: digest::hex(source),
            parameters: parameters.clone(),
            asks: Vec::new(),
            hears: Vec::new(),
        };
        tried.scripts.insert(key, Arc::new(script));
        self.standing(Arc::new(tried), kind_now)
    }

    /// What is installed as it stands, asked without consequence.
    pub fn standing(&self, catalogue: Arc<Catalogue>, kind_now: KindNow) -> Trial {
        let catalogue = Arc::new(move || catalogue.clone());
        let scripts = Arc::new(Scripts::new(self.runner.clone(), catalogue, Arc::new(Unheard)));
        Trial { computing: Computing::new(scripts.clone(), kind_now), scripts }
    }
}

impl Trial {
    /// What all computed fields of these records would come to, record by record, each with every computed field of its kind.
    ///
    /// # Errors
    /// What the host is to blame for; a script that fails is told in [`Made::new`].
    pub fn compute(&self, kind: &str, records: &[Record], now: Time) -> Result<Vec<Vec<Made>>, Fault> {
        let mut made: HashMap<&Id, Vec<Made>> = HashMap::with_capacity(records.len());
        self.computing.compute(kind, records, now, false, |_, works| {
            for work in works {
                let record = work.record;
                let told = work.made.into_iter().map(|(field, outcome)| read(record, field, outcome));
                made.insert(&record.id, told.collect());
            }
        })?;
        Ok(records.iter().map(|record| made.remove(&record.id).unwrap_or_default()).collect())
    }

    /// As [`Trial::compute`], held against what another set of rules makes of the same records instead of what stands there.
    ///
    /// # Errors
    /// As [`Trial::compute`].
    pub fn compute_against(
        &self,
        other: &Trial,
        kind: &str,
        records: &[Record],
        now: Time,
    ) -> Result<Vec<Vec<Made>>, Fault> {
        let (theirs, mut ours) = (other.compute(kind, records, now)?, self.compute(kind, records, now)?);
        for (theirs, ours) in theirs.into_iter().zip(&mut ours) {
            let mut theirs: HashMap<String, Value> =
                theirs.into_iter().filter_map(|made| Some((made.field, made.new.ok()?))).collect();
            ours.iter_mut().for_each(|made| made.old = theirs.remove(&made.field).unwrap_or_default());
        }
        Ok(ours)
    }

    /// What a past decision would come to, with the input and at the time of then: field by field of the answer.
    ///
    /// # Errors
    /// What the host is to blame for.
    pub fn decide(&self, receipt: &Receipt) -> Result<Vec<Made>, Fault> {
        let point = receipt.point.as_str();
        let call = DecideCall {
            org: &receipt.org,
            point,
            input: &receipt.input,
            now: receipt.at,
            plugin: &receipt.plugin,
            plugin_version: &receipt.plugin_version,
            receipt: receipt.id.clone(),
            batch: &Batch::default(),
        };
        let decided = match self.scripts.decide(&call) {
            Ok(decision) => Ok(decision),
            Err(fault) if fault.blame == Blame::Host => return Err(fault),
            Err(fault) => Err(fault.message),
        };
        let nothing = Map::new();
        let old = receipt.output.as_object().unwrap_or(&nothing);
        let new = decided.as_ref().ok().and_then(|decision| decision.output.as_object()).unwrap_or(&nothing);
        let mut names: Vec<&String> = old.keys().chain(new.keys()).filter(|name| *name != "reasons").collect();
        names.sort();
        names.dedup();
        let told = |name: &String| {
            // A draft that fails is passed over in truth; here it is what one wants to know.
            let new = match &decided {
                Ok(decision) => match &decision.receipt.fallback {
                    Some(fallback) => Err(fallback.clone()),
                    None => Ok(new.get(name).cloned().unwrap_or_default()),
                },
                Err(wrong) => Err(wrong.clone()),
            };
            let reasons = decided.as_ref().map(|decision| decision.receipt.reasons.clone()).unwrap_or_default();
            Made { field: name.clone(), old: old.get(name).cloned().unwrap_or_default(), new, reasons }
        };
        Ok(names.into_iter().map(told).collect())
    }
}

/// One field of a record.
fn read(record: &Record, field: String, outcome: Outcome) -> Made {
    let old = record.field(&field).clone();
    let (new, reasons) = match outcome {
        Outcome::Value { value, reasons, .. } => (Ok(value), reasons),
        Outcome::Failed { why, .. } => (Err(why), Vec::new()),
        // What has no script keeps what it has, or has nothing.
        Outcome::Unruled => (Ok(old.clone()), Vec::new()),
        Outcome::None => (Ok(Value::Null), Vec::new()),
    };
    Made { field, old, new, reasons }
}
