//! Figures go to a collector, again and again, also after it has refused some.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::support::{Server, Setup};

const PATIENCE: Duration = Duration::from_secs(120);

/// One request: its first line and its body.
fn read(stream: &TcpStream) -> (String, Value) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).expect("a line");
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    (first.trim().to_owned(), serde_json::from_slice(&body).expect("JSON"))
}

/// A collector that refuses what comes first; it hands on every request.
fn collector() -> (String, mpsc::Receiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/", listener.local_addr().expect("an address"));
    let (sender, requests) = mpsc::channel();
    thread::spawn(move || {
        for (n, stream) in listener.incoming().enumerate() {
            let mut stream = stream.expect("a connection");
            let request = read(&stream);
            let status = if n == 0 { "503 Service Unavailable" } else { "200 OK" };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}");
            stream.write_all(answer.as_bytes()).expect("answered");
            if sender.send(request).is_err() {
                return;
            }
        }
    });
    (address, requests)
}

#[test]
fn figures_are_pushed_to_the_collector_again_and_again() {
    let (address, requests) = collector();
    let address: &'static str = Box::leak(address.into_boxed_str());
    let variables = vec![("MARQUE__TELEMETRY__OTLP", address), ("MARQUE__TELEMETRY__EVERY_S", "1")];
    let _server = Server::with(Setup { variables, ..Setup::default() });
    let mut names = Vec::new();
    for _ in 0..3 {
        let (first, body) = requests.recv_timeout(PATIENCE).expect("figures come");
        assert_eq!(first, "POST /v1/metrics HTTP/1.1");
        let metrics = &body["resourceMetrics"][0]["scopeMetrics"][0]["metrics"];
        names = metrics.as_array().into_iter().flatten().map(of).collect();
    }
    assert!(names.contains(&("marque.store.head".to_owned(), String::new())), "{names:?}");
    assert!(names.contains(&("marque.plugin.lag".to_owned(), "complaints".to_owned())), "{names:?}");
}

/// The name of a metric, and the plugin it is of.
fn of(metric: &Value) -> (String, String) {
    let point = ["sum", "gauge"].iter().find_map(|shape| metric[shape]["dataPoints"].get(0)).expect("a figure");
    let attributes = point["attributes"].as_array();
    let plugin = attributes.into_iter().flatten().find(|attribute| attribute["key"] == "plugin");
    let plugin = plugin.and_then(|attribute| attribute["value"]["stringValue"].as_str()).unwrap_or_default();
    (metric["name"].as_str().unwrap_or_default().to_owned(), plugin.to_owned())
}
