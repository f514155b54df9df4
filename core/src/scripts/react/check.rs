//! Whether a reaction may be published: it hears events that there are, asks for what there is to ask for, and its examples come out.

use serde_json::Value;

use super::{Asked, said};
use crate::{
    catalogue::{Catalogue, Script, ScriptName, ear},
    host::runner::{Function, Problem},
    model::{Event, Fault, Id, Time, digest, kind::HOUSE},
    scripts::{
        CheckReport, Draft, Example, ExampleReport, Scripts,
        check::{entry, expected, problem},
        definitions::{self, Kinds},
    },
};

impl Scripts {
    /// Check a draft of a reaction of `org`. An example's input is an event, its output the command or the list of commands.
    pub fn check_reaction(&self, catalogue: &Catalogue, kinds: &Kinds, draft: Draft<'_>, org: &Id) -> CheckReport {
        let functions = match self.runner.check(draft.source, &[]) {
            Ok(functions) => functions,
            Err(problems) => return CheckReport { ok: false, problems, examples: Vec::new(), hears: Vec::new() },
        };
        let hears = ears(&functions);
        let mut problems: Vec<Problem> = entry(draft.name, &functions).err().into_iter().collect();
        problems.extend(unheard_of(catalogue, kinds, &hears));
        problems.extend(wrong_asks(kinds, draft.asks).into_iter().map(|wrong| problem("asks", wrong)));
        let examples: Vec<ExampleReport> = if problems.is_empty() {
            let script = drafted(draft, org, hears.clone());
            draft.examples.iter().map(|example| self.try_reaction(&script, org, draft.now, example)).collect()
        } else {
            Vec::new()
        };
        let ok = problems.is_empty() && examples.iter().all(|example| example.ok);
        CheckReport { ok, problems, examples, hears }
    }

    fn try_reaction(&self, script: &Script, org: &Id, now: Time, example: &Example) -> ExampleReport {
        let (got, wrong) = match event_of(&example.input, org, example.now.unwrap_or(now)) {
            Err(wrong) => (Value::Null, Err(wrong)),
            Ok(event) if !script.hears.contains(&ear(&event.kind)) => {
                (Value::Null, Err(format!("the script has no function {} for this event", ear(&event.kind))))
            }
            Ok(event) => {
                let parameters = example.parameters.clone().unwrap_or_else(|| script.parameters.clone());
                let script = &Script { parameters, ..script.clone() };
                let asked = Asked { script, org, event: &event, input: example.input.clone() };
                let said = self.react(&[asked]).and_then(|mut said| {
                    said.pop().unwrap_or_else(|| Err(Fault::host("the script runner gave no answer")))
                });
                match said {
                    Err(fault) => (Value::Null, Err(fault.message)),
                    Ok(said) => {
                        let got = listed(&said.receipt.output["commands"]);
                        let wrong = as_expected(example, &got);
                        (got, wrong)
                    }
                }
            }
        };
        let (ok, message) = (wrong.is_ok(), wrong.err().unwrap_or_default());
        ExampleReport { name: example.name.clone(), ok, got, message }
    }
}

/// A draft as the script it would be.
pub(super) fn drafted(draft: Draft<'_>, org: &Id, hears: Vec<String>) -> Script {
    Script {
        name: draft.name.clone(),
        org: org.clone(),
        version: 0,
        source: draft.source.into(),
        digest: digest::hex(draft.source),
        parameters: draft.parameters.clone(),
        asks: draft.asks.to_vec(),
        hears,
    }
}

/// The functions that hear.
pub(super) fn ears(functions: &[Function]) -> Vec<String> {
    let prefix = ScriptName::Reaction(String::new()).entry();
    functions.iter().map(|function| function.name.clone()).filter(|name| name.starts_with(prefix)).collect()
}

/// One command for each that is expected, in order; of each the fields that the example names.
fn as_expected(example: &Example, got: &Value) -> Result<(), String> {
    let Some(wanted) = example.output.as_ref().map(listed) else { return Ok(()) };
    let (Value::Array(wanted), Value::Array(said)) = (&wanted, got) else { return Ok(()) };
    if wanted.len() != said.len() {
        return Err(format!("{} commands should come out and {} do", wanted.len(), said.len()));
    }
    wanted.iter().zip(said).enumerate().try_for_each(|(n, (wanted, said))| {
        let one = Example { output: Some(wanted.clone()), ..example.clone() };
        expected(&one, said).map_err(|wrong| format!("command {}: {wrong}", n + 1))
    })
}

/// Nothing, one command or several, as a list.
fn listed(said: &Value) -> Value {
    match said {
        Value::Null => Value::Array(Vec::new()),
        Value::Array(_) => said.clone(),
        one => Value::Array(vec![one.clone()]),
    }
}

/// An event as an example tells it.
fn event_of(input: &Value, org: &Id, now: Time) -> Result<Event, String> {
    let kind =
        input["kind"].as_str().ok_or("the example's input is an event and needs its `kind`, customer.created")?;
    let id = |name: &str| input[name].as_str().and_then(|id| id.parse().ok());
    Ok(Event {
        seq: 0,
        kind: kind.to_owned(),
        at: input["at"].as_str().and_then(|at| at.parse().ok()).unwrap_or(now),
        org: id("org").unwrap_or_else(|| org.clone()),
        subject: id("subject"),
        actor: "system".into(),
        cause: None,
        depth: 0,
        record: None,
        data: input["data"].clone(),
    })
}

/// Functions that no event would ever call.
fn unheard_of(catalogue: &Catalogue, kinds: &Kinds, hears: &[String]) -> Vec<Problem> {
    let known = definitions::ears(catalogue, kinds);
    let told = |function: &String| {
        problem(
            "event",
            format!(
                "no event calls {function}: write on_<kind>_created, on_<kind>_changed or on_<kind>_<event> for an event that there is"
            ),
        )
    };
    hears.iter().filter(|function| known.binary_search(function).is_err()).map(told).collect()
}

/// What is wrong with the commands a reaction asks for.
fn wrong_asks(kinds: &Kinds, asks: &[String]) -> Vec<String> {
    let known = definitions::asks(kinds);
    asks.iter().filter(|ask| !known.contains(ask)).map(|ask| wrong_ask(kinds, ask)).collect()
}

fn wrong_ask(kinds: &Kinds, ask: &str) -> String {
    let shown: String = ask.chars().take(80).collect();
    let known =
        ask.split_once(':').filter(|(command, _)| said::COMMANDS.contains(command) && command.starts_with("record."));
    match known {
        None => format!(
            "asks: {shown:?} is none of message.send, record.create:<kind>, record.change:<kind>, record.move:<kind>"
        ),
        Some((_, kind)) if !kinds.contains_key(kind) => format!("asks: {shown:?} names a kind that there is not"),
        Some((_, kind)) if HOUSE.contains(&kind) => format!("asks: a {kind} is never a script's to change"),
        Some((command, kind)) if kinds[kind].is_open_to_scripts(command) => {
            format!("asks: {kind} has no states to move between")
        }
        Some((command, kind)) => {
            format!("asks: {kind} is written by its plugin alone, {command} of it is not open to scripts")
        }
    }
}
