//! Server-sent events: CloudEvents 1.0 in order, without a gap, for as long as the session lasts.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{self, KeepAlive, Sse},
    },
};
use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;

use super::{
    super::{
        Shared,
        auth::{self, Signed},
        params::Params,
    },
    Asked, hub,
};
use crate::{
    Error, ErrorKind, Result,
    model::{Actor, Event, Scope, event::cloud_event},
    store::tables::{self, event::Narrow},
};

/// Proxies and browsers give up on a silent connection after half a minute and more.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// How often a silent stream asks whether its session still holds.
const PROVE_EVERY: Duration = Duration::from_secs(10);
/// What everybody hears of, whose organisations it happened in or not.
const HOUSE: [&str; 3] = ["plugin.installed", "plugin.enabled", "plugin.disabled"];
/// Messages that wait for a slow reader before the stream waits for it.
const WAITING: usize = 64;

/// `GET /events/stream`.
pub async fn open(
    State(http): State<Shared>,
    signed: Signed,
    headers: HeaderMap,
    Params(asked): Params<Asked>,
) -> Result<Response> {
    let full = || Error::new(ErrorKind::Unavailable, "stream.full", "too many streams are open; try again in a moment");
    let place = http.hub.places.clone().try_acquire_owned().map_err(|_| full())?;
    let batches = hub::listen(&http);
    let at = match last_event_id(&headers)?.or(asked.after) {
        Some(seq) => seq,
        None => *http.app.store.head().borrow(),
    };
    let (messages, receiver) = mpsc::channel(WAITING);
    let scope = http.app.scope(&signed.actor);
    let stream = Stream {
        http,
        actor: signed.actor,
        scope,
        headers,
        address: signed.address,
        narrow: asked.narrow(),
        at,
        batches,
        messages,
        _place: place,
    };
    tokio::spawn(stream.run());
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(ReceiverStream::new(receiver)).keep_alive(keep_alive).into_response())
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get("last-event-id") else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let seq = text.parse().map_err(|_| {
        Error::invalid("last_event_id", format!("Last-Event-ID {text:?} is not the number of an event"))
    })?;
    Ok(Some(seq))
}

/// One open stream. It ends when the reader goes, the session ends or the server stops.
struct Stream {
    http: Shared,
    actor: Actor,
    scope: Scope,
    headers: HeaderMap,
    address: Option<std::net::IpAddr>,
    narrow: Narrow,
    /// The last event that was sent or passed over.
    at: i64,
    batches: broadcast::Receiver<Arc<[Event]>>,
    messages: mpsc::Sender<Result<sse::Event, Infallible>>,
    _place: OwnedSemaphorePermit,
}

/// Why a stream ends.
struct Ended;

impl Stream {
    async fn run(mut self) {
        let mut stopping = self.http.is_stopping.subscribe();
        // The sender lives as long as the server's state, which the stream holds.
        let stopped = async move { drop(stopping.wait_for(|is_stopping| *is_stopping).await) };
        tokio::select! {
            _ = self.follow() => {}
            () = stopped => {}
        }
    }

    async fn follow(&mut self) -> Result<(), Ended> {
        let mut endings = self.http.proved.endings();
        self.catch_up().await?;
        loop {
            let batch = tokio::select! {
                batch = self.batches.recv() => batch,
                _ = endings.changed() => {
                    self.prove().await?;
                    continue;
                }
                () = tokio::time::sleep(PROVE_EVERY) => {
                    self.prove().await?;
                    continue;
                }
                () = self.messages.closed() => return Err(Ended),
            };
            match batch {
                Ok(events) => self.hand_on(&events).await?,
                Err(broadcast::error::RecvError::Lagged(_)) => self.catch_up().await?,
                Err(broadcast::error::RecvError::Closed) => return Err(Ended),
            }
        }
    }

    async fn hand_on(&mut self, events: &[Event]) -> Result<(), Ended> {
        // Somebody may have left, or an organisation moved; asking after every commit would be a read a stream.
        if events.iter().any(|event| event.kind.starts_with("user.") || event.kind.starts_with("org.")) {
            self.prove().await?;
        }
        let Some(last) = events.last().map(|event| event.seq) else { return Ok(()) };
        let is_new = |event: &&Event| event.seq > self.at && self.narrow.holds(event);
        let is_wanted = |event: &&Event| is_new(event) && self.scope.holds(&event.org);
        let wanted: Vec<Event> = events.iter().filter(is_wanted).cloned().collect();
        let of_the_house: Vec<Event> =
            events.iter().filter(is_new).filter_map(|event| self.of_the_house(event)).collect();
        for event in self.heard(wanted).await?.iter().chain(&of_the_house) {
            self.write(event).await?;
        }
        self.at = self.at.max(last);
        Ok(())
    }

