// SPDX-License-Identifier: Apache-2.0
//! Lets a process live: settings, telemetry, listeners and TLS, drain, clock and chance.
//!
//! A binary composes its life from these rooms, in this order:
//!
//! 1. [`settings`] reads the file and reports every fault in it at once.
//! 2. [`telemetry`] starts logs and metrics.
//! 3. [`drain`] listens for signals: the first one asks to finish, the second one cuts.
//! 4. [`tls`] holds the server's identity and the policy towards clients.
//! 5. [`listener`] binds an address or a Unix socket and serves a router on it within limits; every
//!    request gets its [`request_id`].
//! 6. [`ops`] answers the monitoring.
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
pub mod listener;
pub mod ops;
pub mod request_id;
pub mod settings;
pub mod telemetry;
pub mod tls;
