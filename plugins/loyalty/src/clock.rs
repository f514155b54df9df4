//! An account's one timer: it rings on the next day something ends, somebody is to be told, or a statement is due.

use marque_sdk::Date;

use crate::{
    account::Facts,
    desk::{self, Desk},
    ledger::{Ledger, Lot},
};

/// Days before an end on which its owner is told, the earlier one first.
pub const NOTICES: [i64; 2] = [60, 14];

/// The timer's name.
pub fn key(account: &str) -> String {
    format!("clock:{account}")
}

/// The next day on which there is something to do, tomorrow at the earliest.
pub fn next(desk: &Desk, facts: &Facts, ledger: &Ledger, is_active: bool) -> Option<Date> {
    let tomorrow = desk.today.plus_days(1);
    let lots = ledger.lots().iter().filter(|lot| lot.left > 0).map(lot_rings);
    let account = is_active.then(|| {
        let statement = desk.settings.statements.then(|| desk::month_begin(desk.today).plus_months(1));
        let lapse = lapses_on(desk, facts);
        let notice = next_notice(lapse, facts.lapse_noticed).unwrap_or(lapse);
        statement.map_or(notice, |statement| statement.min(notice))
    });
    lots.chain(account).min().map(|day| day.max(tomorrow))
}

/// The day an account lapses unless its owner comes and pays.
pub fn lapses_on(desk: &Desk, facts: &Facts) -> Date {
    let counted = facts.last_visit.unwrap_or(facts.joined_on).plus_months(desk.settings.lapse_months);
    facts.lapses_on.map_or(counted, |put_off| put_off.max(counted))
}

/// The day of the next notice before an end, none when all were given.
pub fn next_notice(end: Date, noticed: Option<i64>) -> Option<Date> {
    let next = NOTICES.into_iter().find(|days| noticed.is_none_or(|noticed| *days < noticed));
    next.map(|days| end.plus_days(-days))
}

/// The notice that is due on a day, if any: the nearest one that was not given yet.
pub fn due_notice(today: Date, end: Date, noticed: Option<i64>) -> Option<i64> {
    let due = NOTICES.into_iter().filter(|days| noticed.is_none_or(|noticed| *days < noticed));
    due.filter(|days| end.plus_days(-days) <= today).min()
}

/// What expires next: the day and how many points.
pub fn expiring(ledger: &Ledger, today: Date) -> Option<(Date, i64)> {
    let open = || ledger.lots().iter().filter(|lot| lot.left > 0 && lot.expires >= today);
    let day = open().map(|lot| lot.expires).min()?;
    Some((day, open().filter(|lot| lot.expires == day).map(|lot| lot.left).sum()))
}

fn lot_rings(lot: &Lot) -> Date {
    // The last day itself can still be used.
    next_notice(lot.expires, lot.noticed).unwrap_or_else(|| lot.expires.plus_days(1))
}
