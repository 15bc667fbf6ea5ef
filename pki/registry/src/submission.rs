// SPDX-License-Identifier: Apache-2.0
//! Submissions: what a door that holds no authority's key proved and handed in, for the hand to judge again.

use std::net::IpAddr;

use tamga_x509::time::Timestamp;

use crate::device::RegistrationId;
use crate::id::{OrderId, OrganizationId, RequestId, StationId, SubmissionId};
use crate::order::OperationId;
use crate::organization::IdScope;

/// A request as a door kept it. Nothing in it is believed: whoever takes it judges it as if it had just come.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Its id.
    pub id: SubmissionId,
    /// The organization that owns the scope.
    pub organization: OrganizationId,
    /// The scope it was sent to.
    pub scope: IdScope,
    /// Who it says it is.
    pub registration_id: RegistrationId,
    /// The certificate request as received, DER; absent for a plain registration.
    pub csr: Option<Vec<u8>>,
    /// What it proves itself with, sealed for this row.
    pub evidence: Vec<u8>,
    /// The version of the organization's data key that sealed the evidence.
    pub data_key: i64,
    /// What the device polls. An order made from it takes this id.
    pub operation: OperationId,
    /// The request it came with.
    pub request: RequestId,
    /// The address the door's socket saw.
    pub source: Option<IpAddr>,
    /// The station that gave its word, where one did. A door for devices can write none.
    pub station: Option<StationId>,
    /// When the door received it, by the door's clock: the evidence is judged as of this instant.
    pub received_at: Timestamp,
}

/// How far a submission has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubmissionState {
    /// Nobody has judged it yet, or not to the end.
    Waiting,
    /// It is judged, and neither its request nor its evidence is kept any longer.
    Settled(Settlement),
}

/// A submission as the device that polls it is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Its id.
    pub id: SubmissionId,
    /// When the door received it.
    pub received_at: Timestamp,
    /// How far it has come.
    pub state: SubmissionState,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The device is registered; no certificate was asked for.
    Registered,
    /// It is this order, new or repeated.
    Order(OrderId),
    /// It was refused when it was judged again.
    Refused {
        /// The refusal's stable code.
        slug: String,
        /// What the caller is to do.
        sentence: String,
    },
}

impl SubmissionState {
    /// The stored word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Settled(Settlement::Registered) => "registered",
            Self::Settled(Settlement::Order(_)) => "ordered",
            Self::Settled(Settlement::Refused { .. }) => "refused",
        }
    }
}