    /// What changes everybody's screens although it happened above them: a plugin that came, was set to work or laid to
    /// rest. Its kind and nothing more is told.
    fn of_the_house(&self, event: &Event) -> Option<Event> {
        let is_told = HOUSE.contains(&event.kind.as_str()) && !self.scope.holds(&event.org);
        is_told.then(|| Event { data: json!({}), actor: "system".into(), record: None, subject: None, ..event.clone() })
    }

    /// As these eyes may hear them. Who sees everything in scope is not made to wait for a read.
    async fn heard(&self, events: Vec<Event>) -> Result<Vec<Event>, Ended> {
        if events.is_empty() || self.http.app.store.rights(&self.actor).compiled().is_none() {
            return Ok(events);
        }
        let read = self.http.view(&self.actor, move |view| {
            events.iter().filter_map(|event| view.hears(event).transpose()).collect::<Result<Vec<_>>>()
        });
        read.await.map_err(|error| {
            tracing::warn!(%error, "a stream could not read what it tells of and was ended; its reader will come again");
            Ended
        })
    }

    /// The same person, or nobody: who was signed out, or has left, hears no more.
    async fn prove(&mut self) -> Result<(), Ended> {
        // A page that is left open is not used: the stream does not keep its session awake.
        let signed: Signed = auth::prove(&self.http, &self.headers, self.address).await.map_err(|_| Ended)?;
        if signed.wants.is_some() {
            return Err(Ended);
        }
        self.scope = self.http.app.scope(&signed.actor);
        self.actor = signed.actor;
        Ok(())
    }

    /// Read the log from where the stream stands to its end.
    async fn catch_up(&mut self) -> Result<(), Ended> {
        loop {
            let (narrow, at) = (self.narrow.clone(), self.at);
            let read = self.http.view(&self.actor, move |view| {
                let (events, reached) = tables::event::list(view, view.scope(), &narrow, at, super::MAX_LIMIT)?;
                let is_end =
                    events.len() < super::MAX_LIMIT as usize && (reached >= view.at_seq() || narrow.subject.is_some());
                let events =
                    events.iter().filter_map(|event| view.hears(event).transpose()).collect::<Result<Vec<_>>>()?;
                Ok((events, reached, is_end))
            });
            let (events, reached, is_end) = match read.await {
                Ok(read) => read,
                Err(error) => {
                    tracing::warn!(%error, "a stream could not read the log and was ended; its reader will come again");
                    return Err(Ended);
                }
            };
            for event in &events {
                self.write(event).await?;
            }
            self.at = self.at.max(reached);
            if is_end {
                return Ok(());
            }
        }
    }

    async fn write(&self, event: &Event) -> Result<(), Ended> {
        let message = sse::Event::default().id(event.seq.to_string()).data(cloud_event(event).to_string());
        self.messages.send(Ok(message)).await.map_err(|_| Ended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{RecordRef, Time};

    #[test]
    fn a_cloud_event_has_its_required_attributes() {
        let event = Event {
            seq: 7,
            kind: "customer.created".into(),
            at: Time::from_millis(1_773_367_200_000),
            org: "d1".parse().unwrap(),
            subject: Some("c1".parse().unwrap()),
            actor: "user:u1".into(),
            cause: None,
            depth: 0,
            record: Some(RecordRef { kind: "customer".into(), id: "c1".parse().unwrap(), rev: 1 }),
            data: json!({ "changed": ["name"], "quoted": {} }),
        };
        assert_eq!(
            cloud_event(&event),
            json!({
                "specversion": "1.0", "id": "7", "source": "/api/v1/events", "type": "customer.created", "time": "2026-03-13T02:00:00.000Z",
                "subject": "c1", "datacontenttype": "application/json", "org": "d1", "actor": "user:u1", "depth": 0,
                "recordkind": "customer", "recordid": "c1", "recordrev": 1, "data": { "changed": ["name"], "quoted": {} },
            })
        );
    }

    #[test]
    fn a_wrong_last_event_id_is_refused() {
        let headers = |text: &str| HeaderMap::from_iter([("last-event-id".parse().unwrap(), text.parse().unwrap())]);
        assert_eq!(last_event_id(&headers("12")).unwrap(), Some(12));
        assert_eq!(last_event_id(&headers("abc")).unwrap_err().code, "last_event_id.invalid");
        assert_eq!(last_event_id(&HeaderMap::new()).unwrap(), None);
    }
}
