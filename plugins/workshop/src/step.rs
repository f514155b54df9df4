//! Who has to do what next, and by when: the task that follows from how a record stands.

use marque_sdk::{Id, Result};

use crate::{
    desk::Desk,
    file::{APPOINTMENT, File, ORDER},
    moment, people,
    task::Plan,
};

/// The task of a record's state; none where nobody has to act any more.
pub fn of(desk: &Desk, file: &File) -> Result<Option<Plan>> {
    let plan = match file.kind.as_str() {
        APPOINTMENT => of_appointment(file),
        ORDER => of_order(desk, file)?,
        _ => None,
    };
    // A task is due in the future: what is late already is due at once, which is the end of the next half hour.
    match plan {
        Some(plan) if plan.due.as_str() <= desk.now() => {
            Ok(Some(Plan { due: moment::after(desk.now(), "30bm")?, ..plan }))
        }
        plan => Ok(plan),
    }
}

fn of_appointment(file: &File) -> Option<Plan> {
    let owner: Id = file.text("owner")?.into();
    let plan = |step, due: Option<&str>| Some(Plan { step, owner: owner.clone(), due: due.unwrap_or_default().into() });
    match file.state() {
        "requested" | "acknowledged" => plan("workshop.confirm", file.text("answer_due")),
        "confirmed" | "reminded" => plan("workshop.receive", file.text("slot")),
        _ => None,
    }
}

fn of_order(desk: &Desk, order: &File) -> Result<Option<Plan>> {
    let advisor = || order.text("advisor").unwrap_or_default().to_owned();
    let technician = || order.text("technician").map_or_else(advisor, str::to_owned);
    let soon = |span: &str| moment::after(desk.now(), span);
    let promised = || order.text("promised_ready").map_or_else(|| soon("8bh"), |at| Ok(at.to_owned()));
    let settings = &desk.settings;
    let (step, owner, due) = match order.state() {
        "opened" => ("workshop.inspect", advisor(), soon(&settings.inspect_within)?),
        "inspected" => ("workshop.estimate", advisor(), soon(&settings.inspect_within)?),
        "estimated" => ("workshop.approval", advisor(), soon(&settings.answer_within)?),
        "approved" => ("workshop.start", technician(), promised()?),
        "in_repair" => ("workshop.repair", technician(), promised()?),
        "waiting_parts" => ("workshop.parts", advisor(), parts_due(order, promised()?)),
        "quality_check" => ("workshop.check", checker(desk, order)?, soon(&settings.check_within)?),
        "ready" => ("workshop.settle", advisor(), soon(&settings.hand_back)?),
        "settled" => ("workshop.hand_back", advisor(), soon(&settings.hand_back)?),
        _ => return Ok(None),
    };
    Ok(Some(Plan { step, owner, due }))
}

/// The morning on which the parts are expected.
fn parts_due(order: &File, promised: String) -> String {
    match order.text("parts_eta").and_then(|day| day.parse::<marque_sdk::Date>().ok()) {
        Some(day) => day.morning(),
        None => promised,
    }
}

/// Somebody who has not done the work; the advisor where the workshop has nobody else.
fn checker(desk: &Desk, order: &File) -> Result<Id> {
    let staff = people::staff(&order.org)?;
    let busy = order.text("technician").unwrap_or_default();
    let checker = people::first_with(&staff, &desk.settings.checker_roles, &[busy]);
    Ok(checker.map_or_else(|| order.text("advisor").unwrap_or_default().to_owned(), |person| person.id.clone()))
}
