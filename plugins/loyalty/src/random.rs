//! A hundred thousand random operations on ledgers, interrupted ones among them: the sums hold after each.

use std::collections::BTreeMap;

use marque_sdk::Date;

use crate::{
    desk::month_end,
    ledger::{Burning, Entry, Kind, Ledger, Lot, Part, Refusal},
};

const RULES: Burning = Burning { from: 1_000, step: 100 };
const OPERATIONS: u64 = 100_000;

/// A small generator of its own, so that a failure comes back with its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % n
    }
}

/// What the store holds of an account: its row with a revision, its lots, its entries. A commit takes all or nothing.
struct Shop {
    rev: u32,
    ledger: Ledger,
    open: BTreeMap<String, Lot>,
    used_up: BTreeMap<String, Lot>,
    entries: Vec<Entry>,
    /// Of the points of all entries, and of those earned.
    sum: i64,
    earned: i64,
    n_ids: u64,
}

impl Shop {
    fn open() -> Shop {
        let (open, used_up) = (BTreeMap::new(), BTreeMap::new());
        Shop { rev: 0, ledger: Ledger::empty(), open, used_up, entries: Vec::new(), sum: 0, earned: 0, n_ids: 0 }
    }

    fn id(&mut self) -> String {
        self.n_ids += 1;
        format!("lot-{}", self.n_ids)
    }

    /// As a call reads it: the row and its open lots.
    fn read(&self) -> (u32, Ledger) {
        let open = self.open.values().cloned().collect();
        let Ledger { balance, lifetime, n_entries, .. } = self.ledger;
        (self.rev, Ledger::new(balance, lifetime, n_entries, open))
    }

    /// Takes what a call staged, unless somebody was quicker.
    fn commit(&mut self, rev: u32, after: Ledger, entries: Vec<Entry>) -> bool {
        if rev != self.rev {
            return false;
        }
        self.rev += 1;
        for lot in after.lots() {
            let (here, there) = match lot.left {
                0 => (&mut self.used_up, &mut self.open),
                _ => (&mut self.open, &mut self.used_up),
            };
            there.remove(&lot.id);
            here.insert(lot.id.clone(), lot.clone());
        }
        self.sum += entries.iter().map(|entry| entry.points).sum::<i64>();
        self.earned += entries.iter().filter(|entry| entry.kind == Kind::Earn).map(|entry| entry.points).sum::<i64>();
        self.entries.extend(entries);
        self.ledger = after;
        true
    }

    fn lot(&self, id: &str) -> Lot {
        self.open.get(id).or_else(|| self.used_up.get(id)).expect("no lot is ever thrown away").clone()
    }

    fn check(&self, told: &str) {
        assert_eq!(self.ledger.balance, self.open.values().map(|lot| lot.left).sum::<i64>(), "lots: {told}");
        assert_eq!(self.ledger.balance, self.sum, "entries: {told}");
        assert_eq!(self.ledger.n_entries, self.entries.len() as i64, "{told}");
        assert!(self.read().1.is_sound(), "{told}");
        assert!(self.ledger.lifetime <= self.earned, "{told}");
    }
}

/// One thing done to a ledger; the entries it makes. A refused one makes none and must leave all as it was.
fn operate(dice: &mut Dice, shop: &mut Shop, ledger: &mut Ledger, today: Date) -> Vec<Entry> {
    let mut entries: Vec<Entry> = ledger.expire(today).into_iter().collect();
    let before = ledger.clone();
    let ends = month_end(today.plus_months(24));
    let points = 1 + dice.below(4_000) as i64;
    let done = match dice.below(10) {
        0..=3 => Some(ledger.add(Kind::Earn, points, shop.id(), ends)),
        4 | 5 => {
            let wanted = points / 100 * 100;
            let burnt = ledger.burn(wanted, RULES);
            match burnt {
                Err(refusal) => assert_eq!(refusal, expected(&before, wanted), "{before:?}"),
                Ok(_) => assert!(ledger.balance >= 0),
            }
            burnt.ok()
        }
        6 => {
            let own = ledger.lots().first().map(|lot| lot.id.clone());
            let debt = shop.id();
            Some(ledger.reverse(points, own.as_deref(), debt, ends))
        }
        7 => give_back(dice, shop, ledger, today),
        8 => ledger.deduct(Kind::Adjust, points).ok(),
        _ if dice.below(40) == 0 => ledger.void(),
        _ => Some(ledger.add(Kind::Adjust, points, shop.id(), ends)),
    };
    if done.is_none() {
        assert_eq!(*ledger, before, "a refusal changes nothing");
    }
    entries.extend(done);
    entries
}

