// SPDX-License-Identifier: Apache-2.0
//! The processes an installation is made of, as they report themselves: a signer has no socket to be asked at.

use tamga_x509::time::Timestamp;

use crate::id::ProcessId;
use crate::words;

words! {
    /// What a process is there for.
    ProcessRole {
        /// Devices knock here.
        DeviceGateway = "gateway_device",
        /// Operators act here.
        AdminGateway = "gateway_admin",
        /// Serves lists, issuers and the bundle.
        Status = "status",
        /// Holds the issuers' keys.
        Signer = "signer",
        /// The whole house in one process.
        House = "house",
    }
}

/// The last sign of life of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    /// Drawn anew at each start.
    pub process: ProcessId,
    /// What it is there for.
    pub role: ProcessRole,
    /// The machine it runs on, as it calls itself.
    pub host: String,
    /// The version of the program.
    pub version: String,
    /// Since when it runs.
    pub started_at: Timestamp,
    /// When it reported last, by its own clock.
    pub seen_at: Timestamp,
    /// Empty when it is well; else what ails it, a sentence a line.
    pub health: String,
}
