// SPDX-License-Identifier: Apache-2.0
//! What a story expects of an answer.

use tamga_authority::enroll::{Issued, Progress, Registered};
use tamga_authority::refusal::{Failure, Refusal};
use tamga_registry::order::OperationId;

/// The certificate it was handed.
pub(crate) fn certified(told: Result<Registered, Failure>) -> (OperationId, Issued) {
    let told = told.expect("an answer");
    let Progress::Assigned(Some(issued)) = told.progress else {
        panic!("no certificate: {:?}", told.progress)
    };
    (told.operation, issued)
}

/// What it is to poll.
pub(crate) fn assigning(told: Result<Registered, Failure>) -> OperationId {
    let told = told.expect("an answer");
    assert!(matches!(told.progress, Progress::Pending), "{:?}", told.progress);
    told.operation
}

/// Why it was refused at once.
pub(crate) fn refused(told: Result<Registered, Failure>) -> Refusal {
    match told {
        Err(Failure::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

/// Why its operation failed.
pub(crate) fn failed(told: Result<Registered, Failure>) -> Refusal {
    let told = told.expect("an answer");
    let Progress::Failed(refusal) = told.progress else {
        panic!("not failed: {:?}", told.progress)
    };
    refusal
}
