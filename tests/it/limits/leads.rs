//! Scoring a lead as domain C04 has it: the built-in rule in Rhai, a dealer's own beside it, and what happens when that one is out of bounds.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use marque::{
    catalogue::{Canary, Catalogue, Plugin, PluginState, Script, ScriptName},
    host::{Batch, Decide, DecideCall, Decision},
    model::{
        calendar::Calendar,
        digest,
        org::{Org, OrgTree},
    },
    scripts::{Failure, FailureSink, Scripts},
};
use marque_package::Package;
use serde_json::{Value, json};

use super::{
    desk::{NOW, fixed, id, limits},
    runner::runner,
};

const MANIFEST: &str = r#"
    name = "leads"
    version = "1.0.0"
    contract = 1
    label = "Leads"
    owns = { points = [{ name = "lead.score" }] }
"#;

const BUILTIN: &str = r#"
    fn decide(input) {
        let parts = #{
            source: #{ showroom: 20, referral: 20, web: 15, phone: 15, event: 8, card: 3 }[input.source] ?? 0,
            window: if input.window_days <= 7 { 25 } else if input.window_days <= 15 { 18 } else if input.window_days <= 30 { 12 } else { 6 },
            budget: if input.budget_fits { 10 } else { 0 },
            trade_in: if input.has_trade_in { 5 } else { 0 },
            test_drive: #{ done: 15, booked: 8 }[input.test_drive] ?? 0,
            visits: min(10, 5 * max(0, input.n_visits - 1)),
            views: min(10, 2 * input.n_views),
            silence: -min(20, 2 * (input.silent_days / 3)),
        };
        let score = 0;
        let reasons = [];
        for name in parts.keys() {
            score += parts[name];
            if parts[name] != 0 { reasons.push(`${name} ${parts[name]}`); }
        }
        #{ score: max(0, min(100, score)), reasons: reasons }
    }
"#;

fn leads() -> Arc<Plugin> {
    let point = json!({
        "label": "Score",
        "input": { "type": "object", "required": ["source", "window_days"] },
        "output": {
            "type": "object", "required": ["score", "reasons"],
            "properties": { "score": { "type": "integer", "minimum": 0, "maximum": 100 }, "reasons": { "type": "array" } },
        },
    });
    let files = [
        ("plugin.toml", MANIFEST.to_owned()),
        ("points/lead.score.json", point.to_string()),
        ("scripts/lead.score.rhai", BUILTIN.into()),
    ];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes()));
    let plugin = Plugin::from_package(&Package::from_files(files.collect()).expect("a package")).expect("a plugin");
    Arc::new(Plugin { state: PluginState::Enabled, ..plugin })
}

#[derive(Default)]
struct Failures(Mutex<Vec<Failure>>);

impl FailureSink for Failures {
    fn failed(&self, failure: Failure) {
        self.0.lock().expect("no test panics here").push(failure);
    }
}

fn script(source: &str) -> Arc<Script> {
    Arc::new(Script {
        name: ScriptName::Decision("lead.score".into()),
        org: id("d1"),
        version: 1,
        source: source.into(),
        digest: digest::hex(source),
        parameters: json!({}),
        asks: Vec::new(),
        hears: Vec::new(),
    })
}

fn key() -> (String, marque::model::Id) {
    ("decision/lead.score".to_owned(), id("d1"))
}

fn catalogue() -> Catalogue {
    let org = |name: &str, parent: Option<&str>| Org {
        r#type: None,
        id: id(name),
        parent: parent.map(id),
        name: name.into(),
        calendar: Calendar::default(),
    };
    Catalogue {
        plugins: BTreeMap::from([("leads".to_owned(), leads())]),
        orgs: Arc::new(OrgTree::new([org("hq", None), org("d1", Some("hq"))])),
        ..Catalogue::default()
    }
}

fn scored(catalogue: Catalogue, input: &Value) -> (Decision, usize) {
    let failures = Arc::new(Failures::default());
    let scripts = Scripts::new(Arc::new(runner(limits())), fixed(catalogue), failures.clone());
    let decision = scripts.decide(&DecideCall {
        org: &id("d1"),
        point: "lead.score",
        input,
        now: NOW,
        plugin: "leads",
        plugin_version: "1.0.0",
        receipt: id("r1"),
        batch: &Batch::default(),
    });
    let n_failures = failures.0.lock().expect("no test panics here").len();
    (decision.expect("a decision"), n_failures)
}

fn lead() -> Value {
    json!({
        "customer": "c1", "source": "web", "window_days": 12, "budget_fits": true, "has_trade_in": true, "test_drive": "booked",
        "n_visits": 1, "n_views": 3, "silent_days": 0,
    })
}

#[test]
fn a_web_quote_with_a_trade_in_and_a_test_drive_booked_scores_62() {
    let (decision, _) = scored(catalogue(), &lead());
    assert_eq!(decision.output["score"], 62, "{}", decision.output);
    let reasons = ["budget 10", "source 15", "test_drive 8", "trade_in 5", "views 6", "window 18"];
    assert_eq!(decision.receipt.reasons, reasons);
    let mut silent = lead();
    silent["silent_days"] = json!(8);
    assert_eq!(scored(catalogue(), &silent).0.output["score"], 58, "two for each full three days");
}

#[test]
fn a_score_of_140_is_refused_and_the_built_in_one_counts() {
    let wild = script("fn decide(input) { #{ score: 140, reasons: [] } }");
    let catalogue = Catalogue { scripts: HashMap::from([(key(), wild)]), ..catalogue() };
    let (decision, n_failures) = scored(catalogue, &lead());
    assert_eq!((&decision.output["score"], n_failures), (&json!(62), 1));
    assert!(decision.receipt.fallback.is_some());
}

#[test]
fn a_customer_stays_with_the_version_that_is_on_trial() {
    let trial = script("fn decide(input) { #{ score: 99, reasons: [] } }");
    let share = |share: u8| {
        let canary = Canary { share, script: trial.clone() };
        Catalogue { canaries: HashMap::from([(key(), canary)]), ..catalogue() }
    };
    let inside = |share_of: u8| -> Vec<usize> {
        let canary = Canary { share: share_of, script: trial.clone() };
        (0..1000).filter(|n| canary.holds(&format!("customer {n}"))).collect()
    };
    let (few, many) = (inside(10), inside(50));
    assert!((50..150).contains(&few.len()) && (400..600).contains(&many.len()), "{} and {}", few.len(), many.len());
    assert!(few.iter().all(|n| many.contains(n)), "who is inside stays inside");
    for (n, is_inside) in [(few[0], true), ((0..1000).find(|n| !many.contains(n)).expect("one"), false)] {
        let mut input = lead();
        input["customer"] = json!(format!("customer {n}"));
        let wanted = if is_inside { 99 } else { 62 };
        assert_eq!(scored(share(50), &input).0.output["score"], wanted);
    }
}
