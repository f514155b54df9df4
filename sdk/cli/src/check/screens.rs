//! Screens: every view, kind, field and action that `screens/ui.json` names exists.

use marque::model::Kind;
use serde_json::Value;

use super::Subject;

/// Columns of the core that every record has besides its fields.
const COLUMNS: [&str; 5] = ["id", "rev", "org", "created_at", "updated_at"];
/// Where the console lets plugins add something.
const SLOTS: [&str; 7] = [
    "customer.action",
    "customer.banner",
    "customer.card",
    "customer.profile",
    "customer.stat",
    "today.card",
    "today.stat",
];
const MARKS: [&str; 8] = ["bar", "line", "area", "arc", "funnel", "scatter", "pareto", "cells"];

const VIEWS: &str =
    "list, record, form, board, calendar, timeline, card, steps, clock, stat, tiles, chart, action or page";

/// What is wrong with `screens/ui.json`.
pub fn findings(subject: &Subject<'_>) -> Vec<String> {
    let screens = &subject.plugin.screens;
    let mut found = Found { subject, findings: Vec::new() };
    if screens.is_null() {
        return found.findings;
    }
    if screens["ui"] != 1 {
        found.add("/ui", "write 1");
    }
    if screens["plugin"] != subject.plugin.manifest.name.as_str() {
        found.add("/plugin", format!("write {:?}", subject.plugin.manifest.name));
    }
    for part in ["nav", "slots"] {
        for (n, entry) in list(&screens[part]).enumerate() {
            found.view(&format!("/{part}/{n}/view"), &entry["view"]);
            if part == "slots" && !SLOTS.contains(&entry["slot"].as_str().unwrap_or_default()) {
                found.add(
                    &format!("/slots/{n}/slot"),
                    format!("{} is no slot; write {}", entry["slot"], SLOTS.join(", ")),
                );
            }
        }
    }
    for (name, view) in screens["views"].as_object().into_iter().flatten() {
        found.one(&format!("/views/{name}"), view);
    }
    found.findings
}

struct Found<'a> {
    subject: &'a Subject<'a>,
    findings: Vec<String>,
}

