//! A decision made again from its receipt: the same rules, the same input, the same time, and so the same answer.

use serde_json::{Map, Value, json};

use super::{ENTRY, Scripts, combine::Combiner, compute, compute::of_problem};
use crate::{
    catalogue::{ScriptName, ear},
    host::runner::Run,
    model::{Fault, Field, Receipt},
};

/// A rule as it was when it had its say.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Rhai.
    pub source: String,
    /// What it read as `PARAMETERS`.
    pub parameters: Value,
}

impl Scripts {
    /// What rules come to, the nearest first, with the input and at the time of a receipt. `field` is the one that is computed, if one is.
    ///
    /// # Errors
    /// The fault of a rule, or of the server.
    pub fn again(
        &self,
        receipt: &Receipt,
        rules: &[Kept],
        input: &Value,
        field: Option<&Field>,
    ) -> Result<Value, Fault> {
        let name = receipt.script.parse::<ScriptName>().map_err(|error| Fault::host(error.message))?;
        let said = |function: &str| rules.iter().map(|rule| self.say(receipt, rule, function, input)).collect();
        match &name {
            ScriptName::Decision(_) => {
                let said: Vec<Value> = Result::from_iter::<Vec<Result<Value, Fault>>>(said(ENTRY))?;
                let said: Vec<&Map<String, Value>> = said.iter().filter_map(Value::as_object).collect();
                Ok(self.put_together(receipt, &said))
            }
            ScriptName::Computed(script) => {
                let said: Vec<Result<Value, Fault>> = said(compute::ENTRY);
                let said = said.into_iter().next().unwrap_or(Ok(Value::Null))?;
                let Some(field) = field else { return Ok(said) };
                let own = script.rsplit('.').next().unwrap_or(script);
                let answered =
                    compute::Answered::read(own, field, said).map_err(|wrong| Fault::guest("invalid", wrong, false))?;
                Ok(json!(answered.value))
            }
            ScriptName::Reaction(_) => {
                let said: Vec<Result<Value, Fault>> = said(&ear(input["kind"].as_str().unwrap_or_default()));
                let said = said.into_iter().next().unwrap_or(Ok(Value::Null))?;
                Ok(json!({ "commands": said }))
            }
        }
    }

    fn say(&self, receipt: &Receipt, rule: &Kept, function: &str, input: &Value) -> Result<Value, Fault> {
        let now = (self.catalogue)().orgs.calendar(&receipt.org).text(receipt.at);
        let run = Run { source: &rule.source, libraries: &[], function, now: &now, parameters: &rule.parameters };
        let answers = self.runner.run(run, std::slice::from_ref(input), self.runner.limits().decide_ms)?;
        let answer = answers.into_iter().next().ok_or_else(|| Fault::host("the script runner gave no answer"))?;
        answer.map_err(of_problem)
    }

    /// As the point combines its owners' answers.
    fn put_together(&self, receipt: &Receipt, said: &[&Map<String, Value>]) -> Value {
        let catalogue = (self.catalogue)();
        let point = catalogue.plugins.values().find_map(|plugin| plugin.points.get(&receipt.point));
        let Some(point) = point.filter(|_| said.len() > 1) else {
            return said.first().map_or(Value::Null, |only| Value::Object((*only).clone()));
        };
        let calendar = catalogue.orgs.calendar(&receipt.org);
        let ends = |span: &str| calendar.due(receipt.at, &span.parse().ok()?).ok();
        Value::Object(Combiner { how: &point.combine, schema: &point.output, ends: &ends }.combine(said))
    }
}
