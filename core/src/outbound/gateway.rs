//! Anything that takes messages over HTTP: a provider of text messages, a bridge to WeChat, a printing house.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use ureq::Agent;

use super::{Parcel, Transport, Undelivered, egress};
use crate::{
    Error, Result,
    model::{contact::Channel, secret::Secret, webhook},
};

/// What a body may quote of a message.
const WORDS: [&str; 6] = ["key", "channel", "address", "sender", "subject", "body"];

/// A gateway, as its provider describes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatewayConfig {
    /// Where messages are posted to, `https://sms.example.cn/v1/send`.
    pub url: String,
    /// What goes before each, such as `authorization`.
    #[serde(default)]
    pub headers: BTreeMap<String, Secret>,
    /// How the body is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// The body by field; `{key}`, `{channel}`, `{address}`, `{sender}`, `{subject}` and `{body}` are filled in.
    #[serde(default = "usual_body")]
    pub body: Value,
    /// Signs each message as Standard Webhooks do, so that a bridge of one's own can tell it is ours.
    #[serde(default)]
    pub secret: Secret,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// As JSON.
    #[default]
    Json,
    /// As a form.
    Form,
}

fn usual_body() -> Value {
    Value::Object(WORDS.iter().map(|word| ((*word).to_owned(), json!(format!("{{{word}}}")))).collect())
}

/// Posts messages one by one.
pub(super) struct Gateway {
    channel: Channel,
    config: GatewayConfig,
    agent: Agent,
}

impl Gateway {
    pub(super) fn new(channel: Channel, config: &GatewayConfig) -> Result<Gateway> {
        let wrong = |field: &str, why: String| {
            Error::invalid("config", format!("outbound.gateways.{}.{field} {why}", channel.as_str()))
        };
        egress::check(&config.url).map_err(|error| wrong("url", format!("cannot be used: {}", error.message)))?;
        let Value::Object(fields) = &config.body else {
            return Err(wrong("body", "has to be a table of fields".into()));
        };
        if config.encoding == Encoding::Form
            && let Some((field, _)) = fields.iter().find(|(_, value)| !value.is_string())
        {
            return Err(wrong("body", format!("has {field}, which is no text; a form has texts alone")));
        }
        Ok(Gateway { channel, config: config.clone(), agent: egress::agent() })
    }

    fn post(&self, parcel: &Parcel) -> std::result::Result<(), Undelivered> {
        let (media_type, body) = self.body(parcel);
        let mut request = self.agent.post(&self.config.url).header("content-type", media_type);
        request = request.header("idempotency-key", parcel.key.as_str());
        for (name, value) in &self.config.headers {
            request = request.header(name, value.reveal());
        }
        if !self.config.secret.reveal().is_empty() {
            let at = parcel.at.millis() / 1_000;
            request =
                request.header("webhook-id", parcel.key.as_str()).header("webhook-timestamp", at.to_string()).header(
                    "webhook-signature",
                    webhook::signature(self.config.secret.reveal(), parcel.key.as_str(), at, &body),
                );
        }
        let channel = self.channel.as_str();
        match request.send(body.as_str()).map(|answer| answer.status().as_u16()) {
            Ok(200..=299) => Ok(()),
            // Not our fault, or one that can be mended: too early, too many, a key that has run out.
            Ok(status @ (401 | 402 | 403 | 407 | 408 | 425 | 429 | 500..)) => {
                tracing::warn!(channel, status, "a gateway did not take a message now");
                Err(Undelivered::Unreachable)
            }
            Ok(status) => {
                tracing::warn!(channel, status, "a gateway refused a message");
                Err(Undelivered::Refused)
            }
            Err(error) => {
                tracing::warn!(channel, %error, "a gateway could not be reached");
                Err(Undelivered::Unreachable)
            }
        }
    }

    fn body(&self, parcel: &Parcel) -> (&'static str, String) {
        let filled = filled(&self.config.body, parcel);
        match self.config.encoding {
            Encoding::Json => ("application/json", filled.to_string()),
            Encoding::Form => {
                let fields = filled.as_object().into_iter().flatten();
                let pairs = fields.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()));
                let form = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
                ("application/x-www-form-urlencoded", form.collect::<Vec<_>>().join("&"))
            }
        }
    }
}

impl Transport for Gateway {
    fn send(&self, parcels: &[Parcel]) -> Vec<std::result::Result<(), Undelivered>> {
        parcels.iter().map(|parcel| self.post(parcel)).collect()
    }
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The body with what is said of the message; only texts are looked through, and what was filled in is not looked through again.
fn filled(body: &Value, parcel: &Parcel) -> Value {
    match body {
        Value::String(text) => Value::String(spoken(text, parcel)),
        Value::Array(all) => all.iter().map(|one| filled(one, parcel)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), filled(value, parcel))).collect())
        }
        other => other.clone(),
    }
}

fn spoken(text: &str, parcel: &Parcel) -> String {
    let mut said = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        match after.split_once('}').filter(|(word, _)| WORDS.contains(word)) {
            Some((word, left)) => {
                said.push_str(match word {
                    "key" => parcel.key.as_str(),
                    "channel" => parcel.channel.as_str(),
                    "address" => &parcel.address,
                    "sender" => &parcel.sender,
                    "subject" => parcel.subject.as_deref().unwrap_or_default(),
                    _ => &parcel.body,
                });
                rest = left;
            }
            None => {
                said.push('{');
                rest = after;
            }
        }
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parcel() -> Parcel {
        Parcel {
            key: "m1".parse().expect("an id"),
            at: crate::model::Time::from_millis(1_614_265_330_000),
            channel: Channel::Sms,
            address: "+8613900000001".into(),
            sender: "店\"d1\"".into(),
            subject: None,
            body: "您好 {address} & 100%".into(),
            headers: Vec::new(),
        }
    }

    fn gateway(config: Value) -> Result<Gateway> {
        Gateway::new(Channel::Sms, &serde_json::from_value(config).expect("a gateway"))
    }

    #[test]
    fn words_are_filled_in_once_and_cannot_break_out() {
        let body = json!({ "to": ["{address}"], "text": "【{sender}】{body}{nothing}", "n": 1 });
        let json =
            gateway(json!({ "url": "https://sms.example.cn", "body": body })).expect("a gateway").body(&parcel());
        let read: Value = serde_json::from_str(&json.1).expect("JSON");
        let text = "【店\"d1\"】您好 {address} & 100%{nothing}";
        assert_eq!(read, json!({ "to": ["+8613900000001"], "text": text, "n": 1 }));
        let form = json!({ "url": "https://sms.example.cn", "encoding": "form", "body": { "to": "{address}", "text": "{body}" } });
        let (media_type, form) = gateway(form).expect("a gateway").body(&parcel());
        assert_eq!(media_type, "application/x-www-form-urlencoded");
        assert!(form.contains("to=%2B8613900000001") && form.contains("%20%26%20100%25"), "{form}");
    }

    #[test]
    fn what_cannot_work_is_said_at_the_start() {
        for (config, word) in [
            (json!({ "url": "sms.example.cn" }), "outbound.gateways.sms.url"),
            (json!({ "url": "http://sms.example.cn" }), "it is not https"),
            (json!({ "url": "https://a", "body": "text" }), "outbound.gateways.sms.body"),
            (json!({ "url": "https://a", "encoding": "form", "body": { "n": 1 } }), "outbound.gateways.sms.body has n"),
        ] {
            let error = gateway(config).err().expect("it is wrong");
            assert!(error.message.contains(word), "{}", error.message);
        }
    }
}
