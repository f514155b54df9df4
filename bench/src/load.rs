//! The load: requests that are due at a fixed rate whatever became of the last one, or as many as so many connections can ask.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;

use crate::{Outcome, client::Client, server::Server};

/// Connections that share a fixed rate. While all of them wait, requests that are due are late, and that counts as waiting.
const OPEN: u32 = 16;
/// Longer than any answer takes, in microseconds.
const LONGEST_US: u64 = 600_000_000;

/// One request.
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub body: Vec<u8>,
}

impl Request {
    /// Read.
    pub fn get(path: impl Into<String>) -> Request {
        Request { method: "GET", path: path.into(), body: Vec::new() }
    }

    /// Write.
    pub fn post(path: impl Into<String>, body: &serde_json::Value) -> Request {
        Request { method: "POST", path: path.into(), body: body.to_string().into_bytes() }
    }
}

/// When requests go out.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// So many a second, each at its time.
    Rate(u32),
    /// As soon as the last one is answered, on so many connections.
    Most(u32),
}

/// What a load came to.
pub struct Taken {
    latencies_us: Histogram<u64>,
    /// Answers a second.
    pub per_second: f64,
    /// Processor time of the server for each.
    pub cpu_us: f64,
}

impl Taken {
    /// Latency that so much of a hundred stayed within, in milliseconds; at a rate it begins when the request was due.
    pub fn ms(&self, percent: f64) -> f64 {
        self.latencies_us.value_at_quantile(percent / 100.0) as f64 / 1e3
    }

    /// How many were answered.
    pub fn len(&self) -> u64 {
        self.latencies_us.len()
    }
}

/// Send what `make` makes of 0, 1, 2 … for a while. The first refusal ends it: figures of a server that refuses are none.
pub fn load(
    server: &Server,
    client: &Client,
    pace: Pace,
    span: Duration,
    make: impl Fn(u64) -> Request + Sync,
) -> Outcome<Taken> {
    let (next, before) = (AtomicU64::new(0), server.usage()?.cpu);
    let begin = Instant::now();
    let one = || -> Outcome<Histogram<u64>> {
        let client = client.again();
        let mut taken = Histogram::new_with_bounds(1, LONGEST_US, 3)?;
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let due = match pace {
                Pace::Rate(rate) => begin + Duration::from_secs_f64(n as f64 / f64::from(rate)),
                Pace::Most(_) => Instant::now(),
            };
            if due.saturating_duration_since(begin) >= span {
                return Ok(taken);
            }
            #[expect(clippy::disallowed_methods, reason = "requests go out when they are due")]
            thread::sleep(due.saturating_duration_since(Instant::now()));
            let Request { method, path, body } = make(n);
            client.ask(method, &path, &body)?;
            taken.record((due.elapsed().as_micros() as u64).clamp(1, LONGEST_US))?;
        }
    };
    let n_threads = match pace {
        Pace::Rate(_) => OPEN,
        Pace::Most(connections) => connections,
    };
    let latencies_us = together(n_threads, one)?;
    let n = latencies_us.len().max(1) as f64;
    let cpu = server.usage()?.cpu.saturating_sub(before);
    Ok(Taken { per_second: n / begin.elapsed().as_secs_f64(), cpu_us: cpu.as_secs_f64() * 1e6 / n, latencies_us })
}

fn together(n: u32, one: impl Fn() -> Outcome<Histogram<u64>> + Sync) -> Outcome<Histogram<u64>> {
    let one = &one;
    thread::scope(|scope| {
        let threads: Vec<_> = (0..n).map(|_| scope.spawn(one)).collect();
        let mut all = Histogram::new_with_bounds(1, LONGEST_US, 3)?;
        for thread in threads {
            all.add(thread.join().map_err(|_| "a thread has panicked")??)?;
        }
        Ok(all)
    })
}

/// Ask again and again until there is an answer; how long that took.
pub fn until<T>(what: &str, mut ask: impl FnMut() -> Outcome<Option<T>>) -> Outcome<(T, Duration)> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(300) {
        if let Some(answer) = ask()? {
            return Ok((answer, begin.elapsed()));
        }
        #[expect(clippy::disallowed_methods, reason = "there is nothing but the answer to wait for")]
        thread::sleep(Duration::from_millis(5));
    }
    Err(format!("{what}: not within five minutes").into())
}
