//! An identity provider of the tests' own: discovery, keys, codes and tokens, and whatever wrong thing a test wants it to say.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What it is called at the provider, and with what it proves itself.
pub const CLIENT: (&str, &str) = ("crm", "s3cret&more");
/// The time at which it issues tokens: 2026-03-13T10:00:00+08:00.
pub const NOW: i64 = 1_773_367_200;

/// A running provider.
#[derive(Debug)]
pub struct Provider {
    /// `http://127.0.0.1:PORT`, which is its name too.
    pub issuer: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    issuer: String,
    /// What its document calls it.
    named: String,
    signer: Signer,
    published: Vec<Value>,
    /// What tokens say in place of, or beside, what they should.
    claims: Value,
    codes: HashMap<String, Sent>,
    n_codes: u32,
    n_key_reads: u32,
}

/// What a browser was sent with.
#[derive(Clone, Debug)]
pub struct Sent {
    nonce: String,
    challenge: String,
    redirect: String,
    /// Which sign-in it is.
    pub state: String,
}

#[derive(Debug)]
struct Signer {
    kid: String,
    pair: EcdsaKeyPair,
}

impl Signer {
    fn new(kid: &str) -> Signer {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).expect("a key");
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random).expect("a key");
        Signer { kid: kid.into(), pair }
    }

    fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        json!({ "kty": "EC", "crv": "P-256", "kid": self.kid, "use": "sig", "alg": "ES256", "x": part(&point[1..33]), "y": part(&point[33..]) })
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "ES256", "kid": self.kid, "typ": "JWT" });
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).expect("a signature");
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Provider {
    /// On a free port of this machine.
    pub fn start() -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let signer = Signer::new("k1");
        let state = Arc::new(Mutex::new(State {
            issuer: issuer.clone(),
            named: issuer.clone(),
            published: vec![signer.public()],
            signer,
            claims: json!({}),
            codes: HashMap::new(),
            n_codes: 0,
            n_key_reads: 0,
        }));
        let shared = state.clone();
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = shared.clone();
                thread::spawn(move || answer(&stream, &shared));
            }
        });
        Provider { issuer, state }
    }

    /// What tokens say from now on in place of, or beside, what they should.
    pub fn says(&self, claims: Value) {
        self.state().claims = claims;
    }

    /// A new key signs from now on; whether it is published.
    pub fn rotate(&self, is_published: bool) {
        let mut state = self.state();
        state.signer = Signer::new("k2");
        if is_published {
            state.published = vec![state.signer.public()];
        }
    }

    /// Another key under the name of the published one signs from now on.
    pub fn forge(&self) {
        self.state().signer = Signer::new("k1");
    }

    /// Its document says from now on that it is another's.
    pub fn calls_itself(&self, issuer: &str) {
        self.state().named = issuer.into();
    }

    /// How often its keys were read.
    pub fn n_key_reads(&self) -> u32 {
        self.state().n_key_reads
    }

    /// Somebody signs in: what the browser was sent with, and the code it goes back with.
    pub fn admit(&self, location: &str) -> (Sent, String) {
        let query = location.strip_prefix(&format!("{}/authorize?", self.issuer)).expect("the provider's page");
        let values: HashMap<&str, String> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, decode(value)))
            .collect();
        for (name, wanted) in [
            ("response_type", "code"),
            ("client_id", CLIENT.0),
            ("code_challenge_method", "S256"),
            ("scope", "openid email profile"),
        ] {
            assert_eq!(values[name], wanted, "{name}");
        }
        let value = |name: &str| values[name].clone();
        let sent = Sent {
            nonce: value("nonce"),
            challenge: value("code_challenge"),
            redirect: value("redirect_uri"),
            state: value("state"),
        };
        let mut state = self.state();
        state.n_codes += 1;
        let code = format!("code-{}", state.n_codes);
        state.codes.insert(code.clone(), sent.clone());
        (sent, code)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test has failed inside")
    }
}

fn answer(mut stream: &TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).is_err() || line.trim().is_empty() {
            break;
        }
        let line = line.trim().to_owned();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push(line);
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    let path = head.first().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let mut state = state.lock().expect("no test has failed inside");
    let (status, told) = match path.as_str() {
        "/.well-known/openid-configuration" => (200, state.metadata()),
        "/keys" => {
            state.n_key_reads += 1;
            (200, json!({ "keys": state.published }))
        }
        "/token" => state.token(&head, &String::from_utf8_lossy(&body)),
        _ => (404, json!({})),
    };
    let text = told.to_string();
    let told = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{text}",
        text.len()
    );
    // Whoever has gone does not read it.
    let _ = stream.write_all(told.as_bytes());
}

impl State {
    fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.named, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"), "jwks_uri": at("/keys"),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        })
    }

    /// A code is good once, for who can prove to have asked for it.
    fn token(&mut self, head: &[String], body: &str) -> (u16, Value) {
        let values: HashMap<&str, String> = body
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name, decode(value)))
            .collect();
        let basic = BASE64_STANDARD.encode(format!("{}:{}", CLIENT.0, CLIENT.1.replace('&', "%26")));
        let is_client = head.iter().any(|line| line.eq_ignore_ascii_case(&format!("authorization: Basic {basic}")));
        let refused = (400, json!({ "error": "invalid_grant" }));
        let Some(sent) = values.get("code").and_then(|code| self.codes.remove(code)) else { return refused };
        let challenge =
            BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(values.get("code_verifier").cloned().unwrap_or_default()));
        if !is_client || challenge != sent.challenge || values.get("redirect_uri") != Some(&sent.redirect) {
            return refused;
        }
        let mut claims = json!({
            "iss": self.issuer, "sub": "sub-1", "aud": CLIENT.0, "iat": NOW, "exp": NOW + 300, "nonce": sent.nonce,
            "email": "li.na@dealer.example", "email_verified": true,
        });
        for (name, value) in self.claims.as_object().expect("claims") {
            claims[name] = value.clone();
        }
        (200, json!({ "access_token": "unused", "token_type": "Bearer", "id_token": self.signer.sign(&claims) }))
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |rest: &mut dyn Iterator<Item = u8>| {
            let digits = [rest.next()?, rest.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()
        };
        bytes.push(if byte == b'%' { hex(&mut rest).expect("two digits") } else { byte });
    }
    String::from_utf8(bytes).expect("UTF-8")
}
