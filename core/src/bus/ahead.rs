//! Events read ahead, once for all subscriptions: what one has read from the log the others take from memory.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use super::lock;
use crate::{
    Result,
    model::{Event, Scope},
    store::{
        Store,
        tables::{self, hold::Range},
    },
};

/// Events read at once.
const PORTION: u32 = 500;
/// Portions kept: subscriptions that keep up are within the last; one that lags reads for itself.
const KEPT: usize = 4;

/// Events that follow each other in the log, without a gap.
#[derive(Debug)]
pub(super) struct Portion {
    /// The number of the event before the first.
    before: i64,
    events: Vec<Event>,
    /// Which of them imports had asked to be set aside, as of the same snapshot.
    pub held: Vec<Range>,
}

impl Portion {
    /// Those after an event, which lies in it or is the one before the first.
    pub(super) fn after(&self, seq: i64) -> &[Event] {
        &self.events[self.events.partition_point(|event| event.seq <= seq)..]
    }

    /// Whether it has the event that follows this one.
    fn follows(&self, seq: i64) -> bool {
        self.before <= seq && self.events.last().is_some_and(|last| seq < last.seq)
    }
}

/// The portions that were read last.
#[derive(Debug, Default)]
pub(super) struct Ahead(Mutex<VecDeque<Arc<Portion>>>);

impl Ahead {
    /// The portion with the event that follows this one; `None` where there is none yet.
    pub(super) fn after(&self, store: &Store, seq: i64) -> Result<Option<Arc<Portion>>> {
        if let Some(known) = lock(&self.0).iter().rev().find(|portion| portion.follows(seq)) {
            return Ok(Some(known.clone()));
        }
        let view = store.view(Scope::All)?;
        let events = tables::event::after(&view, seq, PORTION)?;
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(None) };
        let held = tables::hold::ranges(&view, first.seq, last.seq)?;
        let portion = Arc::new(Portion { before: seq, events, held });
        let mut kept = lock(&self.0);
        kept.push_back(portion.clone());
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Ok(Some(portion))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        commands::Ctx,
        model::{EventDraft, Id, Time},
        store::StoreConfig,
    };

    fn raise(store: &Store, n: usize) {
        let work = move |tx: &mut crate::store::Tx<'_>| {
            let ctx = Ctx::system(Id::hq(), Time::from_millis(1_773_367_200_000), Arc::default());
            let draft = EventDraft {
                kind: "bench.heard".into(),
                org: Id::hq(),
                subject: None,
                record: None,
                data: serde_json::Value::Null,
            };
            (0..n).try_for_each(|_| ctx.raise(tx, &draft).map(drop))
        };
        store.commit_blocking(work).unwrap();
    }

    #[test]
    fn a_portion_is_read_once_and_goes_on_where_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), &StoreConfig::default()).unwrap();
        let head = *store.head().borrow();
        raise(&store, 3);
        let ahead = Ahead::default();
        let seqs =
            |portion: &Portion, seq: i64| portion.after(seq).iter().map(|event| event.seq - head).collect::<Vec<_>>();
        let first = ahead.after(&store, head).unwrap().unwrap();
        assert_eq!(seqs(&first, head), [1, 2, 3]);
        let again = ahead.after(&store, head + 1).unwrap().unwrap();
        assert!(Arc::ptr_eq(&first, &again), "what was read is not read again");
        assert_eq!(seqs(&again, head + 1), [2, 3]);
        assert!(ahead.after(&store, head + 3).unwrap().is_none(), "there is nothing yet");
        raise(&store, 1);
        assert_eq!(seqs(&ahead.after(&store, head + 3).unwrap().unwrap(), head + 3), [4]);
    }
}
