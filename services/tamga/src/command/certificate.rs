// SPDX-License-Identifier: Apache-2.0
//! `tamga certificate`: revoke one.

use clap::Subcommand;
use tamga_registry::id::CertificateId;

use super::arguments::AdminArguments;
use super::revocation::{self, Because};
use crate::exit::Failure;

/// Certificates.
#[derive(Debug, Subcommand)]
pub(crate) enum Certificate {
    /// Revoke one certificate; its device may enroll again
    #[command(
        after_help = "Example:\n  tamga certificate revoke crt_… --reason superseded\n\n`tamga device show` lists the ids of a device's certificates."
    )]
    Revoke {
        /// The certificate's id, `crt_…`
        id: CertificateId,
        #[command(flatten)]
        because: Because,
        #[command(flatten)]
        admin: AdminArguments,
    },
}

impl Certificate {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let Self::Revoke { id, because, admin } = self;
        let id = id.to_string();
        let answer = admin
            .plane()?
            .act(&["certificates", &id, "revoke"], Some(because.body()))
            .await?;
        revocation::write(&admin, &format!("certificate {id}"), &answer);
        Ok(())
    }
}
