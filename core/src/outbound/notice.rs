//! What is sent to people of the house themselves: no customer's, so nobody's consent is asked.

use super::{Outbound, Parcel, Undelivered, compose};
use crate::{
    Error, ErrorKind, Result,
    model::{Id, Time, contact::Channel},
};

/// What is sent to somebody of the house.
#[derive(Clone, Debug)]
pub struct Notice {
    /// By which way.
    pub channel: Channel,
    /// Their own address.
    pub address: String,
    /// In whose name.
    pub sender: String,
    /// What it is headed with.
    pub subject: String,
    /// The text.
    pub body: String,
}

impl Outbound {
    /// Hand it over at once.
    ///
    /// # Errors
    /// `outbound.not_taken`, where the gateway does not take it.
    pub async fn hand(&self, notice: Notice, at: Time) -> Result<()> {
        let body = compose::signed(notice.channel, &notice.sender, &notice.body);
        let parcel = Parcel {
            key: Id::fresh(at),
            at,
            channel: notice.channel,
            address: notice.address,
            sender: notice.sender,
            subject: Some(notice.subject),
            body,
            headers: Vec::new(),
        };
        let shared = self.shared.clone();
        let handed = tokio::task::spawn_blocking(move || shared.transport.send(&[parcel]).pop());
        let why = match handed.await.map_err(Error::internal)? {
            Some(Ok(())) => return Ok(()),
            Some(Err(Undelivered::NoGateway)) | None => "no gateway is set up for this channel",
            Some(Err(Undelivered::Refused)) => "the gateway refused it",
            Some(Err(Undelivered::Unreachable)) => "the gateway could not be reached",
        };
        Err(Error::new(ErrorKind::Unavailable, "outbound.not_taken", format!("it was not sent: {why}")))
    }
}
