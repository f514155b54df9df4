//! Scripts: every rule that ships with the plugin parses and answers its point's example.

use std::sync::Arc;

use marque::{
    catalogue::{Catalogue, ScriptName},
    host::{Host, Limits, runner::Runner},
    model::Time,
    scripts::{Draft, Failure, FailureSink, Scripts},
};
use serde_json::Value;

use super::Subject;
use crate::bench::told;

struct Nobody;

impl FailureSink for Nobody {
    fn failed(&self, _failure: Failure) {}
}

/// What is wrong with `scripts/` and the examples of `points/`.
pub fn findings(subject: &Subject<'_>) -> Vec<String> {
    let points = &subject.plugin.points;
    let computed = &subject.plugin.computed;
    let is_rule = |file: &str| {
        let fields = computed.keys().filter_map(|script| script.strip_prefix("computed/"));
        points.keys().map(String::as_str).chain(fields).any(|rule| file == format!("scripts/{rule}.rhai"))
    };
    let mut findings: Vec<String> = subject
        .package
        .files_in("scripts/")
        .filter(|(file, _)| !is_rule(file))
        .map(|(file, _)| format!("{file}: belongs to no point in owns.points of plugin.toml, and to no computed field"))
        .collect();
    if points.is_empty() && computed.is_empty() {
        return findings;
    }
    match scripts(subject) {
        Err(why) => findings.push(format!("scripts/: not checked: {why}")),
        Ok((scripts, catalogue)) => {
            for (script, source) in computed {
                let parses = script.parse().map_err(told).and_then(|name: ScriptName| {
                    scripts
                        .parses(&name, source)
                        .map_err(|problem| format!("line {}: {}", problem.line, problem.message))
                });
                findings.extend(parses.err().map(|wrong| format!("{script}: {wrong}")));
            }
            for (point, rule) in points {
                let name = ScriptName::Decision(point.clone());
                let draft = Draft {
                    name: &name,
                    source: &rule.source,
                    parameters: &Value::Null,
                    examples: &[],
                    asks: &[],
                    now: Time::from_millis(1_773_367_200_000),
                };
                let report = scripts.check(&catalogue, draft);
                findings.extend(report.problems.iter().map(|problem| {
                    format!(
                        "scripts/{point}.rhai: line {}, column {}: {}",
                        problem.line, problem.column, problem.message
                    )
                }));
                let wrong = report.examples.iter().filter(|example| !example.ok);
                findings.extend(wrong.map(|example| format!("points/{point}.json: its example: {}", example.message)));
            }
        }
    }
    findings
}

fn scripts(subject: &Subject<'_>) -> Result<(Scripts, Arc<Catalogue>), String> {
    let component = subject.house.script_runner().ok_or("the script runner is not built; run `cargo xtask plugins`")?;
    let host = Host::new(Limits::default(), Some(&subject.house.root.join("target/compiled"))).map_err(told)?;
    let runner = Arc::new(Runner::new(&host, &component).map_err(told)?);
    let plugins = subject.neighbours.iter().chain([subject.plugin]);
    let plugins = plugins.map(|plugin| (plugin.manifest.name.clone(), plugin.clone())).collect();
    let catalogue = Arc::new(Catalogue { plugins, ..Catalogue::default() });
    let shared = catalogue.clone();
    Ok((Scripts::new(runner, Arc::new(move || shared.clone()), Arc::new(Nobody)), catalogue))
}
