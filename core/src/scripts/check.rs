//! Whether a script may be published: it parses, has its entry function, and its examples come out as they should.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Scripts, schemas::PointSchemas};
use crate::{
    catalogue::{Catalogue, Point, ScriptName},
    host::runner::{Function, Problem, Run},
    model::{Time, calendar::Calendar},
};

/// A script as it stands in the editor.
#[derive(Clone, Copy, Debug)]
pub struct Draft<'a> {
    /// What it is to be.
    pub name: &'a ScriptName,
    /// Rhai.
    pub source: &'a str,
    /// What it reads as `PARAMETERS`.
    pub parameters: &'a Value,
    /// The owner's own examples.
    pub examples: &'a [Example],
    /// Of a reaction: what it asks for.
    pub asks: &'a [String],
    /// What it reads as `NOW`.
    pub now: Time,
}

/// An input, and what the owner wants to come out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The input.
    pub input: Value,
    /// What must come out; absent: anything that fits the point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// When it is; absent: now. What goes by the clock needs one, or it would come out differently tomorrow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<Time>,
    /// With other parameters than the script's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Value>,
}

impl Example {
    /// An input that must fit, whatever comes out.
    pub fn of(input: Value) -> Example {
        Example { name: String::new(), input, output: None, now: None, parameters: None }
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CheckReport {
    /// Whether it may be published.
    pub ok: bool,
    /// What is wrong with the script itself.
    pub problems: Vec<Problem>,
    /// How each example came out; the point's own example is first and has no name.
    pub examples: Vec<ExampleReport>,
    /// Of a reaction: the functions it hears with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hears: Vec<String>,
}

/// How one example came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExampleReport {
    /// The example's name, empty for the point's own.
    pub name: String,
    /// Whether it came out right.
    pub ok: bool,
    /// What came out, `null` where nothing did.
    pub got: Value,
    /// What is wrong, empty when nothing is.
    pub message: String,
}

impl Scripts {
    /// Check a draft of a decision.
    pub fn check(&self, catalogue: &Catalogue, draft: Draft<'_>) -> CheckReport {
        let functions = match self.runner.check(draft.source, &[]) {
            Ok(functions) => functions,
            Err(problems) => return CheckReport { problems, ..CheckReport::default() },
        };
        let mut problems: Vec<Problem> = entry(draft.name, &functions).err().into_iter().collect();
        let point = match draft.name {
            ScriptName::Decision(name) => self.point(catalogue, name),
            ScriptName::Computed(_) | ScriptName::Reaction(_) => Ok(None),
        };
        let examples = match point {
            Err(problem) => {
                problems.push(problem);
                Vec::new()
            }
            Ok(_) if !problems.is_empty() => Vec::new(),
            Ok(point) => self.examples(draft, point),
        };
        let ok = problems.is_empty() && examples.iter().all(|example| example.ok);
        CheckReport { ok, problems, examples, hears: Vec::new() }
    }

    /// Whether a source parses and has its entry function.
    ///
    /// # Errors
    /// The first problem.
    pub fn parses(&self, name: &ScriptName, source: &str) -> Result<(), Problem> {
        let functions = self.runner.check(source, &[]).map_err(|problems| {
            problems.into_iter().next().unwrap_or_else(|| problem("parse", "the script does not parse".into()))
        })?;
        entry(name, &functions)
    }

    fn point<'a>(
        &self,
        catalogue: &'a Catalogue,
        name: &str,
    ) -> Result<Option<(&'a Point, Arc<PointSchemas>)>, Problem> {
        let (plugin, point) = catalogue
            .point(name)
            .ok_or_else(|| problem("not_found", format!("no enabled plugin has the point {name:?}")))?;
        let schemas = self.schemas.of(plugin, name, point).map_err(|wrong| problem("invalid", wrong))?;
        Ok(Some((point, schemas)))
    }

    /// The point's own example and the owner's, each in an instance of its own so that one that overruns spoils no other.
    fn examples(&self, draft: Draft<'_>, point: Option<(&Point, Arc<PointSchemas>)>) -> Vec<ExampleReport> {
        let schemas = point.as_ref().map(|(_, schemas)| schemas.as_ref());
        let own = point.as_ref().map(|(point, _)| &point.example).filter(|example| !example.is_null());
        let own = own.map(|input| Example::of(input.clone()));
        own.iter().chain(draft.examples).map(|example| self.example(draft, example, schemas)).collect()
    }

