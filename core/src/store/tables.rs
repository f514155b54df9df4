//! One file a table: the SQL of each, callable on a [`Tx`] or, for reading, on a [`View`] too.

pub mod access;
pub mod account_link;
pub mod alias;
pub mod archive;
pub mod attachment;
pub mod audit;
pub mod audit_root;
pub mod backfill;
pub mod caught;
pub mod computed;
pub mod consent;
pub mod counter;
pub mod erasure;
pub mod event;
pub mod export;
pub mod hold;
pub mod idempotency;
pub mod job;
pub mod kind_custom;
pub mod lane;
pub mod lent;
pub mod membership;
pub mod merge;
pub mod message;
pub mod org;
pub mod outbox;
pub mod page_key;
pub mod page_spent;
pub mod parked;
pub mod plugin;
pub mod receipt;
pub mod record;
pub mod reveal;
pub mod review;
pub mod revision;
pub mod revoked;
pub mod role;
pub mod script;
pub mod secret;
pub mod segment;
pub mod session;
pub mod setting;
pub mod standing;
pub mod timer;
pub mod totp;
pub mod webhook;

use rusqlite::Connection;

use super::{KindTree, Kinds, Tx, View};

/// Something to read from: a snapshot, or the transaction that is being written.
pub trait Reader {
    /// The connection, for SQL that lives in this room.
    #[doc(hidden)]
    fn connection(&self) -> Connected<'_>;

    /// The kinds as this reader sees them.
    fn known_kinds(&self) -> &Kinds;

    /// The kinds as they hold in each organisation.
    fn kind_tree(&self) -> &KindTree;
}

/// A connection that only `store` can use.
#[derive(Debug)]
pub struct Connected<'a>(pub(in crate::store) &'a Connection);

impl Reader for Tx<'_> {
    fn connection(&self) -> Connected<'_> {
        Connected(self.connection)
    }

    fn known_kinds(&self) -> &Kinds {
        self.kinds()
    }

    fn kind_tree(&self) -> &KindTree {
        self.kind_tree()
    }
}

impl Reader for View {
    fn connection(&self) -> Connected<'_> {
        Connected(self.raw())
    }

    fn known_kinds(&self) -> &Kinds {
        self.kinds()
    }

    fn kind_tree(&self) -> &KindTree {
        self.kind_tree()
    }
}
