//! The lanes of one subscription that one worker serves at a time: which events wait, and what the next call holds.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::{Duration, Instant},
};

use crate::{
    model::{Event, Id},
    store::tables::lane::LANES,
};

/// The lane of an event: events of one subject share it. An event without a subject stands for itself.
pub(super) fn lane(event: &Event) -> u8 {
    match &event.subject {
        Some(subject) => lane_of(subject.as_str().as_bytes()),
        None => lane_of(&event.seq.to_be_bytes()),
    }
}

/// The lane of a subject.
pub(super) fn lane_of_subject(subject: &Id) -> u8 {
    lane_of(subject.as_str().as_bytes())
}

fn lane_of(bytes: &[u8]) -> u8 {
    // FNV-1a: the lane of a subject must never change, so the hash is spelled out here.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    ((hash ^ (hash >> 32)) % u64::from(LANES)) as u8
}

/// Waiting events and cursors of some lanes.
#[derive(Debug)]
pub(super) struct Lanes {
    /// Where each lane stands.
    pub cursors: BTreeMap<u8, i64>,
    /// Everything up to here is waiting, done or not wanted.
    pub scanned: i64,
    /// When the cursors of quiet lanes were last moved up.
    pub swept: Instant,
    waiting: BTreeMap<i64, Event>,
    /// Calls with this event may hold this many at most; from halving a call that failed.
    caps: HashMap<i64, usize>,
    /// Tries of an event so far.
    tries: HashMap<i64, u32>,
    /// Lanes that rest until their event is tried again.
    resting: HashMap<u8, Instant>,
    /// Events that are set aside for a job instead of being delivered.
    held: HashMap<i64, Id>,
}

/// The events of one call: one organisation, one event a lane.
#[derive(Debug)]
pub(super) struct Call {
    pub org: Id,
    pub events: Vec<Event>,
    pub attempt: u32,
}

/// Events read ahead.
const AHEAD: usize = 512;

impl Lanes {
    pub(super) fn new(cursors: BTreeMap<u8, i64>) -> Lanes {
        Lanes {
            scanned: cursors.values().copied().min().unwrap_or_default(),
            cursors,
            swept: Instant::now(),
            waiting: BTreeMap::new(),
            caps: HashMap::new(),
            tries: HashMap::new(),
            resting: HashMap::new(),
            held: HashMap::new(),
        }
    }

    /// An event that is read next is to be set aside for a job.
    pub(super) fn hold(&mut self, seq: i64, job: Id) {
        self.held.insert(seq, job);
    }

    /// The job an event is to be set aside for.
    pub(super) fn held(&self, event: &Event) -> Option<&Id> {
        self.held.get(&event.seq)
    }

    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < AHEAD
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Take in an event that has been read and that the subscriber hears.
    pub(super) fn read(&mut self, event: Event) {
        self.scanned = event.seq;
        let is_ahead = self.cursors.get(&lane(&event)).is_some_and(|cursor| event.seq > *cursor);
        if is_ahead {
            self.waiting.insert(event.seq, event);
        } else {
            self.held.remove(&event.seq);
        }
    }

    /// An event has been read that the subscriber does not hear.
    pub(super) fn pass_over(&mut self, event: &Event) {
        self.scanned = event.seq;
    }

    /// The next calls: at most one event a lane, so that no lane is passed out of order, and at most `batch` in all.
    pub(super) fn next_calls(&self, batch: usize, now: Instant) -> Vec<Call> {
        let mut taken = BTreeSet::new();
        let mut calls: Vec<(Call, usize)> = Vec::new();
        for event in self.waiting.values() {
            if taken.len() >= batch {
                break;
            }
            let lane = lane(event);
            let is_resting = self.resting.get(&lane).is_some_and(|until| *until > now);
            // A lane that was passed over stays closed for its later events too.
            if !taken.insert(lane) || is_resting {
                continue;
            }
            let cap = self.caps.get(&event.seq).copied().unwrap_or(batch);
            let attempt = self.tries.get(&event.seq).copied().unwrap_or_default() + 1;
            let fits =
                |(call, smallest): &&mut (Call, usize)| call.org == event.org && call.events.len() < cap.min(*smallest);
            match calls.iter_mut().find(fits) {
                Some((call, smallest)) => {
                    call.events.push(event.clone());
                    call.attempt = call.attempt.max(attempt);
                    *smallest = cap.min(*smallest);
                }
                None => calls.push((Call { org: event.org.clone(), events: vec![event.clone()], attempt }, cap)),
            }
        }
        calls.into_iter().map(|(call, _)| call).collect()
    }

