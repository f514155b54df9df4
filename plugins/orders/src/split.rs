//! Whose sale it was: shares that come to exactly a hundred.

use std::collections::BTreeSet;

use marque_sdk::{Id, Result, json};
use serde::{Deserialize, Serialize};

use crate::{
    desk::refuse_at,
    order::{Order, patch},
    people,
};

/// Input of `split`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    shares: Vec<Share>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    staff: Id,
    percent: i64,
}

/// Notes the shares.
pub fn split(order: &Order, input: Split) -> Result<()> {
    let whole: i64 = input.shares.iter().map(|share| share.percent).sum();
    if whole != 100 {
        return refuse_at("split_not_whole", "/shares", format!("the shares come to {whole} %: make them 100"));
    }
    let staff: BTreeSet<&Id> = input.shares.iter().map(|share| &share.staff).collect();
    if staff.len() != input.shares.len() {
        return refuse_at("share_twice", "/shares", "somebody is named twice: put their shares together");
    }
    for (n, share) in input.shares.iter().enumerate() {
        people::must_work_here(&order.org, &format!("/shares/{n}/staff"), &share.staff)?;
    }
    order.change(&patch(json!({ "commission": input.shares }))).stage()
}
