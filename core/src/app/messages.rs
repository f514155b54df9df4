//! Of a preview's messages: which would be stopped, were they due as things stand.

use serde::Deserialize;
use serde_json::Value;

use super::App;
use crate::{
    Error, Result,
    bus::Rehearsal,
    commands::{Ctx, message::Send},
    model::{Scope, contact::Verdict},
    outbound::{Ask, Person, gate},
};

/// A message that a preview shows.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The body of its command.
    pub body: Value,
    /// Whether it could be sent; none where the customer is not there yet.
    pub verdict: Option<Verdict>,
}

impl App {
    /// The messages of a rehearsal with what would stop them.
    pub(super) async fn judge(&self, ctx: &Ctx, rehearsal: &Rehearsal) -> Result<Vec<Judged>> {
        let is_message = |name: &str| name == "message.send";
        let sent = rehearsal.commands.iter().filter(|wished| is_message(&wished.command.name));
        let bodies: Vec<Value> = sent.map(|wished| wished.command.body.clone()).collect();
        if bodies.is_empty() {
            return Ok(Vec::new());
        }
        let (store, scope, now) = (self.store.clone(), ctx.scope.clone(), ctx.now);
        let judging = move || -> Result<Vec<Judged>> {
            let view = store.view(Scope::All)?;
            let orgs = view.orgs();
            let judge = |body: Value| -> Result<Judged> {
                let Ok(message) = Send::deserialize(&body) else { return Ok(Judged { body, verdict: None }) };
                let at = message.due_at.unwrap_or(now).max(now);
                let person = Person::read(&view, &orgs, &message.customer, at, None)?;
                let ask = Ask { purpose: message.purpose, channel: Some(message.channel), sender: message.sender };
                // Of a customer that the asker may not see, and whose message is refused, nothing is told.
                let person = person.filter(|person| scope.holds(&person.customer.org));
                Ok(Judged { body, verdict: person.map(|person| gate::may(&person.facts(&ask))) })
            };
            bodies.into_iter().map(judge).collect()
        };
        tokio::task::spawn_blocking(judging).await.map_err(Error::internal)?
    }
}
