//! `refund`: what a document earned is taken back as far as its lines are, exactly and in one go or in several.

use marque_sdk::{Fault, Result, Value, json, new_id, record};
use serde::{Deserialize, Serialize};

use crate::{
    account::{Account, Reason},
    desk::{self, Desk},
    document::{self, Item, KIND},
    points,
    sums::Sums,
};

/// The input; see plugin.toml.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refund {
    number: String,
    /// What is refunded; everything that is left unless said.
    #[serde(default)]
    lines: Vec<Item>,
}

/// Takes back.
pub fn refund(desk: &Desk, id: &str, input: &Refund) -> Result<Value> {
    let said = json!({ "of": id, "number": input.number, "lines": input.lines });
    let original = document::stored(id)?;
    if let Some(reply) = document::known(&original.org, &input.number, &said)? {
        return Ok(reply);
    }
    let stored = &original.data;
    if stored.kind == "refund" {
        return Err(Fault::new("refund_of_refund", "this is a refund itself: post a new document instead"));
    }
    let left = stored.sums.minus(&stored.refunded).unwrap_or_default();
    let refunded = if input.lines.is_empty() { left } else { document::sums_of(&input.lines)? };
    let Some(rest) = left.minus(&refunded) else {
        let message = "more is refunded than the document has left of that sort: correct the lines";
        return Err(Fault::at("refund_beyond", "/lines", message));
    };
    let bonus = if rest == Sums::default() { stored.bonus - stored.bonus_reversed } else { 0 };
    if refunded.total() == 0 && bonus == 0 {
        return Err(Fault::at("refund_empty", "/lines", "nothing is left to refund of this document"));
    }
    let mut account = Account::load(&stored.account)?;
    account.must_be_open()?;
    account.expire(desk)?;
    // What stays is counted as it was then, so that nothing is lost or won by rounding twice.
    let paid = rest.less_points(stored.paid_with_points.min(rest.payable()))?;
    let should = points::for_document(desk, &stored.kind, &paid, stored.tier, &stored.settled_at)?;
    let taken = (stored.points - stored.reversed - should.points).max(0);
    let reason =
        |document| Reason { rule: "refund", document: Some(document), about: Some((KIND, id)), ..Reason::default() };
    let ends = desk::month_end(desk.today.plus_months(desk.settings.valid_months));
    if taken > 0 {
        let entry = account.ledger.reverse(taken, stored.lot.as_deref(), new_id(), ends);
        account.enter(desk, &entry, &reason(&input.number))?;
    }
    if bonus > 0 {
        let entry = account.ledger.reverse(bonus, stored.bonus_lot.as_deref(), new_id(), ends);
        account.enter(desk, &entry, &reason(&input.number))?;
    }
    let org = account.org.clone();
    let data = json!({
        "number": input.number, "customer": account.facts.customer, "account": account.id, "kind": "refund", "of": id,
        "settled_at": desk.now(), "total": -refunded.total(), "earning": 0, "paid_with_points": 0, "sums": refunded,
        "tier": stored.tier, "points": 0, "reversed": taken + bonus, "said": said,
    });
    let refund = new_id();
    let saved = account.save(desk)?;
    let sum = stored.sums.minus(&rest);
    record::change(KIND, id)
        .if_rev(original.rev)
        .field("refunded", sum)
        .field("reversed", stored.reversed + taken)
        .field("bonus_reversed", stored.bonus_reversed + bonus)
        .stage()?;
    record::create(KIND).id(&refund).org(org).fields(desk::said(data)).stage()?;
    Ok(saved.reply(json!({ "document": refund, "points": taken + bonus, "replayed": false })))
}
