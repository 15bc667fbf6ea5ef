// SPDX-License-Identifier: Apache-2.0
//! What one listener grants to strangers, in connections, bytes and time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::{ByteSize, HumanDuration};

/// The limits of one listener; every key may be left out.
///
/// The defaults suit a device plane on a machine with a few thousand file descriptors to spare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections at one time. When they are used up, new ones wait in the kernel's queue. Default 4096.
    pub connections: usize,
    /// Connections at one time from one IPv4 address or one IPv6 /64; more are closed at once. A Unix socket
    /// knows no addresses: there this limit does not apply. Default 1024.
    pub connections_per_address: usize,
    /// From the accepted connection to the finished TLS handshake. Default `10s`.
    pub handshake: HumanDuration,
    /// From the first byte of a request (on a fresh connection: from its start) to the end of its headers.
    /// Default `10s`.
    pub header: HumanDuration,
    /// From the end of the headers to the handler's answer, reading the body included. Default `30s`.
    pub request: HumanDuration,
    /// From the handler's answer until the client has taken it all; of a stream, from each sign of life to the next.
    /// Default `2m`.
    pub response: HumanDuration,
    /// Between two requests on one connection. Default `75s`.
    pub idle: HumanDuration,
    /// For what is in flight when the process is asked to end. Default `30s`.
    pub drain: HumanDuration,
    /// Bytes of the request line and headers together; at least `8KiB`. Default `16KiB`.
    pub header_size: ByteSize,
    /// Header lines. Default 100.
    pub header_lines: usize,
    /// Bytes of a request body. A router behind the listener may narrow it, not widen it: the
    /// device plane answers above 96 KiB in its own words, so the default leaves it room. Default `128KiB`.
    pub body_size: ByteSize,
    /// Bytes of a request body that is read as it comes, as a batch of a factory. Default `1GiB`.
    pub stream_size: ByteSize,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = |seconds| HumanDuration(Duration::from_secs(seconds));
        Self {
            connections: 4096,
            connections_per_address: 1024,
            handshake: seconds(10),
            header: seconds(10),
            request: seconds(30),
            response: seconds(120),
            idle: seconds(75),
            drain: seconds(30),
            header_size: ByteSize(16 * 1024),
            header_lines: DEFAULT_HEADER_LINES,
            body_size: ByteSize(128 * 1024),
            stream_size: ByteSize(1024 * 1024 * 1024),
        }
    }
}

/// The HTTP library's own default; naming it again would cost an allocation per request.
pub(super) const DEFAULT_HEADER_LINES: usize = 100;

/// Below this the HTTP library has no room for its buffer.
const SMALLEST_HEADER_SIZE: u64 = 8 * 1024;

impl Limits {
    /// The limits that would stop the listener from serving anybody, each as one sentence.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let counts = [
            ("connections", self.connections),
            ("connections_per_address", self.connections_per_address),
            ("header_lines", self.header_lines),
        ];
        let times = [
            ("handshake", self.handshake),
            ("header", self.header),
            ("request", self.request),
            ("response", self.response),
            ("idle", self.idle),
        ];
        let counts = counts.iter().filter(|(_, count)| *count == 0);
        let times = times.iter().filter(|(_, time)| time.0.is_zero());
        let mut faults: Vec<String> = counts
            .map(|(key, _)| format!("limits.{key} is 0, which would refuse everybody: give at least 1"))
            .chain(times.map(|(key, _)| {
                format!("limits.{key} is 0, which would refuse everybody: give a duration such as \"10s\"")
            }))
            .collect();
        if self.header_size.0 < SMALLEST_HEADER_SIZE {
            faults.push(format!(
                "limits.header_size is {}: give at least 8KiB",
                self.header_size
            ));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_serve() {
        assert_eq!(Limits::default().faults(), Vec::<String>::new());
    }

    #[test]
    fn every_limit_that_would_refuse_everybody_is_named_at_once() {
        let limits: Limits =
            toml::from_str("connections = 0\nidle = \"0s\"\nheader_size = \"1KiB\"").expect("well-formed");
        let faults = limits.faults();
        assert_eq!(faults.len(), 3, "{faults:?}");
        for (fault, key) in faults.iter().zip(["connections", "idle", "header_size"]) {
            assert!(fault.contains(key), "{fault}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let written = toml::to_string(&Limits::default()).expect("serializable");
        assert!(written.contains("body_size = \"128KiB\""), "{written}");
        assert_eq!(
            toml::from_str::<Limits>(&written).expect("readable"),
            Limits::default()
        );
    }
}
