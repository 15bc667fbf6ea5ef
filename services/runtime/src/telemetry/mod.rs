// SPDX-License-Identifier: Apache-2.0
//! What a process tells its operator: logs for people and machines, and metrics.

mod escape;
pub(crate) mod log;

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

pub use escape::Foreign;

use crate::settings::reference::{Key, key};

/// The keys of the section `[telemetry]`, for the reference.
pub const KEYS: &[Key] = &[
    key(
        "telemetry.format",
        "`text` or `json`",
        "\"text\"",
        "The form of the log on standard error: for people (coloured on a terminal only), or one JSON object a line.",
    ),
    key(
        "telemetry.filter",
        "filter",
        "\"info\"",
        "Which events are logged: a level, or `info,tamga_authority=debug`. The environment variable `TAMGA_LOG` overrides it.",
    ),
];

/// The environment variable that overrides `telemetry.filter`.
pub const FILTER_VARIABLE: &str = "TAMGA_LOG";

/// How the process logs, to its standard error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetrySettings {
    /// `text` for people (coloured on a terminal only) or `json`, one object a line. Default `text`.
    pub format: LogFormat,
    /// Which events are written, as `info` or `info,tamga_authority=debug`; the environment variable
    /// `TAMGA_LOG` overrides it. Default `info`.
    pub filter: String,
}

/// The form of a log line.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object a line.
    Json,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info".to_owned(),
        }
    }
}

/// Why a process cannot tell its operator anything.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryFault {
    /// The filter is not one.
    #[error(
        "{origin} is {filter:?}, which is not a log filter: write a level such as \"info\", or \"info,tamga_authority=debug\""
    )]
    Filter {
        /// `telemetry.filter` or the environment variable.
        origin: &'static str,
        /// What stands there.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// The process has logging already.
    #[error("logging has been started already in this process")]
    Started(#[from] tracing_subscriber::util::TryInitError),
    /// The metrics registry does not start.
    #[error("the metrics registry cannot be started: {0}")]
    Metrics(String),
}

/// Starts logging for the whole process, panics included. Call it once, first of all.
///
/// # Errors
/// See [`TelemetryFault`].
pub fn start_logging(settings: &TelemetrySettings) -> Result<(), TelemetryFault> {
    let (origin, filter) = match std::env::var(FILTER_VARIABLE) {
        Ok(filter) if !filter.is_empty() => (FILTER_VARIABLE, filter),
        _ => ("telemetry.filter", settings.filter.clone()),
    };
    let parsed = EnvFilter::builder()
        .parse(&filter)
        .map_err(|source| TelemetryFault::Filter {
            origin,
            filter,
            source,
        })?;
    let colours = std::io::stderr().is_terminal();
    log::subscriber(settings.format, parsed, colours, std::io::stderr).try_init()?;
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

/// An error and its causes on one line. A cause that its error quotes already is not repeated.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    text
}

/// A panic's message may quote a stranger: it goes through the same escaping as every other event.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    let message = panic.payload_as_str().unwrap_or("a panic without a message");
    tracing::error!(location, "panic: {message}");
}

/// The metrics of the process, as Prometheus reads them.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Starts the metrics of the process, or joins those already started.
    ///
    /// # Errors
    /// [`TelemetryFault::Metrics`] when somebody else's recorder holds the place.
    pub fn start() -> Result<Self, TelemetryFault> {
        static STARTED: OnceLock<Result<PrometheusHandle, String>> = OnceLock::new();
        let started = STARTED.get_or_init(|| {
            PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
                .and_then(PrometheusBuilder::install_recorder)
                .inspect(|_| describe())
                .map_err(|error| error.to_string())
        });
        match started {
            Ok(handle) => Ok(Self(handle.clone())),
            Err(message) => Err(TelemetryFault::Metrics(message.clone())),
        }
    }

    /// Everything measured so far, in the Prometheus text format.
    #[must_use]
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Folds measurements together every few seconds until `end`, so that memory stays bounded when nobody
    /// reads the metrics.
    pub async fn keep_up(self, end: CancellationToken) {
        let mut interval = tokio::time::interval(UPKEEP);
        while end.run_until_cancelled(interval.tick()).await.is_some() {
            self.0.run_upkeep();
        }
    }
}

/// What the measurements of this crate mean, for whoever reads them. All labels are bounded sets.
fn describe() {
    metrics::describe_counter!(
        "tamga_accepts_total",
        "Connections by outcome: accepted, address_full, aborted, refused_by_system; full counts waits for room."
    );
    metrics::describe_gauge!("tamga_connections", "Connections open now.");
    metrics::describe_counter!("tamga_connection_ends_total", "Connections ended, by outcome.");
    metrics::describe_histogram!(
        "tamga_tls_handshake_seconds",
        "Duration of TLS handshakes that succeeded."
    );
    metrics::describe_histogram!(
        "tamga_request_seconds",
        "From a request's headers to its handler's answer; outcome is the class of the status, panicked or abandoned."
    );
}

/// Often enough that a busy process holds a few thousand raw samples at most.
const UPKEEP: Duration = Duration::from_secs(5);

/// From a warm answer out of memory to the longest wait a device is kept.
const SECONDS: [f64; 14] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0,
];
