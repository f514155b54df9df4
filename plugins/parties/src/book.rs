//! A customer's address book: every contact point as it is and as it shall be. What differs is staged as one.
//!
//! The number on the customer's file and the primary mobile are one, and so are the addresses for e-mail. A file whose
//! customer has never had a word said about a number has no points; they begin with the first word.

use marque_sdk::{Data, Filter, Id, Record, Result, Value, json, new_id, record, view};
use serde::{Deserialize, Serialize};

use crate::{channel::Channel, desk::Customer, file};

/// The kind's name.
pub const KIND: &str = "parties.contact_point";
/// More ways to reach somebody than anybody has.
const MANY: u32 = 200;

/// Whether a contact point may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It may.
    #[default]
    Ok,
    /// It is somebody else's, or nobody's.
    Wrong,
    /// It is used no more.
    Stopped,
    /// It is right, and the customer does not want it used.
    DoNotUse,
}

impl Status {
    /// Whether it is the customer's at all.
    pub fn is_right(self) -> bool {
        matches!(self, Status::Ok | Status::DoNotUse)
    }
}

/// A contact point as stored.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Point {
    /// Whose it is.
    pub customer: Id,
    /// What kind.
    pub kind: Channel,
    /// In the form it is compared in.
    pub value: String,
    /// Whether it may be used.
    #[serde(default)]
    pub status: Status,
    /// Whether it is the first of its kind.
    #[serde(default)]
    pub primary: bool,
    /// When somebody made sure of it.
    pub verified_at: Option<String>,
}

/// A contact point in the book.
#[derive(Clone, Debug)]
pub struct Entry {
    id: Id,
    rev: Option<u32>,
    before: Option<Point>,
    /// As it shall be.
    pub now: Point,
    /// The move that takes it there, where its status changes.
    pub transition: Option<&'static str>,
    /// More fields to write.
    pub extra: Data,
}

/// All contact points of a customer.
#[derive(Debug)]
pub struct Book {
    person: Record<Customer>,
    /// In the order they came.
    pub entries: Vec<Entry>,
}

impl Book {
    /// The points there are.
    pub fn load(person: Record<Customer>) -> Result<Book> {
        let of_person = Filter::eq("customer", person.id.as_str());
        let points = view::find::<Point>(KIND).filter(of_person).order("created_at").limit(MANY).page()?.items;
        let entry = |Record { id, rev, data, .. }: Record<Point>| Entry {
            id,
            rev: Some(rev),
            before: Some(data.clone()),
            now: data,
            transition: None,
            extra: Data::new(),
        };
        Ok(Book { person, entries: points.into_iter().map(entry).collect() })
    }

    /// The points there are, in line with the file: what stands there alone so far gets a point.
    pub fn open(person: Record<Customer>) -> Result<Book> {
        let mut book = Book::load(person)?;
        file::align(&mut book);
        Ok(book)
    }

    /// The customer as the file has them.
    pub fn file(&self) -> &Customer {
        &self.person.data
    }

