// SPDX-License-Identifier: Apache-2.0
//! Why a house does not start: one sentence each, for the operator.

use tamga_authority::Fault;
use tamga_keys::seal::RootKeyFault;
use tamga_registry::store::StoreFault;
use tamga_runtime::duty::Ailment;
use tamga_runtime::listener::BindFault;
use tamga_runtime::process::LifeFault;
use tamga_runtime::settings::SecretFault;
use tamga_runtime::telemetry::TelemetryFault;
use tamga_signer::software::KeyFault;
use tamga_store::OpenFault;

use crate::exit::{End, Failure, chain};
use crate::files::FileFault;

/// Why a house does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// The data directory.
    #[error(transparent)]
    File(#[from] FileFault),
    /// The database does not open.
    #[error(transparent)]
    Database(#[from] OpenFault),
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreFault),
    /// A root sealing key.
    #[error(transparent)]
    RootKey(#[from] RootKeyFault),
    /// A secret that comes from elsewhere.
    #[error(transparent)]
    Secret(#[from] SecretFault),
    /// A listener.
    #[error(transparent)]
    Bind(#[from] BindFault),
    /// A software key.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// An act of the house itself.
    #[error(transparent)]
    Act(#[from] Fault),
    /// Metrics.
    #[error(transparent)]
    Telemetry(#[from] TelemetryFault),
    /// A part of the house.
    #[error(transparent)]
    Part(#[from] Ailment),
    /// A listener for what is not served.
    #[error(transparent)]
    Life(#[from] LifeFault),
    /// Certificates need to say where their status is.
    #[error(
        "there is no address to write into certificates for their status: set status_url to the URL under which the status plane is reached from outside, such as \"http://pki.example\""
    )]
    NoStatusUrl,
    /// Certificates already say something else.
    #[error(
        "certificates of issuer {issuer} say that their status is at {written}, but these settings would serve it at {planned}: set status_url = \"{written}\" and let the status plane be reached there; status URLs are permanent"
    )]
    Orphaned {
        /// The issuer's name.
        issuer: String,
        /// What its certificates say.
        written: String,
        /// What the settings say.
        planned: String,
    },
    /// Device certificates already say something else.
    #[error(
        "this installation's trust domain is {written}, but the settings say {planned}: set trust_domain = \"{written}\"; it stands in every certificate and never changes"
    )]
    TrustDomain {
        /// What its certificates say.
        written: String,
        /// What the settings say.
        planned: String,
    },
    /// Root keys are gone while something is sealed under them.
    #[error("the installation is incomplete: {0}; restore the data directory from a backup")]
    Incomplete(&'static str),
}

impl StartFault {
    /// Whether somebody else listens at a port.
    pub fn is_port_taken(&self) -> bool {
        matches!(self, Self::Bind(BindFault::Tcp { source, .. }) if source.kind() == std::io::ErrorKind::AddrInUse)
    }
}

impl From<StartFault> for Failure {
    fn from(fault: StartFault) -> Self {
        let end = match &fault {
            StartFault::Database(OpenFault::InUse { .. }) | StartFault::Bind(BindFault::InUse(_)) => {
                End::Taken
            }
            taken if taken.is_port_taken() => End::Taken,
            StartFault::NoStatusUrl
            | StartFault::Orphaned { .. }
            | StartFault::TrustDomain { .. }
            | StartFault::Bind(BindFault::Limits { .. }) => End::Usage,
            StartFault::File(_)
            | StartFault::Database(_)
            | StartFault::Store(_)
            | StartFault::RootKey(_)
            | StartFault::Secret(_)
            | StartFault::Bind(_)
            | StartFault::Key(_)
            | StartFault::Act(_)
            | StartFault::Telemetry(_)
            | StartFault::Part(_)
            | StartFault::Life(_)
            | StartFault::Incomplete(_) => End::Fault,
        };
        Self::new(end, chain(&fault))
    }
}
