//! Dealers' rules: who is asked at a decision point, how owners' answers combine, and what happens when a script fails.
//!
//! Owners inherit: the dealer's script is asked, else its region's, the maker's, and last the rule that ships with the
//! plugin. Where a point combines fields by `max` or `min`, all of them are asked, so that a dealer can only be stricter.
//! A dealer's script that fails is passed over and reported; business goes on with the rules above it (I5).
//!
//! Every rule is run in a fresh instance that parses it anew. Measured on two cores with an unoptimised host: 0.49 ms a
//! decision by one rule, 0.85 ms where two combine (medians of 2 000).

pub mod again;
mod check;
mod combine;
pub mod compute;
pub mod definitions;
pub mod effect;
pub mod react;
mod rules;
mod schemas;
pub mod trial;

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::{
    catalogue::{Catalogue, Plugin, Point, ScriptName, plugin::Combine},
    host::{
        CatalogueNow, Decide, DecideCall, Decision,
        runner::{Run, Runner},
    },
    model::{Blame, Fault, Id, Receipt, Time, receipt::Contribution},
};

pub use check::{CheckReport, Draft, Example, ExampleReport};
pub use compute::Computing;
pub use react::Reaction;

use combine::Combiner;
use rules::Rule;
use schemas::{PointSchemas, Schemas};

/// Answers decision points with scripts.
pub struct Scripts {
    runner: Arc<Runner>,
    catalogue: CatalogueNow,
    failures: Arc<dyn FailureSink>,
    schemas: Schemas,
}

/// Told of every failure of a dealer's script; makes it known and may disable the script. Must not block for long: the
/// plugin that asked is waiting.
pub trait FailureSink: Send + Sync {
    /// A script has failed.
    fn failed(&self, failure: Failure);
}

/// A dealer's script that did not answer as it should.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The script.
    pub script: ScriptName,
    /// Whose it is.
    pub owner: Id,
    /// Which version.
    pub version: u32,
    /// For which organisation it was asked.
    pub org: Id,
    /// When.
    pub at: Time,
    /// What went wrong.
    pub fault: Fault,
}

/// One rule's answer.
struct Said<'a> {
    rule: Rule<'a>,
    output: Map<String, Value>,
}

impl Decide for Scripts {
    fn decide(&self, call: &DecideCall<'_>) -> Result<Decision, Fault> {
        let catalogue = (self.catalogue)();
        let (plugin, point) = catalogue.point(call.point).ok_or_else(|| {
            Fault::guest("not_found", format!("no enabled plugin has the point {:?}", call.point), false)
        })?;
        let schemas = self.schemas.of(plugin, call.point, point).map_err(|wrong| {
            Fault::guest(
                "invalid",
                format!("point {:?} of plugin {}: {wrong}", call.point, plugin.manifest.name),
                false,
            )
        })?;
        schemas.input(call.input).map_err(|wrong| {
            Fault::guest("invalid", format!("the input of {:?} does not fit: {wrong}", call.point), false)
        })?;
        self.ask(call, &catalogue, plugin, point, &schemas)
    }
}

impl Scripts {
    /// Scripts run by `runner`, looked up in the catalogue at every decision.
    pub fn new(runner: Arc<Runner>, catalogue: CatalogueNow, failures: Arc<dyn FailureSink>) -> Scripts {
        Scripts { runner, catalogue, failures, schemas: Schemas::default() }
    }

    /// Ask rules from the nearest owner up, until one has answered or, where answers combine, all have.
    fn ask(
        &self,
        call: &DecideCall<'_>,
        catalogue: &Catalogue,
        plugin: &Plugin,
        point: &Point,
        schemas: &PointSchemas,
    ) -> Result<Decision, Fault> {
        let asks_all = point.combine.values().any(|how| *how != Combine::Replace);
        let mut said: Vec<Said<'_>> = Vec::new();
        let mut passed_over: Vec<String> = Vec::new();
        for rule in rules::chain(catalogue, call, plugin, point) {
            match self.ask_one(call, &rule, schemas) {
                Ok(output) => said.push(Said { rule, output }),
                Err(fault) if fault.blame == Blame::Host || rule.is_builtin() => return Err(fault),
                Err(fault) => passed_over.push(format!("{} of {}: {}", rule.name, rule.owner, fault.message)),
            }
            if !said.is_empty() && !asks_all {
                break;
            }
        }
        let mut output = merged(call, catalogue, point, &said);
        if said.len() > 1
            && let Err(wrong) = schemas.output(&Value::Object(output.clone()))
        {
            // Each answer fits and their combination does not: the built-in rule alone, which was asked last, is safe.
            passed_over.push(format!("the combined answer does not fit: {wrong}"));
            said.drain(..said.len() - 1);
            output = merged(call, catalogue, point, &said);
        }
        let receipt = receipt(call, &said, &output, &passed_over);
        Ok(Decision { output: Value::Object(output), receipt })
    }

