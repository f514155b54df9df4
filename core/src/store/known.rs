//! Rights worked out once a person: they change when roles, organisations or kinds do, a few times a day.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use arc_swap::ArcSwap;

use super::KindTree;
use crate::model::{
    Actor, Id,
    rights::{self, Book, Rights},
};

/// People whose rights are kept; more at once only means working them out again.
const MAX_KNOWN: usize = 10_000;

/// The book of roles, and what it comes to for those who have asked.
#[derive(Debug, Default)]
pub(super) struct Known {
    book: ArcSwap<Book>,
    people: RwLock<HashMap<Key, Entry>>,
}

/// Who somebody is to their rights: the same person in another place, or with other roles, is another.
type Key = (Id, Id, Vec<String>);

#[derive(Debug)]
struct Entry {
    /// What it was worked out from; kinds know the organisations.
    book: Arc<Book>,
    kinds: Arc<KindTree>,
    rights: Rights,
}

impl Known {
    pub fn new(book: Book) -> Known {
        Known { book: ArcSwap::from_pointee(book), people: RwLock::default() }
    }

    pub fn book(&self) -> Arc<Book> {
        self.book.load_full()
    }

    pub fn replace(&self, book: Book) {
        self.book.store(Arc::new(book));
        self.people.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// An actor's rights as the book and the kinds stand now.
    pub fn rights(&self, kinds: &Arc<KindTree>, actor: &Actor) -> Rights {
        let Actor::User { id, org, roles, .. } = actor else { return Rights::all() };
        let key: Key = (id.clone(), org.clone(), roles.clone());
        let book = self.book();
        let holds = |entry: &&Entry| Arc::ptr_eq(&entry.book, &book) && Arc::ptr_eq(&entry.kinds, kinds);
        {
            let people = self.people.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = people.get(&key).filter(holds) {
                return entry.rights.clone();
            }
        }
        let of = kinds.base().values().map(|kind| &**kind);
        let rights = rights::compile::compile(&book, kinds.orgs(), of, actor);
        let mut people = self.people.write().unwrap_or_else(PoisonError::into_inner);
        if people.len() >= MAX_KNOWN {
            people.clear();
        }
        people.insert(key, Entry { book, kinds: kinds.clone(), rights: rights.clone() });
        rights
    }
}
