//! Decision points answered by real scripts: who is asked, how answers combine, and what happens when a dealer's fails.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use marque::{
    catalogue::{Catalogue, Plugin, PluginState, Script, ScriptName},
    host::{Batch, Decide, DecideCall, Decision, Limits},
    model::{
        Blame, Fault, Id,
        calendar::Calendar,
        digest,
        org::{Org, OrgTree},
    },
    scripts::{CheckReport, Draft, Example, Failure, FailureSink, Scripts},
};
use marque_package::Package;
use serde_json::{Value, json};

use super::{
    desk::{NOW, fixed, hurried, id, limits},
    runner::runner,
};

const MANIFEST: &str = r#"
    name = "desk"
    version = "2.0.0"
    contract = 1
    label = "Desk"
    owns = { points = [{ name = "desk.level" }, { name = "desk.free" }, { name = "desk.broken" }] }
"#;

/// Strict about smoke.
const BUILTIN: &str = r#"
    fn decide(input) {
        if input.facts.contains("smoke") { return #{ level: "urgent", response: "2h", reasons: ["smoke"] }; }
        #{ level: "general", response: "24h", reasons: ["nothing special"] }
    }
"#;

fn points() -> Arc<Plugin> {
    let combined = json!({
        "label": "Level",
        "input": { "type": "object", "required": ["facts"], "properties": { "facts": { "type": "string" } } },
        "output": {
            "type": "object", "required": ["level"], "additionalProperties": false,
            "properties": {
                "level": { "enum": ["general", "important", "urgent"] },
                "response": { "type": "string", "format": "span" },
                "reasons": { "type": "array", "items": { "type": "string" } },
            },
            "not": { "properties": { "level": { "const": "urgent" }, "response": { "const": "24h" } }, "required": ["response"] },
        },
        "combine": { "level": "max", "response": "min" },
        "example": { "facts": "rattling" },
    });
    let free = json!({ "label": "Free", "input": {}, "output": { "required": ["said"] } });
    let files = [
        ("plugin.toml", MANIFEST.to_owned()),
        ("points/desk.level.json", combined.to_string()),
        ("scripts/desk.level.rhai", BUILTIN.into()),
        ("points/desk.free.json", free.to_string()),
        ("scripts/desk.free.rhai", "fn decide(input) { #{ said: \"built in\", now: NOW } }".into()),
        ("points/desk.broken.json", free.to_string()),
        ("scripts/desk.broken.rhai", "fn decide(input) { input.no.such.thing }".into()),
    ];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let plugin = Plugin::from_package(&Package::from_files(files.collect()).expect("a package")).expect("a plugin");
    Arc::new(Plugin { state: PluginState::Enabled, ..plugin })
}

/// Maker `hq`, region `north`, dealers `d1` and `d2`.
fn orgs() -> OrgTree {
    let org = |name: &str, parent: Option<&str>| Org {
        r#type: None,
        id: id(name),
        parent: parent.map(id),
        name: name.into(),
        calendar: Calendar::default(),
    };
    OrgTree::new([org("hq", None), org("north", Some("hq")), org("d1", Some("north")), org("d2", Some("north"))])
}

/// Remembers what failed.
#[derive(Default)]
struct Failures(Mutex<Vec<Failure>>);

impl FailureSink for Failures {
    fn failed(&self, failure: Failure) {
        self.0.lock().expect("no test panics here").push(failure);
    }
}

/// Scripts in force, by point, owner and source, and the questions asked of them.
struct Court {
    scripts: Scripts,
    catalogue: Catalogue,
    failures: Arc<Failures>,
    batch: Batch,
}

impl Court {
    fn new(published: &[(&str, &str, &str)]) -> Court {
        Court::under(limits(), published)
    }

    fn under(limits: Limits, published: &[(&str, &str, &str)]) -> Court {
        let script = |(point, owner, source): &(&str, &str, &str)| {
            let name = ScriptName::Decision((*point).into());
            let script = Script {
                org: id(owner),
                version: 3,
                source: (*source).into(),
                digest: digest::hex(source),
                asks: Vec::new(),
                hears: Vec::new(),
                parameters: json!({ "limit": 5 }),
                name,
            };
            ((script.name.to_string(), id(owner)), Arc::new(script))
        };
        let catalogue = Catalogue {
            plugins: BTreeMap::from([("desk".to_owned(), points())]),
            scripts: published.iter().map(script).collect(),
            orgs: Arc::new(orgs()),
            ..Catalogue::default()
        };
        let failures = Arc::new(Failures::default());
        let scripts = Scripts::new(Arc::new(runner(limits)), fixed(catalogue.clone()), failures.clone());
        Court { scripts, catalogue, failures, batch: Batch::default() }
    }

    fn ask(&self, org: &str, point: &str, input: Value) -> Result<Decision, Fault> {
        self.scripts.decide(&DecideCall {
            org: &id(org),
            point,
            input: &input,
            now: NOW,
            plugin: "asker",
            plugin_version: "1.0.0",
            receipt: id("r1"),
            batch: &self.batch,
        })
    }

    fn level(&self, org: &str, facts: &str) -> Decision {
        self.ask(org, "desk.level", json!({ "facts": facts })).expect("a decision")
    }

    fn failures(&self) -> Vec<(Id, u32, String)> {
        let failures = self.failures.0.lock().expect("no test panics here");
        failures.iter().map(|failure| (failure.owner.clone(), failure.version, failure.fault.code.clone())).collect()
    }

    fn check(&self, name: &str, source: &str, examples: &[Example]) -> CheckReport {
        let name = name.parse().expect("a name");
        let draft = Draft { name: &name, source, parameters: &json!({}), examples, asks: &[], now: NOW };
        self.scripts.check(&self.catalogue, draft)
    }
}

fn says(word: &str) -> String {
    format!("fn decide(input) {{ #{{ said: \"{word}\" }} }}")
}

#[test]
fn without_a_script_the_built_in_rule_answers() {
    let decision = Court::new(&[]).level("d1", "smoke under the bonnet");
    assert_eq!(decision.output, json!({ "level": "urgent", "response": "2h", "reasons": ["smoke"] }));
    let receipt = decision.receipt;
    assert_eq!((receipt.script.as_str(), receipt.script_owner.as_str()), ("decision/desk.level", "desk"));
    assert_eq!((receipt.script_version, receipt.script_digest), (0, digest::hex(BUILTIN)));
    assert_eq!((receipt.plugin.as_str(), receipt.plugin_version.as_str()), ("asker", "1.0.0"));
    assert_eq!((receipt.id, receipt.at, receipt.org), (id("r1"), NOW, id("d1")));
    assert_eq!((receipt.input, receipt.output), (json!({ "facts": "smoke under the bonnet" }), decision.output));
    assert_eq!((receipt.reasons, receipt.fallback, receipt.combined), (vec!["smoke".to_owned()], None, vec![]));
}

#[test]
fn the_nearest_owner_answers() {
    let (maker, region, dealer) = (says("maker"), says("region"), says("dealer"));
    let court =
        Court::new(&[("desk.free", "hq", &maker), ("desk.free", "north", &region), ("desk.free", "d1", &dealer)]);
    for (org, said) in [("d1", "dealer"), ("d2", "region"), ("north", "region"), ("hq", "maker")] {
        let decision = court.ask(org, "desk.free", json!({})).expect("a decision");
        assert_eq!((&decision.output["said"], decision.receipt.script_version), (&json!(said), 3), "{org}");
    }
    let digest = court.ask("d1", "desk.free", json!({})).expect("a decision").receipt.script_digest;
    assert_eq!(digest, digest::hex(dealer));
}

#[test]
fn a_script_reads_the_time_and_its_parameters() {
    let court = Court::new(&[("desk.free", "d1", "fn decide(x) { #{ said: `${NOW}`, limit: PARAMETERS.limit } }")]);
    let decision = court.ask("d1", "desk.free", json!({})).expect("a decision");
    assert_eq!(decision.output["limit"], 5);
    assert!(decision.output["said"].as_str().is_some_and(|now| now.starts_with("2026-03-13")), "{}", decision.output);
}

#[test]
fn a_dealer_can_only_be_stricter() {
    let lenient = "fn decide(input) { #{ level: \"general\", response: \"3d\", reasons: [\"a regular\"] } }";
    let decision = Court::new(&[("desk.level", "d1", lenient)]).level("d1", "smoke");
    assert_eq!(decision.output, json!({ "level": "urgent", "response": "2h", "reasons": ["a regular", "smoke"] }));
    assert_eq!((decision.receipt.script_owner.as_str(), decision.receipt.script_version), ("d1", 3));
    let above = &decision.receipt.combined;
    assert_eq!((above.len(), above[0].script_owner.as_str(), above[0].script_version), (1, "desk", 0));
    assert_eq!(above[0].output["level"], "urgent");

    let strict = "fn decide(input) { #{ level: \"important\", response: \"30m\", reasons: [\"we care\"] } }";
    let decision = Court::new(&[("desk.level", "d1", strict)]).level("d1", "rattling");
    assert_eq!(decision.output, json!({ "level": "important", "response": "30m", "reasons": ["we care"] }));
}

#[test]
fn answers_that_do_not_fit_together_give_way_to_the_built_in_rule() {
    // Alone each fits; together they would be urgent with 24 hours, which the schema forbids.
    let urgent = "fn decide(input) { #{ level: \"urgent\", response: \"3d\" } }";
    let decision = Court::new(&[("desk.level", "d1", urgent)]).level("d1", "rattling");
    assert_eq!(decision.output["level"], "general");
    assert_eq!(decision.receipt.script_owner, "desk");
    assert!(decision.receipt.fallback.is_some_and(|why| why.starts_with("the combined answer does not fit")));
}

#[test]
fn a_dealers_script_that_fails_is_passed_over_and_reported() {
    for (source, code, why) in [
        ("fn decide(input) { input.no.such.thing }", "", "line 1"),
        ("fn decide(input) { loop { } }", "limit", "operations"),
        ("fn decide(input) { #{ level: \"enormous\" } }", "invalid", "its answer does not fit: /level"),
        ("fn decide(input) { #{ level: \"general\", response: \"soon\" } }", "invalid", "/response"),
        ("fn decide(input) { \"general\" }", "invalid", "the answer is not a map"),
        ("fn decide(input) {", "parse", "line 1"),
        ("fn other(input) { }", "runtime", "no function decide"),
    ] {
        let court = Court::new(&[("desk.level", "d1", source)]);
        let decision = court.level("d1", "smoke");
        assert_eq!(decision.output["level"], "urgent", "the built-in rule answers instead of {source}");
        assert_eq!(decision.receipt.script_owner, "desk");
        let fallback = decision.receipt.fallback.expect("a reason");
        assert!(fallback.starts_with("decision/desk.level of d1: ") && fallback.contains(why), "{fallback}");
        let failures = court.failures();
        assert_eq!((failures.len(), &failures[0].0, failures[0].1), (1, &id("d1"), 3));
        assert!(failures[0].2.contains(code), "{failures:?}");
    }
}

#[test]
fn the_rule_above_a_failing_script_answers() {
    let region = says("region");
    let court = Court::new(&[("desk.free", "d1", "fn decide(x) { throw \"no\" }"), ("desk.free", "north", &region)]);
    let decision = court.ask("d1", "desk.free", json!({})).expect("a decision");
    assert_eq!((&decision.output["said"], decision.receipt.script_owner.as_str()), (&json!("region"), "north"));
    assert!(decision.receipt.fallback.is_some());
}

#[test]
fn a_script_that_overruns_is_left_out_for_the_rest_of_the_call() {
    let slow = "fn decide(x) { let s = \"a\"; s.pad(32000, 'a'); let t = \"a\"; t.pad(16000, 'a'); t += \"b\";
        for i in 0..100000 { s.contains(t); } #{ said: \"late\" } }";
    let mut court = Court::under(hurried(), &[("desk.free", "d1", slow)]);
    let ask = |court: &Court| {
        court.ask("d1", "desk.free", json!({})).expect("a decision").receipt.fallback.expect("a reason")
    };
    assert!(ask(&court).contains("ran past its deadline"));
    assert!(ask(&court).contains("left out for the rest of this call"));
    assert_eq!(court.failures(), [(id("d1"), 3, "deadline".to_owned())], "it ran once");
    court.batch = Batch::default();
    assert!(ask(&court).contains("ran past its deadline"), "the next call tries it again");
    assert_eq!(court.failures().len(), 2);
}

#[test]
fn a_failing_built_in_rule_is_the_plugins_fault() {
    let fault = Court::new(&[]).ask("d1", "desk.broken", json!({})).expect_err("no answer");
    assert_eq!(fault.blame, Blame::Guest);
    assert!(
        fault.message.starts_with("the rule of plugin desk for \"desk.broken\" failed: line 1"),
        "{}",
        fault.message
    );
}

#[test]
fn a_dealer_may_mend_what_the_plugin_broke() {
    let ours = says("ours");
    let decision = Court::new(&[("desk.broken", "d1", &ours)]).ask("d1", "desk.broken", json!({})).expect("a decision");
    assert_eq!(decision.output["said"], "ours");
}

#[test]
fn a_question_that_does_not_fit_is_refused() {
    let court = Court::new(&[]);
    let code = |point: &str, input: Value| court.ask("d1", point, input).expect_err(point).code;
    assert_eq!(code("desk.level", json!({ "facts": 7 })), "invalid");
    assert_eq!(code("desk.level", json!({})), "invalid");
    assert_eq!(code("desk.unheard", json!({})), "not_found");
}

#[test]
fn the_point_of_a_disabled_plugin_is_not_there() {
    let mut court = Court::new(&[]);
    let disabled = Plugin { state: PluginState::Disabled, ..points().as_ref().clone() };
    court.catalogue.plugins = BTreeMap::from([("desk".to_owned(), Arc::new(disabled))]);
    court.scripts = Scripts::new(Arc::new(runner(limits())), fixed(court.catalogue.clone()), court.failures.clone());
    assert_eq!(court.ask("d1", "desk.free", json!({})).expect_err("not there").code, "not_found");
}

fn example(name: &str, input: Value, output: Option<Value>) -> Example {
    Example { name: name.into(), output, ..Example::of(input) }
}

#[test]
fn a_good_draft_passes_its_own_examples_and_the_points() {
    let own = [example("smoke is urgent", json!({ "facts": "smoke" }), Some(json!({ "level": "urgent" })))];
    let report = Court::new(&[]).check("decision/desk.level", BUILTIN, &own);
    assert!(report.ok, "{report:?}");
    assert_eq!(report.examples.len(), 2);
    assert_eq!((report.examples[0].name.as_str(), &report.examples[0].got["level"]), ("", &json!("general")));
}

#[test]
fn a_draft_is_told_what_is_wrong_with_it() {
    let court = Court::new(&[]);
    let problem = |name: &str, source: &str| {
        let report = court.check(name, source, &[]);
        assert!(!report.ok);
        report.problems.into_iter().next().map(|problem| (problem.code, problem.line)).expect("a problem")
    };
    assert_eq!(problem("decision/desk.level", "fn decide(input) {\n let = 1;\n}"), ("parse".into(), 2));
    assert_eq!(problem("decision/desk.level", "fn decide() { 1 }"), ("entry".into(), 0));
    assert_eq!(problem("decision/desk.unheard", "fn decide(input) { 1 }"), ("not_found".into(), 0));
    assert_eq!(problem("computed/customer.value", "fn decide(input) { 1 }"), ("entry".into(), 0));
    assert_eq!(problem("reaction/hello", "fn hello(event) { }"), ("entry".into(), 0));
    assert_eq!(problem("decision/desk.level", &"x".repeat(40_000)), ("too_large".into(), 0));
}

#[test]
fn an_example_that_comes_out_wrong_stops_a_draft() {
    let court = Court::new(&[]);
    for (source, own, message) in [
        (
            BUILTIN,
            example("e", json!({ "facts": "smoke" }), Some(json!({ "level": "general" }))),
            "level should be \"general\" and is \"urgent\"",
        ),
        (BUILTIN, example("e", json!({}), None), "the example's input does not fit"),
        ("fn decide(input) { #{ level: \"odd\" } }", example("e", json!({ "facts": "" }), None), "/level"),
        ("fn decide(input) { loop {} }", example("e", json!({ "facts": "" }), None), "operations"),
    ] {
        let report = court.check("decision/desk.level", source, &[own]);
        assert!(!report.ok && report.problems.is_empty());
        assert!(report.examples[1].message.contains(message), "{:?}", report.examples[1]);
    }
}

#[test]
fn a_computed_field_is_tried_with_its_examples() {
    let own = [example("sum", json!({ "a": 1 }), Some(json!(2)))];
    assert!(Court::new(&[]).check("computed/customer.value", "fn compute(record) { record.a + 1 }", &own).ok);
}
