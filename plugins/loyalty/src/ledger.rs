//! The ledger's rules alone: points come and go in lots, and the balance is the sum of the entries and of the open lots, always.

use marque_sdk::{Date, Id};
use serde::{Deserialize, Serialize};

/// Points that came together and expire together. One below zero is what was taken back beyond what there was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// Its record.
    pub id: Id,
    /// The number of the entry that made it: of two that expire together the older is used first.
    pub no: i64,
    /// How many came.
    pub points: i64,
    /// How many are left.
    pub left: i64,
    /// The last day they can be used.
    pub expires: Date,
    /// Before how many days of its end its owner was told, none if not yet.
    pub noticed: Option<i64>,
}

/// What an entry did to a lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The lot.
    pub lot: Id,
    /// Points, negative when taken.
    pub points: i64,
}

/// Why points came or went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// For a document, a deed, a purchase.
    Earn,
    /// Used.
    Burn,
    /// Not used in time.
    Expire,
    /// An earlier entry taken back.
    Reverse,
    /// Set right by a manager.
    Adjust,
    /// Brought over from another account of the same customer.
    Transfer,
}

/// A line of the ledger; it is never changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// 1, 2, 3 … of its account.
    pub no: i64,
    /// Why.
    pub kind: Kind,
    /// How many, with their sign.
    pub points: i64,
    /// From or to which lots.
    pub parts: Vec<Part>,
    /// The balance afterwards.
    pub balance: i64,
}

/// Why points cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The balance is below zero since something was taken back.
    InDebt,
    /// Fewer than may be used at a time.
    TooFew,
    /// Not a whole step.
    Uneven,
    /// More than there are.
    Insufficient,
}

/// From how many points on, and in which steps, points are used.
#[derive(Clone, Copy, Debug)]
pub struct Burning {
    /// At least so many.
    pub from: i64,
    /// A multiple of this.
    pub step: i64,
}

/// One account's points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ledger {
    /// What can be used; below zero only by taking back.
    pub balance: i64,
    /// What was earned in all, less what was taken back: the tier goes by it.
    pub lifetime: i64,
    /// How many entries there are.
    pub n_entries: i64,
    /// In the order in which they are used.
    lots: Vec<Lot>,
}

impl Ledger {
    /// As stored.
    pub fn new(balance: i64, lifetime: i64, n_entries: i64, mut lots: Vec<Lot>) -> Ledger {
        lots.sort_by_key(order);
        Ledger { balance, lifetime, n_entries, lots }
    }

    /// Nothing yet.
    pub fn empty() -> Ledger {
        Ledger::new(0, 0, 0, Vec::new())
    }

    /// Its lots, those that were just used up too.
    pub fn lots(&self) -> &[Lot] {
        &self.lots
    }

    /// The same, to note what their owner was told.
    pub fn lots_mut(&mut self) -> &mut [Lot] {
        &mut self.lots
    }

    /// Points come as a new lot. What is owed is paid first.
    pub fn add(&mut self, kind: Kind, points: i64, lot: Id, expires: Date) -> Entry {
        let no = self.n_entries + 1;
        let part = Part { lot: lot.clone(), points };
        self.put(Lot { id: lot, no, points, left: points, expires, noticed: None });
        if kind == Kind::Earn {
            self.lifetime += points;
        }
        self.settle();
        self.enter(kind, vec![part])
    }

    /// Points are used, those that expire first before the others.
    pub fn burn(&mut self, points: i64, rules: Burning) -> Result<Entry, Refusal> {
        if self.balance < 0 {
            return Err(Refusal::InDebt);
        }
        if points < rules.from {
            return Err(Refusal::TooFew);
        }
        if points % rules.step != 0 {
            return Err(Refusal::Uneven);
        }
        self.take_out(Kind::Burn, points).ok_or(Refusal::Insufficient)
    }

    /// A manager takes away, never more than there is.
    pub fn deduct(&mut self, kind: Kind, points: i64) -> Result<Entry, Refusal> {
        self.take_out(kind, points).ok_or(Refusal::Insufficient)
    }

    /// What was not used in time goes; none if everything still holds.
    pub fn expire(&mut self, today: Date) -> Option<Entry> {
        self.lapse(|lot| lot.expires < today)
    }

    /// Everything goes: the account lapses or is closed.
    pub fn void(&mut self) -> Option<Entry> {
        self.lapse(|_| true)
    }

    /// What was earned is taken back: first from the lot it came as, then from the others, and beyond that it is owed. `debt` is the
    /// lot that holds what is owed, if there is none yet.
    pub fn reverse(&mut self, points: i64, own: Option<&str>, debt: Id, expires: Date) -> Entry {
        let parts = self.take_or_owe(points, own, debt, expires);
        self.lifetime -= points;
        self.enter(Kind::Reverse, parts)
    }

    /// What another account owed is brought over.
    pub fn owe(&mut self, points: i64, debt: Id, expires: Date) -> Entry {
        let parts = self.take_or_owe(points, None, debt, expires);
        self.enter(Kind::Transfer, parts)
    }

