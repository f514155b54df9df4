//! A small HTTP client of our own: one connection a thread, kept open.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    sync::Mutex,
};

use serde_json::{Value, json};

use crate::{Outcome, text};

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

    /// Whoever holds this token.
    pub fn new(address: &str, token: &str) -> Client {
        Client { address: address.into(), token: token.into(), connection: Mutex::new(None) }
    }

    /// The same person on a connection of their own.
    pub fn again(&self) -> Client {
        Client::new(&self.address, &self.token)
    }

    /// Read.
    pub fn get(&self, path: &str) -> Outcome<Value> {
        Ok(serde_json::from_slice(&self.ask("GET", path, b"")?)?)
    }

    /// Write.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Outcome<Value> {
        self.give(method, path, "application/json", body.to_string().as_bytes())
    }

    /// Send a file.
    pub fn give(&self, method: &str, path: &str, media: &str, body: &[u8]) -> Outcome<Value> {
        let answer = self.exchange(method, path, media, body)?;
        if answer.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_slice(&answer)?) }
    }

    /// Ask, and take the answer as it comes.
    pub fn ask(&self, method: &str, path: &str, body: &[u8]) -> Outcome<Vec<u8>> {
        self.exchange(method, path, "application/json", body)
    }

    /// Listen to what happens from now on: each line of the stream is told, until `told` has heard enough.
    pub fn listen(&self, path: &str, mut told: impl FnMut(&str) -> bool) -> Outcome<()> {
        let mut stream = TcpStream::connect(&self.address)?;
        let head = format!(
            "GET /api/v1{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\naccept: text/event-stream\r\n\r\n",
            self.address, self.token
        );
        stream.write_all(head.as_bytes())?;
        for line in BufReader::new(stream).lines() {
            if !told(&line?) {
                break;
            }
        }
        Ok(())
    }

    fn exchange(&self, method: &str, path: &str, media: &str, body: &[u8]) -> Outcome<Vec<u8>> {
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
        head += &format!("content-type: {media}\r\n\r\n");
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
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            is_chunked = value.contains("chunked");
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

/// The generator shares the machine with what it measures, so it spends as little as it can.
fn encoded(path: &str) -> String {
    let mut text = String::with_capacity(path.len() + 16);
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/?&=-_.~:,".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    text
}

fn hex(digit: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(digit)])
}
