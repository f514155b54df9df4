//! Telling one subscription what is due, and what becomes of it: taken, tried again later, given up, or the whole of it stopped.

use std::{sync::Arc, time::Instant};

use serde_json::json;

use super::Shared;
use crate::{
    Result,
    commands::{Ctx, Run, webhook::Disable},
    model::{Id, Scope, Time, contact::Channel, event::cloud_event, webhook as signing},
    outbound::Notice,
    store::{
        View,
        tables::{
            self,
            webhook::{Delivery, Fate, Webhook},
        },
    },
};

/// Deliveries told in one go, one after the other.
const BATCH: u32 = 50;
/// Waits before a delivery is tried again, as Standard Webhooks has them; after the last it has failed.
const PAUSES_MS: [i64; 7] = [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000];
/// One that takes nothing is left alone for a while before the next thing is tried, ever longer.
const REST_MS: i64 = 5_000;
const LONGEST_REST_MS: i64 = 300_000;
/// After so long without taking anything it is stopped and its owner told.
const GIVEN_UP_MS: i64 = 5 * 86_400_000;
/// The longest reason that is kept.
const MAX_FAULT_CHARS: usize = 200;

/// What came of one attempt.
enum Came {
    Taken {
        status: u16,
    },
    NotTaken {
        status: Option<u16>,
        fault: String,
    },
    /// Nobody may hear it any more: it was erased, or the owner's rights have changed.
    Gone,
}

/// Begin to tell what is due, in a task of its own: a slow listener must not keep others waiting. Answers when it is due again.
pub(super) async fn begin(shared: &Arc<Shared>, webhook: Webhook) -> Result<Option<Time>> {
    let now = shared.clock.now();
    let rests = shared.now().resting.get(&webhook.id).map(|(until, _)| *until);
    if shared.now().busy.contains(&webhook.id) {
        return Ok(None);
    }
    let (work, id) = (shared.clone(), webhook.id.clone());
    let next = tokio::task::spawn_blocking(move || tables::webhook::next_due(&work.store.view(Scope::All)?, &id));
    let next = next.await.map_err(crate::Error::internal)??;
    let next = next.map(|next| rests.map_or(next, |rests| next.max(rests)));
    if next.is_none_or(|next| next > now) {
        return Ok(next);
    }
    shared.now().busy.insert(webhook.id.clone());
    let shared = shared.clone();
    tokio::spawn(async move {
        let id = webhook.id.clone();
        let told = tell(&shared, webhook).await;
        if let Err(error) = &told {
            tracing::error!(%error, webhook.id = %id, "a webhook is held up");
            let until = shared.clock.now().plus_millis(LONGEST_REST_MS);
            shared.now().resting.insert(id.clone(), (until, 1));
        }
        shared.now().busy.remove(&id);
        shared.poke();
    });
    Ok(None)
}

async fn tell(shared: &Arc<Shared>, webhook: Webhook) -> Result<()> {
    let work = shared.clone();
    let telling = webhook.clone();
    let told = tokio::task::spawn_blocking(move || each(&work, &telling)).await.map_err(crate::Error::internal)??;
    let now = shared.clock.now();
    let (taken, refused) = (
        told.iter().any(|(_, came)| matches!(came, Came::Taken { .. })),
        told.iter().find(|(_, came)| matches!(came, Came::NotTaken { .. })),
    );
    let is_gone = refused.is_some_and(|(_, came)| matches!(came, Came::NotTaken { status: Some(410), .. }));
    rest(shared, &webhook.id, refused.is_some(), now);
    let failing_since = match (taken, refused.is_some()) {
        (_, false) => None,
        (true, true) => Some(now),
        (false, true) => Some(webhook.failing_since.unwrap_or(now)),
    };
    let is_given_up = failing_since.is_some_and(|since| now - since >= GIVEN_UP_MS);
    let stop = match (is_gone, is_given_up) {
        (true, _) => Some("gone"),
        (_, true) => Some("failing"),
        _ => None,
    };
    let ctx = Ctx::system(webhook.org.clone(), now, shared.catalogue.load_full());
    let id = webhook.id.clone();
    let stopped = shared.store.commit(move |tx| {
        if tables::webhook::get(tx, &id)?.is_none() {
            return Ok(None);
        }
        for (delivery, came) in told {
            tables::webhook::put_delivery(tx, &concluded(delivery, came, now))?;
        }
        tables::webhook::set_failing(tx, &id, failing_since)?;
        stop.map_or(Ok(None), |why| Disable { id, why }.run(tx, &ctx))
    });
    match stopped.await? {
        Some(stopped) => tell_owner(shared, &stopped).await,
        None => Ok(()),
    }
}

fn rest(shared: &Shared, id: &Id, has_failed: bool, now: Time) {
    let mut state = shared.now();
    if !has_failed {
        state.resting.remove(id);
        return;
    }
    let times = state.resting.get(id).map_or(0, |(_, times)| *times);
    let pause = (REST_MS << times.min(10)).min(LONGEST_REST_MS);
    state.resting.insert(id.clone(), (now.plus_millis(pause), times + 1));
}