    /// Takes from one lot that has enough.
    pub fn draw(&mut self, kind: Kind, lot: &str, points: i64) -> Entry {
        let mut parts = Vec::new();
        if let Some(lot) = self.lots.iter_mut().find(|known| known.id == lot) {
            draw(lot, points, &mut parts);
        }
        self.enter(kind, parts)
    }

    /// Used points are given back into the lots they came from; a lot that has ended since then holds until `until`.
    pub fn give_back(&mut self, lots: Vec<(Lot, i64)>, until: Date) -> Entry {
        let parts = self.put_back(lots);
        for lot in self.lots.iter_mut().filter(|lot| parts.iter().any(|part| part.lot == lot.id)) {
            lot.expires = lot.expires.max(until);
        }
        self.lots.sort_by_key(order);
        self.settle();
        self.enter(Kind::Reverse, parts)
    }

    /// Points go back into lots they were brought from, or were taken from, as those were.
    pub fn take_back(&mut self, lots: Vec<(Lot, i64)>) -> Entry {
        let parts = self.put_back(lots);
        self.lots.sort_by_key(order);
        self.settle();
        self.enter(Kind::Transfer, parts)
    }

    fn put_back(&mut self, lots: Vec<(Lot, i64)>) -> Vec<Part> {
        let mut parts = Vec::new();
        for (lot, points) in lots {
            parts.push(Part { lot: lot.id.clone(), points });
            match self.lots.iter_mut().find(|known| known.id == lot.id) {
                Some(known) => known.left += points,
                None => self.put(Lot { left: lot.left + points, ..lot }),
            }
        }
        parts
    }

    /// The balance is the sum of the open lots, and nothing is both had and owed.
    pub fn is_sound(&self) -> bool {
        let sum: i64 = self.lots.iter().map(|lot| lot.left).sum();
        let is_owed = self.lots.iter().any(|lot| lot.left < 0);
        let is_had = self.lots.iter().any(|lot| lot.left > 0);
        sum == self.balance && !(is_owed && is_had)
    }

    fn take_or_owe(&mut self, points: i64, own: Option<&str>, debt: Id, expires: Date) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut rest = points;
        if let Some(lot) = self.lots.iter_mut().find(|lot| Some(lot.id.as_str()) == own && lot.left > 0) {
            rest -= draw(lot, rest, &mut parts);
        }
        rest -= self.draw_in_order(rest, &mut parts);
        if rest == 0 {
            return parts;
        }
        match self.lots.iter_mut().find(|lot| lot.left < 0) {
            Some(owed) => {
                owed.left -= rest;
                parts.push(Part { lot: owed.id.clone(), points: -rest });
            }
            None => {
                parts.push(Part { lot: debt.clone(), points: -rest });
                let no = self.n_entries + 1;
                self.put(Lot { id: debt, no, points: -rest, left: -rest, expires, noticed: None });
            }
        }
        parts
    }

    fn take_out(&mut self, kind: Kind, points: i64) -> Option<Entry> {
        if points > self.balance {
            return None;
        }
        let mut parts = Vec::new();
        self.draw_in_order(points, &mut parts);
        Some(self.enter(kind, parts))
    }

    fn lapse(&mut self, ends: impl Fn(&Lot) -> bool) -> Option<Entry> {
        let mut parts = Vec::new();
        for lot in self.lots.iter_mut().filter(|lot| lot.left > 0 && ends(lot)) {
            draw(lot, i64::MAX, &mut parts);
        }
        (!parts.is_empty()).then(|| self.enter(Kind::Expire, parts))
    }

    fn draw_in_order(&mut self, points: i64, parts: &mut Vec<Part>) -> i64 {
        let mut rest = points;
        for lot in self.lots.iter_mut().filter(|lot| lot.left > 0) {
            if rest == 0 {
                break;
            }
            rest -= draw(lot, rest, parts);
        }
        points - rest
    }

    /// What is had pays what is owed. No entry: the balance stays as it is.
    fn settle(&mut self) {
        let Some(n) = self.lots.iter().position(|lot| lot.left < 0) else { return };
        let paid = self.draw_in_order(-self.lots[n].left, &mut Vec::new());
        self.lots[n].left += paid;
    }

    fn enter(&mut self, kind: Kind, parts: Vec<Part>) -> Entry {
        let points = parts.iter().map(|part| part.points).sum();
        self.n_entries += 1;
        self.balance += points;
        debug_assert!(self.is_sound(), "{self:?}");
        Entry { no: self.n_entries, kind, points, parts, balance: self.balance }
    }

    fn put(&mut self, lot: Lot) {
        self.lots.push(lot);
        self.lots.sort_by_key(order);
    }
}

fn order(lot: &Lot) -> (Date, i64) {
    (lot.expires, lot.no)
}

/// Takes as much as there is, at most `points`; how much it was.
fn draw(lot: &mut Lot, points: i64, parts: &mut Vec<Part>) -> i64 {
    let drawn = points.min(lot.left);
    if drawn > 0 {
        lot.left -= drawn;
        parts.push(Part { lot: lot.id.clone(), points: -drawn });
    }
    drawn
}