    /// Where a value stands.
    pub fn find(&self, channel: Channel, value: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.now.kind == channel && entry.now.value == value)
    }

    /// Where a telephone number stands, mobile or not.
    pub fn find_number(&self, value: &str) -> Option<usize> {
        self.find(Channel::Mobile, value).or_else(|| self.find(Channel::Landline, value))
    }

    /// Where the point with this id stands.
    pub fn find_id(&self, id: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.id == id)
    }

    /// One more point; the first of its kind is primary.
    pub fn push(&mut self, kind: Channel, value: String) -> usize {
        let customer = self.person.id.clone();
        let now = Point { customer, kind, value, status: Status::Ok, primary: false, verified_at: None };
        self.entries.push(Entry { id: new_id(), rev: None, before: None, now, transition: None, extra: Data::new() });
        self.settle(kind);
        self.entries.len() - 1
    }

    /// The id of an entry.
    pub fn id(&self, at: usize) -> &Id {
        &self.entries[at].id
    }

    /// Another status by its move.
    pub fn move_to(&mut self, at: usize, status: Status, transition: &'static str) {
        self.entries[at].now.status = status;
        self.entries[at].transition = Some(transition);
        self.settle(self.entries[at].now.kind);
    }

    /// Makes a point the primary one of its kind.
    pub fn prefer(&mut self, at: usize) {
        let kind = self.entries[at].now.kind;
        for (n, entry) in self.entries.iter_mut().enumerate().filter(|(_, entry)| entry.now.kind == kind) {
            entry.now.primary = n == at;
        }
        self.settle(kind);
    }

    /// One of a kind is primary as long as any is right: the one that was, if it may be used; else one that may,
    /// verified before others; else one that is right at least.
    pub fn settle(&mut self, kind: Channel) {
        let of_kind = || self.entries.iter().enumerate().filter(|(_, entry)| entry.now.kind == kind);
        let rank = |(n, entry): (usize, &Entry)| {
            let Point { status, primary, verified_at, .. } = &entry.now;
            let is_right = status.is_right();
            is_right.then_some((*status == Status::Ok, *primary, verified_at.is_some(), std::cmp::Reverse(n)))
        };
        let best = of_kind().filter_map(rank).max().map(|(.., std::cmp::Reverse(n))| n);
        for (n, entry) in self.entries.iter_mut().enumerate().filter(|(_, entry)| entry.now.kind == kind) {
            entry.now.primary = best == Some(n);
        }
    }

    /// Stages what differs; answers whether anything did. What was asked for is made before what comes with it, so that
    /// whoever asked is shown the right one.
    pub fn finish(self, asked: Option<usize>) -> Result<bool> {
        let phone = self.on_file(self.person.data.phone.as_deref(), &[Channel::Mobile, Channel::Landline]);
        let email = self.on_file(self.person.data.email.as_deref(), &[Channel::Email]);
        // What gives its place up goes first: no two are primary for a moment.
        let mut entries: Vec<(usize, Entry)> = self.entries.into_iter().enumerate().collect();
        entries.sort_by_key(|(n, entry)| (entry.rev.is_none() || entry.now.primary, asked != Some(*n)));
        let mut n_writes = 0;
        for write in entries.into_iter().filter_map(|(_, entry)| entry.write(&self.person.org)) {
            write.stage()?;
            n_writes += 1;
        }
        let file = &self.person.data;
        if phone != file.phone || email != file.email {
            let change = record::change("customer", &self.person.id).if_rev(self.person.rev);
            let change = if phone == file.phone { change } else { change.field("phone", phone) };
            let change = if email == file.email { change } else { change.field("email", email) };
            change.stage()?;
            n_writes += 1;
        }
        Ok(n_writes > 0)
    }

    /// What stands on the file: the primary one; a number of another kind that is right may stay until there is a new one.
    fn on_file(&self, file: Option<&str>, channels: &[Channel]) -> Option<String> {
        let main = self.entries.iter().find(|entry| entry.now.primary && Some(&entry.now.kind) == channels.first());
        let is_new = |entry: &Entry| !entry.before.as_ref().is_some_and(|before| before.primary);
        let stands = |entry: &&Entry| channels.contains(&entry.now.kind) && Some(entry.now.value.as_str()) == file;
        let on_file = self.entries.iter().find(stands);
        let is_right = on_file.is_some_and(|entry| entry.now.status.is_right());
        let is_other = on_file.is_some_and(|entry| Some(&entry.now.kind) != channels.first());
        match main {
            Some(main) if is_new(main) || !is_right || !is_other => Some(main.now.value.clone()),
            None if on_file.is_some() && !is_right => None,
            _ => file.map(str::to_owned),
        }
    }
}

