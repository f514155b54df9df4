//! Issuing a quote: the one that is valid for a customer and a configuration.
//!
//! Issuing: one customer has one valid quote for one configuration. A second one is seen before it is made, needs whoever may allow it,
//! and takes the place of the first.

use marque_sdk::{Data, Date, Fault, Result, Value, event, info, json, timer};
use serde::Deserialize;

use crate::{
    desk::{Desk, refuse, refuse_at},
    limit::{self, Level},
    people,
    quote::{KIND, Quote, patch},
    sheet, task,
};
use marque_sdk::money;

/// What is wished beside the issue itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// In place of a colleague's valid quote.
    pub replace: bool,
    /// Why.
    pub reason: Option<String>,
}

/// Issues a draft that was made before: at the prices it was made at, or not at all.
pub fn again(desk: &Desk, quote: &Quote, wish: Wish) -> Result<Value> {
    quote.must_be(&["draft"])?;
    let sheet = sheet::price(desk, &quote.asked()?)?;
    if quote.data.get("lines") != Some(&json!(sheet.lines)) {
        return refuse(
            "prices_changed",
            "the price list has changed since: edit the quote, look at the total, and issue it then",
        );
    }
    issue(desk, quote, &wish)
}

/// Issues a draft, or asks whoever may allow it.
pub fn issue(desk: &Desk, quote: &Quote, wish: &Wish) -> Result<Value> {
    let rivals = rivals(quote)?;
    let colleague = rivals.iter().find(|rival| rival.owner() != quote.owner() && !rival.is_version_of(quote));
    if let Some(rival) = colleague {
        see_first(desk, quote, rival, wish)?;
    }
    let level = desk.level();
    let is_within = quote.number("discount") <= limit::of(desk, quote, level)?.amount;
    let mut needed = if is_within { Level::Nobody } else { limit::needed(desk, quote, level)? };
    if colleague.is_some() && level < Level::SalesMgr {
        needed = needed.max(Level::SalesMgr);
    }
    let reason = wish.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    if (needed > Level::Nobody || colleague.is_some()) && reason.is_none() {
        return refuse_at(
            "reason_missing",
            "/reason",
            "say why: this is above your limit, or takes the place of a colleague's quote",
        );
    }
    if needed == Level::Nobody {
        let data = patch(
            json!({ "approval_level": "none", "ask_reason": reason, "conflict_with": colleague.map(|rival| &rival.id) }),
        );
        return activate(desk, quote, "issue", data, &rivals);
    }
    ask(desk, quote, needed, reason.unwrap_or_default(), colleague)
}

/// The valid quotes that it would stand beside: for the same thing, or versions of itself.
pub fn rivals(quote: &Quote) -> Result<Vec<Quote>> {
    let mut rivals = Quote::active(quote.customer())?;
    rivals.retain(|rival| rival.id != quote.id && (rival.slot() == quote.slot() || rival.is_version_of(quote)));
    Ok(rivals)
}

/// A colleague's valid quote is shown before another is issued; it is undercut or it stands.
fn see_first(desk: &Desk, quote: &Quote, rival: &Quote, wish: &Wish) -> Result<()> {
    if !wish.replace {
        let message = format!(
            "{} is valid already at {} fen: work with its consultant, or ask to replace it, with a reason",
            rival.text("number"),
            rival.number("total")
        );
        // What the colleague's quote is, said in full: whoever asks may not open it.
        let name = people::name(rival.owner())?;
        let total = money::yuan(rival.number("total"));
        let until = Date::of(rival.text("valid_until"), &desk.call)?;
        let seen = format!("{} · {name} · {total} · {until}", rival.text("number"));
        return Err(Fault::new("quote_conflict", message).and("/replace", "quote_seen", seen));
    }
    if quote.number("total") >= rival.number("total") && desk.level() < Level::SalesMgr {
        return refuse(
            "quote_not_lower",
            "a colleague's quote is valid at this price or less: it stands, work with its consultant",
        );
    }
    Ok(())
}

fn ask(desk: &Desk, quote: &Quote, needed: Level, reason: &str, colleague: Option<&Quote>) -> Result<Value> {
    let Some(approver) = people::approver(&quote.org, needed, desk.me())? else {
        return refuse("approver_missing", "nobody here can approve this: give somebody the role sales_mgr or gm");
    };
    task::end(desk, quote, "done")?;
    let due = info::due(desk.now(), &desk.settings.approve_within)?;
    let task = task::open(desk, quote, "quotes.approve", &approver, &due, true)?;
    let mut data = patch(json!({ "approval_level": needed.code(), "ask_reason": reason, "task": task }));
    data.extend(colleague.map(|rival| ("conflict_with".to_owned(), json!(rival.id))));
    quote.move_to("ask", &data).stage()?;
    if let Some(rival) = colleague {
        event::raise("quotes.quote.conflict_prevented")
            .subject(quote.customer())
            .field("owner", rival.owner())
            .field("asked_by", quote.owner())
            .field("model", quote.text("model"))
            .stage()?;
    }
    let mut after = quote.with(&data);
    after.data.insert("state".into(), "awaiting_approval".into());
    Ok(reply(&after))
}

/// Makes a quote the one valid one. Those it replaces end in the same moment, and their consultants are told.
pub fn activate(desk: &Desk, quote: &Quote, transition: &str, mut data: Data, rivals: &[Quote]) -> Result<Value> {
    for rival in rivals {
        supersede(desk, rival, quote)?;
    }
    let until = info::due(desk.now(), &desk.settings.valid_for)?;
    task::end(desk, quote, "done")?;
    let task = task::open(desk, quote, "quotes.follow_up", quote.owner(), &until, true)?;
    data.retain(|_, value| !value.is_null());
    data.extend(patch(json!({ "issued_at": desk.now(), "valid_until": until, "slot": quote.slot(), "task": task })));
    quote.move_to(transition, &data).stage()?;
    timer::set(&format!("expire:{}", quote.id), &until).subject(quote.customer()).field("quote", &quote.id).stage()?;
    let mut after = quote.with(&data);
    after.data.insert("state".into(), "active".into());
    Ok(reply(&after))
}

/// Ends a valid quote in favour of another.
pub fn supersede(desk: &Desk, rival: &Quote, by: &Quote) -> Result<()> {
    rival.move_to("supersede", &patch(json!({ "superseded_by": by.id, "slot": null, "task": null }))).stage()?;
    task::end(desk, rival, "not_needed")?;
    timer::cancel(&format!("expire:{}", rival.id)).stage()?;
    if rival.owner() != by.owner() {
        let due = info::due(desk.now(), &desk.settings.told_within)?;
        task::open(desk, rival, "quotes.superseded", rival.owner(), &due, false)?;
    }
    Ok(())
}

/// What whoever asked is told.
pub fn reply(quote: &Quote) -> Value {
    json!({
        "id": quote.id, "kind": KIND, "state": quote.state(), "total": quote.number("total"), "discount": quote.number("discount"),
        "discount_limit": quote.number("discount_limit"), "floor": quote.number("floor"),
        "approval_level": quote.some("approval_level").unwrap_or("none"),
    })
}