fn expected(ledger: &Ledger, wanted: i64) -> Refusal {
    match () {
        () if ledger.balance < 0 => Refusal::InDebt,
        () if wanted < RULES.from => Refusal::TooFew,
        () => {
            assert!(wanted > ledger.balance);
            Refusal::Insufficient
        }
    }
}

fn give_back(dice: &mut Dice, shop: &Shop, ledger: &mut Ledger, today: Date) -> Option<Entry> {
    let burns: Vec<&Entry> = shop.entries.iter().rev().take(50).filter(|entry| entry.kind == Kind::Burn).collect();
    let burn = burns.get(dice.below(burns.len().max(1) as u64) as usize)?;
    let known = |part: &Part| (shop.lot(&part.lot), -part.points);
    Some(ledger.give_back(burn.parts.iter().map(known).collect(), month_end(today)))
}

#[test]
fn after_a_hundred_thousand_operations_the_sums_hold() {
    let mut dice = Dice(7_919);
    let mut shops: Vec<Shop> = (0..20).map(|_| Shop::open()).collect();
    let mut today: Date = "2026-03-13".parse().unwrap();
    let (mut n_interrupted, mut n_late, mut n_debts) = (0, 0, 0);
    for n in 0..OPERATIONS {
        if dice.below(60) == 0 {
            today = today.plus_days(1);
        }
        let which = dice.below(shops.len() as u64) as usize;
        let shop = &mut shops[which];
        let (rev, mut ledger) = shop.read();
        let entries = operate(&mut dice, shop, &mut ledger, today);
        match dice.below(10) {
            // The server dies before the commit: everything that was staged is gone.
            0 => n_interrupted += 1,
            // Two desks at once read the same; the second is refused.
            1 => {
                let (other_rev, mut other) = shop.read();
                let others = operate(&mut dice, shop, &mut other, today);
                assert!(shop.commit(rev, ledger, entries));
                assert!(!shop.commit(other_rev, other, others));
                n_late += 1;
            }
            _ => assert!(shop.commit(rev, ledger, entries)),
        }
        n_debts += u64::from(shop.ledger.balance < 0);
        shop.check(&format!("operation {n}"));
    }
    assert!(n_interrupted > 9_000 && n_late > 9_000 && n_debts > 100, "{n_interrupted} {n_late} {n_debts}");
}

#[test]
fn points_that_expire_first_are_used_first() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let mut ledger = Ledger::empty();
    ledger.add(Kind::Earn, 700, "late".into(), day("2028-05-31"));
    ledger.add(Kind::Earn, 800, "early".into(), day("2028-03-31"));
    let entry = ledger.burn(1_000, RULES).unwrap();
    let part = |lot: &str, points| Part { lot: lot.into(), points };
    assert_eq!(entry.parts, [part("early", -800), part("late", -200)]);
    assert_eq!((entry.balance, ledger.lifetime), (500, 1_500));
}

#[test]
fn what_is_taken_back_beyond_the_balance_is_owed_and_paid_by_what_comes_next() {
    let ends: Date = "2028-03-31".parse().unwrap();
    let mut ledger = Ledger::empty();
    ledger.add(Kind::Earn, 1_200, "a".into(), ends);
    ledger.burn(1_000, RULES).unwrap();
    ledger.reverse(1_200, Some("a"), "debt".into(), ends);
    assert_eq!((ledger.balance, ledger.lifetime), (-1_000, 0));
    assert_eq!(ledger.burn(1_000, RULES), Err(Refusal::InDebt));
    ledger.add(Kind::Earn, 2_500, "b".into(), ends);
    assert_eq!(ledger.balance, 1_500);
    assert_eq!(ledger.burn(1_600, RULES), Err(Refusal::Insufficient));
    assert!(ledger.burn(1_500, RULES).is_ok());
}

#[test]
fn points_are_used_from_a_thousand_on_in_hundreds() {
    let ends: Date = "2028-03-31".parse().unwrap();
    let mut ledger = Ledger::empty();
    ledger.add(Kind::Earn, 5_000, "a".into(), ends);
    assert_eq!(ledger.burn(900, RULES), Err(Refusal::TooFew));
    assert_eq!(ledger.burn(1_050, RULES), Err(Refusal::Uneven));
    assert_eq!(ledger.burn(0, RULES), Err(Refusal::TooFew));
    assert!(ledger.burn(1_100, RULES).is_ok());
}

#[test]
fn points_hold_on_their_last_day_and_not_on_the_next() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    let mut ledger = Ledger::empty();
    ledger.add(Kind::Earn, 300, "a".into(), day("2028-03-31"));
    assert_eq!(ledger.expire(day("2028-03-31")), None);
    let entry = ledger.expire(day("2028-04-01")).unwrap();
    assert_eq!((entry.kind, entry.points, ledger.balance), (Kind::Expire, -300, 0));
    assert_eq!(ledger.expire(day("2028-04-02")), None);
}
