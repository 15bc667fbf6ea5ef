// SPDX-License-Identifier: Apache-2.0
//! Lets a process live: settings, telemetry, listeners and TLS, drain, clock and chance.
//!
//! A tour:
//!
//! - [`program`]: the `main` of a process: arguments read, settings read, started, ended by signals;
//! - [`settings`] reads the file and reports every fault in it at once; [`exit`] is how a program ends;
//! - [`telemetry`] starts logs and metrics; [`harden`] gives up what a process that holds keys must not have;
//! - [`drain`] listens for signals: the first one asks to finish, the second one cuts;
//! - [`process`] is the frame: what its parts serve, what they do unasked ([`duty`]), how both begin and end; a process
//!   whose needs are out of reach stays up and says why;
//! - [`tls`] holds the server's identity and the policy towards clients;
//! - [`listener`] binds an address or a Unix socket and serves a router on it within limits; every request gets its
//!   [`request_id`];
//! - [`ops`] answers the monitoring; [`neighbours`] tells it of the other processes.
//!
//! [`clock`] and [`chance`] hold the only ambient clock and random source of the house.
//! This crate holds no rule about devices or certificates: it knows `tamga-x509` for its notions of time
//! and chance alone.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::unreachable
    )
)]

pub mod chance;
pub mod clock;
pub mod drain;
pub mod duty;
pub mod exit;
pub mod harden;
pub mod listener;
pub mod neighbours;
pub mod ops;
pub mod process;
pub mod program;
pub mod request_id;
pub mod settings;
mod supervisor;
pub mod telemetry;
pub mod tls;
