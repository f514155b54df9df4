//! Whether a computed field's script may be published: as other scripts, and its answers fit the field.

use serde_json::{Value, json};

use super::{Answered, ENTRY, input, of_problem, order};
use crate::{
    catalogue::Catalogue,
    host::runner::Run,
    model::{Field, Id, Kind, Record},
    scripts::{
        CheckReport, Draft, Example, ExampleReport, Scripts,
        check::{entry, expected, problem},
    },
};

impl Scripts {
    /// Check a draft of the script of `target`, a kind's field, for an organisation. It is tried on the owner's examples and,
    /// if there is one, on a record as it stands.
    pub fn check_computed(
        &self,
        catalogue: &Catalogue,
        draft: Draft<'_>,
        org: &Id,
        target: Option<(&Kind, &str)>,
        sample: Option<&Record>,
    ) -> CheckReport {
        let refused = |problems| CheckReport { ok: false, problems, ..CheckReport::default() };
        let functions = match self.runner.check(draft.source, &[]) {
            Ok(functions) => functions,
            Err(problems) => return refused(problems),
        };
        if let Err(problem) = entry(draft.name, &functions) {
            return refused(vec![problem]);
        }
        let known = target.and_then(|(kind, name)| Some((kind, name, kind.fields.get(name)?)));
        let Some((kind, name, field)) = known else {
            return refused(vec![problem("not_found", format!("no kind has a field that {} computes", draft.name))]);
        };
        if let Some(circle) = order::cycle(catalogue, kind, org, name, draft.source) {
            let message =
                format!("{} read one another in a circle: none of them could be computed", circle.join(" → "));
            return refused(vec![problem("cycle", message)]);
        }
        let sample = sample.map(|record| Example::of(seen(kind, record)));
        let tried = sample.iter().chain(draft.examples);
        let examples: Vec<ExampleReport> =
            tried.map(|example| self.try_computed(catalogue, draft, org, example, name, field)).collect();
        CheckReport { ok: examples.iter().all(|example| example.ok), examples, ..CheckReport::default() }
    }

    fn try_computed(
        &self,
        catalogue: &Catalogue,
        draft: Draft<'_>,
        org: &Id,
        example: &Example,
        name: &str,
        field: &Field,
    ) -> ExampleReport {
        let now = catalogue.orgs.calendar(org).text(example.now.unwrap_or(draft.now));
        let parameters = example.parameters.as_ref().unwrap_or(draft.parameters);
        let run = Run { source: draft.source, libraries: &[], function: ENTRY, now: &now, parameters };
        let answers = self.runner.run(run, std::slice::from_ref(&example.input), self.runner.limits().decide_ms);
        let said = answers.and_then(|mut answers| match answers.pop() {
            Some(answer) => answer.map_err(of_problem),
            None => Ok(Value::Null),
        });
        let answered = said.map_err(|fault| fault.message).and_then(|said| Answered::read(name, field, said));
        let (got, wrong) = match answered {
            Err(wrong) => (Value::Null, Err(wrong)),
            Ok(answered) => {
                let plain = json!(answered.value);
                let full = json!({ "value": plain, "reasons": answered.reasons, "next_at": answered.next_at });
                let is_full = example.output.as_ref().is_some_and(Value::is_object);
                let wrong = expected(example, if is_full { &full } else { &plain });
                (full, wrong)
            }
        };
        let (ok, message) = (wrong.is_ok(), wrong.err().unwrap_or_default());
        ExampleReport { name: example.name.clone(), ok, got, message }
    }
}

/// A record as its scripts see it, computed fields as they stand.
pub(in crate::scripts) fn seen(kind: &Kind, record: &Record) -> Value {
    let mut seen = input(kind, record);
    let computed = kind.fields.computed().filter(|(_, field, _)| !field.personal);
    seen.extend(computed.filter_map(|(name, _, _)| Some((name.to_owned(), record.data.get(name)?.clone()))));
    Value::Object(seen)
}
