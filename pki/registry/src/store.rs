// SPDX-License-Identifier: Apache-2.0
//! What the house asks of memory, one trait per asker. The only asynchronous part of this crate.
//!
//! Durability: when a write returns, it survives a power cut. Order: what a write returned is seen by every read that
//! begins after it, on every replica. Retries: no method retries by itself, except that memory that is merely busy is
//! waited for within a deadline; a caller may repeat any read, and any write whose contract says that it is idempotent.

use async_trait::async_trait;
use tamga_x509::time::Timestamp;

mod access;
mod administration;
mod approvals;
mod devices;
mod enrollments;
mod hint;
mod inspection;
mod installation;
mod issuance;
mod issuing;
mod ledgers;
mod mass_revocations;
mod organizations;
mod processes;
mod publication;
mod repetitions;
mod roster;
mod stations;
mod submissions;

pub use access::{Access, AccessChange, AccountSet, KnownCertificate, RoleGiven, RoleTaken};
pub use administration::{
    Act, Administration, AnchorAdded, AnchorRemoved, CertificateStrike, Change, DeviceStrike, DeviceView,
    EnrollmentAdded, GroupAdded, IntermediateAdded, ListBrought, Struck,
};
pub use approvals::{ApprovalChange, Approvals, PersonWithRole};
pub use devices::{Claimed, DeviceAt, DeviceChange, DeviceClaim, Moved, Rekey, Rekeyed};
pub use enrollments::{
    Enrollee, EnrolleeQuestion, Enrollments, LineQuestion, OperationAnswer, PolicyVersion, Registration,
    ScopePolicy,
};
pub use hint::{Hint, Hinted};
pub use inspection::{Inspection, View};
pub use installation::{
    Installation, Installations, NewAuthority, NewInstallation, SERVICE_LEASE, ServiceCertificate,
};
pub use issuance::{Expected, Finish, Intent, IntentVerdict, Issuance, NewDevice, Record, RecordVerdict};
pub use issuing::{GrantGiven, GrantOf, GrantTaken, GrantUse, Issuing, IssuingChange};
pub use ledgers::{Ledgers, SeenSubmission, Traces};
pub use mass_revocations::{MassRevocationChange, MassRevocations};
pub use organizations::{OrganizationAdded, OrganizationChange, Organizations, Suspension};
pub use processes::Processes;
pub use publication::{ListIntent, Publication};
pub use repetitions::Repetitions;
pub use roster::{RosterChange, Rosters, TermsReplaced, Thing};
pub use stations::{Rework, ReworkOpened, StationAdded, StationChange, Stations};
pub use submissions::{
    LeasedSubmission, Posted, Settled, Submissions, TakenSubmissions, UnreadableSubmission,
};

/// Everything memory does for the house.
#[async_trait]
pub trait Store:
    Access
    + Enrollments
    + Issuance
    + Issuing
    + MassRevocations
    + Submissions
    + Publication
    + Administration
    + Approvals
    + Installations
    + Organizations
    + Processes
    + Repetitions
    + Stations
{
    /// Whether memory answers, for readiness.
    async fn ping(&self) -> Result<(), StoreFault>;

    /// The time of the database's own clock; `None` where it has none but ours.
    async fn database_clock(&self) -> Result<Option<Timestamp>, StoreFault>;

    /// A hint that something of this kind was kept since this call. Made before looking, it cannot be missed between
    /// the look and the wait.
    fn hint(&self, of: Hint) -> Hinted;

    /// Keeps what is queued and lets the database go; whoever asks later is told that memory is unavailable. Without it
    /// nothing that was kept is lost.
    async fn close(&self);
}

/// Memory failed. Ours, never the caller's.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// It could not be asked, or did not answer in time. The same call may go through later.
    #[error("the database did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It answered with an error that repeating will not mend.
    #[error("the database refused a statement of {during}")]
    Broken {
        /// What was being done.
        during: &'static str,
        /// Its error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The act was done already, by a request with the same key: no change is opened for it. The caller's to be told, not
    /// to be mended.
    #[error("an act under the same key of its sender is kept already")]
    Repeated,
    /// A row contradicts itself.
    #[error("row {row} of table {table} contradicts itself: {what}")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The row, as text.
        row: String,
        /// What is wrong.
        what: String,
    },
}
