// SPDX-License-Identifier: Apache-2.0
//! Writes a failure of ours into the log, once, with its whole chain; the caller is shown an id only.

use std::error::Error;

use tamga_authority::refusal::Fault;

use crate::arrival::Arrival;

/// Logs the fault with everything that led to it.
pub(crate) fn log(fault: &Fault, arrival: &Arrival) {
    tracing::error!(tracking_id = %arrival.tracking_id(), fault = %chain(fault), "a request failed through our fault");
}

fn chain(fault: &(dyn Error + 'static)) -> String {
    let mut told = fault.to_string();
    let mut cause = fault.source();
    while let Some(error) = cause {
        told.push_str(": ");
        told.push_str(&error.to_string());
        cause = error.source();
    }
    told
}