    fn example(&self, draft: Draft<'_>, example: &Example, schemas: Option<&PointSchemas>) -> ExampleReport {
        let report = |got: Value, wrong: Result<(), String>| ExampleReport {
            name: example.name.clone(),
            ok: wrong.is_ok(),
            got,
            message: wrong.err().unwrap_or_default(),
        };
        if let Some(Err(wrong)) = schemas.map(|schemas| schemas.input(&example.input)) {
            return report(Value::Null, Err(format!("the example's input does not fit: {wrong}")));
        }
        let function = draft.name.entry();
        let now = Calendar::default().text(example.now.unwrap_or(draft.now));
        let parameters = example.parameters.as_ref().unwrap_or(draft.parameters);
        let run = Run { source: draft.source, libraries: &[], function, now: &now, parameters };
        let answer = self.runner.run(run, std::slice::from_ref(&example.input), self.runner.limits().decide_ms);
        match answer.map_err(|fault| fault.message).map(|answers| answers.into_iter().next()) {
            Err(message) => report(Value::Null, Err(message)),
            Ok(None) => report(Value::Null, Err("the script runner gave no answer".into())),
            Ok(Some(Err(problem))) => report(
                Value::Null,
                Err(format!("line {}, column {}: {}", problem.line, problem.column, problem.message)),
            ),
            Ok(Some(Ok(got))) => {
                let wrong =
                    schemas.map_or(Ok(()), |schemas| schemas.output(&got)).and_then(|()| expected(example, &got));
                report(got, wrong)
            }
        }
    }
}

/// Every field the example names must come out; others, such as reasons, may.
pub(super) fn expected(example: &Example, got: &Value) -> Result<(), String> {
    match &example.output {
        None => Ok(()),
        Some(Value::Object(wanted)) => {
            let wrong = wanted.iter().find(|(field, value)| got.get(field.as_str()).unwrap_or(&Value::Null) != *value);
            wrong.map_or(Ok(()), |(field, value)| {
                Err(format!("{field} should be {value} and is {}", got.get(field.as_str()).unwrap_or(&Value::Null)))
            })
        }
        Some(wanted) if wanted == got => Ok(()),
        Some(wanted) => Err(format!("it should be {wanted} and is {got}")),
    }
}

/// The function the server calls must be there and take one parameter.
pub(super) fn entry(name: &ScriptName, functions: &[Function]) -> Result<(), Problem> {
    let (is_prefix, wanted) = match name {
        ScriptName::Decision(_) => (false, "decide(input)"),
        ScriptName::Computed(_) => (false, "compute(record)"),
        ScriptName::Reaction(_) => (true, "on_<event>(event)"),
    };
    let is_entry = |function: &str| function == name.entry() || is_prefix && function.starts_with(name.entry());
    let mut entries = functions.iter().filter(|function| is_entry(&function.name)).peekable();
    if entries.peek().is_none() {
        return Err(problem("entry", format!("the script needs a function {wanted}")));
    }
    match entries.find(|function| function.parameters.len() != 1) {
        None => Ok(()),
        Some(function) => {
            let n_parameters = function.parameters.len();
            Err(problem("entry", format!("{} takes {n_parameters} parameters, write it as {wanted}", function.name)))
        }
    }
}

pub(super) fn problem(code: &str, message: String) -> Problem {
    Problem { code: code.into(), message, line: 0, column: 0 }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn function(name: &str, parameters: &[&str]) -> Function {
        Function {
            name: name.into(),
            parameters: parameters.iter().map(ToString::to_string).collect(),
            comment: String::new(),
        }
    }

    #[test]
    fn each_role_has_its_entry_function() {
        let functions =
            [function("decide", &["input"]), function("compute", &[]), function("on_customer_created", &["event"])];
        for (name, message) in [
            ("decision/lead.score", ""),
            ("computed/customer.value", "compute takes 0 parameters, write it as compute(record)"),
            ("reaction/hello", ""),
        ] {
            let found = entry(&name.parse().expect("a name"), &functions).err().map(|problem| problem.message);
            assert_eq!(found.unwrap_or_default(), message, "{name}");
        }
        let missing = entry(&"decision/lead.score".parse().expect("a name"), &functions[1..]).expect_err("no entry");
        assert_eq!(missing.message, "the script needs a function decide(input)");
    }

    #[test]
    fn an_example_names_only_what_it_cares_about() {
        let example = Example { output: Some(json!({ "level": "urgent" })), ..Example::of(json!({})) };
        assert_eq!(expected(&example, &json!({ "level": "urgent", "reasons": [] })), Ok(()));
        assert_eq!(
            expected(&example, &json!({ "level": "general" })),
            Err("level should be \"urgent\" and is \"general\"".to_owned())
        );
    }
}
