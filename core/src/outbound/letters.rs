//! Letters that people print: who they go to as things stand, and that they have gone.

use serde_json::json;

use super::{
    Outbound, Parcel, Shared,
    post::{self, Planned},
};
use crate::{
    Result,
    commands::message::{Conclude, Outcome},
    model::{Id, Query, Record, Time},
    store::{View, tables::outbox::Waiting},
};

/// Letters on one list.
pub const MOST: u32 = 500;

/// A letter that waits to be printed.
#[derive(Clone, Debug)]
pub struct Letter {
    /// The message.
    pub message: Record,
    /// What is printed, where it may still be sent.
    pub parcel: Option<Parcel>,
    /// What becomes of it when somebody says that the list has been printed.
    pub conclude: Option<Conclude>,
}

impl Outbound {
    /// Letters that wait, the longest first, of those a view sees. Who has said no since is not on the list any more.
    ///
    /// # Errors
    /// Internal.
    pub fn letters(&self, view: &View, now: Time) -> Result<Vec<Letter>> {
        let filter = json!({ "state": "printing", "channel": "letter" });
        let query = Query { filter, order: "due_at".into(), limit: Some(MOST), ..Query::default() };
        let found = view.find("message", &query)?.items;
        // What the eyes of whoever prints see of it is not enough to write an address.
        let ids: Vec<Id> = found.into_iter().map(|message| message.id).collect();
        let all = self.shared.store.view(crate::model::Scope::All)?;
        let messages = all.get("message", &ids)?.into_iter().flatten();
        messages.map(|message| letter(&self.shared, &all, message, now)).collect()
    }
}

fn letter(shared: &Shared, all: &View, message: Record, now: Time) -> Result<Letter> {
    let waiting = Waiting { message: message.id.clone(), due_at: now, attempts: 0, depth: 0 };
    let conclude = |outcome| Some(Conclude { message: message.id.clone(), checked_at: now, depth: 0, outcome });
    let (parcel, conclude) = match post::judged(shared, all, &message, waiting, now)? {
        Planned::Go { parcel, consent, .. } => (Some(parcel), conclude(Outcome::Sent { consent })),
        // It waits for a better moment and stays on the list.
        Planned::Stay(_, Outcome::Postponed { .. }) => (None, None),
        Planned::Stay(_, outcome) => (None, conclude(outcome)),
    };
    Ok(Letter { message, parcel, conclude })
}
