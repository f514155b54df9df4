//! Counters of requests, and `/metrics` in the text form Prometheus reads.

use std::{
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};

use super::{
    Shared,
    route::{Info, Route},
};
use crate::Result;

/// Statuses counted by themselves; any other is counted as the last.
const STATUSES: [u16; 19] =
    [200, 201, 202, 204, 304, 400, 401, 403, 404, 405, 409, 412, 413, 422, 429, 500, 501, 503, 0];
/// Upper bounds of the latency buckets in microseconds.
const BUCKETS_US: [u64; 12] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000];

/// What is counted of one route.
#[derive(Debug, Default)]
pub struct Counters {
    statuses: [AtomicU64; STATUSES.len()],
    /// One more than the bounds: everything slower than the last.
    buckets: [AtomicU64; BUCKETS_US.len() + 1],
    sum_us: AtomicU64,
}

/// All routes with their counters, and when the server was started.
#[derive(Debug)]
pub struct Metrics {
    started: Instant,
    routes: Vec<(Arc<Info>, Arc<Counters>)>,
}

impl Counters {
    /// Count an answer.
    pub fn count(&self, status: StatusCode, elapsed: Duration) {
        let n = STATUSES.iter().position(|known| *known == status.as_u16()).unwrap_or(STATUSES.len() - 1);
        self.statuses[n].fetch_add(1, Relaxed);
        let elapsed_us = elapsed.as_micros() as u64;
        let bucket = BUCKETS_US.iter().position(|bound| elapsed_us <= *bound).unwrap_or(BUCKETS_US.len());
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.sum_us.fetch_add(elapsed_us, Relaxed);
    }
}

impl Metrics {
    /// Counters for these routes, from now on.
    pub fn new(routes: &[Arc<Info>]) -> Metrics {
        let routes = routes.iter().map(|info| (info.clone(), Arc::default())).collect();
        Metrics { started: Instant::now(), routes }
    }

    /// The counters of a route.
    pub fn of(&self, info: &Arc<Info>) -> Arc<Counters> {
        let known = self.routes.iter().find(|(known, _)| Arc::ptr_eq(known, info));
        known.map(|(_, counters)| counters.clone()).unwrap_or_default()
    }

    fn write_requests(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "# HELP marque_http_requests_total Answers by route and status.")?;
        writeln!(text, "# TYPE marque_http_requests_total counter")?;
        for (info, counters) in &self.routes {
            for (status, n) in STATUSES.iter().zip(&counters.statuses) {
                let n = n.load(Relaxed);
                if n > 0 {
                    let (method, route) = (&info.method, info.path);
                    writeln!(
                        text,
                        "marque_http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}} {n}"
                    )?;
                }
            }
        }
        writeln!(text, "# HELP marque_http_request_seconds Time from the request's head to the answer's head.")?;
        writeln!(text, "# TYPE marque_http_request_seconds histogram")?;
        self.routes.iter().try_for_each(|(info, counters)| write_histogram(text, info, counters))
    }
}

fn write_histogram(text: &mut String, info: &Info, counters: &Counters) -> std::fmt::Result {
    let labels = format!("method=\"{}\",route=\"{}\"", info.method, info.path);
    let counts: Vec<u64> = counters.buckets.iter().map(|bucket| bucket.load(Relaxed)).collect();
    let total: u64 = counts.iter().sum();
    if total == 0 {
        return Ok(());
    }
    let mut n = 0;
    for (bound_us, count) in BUCKETS_US.iter().zip(&counts) {
        n += count;
        let bound = *bound_us as f64 / 1e6;
        writeln!(text, "marque_http_request_seconds_bucket{{{labels},le=\"{bound}\"}} {n}")?;
    }
    writeln!(text, "marque_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} {total}")?;
    writeln!(text, "marque_http_request_seconds_sum{{{labels}}} {}", counters.sum_us.load(Relaxed) as f64 / 1e6)?;
    writeln!(text, "marque_http_request_seconds_count{{{labels}}} {total}")
}

