//! A small HTTP client of our own: one connection a thread, kept open, requests begun on time whatever the last one took.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{Outcome, text};

/// Threads that share a fixed rate.
const THREADS: u32 = 4;

/// Somebody who is signed in.
pub struct Client {
    address: String,
    token: String,
    connection: Mutex<Option<BufReader<TcpStream>>>,
}

impl Client {
    /// Sign in.
    pub fn sign_in(address: &str, login: &str, password: &str) -> Outcome<Client> {
        let nobody = Client::new(address, "");
        let session = nobody.send("POST", "/session", &json!({ "login": login, "password": password }))?;
        Ok(Client::new(address, text(&session, "token")))
    }

    fn new(address: &str, token: &str) -> Client {
        Client { address: address.into(), token: token.into(), connection: Mutex::new(None) }
    }

    /// The same person on a connection of their own.
    fn again(&self) -> Client {
        Client::new(&self.address, &self.token)
    }

    /// Read.
    pub fn get(&self, path: &str) -> Outcome<Value> {
        Ok(serde_json::from_slice(&self.ask("GET", path, b"")?)?)
    }

    /// Write.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Outcome<Value> {
        Ok(serde_json::from_slice(&self.ask(method, path, body.to_string().as_bytes())?)?)
    }

    fn ask(&self, method: &str, path: &str, body: &[u8]) -> Outcome<Vec<u8>> {
        let mut connection = self.connection.lock().map_err(|_| "a thread has panicked")?;
        if connection.is_none() {
            let stream = TcpStream::connect(&self.address)?;
            stream.set_nodelay(true)?;
            *connection = Some(BufReader::new(stream));
        }
        let stream = connection.as_mut().ok_or("no connection")?;
        let mut head = format!(
            "{method} /api/v1{} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n",
            encoded(path),
            self.address,
            body.len()
        );
        if !self.token.is_empty() {
            head += &format!("authorization: Bearer {}\r\n", self.token);
        }
        head += "content-type: application/json\r\n\r\n";
        stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        let (status, answer) = read(stream)?;
        if status >= 400 {
            return Err(format!("{method} {path}: {status} {}", String::from_utf8_lossy(&answer)).into());
        }
        Ok(answer)
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Outcome<(u16, Vec<u8>)> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or("no status")?;
    let (mut length, mut is_chunked) = (0, false);
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse()?,
            "transfer-encoding" => is_chunked = value.contains("chunked"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    if !is_chunked {
        return Ok((status, body));
    }
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16)?;
        let begun = body.len();
        body.resize(begun + size + 2, 0);
        stream.read_exact(&mut body[begun..])?;
        body.truncate(begun + size);
        if size == 0 {
            return Ok((status, body));
        }
    }
}

fn encoded(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/?&=-_.~:,".contains(&byte);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Latencies at a fixed rate, taken from the moment each request was due: a slow answer makes later ones late, as for people.
pub fn at_rate(client: &Client, paths: &[String], rate: u32, span: Duration) -> Outcome<Vec<Duration>> {
    let begin = Instant::now() + Duration::from_millis(20);
    let n_requests = (f64::from(rate) * span.as_secs_f64()) as u32;
    let one = |thread: u32| -> Outcome<Vec<Duration>> {
        let client = client.again();
        let mut taken = Vec::new();
        for n in (thread..n_requests).step_by(THREADS as usize) {
            let due = begin + Duration::from_secs_f64(f64::from(n) / f64::from(rate));
            #[expect(clippy::disallowed_methods, reason = "requests go out when they are due")]
            thread::sleep(due.saturating_duration_since(Instant::now()));
            client.ask("GET", &paths[n as usize % paths.len()], b"")?;
            taken.push(due.elapsed());
        }
        Ok(taken)
    };
    together(THREADS, one)
}

/// Requests a second of so many connections that never wait.
pub fn as_fast_as_it_goes(client: &Client, paths: &[String], n_connections: u32, span: Duration) -> Outcome<f64> {
    let begin = Instant::now();
    let one = |thread: u32| -> Outcome<Vec<Duration>> {
        let client = client.again();
        let mut taken = Vec::new();
        while begin.elapsed() < span {
            let asked = Instant::now();
            client.ask("GET", &paths[(thread as usize + taken.len()) % paths.len()], b"")?;
            taken.push(asked.elapsed());
        }
        Ok(taken)
    };
    let taken = together(n_connections, one)?;
    Ok(taken.len() as f64 / begin.elapsed().as_secs_f64())
}

fn together(n: u32, one: impl Fn(u32) -> Outcome<Vec<Duration>> + Sync) -> Outcome<Vec<Duration>> {
    let one = &one;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..n).map(|thread| scope.spawn(move || one(thread))).collect();
        let mut all = Vec::new();
        for thread in threads {
            all.extend(thread.join().map_err(|_| "a thread has panicked")??);
        }
        Ok(all)
    })
}
