//! A client of the HTTP API that says what it expected.

use std::time::Duration;

use serde_json::{Value, json};
use ureq::{Agent, http::Request};

/// Talks to one server as one person.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    address: String,
    token: Option<String>,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked, for messages.
    pub request: String,
    /// The status.
    pub status: u16,
    /// The media type without parameters.
    pub media_type: String,
    /// The revision, without quotes, where the server said one.
    pub etag: Option<String>,
    /// The body, `null` if it is not JSON.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

impl Client {
    /// Nobody is signed in.
    pub fn new(address: &str) -> Client {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30)));
        Client { agent: config.build().into(), address: address.into(), token: None }
    }

    /// The same server as a person.
    #[track_caller]
    pub fn login(&self, login: &str, password: &str) -> Client {
        let body = self.post("/session", &json!({ "login": login, "password": password })).ok(200);
        self.with_token(body["token"].as_str().unwrap_or_else(|| panic!("no token for {login}: {body}")))
    }

    /// The same server with a token.
    pub fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.into()), ..self.clone() }
    }

    /// The token it carries.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Paths are below `/api/v1`, but for those of the machine: `/healthz`, `/readyz`, `/metrics`, `/api/…`.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], Vec::new())
    }

    /// POST with a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.json("POST", path, &[], body)
    }

    /// PUT with a JSON body.
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.json("PUT", path, &[], body)
    }

    /// PATCH with a JSON body.
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.json("PATCH", path, &[], body)
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], Vec::new())
    }

    /// Any method with headers and a JSON body.
    pub fn json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let headers = [headers, &[("content-type", "application/json")]].concat();
        self.send(method, path, &headers, body.to_string().into_bytes())
    }

    /// The same, or none when the server went away before it had answered.
    pub fn try_json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<Answer> {
        let headers = [headers, &[("content-type", "application/json")]].concat();
        self.try_send(method, path, &headers, body.to_string().into_bytes()).ok()
    }

    /// Any method with headers and bytes.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let answer = self.try_send(method, path, headers, body);
        answer.unwrap_or_else(|error| panic!("{method} {path} was not answered: {error}"))
    }

    /// The same where nobody may be left to answer.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<Answer, ureq::Error> {
        let is_of_the_machine =
            ["/api/", "/p/", "/healthz", "/readyz", "/metrics"].iter().any(|head| path.starts_with(head));
        let base = if is_of_the_machine { "" } else { "/api/v1" };
        let request = format!("{method} {base}{path}");
        let mut builder = Request::builder().method(method).uri(format!("{}{base}{}", self.address, escape(path)));
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        if let Some(token) = &self.token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        let ready = builder.body(body).unwrap_or_else(|error| panic!("{request} cannot be asked: {error}"));
        Ok(Answer::read(request, self.agent.run(ready)?))
    }

    /// A file as it comes.
    #[track_caller]
    pub fn download(&self, path: &str) -> Vec<u8> {
        let mut builder = Request::builder().method("GET").uri(format!("{}/api/v1{}", self.address, escape(path)));
        if let Some(token) = &self.token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        let ready = builder.body(Vec::new()).unwrap_or_else(|error| panic!("GET {path} cannot be asked: {error}"));
        let mut response = self.agent.run(ready).unwrap_or_else(|error| panic!("GET {path} was not answered: {error}"));
        let bytes = response.body_mut().read_to_vec().unwrap_or_else(|error| panic!("GET {path} broke off: {error}"));
        assert_eq!(response.status().as_u16(), 200, "GET {path}: {}", String::from_utf8_lossy(&bytes));
        bytes
    }

    /// A new record of a kind, and its item.
    #[track_caller]
    pub fn create(&self, kind: &str, data: Value) -> Value {
        self.post(&format!("/records/{kind}"), &json!({ "data": data })).ok(201)
    }

    /// A record's item.
    #[track_caller]
    pub fn record(&self, kind: &str, id: &str) -> Value {
        self.get(&format!("/records/{kind}/{id}")).ok(200)
    }

    /// The records that match a filter, at most 500.
    #[track_caller]
    pub fn list(&self, kind: &str, filter: &Value) -> Vec<Value> {
        let body = self.get(&format!("/records/{kind}?limit=500&filter={filter}")).ok(200);
        body["items"].as_array().unwrap_or_else(|| panic!("no items: {body}")).clone()
    }

    /// All events after a number that this client may see.
    #[track_caller]
    pub fn events_after(&self, seq: i64) -> Vec<Value> {
        let mut found: Vec<Value> = Vec::new();
        loop {
            let after = found.last().and_then(|event| event["seq"].as_i64()).unwrap_or(seq);
            let body = self.get(&format!("/events?after={after}&limit=500")).ok(200);
            let items = body["items"].as_array().unwrap_or_else(|| panic!("no items: {body}"));
            if items.is_empty() {
                return found;
            }
            found.extend(items.iter().cloned());
        }
    }

    /// The number of the last event there is.
    #[track_caller]
    pub fn head(&self) -> i64 {
        self.events_after(0).last().and_then(|event| event["seq"].as_i64()).unwrap_or(0)
    }
}

impl Answer {
    fn read(request: String, mut response: ureq::http::Response<ureq::Body>) -> Answer {
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let media_type = header("content-type").unwrap_or_default();
        let etag = header("etag").map(|value| value.trim_matches('"').to_owned());
        let text = response.body_mut().read_to_string().unwrap_or_default();
        Answer {
            request,
            status: response.status().as_u16(),
            media_type: media_type.split(';').next().unwrap_or("").trim().to_owned(),
            etag,
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        }
    }

    /// The body, if the status is this one.
    #[track_caller]
    pub fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.request, self.text);
        self.body
    }

    /// The body, if it is a problem of this status and code (RFC 9457) that tells a person something.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let Answer { request, body, text, .. } = &self;
        assert_eq!((self.status, body["code"].as_str()), (status, Some(code)), "{request}: {text}");
        assert_eq!(self.media_type, "application/problem+json", "{request}: {text}");
        assert_eq!(body["status"], status, "{request}: {text}");
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{request}: no detail in {text}");
        self.body
    }

    /// The pointers of the wrong places of a problem.
    pub fn pointers(&self) -> Vec<&str> {
        self.body["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect()
    }
}

/// Percent-encodes what may not stand in a path or a query, and leaves what is encoded already.
fn escape(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
        match byte {
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b' ' | b'[' | b']' | b'+' | 0x80.. => {
                text.push_str(&format!("%{byte:02X}"));
            }
            _ => text.push(char::from(byte)),
        }
        text
    })
}

#[test]
fn a_filter_can_be_written_as_it_is_read() {
    assert_eq!(escape("/x?filter={\"city\":\"武\"}"), "/x?filter=%7B%22city%22:%22%E6%AD%A6%22%7D");
    assert_eq!(escape("/x?q=a%20b&limit=2"), "/x?q=a%20b&limit=2");
}
