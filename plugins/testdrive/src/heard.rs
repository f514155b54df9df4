//! What follows from a step of a test drive: the word to the customer, clocks, the task, the lead. The step itself was taken by somebody else.

use marque_sdk::{Data, Event, Outcome, Result, info, new_id, record, view};

use crate::{
    clock,
    desk::Desk,
    drive::{self, Drive},
    enquiry, notice, task, texts,
};

const CONTACT: &str = "contacts.contact";

/// A test drive has taken a step. What came after it is looked at too: only the drive as it is now counts.
pub fn heard(desk: &Desk, event: &Event) -> Result<Outcome> {
    let Some(record) = event.record() else { return Ok(Outcome::Skip) };
    let Some(drive) = view::get::<Data>(drive::KIND, &record.id)?.map(Drive::from) else { return Ok(Outcome::Skip) };
    let step = event.kind.rsplit('.').next().unwrap_or_default();
    let is_now = |states: &[&str]| drive.is_in(states);
    match step {
        "created" => {
            enquiry::mark(&drive, "booked")?;
            if is_now(&["requested"]) {
                acknowledge(desk, &drive)?;
                return Ok(Outcome::Done);
            }
            return Ok(Outcome::Skip);
        }
        "acknowledged" if is_now(&drive::UNANSWERED) => return Ok(Outcome::Skip),
        "alternative_offered" if is_now(&["alternative"]) => {
            clock::await_answer(desk, &drive)?;
            notice::send(desk, &drive, "offer")?;
        }
        "confirmed" | "rescheduled" if is_now(&["confirmed"]) => {
            clock::await_visit(desk, &drive)?;
            notice::send(desk, &drive, if step == "rescheduled" { "moved" } else { "confirmed" })?;
        }
        "waitlisted" if is_now(&["waitlisted"]) => notice::send(desk, &drive, "waitlisted")?,
        "declined" | "cancelled" => {
            clock::clear(&drive)?;
            notice::send(desk, &drive, step)?;
        }
        "checked_in" | "no_show" => clock::clear(&drive)?,
        "done" => done(desk, &drive)?,
        "changed" if event.changed("owner") => {}
        "reminded" | "started" | "rescheduled" | "confirmed" => {}
        _ => return Ok(Outcome::Skip),
    }
    task::settle(desk, &drive)?;
    Ok(Outcome::Done)
}

/// The word that the wish has come, within the minute, and the clocks of its answer.
fn acknowledge(desk: &Desk, drive: &Drive) -> Result<()> {
    drive.take("acknowledge").field("ack_sent_at", desk.now()).stage()?;
    clock::await_answer(desk, drive)?;
    notice::send(desk, drive, if drive.slot().is_some() { "ack" } else { "ack_timeless" })
}

/// It was a talk with the customer, brings the lead on, and is followed up.
fn done(desk: &Desk, drive: &Drive) -> Result<()> {
    enquiry::mark(drive, "done")?;
    if is_there(CONTACT) {
        let model = drive.text("model").unwrap_or_default();
        let words = texts::filled(&desk.call.locale, "word.drive_of", &[("model", model)]);
        let contact = record::create(CONTACT).id(new_id()).org(&drive.org).field("customer", drive.customer()?);
        let contact = contact.field("summary", words).field("outcome", "reached").field("channel", "visit");
        let contact = contact.field("direction", "in").field("at", drive.text("ended_at").unwrap_or(desk.now()));
        let by = drive.text("companion").or(drive.text("owner"));
        by.into_iter().fold(contact, |contact, by| contact.field("by", by)).stage()?;
    }
    if desk.settings.ask_feedback && drive.text("feedback_at").is_none() {
        notice::send(desk, drive, "feedback")?;
    }
    let due = info::due(desk.now(), &desk.settings.follow_up)?;
    task::aside(desk, drive, "testdrive.follow_up", drive.text("owner").unwrap_or_default(), &due)
}

/// Whether a feature is installed: kinds of one that is not cannot be read.
pub fn is_there(kind: &str) -> bool {
    view::find::<Data>(kind).limit(1).page().is_ok()
}
