// SPDX-License-Identifier: Apache-2.0
//! What the programs of a run tell each other: one line of JSON each.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// A server stands and listens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Ready {
    /// Its processes.
    pub(crate) processes: Vec<u32>,
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    /// Vouches for its TLS certificate, which is for `localhost`: DER, base64.
    pub(crate) anchor: String,
    /// How it is asked.
    pub(crate) target: Target,
}

/// An installation was founded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Founded {
    /// Vouches for the TLS certificates of its doors: DER, base64.
    pub(crate) anchor: String,
    /// How its doors are asked.
    pub(crate) target: Target,
}

/// One process of several stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// Its number.
    pub(crate) process: u32,
    /// `127.0.0.1:port`, where it listens at all.
    pub(crate) address: Option<String>,
}

/// How a server is asked for a certificate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Target {
    /// `POST /enroll` with the DER of the request; the answer is the chain, DER after DER.
    Yardstick,
    /// The DPS register call of a device of a symmetric-key group.
    Dps {
        /// The first path segment.
        id_scope: String,
        /// The group's primary key, base64.
        group_key: String,
    },
    /// The calls of a station, which proves itself by a token.
    Station {
        /// Where it stands.
        organization: String,
        /// Its bearer token.
        token: String,
    },
}

/// What the generator is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LoadOrder {
    /// Whom to ask.
    pub(crate) server: Ready,
    /// The process from which those of the database descend, where it is none of the server's own.
    pub(crate) database: Option<u32>,
    /// Where the devices stand.
    pub(crate) devices: PathBuf,
    /// How many of them were used before.
    pub(crate) skip: usize,
    /// How many of them may be used.
    pub(crate) take: usize,
    /// Connections; each has one request under way.
    pub(crate) connections: usize,
    /// How many devices each request is for; one by a call of its own where nothing is said.
    #[serde(default)]
    pub(crate) rows: Option<usize>,
    /// Seconds before anything is counted.
    pub(crate) warm_up: f64,
    /// Seconds in which answers are counted.
    pub(crate) seconds: f64,
}

/// What the generator saw.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Observed {
    /// Certificates a second.
    pub(crate) per_second: f64,
    /// Half of the answers came within, milliseconds; of a batch: whole calls.
    pub(crate) p50_ms: f64,
    /// 99 of 100 answers came within, milliseconds.
    pub(crate) p99_ms: f64,
    /// Processor time of the server for each certificate, microseconds.
    pub(crate) server_cpu_us: f64,
    /// Processor time of the database's own processes for each certificate, microseconds.
    pub(crate) database_cpu_us: Option<f64>,
    /// Processor time of the generator for each certificate, microseconds.
    pub(crate) generator_cpu_us: f64,
    /// Devices used, warm-up included.
    pub(crate) used: usize,
}
