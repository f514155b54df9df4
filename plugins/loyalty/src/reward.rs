//! What a referral is worth: the point `referral.reward` decides; too many in a month are looked at by a manager first.

use marque_sdk::{Decision, Fault, Filter, Id, Record, Result, Value, json, record, view};
use serde::Deserialize;

use crate::{
    account::{Account, Reason},
    desk::{self, Desk},
    referral::{KIND, Stored, month},
    texts,
};

/// What is due for a referral.
#[derive(Clone, Debug, Deserialize)]
pub struct Due {
    /// For the referrer.
    pub points: i64,
    /// For the friend.
    #[serde(default)]
    pub friend_points: i64,
    /// Whether a manager looks at it first.
    #[serde(default)]
    pub review: bool,
    /// Of the decision.
    #[serde(default)]
    pub receipt: String,
}

#[derive(Deserialize)]
struct Count {
    n: u64,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct User {
    roles: Vec<String>,
    status: Option<String>,
}

/// Who looks at referrals, the first there is.
const REVIEWERS: [&str; 2] = ["crm_mgr", "gm"];

/// Asks the rule. More than the month's number is reviewed whatever it says.
pub fn decide(desk: &Desk, referral: &Record<Stored>) -> Result<Due> {
    let from = month(desk).to_string();
    let lately = Filter::eq("referrer", referral.data.referrer.as_str())
        .and(Filter::is_in("state", ["delivered", "rewarded"]))
        .and(Filter::gte("delivered_on", from));
    let rows: Vec<Count> = view::aggregate(KIND).filter(lately).count("n").rows()?;
    let n_this_month = rows.first().map_or(0, |row| row.n) + 1;
    let settings = &desk.settings;
    let input = json!({
        "n_this_month": n_this_month,
        "monthly": settings.referral_monthly,
        "base": settings.referral,
        "friend_base": settings.referral_friend,
        "now": desk.now(),
    });
    let Decision { output, receipt } = marque_sdk::decide::<Due>("referral.reward", &input)?;
    let review = output.review || n_this_month > settings.referral_monthly.unsigned_abs();
    // Within the maker's budget: tenfold at most.
    let most = settings.referral.max(settings.referral_friend).saturating_mul(10);
    Ok(Due { points: output.points.min(most), friend_points: output.friend_points.min(most), review, receipt })
}

/// What was found due when the car was handed over.
pub fn stored(id: &str) -> Result<Due> {
    Ok(view::require::<Due>(KIND, id)?.data)
}

/// Posts the points and ends the referral. `buyer` is the friend's account where it is being saved already.
pub fn pay(desk: &Desk, referral: &Record<Stored>, due: &Due, buyer: Option<&mut Account>) -> Result<()> {
    let about = Some((KIND, referral.id.as_str()));
    let receipt = Some(due.receipt.as_str()).filter(|receipt| !receipt.is_empty());
    let reason = Reason { rule: "referral", about, receipt, ..Reason::default() };
    let mut account = Account::find(&referral.data.referrer)?.ok_or_else(|| {
        Fault::new("referrer_gone", "the referrer's account is closed: reject the referral, or let them join again")
    })?;
    account.expire(desk)?;
    account.earn(desk, due.points, &reason)?;
    account.save(desk)?;
    match (buyer, &referral.data.friend) {
        (Some(buyer), _) => drop(buyer.earn(desk, due.friend_points, &reason)?),
        (None, Some(friend)) if due.friend_points > 0 => {
            if let Some(mut buyer) = Account::find(friend)? {
                buyer.expire(desk)?;
                buyer.earn(desk, due.friend_points, &reason)?;
                buyer.save(desk)?;
            }
        }
        _ => {}
    }
    let write = record::mov(KIND, &referral.id, "reward").field("rewarded_at", desk.now());
    write.field("review", false).field("slot", Value::Null).stage()
}

/// A task for whoever looks at referrals here.
pub fn ask_manager(desk: &Desk, referral: &Record<Stored>) -> Result<()> {
    let Some(owner) = reviewer(&referral.org)? else { return Ok(()) };
    let data = json!({
        "title": texts::text(&desk.call.locale, "task.review"), "owner": owner, "step": "loyalty.review",
        "due": marque_sdk::info::due(desk.now(), "2wd")?, "customer": referral.data.referrer, "about_kind": KIND,
        "about": referral.id,
    });
    record::create("worklist.task").org(&referral.org).fields(desk::said(data)).stage()
}

fn reviewer(org: &str) -> Result<Option<Id>> {
    let users = view::find::<User>("user").filter(Filter::eq("org", org)).limit(500).page()?.items;
    let at_work = |user: &&Record<User>| user.data.status.as_deref().is_none_or(|status| status == "active");
    let with = |role: &&str| users.iter().filter(at_work).find(|user| user.data.roles.iter().any(|has| has == role));
    Ok(REVIEWERS.iter().find_map(with).map(|user| user.id.clone()))
}