/// The routes of this file.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/metrics", metrics)
            .says("counters in the text form Prometheus reads")
            .answers(200, serde_json::json!({ "type": "string" }))
            .open(),
    ]
}

async fn metrics(State(http): State<Shared>) -> Result<impl IntoResponse> {
    let text = http.blocking(|http| {
        let mut text = String::with_capacity(16 * 1024);
        // Writing to a String cannot fail.
        let _ = http.metrics.write_requests(&mut text).and_then(|()| write_server(http, &mut text));
        Ok(text)
    });
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.await?))
}

fn write_server(http: &super::Http, text: &mut String) -> std::fmt::Result {
    let mut gauge = |name: &str, help: &str, value: String| {
        writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}")
    };
    gauge(
        "marque_uptime_seconds",
        "Time since the start.",
        format!("{:.3}", http.metrics.started.elapsed().as_secs_f64()),
    )?;
    gauge("marque_store_head", "Number of the last committed event.", http.app.store.head().borrow().to_string())?;
    let catalogue = http.app.catalogue();
    let labelled = |name: &str, version: &str| format!("plugin=\"{name}\",version=\"{version}\"");
    let plugins: Vec<_> = catalogue
        .plugins
        .iter()
        .filter_map(|(name, plugin)| Some((labelled(name, &plugin.manifest.version), http.app.bus.status(name)?)))
        .collect();
    type Read = fn(&crate::bus::Status) -> String;
    let families: [(&str, &str, &str, Read); 9] = [
        ("marque_plugin_lag", "gauge", "Events committed that the plugin has not passed.", |status| {
            status.lag.to_string()
        }),
        ("marque_plugin_parked", "gauge", "Deliveries put aside.", |status| status.parked.to_string()),
        ("marque_plugin_calls_total", "counter", "Calls of the plugin.", |status| status.calls.to_string()),
        ("marque_plugin_events_total", "counter", "Events it has handled.", |status| status.events.to_string()),
        ("marque_plugin_faults_total", "counter", "Calls that failed.", |status| status.faults.to_string()),
        ("marque_plugin_guest_seconds_total", "counter", "Processor time of its guests.", |status| {
            (status.guest_us as f64 / 1e6).to_string()
        }),
        ("marque_plugin_host_seconds_total", "counter", "Processor time the host spent in its stead.", |status| {
            (status.host_us as f64 / 1e6).to_string()
        }),
        ("marque_plugin_memory_bytes", "gauge", "The most memory one of its instances had.", |status| {
            status.memory_bytes.to_string()
        }),
        ("marque_plugin_resting", "gauge", "Whether it rests after failing again and again.", |status| {
            u8::from(status.rests_s.is_some()).to_string()
        }),
    ];
    for (family, r#type, help, read) in families {
        writeln!(text, "# HELP {family} {help}\n# TYPE {family} {type}")?;
        for (labels, status) in &plugins {
            writeln!(text, "{family}{{{labels}}} {}", read(status))?;
        }
    }
    let family = "marque_plugin_faults_by_code_total";
    writeln!(text, "# HELP {family} Calls that failed, by what they failed of.\n# TYPE {family} counter")?;
    for (labels, status) in &plugins {
        for (code, n) in &status.fault_codes {
            writeln!(text, "{family}{{{labels},code=\"{code}\"}} {n}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up() {
        let info = routes().remove(0).info;
        let counters = Counters::default();
        counters.count(StatusCode::OK, Duration::from_micros(400));
        counters.count(StatusCode::OK, Duration::from_millis(3));
        counters.count(StatusCode::IM_A_TEAPOT, Duration::from_secs(60));
        let mut text = String::new();
        write_histogram(&mut text, &info, &counters).unwrap();
        let has = |line: &str| assert!(text.contains(line), "{line} is not in\n{text}");
        has("le=\"0.0005\"} 1\n");
        has("le=\"0.005\"} 2\n");
        has("le=\"5\"} 2\n");
        has("le=\"+Inf\"} 3\n");
        has("_count{method=\"GET\",route=\"/metrics\"} 3\n");
    }
}
