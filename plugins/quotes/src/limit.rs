//! How much a role may give on a car: its own limit, published benefits of this customer, a published subsidy. Never more because somebody would pay more.

use marque_sdk::{Decision, Filter, Result, Value, decide, json, view};
use serde::Deserialize;

use crate::{
    desk::{Desk, theirs},
    quote::Quote,
};

/// How far somebody may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Gives nothing.
    Nobody,
    /// A consultant.
    Consultant,
    /// A sales manager.
    SalesMgr,
    /// The general manager.
    Gm,
    /// Headquarters.
    Hq,
}

impl Level {
    /// All, the lowest first.
    pub const ALL: [Level; 5] = [Level::Nobody, Level::Consultant, Level::SalesMgr, Level::Gm, Level::Hq];

    /// The roles of a level; the platform's administrator may do everything.
    pub fn roles(self) -> &'static [&'static str] {
        match self {
            Level::Nobody => &[],
            Level::Consultant => &["consultant"],
            Level::SalesMgr => &["sales_mgr"],
            Level::Gm => &["gm"],
            Level::Hq => &["hq_channel", "hq_crm", "hq_admin", "admin"],
        }
    }

    /// As it is stored: who has to approve.
    pub fn code(self) -> &'static str {
        match self {
            Level::Nobody | Level::Consultant => "none",
            Level::SalesMgr => "sales_mgr",
            Level::Gm => "gm",
            Level::Hq => "hq",
        }
    }

    /// The level of a code.
    pub fn of_code(code: &str) -> Level {
        Level::ALL.into_iter().rev().find(|level| level.code() == code).unwrap_or(Level::Hq)
    }
}

/// What a level may give on a quote.
#[derive(Clone, Debug)]
pub struct Limit {
    /// In fen.
    pub amount: i64,
    /// Why so much.
    pub reasons: Vec<String>,
    /// Of the decision; none where there was nothing to decide.
    pub receipt: Option<String>,
}

#[derive(Deserialize)]
struct Answer {
    limit: i64,
    reasons: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Graded {
    grade: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Member {
    tier: Option<String>,
}

/// Asks the point what a level may give.
pub fn of(desk: &Desk, quote: &Quote, level: Level) -> Result<Limit> {
    let role = level.roles().first().copied().unwrap_or_default();
    let base = desk.settings.limits.iter().find(|limit| limit.role == role).map(|limit| limit.amount);
    let Some(base) = base else {
        // Headquarters have no limit here, and whoever is no seller has nothing to give.
        let amount = if level == Level::Hq { i64::MAX } else { 0 };
        return Ok(Limit { amount, reasons: Vec::new(), receipt: None });
    };
    let (grade, tier) = (grade(quote.customer())?, tier(quote.customer())?);
    let has = |of: &str, code: &str| match of {
        "grade" => grade.as_deref() == Some(code),
        _ => tier.as_deref() == Some(code),
    };
    let benefits: Vec<Value> = desk
        .settings
        .benefits
        .iter()
        .filter(|benefit| has(&benefit.of, &benefit.code))
        .map(|benefit| json!({ "name": benefit.name, "basis_points": benefit.basis_points }))
        .collect();
    let mut input = json!({
        "role": role, "base": base, "list": quote.list_price(), "model": quote.some("model"), "code": quote.text("config_key").split('+').next(),
        "grade": grade, "tier": tier, "benefits": benefits, "replacement_subsidy": desk.settings.replacement_subsidy,
        "is_replacement": quote.has_line(&["trade_in"]), "now": desk.now(),
    });
    if let Some(fields) = input.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    let Decision { output, receipt } = decide::<Answer>("quote.discount_limit", &input)?;
    Ok(Limit { amount: output.limit, reasons: output.reasons, receipt: Some(receipt) })
}

/// The lowest level above `level` whose limit covers a discount.
pub fn needed(desk: &Desk, quote: &Quote, level: Level) -> Result<Level> {
    for one in Level::ALL.into_iter().filter(|one| *one > level && *one >= Level::SalesMgr) {
        if of(desk, quote, one)?.amount >= quote.number("discount") {
            return Ok(one);
        }
    }
    Ok(Level::Hq)
}

/// The customer's value grade, where it is worked out.
fn grade(customer: &str) -> Result<Option<String>> {
    let theirs_ = view::find::<Graded>("value.assessment").filter(Filter::eq("customer", customer)).order("-quarter");
    Ok(theirs(theirs_)?.and_then(|found| found.data.grade))
}

/// The customer's tier of the club, where there is one.
fn tier(customer: &str) -> Result<Option<String>> {
    let open = Filter::eq("customer", customer).and(Filter::ne("state", "closed"));
    Ok(theirs(view::find::<Member>("loyalty.account").filter(open))?.and_then(|found| found.data.tier))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_stored_by_who_approves() {
        for level in [Level::SalesMgr, Level::Gm, Level::Hq] {
            assert_eq!(Level::of_code(level.code()), level);
        }
        assert_eq!(Level::of_code("none"), Level::Consultant);
        assert_eq!(Level::of_code("nonsense"), Level::Hq, "what is not known needs the most");
    }

    #[test]
    fn every_level_is_above_the_one_before() {
        assert!(Level::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