    /// Ask one rule; a dealer's failure is reported, the built-in rule's is put into words.
    fn ask_one(
        &self,
        call: &DecideCall<'_>,
        rule: &Rule<'_>,
        schemas: &PointSchemas,
    ) -> Result<Map<String, Value>, Fault> {
        if let Some(owner) = &rule.org
            && call.batch.skips(&rule.name, owner)
        {
            return Err(Fault::guest("deadline", "left out for the rest of this call, it has overrun its time", false));
        }
        self.run(call, rule, schemas).map_err(|mut fault| {
            let Some(owner) = rule.org.as_ref().filter(|_| fault.blame == Blame::Guest) else {
                fault.message = format!("the rule of plugin {} for {:?} failed: {}", rule.owner, call.point, fault.message);
                return fault;
            };
            if fault.code == "deadline" {
                call.batch.skip(&rule.name, owner);
            }
            tracing::warn!(script = %rule.name, script.owner = %owner, code = %fault.code, "a script failed and was passed over");
            self.failures.failed(Failure {
                script: ScriptName::Decision(call.point.to_owned()),
                owner: owner.clone(),
                version: rule.version,
                org: call.org.clone(),
                at: call.now,
                fault: fault.clone(),
            });
            fault
        })
    }

    fn run(&self, call: &DecideCall<'_>, rule: &Rule<'_>, schemas: &PointSchemas) -> Result<Map<String, Value>, Fault> {
        let now = (self.catalogue)().orgs.calendar(call.org).text(call.now);
        let run = Run { source: rule.source, libraries: &[], function: ENTRY, now: &now, parameters: rule.parameters };
        let answers = self.runner.run(run, std::slice::from_ref(call.input), self.runner.limits().decide_ms)?;
        let answer = answers.into_iter().next().ok_or_else(|| Fault::host("the script runner gave no answer"))?;
        let output = answer.map_err(compute::of_problem)?;
        schemas
            .output(&output)
            .map_err(|wrong| Fault::guest("invalid", format!("its answer does not fit: {wrong}"), false))?;
        match output {
            Value::Object(output) => Ok(output),
            _ => Err(Fault::guest("invalid", "its answer is not a map", false)),
        }
    }
}

/// The function a decision's script must have.
const ENTRY: &str = "decide";

fn merged(call: &DecideCall<'_>, catalogue: &Catalogue, point: &Point, said: &[Said<'_>]) -> Map<String, Value> {
    let calendar = catalogue.orgs.calendar(call.org);
    let ends = |span: &str| calendar.due(call.now, &span.parse().ok()?).ok();
    let outputs: Vec<_> = said.iter().map(|said| &said.output).collect();
    Combiner { how: &point.combine, schema: &point.output, ends: &ends }.combine(&outputs)
}

fn receipt(call: &DecideCall<'_>, said: &[Said<'_>], output: &Map<String, Value>, passed_over: &[String]) -> Receipt {
    let (nearest, above) = said.split_first().expect("the built-in rule has answered, or its fault was returned");
    Receipt {
        id: call.receipt.clone(),
        at: call.now,
        org: call.org.clone(),
        point: call.point.to_owned(),
        plugin: call.plugin.to_owned(),
        plugin_version: call.plugin_version.to_owned(),
        script: nearest.rule.name.clone(),
        script_owner: nearest.rule.owner.clone(),
        script_version: nearest.rule.version,
        script_digest: nearest.rule.digest.to_string(),
        input: call.input.clone(),
        output: Value::Object(output.clone()),
        reasons: combine::reasons(std::iter::once(output)),
        fallback: (!passed_over.is_empty()).then(|| passed_over.join("; ")),
        combined: above
            .iter()
            .map(|said| Contribution {
                script_owner: said.rule.owner.clone(),
                script_version: said.rule.version,
                script_digest: said.rule.digest.to_string(),
                output: Value::Object(said.output.clone()),
            })
            .collect(),
    }
}
