//! What the documents promise is what the program does.

use std::fs;

use marque::config::Config;
use serde_json::Value;

fn document(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The first block of a language.
fn block(text: &str, language: &str) -> String {
    let rest = text.split_once(&format!("```{language}\n")).unwrap_or_else(|| panic!("no block of {language}")).1;
    rest.split("```").next().unwrap_or_default().to_owned()
}

#[test]
fn the_transports_in_the_manual_for_operators_are_settings() {
    let document = document("docs/OPERATIONS.md");
    let (_, part) = document.split_once("\n## Messages leave the house\n").expect("its own part");
    let config: Config = toml::from_str(&block(part, "toml")).expect("every key written is a key");
    assert!(config.outbound.smtp.is_some_and(|smtp| smtp.from == "crm@example.cn"));
    let [gateway] = config.outbound.gateways.values().collect::<Vec<_>>().try_into().expect("one gateway");
    assert_eq!(gateway.body["content"], "{body}");
}

#[test]
fn the_manual_for_operators_names_every_setting_with_its_default() {
    let written: toml::Table = block(&document("docs/OPERATIONS.md"), "toml").parse().expect("the block is TOML");
    let config: Config = written.clone().try_into().expect("every key written is a key");
    let defaults = serde_json::to_value(Config::default()).expect("settings are plain data");
    assert_eq!(serde_json::to_value(&config).expect("settings are plain data"), defaults);
    for (section, keys) in defaults.as_object().into_iter().flatten() {
        let keys = keys.as_object().into_iter().flatten().filter(|(_, value)| **value != Value::Null);
        for (key, _) in keys {
            assert!(
                written.get(section).is_some_and(|section| section.get(key).is_some()),
                "{section}.{key} is missing"
            );
        }
    }
}
