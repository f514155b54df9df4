//! Calls to the world: all that the server asks of others goes through here, within a size and a time, over HTTPS, following no redirect.

use std::{io::Read, sync::Arc, time::Duration};

use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use ureq::{Agent, http::Response};

use crate::{Error, ErrorKind, Result};

/// A provider that answers later than this is down for whoever waits to sign in.
const WITHIN: Duration = Duration::from_secs(10);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// Documents and tokens have a few kilobytes.
const MAX_BYTES: u64 = 256 << 10;
/// Calls at once: each holds a thread.
const MAX_CALLS: usize = 8;

/// What calls out.
#[derive(Clone, Debug)]
pub struct Egress {
    agent: Agent,
    turns: Arc<Semaphore>,
}

impl Default for Egress {
    fn default() -> Egress {
        Egress { agent: agent(), turns: Arc::new(Semaphore::new(MAX_CALLS)) }
    }
}

/// What calls over HTTP, within a time.
pub(super) fn agent() -> Agent {
    Agent::config_builder()
        // Where a call goes is decided here, not by who answers it.
        .max_redirects(0)
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(WITHIN))
        .timeout_connect(Some(CONNECT_WITHIN))
        .user_agent(concat!("marque/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

/// Whether the server may call there: over HTTPS, or to this very machine, where nobody listens between.
///
/// # Errors
/// `egress.refused`.
pub fn check(url: &str) -> Result<()> {
    let refuse =
        |why: &str| Err(Error::new(ErrorKind::Unavailable, "egress.refused", format!("{url:?} is not called: {why}")));
    let Some((scheme, rest)) = url.split_once("://") else { return refuse("it is no URL") };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') || authority.contains('\\') || url.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return refuse("it is written to be misread");
    }
    match scheme {
        "https" if !authority.is_empty() => Ok(()),
        "http" if is_this_machine(authority) => Ok(()),
        _ => refuse("it is not https"),
    }
}

/// Whether a host, with or without a port, is this very machine.
pub fn is_this_machine(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}

impl Egress {
    /// The JSON at an address.
    ///
    /// # Errors
    /// `egress.refused` for where it may not call; `egress.failed` when what comes back is late, too large, or not what was asked for.
    pub async fn get<T: DeserializeOwned + Send + 'static>(&self, url: &str) -> Result<T> {
        check(url)?;
        let (agent, url) = (self.agent.clone(), url.to_owned());
        self.call(move || read(&url, agent.get(&url).header("accept", "application/json").call())).await
    }

    /// The JSON that answers a form.
    ///
    /// # Errors
    /// As [`Egress::get`].
    pub async fn post_form<T: DeserializeOwned + Send + 'static>(
        &self,
        url: &str,
        form: String,
        authorization: Option<String>,
    ) -> Result<T> {
        check(url)?;
        let (agent, url) = (self.agent.clone(), url.to_owned());
        self.call(move || {
            let mut request = agent
                .post(&url)
                .header("accept", "application/json")
                .header("content-type", "application/x-www-form-urlencoded");
            if let Some(authorization) = authorization {
                request = request.header("authorization", authorization);
            }
            read(&url, request.send(form))
        })
        .await
    }

    async fn call<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let turn = self.turns.clone().acquire_owned().await.map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(Error::internal)?
    }
}

fn failed(url: &str, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    // A query may hold what is nobody else's business.
    let place = url.split('?').next().unwrap_or_default();
    let message = "the other server did not answer as it should; try again in a moment";
    Error::new(ErrorKind::Unavailable, "egress.failed", message).caused_by(format!("{place}: {}", why.into()))
}

fn read<T: DeserializeOwned>(url: &str, answered: Result<Response<ureq::Body>, ureq::Error>) -> Result<T> {
    let mut response = answered.map_err(|error| failed(url, error))?;
    if response.status() != 200 {
        return Err(failed(url, format!("status {}", response.status().as_u16())));
    }
    let mut bytes = Vec::new();
    let mut reader = response.body_mut().as_reader().take(MAX_BYTES + 1);
    reader.read_to_end(&mut bytes).map_err(|error| failed(url, error))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(failed(url, format!("more than {MAX_BYTES} bytes")));
    }
    serde_json::from_slice(&bytes).map_err(|error| failed(url, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_called() {
        for url in [
            "https://id.example/x",
            "https://id.example:8443",
            "http://localhost:9/x",
            "http://127.0.0.1",
            "http://[::1]:80/",
        ] {
            assert!(check(url).is_ok(), "{url}");
        }
        for url in [
            "http://id.example/",
            "http://127.0.0.1@evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "https://a@b/",
            "https:///x",
            "file:///etc/passwd",
            "gopher://127.0.0.1/",
            "http://2130706433/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/latest",
            "https://a\nb/",
            "//id.example",
            "",
        ] {
            assert_eq!(check(url).unwrap_err().code, "egress.refused", "{url}");
        }
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed_and_too_much_is_not_read() {
        use std::{io::Write, net::TcpListener, thread};
        let answers = [
            "HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 2\r\n\r\n{}".to_owned(),
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {0}\r\n\r\n{1}",
                MAX_BYTES + 10,
                " ".repeat(MAX_BYTES as usize + 10)
            ),
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n{\"a\":1}".to_owned(),
        ];
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 1024];
                let _ = stream.read(&mut request);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        let egress = Egress { agent: Egress::default().agent, ..Egress::default() };
        for _ in 0..2 {
            let error = egress.get::<serde_json::Value>(&url).await.unwrap_err();
            assert_eq!(error.code, "egress.failed");
        }
        assert_eq!(egress.get::<serde_json::Value>(&url).await.unwrap(), serde_json::json!({ "a": 1 }));
    }
}
