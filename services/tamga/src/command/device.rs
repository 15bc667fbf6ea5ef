// SPDX-License-Identifier: Apache-2.0
//! `tamga device`: play one, look at one, revoke one.

use clap::Subcommand;
use serde_json::Value;
use tamga_registry::device::RegistrationId;

use super::arguments::{AdminArguments, pretty};
use super::revocation::{self, Because};
use super::show::{Columns, Output, say, sheet, table};
use super::simulate::Simulate;
use crate::exit::Failure;

/// Devices.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Play a device: make a key, enroll over TLS, keep key and certificate chain
    Simulate(Box<Simulate>),
    /// Show a device and its certificates
    #[command(after_help = "Example:\n  tamga device show pump-2")]
    Show {
        /// Its registration id
        registration_id: RegistrationId,
        #[command(flatten)]
        admin: AdminArguments,
    },
    /// Revoke a device: its certificates, its open orders, and its right to enroll
    #[command(after_help = "Example:\n  tamga device revoke pump-2 --reason key_compromise")]
    Revoke {
        /// Its registration id
        registration_id: RegistrationId,
        #[command(flatten)]
        because: Because,
        #[command(flatten)]
        admin: AdminArguments,
    },
}

impl Device {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        match self {
            Self::Simulate(simulate) => simulate.run().await,
            Self::Show {
                registration_id,
                admin,
            } => {
                let device = admin
                    .plane()?
                    .read(&["devices", registration_id.presented()], "")
                    .await?;
                show(&admin, &device);
                Ok(())
            }
            Self::Revoke {
                registration_id,
                because,
                admin,
            } => {
                let path = ["devices", registration_id.presented(), "revoke"];
                let answer = admin.plane()?.act(&path, Some(because.body())).await?;
                revocation::write(&admin, &format!("device {registration_id}"), &answer);
                Ok(())
            }
        }
    }
}

fn show(admin: &AdminArguments, device: &Value) {
    if admin.output() == Output::Json {
        return say(&pretty(device));
    }
    sheet(device, DEVICE);
    say("");
    let certificates = device["certificates"].as_array().map_or(&[][..], Vec::as_slice);
    table(certificates, CERTIFICATE);
}

const DEVICE: &Columns = &[
    ("registration id", "/registrationId"),
    ("device", "/id"),
    ("state", "/state"),
    ("revoked at", "/revoked/at"),
    ("revoked because", "/revoked/reason"),
    ("enrollment", "/enrollmentId"),
    ("created at", "/createdAt"),
];

const CERTIFICATE: &Columns = &[
    ("CERTIFICATE", "/id"),
    ("STATE", "/state"),
    ("PLACE", "/place"),
    ("SERIAL", "/serial"),
    ("NOT AFTER", "/notAfter"),
    ("REVOKED", "/revoked/at"),
    ("BECAUSE", "/revoked/reason"),
];