impl Found<'_> {
    fn add(&mut self, at: &str, what: impl AsRef<str>) {
        self.findings.push(format!("screens/ui.json: {at}: {}", what.as_ref()));
    }

    fn one(&mut self, at: &str, view: &Value) {
        let subject = self.subject;
        match view["view"].as_str() {
            Some("timeline") => return,
            Some("page") => {
                for (n, cell) in list(&view["grid"]).enumerate() {
                    self.view(&format!("{at}/grid/{n}/view"), &cell["view"]);
                }
                return;
            }
            _ => {}
        }
        let Some(kind) = view["kind"].as_str().and_then(|kind| subject.kinds.get(kind)) else {
            return self.add(&format!("{at}/kind"), format!("there is no kind {}", view["kind"]));
        };
        match view["view"].as_str() {
            Some("list") => self.list(at, kind, view),
            Some("record") => self.record(at, kind, view),
            Some("form" | "action") => self.form(at, kind, view),
            Some("board" | "calendar" | "card" | "steps" | "clock" | "stat" | "tiles" | "chart") => {
                self.drawn(at, kind, view)
            }
            _ => self.add(&format!("{at}/view"), format!("{} is no view; write {VIEWS}", view["view"])),
        }
    }

    /// Boards, calendars, cards, clocks and figures: the fields they name by their keys, and the rows they are of.
    fn drawn(&mut self, at: &str, kind: &Kind, view: &Value) {
        self.filter(&format!("{at}/filter"), kind, &view["filter"]);
        self.order(&format!("{at}/order"), kind, &view["order"]);
        for key in ["by", "start", "due", "x", "y", "colour"] {
            if let Some(name) = view[key].as_str() {
                self.field(&format!("{at}/{key}"), kind, name);
            }
        }
        for (n, field) in list(&view["fields"]).enumerate() {
            self.field(&format!("{at}/fields/{n}"), kind, field.as_str().unwrap_or_default());
        }
        for (n, line) in list(&view["card"]).enumerate() {
            self.field(&format!("{at}/card/{n}/field"), kind, line["field"].as_str().unwrap_or_default());
        }
        for field in ["sum", "min", "max", "avg", "distinct"].iter().filter_map(|how| view["measure"][how].as_str()) {
            self.field(&format!("{at}/measure"), kind, field);
        }
        for (n, action) in list(&view["actions"]).enumerate() {
            self.view(&format!("{at}/actions/{n}/form"), &action["form"]);
        }
        for name in view["tile"].as_object().into_iter().flat_map(serde_json::Map::values) {
            self.field(&format!("{at}/tile"), kind, name.as_str().unwrap_or_default());
        }
        self.clock(at, kind, view);
        let needed = match view["view"].as_str() {
            Some("calendar") => "start",
            Some("clock") => "due",
            Some("chart") if matches!(view["mark"].as_str(), Some("scatter" | "cells")) && !view["x"].is_null() => "y",
            Some("chart") => "x",
            Some("tiles") => "tile",
            _ => "kind",
        };
        if view[needed].is_null() {
            self.add(&format!("{at}/{needed}"), "name a field");
        }
        if view["view"] == "chart" && !MARKS.contains(&view["mark"].as_str().unwrap_or_default()) {
            self.add(&format!("{at}/mark"), format!("{} is no mark; write {}", view["mark"], MARKS.join(", ")));
        }
        if matches!(view["view"].as_str(), Some("board" | "steps")) && view["by"].is_null() && kind.states.is_none() {
            self.add(at, format!("{} has no states: say by which choice", kind.kind));
        }
        if !view["open"].is_null() {
            self.view(&format!("{at}/open"), &view["open"]);
        }
    }

    fn list(&mut self, at: &str, kind: &Kind, view: &Value) {
        for (n, column) in list(&view["columns"]).enumerate() {
            let at = format!("{at}/columns/{n}");
            self.field(&format!("{at}/field"), kind, column["field"].as_str().unwrap_or_default());
            self.clock(&at, kind, column);
        }
        for (n, tab) in list(&view["tabs"]).enumerate() {
            self.filter(&format!("{at}/tabs/{n}/filter"), kind, &tab["filter"]);
            self.order(&format!("{at}/tabs/{n}/order"), kind, &tab["order"]);
        }
        for (part, n, action) in ["actions", "row"]
            .iter()
            .flat_map(|part| list(&view[*part]).enumerate().map(move |(n, each)| (part, n, each)))
        {
            self.view(&format!("{at}/{part}/{n}/form"), &action["form"]);
        }
        for field in
            list(&view["row"]).filter_map(|action| action["with"].as_object()).flat_map(serde_json::Map::values)
        {
            self.field(&format!("{at}/row"), kind, field.as_str().unwrap_or_default());
        }
        self.filter(&format!("{at}/filter"), kind, &view["filter"]);
        self.order(&format!("{at}/order"), kind, &view["order"]);
        if !view["open"].is_null() {
            self.view(&format!("{at}/open"), &view["open"]);
        }
    }

    fn record(&mut self, at: &str, kind: &Kind, view: &Value) {
        for (n, part) in list(&view["layout"]).enumerate() {
            let at = format!("{at}/layout/{n}");
            for (m, field) in list(&part["fields"]).enumerate() {
                self.field(&format!("{at}/fields/{m}"), kind, field.as_str().unwrap_or_default());
            }
            for (m, clock) in list(&part["clocks"]).enumerate() {
                let at = format!("{at}/clocks/{m}");
                self.field(&format!("{at}/due"), kind, clock["due"].as_str().unwrap_or_default());
                self.clock(&at, kind, clock);
            }
            if let Some(rows) = part["rows"].as_str() {
                self.field(&format!("{at}/rows"), kind, rows);
            }
            if part["steps"] == true && kind.states.is_none() {
                self.add(&format!("{at}/steps"), format!("{} has no states", kind.kind));
            }
        }
    }

    /// A form's fields are the properties of its action's input.
    fn form(&mut self, at: &str, kind: &Kind, view: &Value) {
        let subject = self.subject;
        let name = view["action"].as_str().unwrap_or_default();
        let actions = &subject.plugin.manifest.owns.actions;
        let Some(action) = actions.iter().find(|action| action.name == name && action.kind == kind.kind) else {
            return self.add(&format!("{at}/action"), format!("{} has no action {name:?}", kind.kind));
        };
        for (n, row) in list(&view["layout"]).enumerate() {
            let fields = row.as_array().map_or_else(|| vec![row], |row| row.iter().collect());
            for field in fields.into_iter().filter_map(Value::as_str) {
                if action.input["properties"].get(field).is_none() {
                    self.add(&format!("{at}/layout/{n}"), format!("the input of {name:?} has no property {field:?}"));
                }
            }
        }
    }

    fn clock(&mut self, at: &str, kind: &Kind, clock: &Value) {
        if let Some(met) = clock["met"].as_str() {
            self.field(&format!("{at}/met"), kind, met);
        }
        self.filter(&format!("{at}/while"), kind, &clock["while"]);
    }

    fn filter(&mut self, at: &str, kind: &Kind, filter: &Value) {
        for (key, condition) in filter.as_object().into_iter().flatten() {
            match key.as_str() {
                "and" | "or" => list(condition).for_each(|part| self.filter(at, kind, part)),
                "not" => self.filter(at, kind, condition),
                field => self.field(at, kind, field),
            }
        }
    }

    fn order(&mut self, at: &str, kind: &Kind, order: &Value) {
        let keys = order.as_str().unwrap_or_default().split(',').filter(|key| !key.is_empty());
        keys.for_each(|key| self.field(at, kind, key.trim_start_matches('-')));
    }

    /// A field, or a path over refs: `owner.org.city`.
    fn field(&mut self, at: &str, kind: &Kind, path: &str) {
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
        let field = kind.fields.get(name);
        if field.is_none() && !COLUMNS.contains(&name) {
            return self.add(at, format!("{} has no field {name:?}", kind.kind));
        }
        let to = field.and_then(|field| field.to.as_deref()).or((name == "org").then_some("org"));
        match (rest, to.and_then(|to| self.subject.kinds.get(to))) {
            (Some(rest), Some(kind)) => self.field(at, kind, rest),
            (Some(_), None) => self.add(at, format!("{name:?} of {} leads to no other record", kind.kind)),
            (None, _) => {}
        }
    }

    /// A view of this plugin. One of another is written `plugin.view` and is that plugin's business.
    fn view(&mut self, at: &str, name: &Value) {
        let known = &self.subject.plugin.screens["views"];
        match name.as_str() {
            Some(name) if known.get(name).is_some() || name.contains('.') => {}
            _ => self.add(at, format!("there is no view {name}")),
        }
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
