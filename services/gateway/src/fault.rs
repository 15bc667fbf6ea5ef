// SPDX-License-Identifier: Apache-2.0
//! Writes a failure of ours into the log, once, with its whole chain of causes; the caller is shown an id only.

use tamga_authority::refusal::Fault;

use crate::arrival::Arrival;

/// Logs the fault. Its own words tell the chain.
pub(crate) fn log(fault: &Fault, arrival: &Arrival) {
    tracing::error!(tracking_id = %arrival.tracking_id(), %fault, "a request failed through our fault");
}
