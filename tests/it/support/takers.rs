//! Those who take messages out of the house: a gateway over HTTP and a server for e-mail, as small as they can be.

use std::{
    collections::{BTreeMap, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use serde_json::Value;

/// What came in.
#[derive(Clone, Debug)]
pub struct Posted {
    /// By name in small letters.
    pub headers: BTreeMap<String, String>,
    /// As it came.
    pub body: String,
}

impl Posted {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

type Shelf<T> = Arc<Mutex<T>>;

fn open<T>(shelf: &Shelf<T>) -> MutexGuard<'_, T> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes what is posted to it, and answers as it was told to.
#[derive(Clone, Debug, Default)]
pub struct Gateway {
    /// Where it listens.
    pub url: String,
    taken: Shelf<Vec<Posted>>,
    statuses: Shelf<VecDeque<u16>>,
}

impl Gateway {
    /// On a free port of this machine; it ends with the test's process.
    pub fn start() -> Gateway {
        let (listener, address) = listener();
        let gateway = Gateway { url: format!("http://{address}/send"), ..Gateway::default() };
        let shared = gateway.clone();
        serve(listener, move |stream| shared.answer(&stream));
        gateway
    }

    /// The statuses of the next answers; then 200.
    pub fn will_say(&self, statuses: &[u16]) {
        open(&self.statuses).extend(statuses);
    }

    /// Everything that was posted so far.
    pub fn taken(&self) -> Vec<Posted> {
        open(&self.taken).clone()
    }

    fn answer(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        open(&self.taken).push(Posted { headers, body: String::from_utf8(body).ok()? });
        let status = open(&self.statuses).pop_front().unwrap_or(200);
        let mut writer = stream;
        write!(writer, "HTTP/1.1 {status} so\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()
    }
}

/// Takes e-mail; whose address begins with `gone` it does not know.
#[derive(Clone, Debug, Default)]
pub struct MailServer {
    /// Where it listens.
    pub url: String,
    taken: Shelf<Vec<String>>,
}

impl MailServer {
    /// On a free port of this machine; it ends with the test's process.
    pub fn start() -> MailServer {
        let (listener, address) = listener();
        let server = MailServer { url: format!("smtp://{address}"), ..MailServer::default() };
        let shared = server.clone();
        serve(listener, move |stream| shared.talk(&stream));
        server
    }

    /// Every letter so far, with what stands before it.
    pub fn taken(&self) -> Vec<String> {
        open(&self.taken).clone()
    }

    fn talk(&self, stream: &TcpStream) -> Option<()> {
        let (mut lines, mut writer) = (BufReader::new(stream).lines(), stream);
        let mut say = |text: &str| writer.write_all(format!("{text}\r\n").as_bytes()).ok();
        say("220 here")?;
        while let Some(Ok(line)) = lines.next() {
            match line.get(..4).unwrap_or(&line).to_ascii_uppercase().as_str() {
                "EHLO" => say("250 here")?,
                "RCPT" if line.contains("<gone") => say("550 5.1.1 nobody of that name")?,
                "DATA" => {
                    say("354 go on")?;
                    let letter: Vec<String> =
                        lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
                    open(&self.taken).push(letter.join("\n"));
                    say("250 taken")?;
                }
                "QUIT" => return say("221 bye"),
                _ => say("250 so")?,
            }
        }
        Some(())
    }
}

fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    (listener, address)
}

fn serve(listener: TcpListener, answer: impl Fn(TcpStream) -> Option<()> + Clone + Send + 'static) {
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = answer.clone();
            // Whoever hangs up has said enough.
            thread::spawn(move || answer(stream));
        }
    });
}