impl Entry {
    fn write(self, org: &str) -> Option<record::Write> {
        let Entry { id, rev, before, now, transition, mut extra } = self;
        let primary_of = now.primary.then(|| format!("{}:{}", now.customer, now.kind.code()));
        if before.as_ref().map(|before| before.primary) != Some(now.primary) {
            extra.insert("primary".into(), json!(now.primary));
            extra.insert("primary_of".into(), json!(primary_of));
        }
        if before.as_ref().and_then(|before| before.verified_at.as_ref()) != now.verified_at.as_ref() {
            extra.insert("verified_at".into(), json!(now.verified_at));
        }
        let Some(rev) = rev else {
            extra.retain(|_, value| *value != Value::Null);
            let slot = format!("{}:{}:{}", now.customer, now.kind.code(), now.value);
            let create = record::create(KIND).id(id).org(org).field("customer", now.customer).field("kind", now.kind);
            return Some(create.field("value", now.value).field("slot", slot).fields(extra));
        };
        let write = match transition {
            Some(transition) => record::mov(KIND, &id, transition),
            None if extra.is_empty() => return None,
            None => record::change(KIND, &id),
        };
        Some(write.if_rev(rev).fields(extra))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(points: &[(&str, Status, bool, bool)]) -> Book {
        let person = json!({
            "id": "c1", "kind": "customer", "rev": 1, "org": "d1", "created_at": "", "updated_at": "", "data": { "name": "王磊" },
        });
        let entries = points.iter().map(|(value, status, primary, is_verified)| {
            let now = Point {
                customer: "c1".into(),
                kind: Channel::Mobile,
                value: (*value).to_owned(),
                status: *status,
                primary: *primary,
                verified_at: is_verified.then(|| "2026-01-01T00:00:00.000Z".into()),
            };
            let (rev, before) = (Some(1), Some(now.clone()));
            Entry { id: (*value).to_owned(), rev, before, now, transition: None, extra: Data::new() }
        });
        Book { person: serde_json::from_value(person).unwrap(), entries: entries.collect() }
    }

    fn primary(points: &[(&str, Status, bool, bool)]) -> Option<String> {
        let mut book = book(points);
        book.settle(Channel::Mobile);
        let mut primary = book.entries.iter().filter(|entry| entry.now.primary);
        let first = primary.next().map(|entry| entry.now.value.clone());
        assert!(primary.next().is_none(), "one primary at most");
        first
    }

    #[test]
    fn one_is_primary_as_long_as_any_is_right() {
        use Status::{DoNotUse, Ok, Stopped, Wrong};
        assert_eq!(primary(&[("a", Ok, false, false), ("b", Ok, true, false)]).as_deref(), Some("b"), "it stays");
        assert_eq!(primary(&[("a", Wrong, true, false), ("b", Ok, false, false)]).as_deref(), Some("b"));
        assert_eq!(primary(&[("a", DoNotUse, true, false), ("b", Ok, false, false)]).as_deref(), Some("b"));
        assert_eq!(primary(&[("a", Ok, false, false), ("b", Ok, false, true)]).as_deref(), Some("b"), "verified first");
        assert_eq!(
            primary(&[("a", Ok, false, false), ("b", Ok, false, false)]).as_deref(),
            Some("a"),
            "then the oldest"
        );
        assert_eq!(primary(&[("a", Stopped, true, false), ("b", DoNotUse, false, false)]).as_deref(), Some("b"));
        assert_eq!(primary(&[("a", Wrong, true, true), ("b", Stopped, false, true)]), None);
    }

    #[test]
    fn the_file_shows_what_is_right() {
        let on_file = |points: &[(&str, Status, bool, bool)], file: &str| {
            book(points).on_file(Some(file), &[Channel::Mobile, Channel::Landline])
        };
        assert_eq!(on_file(&[("a", Status::Ok, true, false)], "a").as_deref(), Some("a"));
        assert_eq!(on_file(&[("a", Status::Wrong, false, false)], "a"), None, "a wrong number leaves the file");
        assert_eq!(
            on_file(&[("a", Status::Wrong, false, false), ("b", Status::Ok, true, false)], "a").as_deref(),
            Some("b")
        );
        let barred = [("a", Status::DoNotUse, false, false), ("b", Status::Ok, true, false)];
        assert_eq!(
            on_file(&barred, "a").as_deref(),
            Some("b"),
            "nor does one not to be used stay, if there is another"
        );
        assert_eq!(on_file(&[], "x").as_deref(), Some("x"), "of what nobody has spoken yet nothing changes");
    }
}
