//! The only code that talks to the world: what is due is sent, once it has been asked whether it may be.
//!
//! A message is handed over after its commit and noted as sent in another one. A server that dies in between hands it over again, under the
//! same key, by which whoever takes it knows it again.

mod catcher;
mod compose;
pub mod egress;
mod facts;
pub mod gate;
mod gateway;
pub mod hooks;
mod letters;
mod link;
mod notice;
pub mod otlp;
pub mod outside;
mod post;
mod smtp;
mod wake;
mod ways;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};

use crate::{
    Result,
    catalogue::Catalogue,
    clock::Clock,
    model::{Id, Scope, Time, contact::Channel, secret::Secret},
    store::{Store, tables},
};

pub use catcher::Catcher;
pub use facts::{Ask, Person, Reading};
pub use gateway::GatewayConfig;
pub use letters::{Letter, MOST as MOST_LETTERS};
pub use link::Links;
pub use notice::Notice;
pub use smtp::SmtpConfig;
pub use ways::Ways;

/// How messages leave the house.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutboundConfig {
    /// Keep what no transport below takes in the store, for people to look at. Without it such a message fails.
    pub catcher: bool,
    /// The server that takes e-mail.
    pub smtp: Option<SmtpConfig>,
    /// Who takes the other ways, by channel: `sms`, `wechat`, `app`, `letter`; `email` where it goes over HTTP too.
    pub gateways: BTreeMap<Channel, GatewayConfig>,
    /// Put letters on a list to be printed, where no gateway takes them.
    pub print_letters: bool,
    /// Signs what gateways without a secret of their own, and mail servers, report of messages.
    pub report_secret: Secret,
    /// Hosts inside the house that webhooks may call, such as `erp.internal` or `10.0.0.8`; from the environment separated by commas.
    pub inside: Vec<String>,
    /// What links in messages begin with, `https://crm.example.cn`; none means that of the address the server listens on.
    pub public_url: Option<String>,
    /// For tests of a crash: milliseconds between handing messages over and noting it.
    pub pause_ms: u64,
}

impl Default for OutboundConfig {
    fn default() -> OutboundConfig {
        OutboundConfig {
            catcher: true,
            smtp: None,
            gateways: BTreeMap::new(),
            print_letters: false,
            report_secret: Secret::default(),
            inside: Vec::new(),
            public_url: None,
            pause_ms: 0,
        }
    }
}

/// Something that takes messages out of the house.
pub trait Transport: Send + Sync {
    /// Hand messages over; an answer for each, in their order. The same key again is the same message again. It may block.
    fn send(&self, parcels: &[Parcel]) -> Vec<Result<(), Undelivered>>;

    /// Whether people print what goes by a channel, so that nothing takes it by itself.
    fn is_printed(&self, _channel: Channel) -> bool {
        false
    }
}

/// Why a message was not taken. What a gateway says may name the person and stays out of logs and answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undelivered {
    /// It could not be reached, or had no time. It is tried again.
    Unreachable,
    /// It was there and would not have it, today or tomorrow.
    Refused,
    /// Nothing takes messages of this channel.
    NoGateway,
}

/// A message ready to go.
#[derive(Clone, Debug, PartialEq)]
pub struct Parcel {
    /// The message's id.
    pub key: Id,
    /// When it is handed over.
    pub at: Time,
    /// By which way.
    pub channel: Channel,
    /// Where to.
    pub address: String,
    /// The name of who sends it.
    pub sender: String,
    /// Its subject, if it has one.
    pub subject: Option<String>,
    /// Its text, with sender and opt-out.
    pub body: String,
    /// What goes before the text.
    pub headers: Vec<(&'static str, String)>,
}

/// Sends what is due. Cheap to clone; the task stops with [`Outbound::stop`].
#[derive(Clone)]
pub struct Outbound {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Clock,
    catalogue: Arc<ArcSwap<Catalogue>>,
    transport: Arc<dyn Transport>,
    links: Links,
    pause_ms: u64,
    is_stopping: AtomicBool,
}

impl Outbound {
    /// Start the task. Call inside a tokio runtime.
    pub fn start(
        store: Store,
        clock: Clock,
        catalogue: Arc<ArcSwap<Catalogue>>,
        transport: Arc<dyn Transport>,
        links: Links,
        pause_ms: u64,
    ) -> Outbound {
        let shared = Arc::new(Shared {
            store,
            clock,
            catalogue,
            transport,
            links,
            pause_ms,
            is_stopping: AtomicBool::new(false),
        });
        wake::start(&shared);
        Outbound { shared }
    }

    /// Whether nothing is due.
    pub fn is_idle(&self) -> bool {
        let Ok(view) = self.shared.store.view(Scope::All) else { return false };
        let now = self.shared.clock.now();
        tables::outbox::next_due(&view).is_ok_and(|due| due.is_none_or(|due| due > now))
    }

    /// Links to the public page of preferences.
    pub fn links(&self) -> &Links {
        &self.shared.links
    }

    /// Stop after the messages under way.
    pub fn stop(&self) {
        self.shared.is_stopping.store(true, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
