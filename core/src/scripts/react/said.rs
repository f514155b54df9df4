//! What a reaction answers: commands, each a map with its name under `command` and its body beside it.

use serde_json::{Map, Value, json};

use crate::model::{Command, Id};

/// Commands of one answer at most.
pub const MAX_COMMANDS: usize = 20;
/// What a script may ask for, if it is granted to it.
pub const COMMANDS: [&str; 4] = ["record.create", "record.change", "record.move", "message.send"];
/// Of a body: what the server fills in.
const OURS: [&str; 3] = ["receipts", "overrides", "if_rev"];

/// Read an answer: nothing, a command, or a list of them. Values stay out of the text: it goes to logs and events.
pub(super) fn commands(said: Value, asks: &[String], receipt: &Id) -> Result<Vec<Command>, String> {
    let said = match said {
        Value::Null => Vec::new(),
        Value::Array(said) => said,
        one => vec![one],
    };
    if said.len() > MAX_COMMANDS {
        return Err(format!("it answers {} commands; {MAX_COMMANDS} are taken", said.len()));
    }
    said.into_iter().map(|one| command(one, asks, receipt)).collect()
}

fn command(said: Value, asks: &[String], receipt: &Id) -> Result<Command, String> {
    let Value::Object(mut body) = said else {
        return Err(
            "it answers a value that is no command: write #{ command: \"record.create\", kind: …, data: #{ … } }"
                .into(),
        );
    };
    let name = match body.remove("command") {
        Some(Value::String(name)) => name,
        _ => return Err("a map in its answer has no `command`".into()),
    };
    let shown: String = name.chars().take(40).collect();
    if !COMMANDS.contains(&name.as_str()) {
        return Err(format!("{shown:?} is no command for scripts: use {}", COMMANDS.join(", ")));
    }
    let grant = grant(&name, &body);
    if !asks.contains(&grant) {
        return Err(format!("it asks for {grant}, which is not among its grants: name it in `asks`"));
    }
    if let Some(ours) = OURS.iter().find(|ours| body.contains_key(**ours)) {
        return Err(format!("{shown} has {ours}, which is the server's to say"));
    }
    if name == "record.create" || name == "record.change" {
        let fields = body.get("data").and_then(Value::as_object).into_iter().flat_map(Map::keys);
        let receipts: Map<String, Value> = fields.map(|field| (field.clone(), json!(receipt))).collect();
        body.insert("receipts".into(), Value::Object(receipts));
    }
    if name == "message.send" {
        // A message has no history of its own: why it was sent stands in the receipt.
        body.remove("why");
    }
    Ok(Command { name, body: Value::Object(body) })
}

/// What a command has to be granted as: `record.create:worklist.task`, `message.send`.
fn grant(name: &str, body: &Map<String, Value>) -> String {
    let kind = body.get("kind").and_then(Value::as_str).map(|kind| kind.chars().take(80).collect::<String>());
    match kind.filter(|_| name.starts_with("record.")) {
        Some(kind) => format!("{name}:{kind}"),
        None => name.to_owned(),
    }
}

/// Why, in the script's words: what it says beside its commands.
pub(super) fn reasons(said: &Value) -> Vec<String> {
    let all = match said {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut reasons: Vec<String> = all.iter().filter_map(|one| one["why"].as_str()).map(str::to_owned).collect();
    reasons.dedup();
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(said: Value) -> Result<Vec<Command>, String> {
        let asks = ["record.create:worklist.task".to_owned(), "message.send".to_owned()];
        commands(said, &asks, &"r1".parse().expect("an id"))
    }

    #[test]
    fn nothing_one_command_or_a_list_are_answers() {
        let task = json!({ "command": "record.create", "kind": "worklist.task", "data": { "title": "打电话" } });
        assert_eq!(read(json!(null)), Ok(Vec::new()));
        let one = read(task.clone()).expect("a command");
        assert_eq!(one[0].body["receipts"], json!({ "title": "r1" }));
        assert_eq!(read(json!([task, task])).map(|two| two.len()), Ok(2));
        let sent = json!({ "command": "message.send", "customer": "c1", "why": "约好的" });
        assert_eq!(reasons(&sent), ["约好的"]);
        let sent = read(sent).expect("a command");
        assert_eq!(sent[0].body, json!({ "customer": "c1" }));
    }

    #[test]
    fn what_was_not_granted_is_refused_by_name() {
        for (said, word) in [
            (json!("secret"), "no command"),
            (json!({ "kind": "customer" }), "has no `command`"),
            (json!({ "command": "consent.give" }), "no command for scripts"),
            (json!({ "command": "record.create", "kind": "customer", "data": {} }), "record.create:customer"),
            (json!({ "command": "record.change", "kind": "worklist.task", "data": {} }), "record.change:worklist.task"),
            (json!({ "command": "record.create", "kind": "worklist.task", "receipts": {} }), "receipts"),
            (json!(vec![json!({}); 21]), "21 commands"),
        ] {
            let wrong = read(said).expect_err("refused");
            assert!(wrong.contains(word) && !wrong.contains("secret"), "{wrong}");
        }
    }
}
