//! Records as they are read, and the commands that write them.

use serde::{Deserialize, Serialize};

use crate::{Command, Data, Id, json};

/// A record of some kind; `T` is what the plugin wants of its fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record<T = Data> {
    /// Its id.
    pub id: Id,
    /// Its kind.
    pub kind: String,
    /// Rises by one with every change.
    pub rev: u32,
    /// The organisation that owns it.
    pub org: Id,
    /// When it was made.
    pub created_at: String,
    /// When it was last changed.
    pub updated_at: String,
    /// Its fields.
    pub data: T,
}

/// Makes a record. Without [`id`](Write::id) the core gives one; without [`org`](Write::org) it belongs to the calling organisation.
///
/// ```
/// use marque_sdk::{json, record};
/// let command = record::create("complaints.case").id("x1").field("facts", "刹车异响").command();
/// assert_eq!(command.body, json!({ "kind": "complaints.case", "id": "x1", "data": { "facts": "刹车异响" } }));
/// ```
#[must_use = "a command happens only when it is staged"]
pub fn create(kind: &str) -> Write {
    Write { command: Command::new("record.create", json!({ "kind": kind, "data": {} })) }
}

/// Changes fields; `null` empties one. Fields that are not named stay.
///
/// ```
/// use marque_sdk::{json, record};
/// let command = record::change("complaints.case", "x1").if_rev(3).field("level", "important").command();
/// assert_eq!(command.body, json!({ "kind": "complaints.case", "id": "x1", "if_rev": 3, "data": { "level": "important" } }));
/// ```
#[must_use = "a command happens only when it is staged"]
pub fn change(kind: &str, id: &str) -> Write {
    Write { command: Command::new("record.change", json!({ "kind": kind, "id": id, "data": {} })) }
}

/// Takes a transition of the kind's state machine, with changed fields if any, and raises its event.
///
/// ```
/// use marque_sdk::{json, record};
/// let command = record::mov("complaints.case", "x1", "accept").command();
/// assert_eq!(command.body, json!({ "kind": "complaints.case", "id": "x1", "transition": "accept" }));
/// ```
#[must_use = "a command happens only when it is staged"]
pub fn mov(kind: &str, id: &str, transition: &str) -> Write {
    let body = json!({ "kind": kind, "id": id, "transition": transition });
    Write { command: Command::new("record.move", body) }
}

/// Removes a record.
#[must_use = "a command happens only when it is staged"]
pub fn remove(kind: &str, id: &str) -> Write {
    Write { command: Command::new("record.remove", json!({ "kind": kind, "id": id })) }
}

/// Guards a set: fails if the record is not at `rev` any more, so that two deliveries cannot both take the last place.
#[must_use = "a command happens only when it is staged"]
pub fn touch(kind: &str, id: &str, rev: u32) -> Write {
    Write { command: Command::new("record.touch", json!({ "kind": kind, "id": id, "if_rev": rev })) }
}

/// A command on one record.
#[derive(Clone, Debug)]
pub struct Write {
    command: Command,
}

impl Write {
    /// The id of a record to be made, from [`new_id`](crate::new_id); needed where another command refers to it.
    #[must_use]
    pub fn id(mut self, id: impl Into<Id>) -> Write {
        self.command.set("id", &id.into());
        self
    }

    /// The organisation of a record to be made.
    #[must_use]
    pub fn org(mut self, org: impl Into<Id>) -> Write {
        self.command.set("org", &org.into());
        self
    }

    /// Fails with a conflict if the record is not at this revision any more; the delivery is then made again.
    #[must_use]
    pub fn if_rev(mut self, rev: u32) -> Write {
        self.command.set("if_rev", &rev);
        self
    }

    /// One field.
    #[must_use]
    pub fn field(mut self, name: &str, value: impl Serialize) -> Write {
        self.command.set_in("data", name, &value);
        self
    }

    /// Several fields at once, from a struct or a map.
    #[must_use]
    pub fn fields(mut self, fields: impl Serialize) -> Write {
        self.command.merge("data", &fields);
        self
    }

    /// Says why it is done; kept with the revision and shown in the record's history, at most 500 characters.
    #[must_use]
    pub fn why(mut self, why: &str) -> Write {
        self.command.set("why", &why);
        self
    }

    /// Answers for a doubtful value, a company code or foreign VIN whose check digit fails or an unusual plate: it is taken
    /// then, and the reason kept with the revision.
    ///
    /// ```
    /// use marque_sdk::{json, record};
    /// let command = record::change("customer", "c1").field("uscc", "91350100M000100Y44").doubtful("uscc", "seen the licence").command();
    /// assert_eq!(command.body["overrides"], json!({ "uscc": "seen the licence" }));
    /// ```
    #[must_use]
    pub fn doubtful(mut self, field: &str, reason: &str) -> Write {
        self.command.set_in("overrides", field, &reason);
        self
    }

    /// Says by which decision a field has its value: the receipt of [`decide`](crate::decide).
    #[must_use]
    pub fn receipt(mut self, field: &str, receipt: &str) -> Write {
        self.command.set_in("receipts", field, &receipt);
        self
    }
}

crate::command::finish!(Write);
