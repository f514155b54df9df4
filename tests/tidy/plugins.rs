//! The shape of a plugin's folder, which is also what a dealer installs: what must be there, in both languages.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::house::{Source, catches, files_under, folders, refuse};

/// The languages every text for people comes in.
pub const LANGUAGES: [&str; 2] = ["zh-CN", "en"];
/// Keys of a plugin's JSON files that hold a text for people.
const LABELS: [&str; 4] = ["label", "plural", "help", "guard_text"];

/// One plugin's written files, paths from the root.
struct Plugin {
    name: String,
    files: Vec<Source>,
}

impl Plugin {
    fn load(name: &str) -> Plugin {
        let files = files_under(&format!("plugins/{name}"), &[".toml", ".json", ".md", ".rs", ".rhai"]);
        Plugin { name: name.into(), files }
    }

    fn file(&self, path: &str) -> Option<&Source> {
        let path = format!("plugins/{}/{path}", self.name);
        self.files.iter().find(|file| file.path == path)
    }

    fn files_in<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a Source> {
        let folder = format!("plugins/{}/{folder}/", self.name);
        self.files.iter().filter(move |file| file.path.starts_with(&folder))
    }
}

fn all() -> Vec<Plugin> {
    folders("plugins").iter().map(|name| Plugin::load(name)).collect()
}

fn shape(plugin: &Plugin) -> Vec<String> {
    let name = &plugin.name;
    let mut problems: Vec<String> = ["README.md", "plugin.toml", "texts/zh-CN.json", "texts/en.json"]
        .iter()
        .filter(|path| plugin.file(path).is_none())
        .map(|path| format!("plugins/{name}: no {path}"))
        .collect();
    if plugin.files_in("cases").next().is_none() {
        problems.push(format!("plugins/{name}: no cases/*.json: say in at least one case what it does"));
    }
    problems
}

/// The manifest names itself after the folder, and what it owns lies in the folder.
fn manifest(plugin: &Plugin) -> Vec<String> {
    let Some(file) = plugin.file("plugin.toml") else { return Vec::new() };
    let table: toml::Table = match file.text.parse() {
        Ok(table) => table,
        Err(error) => return vec![format!("{}: {error}", file.path)],
    };
    let mut problems = Vec::new();
    if table.get("name").and_then(toml::Value::as_str) != Some(&plugin.name) {
        problems.push(format!("{}: `name` is the folder's name, {:?}", file.path, plugin.name));
    }
    for text in ["label", "description"] {
        let has_all = LANGUAGES.iter().all(|tag| table.get(text).is_some_and(|text| text.get(tag).is_some()));
        if !has_all {
            problems.push(format!("{}: `{text}` needs {}", file.path, LANGUAGES.join(" and ")));
        }
    }
    let kinds = table.get("owns").and_then(|owns| owns.get("kinds")).and_then(toml::Value::as_array);
    for kind in kinds.into_iter().flatten().filter_map(toml::Value::as_str) {
        if plugin.file(&format!("records/{kind}.json")).is_none() {
            problems.push(format!("{}: owns {kind}, but there is no records/{kind}.json", file.path));
        }
    }
    problems
}

fn texts(plugin: &Plugin) -> Vec<String> {
    let [Some(one), Some(other)] = LANGUAGES.map(|tag| plugin.file(&format!("texts/{tag}.json"))) else {
        return Vec::new();
    };
    equal_keys(one, other)
}

/// Both files hold the same keys, however deep, and no empty text.
pub fn equal_keys(one: &Source, other: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    let mut keys = |file: &Source| {
        let mut keys = BTreeSet::new();
        match serde_json::from_str(&file.text) {
            Ok(value) => leaves(&value, String::new(), &mut |key, leaf| {
                if leaf.as_str().is_some_and(|text| text.trim().is_empty()) {
                    problems.push(format!("{}: {key} is empty", file.path));
                }
                keys.insert(key);
            }),
            Err(error) => problems.push(format!("{}: {error}", file.path)),
        }
        keys
    };
    let (ours, theirs) = (keys(one), keys(other));
    problems.extend(ours.difference(&theirs).map(|key| format!("{}: no {key}, but {} has it", other.path, one.path)));
    problems.extend(theirs.difference(&ours).map(|key| format!("{}: no {key}, but {} has it", one.path, other.path)));
    problems
}

fn leaves(value: &Value, path: String, found: &mut impl FnMut(String, &Value)) {
    match value.as_object() {
        Some(object) => {
            for (key, value) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(value, path, found);
            }
        }
        None => found(path, value),
    }
}

/// Every label of a record, a point or a screen is there in both languages.
fn labels(file: &Source) -> Vec<String> {
    let must_be_localized = file.path.contains("/records/");
    match serde_json::from_str(&file.text) {
        Ok(value) => {
            let mut problems = Vec::new();
            labels_in(&value, "", must_be_localized, &mut problems);
            problems.into_iter().map(|problem| format!("{}{problem}", file.path)).collect()
        }
        Err(error) => vec![format!("{}: {error}", file.path)],
    }
}

