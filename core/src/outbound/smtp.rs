//! E-mail, handed to a server that takes it by SMTP.

use std::time::Duration;

use lettre::{
    Address, Message, SmtpTransport, Transport as _,
    message::{
        Mailbox,
        header::{ContentType, HeaderName, HeaderValue},
    },
    transport::smtp::{Error as SmtpError, authentication::Credentials},
};
use serde::{Deserialize, Serialize};

use super::{Parcel, Transport, Undelivered, egress};
use crate::{Error, Result, model::secret::Secret};

const WITHIN: Duration = Duration::from_secs(20);

/// A server that takes e-mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// `smtps://smtp.example.cn:465`, `smtp://smtp.example.cn:587?tls=required`.
    pub url: String,
    /// Whom it knows us as.
    #[serde(default)]
    pub user: String,
    /// With this.
    #[serde(default)]
    pub password: Secret,
    /// The address mail comes from, `crm@example.cn`; the name beside it is that of the organisation that sends.
    pub from: String,
}

/// Hands e-mail over, on connections that are kept for the next.
pub(super) struct Smtp {
    server: SmtpTransport,
    from: Address,
}

impl Smtp {
    /// Without asking the server: it may be away while we start.
    pub(super) fn new(config: &SmtpConfig) -> Result<Smtp> {
        let wrong = |field: &str, why: String| Error::invalid("config", format!("outbound.smtp.{field} {why}"));
        let mut server = SmtpTransport::from_url(&config.url)
            .map_err(|error| wrong("url", format!("is no address of an SMTP server: {error}")))?
            .timeout(Some(WITHIN));
        if !config.user.is_empty() {
            server = server.credentials(Credentials::new(config.user.clone(), config.password.reveal().to_owned()));
        }
        // In the clear only to this very machine, where nobody listens between.
        let host = config.url.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let is_secret = config.url.starts_with("smtps://") || config.url.contains("tls=required");
        if !is_secret && !egress::is_this_machine(host) {
            return Err(wrong("url", "sends in the clear: begin it with smtps:// or end it with ?tls=required".into()));
        }
        let from = config.from.parse().map_err(|_| wrong("from", "is no e-mail address".into()))?;
        Ok(Smtp { server: server.build(), from })
    }

    /// The message as it goes over the line. Its id is that of ours, so that a second copy of it is known as one.
    fn letter(&self, parcel: &Parcel) -> Option<Message> {
        let to: Address = parcel.address.parse().ok()?;
        let sender = Some(parcel.sender.clone()).filter(|sender| !sender.is_empty());
        let mut letter = Message::builder()
            .from(Mailbox::new(sender, self.from.clone()))
            .to(Mailbox::new(None, to))
            .message_id(Some(format!("<{}@{}>", parcel.key, self.from.domain())))
            .subject(parcel.subject.clone().unwrap_or_default())
            .header(ContentType::TEXT_PLAIN);
        for (name, text) in &parcel.headers {
            letter = letter.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), text.clone()));
        }
        letter.body(parcel.body.clone()).ok()
    }
}

impl Transport for Smtp {
    fn send(&self, parcels: &[Parcel]) -> Vec<std::result::Result<(), Undelivered>> {
        let one = |parcel: &Parcel| {
            let letter = self.letter(parcel).ok_or(Undelivered::Refused)?;
            self.server.send(&letter).map(drop).map_err(|error| of(&error))
        };
        parcels.iter().map(one).collect()
    }
}

fn of(error: &SmtpError) -> Undelivered {
    tracing::warn!(code = error.status().map(|code| code.to_string()), "the mail server did not take a message");
    // 5xx is for good. What is wrong with the way there, a certificate or a password included, can be mended.
    let is_about_us = error.status().is_some_and(|code| matches!(u16::from(code), 530..=538));
    if error.is_permanent() && !is_about_us { Undelivered::Refused } else { Undelivered::Unreachable }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_work_is_said_at_the_start() {
        let smtp = |url: &str, from: &str| {
            let (url, from) = (url.to_owned(), from.to_owned());
            Smtp::new(&SmtpConfig { url, user: String::new(), password: Secret::default(), from }).map(drop)
        };
        for url in ["smtps://smtp.example.cn", "smtp://smtp.example.cn:587?tls=required", "smtp://127.0.0.1:25"] {
            assert!(smtp(url, "crm@example.cn").is_ok(), "{url}");
        }
        for (url, from, word) in [
            ("smtp.example.cn", "crm@example.cn", "outbound.smtp.url is no address"),
            ("smtp://smtp.example.cn", "crm@example.cn", "sends in the clear"),
            ("smtps://smtp.example.cn", "crm", "outbound.smtp.from is no e-mail address"),
        ] {
            let error = smtp(url, from).expect_err("it is wrong");
            assert!(error.message.contains(word), "{url}: {}", error.message);
        }
    }
}