/// One after the other, up to the first that is not taken: what follows it waits.
fn each(shared: &Shared, webhook: &Webhook) -> Result<Vec<(Delivery, Came)>> {
    let all = shared.store.view(Scope::All)?;
    let now = shared.clock.now();
    let due = tables::webhook::due(&all, &webhook.id, now, BATCH)?;
    let owner = shared.owner(&all, webhook)?;
    let eyes = owner.map(|owner| shared.eyes(&owner, webhook)).transpose()?;
    let secrets = secrets(shared, webhook, now)?;
    let mut told = Vec::new();
    for delivery in due {
        let Some(body) = body(&all, eyes.as_ref(), webhook, &delivery, now)? else {
            told.push((delivery, Came::Gone));
            continue;
        };
        let begun = Instant::now();
        let came = post(shared, webhook, &secrets, &delivery, &body, now);
        let has_failed = matches!(came, Came::NotTaken { .. });
        let took_ms = i64::try_from(begun.elapsed().as_millis()).ok();
        told.push((Delivery { took_ms, ..delivery }, came));
        if has_failed {
            break;
        }
    }
    Ok(told)
}

/// The secrets that sign: the new one first.
fn secrets(shared: &Shared, webhook: &Webhook, now: Time) -> Result<Vec<String>> {
    let old = webhook.old_secret.as_ref().filter(|_| webhook.old_until.is_some_and(|until| now < until));
    let open = |sealed: &String| -> Result<String> {
        let bytes = shared.seal.open(sealed, &place(&webhook.id))?;
        String::from_utf8(bytes).map_err(crate::Error::internal)
    };
    std::iter::once(&webhook.secret).chain(old).map(open).collect()
}

/// What a secret is sealed for: that of one subscription opens no other.
pub fn place(webhook: &Id) -> String {
    format!("webhook:{webhook}")
}

/// What is told, as the owner may hear it now.
fn body(all: &View, eyes: Option<&View>, webhook: &Webhook, delivery: &Delivery, now: Time) -> Result<Option<String>> {
    let Some(seq) = delivery.seq else {
        let trial = json!({
            "specversion": "1.0", "id": delivery.id, "source": "/api/v1/webhooks", "type": "webhook.test", "time": now,
            "datacontenttype": "application/json", "org": webhook.org, "data": { "webhook": webhook.id, "name": webhook.name },
        });
        return Ok(Some(trial.to_string()));
    };
    let (Some(eyes), Some(event)) = (eyes, tables::event::get(all, seq)?) else { return Ok(None) };
    Ok(eyes.hears(&event)?.map(|heard| cloud_event(&heard).to_string()))
}

fn post(shared: &Shared, webhook: &Webhook, secrets: &[String], delivery: &Delivery, body: &str, now: Time) -> Came {
    let at = now.millis() / 1_000;
    let signatures: Vec<String> =
        secrets.iter().map(|secret| signing::signature(secret, delivery.id.as_str(), at, body)).collect();
    // A host that was trusted may not be any more.
    if let Err(error) = shared.inside.check(&webhook.url) {
        return Came::NotTaken { status: None, fault: error.message };
    }
    let request = shared
        .agent
        .post(&webhook.url)
        .header("content-type", "application/json")
        .header("webhook-id", delivery.id.as_str())
        .header("webhook-timestamp", at.to_string())
        .header("webhook-signature", signatures.join(" "));
    match request.send(body).map(|answer| answer.status().as_u16()) {
        Ok(status @ 200..=299) => Came::Taken { status },
        Ok(status) => Came::NotTaken { status: Some(status), fault: format!("answered {status}") },
        Err(error) => Came::NotTaken { status: None, fault: error.to_string().chars().take(MAX_FAULT_CHARS).collect() },
    }
}

fn concluded(delivery: Delivery, came: Came, now: Time) -> Delivery {
    let attempts = delivery.attempts + 1;
    let tried = Delivery { tried_at: Some(now), attempts, ..delivery };
    match came {
        Came::Taken { status } => Delivery { state: Fate::Delivered, status: Some(status), fault: None, ..tried },
        Came::Gone => {
            let fault = Some("it may not be heard any more".to_owned());
            Delivery { state: Fate::Failed, status: None, fault, ..tried }
        }
        Came::NotTaken { status, fault } => {
            let tried = Delivery { status, fault: Some(fault), ..tried };
            // A trial is looked at by a person, who tries again.
            let pause = PAUSES_MS.get(attempts as usize - 1).filter(|_| tried.seq.is_some());
            match pause {
                Some(pause) => Delivery { due_at: now.plus_millis(*pause), ..tried },
                None => Delivery { state: Fate::Failed, ..tried },
            }
        }
    }
}

/// The owner is written to where there is an address; the event tells everybody else.
async fn tell_owner(shared: &Arc<Shared>, webhook: &Webhook) -> Result<()> {
    let (work, owner) = (shared.clone(), webhook.owner.clone());
    let read = tokio::task::spawn_blocking(move || {
        tables::record::get(&work.store.view(Scope::All)?, "user", &owner, &Scope::All)
    });
    let Some(user) = read.await.map_err(crate::Error::internal)?? else { return Ok(()) };
    let Some(address) = user.text("email").map(str::to_owned) else { return Ok(()) };
    let is_english = user.text("locale") == Some("en");
    let (subject, body) = if is_english {
        (
            format!("Webhook stopped: {}", webhook.name),
            "It took nothing for five days, or said that it is gone, and is told nothing any more. What happens waits. Mend it and set it going again under Administration, Webhooks.",
        )
    } else {
        (
            format!("推送已停用：{}", webhook.name),
            "该推送连续五天没有成功，或对方表示已下线，现已停止推送，期间的事件会保留。请修复后在“管理 · 事件推送”中重新启用。",
        )
    };
    let notice = Notice { channel: Channel::Email, address, sender: "Marque".into(), subject, body: body.into() };
    if let Err(error) = shared.outbound.hand(notice, shared.clock.now()).await {
        tracing::warn!(%error, webhook.id = %webhook.id, "the owner of a webhook could not be told that it was stopped");
    }
    Ok(())
}
