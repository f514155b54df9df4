//! Invitations over the consent gate, one reminder, and the day it is over. Calls are shared out among the callers.

use std::collections::BTreeSet;

use marque_sdk::{Filter, Id, Outcome, Record, Result, Value, info, message, new_id, page::Link, record, timer, view};
use serde::Deserialize;

use crate::{
    answer::{self, Answer},
    call,
    desk::Desk,
    fieldwork::BATCH,
    questionnaire,
    source::REST,
    study,
};

/// The next invitations of a study.
pub fn next(desk: &Desk, id: &str) -> Result<()> {
    let study = study::load(id)?.data;
    if study.state != "fieldwork" {
        return Ok(());
    }
    let waiting = Filter::eq("study", id).and(Filter::eq("state", "sampled"));
    let found = view::find::<Answer>(answer::KIND).filter(waiting).limit(BATCH).page()?.items;
    let tired = tired(&found, desk.settings.blackout_days)?;
    for (n, answer) in found.iter().enumerate() {
        if answer.data.customer.as_ref().is_some_and(|customer| tired.contains(customer)) && !study.is_pilot {
            record::mov(answer::KIND, &answer.id, "exclude")
                .if_rev(answer.rev)
                .field("end_reason", "surveyed_lately")
                .stage()?;
            continue;
        }
        leave_in_peace(desk, answer, study.is_pilot)?;
        if study.mode == "phone" {
            let caller = &study.callers[n % study.callers.len().max(1)];
            record::mov(answer::KIND, &answer.id, "invite")
                .if_rev(answer.rev)
                .field("owner", caller)
                .field("invited_at", desk.now())
                .stage()?;
        } else {
            send(desk, answer, false)?;
        }
    }
    if study.mode == "phone" && !found.is_empty() {
        call::tasks(desk, id, &study)?;
    }
    if found.len() as u32 == BATCH {
        timer::set(&format!("invite:{id}"), desk.now()).field("study", id).stage()?;
    }
    Ok(())
}

/// The dealer does not see whom those above have asked, but that it must not ask them again so soon.
fn leave_in_peace(desk: &Desk, answer: &Record<Answer>, is_pilot: bool) -> Result<()> {
    let (Some(customer), Some(dealer)) = (&answer.data.customer, &answer.data.dealer) else { return Ok(()) };
    if is_pilot || *dealer == desk.call.org {
        return Ok(());
    }
    let rest = record::create(REST).org(dealer).field("customer", customer);
    rest.field("asked_at", desk.now()).stage()
}

/// Customers whom another study has asked within the days of rest since this sample was drawn.
fn tired(answers: &[Record<Answer>], days: i64) -> Result<BTreeSet<Id>> {
    #[derive(Deserialize)]
    struct Asked {
        customer: Id,
    }
    let customers: Vec<&Id> = answers.iter().filter_map(|answer| answer.data.customer.as_ref()).collect();
    let Some(study) = answers.first().map(|answer| answer.data.study.clone()) else { return Ok(BTreeSet::new()) };
    if customers.is_empty() {
        return Ok(BTreeSet::new());
    }
    let asked = Filter::is_in("customer", customers.into_iter().cloned())
        .and(Filter::ne("study", study))
        .and(Filter::gte("invited_at", Filter::now(&format!("-{days}d"))))
        .and(Filter::ne("is_pilot", true));
    let asked = crate::source::pages::<Asked>(answer::KIND, &asked, 2_000)?;
    Ok(asked.into_iter().map(|asked| asked.data.customer).collect())
}

/// Sends the link. The core asks for consent at the moment it goes out, and says if it may not.
fn send(desk: &Desk, answer: &Record<Answer>, is_reminder: bool) -> Result<()> {
    let Some(customer) = &answer.data.customer else { return Ok(()) };
    let body = questionnaire::load(&answer.data.questionnaire)?.data.body;
    let until = info::due(desk.now(), &desk.settings.expiry)?;
    let text = format!("{}{{survey}}", body.invitation_zh);
    let link = Link::new("answer", answer.id.as_str()).until(&until).once();
    let id = new_id();
    let mut command = message::marketing(customer.as_str(), &desk.settings.channel, &text)
        .template(if is_reminder { "surveys.reminder" } else { "surveys.invitation" })
        .until(&until)
        .campaign(&answer.data.study)
        .link("survey", link)
        .command();
    command.body["id"] = id.as_str().into();
    // What headquarters asks goes out in the name of the dealer whom the customer knows.
    if let Some(dealer) = answer.data.dealer.as_ref().filter(|dealer| **dealer != desk.call.org) {
        command.body["sender"] = dealer.as_str().into();
    }
    if desk.settings.channel == "email" {
        command.body["subject"] = body.name.as_str().into();
    }
    command.stage()?;
    if is_reminder {
        record::change(answer::KIND, &answer.id).if_rev(answer.rev).field("reminded_at", desk.now()).stage()?;
        return timer::set(&format!("next:{}", answer.id), &until)
            .subject(customer.as_str())
            .field("answer", &answer.id)
            .field("step", "expire")
            .stage();
    }
    record::mov(answer::KIND, &answer.id, "invite")
        .if_rev(answer.rev)
        .field("invited_at", desk.now())
        .field("until", &until)
        .field("message", &id)
        .stage()?;
    timer::set(&format!("next:{}", answer.id), &info::due(desk.now(), &desk.settings.reminder)?)
        .subject(customer.as_str())
        .field("answer", &answer.id)
        .field("step", "remind")
        .stage()
}

/// What a timer of one answer says.
#[derive(Deserialize)]
pub struct Ring {
    /// Which.
    pub answer: Id,
    /// `remind` or `expire`.
    pub step: String,
}

/// Reminds once, then ends what nobody answered.
pub fn ring(desk: &Desk, ring: &Ring) -> Result<Outcome> {
    let Some(answer) = view::get::<Answer>(answer::KIND, &ring.answer)? else { return Ok(Outcome::Skip) };
    if !answer::OPEN.contains(&answer.data.state.as_str()) {
        return Ok(Outcome::Skip);
    }
    if ring.step == "remind" {
        send(desk, &answer, true)?;
    } else {
        record::mov(answer::KIND, &answer.id, "expire").if_rev(answer.rev).field("end_reason", "no_answer").stage()?;
    }
    Ok(Outcome::Done)
}

/// A message that did not go out: nobody was asked, and nobody is reminded.
pub fn stopped(message: &str, reason: &str) -> Result<Outcome> {
    let of_message = Filter::eq("message", message).and(Filter::is_in("state", answer::OPEN));
    let Some(answer) = view::find::<Value>(answer::KIND).filter(of_message).first()? else { return Ok(Outcome::Skip) };
    record::mov(answer::KIND, &answer.id, "expire").if_rev(answer.rev).field("end_reason", reason).stage()?;
    timer::cancel(&format!("next:{}", answer.id)).stage()?;
    Ok(Outcome::Done)
}
