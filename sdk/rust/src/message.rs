//! Messages to customers: queued by a plugin, sent by the core after it has asked whether the customer may be contacted.

use serde::Serialize;

use crate::{Command, Id, json};

/// A message for service: contract, repair, recall, complaint. It takes no consent, and keeps quiet hours by phone.
///
/// ```
/// use marque_sdk::message;
/// let command = message::serve("c1", "sms", "您的车已修好，可以来取。").due_at("2026-03-14T02:00:00.000Z").command();
/// assert_eq!(command.name, "message.send");
/// assert_eq!(command.body["purpose"], "serve");
/// ```
#[must_use = "a command happens only when it is staged"]
pub fn serve(customer: impl Into<Id>, channel: &str, body: &str) -> Send {
    send(customer.into(), "serve", channel, body)
}

/// A message for marketing: sent only where the customer has agreed to this channel, and not too often.
#[must_use = "a command happens only when it is staged"]
pub fn marketing(customer: impl Into<Id>, channel: &str, body: &str) -> Send {
    send(customer.into(), "marketing", channel, body)
}

fn send(customer: Id, purpose: &str, channel: &str, body: &str) -> Send {
    let body = json!({ "customer": customer, "purpose": purpose, "channel": channel, "body": body });
    Send { command: Command::new("message.send", body) }
}

/// A message to be queued.
#[derive(Clone, Debug)]
pub struct Send {
    command: Command,
}

impl Send {
    /// What an e-mail or letter is headed with.
    #[must_use]
    pub fn subject(self, subject: &str) -> Send {
        self.with("subject", &subject)
    }

    /// When to send it, if not now.
    #[must_use]
    pub fn due_at(self, at: &str) -> Send {
        self.with("due_at", &at)
    }

    /// After this it is not worth sending.
    #[must_use]
    pub fn until(self, at: &str) -> Send {
        self.with("until", &at)
    }

    /// The template an organisation may reword it with: where one of that name is in use, its text goes out instead of this one.
    #[must_use]
    pub fn template(self, name: &str) -> Send {
        self.with("template", &name)
    }

    /// What stands where such a template says `{name}`.
    #[must_use]
    pub fn value(mut self, name: &str, value: impl Serialize) -> Send {
        self.command.set_in("values", name, &value);
        self
    }

    /// The campaign it belongs to.
    #[must_use]
    pub fn campaign(self, campaign: &str) -> Send {
        self.with("campaign", &campaign)
    }

    /// `{name}` in the text becomes the address of a public page when the message goes out.
    #[must_use]
    pub fn link(mut self, name: &str, link: crate::page::Link) -> Send {
        self.command.set_in("links", name, &crate::Value::from(link));
        self
    }

    fn with(mut self, key: &str, value: &impl Serialize) -> Send {
        self.command.set(key, value);
        self
    }
}

crate::command::finish!(Send);
