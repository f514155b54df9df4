//! An account's timer rings: notices, points that end, accounts that lapse, the monthly statement.

use marque_sdk::{Outcome, Result, Value, json, message, view};

use crate::{
    account::{self, Account, Facts, Reason},
    clock,
    desk::{self, Desk},
    offers, texts,
};

/// Does whatever is due by today and sets the timer anew. A timer that rings twice finds nothing to do the second time.
pub fn ring(desk: &Desk, id: &str) -> Result<Outcome> {
    match view::get::<Facts>(account::KIND, id)? {
        Some(record) if record.data.state != "closed" => {}
        _ => return Ok(Outcome::Skip),
    }
    let mut account = Account::load(id)?;
    account.expire(desk)?;
    tell_of_lots(desk, &mut account)?;
    if account.facts.state == "active" {
        watch_lapse(desk, &mut account)?;
        state_month(desk, &mut account)?;
    }
    account.save(desk)?;
    Ok(Outcome::Done)
}

/// One message for all points that end in so many days.
fn tell_of_lots(desk: &Desk, account: &mut Account) -> Result<()> {
    let mut ends: Vec<(marque_sdk::Date, i64)> = Vec::new();
    for lot in account.ledger.lots_mut().iter_mut().filter(|lot| lot.left > 0) {
        let Some(days) = clock::due_notice(desk.today, lot.expires, lot.noticed) else { continue };
        lot.noticed = Some(days);
        match ends.iter_mut().find(|(day, _)| *day == lot.expires) {
            Some((_, points)) => *points += lot.left,
            None => ends.push((lot.expires, lot.left)),
        }
    }
    for (day, points) in ends {
        notice(desk, account, "message.expiring", points, day)?;
    }
    Ok(())
}

/// Nobody lapses without both notices: one that comes late puts the day off.
fn watch_lapse(desk: &Desk, account: &mut Account) -> Result<()> {
    let [_, last] = clock::NOTICES;
    let lapses = clock::lapses_on(desk, &account.facts);
    if let Some(days) = clock::due_notice(desk.today, lapses, account.facts.lapse_noticed) {
        let told_for = lapses.max(desk.today.plus_days(if days == last { last } else { 0 }));
        account.facts.lapse_noticed = Some(days);
        account.facts.lapses_on = Some(told_for);
        account.patch.insert("lapse_noticed".into(), days.into());
        if account.ledger.balance > 0 {
            notice(desk, account, "message.lapsing", account.ledger.balance, told_for)?;
        }
        return Ok(());
    }
    if desk.today >= lapses && account.facts.lapse_noticed == Some(last) {
        if let Some(entry) = account.ledger.void() {
            account.enter(desk, &entry, &Reason { rule: "lapse", ..Reason::default() })?;
        }
        account.transition = Some("lapse");
    }
    Ok(())
}

/// A notice belongs to the contract: who joins is told before points end.
fn notice(desk: &Desk, account: &Account, key: &str, points: i64, day: marque_sdk::Date) -> Result<()> {
    let (points, day) = (points.to_string(), day.to_string());
    let gaps = [("card", texts::card_end(&account.facts.number)), ("points", &points), ("day", &day)];
    let body = texts::filled(&desk.call.locale, key, &gaps);
    let send = message::serve(&account.facts.customer, &desk.settings.channel, &body).template(key);
    send.subject(&texts::text(&desk.call.locale, "message.subject")).stage()
}

/// The statement is for pleasure, not of the contract: the consent gate decides whether it goes.
fn state_month(desk: &Desk, account: &mut Account) -> Result<()> {
    let month = desk::month_begin(desk.today);
    let is_new = desk::month_begin(account.facts.joined_on) == month;
    if !desk.settings.statements || is_new || account.facts.stated.is_some_and(|stated| stated >= month) {
        return Ok(());
    }
    state(desk, account)?;
    account.facts.stated = Some(month);
    account.patch.insert("stated".into(), json!(month));
    Ok(())
}

/// Sends a statement now.
pub fn state(desk: &Desk, account: &Account) -> Result<()> {
    let send = message::marketing(&account.facts.customer, &desk.settings.channel, &statement(desk, account)?);
    send.subject(&texts::text(&desk.call.locale, "message.subject")).template("message.statement").stage()
}

/// What a statement says: points, tier, what ends next, what they are worth, the next service.
pub fn statement(desk: &Desk, account: &Account) -> Result<String> {
    let locale = &desk.call.locale;
    let balance = account.ledger.balance;
    let tier = texts::text(locale, &format!("tier.{}", json!(account.facts.tier).as_str().unwrap_or_default()));
    let (points, worth) = (balance.to_string(), texts::yuan(desk.settings.worth(balance.max(0))));
    let card = texts::card_end(&account.facts.number);
    let gaps = [("card", card), ("tier", &tier), ("points", &points), ("worth", &worth)];
    let mut parts = vec![texts::filled(locale, "message.statement", &gaps)];
    if let Some((day, points)) = clock::expiring(&account.ledger, desk.today) {
        let (day, points) = (day.to_string(), points.to_string());
        parts.push(texts::filled(locale, "message.statement_expiring", &[("points", &points), ("day", &day)]));
    }
    if let Some(day) = offers::next_service(desk, &account.facts.customer)? {
        parts.push(texts::filled(locale, "message.statement_service", &[("day", &day.to_string())]));
    }
    if let Some((reward, points)) = offers::reward(desk, balance)? {
        let points = points.to_string();
        parts.push(texts::filled(locale, "message.statement_reward", &[("reward", &reward), ("points", &points)]));
    }
    if let Some((activity, day)) = offers::activity(desk)? {
        let gaps = [("activity", activity.as_str()), ("day", &day.to_string())];
        parts.push(texts::filled(locale, "message.statement_activity", &gaps));
    }
    Ok(parts.concat())
}

/// What the statement would say, for who asks at the desk.
pub fn show(desk: &Desk, id: &str) -> Result<Value> {
    let account = Account::load(id)?;
    Ok(json!({ "text": statement(desk, &account)? }))
}
