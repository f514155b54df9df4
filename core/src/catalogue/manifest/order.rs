//! The order in which an action's inputs stand in `plugin.toml`, which reading them into maps forgets: `x-order` keeps it.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use toml::Spanned;

use super::Action;

/// The file once more, for where things stand in it.
#[derive(Deserialize)]
struct Places {
    #[serde(default)]
    owns: Owns,
}

#[derive(Default, Deserialize)]
struct Owns {
    #[serde(default)]
    actions: Vec<Placed>,
}

#[derive(Deserialize)]
struct Placed {
    #[serde(default)]
    input: Input,
}

#[derive(Default, Deserialize)]
struct Input {
    #[serde(default)]
    properties: BTreeMap<Spanned<String>, IgnoredAny>,
}

/// Number the inputs of each action in the order of the file, for forms to be drawn in; a number that is there stays.
pub(super) fn keep(actions: &mut [Action], text: &str) {
    // What could be read once is read again; an input of an unusual shape merely has no order.
    let Ok(places) = toml::from_str::<Places>(text) else { return };
    for (action, placed) in actions.iter_mut().zip(places.owns.actions) {
        let Some(properties) = action.input.get_mut("properties").and_then(|properties| properties.as_object_mut())
        else {
            continue;
        };
        let mut names: Vec<&Spanned<String>> = placed.input.properties.keys().collect();
        names.sort_by_key(|name| name.span().start);
        for (n, name) in names.into_iter().enumerate() {
            if let Some(property) = properties.get_mut(name.get_ref()).and_then(|property| property.as_object_mut()) {
                property.entry("x-order").or_insert_with(|| json!(n));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Manifest;

    #[test]
    fn inputs_are_numbered_as_they_stand_in_the_file() {
        let manifest = Manifest::parse(
            r#"
            name = "p"
            version = "0.1.0"
            contract = 1
            label = "P"
            [owns]
            kinds = ["p.case"]
            [[owns.actions]]
            name = "raise"
            kind = "p.case"
            label = "Raise"
            input = { type = "object", properties = { who = { type = "string" }, facts = { type = "string" } } }
            [[owns.actions]]
            name = "close"
            kind = "p.case"
            label = "Close"
            [owns.actions.input]
            type = "object"
            [owns.actions.input.properties.why]
            type = "string"
            [owns.actions.input.properties.also]
            type = "string"
            "#,
        )
        .expect("a manifest");
        let order = |action: usize, name: &str| {
            manifest.owns.actions[action].input["properties"][name]["x-order"].as_u64().expect("a number")
        };
        assert_eq!((order(0, "who"), order(0, "facts")), (0, 1));
        assert_eq!((order(1, "why"), order(1, "also")), (0, 1));
    }
}
