// SPDX-License-Identifier: Apache-2.0
//! `tamga device`: play one, look at one, revoke one.

use std::path::PathBuf;

use clap::Subcommand;
use serde_json::Value;
use tamga_registry::device::RegistrationId;
use tamga_runtime::chance::SystemChance;
use tamga_runtime::clock::SystemClock;
use tamga_x509::time::Clock;

use super::arguments::{AdminArguments, pretty};
use super::revocation::{self, Because};
use super::show::{Columns, Output, say, sheet, table};
use super::simulate::Simulate;
use crate::device::KeyType;
use crate::device::birth::born;
use crate::exit::{End, Failure};

/// Devices.
#[derive(Debug, Subcommand)]
pub(crate) enum Device {
    /// Play a device: make a key, enroll over TLS, keep key and certificate chain
    Simulate(Box<Simulate>),
    /// Make a key and a certificate signed by itself, for a device that has none from its factory
    #[command(
        after_help = "Example:\n  tamga device make-certificate pump-8 --out ./pump-8 && tamga enrollment create pump-8 --certificate ./pump-8/birth.pem\n\nWhat is there already is kept: an operator may have pinned it."
    )]
    MakeCertificate {
        /// What the device calls itself
        registration_id: RegistrationId,
        /// Where to keep birth-key.pem (mode 0600) and birth.pem; a directory nobody else may enter
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// The type of a new key: P-256, P-384, RSA-2048 or Ed25519 [default: P-256, or the key that is there]
        #[arg(long, value_name = "TYPE")]
        key_type: Option<KeyType>,
    },
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
            Self::MakeCertificate {
                registration_id,
                out,
                key_type,
            } => {
                let (clock, chance) = (SystemClock, SystemChance::new());
                let born = born(&out, &registration_id, key_type, (clock.now(), &chance));
                let born = born.map_err(|fault| Failure::new(End::Usage, fault))?;
                say(&format!("key         {}", born.key_file.display()));
                say(&format!("certificate {}", born.certificate_file.display()));
                Ok(())
            }
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
