//! `raise`: record a complaint with its level, owner, clocks and first task, all in one call.

use marque_sdk::{Data, Fault, Result, Value, json, new_id, page::Visit, record, view};
use serde::{Deserialize, Serialize};

use crate::{
    case::{Case, KIND, State, patch},
    clock,
    desk::{Desk, refuse},
    flow,
    judge::{self, Judgement},
    level::Level,
    matter,
    moment::Moment,
    owner, people, timer,
};

/// The input; see plugin.toml.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    customer: String,
    facts: String,
    #[serde(skip_serializing)]
    received_at: Option<Moment>,
    #[serde(skip_serializing)]
    owner: Option<String>,
    #[serde(skip_serializing)]
    level: Option<Level>,
    responsible_staff: Option<String>,
    responsible_org: Option<String>,
    kind: Option<String>,
    channel: Option<String>,
    demand: Option<String>,
    is_grumble: Option<bool>,
    plate: Option<String>,
    vin: Option<String>,
    model: Option<String>,
    about_kind: Option<String>,
    about: Option<String>,
    contact_name: Option<String>,
    contact_phone: Option<String>,
}

/// Who may record a complaint that was heard more than a day ago.
const MAY_DATE_BACK: [&str; 6] = ["crm_mgr", "service_mgr", "sales_mgr", "gm", "hq_crm", "hq_admin"];

/// Records a complaint.
pub fn raise(desk: &Desk, input: Raise) -> Result<Value> {
    if view::get::<Data>("customer", &input.customer)?.is_none() {
        let message = "there is no such customer in your organisation";
        return Err(Fault::new("customer_unknown", message).and("/customer", "customer_unknown", message));
    }
    let received = received_at(desk, input.received_at)?;
    enter(desk, input, received, Data::new())
}

/// Records what somebody wrote in public as a complaint; answers its id. The clocks run from the post, however long it took
/// to see what it was, and what was said there already is said in the complaint too (`kept`).
pub fn from_post(desk: &Desk, input: Raise, posted_at: Moment, kept: Data) -> Result<String> {
    let reply = enter(desk, input, posted_at, kept)?;
    Ok(reply["id"].as_str().unwrap_or_default().to_owned())
}

/// Records a complaint that a customer has written on the public page; answers its id.
pub fn from_web(desk: &Desk, customer: &str, visit: &Visit) -> Result<String> {
    let text = |name: &str| visit.text(name);
    let input = json!({
        "customer": customer, "channel": "web", "facts": text("facts"), "demand": text("demand"), "kind": text("kind"),
        "plate": text("plate"), "contact_name": text("name"), "contact_phone": text("phone"),
    });
    let reply = enter(desk, Raise::deserialize(&input)?, desk.now, Data::new())?;
    Ok(reply["id"].as_str().unwrap_or_default().to_owned())
}

fn enter(desk: &Desk, input: Raise, received: Moment, kept: Data) -> Result<Value> {
    let owner = owner_of(desk, &input)?;

    let mut data = patch(json!(input));
    data.retain(|_, value| !value.is_null());
    let repeat_count = matter::repeat_count(&input.customer, &matter::of(&data))?;
    let Judgement { level, response, receipt, notice } = judge::judge(desk, &data, repeat_count)?;
    // A person may see more in it than the rule does, never less.
    let is_ruled = input.level.is_none_or(|wished| wished <= level);
    let level = input.level.map_or(level, |wished| wished.max(level));

    data.extend(clock::received(desk, level, input.channel.as_deref(), received, response.as_deref())?);
    data.extend(patch(json!({
        "state": State::Received.code(),
        "level": level,
        "owner": owner,
        "received_at": received.to_string(),
        "repeat_count": repeat_count,
    })));
    data.extend(desk.me().map(|me| ("received_by".to_owned(), me.into())));
    data.extend(notice.map(|notice| ("rule_notice".to_owned(), notice.into())));
    data.extend(kept);
    create(desk, data, &receipt, is_ruled)
}

fn create(desk: &Desk, data: Data, receipt: &str, is_ruled: bool) -> Result<Value> {
    let mut case = Case { id: new_id(), rev: 1, data };
    let begun = flow::begin(desk, &case)?;
    case.data.extend(begun);
    let mut stored = case.data.clone();
    // The core puts a new record where its state machine begins.
    stored.remove("state");
    let mut create = record::create(KIND).id(case.id.as_str()).fields(&stored).receipt("response_due", receipt);
    if is_ruled {
        create = create.receipt("level", receipt);
    }
    create.stage()?;
    timer::follow(desk, None, &case)?;

    let repeat_count = case.number("repeat_count");
    if matter::is_repeated(repeat_count.unsigned_abs(), desk.settings.repeat_threshold) {
        desk.raise(
            "complaints.case.repeated",
            &case,
            json!({ "repeat_count": repeat_count, "level": case.level(), "escalated_to": "region" }),
        )?;
    }
    Ok(json!({
        "id": case.id,
        "level": case.level(),
        "owner": case.owner(),
        "response_due": case.text("response_due"),
        "repeat_count": repeat_count,
    }))
}

/// From hearing, not from recording: a day back for anybody, further for those who answer for it.
fn received_at(desk: &Desk, said: Option<Moment>) -> Result<Moment> {
    let Some(at) = said else { return Ok(desk.now) };
    if at > desk.now {
        return refuse("received_in_future", format!("received_at {at} lies in the future: leave it out for now"));
    }
    let may_date_back = desk.person.as_ref().is_none_or(|person| person.may_as(&MAY_DATE_BACK));
    if desk.now.minutes_since(at) > 24 * 60 && !may_date_back {
        return refuse(
            "received_too_long_ago",
            format!("received_at {at} is more than 24 hours ago: have a manager record it"),
        );
    }
    Ok(at)
}

fn owner_of(desk: &Desk, input: &Raise) -> Result<String> {
    let accused = input.responsible_staff.as_deref();
    if let Some(accused) = accused {
        people::member(accused)?;
    }
    match &input.owner {
        None => owner::choose(desk, accused),
        Some(owner) => {
            owner::must_not_be_accused(owner, accused)?;
            Ok(people::member(owner)?.id)
        }
    }
}
