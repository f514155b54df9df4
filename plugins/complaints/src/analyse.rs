//! `analyse`: the cause, who is responsible, whether the sanbao rules apply.

use marque_sdk::{Result, json};
use serde::{Deserialize, Serialize};

use crate::{
    case::{Case, State, patch},
    desk::Desk,
    flow::{self, Turn},
    handle, owner, people,
};

/// The input.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Analyse {
    cause: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sanbao_result: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    responsible_org: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    responsible_staff: Option<String>,
}

/// Records the cause. Where the analysis names the owner, the case passes to somebody else at once.
pub fn analyse(desk: &Desk, case: &Case, input: Analyse) -> Result<()> {
    people::may_handle(desk, case)?;
    case.must_be(&[State::Soothed, State::Reopened, State::Analysing])?;
    let mut patch = patch(json!(input));
    patch.insert("analysed_at".into(), desk.call.now.as_str().into());
    if let Some(accused) = &input.responsible_staff {
        people::member(accused)?;
        if case.owner() == accused {
            patch.insert("owner".into(), owner::choose(desk, Some(accused))?.into());
        }
    }
    let is_new_owner = patch.contains_key("owner");
    match case.state() {
        State::Analysing if is_new_owner => flow::go(desk, case, Turn::stay(case, patch)).map(drop),
        State::Analysing => handle::keep(case, patch),
        _ => flow::go(desk, case, Turn::take("analyse", State::Analysing, patch)).map(drop),
    }
}