fn labels_in(value: &Value, at: &str, must_be_localized: bool, problems: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                labels_in(item, &format!("{at}/{n}"), must_be_localized, problems);
            }
        }
        Value::Object(object) => {
            let has =
                |tag: &&&str| object.get(**tag).and_then(Value::as_str).is_some_and(|text| !text.trim().is_empty());
            let n_languages = LANGUAGES.iter().filter(has).count();
            if n_languages == 1 {
                problems.push(format!("#{at}: a text in {} only", LANGUAGES.iter().find(has).unwrap_or(&"")));
            }
            for (key, value) in object {
                let is_plain = value.is_string() && LABELS.contains(&key.as_str());
                // A field may be called `label`: then its value is an object, and this looks inside.
                if is_plain && must_be_localized {
                    problems.push(format!("#{at}/{key}: say it in {}", LANGUAGES.join(" and ")));
                }
                labels_in(value, &format!("{at}/{key}"), must_be_localized, problems);
            }
        }
        _ => {}
    }
}

/// A case says its name, what happened and what must follow.
fn case(file: &Source) -> Vec<String> {
    let value: Value = match serde_json::from_str(&file.text) {
        Ok(value) => value,
        Err(error) => return vec![format!("{}: {error}", file.path)],
    };
    let cases = value.as_array().cloned().unwrap_or_else(|| vec![value]);
    cases
        .iter()
        .flat_map(|case| ["name", "now", "when", "then"].into_iter().filter(|key| case.get(key).is_none()))
        .map(|key| format!("{}: a case needs {key:?}", file.path))
        .collect()
}

#[test]
fn every_plugin_folder_has_its_parts() {
    refuse(all().iter().flat_map(shape).collect());
}

#[test]
fn every_manifest_fits_its_folder() {
    refuse(all().iter().flat_map(manifest).collect());
}

#[test]
fn plugin_texts_have_the_same_keys_in_both_languages() {
    refuse(all().iter().flat_map(texts).collect());
}

#[test]
fn records_points_and_screens_are_labelled_in_both_languages() {
    let plugins = all();
    let labelled = ["records", "points", "screens"];
    let files = plugins.iter().flat_map(|plugin| labelled.iter().flat_map(|folder| plugin.files_in(folder)));
    refuse(files.flat_map(labels).collect());
}

#[test]
fn every_case_is_whole() {
    let plugins = all();
    refuse(plugins.iter().flat_map(|plugin| plugin.files_in("cases")).flat_map(case).collect());
}

#[test]
fn a_plugin_without_its_parts_is_caught() {
    let file = |path: &str, text: &str| Source::example(&format!("plugins/x/{path}"), text);
    let whole = ["README.md", "plugin.toml", "texts/zh-CN.json", "texts/en.json", "cases/a.json"];
    let plugin =
        |paths: &[&str]| Plugin { name: "x".into(), files: paths.iter().map(|path| file(path, "{}")).collect() };
    refuse(shape(&plugin(&whole)));
    for (n, path) in whole.iter().enumerate() {
        let rest: Vec<&str> =
            whole.iter().enumerate().filter(|(other, _)| *other != n).map(|(_, path)| *path).collect();
        catches(shape(&plugin(&rest)), if path.starts_with("cases") { "cases/*.json" } else { path });
    }
}

#[test]
fn a_manifest_that_does_not_fit_is_caught() {
    let check = |text: &str| {
        let files =
            vec![Source::example("plugins/x/plugin.toml", text), Source::example("plugins/x/records/x.a.json", "{}")];
        manifest(&Plugin { name: "x".into(), files })
    };
    let labels = "label = { zh-CN = \"甲\", en = \"A\" }\ndescription = { zh-CN = \"乙\", en = \"B\" }\n";
    refuse(check(&format!("name = \"x\"\n{labels}[owns]\nkinds = [\"x.a\"]\n")));
    catches(check(&format!("name = \"y\"\n{labels}")), "the folder's name");
    catches(check(&format!("name = \"x\"\n{labels}[owns]\nkinds = [\"x.b\"]\n")), "no records/x.b.json");
    catches(check(&format!("name = \"x\"\n{}", labels.replace(", en = \"A\"", ""))), "`label` needs zh-CN and en");
}

#[test]
fn texts_with_different_keys_are_caught() {
    let check =
        |one: &str, other: &str| equal_keys(&Source::example("zh.json", one), &Source::example("en.json", other));
    refuse(check(r#"{"a":{"b":"甲"}}"#, r#"{"a":{"b":"A"}}"#));
    catches(check(r#"{"a":{"b":"甲","c":"乙"}}"#, r#"{"a":{"b":"A"}}"#), "en.json: no a.c");
    catches(check(r#"{"a":"甲"}"#, r#"{"a":" "}"#), "en.json: a is empty");
}

#[test]
fn a_label_in_one_language_is_caught() {
    let check = |text: &str| labels(&Source::example("plugins/x/records/x.a.json", text));
    refuse(check(
        r#"{"label":{"zh-CN":"甲","en":"A"},"fields":{"label":{"type":"text","label":{"zh-CN":"乙","en":"B"}}}}"#,
    ));
    catches(check(r#"{"fields":{"a":{"label":{"zh-CN":"甲"}}}}"#), "#/fields/a/label: a text in zh-CN only");
    catches(check(r#"{"label":"甲"}"#), "#/label: say it in zh-CN and en");
}

#[test]
fn half_a_case_is_caught() {
    catches(case(&Source::example("c.json", r#"{"name":"a","now":"…","when":{}}"#)), "needs \"then\"");
}
