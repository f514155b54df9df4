//! The check finds nothing in a fresh plugin, and names each mistake made in it.

use std::fs;

use super::*;
use crate::new;

/// A fresh plugin in a workspace of its own, with one file changed.
fn findings_after(file: &str, from: &str, to: &str) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    let folder = root.path().join("plugins/greeter");
    new::write(&folder, "greeter").unwrap();
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} does not contain {from:?}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
    findings(&House::of(&folder).unwrap())
}

#[track_caller]
fn one_finding(file: &str, from: &str, to: &str) -> String {
    let findings = findings_after(file, from, to);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    findings[0].clone()
}

#[test]
fn a_fresh_plugin_has_no_findings() {
    assert_eq!(findings_after("README.md", "greeter", "greeter"), Vec::<String>::new());
}

#[test]
fn the_manifest_is_read_with_the_servers_eyes() {
    let finding = one_finding("plugin.toml", "contract = 1", "contract = 9");
    assert!(finding.contains("contract 9"), "{finding}");
}

#[test]
fn names_that_point_at_nothing_are_found() {
    let finding = one_finding("plugin.toml", "event = \"customer.created\"", "event = \"greeter.card.lost\"");
    assert!(finding.starts_with("plugin.toml: hears \"greeter.card.lost\""), "{finding}");
    let finding = one_finding("plugin.toml", "record.move:greeter.card", "record.shove:greeter.card");
    assert!(finding.contains("record.shove"), "{finding}");
    let finding = one_finding("plugin.toml", "[owns]", "points = [\"nowhere\"]\n[owns]");
    assert!(finding.contains("asks.points has \"nowhere\""), "{finding}");
}

#[test]
fn a_wrong_kind_is_named_with_its_file() {
    let finding = one_finding("records/greeter.card.json", "\"title\": \"number\"", "\"title\": \"nothing\"");
    assert!(finding.contains("records/greeter.card.json"), "{finding}");
}

#[test]
fn both_languages_have_the_same_texts() {
    let key = "  \"event.greeter.card.created\": \"Made a welcome card\",\n";
    assert_eq!(
        one_finding("texts/en.json", key, ""),
        "texts/en.json: lacks \"event.greeter.card.created\", which texts/zh-CN.json has"
    );
}

#[test]
fn screens_refer_to_what_exists() {
    for (from, to, expected) in [
        ("\"field\": \"due\"", "\"field\": \"dew\"", "/views/cards/columns/2/field: greeter.card has no field \"dew\""),
        ("\"open\": \"card\"", "\"open\": \"kard\"", "/views/cards/open: there is no view \"kard\""),
        (
            "\"filter\": { \"state\"",
            "\"filter\": { \"stat\"",
            "/views/cards/tabs/0/filter: greeter.card has no field \"stat\"",
        ),
        (
            "\"field\": \"customer\"",
            "\"field\": \"customer.ort\"",
            "/views/cards/columns/1/field: customer has no field \"ort\"",
        ),
        ("\"view\": \"byCustomer\"", "\"view\": \"mine\"", "/slots/0/view: there is no view \"mine\""),
        (
            "\"view\": \"list\"",
            "\"view\": \"heatmap\"",
            "/views/cards/view: \"heatmap\" is no view; write list, record, form, board, calendar, timeline, card, steps, clock, stat, tiles, chart, action or page",
        ),
        (
            "\"view\": \"list\"",
            "\"view\": \"chart\", \"mark\": \"pie\", \"x\": \"state\"",
            "/views/cards/mark: \"pie\" is no mark; write bar, line, area, arc, funnel, scatter, pareto, cells",
        ),
        (
            "\"slot\": \"customer.card\"",
            "\"slot\": \"customer.hat\"",
            "/slots/0/slot: \"customer.hat\" is no slot; write customer.action, customer.banner, customer.card, customer.profile, customer.stat, today.card, today.stat",
        ),
    ] {
        assert_eq!(one_finding("screens/ui.json", from, to), format!("screens/ui.json: {expected}"));
    }
    assert_eq!(
        findings_after("screens/ui.json", "\"field\": \"customer\"", "\"field\": \"customer.owner.name\""),
        Vec::<String>::new()
    );
}

#[test]
fn cases_are_about_what_exists() {
    let finding = one_finding("cases/send.json", "\"action\": \"send\"", "\"action\": \"burn\"");
    assert_eq!(finding, "cases/send.json: an open card is sent: greeter.card has no action \"burn\"");
    let finding = one_finding("cases/welcome.json", "\"given\"", "\"gives\"");
    assert!(finding.contains("unknown field `gives`"), "{finding}");
}
