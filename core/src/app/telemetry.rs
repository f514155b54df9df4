//! Figures for an OpenTelemetry collector, where the configuration names one: those of `/metrics` that are about plugins and the store.

use std::{sync::Arc, time::Duration};

use super::App;
use crate::{
    Error, Result,
    bus::Status,
    outbound::otlp::{self, Figure},
};

/// A figure of a plugin: its name and unit, whether it only grows, and how it is read.
type Read = (&'static str, &'static str, bool, fn(&Status) -> f64);

const OF_PLUGINS: [Read; 8] = [
    ("marque.plugin.lag", "1", false, |status| status.lag as f64),
    ("marque.plugin.parked", "1", false, |status| f64::from(status.parked)),
    ("marque.plugin.calls", "1", true, |status| status.calls as f64),
    ("marque.plugin.events", "1", true, |status| status.events as f64),
    ("marque.plugin.faults", "1", true, |status| status.faults as f64),
    ("marque.plugin.guest_time", "s", true, |status| status.guest_us as f64 / 1e6),
    ("marque.plugin.host_time", "s", true, |status| status.host_us as f64 / 1e6),
    ("marque.plugin.memory", "By", false, |status| status.memory_bytes as f64),
];

/// Push figures again and again, if a collector is named. One that does not answer is told of in the log and tried again.
pub(super) fn start(app: &Arc<App>) {
    let Some(collector) = app.config.telemetry.otlp.clone() else { return };
    let (weak, since) = (Arc::downgrade(app), app.clock.now());
    let every = Duration::from_secs(app.config.telemetry.every_s.max(1));
    tokio::spawn(async move {
        while let Some(app) = weak.upgrade() {
            let (collector, figures) = (collector.clone(), app.figures());
            let now = app.clock.now();
            drop(app);
            let pushed = tokio::task::spawn_blocking(move || otlp::push(&collector, &figures, since, now)).await;
            if let Err(error) = pushed.map_err(Error::internal).and_then(|pushed: Result<()>| pushed) {
                tracing::warn!(%error, "the collector did not take the figures");
            }
            tokio::time::sleep(every).await;
        }
    });
}

impl App {
    fn figures(&self) -> Vec<Figure> {
        let head = *self.store.head().borrow() as f64;
        let mut figures =
            vec![Figure { name: "marque.store.head", unit: "1", is_sum: false, value: head, of: Vec::new() }];
        for (name, plugin) in &self.catalogue().plugins {
            let Some(status) = self.bus.status(name) else { continue };
            let of = vec![("plugin", name.clone()), ("version", plugin.manifest.version.clone())];
            figures.extend(OF_PLUGINS.iter().map(|(name, unit, is_sum, read)| Figure {
                name,
                unit,
                is_sum: *is_sum,
                value: read(&status),
                of: of.clone(),
            }));
        }
        figures
    }
}