    /// Where the event's lane stands: what the commit compares with.
    pub(super) fn cursor(&self, event: &Event) -> (u8, i64) {
        let lane = lane(event);
        (lane, self.cursors.get(&lane).copied().unwrap_or_default())
    }

    /// The event has been committed.
    pub(super) fn pass(&mut self, event: &Event) {
        let lane = lane(event);
        self.cursors.insert(lane, event.seq);
        self.waiting.remove(&event.seq);
        self.caps.remove(&event.seq);
        self.tries.remove(&event.seq);
        self.held.remove(&event.seq);
        self.resting.remove(&lane);
    }

    /// A call of several events has failed: each half is tried apart.
    pub(super) fn halve(&mut self, events: &[Event]) {
        let half = events.len().div_ceil(2);
        for event in events {
            self.caps.insert(event.seq, half);
        }
    }

    /// A call of one event has failed; answers how often it has been tried. Its lane rests for `pause`.
    pub(super) fn rest(&mut self, event: &Event, pause: Duration, counts: bool) -> u32 {
        let tries = self.tries.entry(event.seq).or_default();
        *tries += u32::from(counts);
        let tries = *tries;
        self.resting.insert(lane(event), Instant::now() + pause);
        tries
    }

    /// When the first resting lane goes on.
    pub(super) fn next_wake(&self) -> Option<Instant> {
        self.resting.values().min().copied()
    }

    /// Whether every lane may be moved up to what was scanned: nothing waits.
    pub(super) fn may_sweep(&self) -> bool {
        self.waiting.is_empty() && self.cursors.values().any(|cursor| *cursor < self.scanned)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::model::Time;

    fn event(seq: i64, subject: &str, org: &str) -> Event {
        Event {
            seq,
            kind: "customer.created".into(),
            at: Time::from_millis(0),
            org: org.parse().expect("an id"),
            subject: Some(subject.parse().expect("an id")),
            actor: "system".into(),
            cause: None,
            depth: 0,
            record: None,
            data: Value::Null,
        }
    }

    fn lanes(events: &[Event]) -> Lanes {
        let mut lanes = Lanes::new((0..LANES).map(|lane| (lane, 0)).collect());
        events.iter().for_each(|event| lanes.read(event.clone()));
        lanes
    }

    fn seqs(calls: &[Call]) -> Vec<Vec<i64>> {
        calls.iter().map(|call| call.events.iter().map(|event| event.seq).collect()).collect()
    }

    #[test]
    fn a_subject_waits_for_its_earlier_event() {
        let mut lanes = lanes(&[event(1, "a", "d1"), event(2, "a", "d1"), event(3, "b", "d1")]);
        assert_eq!(seqs(&lanes.next_calls(64, Instant::now())), [vec![1, 3]]);
        lanes.pass(&event(1, "a", "d1"));
        assert_eq!(seqs(&lanes.next_calls(64, Instant::now())), [vec![2, 3]]);
    }

    #[test]
    fn a_call_holds_one_organisation() {
        let lanes = lanes(&[event(1, "a", "d1"), event(2, "b", "d2"), event(3, "c", "d1")]);
        assert_eq!(seqs(&lanes.next_calls(64, Instant::now())), [vec![1, 3], vec![2]]);
    }

    #[test]
    fn a_failing_call_is_halved_down_to_one() {
        let events = [event(1, "a", "d1"), event(2, "b", "d1"), event(3, "c", "d1"), event(4, "d", "d1")];
        let mut lanes = lanes(&events);
        lanes.halve(&events);
        assert_eq!(seqs(&lanes.next_calls(64, Instant::now())), [vec![1, 2], vec![3, 4]]);
        lanes.halve(&events[..2]);
        assert_eq!(seqs(&lanes.next_calls(64, Instant::now())), [vec![1], vec![2], vec![3, 4]]);
    }

    #[test]
    fn a_resting_lane_holds_its_later_events_back_and_no_others() {
        let mut lanes = lanes(&[event(1, "a", "d1"), event(2, "a", "d1"), event(3, "b", "d1")]);
        assert_eq!(lanes.rest(&event(1, "a", "d1"), Duration::from_secs(60), true), 1);
        assert_eq!(seqs(&lanes.next_calls(64, Instant::now())), [vec![3]]);
    }

    #[test]
    fn the_lane_of_a_subject_never_changes() {
        assert_eq!(
            lane(&event(1, "0198a0c4-0000-7000-8000-000000000001", "d1")),
            lane(&event(9, "0198a0c4-0000-7000-8000-000000000001", "d2"))
        );
        assert_eq!(lane(&event(1, "hq", "d1")), 21, "a stored cursor belongs to the lane this hash gives");
    }
}
